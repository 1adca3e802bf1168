"""Store: subscribers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Update, delete, func, update
from sqlmodel import Session, col, select

from recommender.domain import Preferences, Subscriber, SubscriberState
from recommender.store.tables import (
    DeliveryAttemptRow,
    DeliveryRow,
    IssueEntryRow,
    IssueRow,
    RatingRow,
    SubscriberRow,
)

_RECEIVING = (SubscriberState.ACTIVE, SubscriberState.PAUSED)


def add(
    session: Session,
    *,
    email: str,
    email_key: str,
    state: SubscriberState,
    preferences: Preferences,
    interests: str,
    now: datetime,
    next_issue_at: datetime | None = None,
) -> Subscriber:
    """Store a new subscriber. The caller has seen that nobody has this key."""
    row = SubscriberRow(
        email=email,
        email_key=email_key,
        state=state,
        interests=interests,
        created_at=now,
        requested_at=now,
        next_issue_at=next_issue_at,
        **_preference_columns(preferences),
    )
    session.add(row)
    session.flush()
    return _subscriber(row)


def by_id(session: Session, subscriber_id: int) -> Subscriber | None:
    """Read one subscriber."""
    row = session.get(SubscriberRow, subscriber_id)
    return None if row is None else _subscriber(row)


def by_key(session: Session, email_key: str) -> Subscriber | None:
    """Read the subscriber at an address, by its comparison key."""
    row = session.exec(select(SubscriberRow).where(SubscriberRow.email_key == email_key)).first()
    return None if row is None else _subscriber(row)


def every(session: Session) -> Iterator[Subscriber]:
    """Read all subscribers in the order in which they came, a few at a time."""
    statement = select(SubscriberRow).order_by(col(SubscriberRow.id))
    for row in session.exec(statement.execution_options(yield_per=1000)):
        yield _subscriber(row)


def due(
    session: Session, now: datetime, *, after_id: int = 0, limit: int = 500
) -> list[Subscriber]:
    """Read whose next issue is due, or whose pause is over, with ids past ``after_id``."""
    statement = (
        select(SubscriberRow)
        .where(
            col(SubscriberRow.state).in_(_RECEIVING),
            col(SubscriberRow.next_issue_at) <= now,
            col(SubscriberRow.id) > after_id,
        )
        .order_by(col(SubscriberRow.id))
        .limit(limit)
    )
    return [_subscriber(row) for row in session.exec(statement)]


def active(session: Session, *, after_id: int = 0, limit: int = 500) -> list[Subscriber]:
    """Read active subscribers with ids past ``after_id``."""
    statement = (
        select(SubscriberRow)
        .where(SubscriberRow.state == SubscriberState.ACTIVE, col(SubscriberRow.id) > after_id)
        .order_by(col(SubscriberRow.id))
        .limit(limit)
    )
    return [_subscriber(row) for row in session.exec(statement)]


def next_due_at(session: Session) -> datetime | None:
    """Tell when the next issue of anybody is due."""
    statement = select(func.min(SubscriberRow.next_issue_at)).where(
        col(SubscriberRow.state).in_(_RECEIVING)
    )
    return session.exec(statement).one()


def set_state(
    session: Session,
    subscriber_id: int,
    state: SubscriberState,
    *,
    next_issue_at: datetime | None = None,
    requested_at: datetime | None = None,
    confirmed_at: datetime | None = None,
) -> None:
    """Move a subscriber to a state; moments that are not given stay, but for the next issue's.

    Who confirms is welcomed by their next issue.
    """
    values: dict[str, Any] = {"state": state, "next_issue_at": next_issue_at}
    if requested_at is not None:
        values["requested_at"] = requested_at
    if confirmed_at is not None:
        values |= {"confirmed_at": confirmed_at, "welcome_due": True}
    session.execute(
        update(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id).values(**values)
    )


def set_preferences(
    session: Session,
    subscriber_id: int,
    preferences: Preferences,
    *,
    interests: str,
    next_issue_at: datetime | None,
) -> None:
    """Write what a subscriber wants, and when their next issue is due because of it."""
    session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.id) == subscriber_id)
        .values(
            interests=interests, next_issue_at=next_issue_at, **_preference_columns(preferences)
        )
    )


def set_next_issue_at(session: Session, subscriber: Subscriber, next_issue_at: datetime) -> None:
    """Write when the next issue is due, where there was nothing to send; a pause is over."""
    session.execute(
        _unchanged(subscriber).values(state=SubscriberState.ACTIVE, next_issue_at=next_issue_at)
    )


def claim_issue_number(
    session: Session, subscriber: Subscriber, *, issue_date: date | None, next_issue_at: datetime
) -> int | None:
    """Take the next issue's number by compare-and-set; a pause is over.

    Returns
    -------
    int or None
        None where somebody else composed for them in the meantime, or they changed when they want
        an issue, paused or left.
    """
    number = subscriber.issues_composed + 1
    statement = (
        _unchanged(subscriber)
        .values(
            state=SubscriberState.ACTIVE,
            issues_composed=number,
            last_issue_date=issue_date,
            next_issue_at=next_issue_at,
            welcome_due=False,
        )
        .returning(col(SubscriberRow.id))
    )
    return number if session.execute(statement).first() is not None else None


def erase(session: Session, subscriber_id: int) -> None:
    """Delete a subscriber and everything that is kept about them."""
    issue_ids = select(IssueRow.id).where(IssueRow.subscriber_id == subscriber_id)
    delivery_ids = select(DeliveryRow.id).where(DeliveryRow.subscriber_id == subscriber_id)
    for statement in (
        delete(DeliveryAttemptRow).where(col(DeliveryAttemptRow.delivery_id).in_(delivery_ids)),
        delete(DeliveryRow).where(col(DeliveryRow.subscriber_id) == subscriber_id),
        delete(IssueEntryRow).where(col(IssueEntryRow.issue_id).in_(issue_ids)),
        delete(IssueRow).where(col(IssueRow.subscriber_id) == subscriber_id),
        delete(RatingRow).where(col(RatingRow.subscriber_id) == subscriber_id),
        delete(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id),
    ):
        session.execute(statement)


def _unchanged(subscriber: Subscriber) -> Update:
    """Begin an update that does nothing where they changed since they were read, or had left."""
    return update(SubscriberRow).where(
        col(SubscriberRow.id) == subscriber.id,
        col(SubscriberRow.state) == subscriber.state,
        # Only a confirmation makes anybody else active.
        col(SubscriberRow.state).in_(_RECEIVING),
        col(SubscriberRow.issues_composed) == subscriber.issues_composed,
        col(SubscriberRow.next_issue_at) == subscriber.next_issue_at,
    )


def _preference_columns(preferences: Preferences) -> dict[str, Any]:
    return {
        "hour": preferences.hour,
        "weekdays": "".join(str(day) for day in sorted(preferences.weekdays)),
        "timezone": preferences.timezone,
        "papers": preferences.papers,
    }


def _subscriber(row: SubscriberRow) -> Subscriber:
    return Subscriber(
        id=row.id or 0,
        email=row.email,
        state=SubscriberState(row.state),
        preferences=Preferences(
            hour=row.hour,
            weekdays=frozenset(int(day) for day in row.weekdays),
            timezone=row.timezone,
            papers=row.papers,
        ),
        interests=row.interests,
        requested_at=row.requested_at,
        confirmed_at=row.confirmed_at,
        welcome_due=row.welcome_due,
        next_issue_at=row.next_issue_at,
        issues_composed=row.issues_composed,
        last_issue_date=row.last_issue_date,
    )
