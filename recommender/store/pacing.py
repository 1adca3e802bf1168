"""Store: how servers and recipient domains take our mail, and what was sent when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from recommender.domain import DeliveryKind, DeliveryState, DomainPace, ServerState
from recommender.store.outbox import NO_PACE
from recommender.store.query_batches import in_batches
from recommender.store.tables import (
    DeliveryAttemptRow,
    DeliveryRow,
    DomainPaceRow,
    SmtpServerRow,
)

_UNSENT = tuple(state for state in DeliveryState if state is not DeliveryState.SENT)


def server_states(session: Session, names: Collection[str]) -> dict[str, ServerState]:
    """Read how servers fared; one that is not known yet is as good as new."""
    rows = session.exec(select(SmtpServerRow).where(col(SmtpServerRow.name).in_(names)))
    known = {
        row.name: ServerState(
            row.troubles,
            row.paused_until,
            row.last_trouble,
            row.bulk_refusals,
            row.bulk_held_until,
        )
        for row in rows
    }
    return {name: known.get(name, ServerState()) for name in names}


def save_server_states(
    session: Session, states: Mapping[str, ServerState], *, now: datetime
) -> None:
    """Keep how servers fared."""
    if not states:
        return
    session.execute(delete(SmtpServerRow).where(col(SmtpServerRow.name).in_(states)))
    session.execute(
        insert(SmtpServerRow),
        [{"name": name, **asdict(state), "updated_at": now} for name, state in states.items()],
    )


def domain_paces(session: Session, *, slowed: bool = False) -> dict[str, DomainPace]:
    """Read the pace of every domain that is paced or paused, or of those that asked for less."""
    statement = select(DomainPaceRow)
    if slowed:
        statement = statement.where(col(DomainPaceRow.slowed_at).is_not(None))
    return {
        row.domain: DomainPace(
            row.messages_per_minute, row.paused_until, row.last_reply, row.slowed_at
        )
        for row in session.exec(statement)
    }


def save_domain_paces(session: Session, paces: Mapping[str, DomainPace], *, now: datetime) -> None:
    """Keep the paces of domains; one that is neither paced nor paused is forgotten."""
    before: set[str] = set()
    for some in in_batches(sorted(paces)):
        forgotten = delete(DomainPaceRow).where(col(DomainPaceRow.domain).in_(some))
        before.update(session.scalars(forgotten.returning(col(DomainPaceRow.domain))))
    rows = [
        {"domain": domain, **asdict(pace), "updated_at": now}
        for domain, pace in paces.items()
        if pace.messages_per_minute is not None
        or (pace.paused_until is not None and pace.paused_until > now)
    ]
    if rows:
        session.execute(insert(DomainPaceRow), rows)
    after = {str(row["domain"]) for row in rows}
    _mark_unsent(session, after - before, paced=True)
    _mark_unsent(session, before - after, paced=False)


def _mark_unsent(session: Session, domains: Collection[str], *, paced: bool) -> None:
    """Set the ``paced_domain`` of all that was not sent yet to some domains."""
    for some in in_batches(sorted(domains)):
        session.execute(
            update(DeliveryRow)
            .where(col(DeliveryRow.state).in_(_UNSENT), col(DeliveryRow.recipient_domain).in_(some))
            .values(paced_domain=col(DeliveryRow.recipient_domain) if paced else NO_PACE)
        )


def attempts_since(session: Session, server: str, since: datetime, *, most: int) -> list[datetime]:
    """Return when a server was last given messages, the newest first."""
    statement = (
        select(DeliveryAttemptRow.attempted_at)
        .where(DeliveryAttemptRow.attempted_at > since, DeliveryAttemptRow.server == server)
        .order_by(col(DeliveryAttemptRow.attempted_at).desc())
        .limit(most)
    )
    return list(session.exec(statement))


def sent_between(
    session: Session, kinds: Sequence[DeliveryKind], begin: datetime, end: datetime
) -> int:
    """Count the messages of some kinds that were sent from a moment on and before another."""
    statement = (
        select(func.count())
        .select_from(DeliveryAttemptRow)
        .join(DeliveryRow, col(DeliveryRow.id) == col(DeliveryAttemptRow.delivery_id))
        .where(
            DeliveryAttemptRow.attempted_at >= begin,
            DeliveryAttemptRow.attempted_at < end,
            DeliveryAttemptRow.state == DeliveryState.SENT,
            # What was recorded without a server was not sent by one.
            DeliveryAttemptRow.server != "",
            col(DeliveryRow.kind).in_(kinds),
        )
    )
    return session.exec(statement).one()
