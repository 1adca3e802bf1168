"""What was rejected lies beside its reason, and both can be read, listed and taken away."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.domain import UnreadEntry
from recommender.errors import DigestError, NotFoundError
from recommender.papers.files import rejected
from recommender.papers.files.incoming import state_of
from recommender.papers.files.reasons import FROM_FOLDER, Reason
from recommender.papers.files.rejected import all_rejected, find_rejected, lines_around

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
FAULT = UnreadEntry("line 47", "a title without an abstract; add it")
REASON = Reason("mar-11.txt", FROM_FOLDER, NOW, (FAULT,))


def put(folder: Path, name: str, content: bytes = b"x") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


def reject(path: Path, folder: Path, reason: Reason = REASON) -> Path:
    state = state_of(path)
    assert state is not None
    moved = rejected.reject(path, folder, reason, state=state, sha256=None)
    assert moved is not None
    return moved


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_rejection_lies_beside_the_file_and_says_what_where_and_the_mend(tmp_path: Path) -> None:
    moved = reject(put(tmp_path, "mar-11.txt"), tmp_path / "rejected")
    why = tmp_path / "rejected" / "mar-11.txt.why.txt"
    assert (moved.name, moved.read_bytes()) == ("mar-11.txt", b"x")
    assert why.read_text() == (
        "mar-11.txt was not ingested; nothing of it was stored.\n"
        "line 47: a title without an abstract; add it\n"
        "It came from the watched folder at 2026-03-20T12:00:00Z.\n"
        "When that is fixed, put the file back into the watched folder, or type "
        "`recommender rejected retry`.\n"
    )
    [found] = all_rejected(tmp_path / "rejected")
    assert (found.name, found.path, found.size, found.reason) == ("mar-11.txt", moved, 1, REASON)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    faults = tuple(UnreadEntry(f"entry {n}", f"a reason: {n}; a fix") for n in range(1, 1001))
    reason = Reason("a\nb.json", "the source A: name at 3.", NOW, faults, is_partial=True)
    rejected.note_partial(tmp_path, "b.json", reason)
    [found] = all_rejected(tmp_path)
    assert found.reason == replace(reason, file="a b.json")
    assert (found.name, found.path, found.reason.source) == ("b.json", None, "A: name at 3.")


def test_a_rejection_never_replaces_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "rejected"
    put(folder, "a.txt.why.txt", b"somebody's")
    moved = [reject(put(tmp_path, "a.txt", content), folder) for content in (b"1", b"2")]
    assert [(path.name, path.read_bytes()) for path in moved] == [
        ("a-2.txt", b"1"),
        ("a-3.txt", b"2"),
    ]
    assert (folder / "a.txt.why.txt").read_bytes() == b"somebody's"
    assert [each.name for each in all_rejected(folder)] == ["a-2.txt", "a-3.txt"]


def test_a_file_that_is_called_like_a_reason_is_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "rejected"
    for name in ("a.txt", "a.txt.why.txt", "b.txt.why.txt", "b.txt"):
        reject(put(tmp_path, name, name.encode()), folder)
    found = {each.name: each for each in all_rejected(folder)}
    assert sorted(found) == ["a.txt", "a.txt.why-2.txt", "b-2.txt", "b.txt.why.txt"]
    assert all(each.reason == REASON for each in found.values())
    assert {each.path.read_bytes() for each in found.values() if each.path} == {
        b"a.txt",
        b"a.txt.why.txt",
        b"b.txt",
        b"b.txt.why.txt",
    }


def test_a_reason_whose_file_was_taken_away_is_none_and_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / "rejected"
    reject(put(tmp_path, "a.txt"), folder).unlink()
    assert all_rejected(folder) == []
    again = replace(REASON, faults=(UnreadEntry("file", "empty; fill it"),))
    assert reject(put(tmp_path, "a.txt"), folder, again).name == "a.txt"
    [found] = all_rejected(folder)
    assert found.reason == again


def test_the_longest_names_keep_their_reason(tmp_path: Path) -> None:
    name = "é" * 125 + ".txt"
    moved = [reject(put(tmp_path, name), tmp_path / "rejected") for _ in range(2)]
    found = all_rejected(tmp_path / "rejected")
    assert {each.path for each in found} == set(moved)
    assert all(each.reason == REASON for each in found)


def test_names_that_are_not_utf8_are_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"gr\xfc\xdfe.txt")
    moved = reject(put(tmp_path, name), tmp_path / "rejected")
    assert moved.name == name
    assert find_rejected(tmp_path / "rejected", name).path == moved
    assert find_rejected(tmp_path / "rejected", r"gr\udcfc\udcdfe.txt").path == moved


def test_reasons_of_earlier_versions_and_none_are_listed(tmp_path: Path) -> None:
    put(tmp_path, "old.txt")
    put(
        tmp_path,
        "old.txt.why.txt",
        b"old.txt was not ingested; nothing of it was stored.\nline 3: a reason; a fix\n"
        b"When that is fixed, put the file back into the watched folder.\n",
    )
    put(tmp_path, "bare.txt")
    put(tmp_path, "odd.txt")
    put(tmp_path, "odd.txt.why.txt", b"\xff\x00\n" * 10)
    found = {each.name: each for each in all_rejected(tmp_path)}
    assert sorted(found) == ["bare.txt", "odd.txt", "old.txt"]
    assert found["old.txt"].faults == (UnreadEntry("line 3", "a reason; a fix"),)
    assert "no reason" in found["bare.txt"].faults[0].message
    assert found["old.txt"].reason.at == datetime.fromtimestamp(
        (tmp_path / "old.txt.why.txt").stat().st_mtime, UTC
    )


def test_the_same_file_is_kept_once_with_its_newest_reason(tmp_path: Path) -> None:
    again = replace(REASON, faults=(UnreadEntry("file", "another; fix"),))
    for reason in (REASON, again):
        assert rejected.keep(b"content", tmp_path, "a.txt", reason).name == "a.txt"
    assert rejected.keep(b"other", tmp_path, "a.txt", REASON).name == "a-2.txt"
    found = {each.name: each.reason for each in all_rejected(tmp_path)}
    assert found == {"a.txt": again, "a-2.txt": REASON}
    assert names(tmp_path) == ["a-2.txt", "a-2.txt.why.txt", "a.txt", "a.txt.why.txt"]


def test_what_cannot_be_rejected_stays_and_leaves_no_trace(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    (tmp_path / "rejected").write_text("a file where the folder should be")
    with pytest.raises(DigestError, match="cannot be moved"):
        reject(path, tmp_path / "rejected")
    assert names(tmp_path) == ["a.txt", "rejected"]


def test_what_was_replaced_since_it_was_read_is_not_rejected(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", b"bad")
    state = state_of(path)
    assert state is not None
    put(tmp_path, "new", b"good").replace(path)
    moved = rejected.reject(path, tmp_path / "rejected", REASON, state=state, sha256=None)
    assert moved is None
    assert path.read_bytes() == b"good"
    assert names(tmp_path) == ["a.txt"]


def test_a_reason_is_forgotten_with_its_own_file_only(tmp_path: Path) -> None:
    folder = tmp_path / "rejected"
    reject(put(tmp_path, "a.txt"), folder).unlink()
    newer = replace(REASON, faults=(UnreadEntry("line 1", "another fault"),))
    moved = reject(put(tmp_path, "a.txt", b"new"), folder, newer)
    rejected.forget_reason(moved, REASON)
    assert [each.reason for each in all_rejected(folder)] == [newer]
    moved.unlink()
    rejected.forget_reason(moved, newer)
    rejected.forget_reason(moved, newer)
    assert names(folder) == []


def test_what_a_kill_left_on_its_way_out_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "rejected"
    moved = reject(put(tmp_path, "a.txt"), folder)
    moved.rename(folder / ".filing-0123456789abcdef-a.txt")
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    [found] = all_rejected(folder)
    assert (found.path, found.reason) == (moved, REASON)


def test_a_file_that_comes_again_lies_there_once(tmp_path: Path) -> None:
    folder, contents = tmp_path / "rejected", (b"one", b"two", b"two", b"one", b"")
    for day, content in enumerate(contents):
        path = put(tmp_path / "incoming", "mar-11.txt", content)
        state = state_of(path)
        assert state is not None
        moved = rejected.reject(
            path,
            folder,
            replace(REASON, at=NOW + timedelta(days=day)),
            state=state,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        assert moved is not None
        assert moved.read_bytes() == content
        assert not path.exists()
    found = all_rejected(folder)
    assert sorted((each.path.read_bytes(), each.reason.at.day) for each in found if each.path) == [
        (b"", 24),
        (b"one", 23),
        (b"two", 22),
    ]


def test_what_was_left_out_is_not_said_twice(tmp_path: Path) -> None:
    partial = replace(REASON, is_partial=True)
    rejected.note_partial(tmp_path, "b.txt", partial)
    rejected.note_partial(tmp_path, "b.txt", replace(partial, at=NOW + timedelta(hours=1)))
    other = replace(partial, faults=(UnreadEntry("line 1", "another fault"),))
    rejected.note_partial(tmp_path, "b.txt", other)
    assert [each.reason for each in all_rejected(tmp_path)] == [
        other,
        replace(partial, at=NOW + timedelta(hours=1)),
    ]


def test_what_was_left_out_is_found_by_the_name_of_the_file(tmp_path: Path) -> None:
    assert rejected.left_out_of(tmp_path / "nowhere", "b.txt") == []
    longest = "x" * 251 + ".txt"
    for file in ("b.txt", "/some/where/b.txt", "b-2.txt", "bb.txt", longest, "b\ud800.txt"):
        reason = replace(REASON, file=file, is_partial=True)
        rejected.note_partial(tmp_path, Path(file).name.replace("\ud800", "\udcff"), reason)
    reject(put(tmp_path / "beside", "b.txt"), tmp_path)

    def found(name: str) -> list[str]:
        return [each.reason.file for each in rejected.left_out_of(tmp_path, name)]

    assert sorted(found("b.txt")) == ["/some/where/b.txt", "b.txt"]
    assert found("b-2.txt") == ["b-2.txt"]
    assert found(longest) == [longest]
    assert found("b\udcff.txt") == ["b\N{REPLACEMENT CHARACTER}.txt"]


def test_removing_takes_file_and_reason(tmp_path: Path) -> None:
    reject(put(tmp_path, "a.txt"), tmp_path / "rejected")
    rejected.note_partial(tmp_path / "rejected", "b.txt", replace(REASON, is_partial=True))
    for each in all_rejected(tmp_path / "rejected"):
        rejected.remove(each)
    assert names(tmp_path / "rejected") == []
    with pytest.raises(NotFoundError, match="`recommender rejected list`"):
        find_rejected(tmp_path / "rejected", "a.txt")
    assert all_rejected(tmp_path / "nowhere") == []


def test_the_lines_around_a_place_are_shown_safely() -> None:
    lines = [f"line {number}" for number in range(1, 50)]
    lines[46] = "\x1b[31m\u202ea title" + "x" * 1000
    shown = lines_around("\r\n".join(lines).encode(), "line 47")
    assert [line[:8] for line in shown] == [
        *("      44", "      45", "      46", ">     47", "      48", "      49")
    ]
    assert r"\x1b[31m\u202ea title" in shown[3]
    assert len(shown[3]) < 250
    assert all(line.isprintable() for line in shown)
    assert len(lines_around(b"a\nb", "entry 3")) == 2
    assert lines_around(b"a\nb", "line 9000") == []


def reject_once(path: Path, folder: Path, reason: Reason) -> Path | None:
    state, sha256 = state_of(path), hashlib.sha256(path.read_bytes()).hexdigest()
    assert state is not None
    return rejected.reject(path, folder, reason, state=state, sha256=sha256)


def test_the_same_content_under_two_names_lies_there_once_and_names_both(tmp_path: Path) -> None:
    folder = tmp_path / "rejected"
    for number, name in enumerate(("a.txt", "b.txt", "b.txt", "c\nd.txt", "a.txt")):
        later = replace(REASON, file=name, at=NOW + timedelta(hours=number))
        moved = reject_once(put(tmp_path, name, b"the same"), folder, later)
        assert moved == folder / "a.txt"
    assert names(folder) == ["a.txt", "a.txt.why.txt"]
    [found] = all_rejected(folder)
    assert (found.reason.file, found.reason.also) == ("a.txt", ("b.txt", "c d.txt"))
    assert found.reason.at == NOW + timedelta(hours=4)
    assert "It also came as b.txt.\nIt also came as c d.txt.\n" in (
        (folder / "a.txt.why.txt").read_text()
    )


def test_other_content_of_the_same_size_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "rejected"
    for name, content in (("a.txt", b"one"), ("b.txt", b"two")):
        reject_once(put(tmp_path, name, content), folder, replace(REASON, file=name))
    assert [each.reason.also for each in all_rejected(folder)] == [(), ()]


def test_what_two_sources_sent_lies_there_for_each(tmp_path: Path) -> None:
    for source in ("One", "Two"):
        reason = Reason(source, f"the source {source}", NOW, (FAULT,))
        rejected.keep(b"the same", tmp_path, f"{source}-2026-03-20", reason)
    assert [each.reason.source for each in all_rejected(tmp_path)] == ["One", "Two"]


def test_a_file_that_comes_under_many_names_tells_the_newest_twenty(tmp_path: Path) -> None:
    for number in range(30):
        reason = replace(REASON, file=f"{number}.txt")
        rejected.keep(b"the same", tmp_path, reason.file, reason)
    [found] = all_rejected(tmp_path)
    assert found.reason.also == tuple(f"{number}.txt" for number in range(10, 30))
