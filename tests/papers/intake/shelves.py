"""A place that digests are put on one after the other, and what lies there then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import col, select

from recommender.domain import Digest, DigestEntry, Paper
from recommender.jobs.services import Services
from recommender.papers.intake.digest_intake import BroughtDigest, IntakeCounts, store_digests
from recommender.papers.intake.intake import store_named
from recommender.store import digests, papers
from recommender.store.tables import DigestRow, MentionRow

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
DAY = date(2026, 3, 11)
A, B = "2603.00001", "2603.00002"
DOI = "10.1000/one"
PREPRINT = "10.1101/2023.05.06.539001"
TITLE = "On the thermal drift of sparse lattice sensors"
WHOLE = "Lattices drift. We measure by how much, in forty stations and over two winters."


def entry(title: str = "A title", abstract: str = "", **fields: Any) -> DigestEntry:
    return DigestEntry(title=title, abstract=abstract, **fields)


class Shelf:
    """What is stored, one digest after the other."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.digests = 0

    def take(self, *entries: DigestEntry) -> IntakeCounts:
        [counts] = self.take_together([entries])
        return counts

    def take_together(self, lists: Sequence[Sequence[DigestEntry]]) -> list[IntakeCounts]:
        brought = []
        for entries in lists:
            self.digests += 1
            digest = Digest("digest-text", None, DAY, tuple(entries))
            brought.append(BroughtDigest(digest, str(self.digests), "digest.txt"))
        with self.services.database.write() as session:
            return store_digests(
                session, brought, source="folder", curator="the community", now=NOW
            )

    @property
    def papers(self) -> list[Paper]:
        with self.services.database.read() as session:
            return list(papers.every(session))

    @property
    def mentions(self) -> list[tuple[int, int, int]]:
        with self.services.database.read() as session:
            found = digests.mentions_since(session, DAY)
        return [(mention.paper_id, mention.rank, mention.upvotes) for mention in found]

    @property
    def days(self) -> list[tuple[date, list[int]]]:
        """The days of the digests in order, and the ranks of what each mentions."""
        with self.services.database.read() as session:
            rows = session.exec(select(DigestRow).order_by(col(DigestRow.date), col(DigestRow.id)))
            ranks = select(MentionRow.rank).order_by(col(MentionRow.rank))
            return [
                (row.date, list(session.exec(ranks.where(col(MentionRow.digest_id) == row.id))))
                for row in rows.all()
            ]


def by(*authors: str) -> dict[str, Any]:
    return {"authors": authors}


def named(shelf: Shelf, *entries: DigestEntry) -> list[tuple[int, bool]]:
    with shelf.services.database.write() as session:
        return store_named(session, entries, now=NOW)
