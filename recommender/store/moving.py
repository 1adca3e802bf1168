"""Store: all that a database holds is copied into another one, of whatever kind, and compared.

Tables go in the order in which their rows refer to each other, some rows at a time, in one
transaction of the new database: a move that is interrupted leaves nothing there. What is read is of
one moment, but what is written meanwhile would be missing, so nobody may write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Table, func, select
from sqlmodel import Session, SQLModel

from recommender.errors import StorageError
from recommender.store import (
    content_state,
    library_tables,
    own_page_tables,
    paper_search,
    quality_tables,
    sending_pause,
    tables,
)
from recommender.store.database import SCHEMA_REVISION, Database

ROWS_AT_A_TIME: Final = 1_000

# They define tables; what is copied is all that is defined.
_DEFINE_TABLES: Final = (
    *(content_state, library_tables, own_page_tables),
    *(quality_tables, sending_pause, tables),
)


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table that was copied.

    Attributes
    ----------
    name : str
    rows : int
    sha256 : str
        Of all its rows, in the order of their keys; the same in both databases.
    """

    name: str
    rows: int
    sha256: str


def move(source: Database, target: Database) -> Iterator[MovedTable]:
    """Copy everything, and yield each table once it was read back and is the same.

    Parameters
    ----------
    source : Database
        With today's schema.
    target : Database
        With today's schema and no rows.

    Raises
    ------
    StorageError
        If the target is not empty, the source has another schema, or what was copied is not the
        same. Nothing is left in the target.
    """
    revision = source.schema_revision()
    if revision != SCHEMA_REVISION:
        raise StorageError(
            f"database {source.label} has the schema {revision}, not {SCHEMA_REVISION}; let "
            "`recommender stats` bring it up to date, or install its version"
        )
    with source.read() as reading, target.write() as writing:
        _refuse_used(target, writing)
        moved = [_copied(reading, writing, table) for table in _tables()]
        _make_found(writing)
        target.dialect.continue_numbers(writing.connection(), _tables())
        yield from moved


def _tables() -> list[Table]:
    return SQLModel.metadata.sorted_tables


def _refuse_used(target: Database, session: Session) -> None:
    for table in _tables():
        is_filled = session.connection().scalar(select(func.count()).select_from(table))
        if is_filled and table is not content_state.CONTENT_STATE:
            raise StorageError(
                f"database {target.label} is not empty: there are rows in {table.name}; name one "
                "that nothing was written to"
            )


def _copied(reading: Session, writing: Session, table: Table) -> MovedTable:
    source, target = reading.connection(), writing.connection()
    target.execute(table.delete())
    summed = hashlib.sha256()
    rows = 0
    for some in _rows(source, table):
        target.execute(table.insert(), [dict(row) for row in some])
        rows += len(some)
        _sum(summed, some)
    again = hashlib.sha256()
    for some in _rows(target, table):
        _sum(again, some)
    if again.digest() != summed.digest():
        raise StorageError(
            f"what was copied of {table.name} is not the same; nothing was moved, and the former "
            "database is as it was"
        )
    return MovedTable(table.name, rows, summed.hexdigest())


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[RowMapping]]:
    statement = select(table).order_by(*table.primary_key.columns)
    options = {"yield_per": ROWS_AT_A_TIME}
    found = connection.execute(statement, execution_options=options).mappings()
    yield from found.partitions()


def _sum(summed: Any, rows: Sequence[RowMapping]) -> None:
    for row in rows:
        summed.update(json.dumps([_plain(value) for value in row.values()]).encode() + b"\n")


def _plain(value: Any) -> Any:
    """Return a value as both databases give it."""
    plain = value
    match value:
        case str():
            # What PostgreSQL's texts cannot hold; see dialects/postgresql.py.
            plain = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case bytes():
            plain = value.hex()
        case datetime():
            plain = value.astimezone(UTC).isoformat()
        case date():
            plain = value.isoformat()
        case list():
            plain = [_plain(each) for each in value]
        case dict():
            plain = {_plain(key): _plain(each) for key, each in sorted(value.items())}
    return plain


def _make_found(session: Session) -> None:
    """Make the index of papers' words, which each kind of database has in its own way."""
    paper = tables.PaperRow.metadata.tables["paper"]
    for some in _rows(session.connection(), paper):
        paper_search.put_in(session, [dict(row) for row in some])
