"""Store: what is kept for a while only: old issues, messages and mails go, some at a time.

What they decide for later stays: a paper of an issue that goes is never sent to its reader again,
ratings are rows of their own, and an interrupted run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlmodel import Session, col

from recommender.domain import DeliveryState
from recommender.store import frozen
from recommender.store.issue_tables import SentPaperRow
from recommender.store.query_batches import insert_missing
from recommender.store.tables import (
    BounceRow,
    DeliveryAttemptRow,
    DeliveryRow,
    InboundMailRow,
    IssueRow,
)

_ENDED = (DeliveryState.SENT, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one step came to.

    Attributes
    ----------
    number : int
        How many rows went.
    last_id : int or None
        Where the next step begins; None: nothing else is old enough.
    """

    number: int
    last_id: int | None


def forget_deliveries(
    session: Session, *, before: datetime, after_id: int, limit: int
) -> Forgotten:
    """Delete messages that were queued before a moment and are sent or failed, with their history.

    Bounces stay, for as long as they count.
    """
    columns = (col(DeliveryRow.id), col(DeliveryRow.created_at), col(DeliveryRow.state))
    rows, last_id = _oldest(session, *columns, before=before, after_id=after_id, limit=limit)
    ids = [row.id for row in rows if row.state in _ENDED]
    if ids:
        session.execute(
            update(BounceRow).where(col(BounceRow.delivery_id).in_(ids)).values(delivery_id=None)
        )
        session.execute(
            delete(DeliveryAttemptRow).where(col(DeliveryAttemptRow.delivery_id).in_(ids))
        )
        session.execute(delete(DeliveryRow).where(col(DeliveryRow.id).in_(ids)))
    return Forgotten(len(ids), last_id)


def forget_issues(session: Session, *, before: datetime, after_id: int, limit: int) -> Forgotten:
    """Delete issues that were composed before a moment and whose messages are gone.

    That their papers were sent stays.
    """
    id_ = col(IssueRow.id)
    rows, last_id = _oldest(
        session, id_, col(IssueRow.composed_at), before=before, after_id=after_id, limit=limit
    )
    has_message = exists().where(col(DeliveryRow.issue_id) == id_)
    old = session.execute(
        select(id_, col(IssueRow.subscriber_id), col(IssueRow.papers)).where(
            id_.in_([row.id for row in rows]), ~has_message
        )
    ).all()
    paper_of = frozen.paper_ids(session, {number for row in old for number in row.papers})
    sent = {(row.subscriber_id, paper_of[number]) for row in old for number in row.papers}
    if sent:
        insert_missing(
            session,
            SentPaperRow,
            [{"subscriber_id": who, "paper_id": paper_id} for who, paper_id in sorted(sent)],
        )
    session.execute(delete(IssueRow).where(id_.in_([row.id for row in old])))
    return Forgotten(len(old), last_id)


def forget_mails(session: Session, *, before: datetime, after_id: int, limit: int) -> Forgotten:
    """Delete what is kept of mails that came in before a moment and are done with."""
    id_ = col(InboundMailRow.id)
    columns = (id_, col(InboundMailRow.received_at), col(InboundMailRow.content_sha256))
    rows, last_id = _oldest(session, *columns, before=before, after_id=after_id, limit=limit)
    # What still has its content is one that waits, or is kept for the operator to look at.
    ids = [row.id for row in rows if row.content_sha256 is None]
    session.execute(delete(InboundMailRow).where(id_.in_(ids)))
    return Forgotten(len(ids), last_id)


def _oldest(
    session: Session, *columns: Any, before: datetime, after_id: int, limit: int
) -> tuple[Sequence[Any], int | None]:
    """Read the next rows by their ids, which rise as time does, of those older than a moment.

    Parameters
    ----------
    *columns : column
        The id and the moment, then others.

    Returns
    -------
    rows : sequence
    last_id : int or None
        See `Forgotten`.
    """
    number = columns[0]
    found = session.execute(
        select(*columns).where(number > after_id).order_by(number).limit(limit)
    ).all()
    old = [each for each in found if each[1] < before]
    is_through = len(found) < limit or len(old) < len(found)
    return old, None if is_through else found[-1][0]
