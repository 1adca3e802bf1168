"""A database opens with today's schema or says why not, and its transactions hold."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from database_makers import schema_differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel

from recommender.domain import Subscriber, SubscriberState
from recommender.errors import StorageError
from recommender.store import migrations, subscribers
from recommender.store.database import SCHEMA_REVISION, Database, open_database
from recommender.store.erasing import erase_subscriber
from recommender.store.migrations.upgrade import upgrade_to_head
from recommender.store.paper_search import TABLE

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Opens the database when it is told to, so that several do it at once.
OPENS = """
import sys
import recommender.store.migrations.upgrade
from recommender.store.database import open_database
print("ready", flush=True)
sys.stdin.readline()
open_database(sys.argv[1]).close()
"""

# Writes to the first subscriber, and commits when it is told to.
WRITES = """
import sys
from recommender.domain import SubscriberState
from recommender.store import subscribers
from recommender.store.database import open_database
with open_database(sys.argv[1]).write() as session:
    subscribers.set_state(session, int(sys.argv[2]), SubscriberState.PAUSED)
    print("ready", flush=True)
    sys.stdin.readline()
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our interpreter and the scripts above
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def rename(session: Session, subscriber_id: int, interests: str) -> None:
    """Write something to see again in a subscriber's interests."""
    seen = subscribers.by_id(session, subscriber_id)
    assert seen is not None
    subscribers.set_preferences(
        session,
        subscriber_id,
        seen.preferences,
        interests=interests,
        followed=seen.followed,
        blocked=seen.blocked,
        next_issue_at=seen.next_issue_at,
    )


def read(database: Database, subscriber_id: int) -> Subscriber:
    with database.read() as session:
        found = subscribers.by_id(session, subscriber_id)
    assert found is not None
    return found


