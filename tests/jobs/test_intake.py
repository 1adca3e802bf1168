"""Digest files become papers once; what cannot be read is kept with the reason."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from recommender.domain import DeliveryKind
from recommender.errors import StorageError
from recommender.jobs import digest_reading, intake
from recommender.jobs.digest_reading import FileToRead
from recommender.jobs.intake import FileOutcome, IngestSummary, ingest_files
from recommender.jobs.pages import days
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.reading.pool import ReadingPool
from recommender.store import digests, papers, reading_attempts
from recommender.store.counts import row_counts
from recommender.store.tables import DeliveryRow

GOOD = b"by Ann Example\n\nMar 10\n\nA first title\n\nIts abstract ends here.\n"
TRUNCATED = b"Mar 11\n\nA title\n\nIts abstract ends here.\n\nA title without an abstract\n"


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


def look(services: Services, folder: Path) -> list[FileOutcome]:
    return list(WatchedFolder(services, folder, settle_seconds=0).ingest())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_the_real_digest_is_stored_in_order_and_letter_for_letter(
    services: Services, ingest: Callable[..., FileOutcome], shared_data: Path
) -> None:
    document = (shared_data / "digests" / "trending-papers-mar-11.txt").read_text("utf-8")
    paragraphs = [paragraph.strip() for paragraph in document.split("\n\n")][5:]
    outcome = ingest(document.encode())

    assert outcome.counts is not None
    assert outcome.counts.mentions == outcome.counts.papers_new == 119
    page = days.newest_day(services)
    assert (page.curator, page.day) == ("AK and the research community", date(2026, 3, 11))
    numbers = range(1, page.last_number + 1)
    pages = [days.day_page(services, date(2026, 3, 11), number) for number in numbers]
    shown = [entry for each in pages for entry in each.entries]
    assert paragraphs == [text for entry in shown for text in (entry.title, entry.abstract)]


def test_a_file_of_two_days_is_two_digests_and_says_so(services: Services, incoming: Path) -> None:
    older = GOOD.replace(b"Mar 10", b"Mar 9").replace(b"first", b"second")
    (incoming / "days.txt").write_bytes(GOOD + b"\n" + older)
    outcomes = look(services, incoming)
    assert outcomes[0].result == "2 papers, 2 of them new, of 2 days"
    assert intake.summary(outcomes).digests == 2
    (incoming / "days.txt").write_bytes(GOOD + b"\n" + older)
    assert look(services, incoming)[0].result == "known already, nothing changed"


def test_a_file_that_takes_too_long_is_read_twice_then_rejected_and_the_operator_told_once(
    services: Services, incoming: Path, stored: Callable[[], Any]
) -> None:
    site = replace(services.site, operator_address="operator@example.org")
    impatient = ReadingPool(patience=0.0)
    hurried = replace(services, reading=impatient, site=site)
    (incoming / "bad.txt").write_bytes(GOOD)
    for _ in range(2):
        (outcome,) = look(hurried, incoming)
        assert outcome.rejection is not None
        assert "it was tried 2 times" in outcome.rejection.message
        (incoming.parent / "rejected" / "bad.txt").rename(incoming / "bad.txt")
    with services.database.read() as session:
        is_notice = col(DeliveryRow.kind) == DeliveryKind.NOTICE
        notices = session.exec(select(DeliveryRow.recipient).where(is_notice)).all()
    assert notices == ["operator@example.org"]
    (outcome,) = look(services, incoming)
    assert outcome.counts is not None, "what was rejected may be brought again"
    assert not any("reading_attempt" in line for line in stored()[1] if "INSERT" in line)


def test_a_file_that_ends_the_program_again_and_again_is_not_read_for_ever(
    services: Services, incoming: Path, clock: Any
) -> None:
    (incoming / "bad.txt").write_bytes(GOOD)
    (incoming / "good.txt").write_bytes(GOOD.replace(b"first", b"second"))
    for _ in range(digest_reading.ENDS_ALLOWED):
        with services.database.write() as session:
            sha256 = hashlib.sha256(GOOD).hexdigest()
            reading_attempts.begin(session, sha256, now=services.clock())
    clock.now += digest_reading.GIVEN_UP_AFTER
    bad, good = look(services, incoming)
    assert bad.rejection is not None
    assert "this program ended 3 times" in bad.rejection.message
    assert good.counts is not None


def test_kills_that_hit_upon_a_file_many_times_do_not_reject_it(
    services: Services, incoming: Path
) -> None:
    (incoming / "good.txt").write_bytes(GOOD)
    for _ in range(100):
        with services.database.write() as session:
            sha256 = hashlib.sha256(GOOD).hexdigest()
            reading_attempts.begin(session, sha256, now=services.clock())
    [good] = look(services, incoming)
    assert good.counts is not None


@pytest.mark.parametrize("name", [b"\xff.txt", b"two\nlines\x1b[31m.txt", b"\xe9t\xe9 .xml"])
@pytest.mark.parametrize("content", [GOOD, TRUNCATED])
def test_any_name_of_a_file_is_stored_logged_and_filed_away(
    services: Services,
    incoming: Path,
    caplog: pytest.LogCaptureFixture,
    name: bytes,
    content: bytes,
) -> None:
    caplog.set_level("INFO")
    (incoming / os.fsdecode(name)).write_bytes(content)

    [outcome] = look(services, incoming)

    place = "done" if content == GOOD else "rejected"
    assert os.fsdecode(name) in names(incoming.parent / place)
    for shown in (outcome.file, str(outcome), caplog.text.removesuffix("\n")):
        assert shown.encode().isascii() or "\N{REPLACEMENT CHARACTER}" in shown
        assert "\n" not in shown
        assert "\x1b" not in shown


def test_the_same_file_twice_changes_nothing(
    ingest: Callable[..., FileOutcome], stored: Callable[[], Any], clock: Any
) -> None:
    ingest(GOOD)
    before = stored()
    clock.now += timedelta(days=1)
    outcome = ingest(GOOD)
    assert outcome.result == "known already, nothing changed"
    assert before == stored()


def test_a_file_that_two_threads_ingest_at_once_is_stored_once(
    services: Services, shared_data: Path
) -> None:
    path = shared_data / "digests" / "trending-papers-mar-11.txt"
    barrier = threading.Barrier(4)
    outcomes: list[FileOutcome] = []

    def run() -> None:
        barrier.wait()
        outcomes.append(intake.ingest_file(services, path, source="folder"))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [outcome.counts is not None for outcome in outcomes].count(True) == 1
    with services.database.read() as session:
        found = row_counts(session)
    assert (found.digests, found.papers, found.mentions) == (1, 119, 119)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (TRUNCATED, "line 7"),
        (b"\x00\x01\x02 binary \xff\n\nmore", "line 1"),
        (b"", "file"),
        (b"\x89PNG\r\n\x1a\n", "line 2"),
        (b'{"a": [1, 2', "line 1"),
    ],
)
def test_a_bad_file_stores_nothing_and_waits_with_the_reason(
    services: Services,
    incoming: Path,
    stored: Callable[[], Any],
    content: bytes,
    where: str,
) -> None:
    (incoming / "bad.txt").write_bytes(content)
    _, before = stored()
    (outcome,) = look(services, incoming)

    assert before == stored()[1]
    assert outcome.rejection is not None
    assert names(incoming) == []
    assert names(incoming.parent / "rejected") == ["bad.txt", "bad.txt.why.txt"]
    assert (incoming.parent / "rejected" / "bad.txt").read_bytes() == content
    why = (incoming.parent / "rejected" / "bad.txt.why.txt").read_text()
    assert f"\n{outcome.rejection.where}: {outcome.rejection.message}\n" in why
    assert where == outcome.rejection.where
    assert ";" in outcome.rejection.message, "the fix follows a semicolon"


@pytest.mark.parametrize("day", ["2024-12-11", "2025-01-10"])
def test_the_broken_days_of_the_archive_are_refused_at_their_first_entry(
    services: Services, incoming: Path, shared_data: Path, day: str, stored: Callable[[], Any]
) -> None:
    path = shared_data / "digests" / "huggingface-daily" / f"{day}.json"
    (incoming / path.name).write_bytes(path.read_bytes())
    _, before = stored()
    (outcome,) = look(services, incoming)
    assert outcome.rejection is not None
    assert outcome.rejection.where == "entry 1"
    assert before == stored()[1]


def test_a_bad_file_stops_no_other(services: Services, incoming: Path) -> None:
    (incoming / "a.txt").write_bytes(TRUNCATED)
    (incoming / "b.txt").write_bytes(GOOD)
    (incoming / "c.txt").write_bytes(b"")
    (incoming / "d.txt").write_bytes(GOOD.replace(b"first", b"second"))

    told = intake.summary(look(services, incoming))
    assert (told.digests, told.papers_new, len(told.rejected)) == (2, 2, 2)
    assert names(incoming.parent / "done") == ["b.txt", "d.txt"]
    assert names(incoming) == []


def test_a_file_that_cannot_be_filed_away_stops_no_other(
    services: Services, incoming: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (incoming.parent / "rejected").write_text("a file where the folder should be")
    (incoming / "a.txt").write_bytes(TRUNCATED)
    (incoming / "b.txt").write_bytes(GOOD)

    told = intake.summary(look(services, incoming))
    assert (told.digests, len(told.rejected)) == (1, 1)
    assert names(incoming) == ["a.txt"]
    assert "a.txt: it cannot be moved" in caplog.text


def test_a_file_that_is_being_written_is_left_until_it_is_complete(
    services: Services, incoming: Path, clock: Any
) -> None:
    (incoming / "growing.txt").write_bytes(GOOD)
    clock.now = clock.now.fromtimestamp(
        (incoming / "growing.txt").stat().st_mtime, clock.now.tzinfo
    )

    folder = WatchedFolder(services, incoming, settle_seconds=2)
    assert list(folder.ingest()) == []
    assert folder.has_waiting_files()
    clock.now += timedelta(seconds=3)
    assert len(list(folder.ingest())) == 1
    assert not folder.has_waiting_files()


def test_named_files_stay_where_they_are_and_a_rejected_one_is_copied(
    services: Services, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "good.txt").write_bytes(GOOD)
    (folder / "bad.txt").write_bytes(TRUNCATED)
    (folder / ".hidden").write_bytes(TRUNCATED)
    missing = tmp_path / "missing.txt"
    rejected = tmp_path / "rejected"

    outcomes = list(
        intake.ingest_paths(
            services, intake.files_named([folder, missing]), rejected_folder=rejected
        )
    )
    assert [Path(each.file).name for each in outcomes] == ["bad.txt", "good.txt", "missing.txt"]
    assert [each.rejection is not None for each in outcomes] == [True, False, True]
    assert names(folder) == [".hidden", "bad.txt", "good.txt"]
    assert names(rejected) == ["bad.txt", "bad.txt.why.txt"]


def test_what_is_named_through_a_link_is_called_like_the_link(
    services: Services, tmp_path: Path
) -> None:
    (tmp_path / "0f3a.blob").write_bytes(TRUNCATED)
    link = tmp_path / "mar-11.txt"
    link.symlink_to("0f3a.blob")
    rejected = tmp_path / "rejected"

    [outcome] = intake.ingest_paths(services, [link], rejected_folder=rejected)
    assert (outcome.file, outcome.rejection is not None) == (str(link), True)
    assert names(rejected) == ["mar-11.txt", "mar-11.txt.why.txt"]


def test_a_kill_between_storing_and_filing_away_loses_nothing_of_what_was_left_out(
    services: Services, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (incoming / "a.jsonl").write_text('{"id": "1", "title": "T"}\n{"id": "2", "title": 5}\n')

    def killed(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("recommender.papers.files.incoming.file_away", killed)
        with pytest.raises(KeyboardInterrupt):
            look(services, incoming)
    look(services, incoming)

    assert names(incoming.parent / "done") == ["a.jsonl"]
    assert names(incoming.parent / "rejected") == ["a.jsonl.why.txt"]


def test_a_rejected_file_that_cannot_be_copied_stops_no_other(
    services: Services, tmp_path: Path
) -> None:
    rejected = tmp_path / "rejected"
    rejected.write_text("a file where the folder should be")
    bad, good = tmp_path / "bad.txt", tmp_path / "good.txt"
    bad.write_bytes(TRUNCATED)
    good.write_bytes(GOOD)
    told = intake.summary(intake.ingest_paths(services, [bad, good], rejected_folder=rejected))
    assert (told.digests, len(told.rejected)) == (1, 1)


def test_digest_without_a_byline_has_the_configured_one(
    services: Services, ingest: Callable[..., FileOutcome]
) -> None:
    ingest(["A title"])
    with services.database.read() as session:
        newest = digests.newest(session)
    assert newest is not None
    assert newest.curator == "the community"


def test_a_feed_without_entries_is_no_digest_and_no_reject(
    ingest: Callable[..., FileOutcome],
) -> None:
    outcome = ingest(b"<rss><channel><title>A journal</title></channel></rss>")
    assert outcome.result == "nothing in it today"
    assert IngestSummary(0, papers_new=0, papers_seen=0, mentions=0, rejected=()) == intake.summary(
        [outcome]
    )


def test_a_named_file_that_is_too_large_is_not_copied(services: Services, tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(20_000_000_000)
    rejected = tmp_path / "rejected"
    [outcome] = intake.ingest_paths(services, [huge], rejected_folder=rejected)
    assert outcome.rejection is not None
    assert "larger than 20 MB" in outcome.rejection.message
    assert names(rejected) == []
    assert huge.exists()


def test_what_is_left_out_of_a_named_file_is_told_and_kept(
    services: Services, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "1", "title": "T"}\n{"id": "2", "title": 5}\n')
    rejected = tmp_path / "rejected"
    for _ in range(2):
        total = intake.summary(intake.ingest_paths(services, [path], rejected_folder=rejected))
    assert names(rejected) == ["a.jsonl.why.txt"]
    assert total.left_out == ()
    path.write_text('{"id": "1", "title": "T!"}\n{"id": "2", "title": 5}\n')
    total = intake.summary(intake.ingest_paths(services, [path], rejected_folder=rejected))
    [left_out] = total.left_out
    assert (left_out.file, left_out.where) == (str(path), "line 2")
    assert str(total).endswith("0 files rejected, 1 entry of others left out")


def test_a_named_file_that_breaks_off_is_refused_at_once(
    services: Services, tmp_path: Path, clock: Any
) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"paper": {"ti')
    clock.now = clock.now.fromtimestamp(path.stat().st_mtime, clock.now.tzinfo)
    [outcome] = intake.ingest_paths(services, [path], rejected_folder=tmp_path / "rejected")
    assert outcome.is_unfinished
    assert names(tmp_path / "rejected") == ["a.json", "a.json.why.txt"]


def test_summary_adds_up_what_was_new_and_what_was_known(
    ingest: Callable[..., FileOutcome],
) -> None:
    outcomes = [ingest(["One", "Two"]), ingest(["Two", "Three"]), ingest(["Two", "Three"])]
    assert IngestSummary(2, papers_new=3, papers_seen=1, mentions=4, rejected=()) == intake.summary(
        outcomes
    )


def test_a_packed_file_in_the_watched_folder_is_stored_once_and_filed_away(
    services: Services, incoming: Path
) -> None:
    packed = gzip.compress(GOOD)
    (incoming / "mar-10.txt.gz").write_bytes(packed)
    (incoming / "half.gz").write_bytes(packed[:-9])
    outcomes = look(services, incoming)

    assert [outcome.counts and outcome.counts.mentions for outcome in outcomes] == [None, 1]
    assert names(incoming.parent / "done") == ["mar-10.txt.gz"]
    assert "half.gz" in names(incoming.parent / "rejected")
    assert names(incoming) == []


REFUSING_B = {
    "sqlite": """
        CREATE TRIGGER none_of_b BEFORE INSERT ON paper WHEN new.title LIKE '% of b'
        BEGIN SELECT RAISE(ABORT, 'no room'); END
    """,
    "postgresql": """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'no room'; END $$;
        CREATE TRIGGER none_of_b BEFORE INSERT ON paper FOR EACH ROW
        WHEN (new.title LIKE '% of b') EXECUTE FUNCTION refuse()
    """,
}


@pytest.mark.parametrize("files", [["a", "b", "c"], ["b"]])
def test_a_file_that_cannot_be_stored_holds_up_no_other_and_was_not_read_in_vain(
    services: Services, tmp_path: Path, files: list[str]
) -> None:
    for name in files:
        (tmp_path / name).write_bytes(
            GOOD.replace(b"A first title", f"Lattices of {name}".encode())
        )
    with services.database.write() as session:
        session.execute(text(REFUSING_B[services.database.dialect.name]))
    to_read = [FileToRead(tmp_path / name) for name in files]
    with pytest.raises(StorageError, match="no room"):
        list(ingest_files(services, to_read, source="folder"))
    with services.database.read() as session:
        hashes = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files]
        assert reading_attempts.known(session, hashes) == set()
        assert sorted(paper.title for paper in papers.every(session)) == [
            f"Lattices of {name}" for name in files if name != "b"
        ]
