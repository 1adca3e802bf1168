"""Store: what keeps messages back although they are due: the operator, servers, bulk mail, domains.

Reads what deliveries learned, and forgets it when an operator says so; who paces deliveries is
`pacing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from recommender.store import sending_pause
from recommender.store.tables import DomainPaceRow, SmtpServerRow


@dataclass(frozen=True, slots=True)
class ServerHold:
    """An SMTP server that gets nothing for now, or no newsletters.

    Attributes
    ----------
    paused_until : datetime or None
        Nothing is sent to it until then.
    bulk_held_until : datetime or None
        No newsletters are sent through it until then.
    last_trouble : str
        What it said, or what was wrong with it.
    """

    server: str
    troubles: int
    paused_until: datetime | None
    bulk_refusals: int
    bulk_held_until: datetime | None
    last_trouble: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DomainHold:
    """A recipient domain that is sent to slowly, or not at all for now."""

    domain: str
    messages_per_minute: float | None
    paused_until: datetime | None
    slowed_at: datetime | None
    last_reply: str


@dataclass(frozen=True, slots=True)
class Holds:
    """All that keeps messages back at a moment.

    Attributes
    ----------
    paused_at : datetime or None
        Since when the operator pauses sending; None where they do not.
    """

    servers: tuple[ServerHold, ...] = ()
    domains: tuple[DomainHold, ...] = ()
    paused_at: datetime | None = None


def at(session: Session, now: datetime) -> Holds:
    """Read what holds at a moment; what ended by itself is left out."""
    servers = session.exec(
        select(SmtpServerRow)
        .where(
            or_(
                col(SmtpServerRow.paused_until) > now,
                col(SmtpServerRow.bulk_held_until) > now,
            )
        )
        .order_by(col(SmtpServerRow.name))
    )
    domains = session.exec(
        select(DomainPaceRow)
        .where(
            or_(
                col(DomainPaceRow.messages_per_minute).is_not(None),
                col(DomainPaceRow.paused_until) > now,
            )
        )
        .order_by(col(DomainPaceRow.domain))
    )
    return Holds(
        servers=tuple(
            ServerHold(
                server=row.name,
                troubles=row.troubles,
                paused_until=_still(row.paused_until, now),
                bulk_refusals=row.bulk_refusals,
                bulk_held_until=_still(row.bulk_held_until, now),
                last_trouble=row.last_trouble,
                updated_at=row.updated_at,
            )
            for row in servers
        ),
        domains=tuple(
            DomainHold(
                domain=row.domain,
                messages_per_minute=row.messages_per_minute,
                paused_until=_still(row.paused_until, now),
                slowed_at=row.slowed_at,
                last_reply=row.last_reply,
            )
            for row in domains
        ),
        paused_at=sending_pause.paused_at(session),
    )


def lift(session: Session, *, now: datetime) -> Holds:
    """Forget what servers and domains hold, and return what did; their last words stay to be read.

    The operator's own pause is not lifted by the way.
    """
    held = replace(at(session, now), paused_at=None)
    session.execute(
        update(SmtpServerRow).values(
            troubles=0, paused_until=None, bulk_refusals=0, bulk_held_until=None, updated_at=now
        )
    )
    session.execute(
        update(DomainPaceRow).values(
            messages_per_minute=None, paused_until=None, slowed_at=None, updated_at=now
        )
    )
    return held


def _still(until: datetime | None, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None
