"""Store: what an operator does to messages that wait or failed; each leaves a line of history.

Every change names the states that it starts from, so that what a worker claimed in the meantime
stays its own, and what was sent stays sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, update
from sqlmodel import Session, col, select

from recommender.domain import DeliveryKind, DeliveryState, SubscriberState
from recommender.store.outbox_listing import Selection
from recommender.store.tables import DeliveryAttemptRow, DeliveryRow, SubscriberRow

WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delivery that something may be done to, as far as that decides on it.

    Attributes
    ----------
    subscriber_state : SubscriberState or None
        None where it is for nobody who subscribed.
    has_issue : bool
        It carries an issue.
    """

    id: int
    state: DeliveryState
    kind: DeliveryKind
    created_at: datetime
    next_attempt_at: datetime
    last_reply: str
    subscriber_state: SubscriberState | None
    has_issue: bool


def candidates(
    session: Session, selection: Selection, *, after_id: int, limit: int
) -> list[Candidate]:
    """Read what is meant in the order of ids, from after one of them."""
    return _candidates(
        session, *selection.conditions(), col(DeliveryRow.id) > after_id, limit=limit
    )


def candidates_by_id(session: Session, wanted: Sequence[int]) -> list[Candidate]:
    """Read deliveries by their ids, in the order of ids; those that do not exist are left out."""
    return _candidates(session, col(DeliveryRow.id).in_(wanted))


def make_due(session: Session, wanted: Sequence[int], *, now: datetime, reply: str) -> int:
    """Let waiting deliveries be tried now, and failed ones be queued again; gives how many.

    Their Message-ID, the moment when they were queued and the number of attempts stay, so that the
    same bytes are sent.
    """
    changed = 0
    for states, after in (
        ((DeliveryState.QUEUED, DeliveryState.FAILED), DeliveryState.QUEUED),
        ((DeliveryState.DEFERRED,), DeliveryState.DEFERRED),
    ):
        statement = (
            update(DeliveryRow)
            .where(col(DeliveryRow.id).in_(wanted), col(DeliveryRow.state).in_(states))
            .values(state=after, next_attempt_at=now)
            .returning(col(DeliveryRow.id))
        )
        ids = [number for (number,) in session.execute(statement)]
        _remember(session, ids, state=after, now=now, reply=reply)
        changed += len(ids)
    return changed


def cancel(session: Session, wanted: Sequence[int], *, now: datetime, reply: str) -> int:
    """Fail deliveries that wait; gives how many."""
    statement = (
        update(DeliveryRow)
        .where(col(DeliveryRow.id).in_(wanted), col(DeliveryRow.state).in_(WAITING))
        .values(state=DeliveryState.FAILED, last_reply=reply, next_attempt_at=now)
        .returning(col(DeliveryRow.id))
    )
    ids = [number for (number,) in session.execute(statement)]
    _remember(session, ids, state=DeliveryState.FAILED, now=now, reply=reply)
    return len(ids)


def _remember(
    session: Session, ids: Sequence[int], *, state: DeliveryState, now: datetime, reply: str
) -> None:
    if ids:
        session.execute(
            insert(DeliveryAttemptRow),
            [
                {
                    "delivery_id": number,
                    "attempted_at": now,
                    "state": state,
                    "server": "",
                    "reply_code": None,
                    "enhanced_status_code": None,
                    "reply": reply,
                }
                for number in sorted(ids)
            ],
        )


def _candidates(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Candidate]:
    statement = (
        select(DeliveryRow, SubscriberRow.state)
        .join(SubscriberRow, col(DeliveryRow.subscriber_id) == SubscriberRow.id, isouter=True)
        .where(*conditions)
        .order_by(col(DeliveryRow.id))
        .limit(limit)
    )
    return [
        Candidate(
            id=row.id or 0,
            state=DeliveryState(row.state),
            kind=DeliveryKind(row.kind),
            created_at=row.created_at,
            next_attempt_at=row.next_attempt_at,
            last_reply=row.last_reply,
            subscriber_state=None if row.subscriber_id is None else SubscriberState(state),
            has_issue=row.issue_id is not None,
        )
        for row, state in session.exec(statement)
    ]
