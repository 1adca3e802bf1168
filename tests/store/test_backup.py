"""Copies of the embedded database, and what is refused to take its place."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.domain import Preferences, SubscriberState
from recommender.errors import StorageError
from recommender.store import papers, subscribers
from recommender.store.backup import backup_database, copies_beside, restore_database
from recommender.store.database import Database, open_database
from recommender.store.papers import NewPaper

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
SEAL_BYTES = 88


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'recommender.db'}"
    open_database(url).close()
    return url


@pytest.fixture
def backup(url: str, tmp_path: Path) -> Path:
    """Take a backup in which there is something to lose."""
    with closing(sqlite3.connect(tmp_path / "recommender.db")) as connection:
        connection.executemany(
            "INSERT INTO paper (title, title_key, abstract, first_seen_at, authors)"
            " VALUES (?, ?, ?, ?, '[]')",
            [
                (f"Title {each}", f"title {each}", f"Words {each} " * 90, "2026-03-11 07:00:00")
                for each in range(60)
            ],
        )
        connection.commit()
    backup_database(url, tmp_path / "copy.db")
    return tmp_path / "copy.db"


def unsealed(backup: Path) -> Path:
    """Take the seal off, as an older version or another tool writes a copy."""
    backup.write_bytes(backup.read_bytes()[:-SEAL_BYTES])
    return backup


def change(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def titles(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM paper ORDER BY id")]


def test_nothing_is_copied_where_there_is_no_database(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(StorageError, match="does not exist"):
        backup_database(f"sqlite:///{missing}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_backup_overwrites_nothing(url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StorageError, match="nothing is overwritten"):
        backup_database(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_backup_is_a_database_that_any_program_reads(backup: Path) -> None:
    assert len(titles(backup)) == 60


def test_restoring_does_not_write_to_the_backup(url: str, backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    kept = restore_database(url, backup)
    assert kept == tmp_path / "recommender.db.before-restore"
    assert backup.read_bytes() == before
    # What was kept can be restored like any other backup.
    assert restore_database(url, kept) == tmp_path / "recommender.db.before-restore-2"
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"recommender.db", "copy.db", kept.name, f"{kept.name}-2"}
    assert [path.name for path in copies_beside(url)] == sorted(names - {"recommender.db"})


def test_copy_without_a_seal_is_restored(url: str, backup: Path, tmp_path: Path) -> None:
    change(tmp_path / "recommender.db", "DELETE FROM paper")
    restore_database(url, unsealed(backup))
    assert len(titles(tmp_path / "recommender.db")) == 60


def test_write_ahead_log_of_a_database_that_is_gone_is_not_taken_for_the_new_one(
    url: str, backup: Path, tmp_path: Path
) -> None:
    database = tmp_path / "recommender.db"
    writing = sqlite3.connect(database)
    writing.execute("PRAGMA wal_autocheckpoint = 0")
    writing.execute("DELETE FROM paper")
    writing.commit()
    log = (tmp_path / "recommender.db-wal").read_bytes()
    writing.close()
    database.unlink()
    (tmp_path / "recommender.db-wal").write_bytes(log)

    restore_database(url, backup)

    assert len(titles(database)) == 60


def test_no_flipped_bit_is_restored(url: str, backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    before = (tmp_path / "recommender.db").read_bytes()
    rng = random.Random(13)  # noqa: S311 - places
    damaged = tmp_path / "damaged.db"
    for _ in range(60):
        place = rng.randrange(len(whole))
        content = bytearray(whole)
        content[place] ^= 1 << rng.randrange(8)
        damaged.write_bytes(content)
        with pytest.raises(StorageError, match=r"damaged.*take another|no backup"):
            restore_database(url, damaged)
    assert (tmp_path / "recommender.db").read_bytes() == before


@pytest.mark.parametrize("length", [0, 10, 4096, 40_000, -1000, -SEAL_BYTES - 1, -5])
def test_part_of_a_backup_is_refused(url: str, backup: Path, tmp_path: Path, length: int) -> None:
    part = tmp_path / "part.db"
    part.write_bytes(backup.read_bytes()[:length])
    with pytest.raises(StorageError, match=r"; take another|take a file"):
        restore_database(url, part)
    assert len(titles(tmp_path / "recommender.db")) == 60


def test_backup_of_a_newer_version_is_refused(url: str, backup: Path, tmp_path: Path) -> None:
    change(unsealed(backup), "UPDATE alembic_version SET version_num = '9999'")
    current = (tmp_path / "recommender.db").read_bytes()
    with pytest.raises(StorageError, match="written by a newer version"):
        restore_database(url, backup)
    assert (tmp_path / "recommender.db").read_bytes() == current


@pytest.mark.parametrize("revision", ["head", "base", "+1", "000", "", "0003x"])
def test_unknown_schema_is_refused(url: str, backup: Path, revision: str) -> None:
    with closing(sqlite3.connect(unsealed(backup))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    with pytest.raises(StorageError, match=r"not known here|another schema"):
        restore_database(url, backup)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "CREATE TRIGGER spy AFTER INSERT ON paper BEGIN DELETE FROM subscriber; END",
            "trigger spy",
        ),
        ("CREATE VIEW spy AS SELECT email FROM subscriber", "view spy"),
        ("CREATE TABLE spy (x)", "table spy"),
        ("CREATE INDEX spy ON paper (abs(title))", "index spy"),
        ("CREATE VIRTUAL TABLE spy USING fts5(x)", "table spy"),
        ("ALTER TABLE paper ADD COLUMN spy GENERATED ALWAYS AS (abs(id))", "table paper"),
        ("DROP TABLE smtp_server", "table smtp_server"),
    ],
)
def test_schema_that_is_not_ours_is_refused(
    url: str, backup: Path, statement: str, named: str
) -> None:
    change(unsealed(backup), statement)
    with pytest.raises(StorageError, match=rf"another schema.*\b{named}\b"):
        restore_database(url, backup)


def test_trigger_that_is_hidden_under_a_name_of_sqlite_is_refused(url: str, backup: Path) -> None:
    change(
        unsealed(backup),
        "CREATE TRIGGER spy AFTER INSERT ON paper BEGIN DELETE FROM subscriber; END",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET name = 'sqlite_stat1' WHERE name = 'spy'",
    )
    with pytest.raises(StorageError, match=r"trigger sqlite_stat1|no backup of this program"):
        restore_database(url, backup)


def test_rows_of_nobody_are_refused(url: str, backup: Path) -> None:
    change(
        unsealed(backup),
        "INSERT INTO rating (subscriber_id, paper_id, value, saved, rated_at)"
        " VALUES (7, 1, 1, 0, '2026-03-11 07:00:00')",
    )
    with pytest.raises(StorageError, match="rows of rating belong to others that are not there"):
        restore_database(url, backup)


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("UPDATE subscriber SET created_at = 'never'", "subscriber.created_at"),
        ("UPDATE subscriber SET created_at = '2026-13-41 07:00:00'", "subscriber.created_at"),
        ("UPDATE subscriber SET state = 'emperor'", "subscriber.state"),
        ("UPDATE subscriber SET email = x'ff00'", "subscriber.email"),
        ("UPDATE subscriber SET hour = 'seven'", "subscriber.hour"),
        ("UPDATE paper SET authors = '[1'", "paper.authors"),
    ],
)
def test_values_that_the_program_cannot_read_are_refused(
    url: str, tmp_path: Path, statement: str, column: str
) -> None:
    database = open_database(url)
    new = NewPaper("Title", "title", "", (), None, None, None, None, NOW)
    with database.write() as session:
        papers.add(session, [new])
        subscribers.add(
            session,
            email="ada@example.org",
            email_key="ada@example.org",
            state=SubscriberState.ACTIVE,
            preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
            interests="",
            now=NOW,
        )
    database.close()
    backup_database(url, tmp_path / "copy.db")
    change(unsealed(tmp_path / "copy.db"), statement)
    with pytest.raises(StorageError, match=f"{column} holds what this program cannot read"):
        restore_database(url, tmp_path / "copy.db")


def test_file_that_is_no_backup_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no database")
    with pytest.raises(StorageError, match="no backup of this program"):
        restore_database(url, tmp_path / "letter.txt")


def test_copy_of_a_database_in_use_is_refused(url: str, backup: Path) -> None:
    backup.with_name("copy.db-wal").write_bytes(b"x")
    with pytest.raises(StorageError, match=r"not whole without copy\.db-wal"):
        restore_database(url, backup)


def test_database_in_use_is_not_replaced(url: str, backup: Path, tmp_path: Path) -> None:
    in_use = Database(url)
    with in_use.read() as session:
        assert list(subscribers.every(session)) == []
    with pytest.raises(StorageError, match="is in use; stop the daemon"):
        restore_database(url, backup)
    in_use.close()
    assert {path.name for path in tmp_path.iterdir()} == {"recommender.db", "copy.db"}
    restore_database(url, backup)


def test_database_that_cannot_be_opened_is_named_with_what_to_do(
    url: str, backup: Path, tmp_path: Path
) -> None:
    (tmp_path / "recommender.db").write_bytes(b"this was a database once" * 400)
    with pytest.raises(StorageError, match=r"cannot be opened.*move it away"):
        restore_database(url, backup)


def test_killed_at_any_moment_it_leaves_the_one_or_the_other(
    url: str, backup: Path, tmp_path: Path
) -> None:
    change(tmp_path / "recommender.db", "DELETE FROM paper WHERE id > 5")
    before = titles(tmp_path / "recommender.db")
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from recommender.store.backup import restore_database\n"
        "print('begins', flush=True)\n"
        "while True:\n    restore_database(sys.argv[1], Path(sys.argv[2]))\n"
    )
    rng = random.Random(7)  # noqa: S311 - moments
    for _ in range(8):
        process = subprocess.Popen(  # noqa: S603, our own interpreter
            [sys.executable, "-c", code, url, str(backup)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with closing(sqlite3.connect(tmp_path / "recommender.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert titles(tmp_path / "recommender.db") in (before, titles(backup))
