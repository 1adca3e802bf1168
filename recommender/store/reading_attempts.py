"""Store: which files are being read, so that one that ends the program is not read for ever."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col

from recommender.store.tables import ReadingAttemptRow


def begin(session: Session, sha256: str, *, now: datetime) -> int:
    """Note that a file is about to be read.

    Returns
    -------
    int
        Which attempt this is since the last that came to an end, from 1.
    """
    statement = (
        update(ReadingAttemptRow)
        .where(col(ReadingAttemptRow.sha256) == sha256)
        .values(attempts=col(ReadingAttemptRow.attempts) + 1, begun_at=now)
        .returning(col(ReadingAttemptRow.attempts))
    )
    attempts: int | None = session.execute(statement).scalar()
    if attempts is None:
        attempts = 1
        values = {"sha256": sha256, "attempts": attempts, "begun_at": now}
        session.execute(insert(ReadingAttemptRow).values(**values))
    return attempts


def end(session: Session, sha256: str) -> None:
    """Note that a file was read, or will not be: whoever brings it again begins anew."""
    session.execute(delete(ReadingAttemptRow).where(col(ReadingAttemptRow.sha256) == sha256))
