"""Store: which state what everybody may read is in, so that pages made of it can be kept.

The database says cheaply that somebody wrote, but votes and mails are written all the time. So
whatever changes papers, digests or mentions names their state anew, in the same transaction.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, Table, update
from sqlmodel import Session

from recommender.errors import StorageError
from recommender.store.database import Database
from recommender.store.tables import PaperRow

_BITS: Final = 62
"""Drawn, not counted: after a restore, no number is met again that meant something else."""


_NAME: Final = "SELECT name FROM content_state"


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

    Only where the database says that somebody wrote, in this process or another, is the name read
    again. Its connection is its own, and used by one thread at a time.

    Parameters
    ----------
    database : Database
        Not touched before somebody asks.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._written: Any = None
        self._name = 0

    def name(self) -> int:
        """Return the name of the state; takes a few millionths of a second, and waits for nobody.

        Raises
        ------
        StorageError
            If the database cannot be read.
        """
        try:
            if self._connection is None:
                self._connection = self._database.open_beside()
            (written,) = self._connection.execute("PRAGMA data_version").fetchone()
            if written != self._written:
                # Read after the number: what is written between the two is seen the next time.
                (self._name,) = self._connection.execute(_NAME).fetchone()
                self._written = written
        except sqlite3.Error as error:
            raise StorageError(f"database {self._database.label}: {error}") from error
        return self._name
