"""Store: what the digests of days and months mention, as everybody may read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, extract, func, select
from sqlmodel import Session, col

from recommender.store.query_batches import in_batches
from recommender.store.tables import DigestRow, MentionRow, PaperRow

_TITLES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or the month that begins with it: how many papers, and what they made of it.

    Attributes
    ----------
    titles : tuple of (int, str)
        Ids and titles of those with the most upvotes, then of the best rank.
    """

    begins: date
    papers: int
    titles: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class PublicMention:
    """Where a paper was mentioned."""

    day: date
    curator: str
    rank: int
    upvotes: int


def months(session: Session) -> list[Period]:
    """Return the months that have papers, the newest first."""
    year, month = extract("year", col(DigestRow.date)), extract("month", col(DigestRow.date))
    return [
        Period(date(begins[0], begins[1], 1), papers, titles)
        for begins, papers, titles in _periods(session, (year, month))
    ]


def days_of_month(session: Session, year: int, month: int) -> list[Period]:
    """Return the days of a month that have papers, the newest first."""
    day = col(DigestRow.date)
    is_meant = (extract("year", day) == year) & (extract("month", day) == month)
    return [
        Period(begins, papers, titles)
        for (begins,), papers, titles in _periods(session, (day,), is_meant)
    ]


def day_beside(session: Session, day: date, *, later: bool) -> date | None:
    """Return the next day before or after one that has papers."""
    column = col(DigestRow.date)
    has_papers = (
        select(1)
        .select_from(MentionRow)
        .join(PaperRow, col(PaperRow.id) == col(MentionRow.paper_id))
        .where(col(MentionRow.digest_id) == col(DigestRow.id), col(PaperRow.withdrawn_at).is_(None))
        .exists()
    )
    nearest = func.min(column) if later else func.max(column)
    found: date | None = session.execute(
        select(nearest).where(column > day if later else column < day, has_papers)
    ).scalar_one()
    return found


def mentions_of(session: Session, paper_id: int) -> list[PublicMention]:
    """Return where a paper was mentioned, the newest first."""
    statement = (
        select(
            col(DigestRow.date),
            col(DigestRow.curator),
            col(MentionRow.rank),
            col(MentionRow.upvotes),
        )
        .join(MentionRow, col(MentionRow.digest_id) == col(DigestRow.id))
        .where(col(MentionRow.paper_id) == paper_id)
        .order_by(col(DigestRow.date).desc(), col(DigestRow.id).desc())
    )
    return [PublicMention(*row) for row in session.execute(statement)]


def last_mentioned_at(session: Session, paper_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when the newest digest that mentions each paper came in."""
    found: dict[int, datetime] = {}
    for some in in_batches(sorted(set(paper_ids))):
        statement = (
            select(col(MentionRow.paper_id), func.max(col(DigestRow.ingested_at)))
            .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
            .where(col(MentionRow.paper_id).in_(some))
            .group_by(col(MentionRow.paper_id))
        )
        found.update((paper_id, at) for paper_id, at in session.execute(statement))
    return found


def _periods(
    session: Session, begins: tuple[Any, ...], *chosen: ColumnElement[bool]
) -> Iterator[tuple[tuple[Any, ...], int, tuple[tuple[int, str], ...]]]:
    """Yield what is the same for the mentions of a period, its number of papers, and the best."""
    best = (
        func.max(col(MentionRow.upvotes)).desc(),
        func.min(col(MentionRow.rank)),
        col(MentionRow.paper_id),
    )
    named = [column.label(f"begins{number}") for number, column in enumerate(begins)]
    mentioned = (
        select(
            *named,
            col(MentionRow.paper_id).label("paper_id"),
            func.row_number().over(partition_by=begins, order_by=best).label("place"),
            func.count().over(partition_by=begins).label("papers"),
        )
        .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
        .join(PaperRow, col(PaperRow.id) == col(MentionRow.paper_id))
        .where(col(PaperRow.withdrawn_at).is_(None), *chosen)
        .group_by(*begins, col(MentionRow.paper_id))
        .subquery()
    )
    columns = [mentioned.c[column.name] for column in named]
    statement = (
        select(*columns, mentioned.c.papers, mentioned.c.paper_id, col(PaperRow.title))
        .join(PaperRow, col(PaperRow.id) == mentioned.c.paper_id)
        .where(mentioned.c.place <= _TITLES_SHOWN)
        .order_by(*(column.desc() for column in columns), mentioned.c.place)
    )
    titles: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
    papers: dict[tuple[Any, ...], int] = {}
    for *key, number, paper_id, title in session.execute(statement):
        titles.setdefault(tuple(key), []).append((paper_id, title))
        papers[tuple(key)] = number
    for begun, best_titles in titles.items():
        yield begun, papers[begun], tuple(best_titles)
