"""On a disk that is nearly full nothing new is begun, and what was begun goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from recommender.domain import DeliveryState, Rating, Subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import health
from recommender.jobs.services import Services
from recommender.jobs.sources.polling import LOOK_EVERY, Poller
from recommender.jobs.watched_folder import WatchedFolder
from recommender.store import claims, ratings
from recommender.store.write_probe import WriteProbe

GB = 10**9


@pytest.fixture
def free(services: Services, tmp_path: Path) -> Callable[[int], None]:
    """Return what says how much of 20 GB is free."""
    at = {"bytes": 19 * GB}

    def look(_: Path) -> os.statvfs_result:
        blocks = at["bytes"] // 4096
        return os.statvfs_result((4096, 4096, 20 * GB // 4096, blocks, blocks, 9, 9, 9, 0, 255))

    database = services.database
    database.write_probe = WriteProbe(
        database.write, database.dialect.try_to_write, tmp_path, statvfs=look
    )
    return lambda number: at.update(bytes=number)


def test_nothing_is_composed_and_what_is_queued_leaves(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    free: Callable[[int], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = services.clock()
    subscribe("first")
    ingest(["One", "Two"])
    newsletters.compose_issues(services, now_even_if_not_due=True)
    late = subscribe("late")
    free(GB // 2)

    assert newsletters.compose_issues(services, now_even_if_not_due=True).issues == 0

    assert "98 % full" in caplog.text
    with services.database.write() as session:
        ratings.put(session, late.id, Rating(1, 1, False, now))
        claimed = claims.claim_due(session, worker="w", now=now, lease_seconds=9, limit=9)
        attempt = claims.Attempt(claimed[0].id, now, DeliveryState.SENT, "mx", 250, None, "")
        claims.record_attempts(session, [attempt])
    told = health.check(services)
    assert (told["status"], len(told["reasons"])) == ("degraded", 1)
    free(2 * GB)
    assert newsletters.compose_issues(services, now_even_if_not_due=True).issues == 1


def test_clock_looks_for_room_now_and_then(
    services: Services,
    subscribe: Callable[..., Subscriber],
    clock: Any,
    free: Callable[[int], None],
) -> None:
    subscribe()
    due_at = newsletters.next_issue_due_at(services)
    assert due_at is not None
    clock.now = due_at
    free(GB // 2)

    later = newsletters.next_issue_due_at(services)

    assert later == due_at + newsletters.ROOM_LOOKED_FOR_EVERY


def test_files_wait_in_the_watched_folder(
    services: Services, tmp_path: Path, free: Callable[[int], None]
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "mar-11.txt").write_text("Trending papers\n\nMar 11\n\nA title\n\n" + "Words. " * 40)
    watched = WatchedFolder(services, folder, settle_seconds=0)
    free(GB // 2)

    assert list(watched.ingest()) == []
    free(2 * GB)
    assert [outcome.rejection for outcome in watched.ingest()] == [None]


def test_sources_are_not_fetched(services: Services, free: Callable[[int], None]) -> None:
    free(GB // 2)
    poller = Poller(services, random=Random(1))  # noqa: S311, no secret

    assert poller._due() == []
    assert poller._until_next() == LOOK_EVERY
