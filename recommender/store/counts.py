"""Store: how much there is of everything."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from recommender.domain import DeliveryState, SubscriberState
from recommender.store.tables import (
    DeliveryRow,
    DigestRow,
    IssueRow,
    MentionRow,
    PaperRow,
    RatingRow,
    SubscriberRow,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by noun; subscribers and deliveries by state, every state named.

    Attributes
    ----------
    in_doubt : int
        How often a delivery may have arrived without our knowledge, and was sent again.
    """

    papers: int
    mentions: int
    digests: int
    issues: int
    ratings: int
    subscribers: dict[str, int]
    deliveries: dict[str, int]
    in_doubt: int


def row_counts(session: Session) -> Counts:
    """Count everything."""

    def number_of(table: type[SQLModel]) -> int:
        return session.exec(select(func.count()).select_from(table)).one()

    return Counts(
        papers=number_of(PaperRow),
        mentions=number_of(MentionRow),
        digests=number_of(DigestRow),
        issues=number_of(IssueRow),
        ratings=number_of(RatingRow),
        subscribers=subscribers_by_state(session),
        deliveries=deliveries_by_state(session),
        in_doubt=session.exec(select(func.sum(DeliveryRow.times_in_doubt))).one() or 0,
    )


def subscribers_by_state(session: Session) -> dict[str, int]:
    """Count the subscribers in each state."""
    return {
        state: session.exec(select(func.count()).where(col(SubscriberRow.state) == state)).one()
        for state in SubscriberState
    }


def deliveries_by_state(session: Session) -> dict[str, int]:
    """Count the deliveries in each state."""
    return {
        state: session.exec(select(func.count()).where(col(DeliveryRow.state) == state)).one()
        for state in DeliveryState
    }
