"""Store: what workers do with the outbox: claim, record, give back; and what dead ones had."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)
from sqlmodel import Session, col

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.store.outbox import NO_PACE, PRIORITIES, WAITING, delivery_of, record_decision
from recommender.store.query_batches import in_batches
from recommender.store.sending_pause import IS_PAUSED
from recommender.store.tables import (
    IS_WAITING,
    DeliveryAttemptRow,
    DeliveryRow,
    DomainPaceRow,
    UTCDateTime,
    columns_of,
)

_NOT_WAITING = tuple(state for state in DeliveryState if state not in WAITING)
_CLAIMED = tuple(
    column for column in columns_of(DeliveryRow) if column.name not in {"worker", "leased_until"}
)

TAKEN_BACK = (
    "its worker is gone: it may have been sent, and is sent again under the same Message-ID"
)

# Locked where the database locks rows, so that nobody is erased before an attempt is written.
_STORED = (
    select(col(DeliveryRow.id))
    .where(col(DeliveryRow.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(DeliveryRow.id))
    .with_for_update(key_share=True)
)
_REMEMBER = insert(DeliveryAttemptRow)
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
        deferred_since=case(
            (
                bindparam("recorded_state") == DeliveryState.DEFERRED,
                func.coalesce(
                    col(DeliveryRow.deferred_since), bindparam("recorded_at", type_=UTCDateTime)
                ),
            ),
            else_=col(DeliveryRow.deferred_since),
        ),
        times_in_doubt=col(DeliveryRow.times_in_doubt) + bindparam("recorded_doubts"),
        worker=None,
        leased_until=None,
    )
)


def _due(priority: int) -> Select[*tuple[Any, ...]]:
    """Select what may be claimed of one priority and paced domain, in the order of their index."""
    # Only what came in while another process began the pause is found by it.
    is_domain_paused = exists().where(
        col(DomainPaceRow.domain) == col(DeliveryRow.recipient_domain),
        col(DomainPaceRow.paused_until) > bindparam("now"),
    )
    return (
        select(col(DeliveryRow.id), col(DeliveryRow.priority), col(DeliveryRow.next_attempt_at))
        .where(
            IS_WAITING,
            col(DeliveryRow.paced_domain) == bindparam("its_domain"),
            col(DeliveryRow.priority) == priority,
            col(DeliveryRow.next_attempt_at) <= bindparam("now"),
            col(DeliveryRow.kind).not_in(bindparam("held_kinds")),
            ~is_domain_paused,
            ~IS_PAUSED,
        )
        .order_by(col(DeliveryRow.next_attempt_at), col(DeliveryRow.id))
        .limit(bindparam("most"))
        # Where several claim at once, each passes by what another one is just claiming.
        .with_for_update(of=DeliveryRow, key_share=True, skip_locked=True)
    )


# One look into the index for each; over all at once, the whole queue would be sorted every time.
_QUEUES = union_all(*(select(_due(priority).subquery()) for priority in PRIORITIES)).subquery()
_DUE = (
    select(_QUEUES.c.priority, _QUEUES.c.next_attempt_at, _QUEUES.c.id)
    .order_by(_QUEUES.c.priority, _QUEUES.c.next_attempt_at, _QUEUES.c.id)
    .limit(bindparam("most"))
)
# A value, no "exists": PostgreSQL makes a join of that, and reads the whole queue for each claim.
_FIRST_DUE = (
    select(col(DeliveryRow.id))
    .where(
        IS_WAITING,
        col(DeliveryRow.paced_domain) == col(DomainPaceRow.domain),
        col(DeliveryRow.priority).in_(PRIORITIES),
        col(DeliveryRow.next_attempt_at) <= bindparam("now"),
    )
    .limit(1)
    .scalar_subquery()
)
_PACED = (
    select(col(DomainPaceRow.domain))
    .where(
        or_(
            col(DomainPaceRow.paused_until).is_(None),
            col(DomainPaceRow.paused_until) <= bindparam("now"),
        ),
        _FIRST_DUE.is_not(None),
    )
    .limit(bindparam("most"))
)

_CLAIM = (
    update(DeliveryRow)
    .where(
        col(DeliveryRow.id).in_(bindparam("claimed_ids", expanding=True)),
        # Not "in": it would be looked up in an index of all that waits, for these few.
        col(DeliveryRow.state).not_in(_NOT_WAITING),
    )
    .values(
        state=DeliveryState.SENDING,
        worker=bindparam("claimed_by"),
        leased_until=bindparam("claimed_until", type_=UTCDateTime),
    )
    .returning(*_CLAIMED)
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


def claim_due(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease_seconds: float,
    limit: int,
    without_kinds: Collection[DeliveryKind] = (),
    takes_paced: Callable[[], bool] = lambda: True,
) -> list[Delivery]:
    """Take waiting deliveries that are due, by compare-and-set, in the order of the queue.

    Those to a domain that is paused, and those of the kinds that are held back, are left; all of
    them while the operator pauses sending.

    Parameters
    ----------
    takes_paced : callable
        Asked where something is due to domains that have a pace: whether it is claimed, too.
    """
    connection = session.connection()
    asked = {"now": now, "most": limit}
    paced = connection.execute(_PACED, asked).scalars().all()
    if paced and not takes_paced():
        paced = []
    due = heapq.merge(
        *(
            connection.execute(
                _DUE, {**asked, "held_kinds": list(without_kinds), "its_domain": domain}
            ).all()
            for domain in (NO_PACE, *paced)
        )
    )
    claimed = {
        "claimed_ids": [each_id for *_, each_id in islice(due, limit)],
        "claimed_by": worker,
        "claimed_until": now + timedelta(seconds=lease_seconds),
    }
    rows = connection.execute(_CLAIM, claimed).all()
    return [
        delivery_of(row)
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
    connection = session.connection()
    connection.execute(
        _REMEMBER,
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
    connection.execute(
        _RECORD,
        [
            {
                "recorded_id": attempt.delivery_id,
                "recorded_state": attempt.state,
                "recorded_at": attempt.attempted_at,
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


def abandoned(session: Session, *, now: datetime, is_alive: Callable[[str], bool]) -> list[int]:
    """Return the deliveries that dead workers hold, or living ones past their lease.

    Whether a worker lives is asked after what they hold was read.
    """
    claimed = session.execute(
        select(col(DeliveryRow.id), col(DeliveryRow.worker), col(DeliveryRow.leased_until)).where(
            col(DeliveryRow.state) == DeliveryState.SENDING
        )
    ).all()
    workers = {each.worker for each in claimed if each.worker is not None}
    dead = {worker for worker in workers if not is_alive(worker)}
    return [
        each.id
        for each in claimed
        if each.worker in dead or (each.leased_until is not None and each.leased_until < now)
    ]


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
    state = DeliveryState.QUEUED if failed_with is None else DeliveryState.FAILED
    changed: dict[str, Any] = {} if failed_with is None else {"last_reply": failed_with}
    ids: list[int] = []
    for some in in_batches(abandoned(session, now=now, is_alive=is_alive)):
        # What is recorded or taken back just now, another one has locked.
        still_claimed = (
            select(col(DeliveryRow.id))
            .where(col(DeliveryRow.id).in_(some), col(DeliveryRow.state) == DeliveryState.SENDING)
            .with_for_update(key_share=True, skip_locked=True)
        )
        ids += filter(None, session.scalars(still_claimed))
    for some in in_batches(ids):
        session.execute(
            update(DeliveryRow)
            .where(col(DeliveryRow.id).in_(some))
            .values(
                state=state,
                worker=None,
                leased_until=None,
                times_in_doubt=col(DeliveryRow.times_in_doubt) + 1,
                **changed,
            )
        )
    record_decision(session, ids, state, failed_with or TAKEN_BACK, now=now)
    return len(ids)


def _attempts_at_stored(session: Session, attempts: Sequence[Attempt]) -> list[Attempt]:
    ids = sorted({attempt.delivery_id for attempt in attempts})
    stored: set[int | None] = set()
    for some in in_batches(ids):
        stored.update(session.connection().execute(_STORED, {"ids": some}).scalars())
    return [attempt for attempt in attempts if attempt.delivery_id in stored]
