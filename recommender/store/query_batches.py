"""Store: statements about many values at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel

from recommender.errors import StorageError

# Well below the 32,766 parameters that SQLite takes, and the 65,535 of PostgreSQL.
PARAMETERS_PER_QUERY: Final = 5000

# What is in the way of a row is told in words of the database's own.
_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

T = TypeVar("T")


def in_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in parts that each fit into one query's parameters."""
    iterator = iter(values)
    while some := list(islice(iterator, PARAMETERS_PER_QUERY)):
        yield some


def insert_missing(
    session: Session, row: type[SQLModel], values: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, but for those that there are already by one of the table's unique keys."""
    connection = session.connection()
    make = _INSERTS[connection.dialect.name]
    connection.execute(make(row).on_conflict_do_nothing(), values)


def insert_numbered(
    session: Session,
    row: type[SQLModel],
    number: Mapped[int | None],
    values: Sequence[Mapping[str, Any]],
) -> list[int]:
    """Insert rows that the database numbers upwards; their numbers come back in the same order.

    To have each row's number returned takes a statement a row on SQLite, and four times as long.
    Nobody else writes during a transaction that does.

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
        If somebody else did write, as can be where a database lets several; see `Database.write`.
    """
    connection = session.connection()
    last = connection.scalar(select(func.max(number))) or 0
    connection.execute(insert(row), values)
    new = connection.scalars(select(number).where(number > last).order_by(number))
    numbers = [each for each in new if each is not None]
    if len(numbers) != len(values):
        raise StorageError(f"somebody else wrote into {row.__tablename__} meanwhile; try again")
    return numbers
