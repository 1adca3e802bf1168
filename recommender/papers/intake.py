"""Room 1, papers: a parsed digest becomes papers and mentions. The thin part that stores them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.papers.identity import title_key
from recommender.store import digests, papers
from recommender.store.database import Session
from recommender.store.digests import RankedMention
from recommender.store.papers import NewPaper

_NO_MENTION = frozenset({AnnounceType.REPLACE, AnnounceType.WITHDRAWN})
# All "Editorial", each with a DOI of its own: to look at all for each would take the square.
_MOST_NAMESAKES = 100


class KnownPapers:
    """The papers that a digest may mean, looked up by what identifies them.

    Parameters
    ----------
    known : iterable of Paper
        Oldest first: of two papers with one title the older one is meant.
    """

    def __init__(self, known: Iterable[Paper]) -> None:
        self._papers: dict[int, Paper] = {}
        self._by_arxiv_id: dict[str, int] = {}
        self._by_doi: dict[str, int] = {}
        self._by_title_key: dict[str, dict[int, None]] = {}
        for paper in known:
            self.put(paper)

    def put(self, paper: Paper) -> None:
        """Add a paper, or bring it up to date."""
        before = self._papers.get(paper.id, paper)
        if before.arxiv_id and before.arxiv_id != paper.arxiv_id:
            del self._by_arxiv_id[before.arxiv_id]
        if before.doi and before.doi != paper.doi:
            del self._by_doi[before.doi]
        self._papers[paper.id] = paper
        if paper.arxiv_id:
            self._by_arxiv_id[paper.arxiv_id] = paper.id
        if paper.doi:
            self._by_doi[paper.doi] = paper.id
        self._by_title_key.setdefault(title_key(paper.title), {})[paper.id] = None

    def find(self, entry: DigestEntry) -> Paper | None:
        """Find the paper that an entry means: by arXiv id, DOI, or a title without contradiction.

        Two papers that share a title but not their identifiers are two papers.
        """
        if entry.arxiv_id in self._by_arxiv_id:
            return self._papers[self._by_arxiv_id[entry.arxiv_id]]
        if entry.doi in self._by_doi:
            return self._papers[self._by_doi[entry.doi]]
        ids = self._by_title_key.get(title_key(entry.title), {})
        namesakes = (self._papers[each] for each in islice(ids, _MOST_NAMESAKES))
        return next((paper for paper in namesakes if not _contradicts(entry, paper)), None)

    def without_identifiers_of_others(self, entry: DigestEntry, paper: Paper) -> DigestEntry:
        """Drop from an entry that means a paper the identifiers that another one has."""
        return replace(
            entry,
            arxiv_id=entry.arxiv_id
            if self._by_arxiv_id.get(entry.arxiv_id or "", paper.id) == paper.id
            else None,
            doi=entry.doi if self._by_doi.get(entry.doi or "", paper.id) == paper.id else None,
        )


def merge_entries(
    stored: Sequence[Paper],
    entries: Iterable[DigestEntry],
    *,
    now: datetime,
    unmentioned: Collection[int] = (),
) -> list[Paper]:
    """Decide which paper each entry means, one entry after the other.

    Parameters
    ----------
    stored : sequence of Paper
        Those that the entries may mean, oldest first.
    now : datetime
        When new papers are seen first.
    unmentioned : collection of int
        Ids of stored papers that are known from a subscriber only. What they said of a paper was
        for themselves; before others see it, it becomes what the first entry says.

    Returns
    -------
    list of Paper
        For each entry its paper, as all entries together leave it. Papers that are not stored yet
        have ids below 0.
    """
    known = KnownPapers(stored)
    meant: list[int] = []
    current: dict[int, Paper] = {}
    for number, entry in enumerate(entries, start=1):
        before = known.find(entry)
        if before is None:
            paper = _new_paper(entry, paper_id=-number, now=now)
        else:
            added = known.without_identifiers_of_others(entry, before)
            if before.id in unmentioned and before.id not in current:
                paper = _new_paper(added, paper_id=before.id, now=before.first_seen_at)
            else:
                paper = brought_up_to_date(before, added)
        known.put(paper)
        current[paper.id] = paper
        meant.append(paper.id)
    return [current[paper_id] for paper_id in meant]


def brought_up_to_date(paper: Paper, entry: DigestEntry) -> Paper:
    """Return the paper with what an entry adds: fields it lacks, or a new version of its text."""
    newer = entry.announce_type is AnnounceType.REPLACE
    return replace(
        paper,
        title=entry.title if newer else paper.title,
        abstract=entry.abstract
        if entry.abstract and (newer or not paper.abstract)
        else paper.abstract,
        authors=entry.authors if entry.authors and (newer or not paper.authors) else paper.authors,
        arxiv_id=paper.arxiv_id or entry.arxiv_id,
        doi=paper.doi or entry.doi,
        url=paper.url or entry.url,
        published_at=paper.published_at or entry.published_at,
        summary=entry.summary if entry.summary and (newer or not paper.summary) else paper.summary,
    )


def store_papers(
    session: Session, entries: Sequence[DigestEntry], *, now: datetime
) -> tuple[list[int], int]:
    """Store the papers of a digest, or bring them up to date, inside the caller's transaction.

    Returns
    -------
    ids : list of int
        For each entry that of its paper.
    papers_new : int
        How many papers were not known.
    """
    stored = _known(session, entries)
    meant = merge_entries(
        list(stored.values()),
        entries,
        now=now,
        unmentioned=stored.keys() - digests.mentioned(session, stored),
    )
    distinct = {paper.id: paper for paper in meant}
    for paper in distinct.values():
        if paper.id in stored and paper != stored[paper.id]:
            papers.change(session, paper, title_key(paper.title))
    new_ids = _add_new(session, distinct.values())
    return [new_ids.get(paper.id, paper.id) for paper in meant], len(new_ids)


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
    meant = merge_entries(list(_known(session, entries).values()), entries, now=now)
    ids = _add_new(session, {paper.id: paper for paper in meant}.values())
    return [(ids.get(paper.id, paper.id), paper.id in ids) for paper in meant]


def _known(session: Session, entries: Sequence[DigestEntry]) -> dict[int, Paper]:
    """Read the stored papers that entries may mean, oldest first."""
    return {
        each.paper.id: each.paper
        for each in papers.find_by_identity(
            session,
            arxiv_ids=[entry.arxiv_id for entry in entries if entry.arxiv_id],
            dois=[entry.doi for entry in entries if entry.doi],
            title_keys=[title_key(entry.title) for entry in entries],
        )
    }


def _add_new(session: Session, distinct: Iterable[Paper]) -> dict[int, int]:
    """Store the papers whose id is below 0; gives the ids that they have now."""
    new = [paper for paper in distinct if paper.id < 0]
    return dict(zip((paper.id for paper in new), papers.add(session, _rows(new)), strict=True))


def ranked_mentions(
    entries: Sequence[DigestEntry], paper_ids: Sequence[int]
) -> list[RankedMention]:
    """Rank the papers that count; a paper that two entries mean is mentioned at its best rank."""
    ranked: dict[int, RankedMention] = {}
    for rank, (entry, paper_id) in enumerate(zip(entries, paper_ids, strict=True), start=1):
        if entry.announce_type not in _NO_MENTION and paper_id not in ranked:
            ranked[paper_id] = RankedMention(paper_id, rank, entry.upvotes)
    return list(ranked.values())


def _contradicts(entry: DigestEntry, paper: Paper) -> bool:
    other_arxiv_id = entry.arxiv_id and paper.arxiv_id and entry.arxiv_id != paper.arxiv_id
    other_doi = entry.doi and paper.doi and entry.doi != paper.doi
    return bool(other_arxiv_id or other_doi)


def _new_paper(entry: DigestEntry, *, paper_id: int, now: datetime) -> Paper:
    return Paper(
        id=paper_id,
        title=entry.title,
        abstract=entry.abstract,
        authors=entry.authors,
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        url=entry.url,
        published_at=entry.published_at,
        first_seen_at=now,
        summary=entry.summary,
    )


def _rows(new: Iterable[Paper]) -> list[NewPaper]:
    return [
        NewPaper(
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
        )
        for paper in new
    ]
