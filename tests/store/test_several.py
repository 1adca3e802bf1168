"""Of several processes on one database one holds a lock, and each hears of work."""

from __future__ import annotations

import queue
import subprocess
import sys
from collections.abc import Iterator

import pytest

from recommender.errors import StorageError
from recommender.store.database import Database, open_database
from recommender.store.several import Listener, NamedLock, is_held

HOLDS = """
import sys
from recommender.store.database import open_database
from recommender.store.several import NamedLock
lock = NamedLock(open_database(sys.argv[1]), "clock")
print(lock.hold(), flush=True)
sys.stdin.readline()
"""
SOON = 30


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    opened = open_database(database.url.render_as_string(hide_password=False))
    yield opened
    opened.close()


def test_one_holds_a_lock_where_there_are_several(database: Database, other: Database) -> None:
    mine, theirs = NamedLock(database, "clock"), NamedLock(other, "clock")
    another = NamedLock(other, "another")

    assert mine.hold()
    assert mine.hold(), "it still is"
    assert theirs.hold() is not database.dialect.is_for_several
    assert another.hold()
    mine.release()
    assert theirs.hold()
    for each in (theirs, another):
        each.release()


def test_a_lock_is_free_once_its_holder_was_killed(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    lock = NamedLock(database, "clock")
    with subprocess.Popen(  # noqa: S603, our interpreter and the script above
        [sys.executable, "-c", HOLDS, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert lock.hold() is not database.dialect.is_for_several
        holder.kill()
    while not lock.hold():
        pass
    lock.release()


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/recommender.db", "postgresql+psycopg://recommender@127.0.0.1:1/nowhere"],
)
def test_connection_to_what_cannot_be_reached_is_refused_as_all_else_is(url: str) -> None:
    """Or whoever listens would end, and this daemon be woken by nobody any more."""
    database = Database(url)
    with pytest.raises(StorageError, match=r"^database .*nowhere.*: "):
        database.connect_beside()
    database.close()


def test_what_is_announced_wakes_whoever_listens(database: Database, other: Database) -> None:
    woken: queue.Queue[None] = queue.Queue()
    listener = Listener(other, lambda: woken.put(None))
    listener.start()
    try:
        while database.dialect.is_for_several:
            with database.write() as session:
                database.dialect.announce(session)
            try:
                woken.get(timeout=0.5)  # the first ones may come before anybody listens
            except queue.Empty:
                continue
            break
    finally:
        listener.stop()
    assert woken.empty()


def test_everybody_sees_that_a_lock_is_held_until_it_is_let_go(
    database: Database, other: Database
) -> None:
    lock = NamedLock(database, "worker one")
    assert lock.hold()
    with other.read() as session:
        assert is_held(session, "worker one")
        assert is_held(session, "worker two") is not database.dialect.is_for_several
        lock.release()
    with other.read() as session:
        assert is_held(session, "worker one") is not database.dialect.is_for_several


def test_numbers_are_kept_by_one_until_its_transaction_ends(
    database: Database, other: Database
) -> None:
    with other.read() as theirs:
        with database.read() as mine:
            assert database.dialect.keep_numbers(mine.connection(), [1, 2]) == {1, 2}
            left = {3} if database.dialect.is_for_several else {2, 3}
            assert database.dialect.keep_numbers(theirs.connection(), [2, 3]) == left
        assert database.dialect.keep_numbers(theirs.connection(), [2]) == {2}
