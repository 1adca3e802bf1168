"""Claims from a long outbox: what waits behind the first messages costs nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert

from recommender.domain import DeliveryKind, DeliveryState, DomainPace
from recommender.store import claims, outbox, outbox_changes, pacing
from recommender.store.claims import Attempt
from recommender.store.database import Database
from recommender.store.outbox import NewDelivery
from recommender.store.tables import DeliveryRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
INSTRUCTIONS_A_COUNT = 10


def fill(database: Database, count: int, *, state: DeliveryState = DeliveryState.QUEUED) -> None:
    """Queue notices for strangers, who need no subscriber."""
    with database.write() as session:
        session.connection().execute(
            insert(DeliveryRow),
            [
                {
                    "kind": DeliveryKind.NOTICE,
                    "key": f"{state}-{number}",
                    "recipient": f"r{number}@d{number % 50}.example.org",
                    "recipient_domain": f"d{number % 50}.example.org",
                    "message_id": f"<{state}.{number}@example.org>",
                    "state": state,
                    "priority": 1,
                    "created_at": NOW,
                    "next_attempt_at": NOW,
                }
                for number in range(count)
            ],
        )


def instructions_of_a_claim(database: Database, limit: int) -> int:
    """Count what SQLite's virtual machine does for one claim: no clock, the same every time."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    @event.listens_for(database.engine, "checkout")
    def watch(connection: object, *_: object) -> None:
        connection.set_progress_handler(count, INSTRUCTIONS_A_COUNT)  # type: ignore[attr-defined]  # sqlite3's

    database.engine.dispose()
    with database.write() as session:
        claimed = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=limit)
    event.remove(database.engine, "checkout", watch)
    assert len(claimed) == limit
    return counted * INSTRUCTIONS_A_COUNT


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.DEFERRED])
def test_claim_costs_the_same_however_long_the_queue(
    database: Database, state: DeliveryState
) -> None:
    fill(database, 100, state=state)
    short = instructions_of_a_claim(database, 20)
    fill(database, 3_000, state=DeliveryState.SENT)
    more = DeliveryState.DEFERRED if state is DeliveryState.QUEUED else DeliveryState.QUEUED
    fill(database, 3_000, state=more)
    long = instructions_of_a_claim(database, 20)

    assert 0 < long < 2 * short


def test_claim_takes_answers_before_newsletters_and_the_oldest_first(database: Database) -> None:
    """However they are mixed: queued and deferred ones, of both priorities, and a paused domain."""
    new = [
        NewDelivery(None, DeliveryKind.NOTICE, str(number), address, f"<{number}@example.org>")
        for number, address in enumerate(
            ["a@one.example", "b@two.example", "c@one.example", "d@three.example"]
        )
    ]
    with database.write() as session:
        for number, delivery in enumerate(new):
            outbox.enqueue_all(session, [delivery], now=NOW - timedelta(minutes=number))
        pacing.save_domain_paces(
            session, {"two.example": DomainPace(1.0, NOW + timedelta(hours=1), "", NOW)}, now=NOW
        )
        session.connection().execute(
            insert(DeliveryRow),
            [
                {
                    "kind": DeliveryKind.NOTICE,
                    "key": f"later-{state}",
                    "recipient": "e@one.example",
                    "recipient_domain": "one.example",
                    "message_id": f"<{state}@example.org>",
                    "state": state,
                    "priority": 1,
                    "created_at": NOW - timedelta(days=1),
                    "next_attempt_at": NOW - timedelta(hours=hours),
                }
                for state, hours in ((DeliveryState.QUEUED, 2), (DeliveryState.DEFERRED, 3))
            ],
        )
        claimed = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=9)

    assert [delivery.message_id for delivery in claimed] == [
        "<3@example.org>",
        "<2@example.org>",
        "<0@example.org>",
        "<deferred@example.org>",
        "<queued@example.org>",
    ]


def test_deferral_counts_from_the_first_until_an_operator_tries_anew(database: Database) -> None:
    since = []
    fill(database, 1)
    for hours in (1, 2):
        at = NOW + timedelta(hours=hours)
        with database.write() as session:
            (claimed,) = claims.claim_due(session, worker="w", now=at, lease_seconds=60, limit=1)
            since.append(claimed.deferred_since)
            later = Attempt(claimed.id, at, DeliveryState.DEFERRED, "mx:25", 450, None, "450 later")
            claims.record_attempts(session, [later])
    with database.write() as session:
        at = NOW + timedelta(hours=3)
        (claimed,) = claims.claim_due(session, worker="w", now=at, lease_seconds=60, limit=1)
        since.append(claimed.deferred_since)
        no = Attempt(claimed.id, at, DeliveryState.FAILED, "mx:25", 550, None, "550 no")
        claims.record_attempts(session, [no])
        outbox_changes.make_due(session, [claimed.id], now=at, reply="again")
        (claimed,) = claims.claim_due(session, worker="w", now=at, lease_seconds=60, limit=1)
        since.append(claimed.deferred_since)

    first = NOW + timedelta(hours=1)
    assert since == [None, first, first, None]
