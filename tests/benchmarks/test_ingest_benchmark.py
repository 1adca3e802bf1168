"""How fast files become rows: laid into the watched folder, read apart, stored, filed away.

The measure is what anybody would write first: `json.loads` and `sqlite3` in one process, a
transaction a file, and nothing checked. Other programs run on the machine, so what is compared is
the computing of all processes together.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from linear import status_megabytes

from recommender.jobs import intake
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.reading.pool import ReadingPool

ARCHIVE = "digests/huggingface-daily-2024-05-to-2025-10.tar.xz"
LEAST_FASTER_AGAIN = 5.0
MOST_TIMES_A_SCRIPT = 15.0
"""Of computing: 7 to 8 on a quiet machine, 10 beside others."""
MOST_GROWTH_MB = 20.0


@dataclass
class Spent:
    """Seconds by the clock, and of computing in this process and its children that ended."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def measured() -> Iterator[Spent]:
    spent = Spent()
    begun, before = time.perf_counter(), os.times()
    yield spent
    after = os.times()
    spent.wall = time.perf_counter() - begun
    spent.cpu = sum(after[:4]) - sum(before[:4])


@pytest.fixture
def lay(shared_data: Path, tmp_path: Path, clock: Any) -> Callable[[], Path]:
    """Lay all real days into the watched folder; it is the evening of the last one."""
    clock.now = datetime(2025, 10, 31, 20, tzinfo=UTC)
    folder = tmp_path / "incoming"
    folder.mkdir()
    with tarfile.open(shared_data / ARCHIVE) as archive:
        contents = {
            Path(member.name).name: file.read()
            for member in archive
            if (file := archive.extractfile(member)) is not None
        }

    def lay() -> Path:
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        return folder

    return lay


def ingest(services: Services, folder: Path) -> intake.IngestSummary:
    return intake.summary(WatchedFolder(services, folder, settle_seconds=0).ingest())


def ingest_by_a_script(folder: Path, database: Path) -> int:
    """Store the same papers as a script would."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE paper (id TEXT PRIMARY KEY, title, abstract, authors, upvotes)"
    )
    connection.execute("CREATE TABLE mention (day, rank, paper)")
    papers = 0
    for path in sorted(folder.iterdir()):
        document = json.loads(path.read_bytes())
        entries = document["data"] if isinstance(document, dict) else document
        read = [each["paper"] for each in entries if isinstance(each, dict)]
        rows = [
            (
                paper["id"],
                paper["title"],
                paper.get("summary"),
                json.dumps([author.get("name") for author in paper.get("authors") or ()]),
                paper.get("upvotes"),
            )
            for paper in read
        ]
        with connection:
            connection.executemany("INSERT OR IGNORE INTO paper VALUES (?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "INSERT INTO mention VALUES (?, ?, ?)",
                [(path.stem, rank, paper["id"]) for rank, paper in enumerate(read)],
            )
        papers += len(rows)
    connection.close()
    return papers


def test_the_archive_is_ingested_end_to_end_and_known_again(
    services: Services, lay: Callable[[], Path], tmp_path: Path
) -> None:
    folder = lay()
    with measured() as by_script:
        assert ingest_by_a_script(folder, tmp_path / "script.db") >= 5204

    services = replace(services, reading=ReadingPool())
    with measured() as first:
        told = ingest(services, folder)
        services.reading.close()
    assert (told.digests, told.papers_new, told.mentions, len(told.rejected)) == (
        *(351, 5204, 5204, 22),
    )
    assert not list(folder.iterdir())

    for rejected in ("rejected", "done"):
        assert len(list((folder.parent / rejected).iterdir())) == (
            44 if rejected == "rejected" else 351
        )
    again = lay()
    for path in (folder.parent / "rejected").glob("*.json"):
        (again / path.name).unlink()
    with measured() as second:
        told_again = ingest(services, again)
        services.reading.close()
    assert told_again == intake.IngestSummary(0, 0, 0, 0, ())

    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{told}: {told.mentions / first.wall:,.0f} papers/s by the clock,"
        f" {told.mentions / first.cpu:,.0f} a second of computing ({first.cpu:.2f} s;"
        f" a script {by_script.cpu:.2f} s); again {first.cpu / second.cpu:.1f} times as fast"
        f" ({first.wall / second.wall:.1f} by the clock)"
    )
    assert first.cpu / second.cpu >= LEAST_FASTER_AGAIN
    assert first.cpu / by_script.cpu <= MOST_TIMES_A_SCRIPT


def test_memory_does_not_grow_with_the_number_of_files(
    services: Services, lay: Callable[[], Path]
) -> None:
    """The peaks only rise: all other files come after the first hundred."""
    folder = lay()
    waiting = folder.parent / "waiting"
    waiting.mkdir()
    for path in sorted(folder.iterdir())[100:]:
        path.rename(waiting / path.name)
    # proc(5): 5 sets the peak back to what is used now.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    few = ingest(services, folder).mentions
    before = status_megabytes("VmHWM")
    for path in waiting.iterdir():
        path.rename(folder / path.name)
    many = ingest(services, folder).mentions
    after = status_megabytes("VmHWM")

    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{before:.0f} MB at most with {few} papers, {after:.0f} MB with {many} more"
    )
    assert after - before <= MOST_GROWTH_MB
