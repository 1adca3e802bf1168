"""Store: what each subscriber changed last, so that it can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from recommender.store.own_page_tables import LastChangeRow


@dataclass(frozen=True, slots=True)
class LastChange:
    """What a subscriber changed last.

    Attributes
    ----------
    number : int
        Another one with each of their changes, >= 1.
    kind, subject : str
        What was changed, and which one of its kind.
    before, after : dict
        How it was, and what became of it: plain values of JSON.
    """

    number: int
    kind: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]
    changed_at: datetime


def put(
    session: Session,
    subscriber_id: int,
    *,
    kind: str,
    subject: str,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> int:
    """Write what a subscriber changed, instead of what they changed before; gives its number."""
    row = session.get(LastChangeRow, subscriber_id)
    number = 1 if row is None else row.number + 1
    session.merge(
        LastChangeRow(
            subscriber_id=subscriber_id,
            number=number,
            kind=kind,
            subject=subject,
            before=before,
            after=after,
            changed_at=now,
        )
    )
    session.flush()
    return number


def of_subscriber(session: Session, subscriber_id: int) -> LastChange | None:
    """Read what a subscriber changed last."""
    row = session.get(LastChangeRow, subscriber_id)
    if row is None:
        return None
    return LastChange(row.number, row.kind, row.subject, row.before, row.after, row.changed_at)


def forget(session: Session, *, before: datetime) -> None:
    """Delete the changes of before a moment."""
    session.execute(delete(LastChangeRow).where(col(LastChangeRow.changed_at) < before))
