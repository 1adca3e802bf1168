"""What lies in the watched folder is read, whatever is done to it meanwhile, and said once."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from recommender.domain import DeliveryKind
from recommender.jobs import intake, watched_folder
from recommender.jobs.digest_reading import FileToRead
from recommender.jobs.intake import FileOutcome
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import HELD_FOR, WatchedFolder
from recommender.papers.files.rejected import all_rejected
from recommender.store import digests
from recommender.store.tables import DeliveryRow

BAD = b"Mar 11\n\nA title\n\nIts abstract ends here.\n\nA title without an abstract\n\nAnother\n"
CUT_OFF = b'[{"paper": {"id": "2603.00001", "title": "A ti'
DAILY = b'[{"paper": {"id": "2603.00001", "title": "A title", "summary": "Text."}}]'
SETTLE_SECONDS = 0.02


def good(number: int) -> bytes:
    return f"Mar 10\n\nTitle {number}\n\nWhat paper {number} does.\n".encode()


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def watched(services: Services, incoming: Path) -> WatchedFolder:
    site = replace(services.site, operator_address="operator@example.org")
    return WatchedFolder(replace(services, site=site), incoming, settle_seconds=0)


def look(folder: WatchedFolder) -> list[FileOutcome]:
    return list(folder.ingest())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def is_stored(services: Services, content: bytes) -> bool:
    with services.database.read() as session:
        return digests.find_by_hash(session, hashlib.sha256(content).hexdigest()) is not None


def put(path: Path, content: bytes, *, at: datetime) -> None:
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_a_file_that_ends_in_the_middle_is_held_then_rejected(
    watched: WatchedFolder, incoming: Path, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    put(incoming / "a.json", CUT_OFF, at=clock.now)
    began = clock.now
    while clock.now < began + HELD_FOR:
        assert look(watched) == []
        assert not watched.has_waiting_files(), "nobody waits for it by turning in a circle"
        clock.now += timedelta(minutes=1)
    assert caplog.text.count("held, its end is missing") == 1
    [outcome] = look(watched)
    assert outcome.is_unfinished
    assert names(incoming.parent / "rejected") == ["a.json", "a.json.why.txt"]


@pytest.mark.parametrize(
    "cut_off",
    [
        "Mar 10\n\nA title\n\nAn abstract that ends in the mid",
        "## A title\n\nby Ann Example\n\nIts abstract.\n\n## Another\n\nby Bob Sample\n",
        "| Title | Abstract |\n|---|---|\n| A title | Its abstract. |\n| Another | An abstract th",
    ],
    ids=["digest text", "Markdown", "a table"],
)
def test_a_text_that_ends_in_the_middle_is_held_until_the_rest_came(
    watched: WatchedFolder, incoming: Path, clock: Any, cut_off: str
) -> None:
    put(incoming / "a.md", cut_off.encode(), at=clock.now)
    assert look(watched) == []
    assert names(incoming) == ["a.md"]
    clock.now += timedelta(minutes=10)
    rest = {"|": "at goes on. |\n", "#": "\nIts abstract.\n"}.get(cut_off[0], "dle of it.\n")
    put(incoming / "a.md", (cut_off + rest).encode(), at=clock.now)
    [outcome] = look(watched)
    assert outcome.counts is not None


def test_a_held_file_is_read_once_the_rest_of_it_came(
    watched: WatchedFolder, services: Services, incoming: Path, clock: Any
) -> None:
    put(incoming / "a.json", CUT_OFF, at=clock.now)
    assert look(watched) == []
    clock.now += timedelta(minutes=10)
    put(incoming / "a.json", DAILY[:50], at=clock.now)
    assert look(watched) == []
    clock.now += timedelta(minutes=10)
    # Whoever was started anew meanwhile knows as well how long it lay there.
    assert look(WatchedFolder(services, incoming, settle_seconds=0)) == []
    put(incoming / "a.json", DAILY, at=clock.now)
    [outcome] = look(watched)
    assert outcome.counts is not None
    assert names(incoming.parent / "done") == ["a.json"]


@pytest.fixture
def blocked(incoming: Path) -> Iterator[Callable[[], None]]:
    """Put a file where ``done`` should be; what this gives takes it away."""
    in_the_way = incoming.parent / "done"
    in_the_way.write_text("a file where the folder should be")
    return in_the_way.unlink


def test_what_cannot_be_filed_away_is_told_once_and_not_read_again(
    watched: WatchedFolder,
    clock: Any,
    blocked: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    services, incoming = watched.services, watched.folder
    caplog.set_level("INFO")
    read: list[Path] = []
    ingest = watched_folder.ingest_files

    def noting(services: Services, files: Iterable[FileToRead], **options: Any) -> Any:
        for ingested in ingest(services, files, **options):
            read.append(ingested.file.path)
            yield ingested

    monkeypatch.setattr(watched_folder, "ingest_files", noting)
    for number in (1, 2):
        (incoming / f"{number}.txt").write_bytes(good(number))
    for _ in range(100):
        look(watched)
        assert not watched.has_waiting_files()
        clock.now += timedelta(minutes=1)
    assert len(read) == 2
    assert caplog.text.count("cannot be moved to") == 3, "each file once, and the operator once"
    with services.database.read() as session:
        is_notice = col(DeliveryRow.kind) == DeliveryKind.NOTICE
        assert len(session.exec(select(DeliveryRow.recipient).where(is_notice)).all()) == 1
    # One that changes is read, and all go their way once that is mended.
    (incoming / "2.txt").write_bytes(good(3))
    look(watched)
    assert (len(read), is_stored(services, good(3))) == (3, True)
    blocked()
    clock.now += timedelta(minutes=1)
    look(watched)
    assert (names(incoming), names(incoming.parent / "done")) == ([], ["1.txt", "2.txt"])


def test_a_file_of_20_gb_is_rejected_at_once_by_being_moved(
    watched: WatchedFolder, incoming: Path
) -> None:
    with (incoming / "huge.json").open("wb") as file:
        file.truncate(20_000_000_000)
    began = time.perf_counter()
    [outcome] = look(watched)
    assert time.perf_counter() - began < 0.5
    assert outcome.rejection is not None
    assert (incoming.parent / "rejected" / "huge.json").stat().st_size == 20_000_000_000


@pytest.mark.parametrize("first", [good(1), BAD, b""])
def test_what_is_written_to_after_it_was_filed_away_is_read_again(
    watched: WatchedFolder, services: Services, incoming: Path, first: bytes
) -> None:
    """Who has a file open writes to it wherever it lies."""
    with (incoming / "a.txt").open("wb") as file:
        file.write(first)
        file.flush()
        assert len(look(watched)) == 1
        assert names(incoming) == []
        file.seek(0)
        file.truncate()
        file.write(good(2) + b"\nTitle 3\n\nWhat it does.\n")
    assert len(look(watched)) == 1
    assert is_stored(services, good(2) + b"\nTitle 3\n\nWhat it does.\n")
    assert names(incoming.parent / "done") == ["a.txt"]
    assert names(incoming.parent / "rejected") == []


def test_two_names_of_one_file_and_a_copy_are_all_filed_away(
    watched: WatchedFolder, services: Services, incoming: Path
) -> None:
    (incoming / "a.txt").write_bytes(good(1))
    os.link(incoming / "a.txt", incoming / "b.txt")
    (incoming / "c.txt").write_bytes(good(1))
    while watched.has_waiting_files():
        look(watched)
    assert names(incoming.parent / "done") == ["a.txt", "b.txt", "c.txt"]
    assert is_stored(services, good(1))


def test_a_file_that_is_replaced_while_it_is_read_is_read_too(
    watched: WatchedFolder,
    services: Services,
    incoming: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (incoming / "a.txt").write_bytes(good(1))
    ingest = watched_folder.ingest_files

    def replacing(services: Services, files: Iterable[FileToRead], **options: Any) -> Any:
        for ingested in ingest(services, files, **options):
            (incoming / ".new").write_bytes(good(2))
            (incoming / ".new").replace(ingested.file.path)
            yield ingested
        monkeypatch.setattr(watched_folder, "ingest_files", ingest)

    monkeypatch.setattr(watched_folder, "ingest_files", replacing)
    look(watched)
    assert names(incoming.parent / "done") == []
    assert watched.has_waiting_files()
    look(watched)
    assert (incoming.parent / "done" / "a.txt").read_bytes() == good(2)
    assert is_stored(services, good(1))
    assert is_stored(services, good(2))


def test_files_of_one_transaction_go_each_its_own_way(
    watched: WatchedFolder,
    services: Services,
    incoming: Path,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partial = DAILY.replace(b"[", b'[{"paper": {"id": "2603.00002", "title": 5}}, ')
    given = {
        "bad.txt": BAD,
        "copy.txt": good(1),
        "cut.json": CUT_OFF,
        "good.txt": good(1),
        "partial.json": partial,
        "replaced.txt": good(2),
        "rewritten.txt": good(3),
    }
    for name, content in given.items():
        (incoming / name).write_bytes(content)
    clock.now = datetime.now(UTC) + timedelta(seconds=1)
    store = intake.store_digests
    groups: list[int] = []

    def storing(session: Any, brought: Any, **options: Any) -> Any:
        """Change files when they are read and not filed away yet."""
        groups.append(len(brought))
        (incoming / ".new").write_bytes(good(4))
        (incoming / ".new").replace(incoming / "replaced.txt")
        (incoming / "rewritten.txt").write_bytes(good(5))
        return store(session, brought, **options)

    monkeypatch.setattr(intake, "store_digests", storing)
    assert {Path(each.file).name for each in look(watched)} == given.keys() - {"cut.json"}
    monkeypatch.undo()
    assert groups == [4], "one transaction, and a copy once"
    assert names(incoming) == ["cut.json", "replaced.txt", "rewritten.txt"]
    assert names(incoming.parent / "done") == ["copy.txt", "good.txt", "partial.json"]
    kept = all_rejected(incoming.parent / "rejected")
    assert sorted((each.name, each.reason.is_partial) for each in kept) == [
        ("bad.txt", False),
        ("partial.json", True),
    ]

    (incoming / "cut.json").write_bytes(DAILY.replace(b"00001", b"00003"))
    look(watched)
    assert names(incoming) == []
    assert all(is_stored(services, good(number)) for number in (1, 2, 3, 4, 5))
    assert is_stored(services, DAILY.replace(b"00001", b"00003"))


def test_what_was_left_out_of_a_file_is_found_later(watched: WatchedFolder, incoming: Path) -> None:
    lines = [b'{"id": "2603.0000%d", "title": "T%d"}' % (n, n) for n in (1, 2, 3)]
    lines[1] = b'{"id": "2603.00002", "title": 5}'
    (incoming / "a.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    [outcome] = look(watched)
    assert "line 2 left out: 'title' is a number" in outcome.result
    assert names(incoming.parent / "done") == ["a.jsonl"]
    [found] = all_rejected(incoming.parent / "rejected")
    assert (found.name, found.path, found.reason.is_partial) == ("a.jsonl", None, True)
    assert [fault.where for fault in found.faults] == ["line 2"]


def test_papers_that_are_too_old_for_newsletters_are_told_once_for_all_files(
    watched: WatchedFolder, incoming: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (incoming / "new.txt").write_bytes(good(1))
    look(watched)
    assert "newsletter.window_days" not in caplog.text

    for number in (2, 3):
        old = good(number).replace(b"Mar 10", b"Jan 1")
        assert old != good(number)
        (incoming / f"old{number}.txt").write_bytes(old)
    look(watched)
    [told] = [each for each in caplog.messages if "newsletter.window_days" in each]
    assert told.startswith("2 papers are older than newsletter.window_days")


def lines(*titles: str, bad: str = "") -> bytes:
    """Return JSON Lines of papers with these titles, and perhaps an entry that cannot be read."""
    papers = [f'{{"id": "{title}", "title": "{title}"}}\n' for title in titles]
    return "".join([*papers, *([f'{{"id": "{bad}", "title": 5}}\n'] if bad else [])]).encode()


@pytest.mark.parametrize(
    ("brought", "left"),
    [
        ([lines("Whole one", "Whole two", "Mended three")], []),
        # Who takes the bad entry out has decided about it.
        ([lines("Whole one", "Whole two") + b"\n"], []),
        # Another one's note takes the place of the first.
        ([lines("Whole one", "Whole two", "Mended three", bad="4")], ["line 4"]),
        (
            [
                lines("Whole one", "Whole two", "Mended three", bad="4"),
                lines("Whole one", "Whole two", "Mended three", "Mended four"),
            ],
            [],
        ),
        # Tomorrow's file of the same name mends nothing of today's, ...
        ([lines("Whole five", "Whole six")], ["line 3"]),
        ([lines("Whole one", "Whole six")], ["line 3"]),
        ([lines("Whole five", bad="6")], ["line 3", "line 2"]),
        # ... also if a file that mends it comes after it.
        ([lines("Whole five"), lines("Whole one", "Whole two", "Mended three")], []),
    ],
)
def test_what_was_left_out_goes_when_a_file_of_its_name_puts_it_right(
    watched: WatchedFolder, incoming: Path, clock: Any, brought: list[bytes], left: list[str]
) -> None:
    for number, content in enumerate([lines("Whole one", "Whole two", bad="3"), *brought]):
        (incoming / "a.jsonl").write_bytes(content)
        if not number:
            (incoming / "b.jsonl").write_bytes(lines("Whole one", "Whole two", "Of b", bad="3"))
        look(watched)
        clock.now += timedelta(hours=1)

    kept = all_rejected(incoming.parent / "rejected")
    assert [each.faults[0].where for each in kept if "b.jsonl" not in each.name] == left
    assert [each.name for each in kept if "b.jsonl" in each.name] == ["b.jsonl"]


class KilledError(BaseException):
    """The process is gone: nobody catches this, and nothing is done after it."""


CALLS = ("open", "rename", "replace", "link", "unlink", "mkdir", "chmod")


@pytest.mark.parametrize("content", [good(1), BAD])
@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_kill_before_each_system_call_loses_nothing(
    services: Services, tmp_path: Path, content: bytes, *, is_replaced: bool
) -> None:
    """What lay there is stored and in ``done``, or in ``rejected`` with its reason."""
    calls = 0
    is_killed = True
    while is_killed:
        base = tmp_path / str(calls)
        (base / "incoming").mkdir(parents=True)
        path = base / "incoming" / "a.txt"
        path.write_bytes(content)
        newer = good(1000 + calls) if is_replaced else None
        is_killed, came = _look_until_killed(services, path, calls, newer=newer)
        again = WatchedFolder(services, base / "incoming", settle_seconds=0)
        for _ in range(3):
            look(again)
        # What is unfinished and empty of meaning goes an hour later.
        assert [each for each in names(base / "incoming") if not each.endswith(".part")] == []
        filed = {each.read_bytes() for each in (base / "done").glob("[!.]*")} - {b""}
        wrong = {each.path.read_bytes() for each in all_rejected(base / "rejected") if each.path}
        assert all(each.reason.faults for each in all_rejected(base / "rejected"))
        assert all(is_stored(services, each) for each in filed)
        if newer is not None and came:
            # Somebody overwrote the first before it was moved; whether it was stored is its luck.
            assert newer in filed
        else:
            assert content in (wrong if content == BAD else filed)
        calls += 1
    assert calls > 8, "it was killed before each of these"


def _look_until_killed(
    services: Services, path: Path, calls: int, *, newer: bytes | None
) -> tuple[bool, bool]:
    """Look once, and be killed after so many calls that concern the folders.

    ``newer`` takes the file's place at the worst moment: it was looked at, and is taken now.
    Returns whether it was killed, and whether that came to pass before.
    """
    left, is_dead, came = calls, False, False
    base = str(path.parent.parent)
    rename = os.rename

    def killing(name: str) -> Callable[..., Any]:
        call = getattr(os, name)

        def killed(*arguments: Any, **options: Any) -> Any:
            nonlocal left, is_dead, came
            if not any(str(each).startswith(base) for each in arguments):
                return call(*arguments, **options)
            if is_dead or left == 0:
                is_dead = True
                raise KilledError
            left -= 1
            if newer is not None and name == "rename" and arguments[0] == path:
                beside = path.parent.parent / "new"
                beside.write_bytes(newer)
                rename(beside, path)
                came = True
            return call(*arguments, **options)

        return killed

    with pytest.MonkeyPatch.context() as patched:
        for name in CALLS:
            patched.setattr(os, name, killing(name))
        try:
            look(WatchedFolder(services, path.parent, settle_seconds=0))
        except KilledError:
            return True, came
    return False, came
