"""Room 1, papers: entries become papers, new or known. The thin part that stores them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.domain.author_keys import authors_key
from recommender.domain.titles import title_key
from recommender.papers.identity.merging import Merged, merge_entries
from recommender.papers.text.author_lists import normal_names
from recommender.store import digests, papers
from recommender.store.database import Session
from recommender.store.digests import RankedMention
from recommender.store.one_paper import make_one
from recommender.store.papers import KnownPaper, NewPaper

_NO_MENTION = frozenset({AnnounceType.REPLACE, AnnounceType.WITHDRAWN})


def store_papers(
    session: Session, entries: Sequence[DigestEntry], *, now: datetime
) -> tuple[list[int], set[int]]:
    """Store the papers of digests, or bring them up to date, inside the caller's transaction.

    Returns
    -------
    ids : list of int
        For each entry that of its paper.
    papers_new : set of int
        Those of papers that were not known.
    """
    stored, merged = _merged(session, entries, now=now, by_subscriber=False)
    papers.forget_identifiers(session, merged.forgotten)
    for old_id, paper_id in merged.replaced.items():
        make_one(session, old_id, paper_id)
    distinct = _with_own_identifiers(merged, stored)
    changed = [
        paper
        for paper in distinct.values()
        if paper.id in stored and paper != stored[paper.id].paper
    ]
    papers.hide_identifiers(
        session,
        [paper.id for paper in changed if _lets_go(stored[paper.id].paper, paper)],
    )
    for paper in changed:
        papers.change(session, paper, title_key(paper.title))
    stand = {
        identifier
        for paper_id, known in stored.items()
        if paper_id not in merged.forgotten
        for identifier in known.identifiers
    }
    papers.add_identifiers(
        session,
        {
            identifier: paper_id
            for paper_id, identifiers in merged.identifiers.items()
            if paper_id in stored
            for identifier in identifiers
            if identifier not in stand
        },
    )
    new_ids = _add_new(session, distinct.values(), merged.identifiers)
    return [new_ids.get(paper.id, paper.id) for paper in merged.papers], set(new_ids.values())


def store_named(
    session: Session, entries: Sequence[DigestEntry], *, now: datetime
) -> list[tuple[int, bool]]:
    """Store the papers that a subscriber describes, inside the caller's transaction.

    Papers that are known stay as they are: what one subscriber says of a paper is not what others
    are shown. New ones have no mention, so that they are offered to nobody; see `merge_entries`.

    Returns
    -------
    list of (int, bool)
        For each entry the id of its paper, and whether that is new.
    """
    stored, merged = _merged(session, entries, now=now, by_subscriber=True)
    distinct = _with_own_identifiers(merged, stored)
    ids = _add_new(session, distinct.values(), merged.identifiers)
    return [(ids.get(paper.id, paper.id), paper.id in ids) for paper in merged.papers]


def _merged(
    session: Session, entries: Sequence[DigestEntry], *, now: datetime, by_subscriber: bool
) -> tuple[dict[int, KnownPaper], Merged]:
    """Read the stored papers that entries may mean, oldest first, and decide which they do.

    Names of authors have one form from here on, whatever form their source has.
    """
    entries = [replace(entry, authors=normal_names(entry.authors)) for entry in entries]
    found = papers.find_by_identity(
        session,
        arxiv_ids=[entry.arxiv_id for entry in entries if entry.arxiv_id],
        dois=[entry.doi for entry in entries if entry.doi],
        title_keys=[title_key(entry.title) for entry in entries],
        authors_keys=filter(None, (authors_key(e.authors) for e in entries if e.abstract)),
    )
    stored = {each.paper.id: each for each in found}
    return stored, merge_entries(
        [each.paper for each in found],
        entries,
        now=now,
        identifiers={paper_id: known.identifiers for paper_id, known in stored.items()},
        unmentioned=stored.keys() - digests.mentioned(session, stored),
        by_subscriber=by_subscriber,
    )


def _lets_go(before: Paper, after: Paper) -> bool:
    return (before.arxiv_id or after.arxiv_id) != after.arxiv_id or (
        (before.doi or after.doi) != after.doi
    )


def _with_own_identifiers(merged: Merged, stored: Mapping[int, KnownPaper]) -> dict[int, Paper]:
    """Return the papers that entries mean, without an arXiv id or a DOI that another row shows."""
    distinct = {paper.id: paper for paper in merged.papers}
    others = [
        known.paper
        for paper_id, known in stored.items()
        if paper_id not in distinct and paper_id not in merged.replaced
    ]
    arxiv_ids = {paper.arxiv_id for paper in others}
    dois = {paper.doi for paper in others}
    for paper in sorted(distinct.values(), key=_is_new):
        shown = replace(
            paper,
            arxiv_id=None if paper.arxiv_id in arxiv_ids else paper.arxiv_id,
            doi=None if paper.doi in dois else paper.doi,
        )
        arxiv_ids.add(shown.arxiv_id)
        dois.add(shown.doi)
        distinct[paper.id] = shown
    return distinct


def _is_new(paper: Paper) -> bool:
    return paper.id < 0


def _add_new(
    session: Session, distinct: Iterable[Paper], identifiers: Mapping[int, tuple[str, ...]]
) -> dict[int, int]:
    """Store the papers whose id is below 0; gives the ids that they have now."""
    new = [paper for paper in distinct if paper.id < 0]
    rows = [_row(paper, identifiers.get(paper.id, ())) for paper in new]
    return dict(zip((paper.id for paper in new), papers.add(session, rows), strict=True))


def ranked_mentions(
    entries: Sequence[DigestEntry], paper_ids: Sequence[int]
) -> list[RankedMention]:
    """Rank the papers that count; a paper that two entries mean is mentioned at its best rank.

    Under each day on which papers are listed ranks begin anew.
    """
    ranked: dict[int, RankedMention] = {}
    last: Counter[date | None] = Counter()
    for entry, paper_id in zip(entries, paper_ids, strict=True):
        last[entry.listed_on] += 1
        rank = last[entry.listed_on]
        if entry.announce_type not in _NO_MENTION and paper_id not in ranked:
            ranked[paper_id] = RankedMention(paper_id, rank, entry.upvotes)
    return list(ranked.values())


def _row(paper: Paper, identifiers: tuple[str, ...]) -> NewPaper:
    return NewPaper(
        title=paper.title,
        title_key=title_key(paper.title),
        abstract=paper.abstract,
        authors=paper.authors,
        arxiv_id=paper.arxiv_id,
        doi=paper.doi,
        url=paper.url,
        published_at=paper.published_at,
        first_seen_at=paper.first_seen_at,
        summary=paper.summary,
        withdrawn_at=paper.withdrawn_at,
        keywords=paper.keywords,
        code_url=paper.code_url,
        project_url=paper.project_url,
        thumbnail_url=paper.thumbnail_url,
        identifiers=identifiers,
    )
