"""A database that cannot be written says so within seconds, whoever may still read it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from recommender.store.database import Database, open_database
from recommender.store.write_probe import LEAST_FREE_BYTES, WriteProbe, space_trouble

BLOCK = 4_096


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{database_path}", busy_timeout_seconds=0.5)
    yield database
    database.close()


def probe_of(database: Database, **settings: float) -> WriteProbe:
    return WriteProbe(database.write, database.dialect.try_to_write, database.folder, **settings)


def schema(database: Database) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database.url.database or "") as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()


def test_a_database_that_takes_writes_is_well_and_stays_what_it_was(database: Database) -> None:
    before = schema(database)

    assert probe_of(database).trouble() is None

    assert schema(database) == before


def test_a_database_that_may_not_grow_is_full(database: Database) -> None:
    def allow_no_page(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(database.engine, "connect", allow_no_page)
    database.close()

    trouble = probe_of(database).trouble()

    assert trouble is not None
    assert "database or disk is full; free some space" in trouble


def test_a_lock_that_nobody_lets_go_of_is_told_in_time(
    database: Database, database_path: Path
) -> None:
    probe = probe_of(database, patience_seconds=0.1)
    with sqlite3.connect(database_path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")

        assert probe.trouble() == "nothing can be written to the database within 0 s"

        other.execute("ROLLBACK")


def test_the_database_is_tried_once_however_many_ask(
    database: Database, count_writes: Callable[[], int]
) -> None:
    probe = probe_of(database)
    askers = [threading.Thread(target=probe.trouble) for _ in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert count_writes() == 1


def test_the_database_is_tried_again_after_a_while(
    database: Database, count_writes: Callable[[], int]
) -> None:
    probe = probe_of(database, probe_seconds=0)
    for _ in range(3):
        assert probe.trouble() is None

    assert count_writes() == 3


@pytest.fixture
def count_writes(database: Database) -> Callable[[], int]:
    made: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DROP TABLE"):
            made.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    return lambda: len(made)


def file_system(*, free: int, files: int = 1_000, free_files: int = 500) -> os.statvfs_result:
    blocks = free // BLOCK
    return os.statvfs_result(
        (BLOCK, BLOCK, 10 * blocks, blocks + 9, blocks, files, free_files, free_files, 0, 255)
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (file_system(free=LEAST_FREE_BYTES), None),
        (file_system(free=LEAST_FREE_BYTES - BLOCK), "63 MB free; below 64 MB, free some"),
        (file_system(free=0), "0 MB free"),
        (file_system(free=1 << 40, free_files=0), "no more files"),
        (file_system(free=1 << 40, files=0, free_files=0), None),
    ],
)
def test_a_disk_is_full_before_the_last_block_is(
    state: os.statvfs_result, said: str | None
) -> None:
    trouble = space_trouble(state)

    assert (trouble is None) if said is None else (said in (trouble or ""))


def test_a_folder_that_is_gone_is_told(database: Database, tmp_path: Path) -> None:
    probe = WriteProbe(database.write, database.dialect.try_to_write, tmp_path / "gone")

    assert "cannot be looked at (No such file or directory)" in (probe.trouble() or "")


GB = 10**9


def disk(*, size: int, free: int) -> os.statvfs_result:
    """Make a file system that keeps a tenth of what is free for root."""
    return os.statvfs_result(
        (BLOCK, BLOCK, size // BLOCK, free // BLOCK + 9, free // BLOCK, 9, 9, 9, 0, 255)
    )


@pytest.mark.parametrize(
    ("state", "filling", "nearly_full"),
    [
        (disk(size=100 * GB, free=21 * GB), None, None),
        (disk(size=100 * GB, free=19 * GB), "81 % full, 19.0 GB are free; free some", None),
        (disk(size=20 * GB, free=2 * GB), "90 % full, 2.0 GB", None),
        (disk(size=20 * GB, free=GB // 2), "98 % full", "98 % full, 0.5 GB are free; nothing is"),
        # Of a large disk, a twentieth is plenty.
        (disk(size=10_000 * GB, free=400 * GB), None, None),
        (disk(size=1_000 * GB, free=10 * GB), "99 % full, 10.0 GB are free; free some", None),
        (disk(size=0, free=0), None, None),
    ],
)
def test_a_disk_that_fills_up_is_told_before_nothing_new_is_begun(
    database: Database,
    tmp_path: Path,
    state: os.statvfs_result,
    filling: str | None,
    nearly_full: str | None,
) -> None:
    probe = WriteProbe(
        database.write, database.dialect.try_to_write, tmp_path, statvfs=lambda _: state
    )

    for said, expected in ((probe.filling(), filling), (probe.nearly_full(), nearly_full)):
        assert (said is None) if expected is None else (expected in (said or ""))


def test_disk_of_a_database_elsewhere_or_of_a_folder_that_is_gone_is_not_judged(
    database: Database, tmp_path: Path
) -> None:
    for folder in (None, tmp_path / "gone"):
        probe = WriteProbe(database.write, database.dialect.try_to_write, folder)
        assert probe.filling() is None
