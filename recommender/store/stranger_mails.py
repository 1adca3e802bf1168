"""Store: mails to addresses that no subscriber has, as long as rations look back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from recommender.store.tables import StrangerMailRow


@dataclass(frozen=True, slots=True)
class StrangerMail:
    """A mail that somebody caused at an address: when, by what, from where; ``name``: what it was.

    ``network`` is as in `membership.limits.network_of_sender`.
    """

    caused_at: datetime
    email_key: str
    network: str
    name: str


def add(session: Session, mail: StrangerMail) -> None:
    """Count a mail, in the transaction that queues it."""
    session.connection().execute(
        insert(StrangerMailRow),
        {
            "caused_at": mail.caused_at,
            "email_key": mail.email_key,
            "network": mail.network,
            "name": mail.name,
        },
    )


def since(session: Session, moment: datetime) -> list[StrangerMail]:
    """Read the mails that were caused since a moment, the first one first."""
    row = StrangerMailRow
    statement = (
        select(row.caused_at, row.email_key, row.network, row.name)
        .where(col(row.caused_at) > moment)
        .order_by(col(row.id))
    )
    return [StrangerMail(*each) for each in session.exec(statement)]


def forget(session: Session, *, before: datetime) -> int:
    """Delete what was caused before a moment, and return how many they were."""
    statement = (
        delete(StrangerMailRow)
        .where(col(StrangerMailRow.caused_at) < before)
        .returning(col(StrangerMailRow.id))
    )
    return len(session.execute(statement).all())
