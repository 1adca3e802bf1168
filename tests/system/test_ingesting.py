"""Digests come in: by the command, and by the watched folder of the running daemon."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recommender.cli.newsletters import MANY_FILES
from recommender.store import digests, papers

REAL_DIGEST = "digests/trending-papers-mar-11.txt"
DAILY = "digests/huggingface-daily"
BROKEN_DAYS = ("2024-12-11.json", "2025-01-10.json")


def test_the_real_digest_gives_119_papers_in_order_and_the_second_time_nothing(
    installation: Any, shared_data: Path, promised_keys: Any
) -> None:
    file = shared_data / REAL_DIGEST

    first = json.loads(installation.do("ingest", "--json", file))
    again = json.loads(installation.do("ingest", "--json", file))

    counts = {"digests": 1, "papers_new": 119, "papers_seen": 0, "mentions": 119}
    counts |= {"rejected": [], "left_out": []}
    assert first == counts
    assert counts.keys() == promised_keys("ingest")
    assert again == counts | {"digests": 0, "papers_new": 0, "mentions": 0}
    lines = file.read_text(encoding="utf-8").splitlines()
    with installation.services() as services, services.database.read() as session:
        newest = digests.newest(session)
        stored = list(papers.every(session))
    assert newest is not None
    assert newest.curator == "AK and the research community"
    assert (newest.date.month, newest.date.day) == (3, 11)
    assert len(stored) == 119
    # Letter for letter, and in the order of the file.
    places = [lines.index(paper.title) for paper in stored]
    assert places == sorted(places)
    assert {paper.abstract for paper in stored} <= set(lines)


def test_papers_that_are_too_old_for_newsletters_are_told_at_the_end(
    installation: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    for number, day in enumerate(["2025-01-01", "2025-06-01"]):
        line = {"id": str(number), "title": f"Paper {number}", "published": day}
        (folder / f"{day}.jsonl").write_text(json.dumps(line) + "\n")

    finished = installation.run("ingest", folder)

    assert finished.returncode == 0
    told = "1 paper is older than newsletter.window_days: no digest since 2025-05-02"
    assert told in finished.stderr
    assert "set newsletter.window_days to 151 and restart" in finished.stderr


def test_a_bad_file_is_kept_with_its_reason_and_stops_no_other(
    installation: Any, shared_data: Path, tmp_path: Path
) -> None:
    for name in BROKEN_DAYS:
        shutil.copy(shared_data / DAILY / name, tmp_path)
    good = whole_day(shared_data)
    empty, binary = tmp_path / "empty.txt", tmp_path / "binary.json"
    empty.touch()
    binary.write_bytes(bytes(range(256)))
    bad = [tmp_path / BROKEN_DAYS[0], empty, tmp_path / BROKEN_DAYS[1], binary]

    finished = installation.run("ingest", "--json", *bad, good)

    assert finished.returncode == 1
    report = json.loads(finished.stdout)
    assert report["digests"] == 1
    assert report["papers_new"] == len(json.loads(good.read_text(encoding="utf-8")))
    assert [each["file"] for each in report["rejected"]] == [str(file) for file in bad]
    assert [each["where"] for each in report["rejected"]] == [
        "entry 1",
        "file",
        "entry 1",
        "line 1",
    ]
    for rejection, file in zip(report["rejected"], bad, strict=True):
        assert file.exists(), "the operator's own file stays where it is"
        kept = installation.folder / "rejected" / file.name
        assert kept.read_bytes() == file.read_bytes()
        reason = (kept.parent / f"{file.name}.why.txt").read_text(encoding="utf-8")
        assert f"{rejection['where']}: {rejection['message']}" in reason


def test_in_words_there_is_a_line_for_each_file_and_a_summary(
    installation: Any, shared_data: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "nowhere.txt"

    finished = installation.run("ingest", shared_data / REAL_DIGEST, missing)

    assert finished.returncode == 1
    told, total = finished.stdout.splitlines()
    assert told.endswith("trending-papers-mar-11.txt: 119 papers, 119 of them new")
    assert total.startswith("1 digest ")
    [line] = finished.stderr.splitlines()
    assert line.startswith(f"{missing}: rejected, file: ")


def whole_day(shared_data: Path) -> Path:
    """Return a day that is not broken."""
    days = sorted((shared_data / DAILY).glob("*.json"))
    return next(day for day in days if day.name not in BROKEN_DAYS)


@pytest.fixture(scope="module")
def watching(
    fresh: Any, shared_sink: Any, start_shared_daemon: Any, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Return an installation with a running daemon."""
    folder = tmp_path_factory.mktemp("watching") / "installation"
    installation = fresh.copy(folder, smtp_port=shared_sink.port, INGEST__SETTLE_SECONDS="1")
    start_shared_daemon(installation)
    return installation


