"""How fast real days are ingested and issues composed; no test here fails on a time."""

from __future__ import annotations

import random
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from threadpoolctl import threadpool_limits

from recommender.domain import SubscriberState
from recommender.jobs import intake, newsletters
from recommender.jobs.services import Services
from recommender.store import papers, subscribers
from recommender.store.tables import RatingRow

ARCHIVE = "digests/huggingface-daily-2024-05-to-2025-10.tar.xz"
NOW = datetime(2025, 10, 31, 20, tzinfo=UTC)
SUBSCRIBERS, RATINGS = 2_000, 20


@pytest.fixture(autouse=True)
def _one_core() -> Iterator[None]:
    with threadpool_limits(1):
        yield


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
    return intake.summary(intake.ingest_paths(services, [folder], rejected_folder=rejected))


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


def test_issues_are_composed(
    services: Services, unpacked: Callable[[str], Path], clock: Any
) -> None:
    ingest(services, unpacked("2025-09-20"))
    with services.database.read() as session:
        paper_ids = [paper.id for paper in papers.every(session)]
    rng = random.Random(1)  # noqa: S311 - which papers are rated
    daily = replace(services.defaults, weekdays=frozenset(range(7)))
    with services.database.write() as session:
        for number in range(SUBSCRIBERS):
            email = f"r{number}@example.org"
            subscriber = subscribers.add(
                session,
                email=email,
                email_key=email,
                state=SubscriberState.ACTIVE,
                preferences=daily,
                interests="",
                now=NOW,
                next_issue_at=NOW,
            )
            said = [
                {
                    "subscriber_id": subscriber.id,
                    "paper_id": paper_id,
                    "value": rng.choice([1, 1, -1]),
                    "saved": rng.random() < 0.2,
                    "rated_at": NOW,
                }
                for paper_id in rng.sample(paper_ids, RATINGS)
            ]
            # One by one, as readers rate, they would take longer than what is measured.
            session.execute(insert(RatingRow), said)

    for day in ("first", "second"):
        clock.now += timedelta(days=1)
        begun, cpu_begun = time.perf_counter(), time.process_time()
        report = newsletters.compose_issues(services)
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
        assert newsletters.ComposeReport(issues=SUBSCRIBERS, nothing_new=0) == report
        print(  # noqa: T201 - the figures are the benchmark's result
            f"\n{day} day, {SUBSCRIBERS} issues from {len(paper_ids)} papers, {RATINGS} ratings:"
            f" {SUBSCRIBERS / seconds:.0f}/s, {1000 * cpu_seconds / SUBSCRIBERS:.2f} ms of CPU each"
        )