def table_names(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_schema_revision_is_the_newest_migration() -> None:
    folder = Path(migrations.__file__).parent
    newest_file = max(path.name for path in (folder / "versions").glob("v*.py"))

    assert ScriptDirectory(str(folder)).get_heads() == [SCHEMA_REVISION]
    assert newest_file.startswith(f"v{SCHEMA_REVISION}_")


def test_upgrading_an_empty_database_gives_exactly_the_tables(
    new_database: Callable[..., str],
) -> None:
    database = Database(new_database(migrated=False))
    assert database.schema_revision() is None
    database.migrate()

    assert database.schema_revision() == SCHEMA_REVISION
    assert schema_differences(database) == []
    names = {each for each in table_names(database) if TABLE not in each}
    assert {*SQLModel.metadata.tables, "alembic_version"} == names
    database.close()


@pytest.mark.parametrize(
    "again",
    [Database.migrate, lambda database: upgrade_to_head(database._writing_engine)],
    ids=["migrate", "upgrade"],
)
def test_migrating_again_changes_nothing(
    database: Database, subscriber_ids: list[int], again: Callable[[Database], None]
) -> None:
    before = read(database, subscriber_ids[0])
    again(database)

    assert database.schema_revision() == SCHEMA_REVISION
    assert schema_differences(database) == []
    assert before == read(database, subscriber_ids[0])


def test_two_processes_that_open_a_new_database_at_once_both_succeed(
    new_database: Callable[..., str],
) -> None:
    url = new_database(migrated=False)
    processes = [start(OPENS, url) for _ in range(2)]
    for process in processes:
        wait_until_ready(process)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    assert [process.communicate(timeout=60) for process in processes] == [("", "")] * 2
    assert [process.returncode for process in processes] == [0, 0]
    database = Database(url)
    assert database.schema_revision() == SCHEMA_REVISION
    assert schema_differences(database) == []
    database.close()


def test_migration_that_fails_leaves_nothing(new_database: Callable[..., str]) -> None:
    url = new_database(migrated=False)
    database = Database(url)
    with database.write() as session:
        session.execute(text("CREATE TABLE rating (of_another_program INTEGER)"))

    with pytest.raises(StorageError, match="rating"):
        database.migrate()
    assert {"rating"} == table_names(database)
    database.close()


def test_database_of_a_newer_version_is_refused_with_the_mend(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StorageError, match=r"9999.*newer version: install that one, or restore"):
        open_database(database.url.render_as_string(hide_password=False))
    assert database.schema_revision() == "9999"


def test_read_session_refuses_writes(database: Database, subscriber_ids: list[int]) -> None:
    before = read(database, subscriber_ids[0])

    with pytest.raises(StorageError), database.read() as session:
        subscribers.set_state(session, subscriber_ids[0], SubscriberState.PAUSED)
    assert before == read(database, subscriber_ids[0])


def test_read_and_write_sessions_may_follow_each_other_on_one_connection(
    database: Database, subscriber_ids: list[int]
) -> None:
    for interests in ("robots", "graphs"):
        with database.write() as session:
            rename(session, subscriber_ids[0], interests)
        assert interests == read(database, subscriber_ids[0]).interests
        with pytest.raises(StorageError), database.read() as session:
            rename(session, subscriber_ids[0], "nothing")


def test_block_that_raises_leaves_nothing(database: Database, subscriber_ids: list[int]) -> None:
    def change_and_fail() -> None:
        with database.write() as session:
            rename(session, subscriber_ids[0], "robots")
            erase_subscriber(session, subscriber_ids[1])
            raise KeyError("in the block")

    before = [read(database, subscriber_id) for subscriber_id in subscriber_ids]
    with pytest.raises(KeyError, match="in the block"):
        change_and_fail()

    assert before == [read(database, subscriber_id) for subscriber_id in subscriber_ids]


def test_reader_sees_what_is_committed_and_waits_for_no_writer(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        rename(session, subscriber_ids[0], "robots")
        assert read(database, subscriber_ids[0]).interests == ""

    assert read(database, subscriber_ids[0]).interests == "robots"


def test_write_waits_for_the_transaction_of_another_process(
    database: Database, subscriber_ids: list[int]
) -> None:
    url = database.url.render_as_string(hide_password=False)
    process = start(WRITES, url, str(subscriber_ids[0]))
    wait_until_ready(process)

    def write() -> None:
        with database.write() as session:
            rename(session, subscriber_ids[0], "robots")

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        with pytest.raises(FutureTimeoutError):
            writing.result(timeout=0.2)
        assert process.communicate("\n", timeout=60) == ("", "")
        writing.result(timeout=60)

    found = read(database, subscriber_ids[0])
    assert (found.state, found.interests) == (SubscriberState.PAUSED, "robots")


@pytest.mark.parametrize("column", ["next_issue_at", "requested_at"])
def test_naive_times_are_refused(
    database: Database, subscriber_ids: list[int], column: str
) -> None:
    naive = {column: NOW.replace(tzinfo=None)}

    with (
        pytest.raises(StatementError, match="naive time 2026-03-11T07:00:00"),
        database.write() as session,
    ):
        subscribers.set_state(session, subscriber_ids[0], SubscriberState.ACTIVE, **naive)
    assert read(database, subscriber_ids[0]).requested_at == NOW


# The rows that the fixtures give are read only, and every example rolls its own back.
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(
        datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zones
        datetime(2200, 1, 1),  # noqa: DTZ001 - hypothesis adds the zones
        timezones=st.timezones()
        | st.builds(timezone, st.integers(-14 * 60, 14 * 60).map(lambda m: timedelta(minutes=m))),
    )
)
def test_times_come_back_as_the_same_moment_in_utc(
    database: Database, subscriber_ids: list[int], moment: datetime
) -> None:
    with database.write() as session:
        subscribers.set_state(
            session, subscriber_ids[0], SubscriberState.ACTIVE, next_issue_at=moment
        )
        session.expire_all()
        found = subscribers.by_id(session, subscriber_ids[0])
        earliest = subscribers.next_due_at(session)
        session.rollback()

    assert found is not None
    # In UTC, because a time within a fold equals none of another zone (PEP 495).
    assert moment.astimezone(UTC) == found.next_issue_at == earliest
    assert found.next_issue_at is not None
    assert UTC is found.next_issue_at.tzinfo


@pytest.mark.parametrize(
    "url",
    ["", "recommender.db", "sqlite://recommender.db", "postgresql://host:99x/name"],
)
def test_what_is_no_address_of_a_database_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(StorageError, match=r"^database\.url is no .*; write sqlite:///"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgre", "postgresql+nodriver"])
def test_password_of_an_unusable_address_is_not_repeated(scheme: str) -> None:
    with pytest.raises(StorageError) as caught:
        Database(f"{scheme}://user:hunter2@example.org/papers")

    assert "hunter2" not in str(caught.value)


def test_address_whose_driver_is_missing_is_refused_with_the_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As on a machine without it: importing what stands here as None raises ImportError.
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(StorageError, match=r"needs the Python package psycopg, .*; install it"):
        Database("postgresql+psycopg://user:hunter2@example.org/papers")


# What follows holds for SQLite alone.


def test_sqlite_keeps_a_write_ahead_log_and_syncs_every_commit(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'recommender.db'}")
    with database.read() as session:
        pragmas = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_switch_to_the_write_ahead_log_waits_for_the_transaction_of_another_process(
    tmp_path: Path,
) -> None:
    path = tmp_path / "recommender.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_database, f"sqlite:///{path}")
        with pytest.raises(FutureTimeoutError):
            opening.result(timeout=0.2)
        other.execute("COMMIT")
        database = opening.result(timeout=60)
    assert database.schema_revision() == SCHEMA_REVISION
    other.close()
    database.close()


def connect_anew(database: Database) -> None:
    """Use more connections at once than were opened before."""
    with ExitStack() as held:
        for _ in range(10):
            held.enter_context(database.read()).connection()


@pytest.mark.sqlite
def test_file_that_is_away_for_a_while_is_not_made_anew_and_is_whole_when_it_is_back(
    tmp_path: Path,
) -> None:
    """A new one would take the log of the other, and all that was not yet written back with it."""
    path = tmp_path / "a folder # % of mine" / "recommender.db"
    path.parent.mkdir()
    database = open_database(f"sqlite:///{path}")
    beside = Database(f"sqlite:///{path}", must_exist=True)
    with database.write() as session:
        session.connection().execute(text("CREATE TABLE kept (number INTEGER)"))
    away = path.rename(path.with_name("away.db"))

    for each in (database, beside):
        with pytest.raises(StorageError, match="unable to open"):
            connect_anew(each)
    assert not path.exists()
    away.rename(path)
    with database.read() as held, database.read() as another, beside.read() as third:
        for session in (held, another, third):
            session.connection().execute(text("SELECT count(*) FROM kept"))
    database.close()
    beside.close()


def test_reading_leaves_the_file_byte_for_byte_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "recommender.db"
    open_database(f"sqlite:///{path}").close()
    before = path.read_bytes()

    database = open_database(f"sqlite:///{path}")
    with database.read() as session:
        assert list(subscribers.every(session)) == []
    database.close()
    assert before == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_database_that_must_exist_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "recommender.db"

    with pytest.raises(StorageError, match=r"there is no database .*recommender.db; correct data"):
        open_database(f"sqlite:///{path}", must_exist=True)
    assert list(tmp_path.iterdir()) == []
    path.touch()
    with pytest.raises(StorageError, match=r"has no tables; correct database.url"):
        open_database(f"sqlite:///{path}", must_exist=True)
    made = open_database(f"sqlite:///{path}")
    made.close()
    opened = open_database(f"sqlite:///{path}", must_exist=True)
    opened.close()
    assert (made.is_new, opened.is_new) == (True, False)


def test_file_that_is_mapped_shows_what_others_write_and_take_away(tmp_path: Path) -> None:
    path = tmp_path / "recommender.db"
    written = open_database(f"sqlite:///{path}")
    mapped = Database(str(written.url), must_exist=True, maps_file=True)

    def read(statement: str) -> int:
        with mapped.read() as session:
            return int(session.connection().exec_driver_sql(statement).scalar_one())

    def write(*statements: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as beside:
            for statement in (*statements, "PRAGMA wal_checkpoint(TRUNCATE)"):
                beside.execute(statement)

    assert read("PRAGMA mmap_size") > 0
    write("CREATE TABLE large (content BLOB)", "INSERT INTO large VALUES (zeroblob(10000000))")
    assert read("SELECT sum(length(content)) FROM large") == 10_000_000
    large = path.stat().st_size
    write("DELETE FROM large", "VACUUM")
    assert path.stat().st_size < large / 5
    assert read("SELECT count(*) FROM large") == 0
    mapped.close()
    written.close()


def test_file_that_is_no_database_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "recommender.db"
    path.write_text("a digest that somebody dropped here\n" * 100)

    with pytest.raises(StorageError, match="not a database; move the file away, or restore"):
        open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("a digest that somebody dropped here\n")


def test_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"the folder .*missing does not exist; create it"):
        open_database(f"sqlite:///{tmp_path / 'missing' / 'recommender.db'}")


def test_folder_in_place_of_a_file_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="unable to open database file; check that the folder"):
        open_database(f"sqlite:///{tmp_path}")


def test_database_without_schema_says_how_to_make_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'recommender.db'}")

    with (
        pytest.raises(StorageError, match="no such table: subscriber; the schema is missing"),
        database.read() as session,
    ):
        subscribers.by_id(session, 1)
    database.close()


def test_writer_that_waited_too_long_says_who_is_in_the_way(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'recommender.db'}"
    holder = open_database(url)
    impatient = Database(url, busy_timeout_seconds=0)

    with holder.write() as held:
        held.connection()
        with (
            pytest.raises(StorageError, match="locked; another process holds it for over 0 s"),
            impatient.write() as session,
        ):
            session.connection()
    with impatient.write() as session:
        session.connection()
    holder.close()
    impatient.close()
