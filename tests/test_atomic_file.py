"""A file that is written whole is the one before until it is the new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recommender.atomic_file import atomic_write


def test_content_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    atomic_write(path, b"one")
    atomic_write(path, memoryview(b"two"))

    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    atomic_write(path, b"one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(path, b"two")

    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_taken_away_after_an_hour(tmp_path: Path) -> None:
    path = tmp_path / "file"
    old, recent = tmp_path / ".file.1-1.part", tmp_path / ".file.2-2.part"
    for part in (old, recent):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))

    atomic_write(path, b"one")

    assert sorted(tmp_path.iterdir()) == [recent, path]
