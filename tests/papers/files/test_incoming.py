"""The watched folder gives complete files only, and files are moved without loss."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.errors import DigestError
from recommender.papers.files import incoming
from recommender.papers.files.incoming import (
    FileChangedError,
    FileState,
    put_back_taken,
    read_content,
    settled_files,
    state_of,
)

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def put(folder: Path, name: str, *, age_seconds: float = 60, content: bytes = b"x") -> Path:
    path = folder / name
    path.write_bytes(content)
    stamp = (NOW - timedelta(seconds=age_seconds)).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def file_away(path: Path, folder: Path, *, sha256: str | None = None) -> Path:
    """File away what lies there now."""
    moved = incoming.file_away(path, folder, state=seen(path), sha256=sha256)
    assert moved is not None
    return moved


def seen(path: Path) -> FileState:
    state = state_of(path)
    assert state is not None
    return state


def names(folder: Path, now: datetime = NOW) -> list[str]:
    return [path.name for path in settled_files(folder, now=now, settle_seconds=5)]


def test_settled_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.json", "c"):
        put(tmp_path, name)
    assert names(tmp_path) == ["a.json", "b.txt", "c"]


def test_a_file_that_is_being_written_is_left_until_it_settles(tmp_path: Path) -> None:
    put(tmp_path, "growing.txt", age_seconds=4)
    assert names(tmp_path) == []
    assert names(tmp_path, NOW + timedelta(seconds=1)) == ["growing.txt"]


def test_a_file_stamped_in_the_future_settles(tmp_path: Path) -> None:
    put(tmp_path, "wrong-clock.txt", age_seconds=-86_400)
    assert names(tmp_path) == ["wrong-clock.txt"]


@pytest.mark.parametrize(
    "name",
    [
        *(".hidden", ".DS_Store", "._mar-11.txt", ".~lock.a.odt#", ".a.txt.swp", "~$list.docx"),
        *("a.part", "a.partial", "a.json.filepart", "a.tmp", "a.TMP", "a.txt~", "a.txt.bak"),
        *("a.pdf.crdownload", "a.download", "a.xml.!ut", "a.swp", "a.swx", "#a.txt#"),
        *("Thumbs.db", "desktop.ini"),
    ],
)
def test_hidden_and_temporary_files_are_left(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["partial.txt", "a.part.txt", "swp", "bak", "#1 of March.txt", "#"]
)
def test_names_that_only_look_like_temporary_ones_are_read(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    assert names(tmp_path) == [name]


def test_what_is_no_regular_file_is_left_and_blocks_nobody(tmp_path: Path) -> None:
    put(tmp_path, "paper.txt")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "paper.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.txt"))
        assert names(tmp_path, datetime.now(UTC) + timedelta(days=1)) == ["paper.txt"]


def test_a_missing_folder_is_reported_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(DigestError, match=r"cannot be listed .*create it or grant access"):
        settled_files(tmp_path / "missing", now=NOW, settle_seconds=5)


def test_a_file_is_read_whole_up_to_the_limit(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", content=b"12345")
    assert read_content(path, max_bytes=5) == b"12345"


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", content=b"123456")
    with pytest.raises(DigestError, match="larger than 5e-06 MB; split it"):
        read_content(path, max_bytes=5)


def test_what_took_a_files_place_is_refused_without_waiting(tmp_path: Path) -> None:
    target = put(tmp_path, "target.txt")
    (tmp_path / "link.txt").symlink_to(target)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    for name in ("link.txt", "pipe.txt", "folder.txt", "vanished.txt"):
        with pytest.raises(DigestError) as caught:
            read_content(tmp_path / name)
        assert caught.value.where == "file"


def test_a_filed_away_file_keeps_its_content_and_leaves_the_folder(tmp_path: Path) -> None:
    path = put(tmp_path, "mar-11.txt", content=b"papers")
    moved = file_away(path, tmp_path / "done")
    assert (moved, moved.read_bytes()) == (tmp_path / "done" / "mar-11.txt", b"papers")
    assert not path.exists()


def test_a_filed_away_file_never_replaces_another(tmp_path: Path) -> None:
    moved = [
        file_away(put(tmp_path, "mar-11.txt", content=content), tmp_path / "done")
        for content in (b"1", b"2", b"3")
    ]
    assert [(path.name, path.read_bytes()) for path in moved] == [
        ("mar-11.txt", b"1"),
        ("mar-11-2.txt", b"2"),
        ("mar-11-3.txt", b"3"),
    ]


def test_the_longest_names_can_be_filed_away_twice(tmp_path: Path) -> None:
    name = "é" * 125 + ".txt"
    moved = [file_away(put(tmp_path, name), tmp_path / "done") for _ in range(2)]
    assert len({*moved}) == 2
    assert all(path.suffix == ".txt" for path in moved)


def test_a_file_that_cannot_be_moved_stays_and_leaves_no_trace(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    (tmp_path / "done").write_text("a file where the folder should be")
    with pytest.raises(DigestError, match="cannot be moved"):
        file_away(path, tmp_path / "done")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.txt", "done"]


def test_of_a_file_of_20_gb_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(20_000_000_000)
    began = time.perf_counter()
    with pytest.raises(DigestError, match="larger than 20 MB; split it"):
        read_content(path)
    assert time.perf_counter() - began < 0.1
    assert file_away(path, tmp_path / "rejected").stat().st_size == 20_000_000_000


def replaced(path: Path, content: bytes) -> None:
    put(path.parent, "new", content=content).replace(path)


def rewritten(path: Path, content: bytes) -> None:
    path.write_bytes(content)


@pytest.mark.parametrize("change", [replaced, rewritten])
def test_what_was_changed_after_it_was_read_is_not_filed_away(
    tmp_path: Path, change: Callable[[Path, bytes], None]
) -> None:
    path = put(tmp_path, "a.txt", content=b"read")
    before = seen(path)
    assert read_content(path, expected=before) == b"read"
    change(path, b"never read")
    assert incoming.file_away(path, tmp_path / "done", state=before) is None
    assert path.read_bytes() == b"never read"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.txt"]
    with pytest.raises(FileChangedError):
        read_content(path, expected=before)


def test_what_has_the_same_size_and_times_but_other_content_is_not_filed_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a tick of the file system's clock, two writings have one time."""
    path = put(tmp_path, "a.txt", content=b"newer")
    sha256 = hashlib.sha256(b"older").hexdigest()
    assert incoming.file_away(path, tmp_path / "done", state=seen(path), sha256=sha256) is None
    assert path.read_bytes() == b"newer"
    # Without second names, as for files of other people, it has a name like its own.
    monkeypatch.setattr(os, "link", refuse)
    assert incoming.file_away(path, tmp_path / "done", state=seen(path), sha256=sha256) is None
    [left] = [each for each in tmp_path.iterdir() if each.is_file()]
    assert (left.read_bytes(), left.suffix) == (b"newer", ".txt")
    assert names(tmp_path) == [left.name]


