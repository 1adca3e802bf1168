"""Store: opening a database, its transactions, and the driver's errors as ours."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    SQLAlchemyError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)
from sqlmodel import Session as Session  # noqa: PLC0414 - what the other rooms hand around

from recommender.errors import StorageError
from recommender.private_files import make_private
from recommender.store.group_commit import GroupCommit
from recommender.store.write_probe import WriteProbe

# The newest migration; a test holds it against migrations/versions.
SCHEMA_REVISION = "0027"

# Longer than any transaction of ours takes, on a busy machine too.
BUSY_TIMEOUT_SECONDS = 30.0
WAL_RETRY_SECONDS = 0.01

MISSING_MEND = (
    "correct database.url; for a new installation, `recommender init`, `run`, `ingest`, "
    "`sources add` or `subscribers add` makes one"
)

_T = TypeVar("_T")


class Database:
    """A database at a URL, and its two kinds of transactions.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; ``sqlite:////path/to/recommender.db`` is the embedded default.
    busy_timeout_seconds : float
        How long to wait for another process's transaction before a locked database is reported.

    Raises
    ------
    StorageError
        If the URL is none that SQLAlchemy reads, or its driver is not installed.

    Attributes
    ----------
    is_new : bool
        It was empty until `migrate` made its tables.
    """

    def __init__(self, url: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        self._busy_timeout_seconds = busy_timeout_seconds
        try:
            self.url = make_url(url)
            self.engine = _create_engine(self.url, busy_timeout_seconds)
        except (ArgumentError, ValueError) as error:
            # The address stands nowhere in the message: it may hold a password.
            raise StorageError(
                "database.url is no database address; write sqlite:///recommender.db"
            ) from error
        except ImportError as error:
            raise StorageError(
                f"database.url needs the Python package {error.name}, which is not installed; "
                "install it, or write sqlite:///recommender.db"
            ) from error
        self._writing_engine = self.engine.execution_options(writes=True)
        self.is_new = False
        self._group = GroupCommit(self.write)
        self.write_probe = WriteProbe(self.write, self.folder)
        self._beside: list[sqlite3.Connection] = []

    @property
    def label(self) -> str:
        """The database as a message may name it: without a password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def folder(self) -> Path | None:
        """Where its file is; None where it has none."""
        path = self.url.database
        is_file = self.url.get_backend_name() == "sqlite" and path and path != ":memory:"
        return Path(path).absolute().parent if is_file and path else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session in which the database itself refuses every write.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        with self._session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction: committed at the end of the block, rolled back if it raises.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        with self._session(self._writing_engine) as session:
            yield session
            session.commit()

    def write_together(self, change: Callable[[Session], _T]) -> _T:
        """Carry out a short change in a transaction that it may share with other threads' changes.

        Returns what it returns, once it is on disk.

        Parameters
        ----------
        change : callable
            May be called twice, the first time rolled back. What it raises undoes it alone.

        Raises
        ------
        StorageError
            If it could not be written; nothing of it is.
        """
        return self._group.write(change)

    def open_beside(self) -> sqlite3.Connection:
        """Open a connection of the driver's own that only reads, for as long as this database.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        try:
            opened = self.engine.raw_connection()
        except SQLAlchemyError as error:
            raise StorageError(
                f"database {self.label}: {_advice(error, self._busy_timeout_seconds)}"
            ) from error
        connection: sqlite3.Connection = opened.driver_connection  # type: ignore[assignment]  # SQLite's
        opened.detach()  # the pool would give it to others
        connection.execute("PRAGMA query_only = ON")
        self._beside.append(connection)
        return connection

    @contextmanager
    def outside_transactions(self) -> Iterator[Callable[[str], int]]:
        """Open what runs statements one by one that SQLite takes in no transaction.

        Each gives the first number of its answer, 0 where it has none.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        try:
            opened = self.engine.raw_connection()
            try:
                cursor = opened.cursor()
                cursor.execute("PRAGMA query_only = OFF")

                def run(statement: str) -> int:
                    rows = cursor.execute(statement).fetchall()
                    return int(rows[0][0]) if rows else 0

                yield run
            finally:
                opened.close()
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise StorageError(
                f"database {self.label}: {_advice(error, self._busy_timeout_seconds)}"
            ) from error

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except (DBAPIError, PoolTimeoutError) as error:
            raise StorageError(
                f"database {self.label}: {_advice(error, self._busy_timeout_seconds)}"
            ) from error

    def schema_revision(self) -> str | None:
        """Return the revision that this database stands at; None for an empty one.

        Raises
        ------
        StorageError
            If it cannot be read, or is no database.
        """
        try:
            with self.engine.connect() as connection:
                if not inspect(connection).has_table("alembic_version"):
                    return None
                revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
                return None if revision is None else str(revision)
        except SQLAlchemyError as error:
            raise StorageError(
                f"database {self.label}: {_advice(error, self._busy_timeout_seconds)}"
            ) from error

    def migrate(self) -> None:
        """Bring the schema up to date; nothing happens where it is.

        Raises
        ------
        StorageError
            If the database is newer than this program, or cannot be written.
        """
        revision = self.schema_revision()
        if revision == SCHEMA_REVISION:
            return
        # Alembic takes a while to import and is needed once per version.
        from recommender.store.migrations.upgrade import upgrade_to_head  # noqa: PLC0415

        try:
            upgrade_to_head(self._writing_engine)
            self.is_new = revision is None
        except SQLAlchemyError as error:
            raise StorageError(
                f"database {self.label}: {_advice(error, self._busy_timeout_seconds)}"
            ) from error

    def close(self) -> None:
        """Close every connection."""
        while self._beside:
            self._beside.pop().close()
        self.engine.dispose()


