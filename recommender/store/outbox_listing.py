"""Store: the outbox as an operator looks through it: what waits, what failed, and its history.

Reads only. A listing takes the ids in their order first and the rows page by page, each in a
transaction of its own: whoever pages through 100,000 rows keeps no snapshot open meanwhile, which
would keep SQLite from shortening its log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func
from sqlmodel import Session, col, select

from recommender.domain import DeliveryKind, DeliveryState
from recommender.store.tables import (
    BounceRow,
    DeliveryAttemptRow,
    DeliveryRow,
    IssueRow,
    SubscriberRow,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deliveries are meant: those that all of its parts hold for; an empty part holds.

    Attributes
    ----------
    domains : tuple of str
        Recipient domains in lower case.
    recipient : str
        An address, compared without regard to case.
    """

    states: tuple[DeliveryState, ...] = ()
    kinds: tuple[DeliveryKind, ...] = ()
    domains: tuple[str, ...] = ()
    recipient: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return it as SQL."""
        found: list[ColumnElement[bool]] = []
        if self.states:
            found.append(col(DeliveryRow.state).in_(self.states))
        if self.kinds:
            found.append(col(DeliveryRow.kind).in_(self.kinds))
        if self.domains:
            found.append(col(DeliveryRow.recipient_domain).in_(self.domains))
        if self.recipient:
            found.append(func.lower(DeliveryRow.recipient) == self.recipient.lower())
        return found


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """One delivery of a listing.

    Attributes
    ----------
    last_event_at : datetime or None
        When a server was asked last, or we did something with it; None where nothing happened yet.
    """

    id: int
    state: DeliveryState
    kind: DeliveryKind
    recipient: str
    recipient_domain: str
    message_id: str
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    times_in_doubt: int
    last_reply: str
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What happened to a delivery once.

    Attributes
    ----------
    state : str
        Where it was afterwards.
    server : str
        ``host:port``; empty where it was we who did something.
    """

    attempted_at: datetime
    state: str
    server: str
    reply_code: int | None
    enhanced_status_code: str | None
    reply: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """A bounce of a delivery."""

    received_at: datetime
    kind: str
    source: str
    enhanced_status_code: str | None
    diagnostic: str


@dataclass(frozen=True, slots=True)
class DeliveryDetails:
    """Everything that is kept of one delivery.

    Attributes
    ----------
    subscriber_email, subscriber_state : str or None
        Of whom it is for as they are now; None where it is for nobody who subscribed.
    issue_number : int or None
        Which of the subscriber's issues it carries.
    worker : str or None
        The process that holds it, ``host:pid:start``, until ``leased_until``.
    """

    listed: ListedDelivery
    key: str
    subscriber_id: int | None
    subscriber_email: str | None
    subscriber_state: str | None
    issue_id: int | None
    issue_number: int | None
    worker: str | None
    leased_until: datetime | None
    history: tuple[HistoryEntry, ...]
    bounces: tuple[CameBack, ...]


def ids(session: Session, selection: Selection, *, limit: int | None = None) -> list[int]:
    """Return the ids of what is meant, the newest trouble first, then what nothing happened to."""
    # By the id of the last event, not its time: an index holds it, and no row has to be read.
    last_event = _last_event(func.max(DeliveryAttemptRow.id))
    statement = (
        select(col(DeliveryRow.id))
        .where(*selection.conditions())
        .order_by(last_event.desc().nulls_last(), col(DeliveryRow.id).desc())
        .limit(limit)
    )
    return [number for number in session.exec(statement) if number is not None]


def read(session: Session, wanted: Sequence[int]) -> list[ListedDelivery]:
    """Read deliveries in the order of their ids; those that were erased meanwhile are left out.

    Parameters
    ----------
    wanted : sequence of int
        At most as many as a statement takes parameters: 1,000 are safe.
    """
    statement = select(DeliveryRow, _last_event(func.max(DeliveryAttemptRow.attempted_at))).where(
        col(DeliveryRow.id).in_(wanted)
    )
    found = {row.id: _listed(row, moment) for row, moment in session.exec(statement)}
    return [found[number] for number in wanted if number in found]


def count_by_state(session: Session, selection: Selection) -> dict[str, int]:
    """Count what is meant in each state, every state named."""
    statement = (
        select(DeliveryRow.state, func.count())
        .where(*selection.conditions())
        .group_by(col(DeliveryRow.state))
    )
    found = dict(session.exec(statement).all())
    return {state.value: found.get(state, 0) for state in DeliveryState}


