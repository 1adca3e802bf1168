"""Health tells with reasons when the work is not done in time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Subscriber, SubscriberState
from recommender.jobs.outgoing import health, outbox
from recommender.jobs.services import Services
from recommender.store import claims, requests
from recommender.store.counts import Counts
from recommender.store.tables import DomainPaceRow, SmtpServerRow
from recommender.store.write_probe import WriteProbe

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
OK = {"status": "ok", "reasons": [], "held": []}


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
        "held": [],
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
        in_doubt=0,
    )


def test_requests_of_a_day_are_counted_by_what_came_of_them(services: Services) -> None:
    now = services.clock()
    for days, outcome in ((0, "mailed"), (0, "mailed"), (0, "capped: enough"), (2, "mailed")):
        with services.database.write() as session:
            requests.add(
                session,
                email="ann@example.org",
                email_key="ann@example.org",
                network="192.0.2.1",
                interests="",
                now=now,
            )
            (request,) = requests.undecided(session, limit=9)
            at = now - timedelta(days=days)
            requests.record_outcomes(session, {request.id: outcome}, now=at)

    assert health.requests_of_a_day(services) == {"mailed": 2, "capped: enough": 1}
    with services.database.write() as session:
        requests.add(
            session,
            email="ben@example.org",
            email_key="ben@example.org",
            network="192.0.2.1",
            interests="",
            now=now,
        )
    assert health.requests_of_a_day(services)["waiting"] == 1


UNTIL = "2026-03-11 08:00 UTC"


@pytest.fixture
def held(services: Services) -> Services:
    """Store a server that is paused, and a domain that is slowed and one that waits."""
    now = services.clock()
    with services.database.write() as session:
        session.add(
            SmtpServerRow(
                name="mx.example.net:25",
                troubles=2,
                paused_until=now + HOUR,
                last_trouble="421 4.3.2 not now",
                updated_at=now,
            )
        )
        session.add(
            DomainPaceRow(
                domain="slow.example.org",
                messages_per_minute=2.5,
                slowed_at=now - HOUR,
                last_reply="452 4.7.1 slower",
                updated_at=now,
            )
        )
        session.add(
            DomainPaceRow(domain="later.example.org", paused_until=now + HOUR, updated_at=now)
        )
        session.add(DomainPaceRow(domain="fast.example.org", updated_at=now))
    return services


def test_what_keeps_messages_back_is_told_with_its_reason(held: Services) -> None:
    expected = [
        f"SMTP server mx.example.net:25 is paused until {UNTIL} (421 4.3.2 not now)",
        f"later.example.org gets nothing until {UNTIL}",
        "slow.example.org gets 2.5 messages a minute since 2026-03-11 06:00 UTC (452 4.7.1 slower)",
    ]
    assert health.held_back(held) == expected


def test_everybody_may_read_the_check_so_it_names_nobody(held: Services) -> None:
    assert health.check(held) == {
        "status": "ok",
        "reasons": [],
        "held": [
            "1 SMTP server paused for now",
            "2 recipient domains sent to slowly or later",
        ],
    }


def test_a_hold_that_ended_is_told_no_more(held: Services, clock: Any) -> None:
    clock.now += HOUR
    (left,) = health.held_back(held)
    assert left.startswith("slow.example.org ")


def test_newsletters_that_are_held_are_a_failure(services: Services) -> None:
    now = services.clock()
    with services.database.write() as session:
        session.add(
            SmtpServerRow(
                name="mx.example.net:25",
                bulk_refusals=3,
                bulk_held_until=now + HOUR,
                last_trouble="554 5.7.1 spam",
                updated_at=now,
            )
        )
    told = health.check(services)
    assert told["status"] == "failing"
    assert told["reasons"] == ["newsletters are held; `recommender outbox list` says why"]
    assert told["held"] == ["1 SMTP server not given newsletters"]
    words = (
        f"newsletters through mx.example.net:25 are held until {UNTIL}: it refused 3 messages for "
        "what they say (554 5.7.1 spam)"
    )
    assert health.held_back(services) == [words]


def test_what_is_in_doubt_is_counted(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
) -> None:
    subscribe()
    subscribe("other")
    ingest(["One"])
    compose_now()
    for _ in range(2):
        with services.database.write() as session:
            claims.claim_due(session, worker="w", now=services.clock(), lease_seconds=9, limit=2)
            claims.reclaim(session, now=services.clock(), is_alive=lambda _: False)
    assert health.count_everything(services).in_doubt == 4


def test_a_database_that_cannot_be_written_is_a_failure(
    services: Services, database_path: Path
) -> None:
    assert health.check(services) == OK
    services.database.write_probe = WriteProbe(
        services.database.write,
        services.database.dialect.try_to_write,
        database_path.parent,
        patience_seconds=0.1,
    )
    with sqlite3.connect(database_path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")

        told = health.check(services)

        other.execute("ROLLBACK")
    assert told["status"] == "failing"
    assert told["reasons"] == ["nothing can be written to the database within 0 s"]


def test_a_pause_of_sending_is_told_and_is_no_failure(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
    clock: Any,
) -> None:
    subscribe("late")
    ingest(["One"])
    compose_now()
    outbox.pause(services)
    clock.now += 48 * HOUR

    words = "sending is paused since 2026-03-11 07:00 UTC; `recommender outbox resume` goes on"
    assert health.check(services) == {"status": "degraded", "reasons": [words], "held": []}
    assert health.held_back(services) == [words]
    outbox.resume(services)
    assert health.check(services)["status"] == "failing"
