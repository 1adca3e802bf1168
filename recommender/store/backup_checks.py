"""Store: whether a copy of a database is whole, and has the schema of this program and no other.

A backup may come from anywhere. A trigger or a view in it would run later, with the rights of the
daemon, so nothing is taken but the tables and indexes that our own migrations make. Of virtual
tables that is one, by which papers are searched.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import create_engine, text

from recommender.domain import BounceKind, DeliveryKind, DeliveryState, SubscriberState
from recommender.errors import StorageError
from recommender.store.database import SCHEMA_REVISION
from recommender.store.inbound import InboundState
from recommender.store.paper_search import TABLE, TABLE_SQL
from recommender.wording import listed

_SHOWN: Final = 3
# What SQLite keeps for itself: counters of AUTOINCREMENT, figures of ANALYZE.
_OF_SQLITE: Final = frozenset(
    {("table", name) for name in ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")}
)

_OBJECTS: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_DATA: Final = frozenset({"table", "index"})
_BLANKS: Final = re.compile(r"\s+")
_VIRTUAL: Final = re.compile(r"\s*CREATE\s+VIRTUAL", re.IGNORECASE)


_KINDS: Final = {
    "INTEGER": "'integer'",
    "BIGINT": "'integer'",
    "BOOLEAN": "'integer'",
    "FLOAT": "'real', 'integer'",
    "BLOB": "'blob'",
}
"""What SQLite calls the values of a declared type; of all others it is text."""

_WORDS: Final = {
    ("subscriber", "state"): SubscriberState,
    ("delivery", "state"): DeliveryState,
    ("delivery", "kind"): DeliveryKind,
    ("bounce", "kind"): BounceKind,
    ("inbound_mail", "state"): InboundState,
}


class _Object(NamedTuple):
    kind: str
    name: str
    table: str
    sql: str


_SEARCH: Final = _Object("table", TABLE, TABLE, TABLE_SQL)


def check_copy(connection: sqlite3.Connection, backup: Path) -> None:
    """Look over a copy of a backup.

    Parameters
    ----------
    connection : sqlite3.Connection
        To the copy.
    backup : Path
        What messages name.

    Raises
    ------
    StorageError
        If it is no backup of ours, is damaged, or was written by a newer version.
    """
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        objects = _objects(connection.execute(_OBJECTS))
        _refuse_programs(objects, backup)
        _check_schema(objects, _revision_of(connection, backup), backup)
        damage = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
        missing = connection.execute("PRAGMA foreign_key_check").fetchall()
        tables = [each.name for each in objects if each.kind == "table"]
        # What FTS5 keeps of the papers' words has a form of its own.
        unreadable = _unreadable(connection, [each for each in tables if TABLE not in each])
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StorageError(
            f"{backup} is no backup of this program, or damaged ({error}); take another file"
        ) from error
    if damage != ["ok"]:
        raise StorageError(
            f"{backup} is damaged ({' '.join(damage[0].split())}); take another backup"
        )
    if missing:
        raise StorageError(
            f"{backup} is damaged: rows of {listed(sorted({str(row[0]) for row in missing}))} "
            "belong to others that are not there; take another backup"
        )
    if unreadable is not None:
        raise StorageError(
            f"{backup} is damaged: {unreadable} holds what this program cannot read; take another "
            "backup"
        )


def _unreadable(connection: sqlite3.Connection, tables: Iterable[str]) -> str | None:
    """Name the first column with a value that is none of its type; SQLite itself takes any."""
    for table in tables:
        columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        for _, column, declared, *_ in columns:
            condition = _readable(f'"{column}"', declared.upper(), _WORDS.get((table, column)))
            statement = f'SELECT 1 FROM "{table}" WHERE NOT ({condition}) LIMIT 1'  # noqa: S608, names of our own schema
            if connection.execute(statement).fetchone():
                return f"{table}.{column}"
    return None


def _readable(column: str, declared: str, words: type[StrEnum] | None) -> str:
    """Return in SQL whether a column holds nothing, or a value of its type."""
    kinds = next((kinds for name, kinds in _KINDS.items() if declared.startswith(name)), "'text'")
    condition = f"typeof({column}) IN ({kinds})"
    if declared.startswith("DATE"):
        # As SQLAlchemy writes and reads them.
        condition += f" AND {column} GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*'"
        condition += f" AND date({column}) IS NOT NULL"
    elif declared.startswith("JSON"):
        condition += f" AND json_valid({column})"
    elif words is not None:
        condition += f" AND {column} IN ({', '.join(repr(each.value) for each in words)})"
    return f"{column} IS NULL OR ({condition})"


def _refuse_programs(objects: Counter[_Object], backup: Path) -> None:
    """Refuse what runs when it is read or written, before anything is."""
    _refuse_foreign(
        [
            each
            for each in objects
            if each.kind not in _DATA or (_VIRTUAL.match(each.sql) and each != _SEARCH)
        ],
        backup,
    )


def _revision_of(connection: sqlite3.Connection, backup: Path) -> str:
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    revision = str(rows[0][0]) if len(rows) == 1 else ""
    if revision > SCHEMA_REVISION and revision.isdecimal():
        raise StorageError(
            f"{backup} was written by a newer version (schema {revision}, this one knows "
            f"{SCHEMA_REVISION}); install that version first"
        )
    return revision


def _check_schema(objects: Counter[_Object], revision: str, backup: Path) -> None:
    """See that there is what our migrations make up to this revision, and nothing else."""
    # Alembic takes a while to import.
    from recommender.store.migrations.upgrade import upgrade_to  # noqa: PLC0415

    engine = create_engine("sqlite://")
    with engine.connect() as ours:
        if not upgrade_to(ours, revision):
            raise StorageError(
                f"{backup} has a schema that is not known here ({revision or 'none'}); take a file "
                "that 'recommender backup' wrote"
            )
        expected = _objects(map(tuple, ours.execute(text(_OBJECTS))))
    engine.dispose()
    _refuse_foreign([*(objects - expected), *(expected - objects)], backup)


def _refuse_foreign(objects: Collection[_Object], backup: Path) -> None:
    if objects:
        named = sorted({f"{each.kind} {each.name}" for each in objects})
        shown = listed(named) if len(named) <= _SHOWN else f"{', '.join(named[:_SHOWN])}, …"
        raise StorageError(
            f"{backup} has another schema than this program makes ({shown}); nothing was restored, "
            "for what is in it might run later: take a file that 'recommender backup' wrote"
        )


def _objects(rows: Iterable[tuple[Any, ...]]) -> Counter[_Object]:
    """Count what a schema names; a forged one may name a thing twice."""
    objects = (
        _Object(str(kind), str(name), str(table), _BLANKS.sub(" ", str(sql or "")))
        for kind, name, table, sql in rows
    )
    return Counter(each for each in objects if each[:2] not in _OF_SQLITE)
