"""Store: requests to be subscribed, until they are decided and as long as caps look back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, true, update
from sqlmodel import Session, col, select

from recommender.domain import DeliveryKind
from recommender.store.tables import DeliveryRow, SubscriberRow, SubscriptionRequestRow

MAILED = "mailed"
"""The outcome of a request that caused a mail; the others are in words."""

MAILED_ENOUGH = "capped: this address was mailed often enough"

_DECIDE = (
    update(SubscriptionRequestRow)
    .where(
        col(SubscriptionRequestRow.id) == bindparam("decided_id"),
        # Two processes may look at the same time; who was first has decided.
        col(SubscriptionRequestRow.decided_at).is_(None),
    )
    .values(decided_at=bindparam("decided_now"), outcome=bindparam("decided_outcome"))
)


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request that waits to be decided; ``network`` as in `membership.limits.network_of`."""

    id: int
    requested_at: datetime
    email: str
    email_key: str
    domain: str
    network: str
    interests: str
    language: str | None


def add(
    session: Session,
    *,
    email: str,
    email_key: str,
    network: str,
    interests: str,
    language: str | None = None,
    now: datetime,
) -> None:
    """Store a request: one statement, whoever the address belongs to."""
    session.connection().execute(
        insert(SubscriptionRequestRow),
        {
            "requested_at": now,
            "email": email,
            "email_key": email_key,
            "domain": email_key.rpartition("@")[2],
            "network": network,
            "interests": interests,
            "language": language,
            "decided_at": None,
            "outcome": "",
        },
    )


def undecided(
    session: Session, *, limit: int, among: Sequence[int] | None = None
) -> list[StoredRequest]:
    """Read requests that nobody decided, in the order in which they came.

    Parameters
    ----------
    among : sequence of int or None
        Only those with these ids; None: all.
    """
    row = SubscriptionRequestRow
    is_meant = true() if among is None else col(row.id).in_(among)
    statement = (
        select(
            col(row.id),
            row.requested_at,
            row.email,
            row.email_key,
            row.domain,
            row.network,
            row.interests,
            row.language,
        )  # type: ignore[call-overload]  # sqlmodel types up to four columns
        .where(col(row.decided_at).is_(None), is_meant)
        .order_by(col(row.id))
        .limit(limit)
    )
    return [StoredRequest(*each) for each in session.exec(statement)]


def caused_mails(session: Session, *, since: datetime) -> list[tuple[datetime, str, str]]:
    """Read when requests caused mails since a moment, at which address, from which network."""
    row = SubscriptionRequestRow
    statement = select(row.decided_at, row.email_key, row.network).where(
        col(row.decided_at) > since, row.outcome == MAILED
    )
    return [(at, address, network) for at, address, network in session.exec(statement) if at]


def interests_confirmed(session: Session, subscriber_id: int, *, mailed_by: datetime) -> str | None:
    """Return what the request said that a confirmation answers, the newest if it answers several.

    A request for which nothing was mailed, because a mail had just gone, is answered by that one.

    Parameters
    ----------
    mailed_by : datetime
        The confirmation is the last one that was queued for them by then.

    Returns
    -------
    str or None
        None where the request is not kept any more.
    """
    sent_at = select(DeliveryRow.created_at).where(
        DeliveryRow.subscriber_id == subscriber_id,
        DeliveryRow.kind == DeliveryKind.CONFIRMATION,
    )
    moments = session.exec(sent_at).all()
    begin = max((moment for moment in moments if moment <= mailed_by), default=None)
    end = min((moment for moment in moments if moment > mailed_by), default=None)
    if begin is None:
        return None
    row = SubscriptionRequestRow
    own_key = (
        select(SubscriberRow.email_key).where(SubscriberRow.id == subscriber_id).scalar_subquery()
    )
    answered = select(row.interests).where(
        row.email_key == own_key,
        col(row.outcome).in_((MAILED, MAILED_ENOUGH)),
        col(row.decided_at) >= begin,
    )
    if end is not None:
        answered = answered.where(col(row.decided_at) < end)
    return session.exec(answered.order_by(col(row.id).desc())).first()


def record_outcomes(session: Session, outcomes: Mapping[int, str], *, now: datetime) -> None:
    """Write what came of requests, by their ids."""
    if outcomes:
        # One statement for all of them.
        session.connection().execute(
            _DECIDE,
            [
                {"decided_id": request_id, "decided_now": now, "decided_outcome": outcome}
                for request_id, outcome in outcomes.items()
            ],
        )


def outcomes_since(session: Session, since: datetime) -> dict[str, int]:
    """Count the requests that were decided since a moment by what came of them."""
    row = SubscriptionRequestRow
    statement = (
        select(row.outcome, func.count())
        .where(col(row.decided_at) >= since)
        .group_by(col(row.outcome))
        .order_by(col(row.outcome))
    )
    return {outcome: number for outcome, number in session.exec(statement)}  # noqa: C416 - rows are no pairs to mypy


def count_waiting(session: Session) -> int:
    """Count the requests that nobody decided."""
    is_waiting = col(SubscriptionRequestRow.decided_at).is_(None)
    return session.exec(select(func.count()).where(is_waiting)).one()


def forget_decided(session: Session, *, before: datetime) -> int:
    """Delete requests that were decided before a moment, and tell how many."""
    statement = (
        delete(SubscriptionRequestRow)
        .where(col(SubscriptionRequestRow.decided_at) < before)
        .returning(col(SubscriptionRequestRow.id))
    )
    return len(session.execute(statement).all())


def emails_waiting(session: Session, email_keys: Sequence[str]) -> set[str]:
    """Return for which of some addresses a request waits to be decided."""
    statement = select(SubscriptionRequestRow.email_key).where(
        col(SubscriptionRequestRow.email_key).in_(email_keys),
        col(SubscriptionRequestRow.decided_at).is_(None),
    )
    return set(session.exec(statement).all())
