"""Store: moments that cannot be yet, because they were written while the clock ran ahead.

What is said to have happened later than now keeps things from happening: a server's hour is full, a
network's requests are too many, no newer choice counts. Each such moment becomes the present one.
What was planned too far ahead is due by whatever the plan gives from now on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, delete, exists, select, update
from sqlmodel import SQLModel, col

from recommender.domain import Subscriber
from recommender.store.database import Session
from recommender.store.library_tables import LibraryRow
from recommender.store.quality_tables import SubscriberQualityRow
from recommender.store.tables import (
    DigestRow,
    SubscriberRow,
    UTCDateTime,
    columns_of,
)

TOLERANCE: Final = timedelta(minutes=1)
"""Clocks of two processes, or the seconds of a transaction, are no trouble."""

LONGEST_HOLD: Final = timedelta(days=1)
"""Of a server, a domain or a claim: nobody is held longer by one decision."""

LONGEST_FETCH: Final = timedelta(days=8)
"""Until a source or a library is fetched again: nobody asks for more than a week."""

CLAIM: Final = "delivery.leased_until"
HOLDS: Final = frozenset(
    {
        "smtp_server.paused_until",
        "smtp_server.bulk_held_until",
        "domain_pace.paused_until",
        CLAIM,
    }
)
RETRIES: Final = frozenset({"delivery.next_attempt_at"})
FETCHES: Final = frozenset({"source.next_fetch_at", f"{LibraryRow.__tablename__}.next_sync_at"})
ISSUES: Final = frozenset({"subscriber.next_issue_at"})
LEFT_ALONE: Final = frozenset(
    {
        # What says when it happened, and keeps nothing from happening: an issue is frozen, the
        # number in the confirmation's link is made of the request's moment, a paper's moments
        # are of its source, and what expires late does no harm.
        "issue.composed_at",
        "subscriber.created_at",
        "subscriber.requested_at",
        "subscriber.confirmed_at",
        "paper.first_seen_at",
        "paper.published_at",
        "pending_change.expires_at",
    }
)

Bound = tuple[Column[Any], datetime | date, datetime | None]
"""A column, the latest that it can say, and what is written instead; None: the row goes."""


def correct(session: Session, *, now: datetime, longest_retry: timedelta) -> list[str]:
    """Write the present moment, or what can be, where a later one stands; but for next issues.

    Parameters
    ----------
    longest_retry : timedelta
        The longest time until a message is tried again.

    Returns
    -------
    list of str
        The columns of which any row was wrong.
    """
    wrong = _wrong(session, now, longest_retry)
    for column, bound, value in wrong:
        if str(column) == "digest.ingested_at":
            # Its day, too, may have been taken from that clock.
            came_early = col(DigestRow.ingested_at) > bound
            session.execute(
                update(DigestRow)
                .where(came_early, col(DigestRow.date) > now.date())
                .values(date=now.date())
            )
        session.execute(
            update(column.table).where(column > bound).values({column.name: value})
            if value is not None
            else delete(column.table).where(column > bound)
        )
    return [str(column) for column, _, _ in wrong]


def is_any_wrong(session: Session, *, now: datetime, longest_retry: timedelta) -> bool:
    """Whether `correct` would change anything; reads only, so that nobody has to wait."""
    return bool(_wrong(session, now, longest_retry))


def _wrong(session: Session, now: datetime, longest_retry: timedelta) -> list[Bound]:
    """Return what is written past its bound in any row."""
    bounds = list(_bounds(now, longest_retry))
    # Of all columns at once: each statement of its own would be compiled, and kept.
    asked = select(*(exists().where(column > bound) for column, bound, _ in bounds))
    found = session.execute(asked).one()
    return [bound for bound, is_wrong in zip(bounds, found, strict=True) if is_wrong]


def _bounds(now: datetime, longest_retry: timedelta) -> Iterator[Bound]:
    latest, longest_hold = now + TOLERANCE, now + LONGEST_HOLD
    for column in moment_columns():
        name = str(column)
        if name in HOLDS:
            # A claim may be of a process that is sending, so it does not end at once.
            value = longest_hold if name == CLAIM else now
            yield column, longest_hold + TOLERANCE, value
        elif name in RETRIES:
            yield column, latest + longest_retry, now
        elif name in FETCHES:
            yield column, latest + LONGEST_FETCH, now
        elif name not in ISSUES | LEFT_ALONE:
            yield column, latest, now
    # Derived data, of which the newest counts: it is measured anew.
    yield columns_of(SubscriberQualityRow)[1], latest.date(), None


def moment_columns() -> Iterator[Column[Any]]:
    """Yield every column of moments."""
    for table in SQLModel.metadata.sorted_tables:
        yield from (each for each in table.columns if isinstance(each.type, UTCDateTime))


def set_plan(
    session: Session,
    subscriber: Subscriber,
    *,
    next_issue_at: datetime,
    last_issue_date: date | None,
) -> None:
    """Write when the next issue is due, and the day of the last; nothing if that changed since."""
    session.execute(
        update(SubscriberRow)
        .where(
            col(SubscriberRow.id) == subscriber.id,
            col(SubscriberRow.next_issue_at) == subscriber.next_issue_at,
        )
        .values(next_issue_at=next_issue_at, last_issue_date=last_issue_date)
    )
