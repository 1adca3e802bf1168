"""Store: subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, func, insert, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import LinkEpochs, Preferences, Subscriber, SubscriberState
from recommender.store import libraries
from recommender.store.dialects import dialect_in
from recommender.store.query_batches import in_batches, in_parts
from recommender.store.tables import (
    SubscriberRow,
    SubscriptionRequestRow,
    columns_of,
)

_BY_IDS = sqlalchemy_select(*columns_of(SubscriberRow)).where(
    col(SubscriberRow.id).in_(bindparam("ids", expanding=True))
)
_EPOCHS = sqlalchemy_select(
    col(SubscriberRow.links_epoch), col(SubscriberRow.unsubscribe_epoch)
).where(col(SubscriberRow.id) == bindparam("id"))
_RECEIVING = (SubscriberState.ACTIVE, SubscriberState.PAUSED)

_CLAIM = (
    update(SubscriberRow)
    .where(col(SubscriberRow.id) == bindparam("claimed_id"))
    .values(
        state=SubscriberState.ACTIVE,
        issues_composed=bindparam("claimed_number"),
        last_issue_date=bindparam("claimed_date"),
        next_issue_at=bindparam("claimed_next"),
        welcome_due=False,
    )
)


@dataclass(frozen=True, slots=True)
class IssueClaim:
    """Whose next issue is to be frozen.

    Attributes
    ----------
    subscriber : Subscriber
        As they were when the issue was planned.
    issue_date : date or None
        Day of their last issue, once this one is composed.
    next_issue_at : datetime
        When the one after it is due.
    """

    subscriber: Subscriber
    issue_date: date | None
    next_issue_at: datetime


def add(
    session: Session,
    *,
    email: str,
    email_key: str,
    state: SubscriberState,
    preferences: Preferences,
    interests: str,
    now: datetime,
    followed: str = "",
    blocked: str = "",
    next_issue_at: datetime | None = None,
    language: str | None = None,
) -> Subscriber:
    """Store a new subscriber. The caller has seen that nobody has this key."""
    row = SubscriberRow(
        email=email,
        email_key=email_key,
        state=state,
        interests=interests,
        followed=followed,
        blocked=blocked,
        created_at=now,
        requested_at=now,
        next_issue_at=next_issue_at,
        language=language,
        **_preference_columns(preferences),
    )
    session.add(row)
    session.flush()
    return _subscriber(row)


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """A subscriber who is not stored yet; the fields are those of `domain.Subscriber`."""

    email: str
    email_key: str
    state: SubscriberState
    preferences: Preferences
    interests: str
    followed: str
    blocked: str
    next_issue_at: datetime | None


def add_all(session: Session, new: Sequence[NewSubscriber], *, now: datetime) -> None:
    """Store new subscribers together. The caller has seen that nobody has their keys."""
    if new:
        session.connection().execute(
            insert(SubscriberRow),
            [
                {
                    "email": each.email,
                    "email_key": each.email_key,
                    "state": each.state,
                    "interests": each.interests,
                    "followed": each.followed,
                    "blocked": each.blocked,
                    "created_at": now,
                    "requested_at": now,
                    "next_issue_at": each.next_issue_at,
                    **_preference_columns(each.preferences),
                }
                for each in new
            ],
        )


def by_id(session: Session, subscriber_id: int) -> Subscriber | None:
    """Read one subscriber."""
    row = session.get(SubscriberRow, subscriber_id)
    return None if row is None else _subscriber(row)


def by_ids(session: Session, subscriber_ids: Iterable[int]) -> dict[int, Subscriber]:
    """Read some subscribers by id; an unknown id is left out."""
    found: dict[int, Subscriber] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        rows = session.connection().execute(_BY_IDS, {"ids": some})
        found.update((row.id, _subscriber(row)) for row in rows.all())
    return found


def epochs_of(session: Session, subscriber_id: int) -> LinkEpochs | None:
    """Read in which epochs a subscriber's links are; None where they were erased."""
    row = session.connection().execute(_EPOCHS, {"id": subscriber_id}).first()
    return None if row is None else LinkEpochs(*row)


def by_key(session: Session, email_key: str) -> Subscriber | None:
    """Read the subscriber at an address, by its comparison key."""
    row = session.exec(select(SubscriberRow).where(SubscriberRow.email_key == email_key)).first()
    return None if row is None else _subscriber(row)


