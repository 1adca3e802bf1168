"""Store: the outbox, where every outgoing message is a row before it goes anywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, insert, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.store.papers import in_batches
from recommender.store.tables import (
    DeliveryAttemptRow,
    DeliveryRow,
    DomainPaceRow,
    UTCDateTime,
)

_WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
_CLAIMED = tuple(
    column
    for column in DeliveryRow.__table__.columns  # type: ignore[attr-defined]  # SQLModel's tables have it
    if column.name not in {"worker", "leased_until"}
)

TAKEN_BACK = (
    "its worker is gone: it may have been sent, and is sent again under the same Message-ID"
)

_RECORD = (
    update(DeliveryRow)
    .where(
        col(DeliveryRow.id) == bindparam("recorded_id"),
        col(DeliveryRow.state) != DeliveryState.SENT,
    )
    .values(
        state=bindparam("recorded_state"),
        attempts=col(DeliveryRow.attempts) + 1,
        last_reply=bindparam("recorded_reply"),
        next_attempt_at=bindparam("recorded_next"),
        times_in_doubt=col(DeliveryRow.times_in_doubt) + bindparam("recorded_doubts"),
        worker=None,
        leased_until=None,
    )
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of giving one delivery to a server.

    Attributes
    ----------
    state : DeliveryState
        Where the delivery is now: `SENT`, `DEFERRED` or `FAILED`.
    server : str
        ``host:port``.
    reply_code : int or None
        None where it failed before a server answered.
    enhanced_status_code : str or None
        RFC 3463, ``5.1.1``.
    reply : str
        The server's words with its codes, or ours where there are none.
    next_attempt_at : datetime or None
        For `DEFERRED`: when to try again.
    in_doubt : bool
        It was handed over whole and no answer came.
    """

    delivery_id: int
    attempted_at: datetime
    state: DeliveryState
    server: str
    reply_code: int | None
    enhanced_status_code: str | None
    reply: str
    next_attempt_at: datetime | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message that is not queued yet; the fields are those of `domain.Delivery`."""

    subscriber_id: int | None
    kind: DeliveryKind
    key: str
    recipient: str
    message_id: str
    issue_id: int | None = None
    content: Mapping[str, Any] | None = None


def enqueue(
    session: Session,
    *,
    subscriber_id: int | None,
    kind: DeliveryKind,
    key: str,
    recipient: str,
    message_id: str,
    now: datetime,
    issue_id: int | None = None,
    content: Mapping[str, Any] | None = None,
) -> bool:
    """Queue a message; False where there is one for this subscriber, kind and key already.

    One for nobody who subscribed is known by its Message-ID, which its caller makes of its key.

    Raises
    ------
    IntegrityError
        If the subscriber or the issue does not exist, or another message has this Message-ID. A
        `StorageError` outside the transaction.
    """
    delivery = NewDelivery(subscriber_id, kind, key, recipient, message_id, issue_id, content)
    try:
        with session.begin_nested():
            enqueue_all(session, [delivery], now=now)
    except IntegrityError:
        if not _is_known(session, delivery):
            raise
        return False
    return True


def enqueue_all(session: Session, deliveries: Sequence[NewDelivery], *, now: datetime) -> None:
    """Queue messages that are not queued yet, together or none.

    Raises
    ------
    IntegrityError
        If one is queued already, or its subscriber or issue does not exist. A `StorageError`
        outside the transaction.
    """
    if not deliveries:
        return
    session.connection().execute(
        insert(DeliveryRow),
        [
            {
                "subscriber_id": delivery.subscriber_id,
                "kind": delivery.kind,
                "key": delivery.key,
                "recipient": delivery.recipient,
                "recipient_domain": delivery.recipient.rpartition("@")[2].lower(),
                "content": delivery.content,
                "message_id": delivery.message_id,
                "issue_id": delivery.issue_id,
                "state": DeliveryState.QUEUED,
                # Somebody waits for an answer to what they just did; newsletters stand behind it.
                "priority": 1 if delivery.kind is DeliveryKind.ISSUE else 0,
                "created_at": now,
                "next_attempt_at": now,
                "attempts": 0,
                "last_reply": "",
                "times_in_doubt": 0,
            }
            for delivery in deliveries
        ],
    )


def claim_due(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease_seconds: float,
    limit: int,
    without_kinds: Collection[DeliveryKind] = (),
) -> list[Delivery]:
    """Take waiting deliveries that are due, by compare-and-set, in the order of the queue.

    Those to a domain that is paused, and those of the kinds that are held back, are left.
    """
    candidates = (
        select(DeliveryRow.id)
        .where(
            col(DeliveryRow.state).in_(_WAITING),
            col(DeliveryRow.next_attempt_at) <= now,
            ~_domain_is_paused(now),
        )
        .order_by(col(DeliveryRow.priority), col(DeliveryRow.next_attempt_at), col(DeliveryRow.id))
        .limit(limit)
    )
    if without_kinds:
        candidates = candidates.where(col(DeliveryRow.kind).not_in(without_kinds))
    statement = (
        update(DeliveryRow)
        .where(col(DeliveryRow.id).in_(candidates), col(DeliveryRow.state).in_(_WAITING))
        .values(
            state=DeliveryState.SENDING,
            worker=worker,
            leased_until=now + timedelta(seconds=lease_seconds),
        )
        # Columns: rows as objects take half of the time of a claim.
        .returning(*_CLAIMED)
    )
    rows = session.execute(statement, execution_options={"synchronize_session": False}).all()
    return [
        _delivery(row)
        for row in sorted(rows, key=lambda row: (row.priority, row.next_attempt_at, row.id))
    ]


def record_attempts(session: Session, attempts: Sequence[Attempt]) -> None:
    """Append attempts to the history and move their deliveries, together.

    What was sent stays sent, whatever a worker says that had lost its claim. Attempts at the
    deliveries of somebody who was erased in the meantime leave no trace.
    """
    attempts = _attempts_at_stored(session, attempts)
    if not attempts:
        return
    session.execute(
        insert(DeliveryAttemptRow),
        [
            {
                "delivery_id": attempt.delivery_id,
                "attempted_at": attempt.attempted_at,
                "state": attempt.state,
                "server": attempt.server,
                "reply_code": attempt.reply_code,
                "enhanced_status_code": attempt.enhanced_status_code,
                "reply": attempt.reply,
            }
            for attempt in attempts
        ],
    )
    # One statement for all of them: built per row it costs ten times as much as it does.
    session.connection().execute(
        _RECORD,
        [
            {
                "recorded_id": attempt.delivery_id,
                "recorded_state": attempt.state,
                "recorded_reply": attempt.reply,
                "recorded_next": attempt.next_attempt_at or attempt.attempted_at,
                "recorded_doubts": int(attempt.in_doubt),
            }
            for attempt in attempts
        ],
    )


def release(session: Session, delivery_ids: Iterable[int], *, worker: str) -> None:
    """Put claimed deliveries that no server was asked to take back into the queue."""
    session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.id).in_(list(delivery_ids)),
            col(DeliveryRow.state) == DeliveryState.SENDING,
            col(DeliveryRow.worker) == worker,
        )
        .values(state=DeliveryState.QUEUED, worker=None, leased_until=None)
    )


def reclaim(
    session: Session,
    *,
    now: datetime,
    is_alive: Callable[[str], bool],
    failed_with: str | None = None,
) -> int:
    """Take back what dead workers held, or living ones past their lease; each is in doubt.

    It is queued again, under the same Message-ID, or ends as failed where words for that are given.
    The history says so.

    Returns
    -------
    int
        How many deliveries may have been sent already.
    """
    workers = session.exec(
        select(DeliveryRow.worker)
        .where(DeliveryRow.state == DeliveryState.SENDING)
        .group_by(col(DeliveryRow.worker))
    ).all()
    dead = [worker for worker in workers if worker is not None and not is_alive(worker)]
    held_by_nobody = col(DeliveryRow.worker).in_(dead)
    state = DeliveryState.QUEUED if failed_with is None else DeliveryState.FAILED
    changed: dict[str, Any] = {} if failed_with is None else {"last_reply": failed_with}
    statement = (
        update(DeliveryRow)
        .where(
            col(DeliveryRow.state) == DeliveryState.SENDING,
            held_by_nobody | (col(DeliveryRow.leased_until) < now),
        )
        .values(
            state=state,
            worker=None,
            leased_until=None,
            times_in_doubt=col(DeliveryRow.times_in_doubt) + 1,
            **changed,
        )
        .returning(col(DeliveryRow.id))
    )
    ids = session.scalars(statement, execution_options={"synchronize_session": False}).all()
    record_decision(
        session, [each for each in ids if each], state, failed_with or TAKEN_BACK, now=now
    )
    return len(ids)


def record_decision(
    session: Session,
    delivery_ids: Sequence[int],
    state: DeliveryState,
    words: str,
    *,
    now: datetime,
) -> None:
    """Append what we did with deliveries, not a server, to their history."""
    if delivery_ids:
        session.execute(
            insert(DeliveryAttemptRow),
            [
                {
                    "delivery_id": delivery_id,
                    "attempted_at": now,
                    "state": state,
                    "server": "",
                    "reply_code": None,
                    "enhanced_status_code": None,
                    "reply": words,
                }
                for delivery_id in delivery_ids
            ],
        )


def give_up_waiting(session: Session, subscriber_id: int, *, reply: str, now: datetime) -> None:
    """Fail the newsletters that wait for a subscriber, because they want no more."""
    statement = (
        update(DeliveryRow)
        .where(
            col(DeliveryRow.subscriber_id) == subscriber_id,
            col(DeliveryRow.kind).in_((DeliveryKind.ISSUE, DeliveryKind.WELCOME)),
            col(DeliveryRow.state).in_(_WAITING),
        )
        .values(state=DeliveryState.FAILED, last_reply=reply)
        .returning(col(DeliveryRow.id))
    )
    given_up = [each for each in session.scalars(statement) if each is not None]
    record_decision(session, given_up, DeliveryState.FAILED, reply, now=now)


def readdress_waiting(session: Session, subscriber_id: int, *, recipient: str) -> None:
    """Send the newsletters that wait for a subscriber to their new address."""
    session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.subscriber_id) == subscriber_id,
            col(DeliveryRow.kind).in_((DeliveryKind.ISSUE, DeliveryKind.WELCOME)),
            col(DeliveryRow.state).in_(_WAITING),
        )
        .values(recipient=recipient, recipient_domain=recipient.rpartition("@")[2].lower())
    )


def expedite(session: Session, *, now: datetime) -> None:
    """Make every deferred delivery due now."""
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.state) == DeliveryState.DEFERRED)
        .values(next_attempt_at=now)
    )


def next_attempt_at(
    session: Session, not_before: Mapping[DeliveryKind, datetime] | None = None
) -> datetime | None:
    """Tell when the next waiting delivery may be tried, its domain's pause included.

    Parameters
    ----------
    not_before : mapping or None
        Kinds that are held back, and until when.
    """
    paused_until = col(DomainPaceRow.paused_until)
    soonest = case(
        (paused_until > col(DeliveryRow.next_attempt_at), paused_until),
        else_=col(DeliveryRow.next_attempt_at),
    )
    statement = (
        select(DeliveryRow.kind, type_coerce(func.min(soonest), UTCDateTime))
        .outerjoin(DomainPaceRow, col(DomainPaceRow.domain) == col(DeliveryRow.recipient_domain))
        .where(col(DeliveryRow.state).in_(_WAITING))
        .group_by(col(DeliveryRow.kind))
    )
    held = not_before or {}
    moments = [
        max(moment, held.get(DeliveryKind(kind), moment))
        for kind, moment in session.exec(statement)
    ]
    return min(moments, default=None)


def count_due(session: Session, *, now: datetime) -> int:
    """Count the waiting deliveries that are due, those that are held back included."""
    statement = select(func.count()).where(
        col(DeliveryRow.state).in_(_WAITING), col(DeliveryRow.next_attempt_at) <= now
    )
    return session.exec(statement).one()


def count_recent(
    session: Session, subscriber_id: int, kinds: Sequence[DeliveryKind], *, since: datetime
) -> tuple[int, datetime | None]:
    """Count the messages of some kinds queued for a subscriber since a moment, and the last."""
    statement = select(func.count(), func.max(DeliveryRow.created_at)).where(
        DeliveryRow.subscriber_id == subscriber_id,
        col(DeliveryRow.kind).in_(kinds),
        col(DeliveryRow.created_at) >= since,
    )
    number, last = session.exec(statement).one()
    return number, last


def of_subscriber(session: Session, subscriber_id: int) -> list[Delivery]:
    """Read all messages that were ever queued for a subscriber, oldest first."""
    statement = (
        select(DeliveryRow)
        .where(DeliveryRow.subscriber_id == subscriber_id)
        .order_by(col(DeliveryRow.id))
    )
    return [_delivery(row) for row in session.exec(statement)]


def _domain_is_paused(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(DomainPaceRow.domain) == col(DeliveryRow.recipient_domain),
        col(DomainPaceRow.paused_until) > now,
    )


def _is_known(session: Session, delivery: NewDelivery) -> bool:
    is_same = (
        col(DeliveryRow.message_id) == delivery.message_id
        if delivery.subscriber_id is None
        else col(DeliveryRow.subscriber_id) == delivery.subscriber_id
    )
    statement = select(DeliveryRow.id).where(
        is_same, DeliveryRow.kind == delivery.kind, DeliveryRow.key == delivery.key
    )
    return session.exec(statement).first() is not None


def _attempts_at_stored(session: Session, attempts: Sequence[Attempt]) -> list[Attempt]:
    ids = sorted({attempt.delivery_id for attempt in attempts})
    stored: set[int | None] = set()
    for some in in_batches(ids):
        # Locked where the database locks rows, so that nobody is erased before the insert.
        statement = (
            select(DeliveryRow.id)
            .where(col(DeliveryRow.id).in_(some))
            .order_by(col(DeliveryRow.id))
            .with_for_update()
        )
        stored.update(session.exec(statement).all())
    return [attempt for attempt in attempts if attempt.delivery_id in stored]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id or 0,
        subscriber_id=row.subscriber_id,
        kind=DeliveryKind(row.kind),
        key=row.key,
        recipient=row.recipient,
        message_id=row.message_id,
        issue_id=row.issue_id,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        attempts=row.attempts,
        last_reply=row.last_reply,
        recipient_domain=row.recipient_domain,
        times_in_doubt=row.times_in_doubt,
        content=row.content,
    )
