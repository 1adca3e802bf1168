"""The watched folder gives complete files only, and files are moved without loss."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.domain import Rejection
from recommender.errors import DigestError
from recommender.papers.incoming import file_away, read_content, settled_files, write_rejection

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def put(folder: Path, name: str, *, age_seconds: float = 60, content: bytes = b"x") -> Path:
    path = folder / name
    path.write_bytes(content)
    stamp = (NOW - timedelta(seconds=age_seconds)).timestamp()
    os.utime(path, (stamp, stamp))
    return path


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
    "name", [".hidden", "a.part", "a.tmp", "a.TMP", "a.txt~", "a.pdf.crdownload"]
)
def test_hidden_and_temporary_files_are_left(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    assert names(tmp_path) == []


def test_what_is_no_regular_file_is_left_and_blocks_nobody(tmp_path: Path) -> None:
    put(tmp_path, "paper.txt")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "paper.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.txt"))
        assert names(tmp_path, datetime.now(UTC) + timedelta(days=1)) == ["paper.txt"]


def test_names_that_are_not_utf8_are_listed_and_moved(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    path = put(incoming, os.fsdecode(b"gr\xfc\xdfe.txt"))
    (found,) = settled_files(incoming, now=NOW, settle_seconds=5)
    moved = file_away(found, tmp_path / "rejected")
    why = write_rejection(moved, Rejection(path.name, "line 3", "a reason; a fix"))
    assert (found, moved.name) == (path, path.name)
    assert "line 3: a reason; a fix" in why.read_text()


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


def test_the_longest_names_can_be_filed_away_twice_and_explained(tmp_path: Path) -> None:
    name = "é" * 125 + ".txt"
    moved = [file_away(put(tmp_path, name), tmp_path / "rejected") for _ in range(2)]
    explained = [write_rejection(path, Rejection(name, "file", "empty")) for path in moved]
    assert len({*moved, *explained}) == 4
    assert all(path.name.endswith(".why.txt") for path in explained)


def test_a_file_that_cannot_be_moved_stays_and_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(DigestError, match="cannot be moved"):
        file_away(tmp_path / "vanished.txt", tmp_path / "done")
    assert list((tmp_path / "done").iterdir()) == []


def test_a_rejection_lies_beside_the_file_and_says_what_where_and_the_mend(tmp_path: Path) -> None:
    moved = file_away(put(tmp_path, "mar-11.txt"), tmp_path / "rejected")
    why = write_rejection(moved, Rejection("mar-11.txt", "line 47", "a title without an abstract"))
    assert why == tmp_path / "rejected" / "mar-11.txt.why.txt"
    assert why.read_text() == (
        "mar-11.txt was not ingested; nothing of it was stored.\n"
        "line 47: a title without an abstract\n"
        "When that is fixed, put the file back into the watched folder.\n"
    )


def test_a_rejection_never_replaces_a_file(tmp_path: Path) -> None:
    other = put(tmp_path, "a.txt.why.txt", content=b"somebody's")
    why = write_rejection(put(tmp_path, "a.txt"), Rejection("a.txt", "file", "empty"))
    assert (why.name, other.read_bytes()) == ("a.txt-2.why.txt", b"somebody's")
