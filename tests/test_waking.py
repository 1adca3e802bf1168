"""A command has the daemon look at once; where it cannot, nothing else is hindered."""

from __future__ import annotations

from pathlib import Path

from recommender.waking import WAKE_FILE, wake_daemon


def test_file_that_the_daemon_watches_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "recommender.db.index"

    wake_daemon(folder)
    first = (folder / WAKE_FILE).stat().st_mtime_ns
    wake_daemon(folder)

    assert (folder / WAKE_FILE).stat().st_mtime_ns >= first


def test_folder_that_cannot_be_made_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    wake_daemon(tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == b""
