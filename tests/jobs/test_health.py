"""Health tells with reasons when the work is not done in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from recommender.domain import Subscriber, SubscriberState
from recommender.jobs import health
from recommender.jobs.services import Services
from recommender.store.counts import Counts

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
OK = {"status": "ok", "reasons": []}


def test_an_empty_installation_is_well(services: Services) -> None:
    assert health.check(services) == OK


def test_an_issue_may_be_an_hour_late(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    reader = subscribe()
    assert reader.next_issue_at is not None
    clock.now = reader.next_issue_at + HOUR
    assert health.check(services) == OK
    clock.now += SECOND
    assert health.check(services) == {
        "status": "failing",
        "reasons": ["issues are due since 2026-03-12 06:00 UTC and not composed"],
    }


def test_nobody_waits_who_does_not_receive(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    for state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUSPENDED):
        subscribe(state, state=state, next_at=clock.now)
    clock.now += 24 * HOUR
    assert health.check(services) == OK


def test_a_message_may_wait_an_hour(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    clock: Any,
) -> None:
    subscribe()
    ingest(["One"])
    compose_now()
    clock.now += HOUR
    assert health.check(services) == OK
    clock.now += SECOND
    told = health.check(services)
    assert told["status"] == "failing"
    (reason,) = told["reasons"]
    assert reason.startswith("messages wait in the outbox since 2026-03-11 07:00 UTC; the log")


def test_a_database_that_cannot_be_read_is_a_reason(
    services: Services, database_path: Path
) -> None:
    services.database.close()
    for path in database_path.parent.glob("recommender.db*"):
        path.unlink()
    database_path.write_bytes(b"this is no database, and long enough to tell" * 100)
    told = health.check(services)
    assert told["status"] == "failing"
    assert "not a database" in told["reasons"][0]


def test_counts_are_of_everything_by_state(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    rate: Callable[..., None],
) -> None:
    reader = subscribe()
    subscribe("gone", state=SubscriberState.UNSUBSCRIBED)
    ingest(["One", "Two"])
    compose_now()
    rate(reader, ["One"])
    assert health.count_everything(services) == Counts(
        papers=2,
        mentions=2,
        digests=1,
        issues=1,
        ratings=1,
        subscribers={
            "unconfirmed": 0,
            "active": 1,
            "paused": 0,
            "unsubscribed": 1,
            "suspended": 0,
        },
        deliveries={"queued": 1, "sending": 0, "sent": 0, "deferred": 0, "failed": 0},
    )