def open_database(
    url: str,
    *,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    must_exist: bool = False,
) -> Database:
    """Open a database that is ready to be used, created and migrated where needed.

    Parameters
    ----------
    url : str
    busy_timeout_seconds : float
        See `Database`.
    must_exist : bool
        Refuse to create one: where it is missing, its address may be mistyped.

    Raises
    ------
    StorageError
        If it cannot be created, opened or migrated, or is missing and must not be.
    """
    database = Database(url, busy_timeout_seconds=busy_timeout_seconds)
    folder = database.folder
    if folder is not None and not folder.is_dir():
        raise StorageError(
            f"database {database.label}: the folder {folder} does not exist; create it"
        )
    try:
        if must_exist:
            _refuse_missing(database)
        database.migrate()
    except StorageError:
        database.close()
        raise
    if folder is not None:
        for file in files_of(Path(database.url.database or "")):
            make_private(file)
    return database


def _refuse_missing(database: Database) -> None:
    file = Path(database.url.database or "")
    # SQLite makes the file of whatever it is asked about.
    if database.folder is not None and not os.path.lexists(file):
        raise StorageError(f"there is no database {file}; {MISSING_MEND}")
    if database.schema_revision() is None:
        raise StorageError(f"database {database.label} has no tables; {MISSING_MEND}")


def files_of(path: Path) -> tuple[Path, ...]:
    """Return where SQLite keeps a database: its file, and what it may have beside it."""
    real = path.resolve()
    return tuple(real.with_name(real.name + end) for end in ("", "-wal", "-shm", "-journal"))


def _create_engine(url: URL, busy_timeout_seconds: float) -> Engine:
    engine = create_engine(url, json_serializer=_as_json, json_deserializer=_from_json)
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", partial(_prepare_sqlite, busy_timeout_seconds=busy_timeout_seconds)
        )
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _as_json(value: Any) -> str:
    return _names_as_json(value) if isinstance(value, tuple) else json.dumps(value)


# The authors of a paper are written and read with every issue that it is in.
@lru_cache(maxsize=2_000)
def _names_as_json(names: tuple[str, ...]) -> str:
    return json.dumps(names)


def _from_json(content: str) -> Any:
    is_of_names = content.startswith('["')
    return list(_names_from_json(content)) if is_of_names else json.loads(content)


@lru_cache(maxsize=2_000)
def _names_from_json(content: str) -> tuple[str, ...]:
    return tuple(json.loads(content))


def _prepare_sqlite(connection: Any, _record: object, *, busy_timeout_seconds: float) -> None:
    try:
        _configure_sqlite(connection, busy_timeout_seconds)
    except sqlite3.Error:
        connection.close()  # the pool does not know it yet
        raise


def _configure_sqlite(connection: Any, busy_timeout_seconds: float) -> None:
    # The driver's own transaction handling begins late and deferred; ours begins in _begin_sqlite.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout_seconds * 1000)}")
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        # A file that is made now: what nothing uses any more can be given back in parts.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _switch_to_wal(connection, busy_timeout_seconds)
    # What was acknowledged survives a power cut, not only a kill: one fsync per commit.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What a schema says is no program: no function with side effects runs from a view or a check.
    connection.execute("PRAGMA trusted_schema = OFF")


def _switch_to_wal(connection: Any, busy_timeout_seconds: float) -> None:
    # SQLite does not wait for its busy timeout here: it holds a read lock already, and reports
    # SQLITE_BUSY at once while another process switches, or writes to a file not yet switched.
    deadline = time.monotonic() + busy_timeout_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(WAL_RETRY_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    # IMMEDIATE takes the write lock at once: a deferred transaction that turns into a writer
    # fails with SQLITE_BUSY without waiting when another one wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _advice(error: SQLAlchemyError | sqlite3.Error, busy_timeout_seconds: float) -> str:
    reason = str(getattr(error, "orig", None) or error)
    if "locked" in reason:
        return f"{reason}; another process holds it for over {busy_timeout_seconds:.0f} s"
    if "not a database" in reason:
        return f"{reason}; move the file away, or restore a backup"
    if "no such table" in reason:
        return f"{reason}; the schema is missing; {MISSING_MEND}"
    if "full" in reason:
        return f"{reason}; free some space, nothing of this was stored"
    if "unable to open" in reason or "readonly" in reason:
        return f"{reason}; check that the folder exists and that this user may write there"
    return reason
