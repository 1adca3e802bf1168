"""Store: mail that came in, kept before it is acknowledged, and until somebody may ask for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, insert, update
from sqlmodel import Session, col, select

from recommender.domain import InboundMail
from recommender.errors import InboxFullError
from recommender.store.query_batches import in_batches
from recommender.store.tables import InboundContentRow, InboundMailRow
from recommender.wording import one_line

DROPPED_TOGETHER = 20
"""Contents that are dropped at a time to make room: mails may have 30 MB each."""


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
    def stored_sender(self) -> str:
        """The envelope sender as a database takes it: a stranger's need not be UTF-8."""
        return one_line(self.envelope_sender)

    def known_by(self, content_sha256: str) -> str:
        """Return what is the same for the same mail, by whichever way it comes."""
        words = f"{self.recipient.lower()}\n{self.stored_sender}\n{content_sha256}"
        return hashlib.sha256(words.encode()).hexdigest()


def add_all(
    session: Session, mails: Sequence[NewMail], *, now: datetime, most_bytes: int | None = None
) -> int:
    """Store mails, each once, and what several of them say once as well.

    Parameters
    ----------
    most_bytes : int or None
        Of all contents that are stored; None: without a limit.

    Returns
    -------
    int
        How many of them are new: an MTA that had no answer from us gives a mail again.

    Raises
    ------
    InboxFullError
        If with them there would be more; none of them is stored.
    """
    # One mail to many recipients is one object: it is hashed once.
    hashes = {content: _sha256(content) for content in {mail.content for mail in mails}}
    by_hash = {mail.known_by(hashes[mail.content]): mail for mail in mails}
    known: set[str] = set()
    for some in in_batches(sorted(by_hash)):
        statement = select(InboundMailRow.sha256).where(col(InboundMailRow.sha256).in_(some))
        known.update(session.exec(statement))
    fresh = [(key, mail) for key, mail in by_hash.items() if key not in known]
    if fresh:
        _add_contents(
            session, {hashes[mail.content]: mail.content for _, mail in fresh}, most_bytes
        )
        session.connection().execute(
            insert(InboundMailRow),
            [
                {
                    "received_at": now,
                    "source": mail.source,
                    "envelope_sender": mail.stored_sender,
                    "recipient": mail.recipient,
                    "sha256": key,
                    "content_sha256": hashes[mail.content],
                    "size": len(mail.content),
                    "state": InboundState.STORED,
                    "outcome": "",
                    "attempts": 0,
                }
                for key, mail in fresh
            ],
        )
    return len(fresh)


def _add_contents(session: Session, contents: dict[str, bytes], most_bytes: int | None) -> None:
    known: set[str] = set()
    for some in in_batches(sorted(contents)):
        statement = select(InboundContentRow.sha256).where(col(InboundContentRow.sha256).in_(some))
        known.update(session.exec(statement))
    rows = [
        {"sha256": key, "size": len(content), "content": content}
        for key, content in contents.items()
        if key not in known
    ]
    if not rows:
        return
    new_bytes = sum(len(contents[key]) for key in contents.keys() - known)
    if most_bytes is not None and stored_bytes(session) + new_bytes > most_bytes:
        raise InboxFullError(
            f"the mails that came in fill inbox.quota_megabytes ({most_bytes / 1e6:,.0f} MB); what "
            "comes is put off until there is room"
        )
    session.connection().execute(insert(InboundContentRow), rows)


def stored_bytes(session: Session) -> int:
    """Return how much the mails say that are kept."""
    return int(session.exec(select(func.coalesce(func.sum(InboundContentRow.size), 0))).one())


def make_room(session: Session, *, most_bytes: int) -> int:
    """Drop what mails said until there is no more than this; gives of how many.

    Those that were acted on go first, then those that failed, the oldest first. What waits stays.
    """
    dropped = 0
    for state in (InboundState.DONE, InboundState.FAILED):
        last_id = 0
        while stored_bytes(session) > most_bytes:
            oldest = (
                select(InboundMailRow.id)
                .where(
                    col(InboundMailRow.state) == state,
                    col(InboundMailRow.id) > last_id,
                    col(InboundMailRow.content_sha256).is_not(None),
                )
                .order_by(col(InboundMailRow.id))
                .limit(DROPPED_TOGETHER)
            )
            ids = [mail_id for mail_id in session.exec(oldest) if mail_id is not None]
            if not ids:
                break
            last_id = ids[-1]
            dropped += _drop_contents(session, col(InboundMailRow.id).in_(ids))
    return dropped


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
        content=content_of(session, row.content_sha256) or b"",
        attempts=row.attempts,
    )


def content_of(session: Session, content_sha256: str | None) -> bytes | None:
    """Read a content by its hash; None where it is dropped."""
    statement = select(InboundContentRow.content).where(InboundContentRow.sha256 == content_sha256)
    return session.exec(statement).first()


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
    return _drop_contents(
        session,
        and_(
            col(InboundMailRow.state) == InboundState.DONE,
            col(InboundMailRow.received_at) < before,
            col(InboundMailRow.content_sha256).is_not(None),
        ),
    )


def erase_mails_of(session: Session, subscriber_id: int) -> None:
    """Delete the mails that concerned a subscriber; what they said too, unless others got it."""
    its_own = col(InboundMailRow.subscriber_id) == subscriber_id
    hashes = session.exec(select(InboundMailRow.content_sha256).where(its_own)).all()
    session.execute(delete(InboundMailRow).where(its_own))
    _drop_orphans(session, hashes)


def _drop_contents(session: Session, condition: ColumnElement[bool]) -> int:
    """Take their content from some mails, and drop what no other mail has; gives how many."""
    chosen = select(InboundMailRow.id, InboundMailRow.content_sha256).where(condition)
    found = session.exec(chosen).all()
    for some in in_batches(mail_id for mail_id, _ in found if mail_id is not None):
        session.execute(
            update(InboundMailRow)
            .where(col(InboundMailRow.id).in_(some))
            .values(content_sha256=None)
        )
    _drop_orphans(session, [content_sha256 for _, content_sha256 in found])
    return len(found)


def _drop_orphans(session: Session, hashes: Sequence[str | None]) -> None:
    """Delete those of some contents that no mail has any more."""
    for some in in_batches(sorted({each for each in hashes if each is not None})):
        has_mail = (
            select(InboundMailRow.id)
            .where(col(InboundMailRow.content_sha256) == InboundContentRow.sha256)
            .exists()
        )
        session.execute(
            delete(InboundContentRow).where(col(InboundContentRow.sha256).in_(some), ~has_mail)
        )


def count_outcomes(session: Session, outcome: str, *, since: datetime) -> int:
    """Count the mails about which this was done since a moment."""
    statement = select(func.count()).where(
        col(InboundMailRow.outcome) == outcome, col(InboundMailRow.processed_at) >= since
    )
    return session.exec(statement).one()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def count(session: Session, state: InboundState) -> int:
    """Count the mails in a state."""
    return session.exec(select(func.count()).where(col(InboundMailRow.state) == state)).one()