def test_a_file_that_is_written_slowly_is_taken_when_it_is_complete(
    watching: Any, shared_data: Path, eventually: Callable[..., Any]
) -> None:
    content = (shared_data / REAL_DIGEST).read_bytes()
    done = watching.folder / "done" / "slow.txt"
    pieces = 30
    size = len(content) // pieces + 1

    with (watching.folder / "incoming" / "slow.txt").open("wb") as file:
        for start in range(0, len(content), size):
            file.write(content[start : start + size])
            file.flush()
            time.sleep(0.08)  # a slow writer: longer in all than a file needs to settle
            assert not done.exists()

    eventually(done.exists, "the file is filed away")
    assert done.read_bytes() == content
    with watching.services() as services, services.database.read() as session:
        assert {paper.title for paper in papers.every(session)} <= set(
            content.decode().splitlines()
        )
    assert not list((watching.folder / "rejected").iterdir())


def test_of_two_files_in_the_folder_the_bad_one_is_rejected_and_the_good_one_taken(
    watching: Any, shared_data: Path, eventually: Callable[..., Any]
) -> None:
    folder = watching.folder
    unfinished = folder / "incoming" / "copy.json.part"
    unfinished.write_text("[")
    (folder / "incoming" / "a-bad-one.json").write_text('[{"paper": }]')
    shutil.copy(shared_data / DAILY / "2024-12-11.json", folder / "incoming" / "broken-day.json")
    shutil.copyfile(whole_day(shared_data), folder / "incoming" / "good.json")

    eventually((folder / "done" / "good.json").exists, "the good one is filed away")

    for name in ("a-bad-one.json", "broken-day.json"):
        assert (folder / "rejected" / name).exists()
        assert (folder / "rejected" / f"{name}.why.txt").stat().st_size > 0
    assert [each.name for each in (folder / "incoming").iterdir()] == [unfinished.name]


def test_many_files_at_once_are_taken_together(
    watching: Any, eventually: Callable[..., Any]
) -> None:
    """Waiting for each of them to settle alone would take minutes."""
    names = [f"many-{number:02}.txt" for number in range(25)]
    for name in names:
        text = f"2026-03-11\n\nThe title of {name}\n\nA sentence about what {name} has.\n"
        (watching.folder / "incoming" / name).write_text(text)

    done = watching.folder / "done"
    eventually(lambda: all((done / name).exists() for name in names), "all are filed away")


def test_what_is_hidden_in_a_folder_is_passed_over(
    installation: Any, shared_data: Path, tmp_path: Path
) -> None:
    digest = (shared_data / REAL_DIGEST).read_bytes()
    for name in (".hidden.txt", ".git/config.txt", "shown.txt"):
        file = tmp_path / "digests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(digest)

    told = installation.do("ingest", tmp_path / "digests")

    assert "shown.txt" in told
    assert ".hidden.txt" not in told
    assert ".git" not in told


def test_hundreds_of_files_are_ingested_only_by_who_says_so(
    installation: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MANY_FILES):
        (folder / f"{number}.bin").write_bytes(b"\x00")

    line = installation.fail("ingest", folder, status=1)

    assert "200 files were found; where all of them are digests, give --yes" in line
    assert installation.run("ingest", folder, "--yes").returncode == 1
    assert json.loads(installation.do("rejected", "list", "--json"))


def test_numbers_that_are_too_large_are_told_in_a_line(installation: Any) -> None:
    for command in (
        ("bounces", "--days", "99999999999999"),
        ("inbox", "show", "99999999999999999999999"),
    ):
        assert "too large" in installation.fail(*command, status=1)


def test_a_place_that_cannot_be_used_is_told_in_a_line(installation: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for command in (
        ("backup", tmp_path / "file" / "copy.db"),
        ("restore", tmp_path / "file" / "copy.db"),
        ("export", tmp_path / "file" / "data"),
    ):
        assert "file" in installation.fail(*command, status=1)
