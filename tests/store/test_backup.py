"""Copies of the embedded database, and what is refused to take its place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recommender.errors import StorageError
from recommender.store.backup import backup_database, restore_database
from recommender.store.database import open_database


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'recommender.db'}"
    open_database(url).close()
    return url


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


def test_restoring_does_not_write_to_the_backup(url: str, tmp_path: Path) -> None:
    backup = tmp_path / "copy.db"
    backup_database(url, backup)
    before = backup.read_bytes()
    kept = restore_database(url, backup)
    assert kept == tmp_path / "recommender.db.before-restore"
    assert backup.read_bytes() == before


def test_backup_of_a_newer_version_is_refused(url: str, tmp_path: Path) -> None:
    backup = tmp_path / "copy.db"
    backup_database(url, backup)
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    current = (tmp_path / "recommender.db").read_bytes()
    with pytest.raises(StorageError, match="written by a newer version"):
        restore_database(url, backup)
    assert (tmp_path / "recommender.db").read_bytes() == current


def test_file_that_is_no_backup_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no database")
    with pytest.raises(StorageError, match="no backup of this program"):
        restore_database(url, tmp_path / "letter.txt")
