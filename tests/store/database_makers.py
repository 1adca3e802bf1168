"""The databases that tests run on: SQLite, or a PostgreSQL that is started for them."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, BigInteger, Column, Integer, make_url

from recommender.store.database import Database, files_of_database, open_database
from recommender.store.moving import _tables
from recommender.store.paper_search import TABLE

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108, only the server writes there, as its own user
ROOM_OF_A_SERVER = 2**30
"""Bytes that tests need at most."""


class NewDatabase(Protocol):
    """Gives the URL of a database that nobody else uses: empty, or with today's schema."""

    def __call__(self, *, migrated: bool) -> str: ...


class DatabaseMaker(NewDatabase, Protocol):
    """Makes databases, and takes them away."""

    def drop(self, url: str) -> None:
        """Take one away that is used no more, whoever is still connected to it."""


@contextmanager
def sqlite_databases(folder: Path) -> Iterator[DatabaseMaker]:
    """SQLite in temporary files. The schema is made once and copied, which is 20 times faster."""
    template = folder / "template.db"
    open_database(f"sqlite:///{template}").close()
    yield _SQLiteFiles(folder, template)


class _SQLiteFiles:
    def __init__(self, folder: Path, template: Path) -> None:
        self._folder, self._template = folder, template
        self._numbers = count(1)

    def __call__(self, *, migrated: bool) -> str:
        path = self._folder / f"{next(self._numbers)}.db"
        if migrated:
            shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for each in files_of_database(url):
            each.unlink(missing_ok=True)


def postgresql_programs() -> Path:
    """Return where Debian has the programs of its PostgreSQL."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert folders, "there is no PostgreSQL: apt-get install postgresql"
    return folders[-1]


@contextmanager
def postgresql_server(*, port: int | None = None, also_at: str | None = None) -> Iterator[str]:
    """Start a server on a socket of its own, and on a port of loopback; yields its folder.

    It never runs as root, and keeps nothing through a power cut.

    Parameters
    ----------
    port : int or None
    also_at : str or None
        An address of this machine at which it is reached from its network, too.
    """
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="recommender-pg.", dir=_where_servers_are(user)))
    if user:
        shutil.chown(folder, user)
    groups = [pwd.getpwnam(user).pw_gid] if user else None

    def run(program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603, Debian's programs
            [postgresql_programs() / program, "-D", folder / "data", *arguments],
            check=True,
            cwd="/",
            user=user,
            group=groups[0] if groups else None,
            extra_groups=groups,
            stdout=subprocess.DEVNULL,
        )

    addresses = ",".join(filter(None, ("127.0.0.1", also_at))) if port else ""
    listening = f"-c listen_addresses={addresses}" + (f" -p {port}" * bool(port))
    fast = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    try:
        run(
            *("initdb", "-A", "trust", "-U", "recommender", "--no-sync"),
            *("--locale=C.UTF-8", "-E", "UTF8"),
        )
        if also_at:
            with Path(folder, "data", "pg_hba.conf").open("a") as who_may_enter:
                who_may_enter.write("host all all samenet trust\n")
        started = f"{listening} -c unix_socket_directories={folder} -c max_connections=200 {fast}"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", started, "start")
        try:
            yield str(folder)
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _where_servers_are(user: str | None) -> str | None:
    """In memory where there is room: each test's database has 300 files, made and taken away."""
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ROOM_OF_A_SERVER:
        return str(SHARED_MEMORY)
    # Another user than root cannot enter root's temporary folders.
    return "/tmp" if user else None  # noqa: S108, see above


@contextmanager
def postgresql_databases(_folder: Path) -> Iterator[DatabaseMaker]:
    """PostgreSQL, with a database for each test: a copy of one that was migrated once."""
    with (
        postgresql_server() as socket,
        psycopg.connect(
            f"host={socket} user=recommender dbname=postgres", autocommit=True
        ) as server,
    ):
        yield _PostgreSQLDatabases(socket, server)


class _PostgreSQLDatabases:
    def __init__(self, socket: str, server: psycopg.Connection[Any]) -> None:
        self._socket, self._server = socket, server
        self._server.execute("CREATE DATABASE migrated")
        open_database(self._url("migrated")).close()

    def __call__(self, *, migrated: bool) -> str:
        name = f"test_{secrets.token_hex(6)}"
        template = "migrated" if migrated else "template0"
        # Block by block through the log, as is usual, takes twice as long on a disk.
        self._server.execute(
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode()
        )
        return self._url(name)

    def drop(self, url: str) -> None:
        name = make_url(url).database
        self._server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://recommender@/{name}?host={self._socket}"


DATABASE_MAKERS: dict[str, Callable[[Path], AbstractContextManager[DatabaseMaker]]] = {
    "sqlite": sqlite_databases,
    "postgresql": postgresql_databases,
}
"""By what ``--store`` says."""


def contents_of(url: str) -> tuple[dict[str, bytes], list[str]]:
    """Return all that a database holds: its files byte for byte, and its rows as SQL."""
    if not url.startswith("sqlite"):
        return {}, list(_rows_as_sql(url))
    path = Path(url.removeprefix("sqlite:///"))
    files = {
        each.name: each.read_bytes()
        for each in sorted(path.parent.glob(f"{path.name}*"))
        # Shared memory holds the readers' locks, not data.
        if not each.name.endswith("-shm")
    }
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return files, list(connection.iterdump())


def _rows_as_sql(url: str) -> Iterator[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        for (name,) in tables:
            rows = connection.execute(f"TABLE {name} ORDER BY 1".encode())
            yield from (f"INSERT INTO {name}: {row}" for row in rows)


def schema_differences(database: Database) -> list[object]:
    """List what autogenerate would change to make the schema that of `tables`."""
    with database.engine.connect() as connection:
        options = {
            "compare_type": _differs_by_type,
            "compare_server_default": _differs_by_default,
            # FTS5 makes its own tables, and PostgreSQL's has a type that no other has.
            "include_name": lambda name, kind, _: kind != "table" or TABLE not in name,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, _tables()[0].metadata))


def _differs_by_type(
    _context: object, _found: object, _column: object, found: object, wanted: object
) -> bool | None:
    """Compare types; PostgreSQL's whole numbers are all as wide as SQLite's."""
    return False if isinstance(found, BigInteger) and isinstance(wanted, Integer) else None


def _differs_by_default(
    _context: object, _found: object, column: Column[Any], default: str | None, *_: object
) -> bool | None:
    """Compare defaults of JSON as texts: PostgreSQL has no operator that does."""
    if not isinstance(column.type, JSON) or default is None:
        return None
    return (
        column.server_default is None
        or f"{column.server_default.arg}" != default.partition("::")[0]
    )
