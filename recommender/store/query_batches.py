"""Store: long lists of values, split into as many as one query takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

# Well below the 32,766 parameters that SQLite takes, and the 65,535 of PostgreSQL.
PARAMETERS_PER_QUERY: Final = 5000

T = TypeVar("T")


def in_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in parts that each fit into one query's parameters."""
    iterator = iter(values)
    while some := list(islice(iterator, PARAMETERS_PER_QUERY)):
        yield some
