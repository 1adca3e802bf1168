"""Store: mail that came in, as an operator looks at it, and put back to be acted on again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from recommender.store.inbound import InboundState, content_of
from recommender.store.tables import InboundMailRow

NOT_READ: Final = "not read: "
"""How the outcome of a mail begins that was left alone, and may be acted on later."""


@dataclass(frozen=True, slots=True)
class ListedMail:
    """A mail that came in, without what it says.

    Attributes
    ----------
    outcome : str
        What was done about it, or why that failed; empty where it waits.
    is_kept : bool
        Whether what it says is still there.
    """

    id: int
    state: InboundState
    received_at: datetime
    source: str
    envelope_sender: str
    recipient: str
    size: int
    attempts: int
    outcome: str
    processed_at: datetime | None
    subscriber_id: int | None
    is_kept: bool


_COLUMNS = (
    *(col(InboundMailRow.id), col(InboundMailRow.state), col(InboundMailRow.received_at)),
    *(col(InboundMailRow.source), col(InboundMailRow.envelope_sender)),
    *(col(InboundMailRow.recipient), col(InboundMailRow.size), col(InboundMailRow.attempts)),
    *(col(InboundMailRow.outcome), col(InboundMailRow.processed_at)),
    *(col(InboundMailRow.subscriber_id), col(InboundMailRow.content_sha256).is_not(None)),
)


def newest(
    session: Session, states: Sequence[InboundState], *, limit: int | None
) -> Iterator[ListedMail]:
    """Yield the mails in some states, the one that came last first."""
    chosen = select(*_COLUMNS).where(col(InboundMailRow.state).in_(states))  # type: ignore[call-overload]  # more columns than are typed
    statement = chosen.order_by(col(InboundMailRow.id).desc()).limit(limit)
    for row in session.execute(statement):
        yield _listed(row)


def newest_to(session: Session, tag: str) -> ListedMail | None:
    """Return the mail that came last to an address with this plus-tag, in lower case."""
    is_to = func.lower(InboundMailRow.recipient).contains(f"+{tag}@", autoescape=True)
    chosen = select(*_COLUMNS).where(is_to)  # type: ignore[call-overload]  # as above
    row = session.execute(chosen.order_by(col(InboundMailRow.id).desc()).limit(1)).first()
    return None if row is None else _listed(row)


def by_id(session: Session, mail_id: int) -> ListedMail | None:
    """Return one mail; None where there is none."""
    statement = select(*_COLUMNS).where(col(InboundMailRow.id) == mail_id)  # type: ignore[call-overload]  # as above
    row = session.execute(statement).first()
    return None if row is None else _listed(row)


def content(session: Session, mail_id: int) -> bytes | None:
    """Return what a mail says; None where it is dropped."""
    statement = select(InboundMailRow.content_sha256).where(col(InboundMailRow.id) == mail_id)
    return content_of(session, session.exec(statement).first())


def counts(session: Session) -> dict[InboundState, int]:
    """Count the mails in each state."""
    statement = select(InboundMailRow.state, func.count()).group_by(col(InboundMailRow.state))
    found = {InboundState(state): number for state, number in session.exec(statement)}
    return {state: found.get(state, 0) for state in InboundState}


def put_back(session: Session, mail_ids: Sequence[int] | None = None) -> list[int]:
    """Let all failed mails wait again, or those that are named and failed or were not read."""
    failed = col(InboundMailRow.state) == InboundState.FAILED
    statement = update(InboundMailRow).where(col(InboundMailRow.content_sha256).is_not(None))
    if mail_ids is None:
        statement = statement.where(failed)
    else:
        was_left = (col(InboundMailRow.state) == InboundState.DONE) & col(
            InboundMailRow.outcome
        ).startswith(NOT_READ, autoescape=True)
        statement = statement.where(or_(failed, was_left), col(InboundMailRow.id).in_(mail_ids))
    changed = statement.values(state=InboundState.STORED, attempts=0, processed_at=None)
    return sorted(session.execute(changed.returning(col(InboundMailRow.id))).scalars())


def _listed(row: Sequence[object]) -> ListedMail:
    mail_id, state, *others = row
    return ListedMail(mail_id, InboundState(state), *others)  # type: ignore[arg-type]  # columns in the order of the fields
