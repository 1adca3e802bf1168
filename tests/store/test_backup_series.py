"""Of backups that are made again and again, the last ones stay, and whatever else is there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.errors import StorageError
from recommender.store.backup_series import next_backup, old_names, remove_old

MOMENT = datetime(2026, 3, 11, 4, 30, 5, tzinfo=UTC)


def name(day: int) -> str:
    return f"recommender-2026-03-{day:02}T04-30-05Z.db"


def test_a_backup_has_its_moment_in_its_name(tmp_path: Path) -> None:
    assert next_backup(tmp_path, MOMENT) == tmp_path / name(11)


def test_only_the_oldest_of_the_series_go() -> None:
    names = [
        name(11),
        "before-the-move.db",
        name(9),
        name(10),
        f".{name(1)}.part",
        "recommender.db",
    ]

    assert old_names(names, keep=2) == [name(9)]
    assert old_names(names, keep=3) == []


def test_what_is_removed_is_told(tmp_path: Path) -> None:
    for each in (name(9), name(10), "mine.db"):
        (tmp_path / each).touch()

    assert remove_old(tmp_path, keep=1) == [tmp_path / name(9)]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.db", name(10)]


def test_a_folder_that_is_none_is_told_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="is no folder; make it, or leave out --keep"):
        next_backup(tmp_path / "file", MOMENT)
