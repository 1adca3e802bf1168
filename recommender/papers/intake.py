"""Room 1, papers: a parsed digest becomes papers and mentions. The thin part that stores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recommender.domain import AnnounceType, Digest, DigestEntry, Paper
from recommender.papers.identity import title_key
from recommender.store import digests, papers
from recommender.store.database import Session
from recommender.store.digests import RankedMention
from recommender.store.papers import KnownPaper, NewPaper


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """What one digest brought: papers that were new, papers known before, and mentions."""

    papers_new: int
    papers_seen: int
    mentions: int


class KnownPapers:
    """The stored papers that a digest may mean, looked up by what identifies them.

    Parameters
    ----------
    known : sequence of KnownPaper
        Oldest first: of two papers with one title the older one is meant.
    """

    def __init__(self, known: Sequence[KnownPaper]) -> None:
        self._by_arxiv_id = {k.paper.arxiv_id: k.paper for k in known if k.paper.arxiv_id}
        self._by_doi = {k.paper.doi: k.paper for k in known if k.paper.doi}
        self._by_title_key: dict[str, list[Paper]] = {}
        for each in known:
            self._by_title_key.setdefault(each.title_key, []).append(each.paper)

    def find(self, entry: DigestEntry) -> Paper | None:
        """Find the paper that an entry means: by arXiv id, DOI, or a title without contradiction.

        Two papers that share a title but not their identifiers are two papers.
        """
        if entry.arxiv_id in self._by_arxiv_id:
            return self._by_arxiv_id[entry.arxiv_id]
        if entry.doi in self._by_doi:
            return self._by_doi[entry.doi]
        namesakes = self._by_title_key.get(title_key(entry.title), ())
        return next((paper for paper in namesakes if not _contradicts(entry, paper)), None)

    def identifiers_free_for(self, entry: DigestEntry, paper: Paper) -> DigestEntry:
        """Drop from an entry the identifiers that another stored paper has."""
        arxiv_owner = self._by_arxiv_id.get(entry.arxiv_id or "", paper)
        doi_owner = self._by_doi.get(entry.doi or "", paper)
        return replace(
            entry,
            arxiv_id=entry.arxiv_id if arxiv_owner.id == paper.id else None,
            doi=entry.doi if doi_owner.id == paper.id else None,
        )


def brought_up_to_date(paper: Paper, entry: DigestEntry) -> Paper:
    """Give the paper with what an entry adds: fields it lacks, or a new version of its text."""
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
    )


def store_digest(
    session: Session,
    digest: Digest,
    *,
    sha256: str,
    source: str,
    file_name: str,
    curator: str,
    now: datetime,
) -> IntakeCounts:
    """Store a digest with its papers and mentions, inside the caller's transaction.

    Parameters
    ----------
    sha256 : str
        Of the document's bytes; the caller has seen that it is not stored yet.
    curator : str
        The byline where the digest names nobody.
    """
    known = KnownPapers(
        papers.find_by_identity(
            session,
            arxiv_ids=[entry.arxiv_id for entry in digest.entries if entry.arxiv_id],
            dois=[entry.doi for entry in digest.entries if entry.doi],
            title_keys=[title_key(entry.title) for entry in digest.entries],
        )
    )
    found = [known.find(entry) for entry in digest.entries]
    new_ids = iter(
        papers.add(
            session,
            [
                _new_paper(entry, now)
                for entry, paper in zip(digest.entries, found, strict=True)
                if paper is None
            ],
        )
    )
    paper_ids = [next(new_ids) if paper is None else paper.id for paper in found]
    _update_known(session, digest, found, known)
    mentions = _mentions(digest, paper_ids)
    digests.add(
        session,
        sha256=sha256,
        format=digest.format,
        source=source,
        file_name=file_name,
        curator=digest.curator or curator,
        day=digest.date,
        ingested_at=now,
        mentions=mentions,
    )
    papers_new = found.count(None)
    return IntakeCounts(papers_new, len(found) - papers_new, len(mentions))


def _update_known(
    session: Session, digest: Digest, found: Sequence[Paper | None], known: KnownPapers
) -> None:
    current = {paper.id: paper for paper in found if paper is not None}
    for entry, paper in zip(digest.entries, found, strict=True):
        if paper is None:
            continue
        before = current[paper.id]
        after = brought_up_to_date(before, known.identifiers_free_for(entry, before))
        if after != before:
            papers.change(session, after, title_key(after.title))
            current[paper.id] = after


def _mentions(digest: Digest, paper_ids: Sequence[int]) -> list[RankedMention]:
    """Rank the papers that count; a paper that two entries mean is mentioned at its best rank."""
    ranked: dict[int, RankedMention] = {}
    for rank, (entry, paper_id) in enumerate(zip(digest.entries, paper_ids, strict=True), start=1):
        if entry.announce_type is not AnnounceType.REPLACE and paper_id not in ranked:
            ranked[paper_id] = RankedMention(paper_id, rank, entry.upvotes)
    return list(ranked.values())


def _contradicts(entry: DigestEntry, paper: Paper) -> bool:
    other_arxiv_id = entry.arxiv_id and paper.arxiv_id and entry.arxiv_id != paper.arxiv_id
    other_doi = entry.doi and paper.doi and entry.doi != paper.doi
    return bool(other_arxiv_id or other_doi)


def _new_paper(entry: DigestEntry, now: datetime) -> NewPaper:
    return NewPaper(
        title=entry.title,
        title_key=title_key(entry.title),
        abstract=entry.abstract,
        authors=entry.authors,
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        url=entry.url,
        published_at=entry.published_at,
        first_seen_at=now,
    )