def refuse(*_arguments: object, **_options: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_what_cannot_go_back_under_its_name_goes_back_under_another(tmp_path: Path) -> None:
    taken = put(tmp_path, ".filing-0123456789abcdef-a.txt", content=b"first")
    put(tmp_path, "a.txt", content=b"second")
    [back] = put_back_taken(tmp_path)
    assert (back.read_bytes(), (tmp_path / "a.txt").read_bytes()) == (b"first", b"second")
    assert not taken.exists()
    assert len(names(tmp_path)) == 2


def test_what_somebody_else_may_be_moving_is_left_for_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, ".filing-0123456789abcdef-a.txt", content=b"first")
    assert put_back_taken(tmp_path, is_shared=True) == []
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert put_back_taken(tmp_path, is_shared=True) == [tmp_path / "a.txt"]
    assert put_back_taken(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["v1.5 " + "x" * 248, "a." + "x" * 250, "Dr. Ann " + "y" * 230])
def test_a_long_end_of_a_name_is_no_suffix(tmp_path: Path, name: str) -> None:
    for content in (b"1", b"2"):
        path = put(tmp_path, name, content=content)
        moved = incoming.file_away(path, tmp_path / "done", state=seen(path))
        assert moved is not None
        assert (moved.name[:4], moved.read_bytes()) == (name[:4], content)
    assert len(names(tmp_path / "done")) == 2


def test_a_folder_that_took_a_files_place_stays_one(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    before = seen(path)
    path.unlink()
    path.mkdir()
    (path / "inside").touch()
    assert incoming.file_away(path, tmp_path / "done", state=before) is None
    assert (path / "inside").exists()
