"""Store: since when what subscribers say of papers counts; before, it was forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from recommender.store.own_page_tables import LearningResetRow
from recommender.store.query_batches import in_batches


def put(session: Session, subscriber_id: int, forgotten_at: datetime | None) -> None:
    """Write when all that was learned was forgotten; None: never."""
    session.execute(
        delete(LearningResetRow).where(col(LearningResetRow.subscriber_id) == subscriber_id)
    )
    if forgotten_at is not None:
        session.add(LearningResetRow(subscriber_id=subscriber_id, forgotten_at=forgotten_at))
        session.flush()


def of_subscribers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, datetime]:
    """Read when what was learned of subscribers was forgotten last; who never asked is left out."""
    found: dict[int, datetime] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        rows = session.exec(
            select(LearningResetRow.subscriber_id, LearningResetRow.forgotten_at).where(
                col(LearningResetRow.subscriber_id).in_(some)
            )
        )
        found.update(rows.all())
    return found
