"""Store: changes that wait for a yes by mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from recommender.domain import PendingChange
from recommender.store.tables import PendingChangeRow


def add(
    session: Session,
    *,
    subscriber_id: int,
    command: str,
    new_email: str | None,
    new_email_key: str | None,
    now: datetime,
    expires_at: datetime,
) -> PendingChange:
    """Store a change that nobody said yes to yet."""
    row = PendingChangeRow(
        subscriber_id=subscriber_id,
        command=command,
        new_email=new_email,
        new_email_key=new_email_key,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return _pending(row)


def by_id(session: Session, pending_id: int, subscriber_id: int) -> PendingChange | None:
    """Read a change, where it is this subscriber's."""
    row = session.exec(
        select(PendingChangeRow).where(
            PendingChangeRow.id == pending_id, PendingChangeRow.subscriber_id == subscriber_id
        )
    ).first()
    return None if row is None else _pending(row)


def record_yes(session: Session, pending: PendingChange) -> None:
    """Write who said yes when, and when it was carried out."""
    session.execute(
        update(PendingChangeRow)
        .where(col(PendingChangeRow.id) == pending.id)
        .values(
            old_confirmed_at=pending.old_confirmed_at,
            new_confirmed_at=pending.new_confirmed_at,
            done_at=pending.done_at,
        )
    )


def live(
    session: Session,
    subscriber_id: int,
    *,
    command: str,
    new_email_key: str | None,
    since: datetime,
) -> PendingChange | None:
    """Read the newest change like this one that was asked for since a moment and is not done."""
    row = session.exec(
        select(PendingChangeRow)
        .where(
            PendingChangeRow.subscriber_id == subscriber_id,
            PendingChangeRow.command == command,
            PendingChangeRow.new_email_key == new_email_key,
            col(PendingChangeRow.created_at) > since,
            col(PendingChangeRow.done_at).is_(None),
        )
        .order_by(col(PendingChangeRow.id).desc())
    ).first()
    return None if row is None else _pending(row)


def live_move(session: Session, subscriber_id: int, *, now: datetime) -> PendingChange | None:
    """Read the newest change of address that was asked for, is not done, and has time left."""
    row = session.exec(
        select(PendingChangeRow)
        .where(
            PendingChangeRow.subscriber_id == subscriber_id,
            col(PendingChangeRow.new_email).is_not(None),
            col(PendingChangeRow.expires_at) > now,
            col(PendingChangeRow.done_at).is_(None),
        )
        .order_by(col(PendingChangeRow.id).desc())
    ).first()
    return None if row is None else _pending(row)


def count_recent(
    session: Session, subscriber_id: int, new_email_key: str | None, *, since: datetime
) -> int:
    """Count what was asked for since a moment: in a subscriber's name, or at the new address.

    Returns
    -------
    int
        The larger of the two.
    """
    recent = select(func.count()).where(col(PendingChangeRow.created_at) > since)
    own = session.exec(recent.where(col(PendingChangeRow.subscriber_id) == subscriber_id)).one()
    if new_email_key is None:
        return own
    there = session.exec(recent.where(col(PendingChangeRow.new_email_key) == new_email_key)).one()
    return max(own, there)


def forget_expired(session: Session, *, before: datetime) -> int:
    """Delete changes whose time was over before a moment, and tell how many."""
    statement = (
        delete(PendingChangeRow)
        .where(col(PendingChangeRow.expires_at) < before)
        .returning(col(PendingChangeRow.id))
    )
    return len(session.execute(statement).all())


def _pending(row: PendingChangeRow) -> PendingChange:
    return PendingChange(
        id=row.id or 0,
        subscriber_id=row.subscriber_id,
        command=row.command,
        new_email=row.new_email,
        new_email_key=row.new_email_key,
        created_at=row.created_at,
        expires_at=row.expires_at,
        old_confirmed_at=row.old_confirmed_at,
        new_confirmed_at=row.new_confirmed_at,
        done_at=row.done_at,
    )
