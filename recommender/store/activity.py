"""Store: what was sent and what was rated, day by day in UTC; reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from recommender.domain import DeliveryKind, DeliveryState
from recommender.store.dialects import dialect_in
from recommender.store.tables import DeliveryAttemptRow, DeliveryRow, RatingRow

ISSUE_KINDS = (DeliveryKind.ISSUE, DeliveryKind.WELCOME)


@dataclass(slots=True)
class Day:
    """What happened on a day.

    Attributes
    ----------
    outcomes : dict of str to int
        Attempts at deliveries by the state that servers' answers led to.
    issues : int
        Newsletters that were sent.
    ratings : int
        What was said of papers on this day and still stands, saves included.
    """

    day: date
    outcomes: dict[str, int] = field(default_factory=dict)
    issues: int = 0
    ratings: int = 0


def days(session: Session, last: date, *, count: int) -> list[Day]:
    """Read so many days, the oldest first and ``last`` at the end."""
    found = [Day(last - timedelta(days=before)) for before in range(count - 1, -1, -1)]
    said = _ratings_since(session, _midnight(found[0].day))
    for each in found:
        _count_deliveries(session, each)
        each.ratings = said.get(each.day, 0)
    return found


def _count_deliveries(session: Session, day: Day) -> None:
    statement = (
        select(
            DeliveryAttemptRow.state,
            func.count(),
            func.sum(case((col(DeliveryRow.kind).in_(ISSUE_KINDS), 1), else_=0)),
        )
        .join(DeliveryRow, col(DeliveryRow.id) == col(DeliveryAttemptRow.delivery_id))
        .where(
            col(DeliveryAttemptRow.attempted_at) >= _midnight(day.day),
            col(DeliveryAttemptRow.attempted_at) < _midnight(day.day + timedelta(days=1)),
            # What was recorded without a server is what we did ourselves.
            col(DeliveryAttemptRow.server) != "",
        )
        .group_by(col(DeliveryAttemptRow.state))
    )
    for state, number, issues in session.exec(statement):
        day.outcomes[state] = number
        if state == DeliveryState.SENT:
            day.issues = issues


def _ratings_since(session: Session, since: datetime) -> dict[date, int]:
    day = dialect_in(session).day_of(RatingRow.rated_at)
    statement = select(day, func.count()).where(col(RatingRow.rated_at) >= since).group_by(day)
    return {date.fromisoformat(text): number for text, number in session.exec(statement)}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
