"""Store: which files are being read, so that one that ends the program is not read for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from recommender.store.query_batches import in_batches
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


def known(session: Session, hashes: Iterable[str]) -> set[str]:
    """Return which of these files are being read, or were when the program ended."""
    found: set[str] = set()
    column = col(ReadingAttemptRow.sha256)
    for some in in_batches(hashes):
        found.update(session.exec(select(column).where(column.in_(some))))
    return found


def begin_all(session: Session, hashes: Iterable[str], *, now: datetime) -> None:
    """Note that files, of which none is `known`, are about to be read."""
    values = [{"sha256": each, "attempts": 1, "begun_at": now} for each in sorted(hashes)]
    session.execute(insert(ReadingAttemptRow), values)


def end(session: Session, hashes: Collection[str]) -> None:
    """Note that files were read, or will not be: whoever brings them again begins anew."""
    session.execute(delete(ReadingAttemptRow).where(col(ReadingAttemptRow.sha256).in_(hashes)))
