"""The database's file shrinks when what it held went, and claims are planned as before."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from recommender.errors import StorageError
from recommender.store.database import Database, open_database
from recommender.store.tidying import tidy

pytestmark = pytest.mark.sqlite


def size_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return path.stat().st_size


def fill_and_empty(database: Database) -> None:
    with database.write() as session:
        rows = [{"sha256": f"{number:0900}", "attempts": 1} for number in range(9_000)]
        session.connection().exec_driver_sql(
            "INSERT INTO reading_attempt VALUES (:sha256, :attempts, '2026-03-11 07:00:00')", rows
        )
    with database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM reading_attempt")


@pytest.mark.parametrize("is_of_an_older_version", [False, True])
def test_file_shrinks_when_what_it_held_went(
    tmp_path: Path, *, is_of_an_older_version: bool
) -> None:
    path = tmp_path / "recommender.db"
    if is_of_an_older_version:
        older = sqlite3.connect(path)
        older.execute("CREATE TABLE first (id INTEGER)")
        older.execute("DROP TABLE first")
        older.close()
    database = open_database(f"sqlite:///{path}")
    empty = size_of(path)
    fill_and_empty(database)
    assert size_of(path) > 10 * empty

    said = tidy(database)

    assert size_of(path) < 1.3 * empty
    assert said.endswith("free")
    with database.read() as session:
        integrity = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
    assert integrity == "ok"
    database.close()


def test_where_the_file_grew_meanwhile_no_page_is_said_to_be_given_back(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'recommender.db'}")
    fill_and_empty(database)
    other = sqlite3.connect(tmp_path / "recommender.db", isolation_level=None)
    size = other.execute("PRAGMA page_count").fetchone()[0] * 4096

    def write_more() -> None:
        other.execute("CREATE TABLE IF NOT EXISTS more (content BLOB)")
        other.execute("INSERT INTO more VALUES (zeroblob(?))", (size,))

    said = tidy(database, write_more)

    assert said.startswith("0 pages given back, ")
    other.close()
    database.close()


def test_tidying_ends_when_it_is_told_to(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'recommender.db'}")
    fill_and_empty(database)

    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tidy(database, end)
    database.close()


def test_database_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'recommender.db'}", busy_timeout_seconds=0.01)
    fill_and_empty(database)
    other = sqlite3.connect(tmp_path / "recommender.db")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError, match="locked; another process holds it"):
        tidy(database)
    other.close()
    database.close()
