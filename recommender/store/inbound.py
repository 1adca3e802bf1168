"""Store: mail that came in, kept before it is acknowledged, and until somebody may ask for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, update
from sqlmodel import Session, col, select

from recommender.domain import InboundMail
from recommender.store.query_batches import in_batches
from recommender.store.tables import InboundMailRow


class InboundState(StrEnum):
    """Where a mail that came in is."""

    STORED = "stored"
    """Nothing was done about it yet."""
    DONE = "done"
    FAILED = "failed"
    """Acting on it failed too often; the outcome says why."""


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail that is not stored yet; the fields are those of `domain.InboundMail`."""

    source: str
    envelope_sender: str
    recipient: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The same for the same mail, by whichever way it comes: it is stored once."""
        head = f"{self.recipient.lower()}\n{self.envelope_sender}\n".encode()
        return hashlib.sha256(head + self.content).hexdigest()


def add_all(session: Session, mails: Sequence[NewMail], *, now: datetime) -> int:
    """Store mails, each once.

    Returns
    -------
    int
        How many of them are new: an MTA that had no answer from us gives a mail again.
    """
    by_hash = {mail.sha256: mail for mail in mails}
    known: set[str] = set()
    for some in in_batches(sorted(by_hash)):
        statement = select(InboundMailRow.sha256).where(col(InboundMailRow.sha256).in_(some))
        known.update(session.exec(statement))
    fresh = [(key, mail) for key, mail in by_hash.items() if key not in known]
    if fresh:
        session.connection().execute(
            insert(InboundMailRow),
            [
                {
                    "received_at": now,
                    "source": mail.source,
                    "envelope_sender": mail.envelope_sender,
                    "recipient": mail.recipient,
                    "sha256": key,
                    "content": mail.content,
                    "size": len(mail.content),
                    "state": InboundState.STORED,
                    "outcome": "",
                    "attempts": 0,
                }
                for key, mail in fresh
            ],
        )
    return len(fresh)


def waiting(session: Session, *, limit: int = 1000) -> list[int]:
    """Return which mails wait: the first that came first, behind all those that nobody tried."""
    statement = (
        select(InboundMailRow.id)
        .where(col(InboundMailRow.state) == InboundState.STORED)
        .order_by(col(InboundMailRow.attempts), col(InboundMailRow.id))
        .limit(limit)
    )
    return [mail_id for mail_id in session.exec(statement) if mail_id is not None]


def begin(session: Session, mail_id: int) -> InboundMail | None:
    """Count an attempt to read a mail that waits, and give it; None where it waits no more.

    Counted before anything is tried: what ends the whole program is known when it starts again.
    """
    statement = (
        update(InboundMailRow)
        .where(col(InboundMailRow.id) == mail_id, col(InboundMailRow.state) == InboundState.STORED)
        .values(attempts=col(InboundMailRow.attempts) + 1)
        .returning(col(InboundMailRow.id))
    )
    if session.execute(statement).scalar() is None:
        return None
    row = session.get_one(InboundMailRow, mail_id)
    return InboundMail(
        id=row.id or 0,
        received_at=row.received_at,
        source=row.source,
        envelope_sender=row.envelope_sender,
        recipient=row.recipient,
        content=row.content or b"",
        attempts=row.attempts,
    )


def give_back(session: Session, mail_id: int) -> None:
    """Take an attempt back that the mail had no part in."""
    session.execute(
        update(InboundMailRow)
        .where(col(InboundMailRow.id) == mail_id)
        .values(attempts=col(InboundMailRow.attempts) - 1)
    )


def is_waiting(session: Session, mail_id: int) -> bool:
    """Return whether nobody has acted on a mail yet.

    It is locked where the database locks rows, until the transaction ends.
    """
    statement = (
        select(InboundMailRow.id)
        .where(col(InboundMailRow.id) == mail_id, col(InboundMailRow.state) == InboundState.STORED)
        .with_for_update()
    )
    return session.exec(statement).first() is not None


def finish(
    session: Session,
    mail_id: int,
    *,
    envelope_sender: str,
    recipient: str,
    outcome: str,
    subscriber_id: int | None,
    now: datetime,
) -> None:
    """Write what was done about a mail, in the transaction that does it.

    Parameters
    ----------
    envelope_sender, recipient : str
        Of a mail from a mailbox, they are known when it was read.
    """
    session.execute(
        update(InboundMailRow)
        .where(col(InboundMailRow.id) == mail_id)
        .values(
            state=InboundState.DONE,
            envelope_sender=envelope_sender,
            recipient=recipient,
            outcome=outcome,
            subscriber_id=subscriber_id,
            processed_at=now,
        )
    )


def note_failure(
    session: Session, mail_id: int, *, reason: str, is_last: bool, now: datetime
) -> None:
    """Write why an attempt failed; after the last one the mail is kept, and not tried again."""
    state = InboundState.FAILED if is_last else InboundState.STORED
    session.execute(
        update(InboundMailRow)
        .where(col(InboundMailRow.id) == mail_id, col(InboundMailRow.state) == InboundState.STORED)
        .values(state=state, outcome=reason, processed_at=now)
    )


def purge(session: Session, *, before: datetime) -> int:
    """Drop what mails said that came before a moment and were acted on; gives how many."""
    statement = (
        update(InboundMailRow)
        .where(
            col(InboundMailRow.state) == InboundState.DONE,
            col(InboundMailRow.received_at) < before,
            col(InboundMailRow.content).is_not(None),
        )
        .values(content=None)
        .returning(col(InboundMailRow.id))
    )
    return len(session.execute(statement).all())


def count(session: Session, state: InboundState) -> int:
    """Count the mails in a state."""
    return session.exec(select(func.count()).where(col(InboundMailRow.state) == state)).one()
