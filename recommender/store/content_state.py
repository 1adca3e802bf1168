"""Store: which state what everybody may read is in, so that pages made of it can be kept.

The database says cheaply that somebody wrote, but votes and mails are written all the time. So
whatever changes papers, digests or mentions names their state anew, in the same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table, update
from sqlmodel import Session

from recommender.errors import StorageError
from recommender.store.database import Database
from recommender.store.tables import PaperRow

_BITS: Final = 62
"""Drawn, not counted: after a restore, no number is met again that meant something else."""


CONTENT_STATE: Final = Table(
    "content_state",
    PaperRow.metadata,
    Column("id", Integer, primary_key=True),
    Column("name", BigInteger, nullable=False),
)
"""One row: the name of the state that papers, digests and mentions are in."""


def rename(session: Session) -> None:
    """Name the state anew, in the transaction that changes papers, digests or mentions."""
    session.execute(update(CONTENT_STATE).values(name=secrets.randbits(_BITS)))


class ContentWatch:
    """Says which state the content is in, for callers that ask a thousand times a second.

    Its connection is its own, and used by one thread at a time.

    Parameters
    ----------
    database : Database
        Not touched before somebody asks.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: Callable[[], int] | None = None

    def name(self) -> int:
        """Return the name of the state: what was committed until now.

        Raises
        ------
        StorageError
            If the database cannot be read.
        """
        try:
            if self._read is None:
                self._read = self._database.open_beside()
            return self._read()
        except self._database.dialect.driver_errors as error:
            self._read = None  # the connection may be lost: the next question opens another
            raise StorageError(f"database {self._database.label}: {error}") from error
