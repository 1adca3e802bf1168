"""Store: the outbox, where every outgoing message is a row before it goes anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    bindparam,
    case,
    func,
    insert,
    literal,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.store.tables import (
    DeliveryAttemptRow,
    DeliveryRow,
    DomainPaceRow,
    UTCDateTime,
)

WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
# Somebody waits for an answer to what they just did; newsletters stand behind it.
PRIORITIES = (_AT_ONCE, _IN_TURN) = (0, 1)
NO_PACE = ""
"""The ``paced_domain`` of a delivery whose recipient's domain has none."""


def paced_domain_of(recipient_domain: SQLColumnExpression[str]) -> ColumnElement[str]:
    """Return the ``paced_domain`` of a delivery to a domain, as it is at this moment."""
    paced = select(col(DomainPaceRow.domain)).where(col(DomainPaceRow.domain) == recipient_domain)
    return func.coalesce(paced.scalar_subquery(), NO_PACE)


_QUEUE = insert(DeliveryRow).values(
    recipient_domain=bindparam("its_domain"),
    paced_domain=paced_domain_of(bindparam("its_domain", type_=String)),
)


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


def has_message(session: Session, message_id: str) -> bool:
    """Whether a message with this Message-ID was ever queued."""
    statement = select(DeliveryRow.id).where(col(DeliveryRow.message_id) == message_id)
    return session.exec(statement).first() is not None


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
        _QUEUE,
        [
            {
                "subscriber_id": delivery.subscriber_id,
                "kind": delivery.kind,
                "key": delivery.key,
                "recipient": delivery.recipient,
                "its_domain": delivery.recipient.rpartition("@")[2].lower(),
                "content": delivery.content,
                "message_id": delivery.message_id,
                "issue_id": delivery.issue_id,
                "state": DeliveryState.QUEUED,
                "priority": _IN_TURN if delivery.kind is DeliveryKind.ISSUE else _AT_ONCE,
                "created_at": now,
                "next_attempt_at": now,
                "attempts": 0,
                "last_reply": "",
                "times_in_doubt": 0,
            }
            for delivery in deliveries
        ],
    )


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
            col(DeliveryRow.state).in_(WAITING),
        )
        .values(state=DeliveryState.FAILED, last_reply=reply)
        .returning(col(DeliveryRow.id))
    )
    given_up = [each for each in session.scalars(statement) if each is not None]
    record_decision(session, given_up, DeliveryState.FAILED, reply, now=now)


def readdress_waiting(session: Session, subscriber_id: int, *, recipient: str) -> None:
    """Send the newsletters that wait for a subscriber to their new address."""
    domain = recipient.rpartition("@")[2].lower()
    session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.subscriber_id) == subscriber_id,
            col(DeliveryRow.kind).in_((DeliveryKind.ISSUE, DeliveryKind.WELCOME)),
            col(DeliveryRow.state).in_(WAITING),
        )
        .values(
            recipient=recipient,
            recipient_domain=domain,
            paced_domain=paced_domain_of(literal(domain)),
        )
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
    """Return when the next waiting delivery may be tried, its domain's pause included.

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
        .where(col(DeliveryRow.state).in_(WAITING))
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
        col(DeliveryRow.state).in_(WAITING), col(DeliveryRow.next_attempt_at) <= now
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
    return [delivery_of(row) for row in session.exec(statement)]


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


def delivery_of(row: Any) -> Delivery:
    """Make a delivery of a row that has its columns."""
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
        deferred_since=row.deferred_since,
        content=row.content,
    )
