"""Store: which files are being read, so that one that ends the program is not read for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from recommender.store.query_batches import in_batches
from recommender.store.tables import ReadingAttemptRow


def begin(session: Session, sha256: str, *, now: datetime) -> tuple[int, datetime]:
    """Note that a file is about to be read.

    Returns
    -------
    attempt : int
        Which it is since the last that came to an end, from 1.
    first_at : datetime
        When the first of them began.
    """
    is_it = col(ReadingAttemptRow.sha256) == sha256
    first_at = session.exec(select(ReadingAttemptRow.begun_at).where(is_it)).first()
    if first_at is None:
        begin_all(session, [sha256], now=now)
        return 1, now
    statement = (
        update(ReadingAttemptRow)
        .where(is_it)
        .values(attempts=col(ReadingAttemptRow.attempts) + 1)
        .returning(col(ReadingAttemptRow.attempts))
    )
    return session.execute(statement).scalar_one(), first_at


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
