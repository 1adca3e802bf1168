"""Store: what an operator does to messages that wait or failed; each leaves a line of history.

Every change names the states that it starts from, so that what a worker claimed in the meantime
stays its own, and what was sent stays sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import DeliveryKind, DeliveryState, SubscriberState
from recommender.store.outbox import paced_domain_of
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


def chosen_ids(session: Session, selection: Selection) -> list[int]:
    """Return the ids of what is meant, in their order."""
    statement = (
        select(col(DeliveryRow.id)).where(*selection.conditions()).order_by(col(DeliveryRow.id))
    )
    return [number for number in session.exec(statement) if number is not None]


def candidates(session: Session, selection: Selection, wanted: Sequence[int]) -> list[Candidate]:
    """Read deliveries by their ids, in their order; what is not meant or gone is left out.

    Parameters
    ----------
    wanted : sequence of int
        At most as many as a statement takes parameters: 1,000 are safe.
    """
    columns: tuple[Any, ...] = (
        DeliveryRow.id,
        DeliveryRow.state,
        DeliveryRow.kind,
        DeliveryRow.created_at,
        DeliveryRow.next_attempt_at,
        DeliveryRow.last_reply,
        DeliveryRow.issue_id,
        SubscriberRow.state,
    )
    # Columns, not rows: a tenth of the time where there are 100,000.
    statement = (
        sqlalchemy_select(*columns)
        .join(SubscriberRow, col(DeliveryRow.subscriber_id) == SubscriberRow.id, isouter=True)
        .where(col(DeliveryRow.id).in_(wanted), *replace(selection, states=()).conditions())
        .order_by(col(DeliveryRow.id))
    )
    return [
        Candidate(
            id=number,
            state=DeliveryState(state),
            kind=DeliveryKind(kind),
            created_at=created_at,
            next_attempt_at=next_attempt_at,
            last_reply=last_reply,
            subscriber_state=None
            if subscriber_state is None
            else SubscriberState(subscriber_state),
            has_issue=issue_id is not None,
        )
        for (
            number,
            state,
            kind,
            created_at,
            next_attempt_at,
            last_reply,
            issue_id,
            subscriber_state,
        ) in session.connection().execute(statement)
        if not selection.states or state in selection.states
    ]


def make_due(session: Session, wanted: Sequence[int], *, now: datetime, reply: str) -> int:
    """Let waiting deliveries be tried now, and failed ones be queued again; gives how many.

    Their Message-ID, the moment when they were queued and the number of attempts stay, so that the
    same bytes are sent. All have as much time as new ones, until they are given up.
    """
    changed = 0
    for states, after in (
        ((DeliveryState.QUEUED, DeliveryState.FAILED), DeliveryState.QUEUED),
        ((DeliveryState.DEFERRED,), DeliveryState.DEFERRED),
    ):
        statement = (
            update(DeliveryRow)
            .where(col(DeliveryRow.id).in_(wanted), _state_is_one_of(states))
            .values(
                state=after,
                next_attempt_at=now,
                deferred_since=None,
                paced_domain=paced_domain_of(col(DeliveryRow.recipient_domain)),
            )
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
        .where(col(DeliveryRow.id).in_(wanted), _state_is_one_of(WAITING))
        .values(state=DeliveryState.FAILED, last_reply=reply, next_attempt_at=now)
        .returning(col(DeliveryRow.id))
    )
    ids = [number for (number,) in session.execute(statement)]
    _remember(session, ids, state=DeliveryState.FAILED, now=now, reply=reply)
    return len(ids)


def _state_is_one_of(states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    # As an expression, for which there is no index: SQLite would look through all of a state for
    # 500 ids, which takes ten times as long where there are 100,000.
    return func.coalesce(DeliveryRow.state, "").in_(states)


def _remember(
    session: Session, ids: Sequence[int], *, state: DeliveryState, now: datetime, reply: str
) -> None:
    if ids:
        session.connection().execute(
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
