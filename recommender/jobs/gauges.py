"""Jobs: how much there is of what at this moment, as plain numbers; changes nothing.

Each number has few labels, and none of them names a person: states, kinds, and the operator's own
sources.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from recommender.jobs.outgoing import health
from recommender.jobs.services import Services
from recommender.papers.sources.source_states import judge_all
from recommender.store import bounces, counts, outbox, sending_pause, subscribers
from recommender.store.database import files_of_database

BOUNCE_DAYS: Final = timedelta(days=1)
MOST_SOURCES: Final = 200
"""Of so many it is told how they fare; those that are in trouble come first."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number, or one for each label.

    Attributes
    ----------
    label : str
        What the keys of ``values`` are; empty where there is one number, whose key is empty.
    """

    name: str
    words: str
    label: str
    values: dict[str, float]


def read_gauges(services: Services) -> list[Gauge]:
    """Read all of them.

    Raises
    ------
    StorageError
        If the database cannot be read.
    """
    return [*_of_database(services), *_of_disk(services)]


def _of_database(services: Services) -> Iterator[Gauge]:
    now = services.clock()
    checked = health.check(services)
    with services.database.read() as session:
        rows = counts.row_counts(session)
        waiting_since = outbox.next_attempt_at(session)
        issue_at = subscribers.next_due_at(session)
        paused_at = sending_pause.paused_at(session)
        came_back = bounces.counts_by_domain(session, since=now - BOUNCE_DAYS)
        judged = judge_all(session, now=now)
    yield Gauge(
        "healthy",
        "1 where /healthz says ok or degraded, 0 where it says failing.",
        "",
        {"": float(checked["status"] != "failing")},
    )
    yield Gauge("deliveries", "Messages in the outbox, by state.", "state", _each(rows.deliveries))
    yield Gauge(
        "queue_age_seconds",
        "How long the message that is due longest has been due.",
        "",
        {"": _seconds_since(waiting_since, now)},
    )
    yield Gauge(
        "issue_late_seconds",
        "How long the issue that is due longest has been due.",
        "",
        {"": _seconds_since(issue_at, now)},
    )
    yield Gauge(
        "sending_paused", "1 while the operator pauses sending.", "", {"": float(bool(paused_at))}
    )
    yield Gauge("subscribers", "Subscribers, by state.", "state", _each(rows.subscribers))
    yield Gauge("papers", "Papers that are known.", "", {"": float(rows.papers)})
    yield Gauge("ratings", "Ratings that stand.", "", {"": float(rows.ratings)})
    yield Gauge("issues", "Issues that were composed and are kept.", "", {"": float(rows.issues)})
    yield Gauge(
        "bounced",
        "What came back in the last day, all domains together.",
        "kind",
        {
            "hard": float(sum(each.hard_bounces for each in came_back)),
            "complaint": float(sum(each.complaints for each in came_back)),
        },
    )
    judged = sorted(judged, key=lambda each: not each.verdict.is_trouble)[:MOST_SOURCES]
    yield Gauge(
        "source_age_seconds",
        "How long ago a source was last read well.",
        "source",
        {
            each.source.name: _seconds_since(each.source.last_fetched_at, now)
            for each in judged
            if each.source.last_fetched_at is not None
        },
    )
    yield Gauge(
        "source_in_trouble",
        "1 where a source is late, broken or drifted.",
        "source",
        {each.source.name: float(each.verdict.is_trouble) for each in judged},
    )


def _of_disk(services: Services) -> Iterator[Gauge]:
    folder = services.database.folder
    trouble = services.database.write_probe.trouble()
    yield Gauge(
        "database_writable", "1 while the database can be written.", "", {"": float(not trouble)}
    )
    if folder is None:
        return
    files = files_of_database(services.database.url.render_as_string(hide_password=False))
    size = sum(path.stat().st_size for path in files if path.exists())
    room = os.statvfs(folder)
    yield Gauge("database_bytes", "Size of the database and its log.", "", {"": float(size)})
    yield Gauge(
        "disk_free_bytes",
        "What is free where the database lies.",
        "",
        {"": float(room.f_bavail * room.f_frsize)},
    )
    yield Gauge(
        "disk_bytes",
        "How large the file system is where the database lies.",
        "",
        {"": float(room.f_blocks * room.f_frsize)},
    )


def _each(numbers: dict[str, int]) -> dict[str, float]:
    return {str(state): float(number) for state, number in numbers.items()}


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max((now - moment).total_seconds(), 0.0)
