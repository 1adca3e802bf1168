"""Bounces are counted by readers, domains and words: what whole domains are judged by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from recommender.domain import Bounce, BounceKind, DeliveryKind, DeliveryState
from recommender.store import bounces, claims, outbox
from recommender.store.claims import Attempt
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
DAY = timedelta(days=1)
DOMAIN = "example.org"


@pytest.fixture
def come_back(database: Database) -> Callable[..., None]:
    numbers = count()

    def come_back(
        subscriber_id: int,
        wording: str = "not wanted",
        *,
        days_ago: float = 0,
        domain: str = DOMAIN,
        kind: BounceKind = BounceKind.HARD,
    ) -> None:
        at = NOW - days_ago * DAY
        bounce = Bounce(
            0, subscriber_id, None, kind, 1.0, None, f"550 {wording}", "dsn", at, domain, wording
        )
        with database.write() as session:
            assert bounces.add(session, f"report:{next(numbers)}", bounce) is not None

    return come_back


@pytest.fixture
def send(database: Database) -> Callable[..., None]:
    numbers = count()

    def send(subscriber_id: int, *, days_ago: float = 0) -> None:
        at, number = NOW - days_ago * DAY, next(numbers)
        with database.write() as session:
            outbox.enqueue(
                session,
                subscriber_id=subscriber_id,
                kind=DeliveryKind.PROBE,
                key=str(number),
                recipient=f"reader@{DOMAIN}",
                message_id=f"<{number}@example.org>",
                now=at,
            )
            delivery = outbox.of_subscriber(session, subscriber_id)[-1]
            taken = Attempt(delivery.id, at, DeliveryState.SENT, "mx:25", 250, "2.0.0", "taken")
            claims.record_attempts(session, [taken])

    return send


def test_readers_are_counted_once_by_the_same_words_within_the_time(
    database: Database, subscriber_ids: list[int], come_back: Callable[..., None]
) -> None:
    ann, bob, eve = subscriber_ids[:3]
    come_back(ann)
    come_back(ann, days_ago=1)
    come_back(bob, days_ago=6)
    come_back(bob, days_ago=8)
    come_back(eve, "user unknown")
    come_back(eve, domain="example.com")
    come_back(eve, kind=BounceKind.COMPLAINT)

    with database.read() as session:

        def failing(since: float, until: float) -> int:
            since_at, until_at = NOW - since * DAY, NOW - until * DAY
            return bounces.readers_failing(
                session, DOMAIN, "not wanted", since=since_at, until=until_at
            )

        assert failing(7, 0) == 2
        assert failing(7, 0.5) == 2
        assert failing(3, 0) == 1
        assert failing(9, 7) == 1


def test_who_takes_mail_is_who_sent_nothing_back(
    database: Database,
    subscriber_ids: list[int],
    come_back: Callable[..., None],
    send: Callable[..., None],
) -> None:
    ann, bob, eve = subscriber_ids
    send(eve, days_ago=9)
    for reader in (ann, bob, bob, eve):
        send(reader, days_ago=1)
    come_back(eve)

    with database.read() as session:
        since = NOW - 7 * DAY
        assert bounces.readers_taking(session, DOMAIN, since=since, most=9) == 2
        assert bounces.readers_taking(session, DOMAIN, since=since, most=1) == 1
        assert bounces.readers_taking(session, "example.com", since=since, most=9) == 0
        assert bounces.readers_taking(session, DOMAIN, since=NOW, most=9) == 0


def test_domains_by_which_many_fail_are_told_with_their_commonest_words(
    database: Database, subscriber_ids: list[int], come_back: Callable[..., None]
) -> None:
    readers = subscriber_ids[:3]
    for reader in readers:
        come_back(reader)
        come_back(reader, days_ago=5)
    for reader in readers[:2]:
        come_back(reader, "user unknown")
        come_back(reader, domain="example.com")

    with database.read() as session:
        since = NOW - 7 * DAY
        found = bounces.wordings_of_many(session, since=since, fewest=2)
        days = bounces.days_of_many(session, DOMAIN, "not wanted", since=since, fewest=3)

    assert found == [
        (DOMAIN, "not wanted", "550 not wanted"),
        ("example.com", "not wanted", "550 not wanted"),
    ]
    assert days == [NOW.date(), (NOW - 5 * DAY).date()]
