"""How fast real days are ingested and issues composed, and in how much memory.

No test here fails on a time: machines differ. Memory must not grow with the number of subscribers.
"""

from __future__ import annotations

import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from recommender.domain import SubscriberState
from recommender.jobs import intake
from recommender.jobs.issues import newsletters
from recommender.jobs.services import Services
from recommender.store import papers
from recommender.store.tables import RatingRow, SubscriberRow

ARCHIVE = "digests/huggingface-daily-2024-05-to-2025-10.tar.xz"
NOW = datetime(2025, 10, 31, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
SUBSCRIBERS, FIRST, RATINGS, SAVED_SHARE = 10_000, 1_000, 20, 0.2
MOST_GROWTH_MB = 50


@pytest.fixture
def unpacked(shared_data: Path, tmp_path: Path, clock: Any) -> Callable[[str], Path]:
    """Unpack the days from one on; it is the evening of the archive's last day."""
    clock.now = NOW

    def unpacked(first_day: str) -> Path:
        folder = tmp_path / "days"
        folder.mkdir()
        with tarfile.open(shared_data / ARCHIVE) as archive:
            for member in archive:
                content = archive.extractfile(member)
                name = Path(member.name).name
                if content is not None and name >= first_day:
                    (folder / name).write_bytes(content.read())
        return folder

    return unpacked


def ingest(services: Services, folder: Path) -> intake.IngestSummary:
    rejected = folder.parent / "rejected"
    files = intake.files_named([folder])
    return intake.summary(intake.ingest_paths(services, files, rejected_folder=rejected))


def test_the_archive_is_ingested(services: Services, unpacked: Callable[[str], Path]) -> None:
    folder = unpacked("2024-05")
    begun, cpu_begun = time.perf_counter(), time.process_time()
    told = ingest(services, folder)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun

    assert (told.digests, told.mentions, len(told.rejected)) == (351, 5204, 22)
    print(  # noqa: T201 - the figures are the benchmark's result
        f"\n{told}: {told.mentions / seconds:.0f} papers/s,"
        f" {told.mentions / cpu_seconds:.0f} papers per second of CPU"
    )


def seed_readers(services: Services, paper_ids: list[int], *, now: datetime) -> None:
    """Store subscribers and their ratings in bulk: one by one they would take most of the time.

    The first of them are due now, the others an hour later.
    """
    rng = np.random.default_rng(1)
    ids = range(1, SUBSCRIBERS + 1)
    people = [
        {
            "id": number,
            "email": f"r{number}@example.org",
            "email_key": f"r{number}@example.org",
            "state": SubscriberState.ACTIVE,
            "hour": 7,
            "weekdays": "0123456",
            "timezone": "UTC",
            "papers": 10,
            "interests": "",
            "created_at": now,
            "requested_at": now,
            "next_issue_at": now if number <= FIRST else now + HOUR,
        }
        for number in ids
    ]
    said = [
        {
            "subscriber_id": number,
            "paper_id": paper_id,
            "value": 1 if rng.random() < 2 / 3 else -1,
            "saved": rng.random() < SAVED_SHARE,
            "rated_at": now,
        }
        for number in ids
        for paper_id in rng.choice(paper_ids, RATINGS, replace=False).tolist()
    ]
    with services.database.write() as session:
        session.execute(insert(SubscriberRow), people)
        session.execute(insert(RatingRow), said)


def reset_peak_memory() -> None:
    """Begin anew to watch for the peak, see proc(5)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_memory_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def test_issues_are_composed_in_flat_memory(
    services: Services, unpacked: Callable[[str], Path], clock: Any
) -> None:
    ingest(services, unpacked("2025-09-20"))
    with services.database.read() as session:
        paper_ids = [paper.id for paper in papers.every(session)]
    clock.now += timedelta(days=1)
    seed_readers(services, paper_ids, now=clock.now)

    peaks, all_seconds = [], 0.0
    for number in (FIRST, SUBSCRIBERS - FIRST):
        reset_peak_memory()
        begun, cpu_begun = time.perf_counter(), time.process_time()
        report = newsletters.compose_issues(services)
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
        peaks.append(peak_memory_mb())
        all_seconds += seconds
        assert report == newsletters.ComposeReport(issues=number, nothing_new=0)
        print(  # noqa: T201 - the figures are the benchmark's result
            f"\n{number} issues from {len(paper_ids)} papers, {RATINGS} ratings each:"
            f" {number / seconds:.0f}/s, {1000 * cpu_seconds / number:.2f} ms of CPU each,"
            f" at most {peaks[-1]:.0f} MB"
        )
        clock.now += HOUR
    print(f"\n{SUBSCRIBERS} issues: {SUBSCRIBERS / all_seconds:.0f}/s")  # noqa: T201 - as above
    assert peaks[1] - peaks[0] < MOST_GROWTH_MB
