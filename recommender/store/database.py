"""Store: opening a database, its transactions, and the driver's errors as ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, inspect, make_url, text
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
from recommender.store.dialects import dialect_of
from recommender.store.dialects.dialect import Writes
from recommender.store.group_commit import GroupCommit
from recommender.store.write_probe import WriteProbe

# The newest migration; a test holds it against migrations/versions.
SCHEMA_REVISION = "0030"

# Longer than any transaction of ours takes, on a busy machine too.
BUSY_TIMEOUT_SECONDS = 30.0

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
    must_exist : bool
        Make no file where there is none; once it was there, none is made anew in any case.
    maps_file : bool
        Read a file through memory that the system shares between processes, which is faster, and
        counts as this one's.

    Raises
    ------
    StorageError
        If the URL is none that SQLAlchemy reads, or its driver is not installed.

    Attributes
    ----------
    is_new : bool
        It was empty until `migrate` made its tables.
    """

    def __init__(
        self,
        url: str,
        *,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        must_exist: bool = False,
        maps_file: bool = False,
    ) -> None:
        self._busy_timeout_seconds = busy_timeout_seconds
        try:
            self.url = make_url(url)
            self.dialect = dialect_of(self.url)
            self.engine = self.dialect.create_engine(
                self.url,
                busy_timeout_seconds=busy_timeout_seconds,
                must_exist=must_exist,
                maps_file=maps_file,
            )
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
        self._writing_engine = self.engine.execution_options(writes=Writes.ALONE)
        self._sharing_engine = self.engine.execution_options(writes=Writes.BESIDE_OTHERS)
        self.is_new = False
        self._group = GroupCommit(self.write)
        self.write_probe = WriteProbe(self.write, self.dialect.try_to_write, self.folder)
        self._beside: list[Any] = []

    @property
    def label(self) -> str:
        """The database as a message may name it: without a password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def folder(self) -> Path | None:
        """Where its file is; None where it has none."""
        file = self.file
        return None if file is None else file.parent

    @property
    def file(self) -> Path | None:
        """The file that it is; None where it is none."""
        return self.dialect.file_of(self.url)

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

    @contextmanager
    def write_beside_others(self) -> Iterator[Session]:
        """Open a transaction that waits for other writers only where they hold the same rows.

        For changes that are right whatever else is written meanwhile: they lock the rows that they
        decide by. On SQLite it is what `write` opens, as there one writes at a time.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        with self._session(self._sharing_engine) as session:
            yield session
            session.commit()

    @contextmanager
    def claim(
        self, choose: Callable[[Session], _T]
    ) -> Iterator[tuple[_T, Callable[[], AbstractContextManager[Session]]]]:
        """Choose rows, and keep other processes from choosing them until they were changed.

        Where the database locks rows, all is one transaction, from choosing to changing, and what a
        process that dies had chosen is free at once. Else there is one process; its transaction for
        changing begins when it is asked for, as nobody else could write in one that waits.

        Parameters
        ----------
        choose : callable
            Reads rows, and locks them where others must not choose them.

        Yields
        ------
        chosen
            What it returned.
        write : callable
            Opens the session in which it is changed, once.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        if not self.dialect.is_for_several:
            with self.read() as session:
                chosen = choose(session)
            yield chosen, self.write
            return
        with self.write_beside_others() as session:
            yield choose(session), lambda: nullcontext(session)

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

    def open_beside(self) -> Callable[[], int]:
        """Open a connection of its own, for as long as this database, to the content's state.

        Returns
        -------
        callable
            Reads the state's name; raises what `Dialect.driver_errors` names.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        connection = self.connect_beside()
        self._beside.append(connection)
        return self.dialect.open_beside(connection)

    def connect_beside(self) -> Any:
        """Open a connection of the driver's own, to be closed.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        # SQLAlchemy leaves the driver's own as they are here.
        errors: tuple[type[Exception], ...] = (SQLAlchemyError, *self.dialect.driver_errors)
        try:
            opened = self.engine.raw_connection()
        except errors as error:
            raise StorageError(f"database {self.label}: {self._advice(error)}") from error
        connection: Any = opened.driver_connection
        opened.detach()  # the pool would give it to others
        return connection

    @contextmanager
    def outside_transactions(self) -> Iterator[Callable[[str], int]]:
        """Open what runs statements one by one that a database takes in no transaction.

        Each gives the first number of its answer, 0 where it has none.

        Raises
        ------
        StorageError
            Chains the driver's error.
        """
        errors: tuple[type[Exception], ...] = (SQLAlchemyError, *self.dialect.driver_errors)
        try:
            opened = self.engine.raw_connection()
            try:
                cursor = opened.cursor()

                def run(statement: str) -> int:
                    cursor.execute(statement)
                    rows = cursor.fetchall()
                    return int(rows[0][0]) if rows else 0

                yield run
            finally:
                opened.close()
        except errors as error:
            raise StorageError(f"database {self.label}: {self._advice(error)}") from error

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except (DBAPIError, PoolTimeoutError) as error:
            raise StorageError(f"database {self.label}: {self._advice(error)}") from error

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
            raise StorageError(f"database {self.label}: {self._advice(error)}") from error

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
            raise StorageError(f"database {self.label}: {self._advice(error)}") from error

    def _advice(self, error: Exception) -> str:
        reason = str(getattr(error, "orig", None) or error)
        if "no such table" in reason or 'relation "' in reason:
            return f"{reason.splitlines()[0]}; the schema is missing; {MISSING_MEND}"
        return self.dialect.advice(reason, self._busy_timeout_seconds) or reason.strip()

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
        for file in database.dialect.files_of(database.url):
            make_private(file)
    return database


def _refuse_missing(database: Database) -> None:
    file = database.file
    # SQLite makes the file of whatever it is asked about.
    if file is not None and not os.path.lexists(file):
        raise StorageError(f"there is no database {file}; {MISSING_MEND}")
    if database.schema_revision() is None:
        raise StorageError(f"database {database.label} has no tables; {MISSING_MEND}")


def files_of_database(url: str) -> tuple[Path, ...]:
    """Return where a database is kept on this machine: its file, and what may be beside it."""
    parsed = make_url(url)
    return dialect_of(parsed).files_of(parsed)
