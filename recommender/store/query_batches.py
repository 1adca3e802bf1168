"""Store: statements about many values at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Executable, Row
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel

from recommender.store.dialects import dialect_in

# Well below the 32,766 parameters that SQLite takes, and the 65,535 of PostgreSQL.
PARAMETERS_PER_QUERY: Final = 5000
ROWS_AT_A_TIME: Final = 1000

T = TypeVar("T")


def in_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in parts that each fit into one query's parameters."""
    iterator = iter(values)
    while some := list(islice(iterator, PARAMETERS_PER_QUERY)):
        yield some


def in_parts(session: Session, statement: Executable) -> Iterator[Row[Any]]:
    """Yield rows that are read a thousand at a time; who may stop before the last one closes it."""
    with session.execute(statement, execution_options={"yield_per": ROWS_AT_A_TIME}) as rows:
        yield from rows


def insert_missing(
    session: Session, row: type[SQLModel], values: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, but for those that there are already by one of the table's unique keys."""
    dialect_in(session).insert_missing(session.connection(), row, values)


def insert_numbered(
    session: Session,
    row: type[SQLModel],
    number: Mapped[int | None],
    values: Sequence[Mapping[str, Any]],
) -> list[int]:
    """Insert rows that the database numbers upwards; their numbers come back in the same order.

    Parameters
    ----------
    row : type of SQLModel
    number : column
        Its primary key.
    values : sequence of mapping
        Not empty.

    Raises
    ------
    StorageError
        If somebody else wrote meanwhile, where a database numbers them by counting.
    """
    return dialect_in(session).insert_numbered(session.connection(), row, number, values)
