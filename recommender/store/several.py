"""Store: several daemons on one database: who does what only one may do, and who wakes whom.

All of it is the database's own: its locks end with the connection of whoever holds them, and its
announcements reach whoever listens. Nothing depends on a lock for being right, for every change is
checked where it is written; it keeps two from doing the same work.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Callable
from typing import Any, Final

from sqlmodel import Session

from recommender.errors import StorageError
from recommender.store.database import Database
from recommender.store.dialects import dialect_in

LISTEN_SECONDS: Final = 2.0
"""So long a daemon that stops may wait for who listens."""

_logger = logging.getLogger(__name__)


class NamedLock:
    """What one process of all holds, until it lets go or is gone; on SQLite, this one always.

    Used by one thread at a time.

    Parameters
    ----------
    database : Database
    name : str
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._number = _number_of(name)
        self._connection: Any = None

    def hold(self) -> bool:
        """Take it, or see that it is still held; False where another process has it.

        Raises
        ------
        StorageError
            If the database cannot be asked; it is not held then.
        """
        dialect = self._database.dialect
        if not dialect.is_for_several:
            return True
        try:
            if self._connection is None:
                self._connection = self._database.connect_beside()
            is_held = dialect.try_lock(self._connection, self._number)
        except dialect.driver_errors as error:
            self.release()
            raise StorageError(f"database {self._database.label}: {error}") from error
        if not is_held:
            self.release()
        return is_held

    def release(self) -> None:
        """Let go of it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def is_held(session: Session, name: str) -> bool:
    """Return whether any process has a `NamedLock` at this moment; always on SQLite.

    Whatever else the transaction reads, this is of now.
    """
    dialect = dialect_in(session)
    return not dialect.is_for_several or _number_of(name) in dialect.locks_held(
        session.connection()
    )


def _number_of(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF


class Listener:
    """Wakes this process when another one, on any machine, announces that there is work.

    Parameters
    ----------
    database : Database
    wake : callable
        May be called from any thread.
    """

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database = database
        self._wake = wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)

    def start(self) -> None:
        """Listen, where the database is for several daemons."""
        if self._database.dialect.is_for_several:
            self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen_on_one_connection()
            except StorageError as error:
                _logger.warning("nobody wakes this daemon until the database is back: %s", error)
                self._stop.wait(LISTEN_SECONDS)
                self._wake()  # what was announced meanwhile went unheard

    def _listen_on_one_connection(self) -> None:
        dialect = self._database.dialect
        connection = self._database.connect_beside()
        try:
            while not self._stop.is_set():
                if dialect.listen(connection, seconds=LISTEN_SECONDS):
                    self._wake()
        except dialect.driver_errors as error:
            raise StorageError(f"database {self._database.label}: {error}") from error
        finally:
            connection.close()