def by_keys(session: Session, email_keys: Iterable[str]) -> dict[str, Subscriber]:
    """Read the subscribers at some addresses, by their comparison keys."""
    found: dict[str, Subscriber] = {}
    for some in in_batches(email_keys):
        statement = select(SubscriberRow).where(col(SubscriberRow.email_key).in_(some))
        found.update((row.email_key, _subscriber(row)) for row in session.exec(statement))
    return found


def every(session: Session) -> Iterator[Subscriber]:
    """Read all subscribers in the order in which they came, a few at a time."""
    statement = select(SubscriberRow).order_by(col(SubscriberRow.id))
    for (row,) in in_parts(session, statement):
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


def keep_for_composing(session: Session, some: Sequence[Subscriber]) -> list[Subscriber]:
    """Return those for whom no other process composes, which none does until the transaction ends.

    Nobody else waits for that: their rows can be changed, which `claim_issue_numbers` sees.
    """
    ids = [subscriber.id for subscriber in some]
    kept = dialect_in(session).keep_numbers(session.connection(), ids)
    return [subscriber for subscriber in some if subscriber.id in kept]


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
    """Return when the next issue of anybody is due."""
    statement = select(func.min(SubscriberRow.next_issue_at)).where(
        col(SubscriberRow.state).in_(_RECEIVING)
    )
    return session.exec(statement).one()


def bring_first_issues_forward(session: Session, now: datetime) -> None:
    """Make the first papers due for those whose welcome had none, whatever their hour."""
    session.execute(
        update(SubscriberRow)
        .where(
            col(SubscriberRow.state) == SubscriberState.ACTIVE,
            col(SubscriberRow.next_issue_at) > now,
            # A welcome without papers is no day's issue.
            col(SubscriberRow.last_issue_date).is_(None),
            col(SubscriberRow.issues_composed) > 0,
        )
        .values(next_issue_at=now)
    )


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

    Who confirms is welcomed by their next issue. Who leaves ends their links, but for those that
    unsubscribe, and takes back the library that they let us read.
    """
    values: dict[str, Any] = {"state": state, "next_issue_at": next_issue_at}
    if state is SubscriberState.UNSUBSCRIBED:
        is_new = case((col(SubscriberRow.state) == SubscriberState.UNSUBSCRIBED, 0), else_=1)
        values["links_epoch"] = col(SubscriberRow.links_epoch) + is_new
        libraries.remove(session, subscriber_id)
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
    followed: str,
    blocked: str,
    next_issue_at: datetime | None,
) -> None:
    """Write what a subscriber wants, and when their next issue is due because of it."""
    session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.id) == subscriber_id)
        .values(
            interests=interests,
            followed=followed,
            blocked=blocked,
            next_issue_at=next_issue_at,
            **_preference_columns(preferences),
        )
    )


def set_address(session: Session, subscriber_id: int, *, email: str, email_key: str) -> None:
    """Write another address, and end all links. The caller has seen that nobody has this key."""
    session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.id) == subscriber_id)
        .values(email=email, email_key=email_key, **_next_epochs())
    )


def end_links(session: Session, subscriber_id: int) -> None:
    """End all links that were made for a subscriber."""
    session.execute(
        update(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id).values(**_next_epochs())
    )


def unconfirmed_since(
    session: Session, moment: datetime, *, after_id: int = 0, limit: int = 100
) -> list[Subscriber]:
    """Read who is unconfirmed, last asked at or before a moment, and waits for no decision."""
    waiting = select(SubscriptionRequestRow.email_key).where(
        col(SubscriptionRequestRow.decided_at).is_(None)
    )
    statement = (
        select(SubscriberRow)
        .where(
            SubscriberRow.state == SubscriberState.UNCONFIRMED,
            col(SubscriberRow.requested_at) <= moment,
            col(SubscriberRow.id) > after_id,
            col(SubscriberRow.email_key).not_in(waiting),
        )
        .order_by(col(SubscriberRow.id))
        .limit(limit)
    )
    return [_subscriber(row) for row in session.exec(statement)]


def set_language(session: Session, subscriber_id: int, language: str | None) -> None:
    """Write in which language a subscriber is told things; None: in the installation's."""
    session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.id) == subscriber_id)
        .values(language=language)
    )


