"""Store: what came back, once each, and how mail to each domain fared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from recommender.domain import Bounce, BounceKind, DeliveryKind, DeliveryState
from recommender.store.dialects import dialect_in
from recommender.store.tables import BounceRow, DeliveryAttemptRow, DeliveryRow


@dataclass(frozen=True, slots=True)
class RefusedDelivery:
    """A delivery that a server refused for good, of which no bounce is stored yet."""

    attempt_id: int
    delivery_id: int
    subscriber_id: int
    attempted_at: datetime
    reply_code: int
    enhanced_status_code: str | None
    reply: str


@dataclass(frozen=True, slots=True)
class DomainCounts:
    """Messages to one recipient domain, and what came back of them."""

    domain: str
    sent: int
    hard_bounces: int
    complaints: int


def add(
    session: Session,
    key: str,
    bounce: Bounce,
) -> Bounce | None:
    """Store a bounce; its own ``id`` is not used.

    Parameters
    ----------
    key : str
        Names the report, so that it counts once.

    Returns
    -------
    Bounce or None
        As it is stored; None where it was before.
    """
    if session.exec(select(BounceRow.id).where(BounceRow.key == key)).first() is not None:
        return None
    row = BounceRow(
        key=key,
        subscriber_id=bounce.subscriber_id,
        delivery_id=bounce.delivery_id,
        kind=bounce.kind,
        weight=bounce.weight,
        enhanced_status_code=bounce.enhanced_status_code,
        diagnostic=bounce.diagnostic,
        source=bounce.source,
        received_at=bounce.received_at,
        recipient_domain=bounce.recipient_domain,
        wording=bounce.wording,
    )
    session.add(row)
    session.flush()
    return _bounce(row)


def of_subscriber(session: Session, subscriber_id: int) -> list[Bounce]:
    """Read all bounces of a subscriber, the oldest first."""
    statement = (
        select(BounceRow)
        .where(BounceRow.subscriber_id == subscriber_id)
        .order_by(col(BounceRow.received_at), col(BounceRow.id))
    )
    return [_bounce(row) for row in session.exec(statement)]


def delivery_kind(
    session: Session, delivery_id: int, *, subscriber_id: int
) -> tuple[DeliveryKind, str] | None:
    """Return the kind of a delivery and its recipient; None: not theirs, or gone."""
    statement = select(DeliveryRow.kind, DeliveryRow.recipient).where(
        DeliveryRow.id == delivery_id, DeliveryRow.subscriber_id == subscriber_id
    )
    found = session.exec(statement).first()
    return None if found is None else (DeliveryKind(found[0]), found[1])


def delivery_by_message_id(session: Session, message_id: str) -> tuple[int, int] | None:
    """Find a delivery, and its subscriber, by its Message-ID; None for one of nobody."""
    statement = select(DeliveryRow.id, DeliveryRow.subscriber_id).where(
        DeliveryRow.message_id == message_id
    )
    found = session.exec(statement).first()
    if found is None or found[0] is None or found[1] is None:
        return None
    return found[0], found[1]


def last_probe_at(session: Session, subscriber_id: int) -> datetime | None:
    """Return when the last probe was queued for a subscriber."""
    statement = select(func.max(DeliveryRow.created_at)).where(
        DeliveryRow.subscriber_id == subscriber_id, DeliveryRow.kind == DeliveryKind.PROBE
    )
    return session.exec(statement).one()


def refused_deliveries(
    session: Session, *, since: datetime, limit: int = 1000
) -> list[RefusedDelivery]:
    """Read which deliveries a server refused for good since a moment, without a bounce yet.

    What never reached a server is left out: that was our decision.
    """
    statement = (
        select(col(DeliveryAttemptRow.id))
        .add_columns(
            col(DeliveryAttemptRow.delivery_id),
            col(DeliveryRow.subscriber_id),
            col(DeliveryAttemptRow.attempted_at),
            col(DeliveryAttemptRow.reply_code),
            col(DeliveryAttemptRow.enhanced_status_code),
            col(DeliveryAttemptRow.reply),
        )
        .join(DeliveryRow, col(DeliveryRow.id) == col(DeliveryAttemptRow.delivery_id))
        .outerjoin(
            BounceRow,
            (col(BounceRow.delivery_id) == col(DeliveryAttemptRow.delivery_id))
            & (col(BounceRow.received_at) == col(DeliveryAttemptRow.attempted_at))
            & (col(BounceRow.source) == "smtp"),
        )
        .where(
            col(DeliveryAttemptRow.attempted_at) >= since,
            col(DeliveryAttemptRow.state) == DeliveryState.FAILED,
            col(DeliveryAttemptRow.reply_code) >= 500,  # noqa: PLR2004 - permanent refusals
            col(DeliveryAttemptRow.server) != "",
            col(DeliveryRow.subscriber_id).is_not(None),
            col(BounceRow.id).is_(None),
        )
        .order_by(col(DeliveryAttemptRow.id))
        .limit(limit)
    )
    return [RefusedDelivery(*row) for row in session.connection().execute(statement)]


def counts_by_domain(session: Session, *, since: datetime) -> list[DomainCounts]:
    """Count what was sent to each domain since a moment and what came back, most sent first."""
    statement = (
        select(DeliveryRow.recipient_domain, func.count())
        .join(DeliveryAttemptRow, col(DeliveryAttemptRow.delivery_id) == col(DeliveryRow.id))
        .where(
            col(DeliveryAttemptRow.attempted_at) >= since,
            col(DeliveryAttemptRow.state) == DeliveryState.SENT,
        )
        .group_by(col(DeliveryRow.recipient_domain))
    )
    sent = {domain: number for domain, number in session.exec(statement)}  # noqa: C416, rows are no pairs to dict()
    came_back: dict[tuple[str, str], int] = {}
    kinds = (
        select(BounceRow.recipient_domain, BounceRow.kind, func.count())
        .where(col(BounceRow.received_at) >= since)
        .group_by(col(BounceRow.recipient_domain), col(BounceRow.kind))
    )
    for domain, kind, number in session.exec(kinds):
        came_back[domain, kind] = number
    domains = {*sent, *(domain for domain, _ in came_back)}
    counts = [
        DomainCounts(
            domain,
            sent.get(domain, 0),
            came_back.get((domain, BounceKind.HARD), 0),
            came_back.get((domain, BounceKind.COMPLAINT), 0),
        )
        for domain in domains
    ]
    return sorted(counts, key=lambda each: (-each.sent, each.domain))


def readers_failing(
    session: Session, domain: str, wording: str, *, since: datetime, until: datetime
) -> int:
    """Count readers at a domain whose mail came back with the same words, in [since, until]."""
    statement = select(func.count(func.distinct(BounceRow.subscriber_id))).where(
        BounceRow.recipient_domain == domain,
        BounceRow.wording == wording,
        BounceRow.kind != BounceKind.COMPLAINT,
        col(BounceRow.received_at) >= since,
        col(BounceRow.received_at) <= until,
    )
    return session.exec(statement).one()


def readers_taking(session: Session, domain: str, *, since: datetime, most: int) -> int:
    """Count readers at a domain who took mail since a moment and sent nothing back, up to ``most``.

    The newest are looked at first, so that a large domain is not counted through.
    """
    oldest = session.exec(
        select(DeliveryAttemptRow.delivery_id)
        .where(col(DeliveryAttemptRow.attempted_at) >= since)
        .order_by(col(DeliveryAttemptRow.attempted_at))
        .limit(1)
    ).first()
    if oldest is None:
        return 0
    came_back = select(BounceRow.id).where(
        col(BounceRow.subscriber_id) == col(DeliveryRow.subscriber_id),
        col(BounceRow.received_at) >= since,
    )
    statement = (
        select(DeliveryRow.subscriber_id)
        .where(
            DeliveryRow.state == DeliveryState.SENT,
            DeliveryRow.recipient_domain == domain,
            col(DeliveryRow.id) >= oldest,
            col(DeliveryRow.subscriber_id).is_not(None),
            ~came_back.exists(),
        )
        .order_by(col(DeliveryRow.id).desc())
    )
    found: set[int | None] = set()
    for subscriber_id in session.exec(statement):
        found.add(subscriber_id)
        if len(found) >= most:
            break
    return len(found)


def wordings_of_many(
    session: Session, *, since: datetime, fewest: int
) -> list[tuple[str, str, str]]:
    """Read by which words many readers of one domain fail, most readers first.

    Returns
    -------
    list of (str, str, str)
        Domain, wording, and a diagnostic as it came; one for each domain.
    """
    readers = func.count(func.distinct(BounceRow.subscriber_id))
    statement = (
        select(BounceRow.recipient_domain, BounceRow.wording, func.max(BounceRow.diagnostic))
        .where(col(BounceRow.received_at) >= since, BounceRow.kind != BounceKind.COMPLAINT)
        .group_by(col(BounceRow.recipient_domain), col(BounceRow.wording))
        .having(readers >= fewest)
        .order_by(readers.desc())
    )
    found: dict[str, tuple[str, str, str]] = {}
    for domain, wording, diagnostic in session.exec(statement):
        found.setdefault(domain, (domain, wording, diagnostic))
    return list(found.values())


def days_of_many(
    session: Session, domain: str, wording: str, *, since: datetime, fewest: int
) -> list[date]:
    """Read on which days many readers of a domain failed by the same words, the newest first."""
    day = dialect_in(session).day_of(BounceRow.received_at)
    statement = (
        select(day)
        .where(
            BounceRow.recipient_domain == domain,
            BounceRow.wording == wording,
            BounceRow.kind != BounceKind.COMPLAINT,
            col(BounceRow.received_at) >= since,
        )
        .group_by(day)
        .having(func.count(func.distinct(BounceRow.subscriber_id)) >= fewest)
        .order_by(day.desc())
    )
    return [date.fromisoformat(each) for each in session.exec(statement)]


def recent(session: Session, *, since: datetime, limit: int) -> Sequence[Bounce]:
    """Read the newest bounces."""
    statement = (
        select(BounceRow)
        .where(col(BounceRow.received_at) >= since)
        .order_by(col(BounceRow.received_at).desc(), col(BounceRow.id).desc())
        .limit(limit)
    )
    return [_bounce(row) for row in session.exec(statement)]


def _bounce(row: BounceRow) -> Bounce:
    return Bounce(
        id=row.id or 0,
        subscriber_id=row.subscriber_id,
        delivery_id=row.delivery_id,
        kind=BounceKind(row.kind),
        weight=row.weight,
        enhanced_status_code=row.enhanced_status_code,
        diagnostic=row.diagnostic,
        source=row.source,
        received_at=row.received_at,
        recipient_domain=row.recipient_domain,
        wording=row.wording,
    )
