"""Changes of many threads share transactions, and each is done, or undone, alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from recommender.errors import NotFoundError, StorageError
from recommender.store.database import Database, Session
from recommender.store.group_commit import GroupCommit

THREADS = 16


class Held:
    """A database whose next transaction waits until it is let go, and which counts them all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.entered = threading.Event()
        self.go = threading.Event()
        self.transactions = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.transactions += 1
        self.entered.set()
        assert self.go.wait(30)
        with self._database.write() as session:
            yield session


def insert(number: int) -> Callable[[Session], int]:
    def change(session: Session) -> int:
        session.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
        return number

    return change


def stored(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.execute(text("SELECT number FROM numbers ORDER BY number")).scalars())


@pytest.fixture
def numbers(database: Database) -> Database:
    with database.write() as session:
        session.execute(text("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    return database


def together(
    database: Database, changes: list[Callable[[Session], int]]
) -> tuple[list[object], int]:
    """Have the first change hold the database until all others wait.

    Returns
    -------
    list of int or Exception
        What each gave or raised.
    int
        How many transactions that took.
    """
    held = Held(database)
    commits = GroupCommit(held.write)

    def outcome(change: Callable[[Session], int]) -> object:
        try:
            return commits.write(change)
        except (NotFoundError, StorageError) as error:
            return error

    with ThreadPoolExecutor(len(changes)) as pool:
        first = pool.submit(outcome, changes[0])
        assert held.entered.wait(30)
        others = [pool.submit(outcome, change) for change in changes[1:]]
        deadline = time.monotonic() + 30
        while len(commits._waiting) < len(others):
            assert time.monotonic() < deadline, "they do not wait for each other"
        held.go.set()
        return [future.result(30) for future in (first, *others)], held.transactions


def test_one_change_is_one_transaction(numbers: Database) -> None:
    assert GroupCommit(numbers.write).write(insert(7)) == 7
    assert stored(numbers) == [7]


def test_what_waits_shares_the_next_transaction(numbers: Database) -> None:
    outcomes, transactions = together(numbers, [insert(number) for number in range(THREADS)])

    assert outcomes == list(range(THREADS)) == stored(numbers)
    assert transactions == 2


def test_what_a_change_raises_undoes_it_alone(numbers: Database) -> None:
    gone = NotFoundError("gone")

    def fails(session: Session) -> int:
        insert(99)(session)
        raise gone

    outcomes, transactions = together(numbers, [insert(0), insert(1), fails, insert(2)])

    assert outcomes == [0, 1, gone, 2]
    assert stored(numbers) == [0, 1, 2]
    assert transactions == 2


def test_what_the_database_refuses_undoes_itself_alone(numbers: Database) -> None:
    outcomes, _ = together(numbers, [insert(0), insert(1), insert(1), insert(2)])

    assert sorted(map(type, outcomes), key=str) == [int, int, int, StorageError]
    assert stored(numbers) == [0, 1, 2]


def test_change_alone_leaves_nothing_of_what_it_raised_for(numbers: Database) -> None:
    def fails(session: Session) -> int:
        insert(99)(session)
        raise NotFoundError("gone")

    with pytest.raises(NotFoundError, match="gone"):
        GroupCommit(numbers.write).write(fails)
    assert stored(numbers) == []


def test_database_that_cannot_be_written_is_told_to_everyone() -> None:
    @contextmanager
    def write() -> Iterator[Session]:
        raise StorageError("the disk is full")
        yield

    commits = GroupCommit(write)
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(commits.write, insert(number)) for number in range(THREADS)]
        errors = [str(future.exception(30)) for future in futures]

    assert errors == ["the disk is full"] * THREADS


def test_many_threads_at_once_lose_nothing_and_nobody_waits_for_ever(numbers: Database) -> None:
    commits = GroupCommit(numbers.write)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda number: commits.write(insert(number)), range(500)))

    assert results == list(range(500)) == stored(numbers)