def count_by_domain(session: Session, selection: Selection) -> dict[str, dict[str, int]]:
    """Count what is meant by recipient domain and state, the domains with most trouble first."""
    statement = (
        select(DeliveryRow.recipient_domain, DeliveryRow.state, func.count())
        .where(*selection.conditions())
        .group_by(col(DeliveryRow.recipient_domain), col(DeliveryRow.state))
    )
    domains: dict[str, dict[str, int]] = defaultdict(dict)
    for domain, state, number in session.exec(statement):
        domains[domain][state] = number

    def by_trouble(item: tuple[str, dict[str, int]]) -> tuple[int, int, str]:
        domain, states = item
        trouble = states.get(DeliveryState.FAILED, 0) + states.get(DeliveryState.DEFERRED, 0)
        return -trouble, -sum(states.values()), domain

    return dict(sorted(domains.items(), key=by_trouble))


def find(session: Session, *, delivery_id: int = 0, message_id: str = "") -> DeliveryDetails | None:
    """Read everything of one delivery, by its id or its Message-ID."""
    condition = (
        col(DeliveryRow.message_id) == message_id
        if message_id
        else col(DeliveryRow.id) == delivery_id
    )
    statement = (
        select(DeliveryRow, SubscriberRow, IssueRow)
        .join(SubscriberRow, col(DeliveryRow.subscriber_id) == SubscriberRow.id, isouter=True)
        .join(IssueRow, col(DeliveryRow.issue_id) == IssueRow.id, isouter=True)
        .where(condition)
    )
    found: Any = session.exec(statement).first()
    if found is None:
        return None
    row, subscriber, issue = found
    history = _history(session, row.id)
    return DeliveryDetails(
        listed=_listed(row, history[-1].attempted_at if history else None),
        key=row.key,
        subscriber_id=row.subscriber_id,
        subscriber_email=None if subscriber is None else subscriber.email,
        subscriber_state=None if subscriber is None else subscriber.state,
        issue_id=row.issue_id,
        issue_number=None if issue is None else issue.number,
        worker=row.worker,
        leased_until=row.leased_until,
        history=history,
        bounces=_bounces(session, row.id),
    )


def _last_event(what: Any) -> ScalarSelect[Any]:
    return (
        select(what)
        .where(col(DeliveryAttemptRow.delivery_id) == DeliveryRow.id)
        .correlate(DeliveryRow)
        .scalar_subquery()
    )


def _history(session: Session, delivery_id: int) -> tuple[HistoryEntry, ...]:
    statement = (
        select(DeliveryAttemptRow)
        .where(DeliveryAttemptRow.delivery_id == delivery_id)
        .order_by(col(DeliveryAttemptRow.id))
    )
    return tuple(
        HistoryEntry(
            attempted_at=row.attempted_at,
            state=row.state,
            server=row.server,
            reply_code=row.reply_code,
            enhanced_status_code=row.enhanced_status_code,
            reply=row.reply,
        )
        for row in session.exec(statement)
    )


def _bounces(session: Session, delivery_id: int) -> tuple[CameBack, ...]:
    statement = (
        select(BounceRow).where(BounceRow.delivery_id == delivery_id).order_by(col(BounceRow.id))
    )
    return tuple(
        CameBack(row.received_at, row.kind, row.source, row.enhanced_status_code, row.diagnostic)
        for row in session.exec(statement)
    )


def _listed(row: DeliveryRow, last_event_at: datetime | None) -> ListedDelivery:
    return ListedDelivery(
        id=row.id or 0,
        state=DeliveryState(row.state),
        kind=DeliveryKind(row.kind),
        recipient=row.recipient,
        recipient_domain=row.recipient_domain,
        message_id=row.message_id,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        attempts=row.attempts,
        times_in_doubt=row.times_in_doubt,
        last_reply=row.last_reply,
        last_event_at=last_event_at,
    )


def keys_to(
    session: Session, subscriber_id: int, kind: DeliveryKind, *, since: datetime
) -> list[str]:
    """Return the keys of the messages of a kind that were queued for somebody since a moment."""
    statement = (
        select(DeliveryRow.key)
        .where(
            DeliveryRow.subscriber_id == subscriber_id,
            DeliveryRow.kind == kind,
            col(DeliveryRow.created_at) >= since,
        )
        .order_by(col(DeliveryRow.id))
    )
    return list(session.exec(statement))