def set_interests(session: Session, subscriber_id: int, interests: str) -> None:
    """Write what a subscriber likes to read, in their own words."""
    session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.id) == subscriber_id)
        .values(interests=interests)
    )


def restore_subscription(
    session: Session,
    subscriber_id: int,
    state: SubscriberState,
    *,
    next_issue_at: datetime | None,
    links_epoch: int,
) -> None:
    """Have a subscription go on as it was before its subscriber left."""
    session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.id) == subscriber_id)
        .values(state=state, next_issue_at=next_issue_at, links_epoch=links_epoch)
    )


def set_next_issue_at(session: Session, subscriber: Subscriber, next_issue_at: datetime) -> None:
    """Write when the next issue is due, where there was nothing to send; a pause is over.

    Nothing happens where they changed since they were read.
    """
    if subscriber.id in _lock_unchanged(session, [subscriber]):
        session.execute(
            update(SubscriberRow)
            .where(col(SubscriberRow.id) == subscriber.id)
            .values(state=SubscriberState.ACTIVE, next_issue_at=next_issue_at)
        )


def claim_issue_numbers(session: Session, claims: Sequence[IssueClaim]) -> dict[int, int]:
    """Take the numbers of the next issues by compare-and-set; a pause is over.

    Returns
    -------
    dict of int to int
        Number by subscriber id. Left out is who had an issue composed by somebody else in the
        meantime, who changed when they want an issue, who paused or left.
    """
    unchanged = _lock_unchanged(session, [claim.subscriber for claim in claims])
    taken = [claim for claim in claims if claim.subscriber.id in unchanged]
    numbers = {claim.subscriber.id: claim.subscriber.issues_composed + 1 for claim in taken}
    if taken:
        # One statement for all of them: built per row it costs ten times as much as it does.
        session.connection().execute(
            _CLAIM,
            [
                {
                    "claimed_id": claim.subscriber.id,
                    "claimed_number": numbers[claim.subscriber.id],
                    "claimed_date": claim.issue_date,
                    "claimed_next": claim.next_issue_at,
                }
                for claim in taken
            ],
        )
    return numbers


def _lock_unchanged(session: Session, seen: Sequence[Subscriber]) -> set[int]:
    """Return who still is as they were read, and keep them so until the transaction ends."""
    current = {}
    for some in in_batches(subscriber.id for subscriber in seen):
        # Rows are locked where the database locks rows; SQLite has one writer anyway.
        statement = (
            select(
                SubscriberRow.id,
                SubscriberRow.state,
                SubscriberRow.issues_composed,
                col(SubscriberRow.next_issue_at),
            )
            .where(col(SubscriberRow.id).in_(some))
            .order_by(col(SubscriberRow.id))
            .with_for_update(key_share=True)
        )
        current.update({row[0]: tuple(row[1:]) for row in session.exec(statement)})
    return {
        subscriber.id
        for subscriber in seen
        # Only a confirmation makes anybody else active.
        if subscriber.state in _RECEIVING
        and current.get(subscriber.id)
        == (subscriber.state, subscriber.issues_composed, subscriber.next_issue_at)
    }


def _next_epochs() -> dict[str, Any]:
    return {
        "links_epoch": col(SubscriberRow.links_epoch) + 1,
        "unsubscribe_epoch": col(SubscriberRow.unsubscribe_epoch) + 1,
    }


def _preference_columns(preferences: Preferences) -> dict[str, Any]:
    return {
        "hour": preferences.hour,
        "weekdays": "".join(str(day) for day in sorted(preferences.weekdays)),
        "timezone": preferences.timezone,
        "papers": preferences.papers,
    }


def _subscriber(row: Any) -> Subscriber:
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
        followed=row.followed,
        blocked=row.blocked,
        requested_at=row.requested_at,
        confirmed_at=row.confirmed_at,
        welcome_due=row.welcome_due,
        next_issue_at=row.next_issue_at,
        issues_composed=row.issues_composed,
        last_issue_date=row.last_issue_date,
        epochs=LinkEpochs(row.links_epoch, row.unsubscribe_epoch),
        language=row.language,
    )
