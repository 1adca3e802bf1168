"""Each number of the operator's page, against an installation that is counted by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import (
    Bounce,
    BounceKind,
    DeliveryKind,
    DeliveryState,
    Rating,
    Subscriber,
    SubscriberQuality,
    SubscriberState,
)
from recommender.jobs import status as jobs
from recommender.jobs.outgoing import outbox as outbox_jobs
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.store import bounces, claims, outbox, qualities, ratings
from recommender.store.claims import Attempt

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = date(2026, 3, 11)
SENT, DEFERRED, FAILED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED


@pytest.fixture
def send(services: Services) -> Callable[..., int]:
    """Queue a message to somebody, and let a server have answered."""

    def send(
        to: Subscriber,
        key: str,
        *states: DeliveryState,
        at: datetime,
        kind: DeliveryKind = DeliveryKind.ISSUE,
        server: str = "mx:25",
    ) -> int:
        with services.database.write() as session:
            outbox.enqueue(
                session,
                subscriber_id=to.id,
                kind=kind,
                key=key,
                recipient=to.email,
                message_id=f"<{key}.{to.id}@example.org>",
                now=at,
            )
            number = outbox.of_subscriber(session, to.id)[-1].id
            attempts = [
                Attempt(number, at, state, server, 250, None, "words", at + HOUR)
                for state in states
            ]
            for attempt in attempts:
                claims.record_attempts(session, [attempt])
        return number

    return send


def test_an_empty_installation_has_nothing_but_zeros(services: Services) -> None:
    status = jobs.read_status(services)

    assert (status.health, status.steps, status.domains, status.qualities) == ("ok", (), (), ())
    assert status.queue == {"queued": 0, "sending": 0, "deferred": 0, "failed": 0}
    assert [day.day for day in status.days] == [TODAY - n * DAY for n in range(13, -1, -1)]
    assert {(day.issues, day.ratings, *day.outcomes.values()) for day in status.days} == {(0, 0)}
    assert set(status.subscribers.values()) == {0}
    assert (status.sources, status.lines, status.more_domains) == ((), (), 0)


def test_days_count_what_servers_answered_and_the_issues_among_it(
    services: Services, subscribe: Callable[..., Subscriber], send: Any, clock: Any
) -> None:
    ann, bob = subscribe("ann"), subscribe("bob")
    midnight = clock.now.replace(hour=0)
    send(ann, "1", DEFERRED, SENT, at=midnight)
    send(bob, "1", SENT, at=midnight)
    send(bob, "2", FAILED, at=midnight)
    send(ann, "c", SENT, at=midnight, kind=DeliveryKind.CONFIRMATION)
    send(ann, "w", SENT, at=midnight - timedelta(seconds=1), kind=DeliveryKind.WELCOME)
    # What we did ourselves went to no server.
    send(ann, "3", FAILED, at=midnight, server="")
    # Before the first day that is shown.
    send(ann, "4", SENT, at=midnight - 13 * DAY - timedelta(seconds=1))
    *before, yesterday, today = jobs.read_status(services).days

    assert today.outcomes == {"sent": 3, "deferred": 1, "failed": 1}
    assert (today.issues, yesterday.issues) == (2, 1)
    assert yesterday.outcomes == {"sent": 1}
    assert [day.outcomes for day in before] == [{}] * 12


def test_ratings_are_counted_on_their_day(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    stored_papers: Callable[[], list[Any]],
    clock: Any,
) -> None:
    ann = subscribe("ann")
    ingest(["One", "Two", "Three"])
    moments = [clock.now, clock.now - DAY, clock.now - 20 * DAY]
    with services.database.write() as session:
        for paper, moment in zip(stored_papers(), moments, strict=True):
            ratings.put(session, ann.id, Rating(paper.id, 1, saved=False, rated_at=moment))
    days = jobs.read_status(services).days

    assert [day.ratings for day in days] == [*[0] * 12, 1, 1]


def test_the_queue_and_domains_count_what_is_not_sent(
    services: Services, subscribe: Callable[..., Subscriber], send: Any, clock: Any
) -> None:
    ann = subscribe("ann")
    send(ann, "1", at=clock.now)
    send(ann, "2", DEFERRED, at=clock.now)
    send(ann, "3", FAILED, at=clock.now)
    send(ann, "4", SENT, at=clock.now)
    status = jobs.read_status(services)
    (domain,) = status.domains

    assert status.queue == {"queued": 1, "sending": 0, "deferred": 1, "failed": 1}
    assert (domain.rates.domain, domain.rates.sent) == ("example.org", 1)
    assert (domain.waiting, domain.failed, domain.share_of_limit) == (2, 1, None)
    assert any(step.startswith("1 message failed; ") for step in status.steps)


def test_a_domain_near_a_limit_comes_first_and_is_a_step(
    services: Services, subscribe: Callable[..., Subscriber], send: Any, clock: Any
) -> None:
    ann = subscribe("ann")
    for number in range(100):
        send(ann, str(number), SENT, at=clock.now)
    with services.database.write() as session:
        bounce = Bounce(
            id=0,
            subscriber_id=ann.id,
            delivery_id=None,
            kind=BounceKind.HARD,
            weight=1.0,
            enhanced_status_code="5.1.1",
            diagnostic="no such user",
            source="mail",
            received_at=clock.now,
            recipient_domain="example.org",
        )
        for key in ("one", "two"):
            bounces.add(session, key, bounce)
    status = jobs.read_status(services)

    assert status.domains[0].share_of_limit == pytest.approx(1.0)
    assert any("example.org" in step and "below" in step for step in status.steps)


def test_many_domains_are_cut_and_counted(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    ann = subscribe("ann")
    with services.database.write() as session:
        for number in range(jobs.DOMAINS_SHOWN + 3):
            outbox.enqueue(
                session,
                subscriber_id=ann.id,
                kind=DeliveryKind.ISSUE,
                key=str(number),
                recipient=f"a@d{number}.example.org",
                message_id=f"<{number}@example.org>",
                now=clock.now,
            )
    status = jobs.read_status(services)

    assert (len(status.domains), status.more_domains) == (jobs.DOMAINS_SHOWN, 3)


def test_subscribers_sources_and_nights_are_all_there(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    ann, bob = subscribe("ann"), subscribe("bob", state=SubscriberState.UNSUBSCRIBED)
    managing.add(services, "arxiv:cs.LG")
    with services.database.write() as session:
        qualities.put_all(
            session,
            [
                SubscriberQuality(who.id, TODAY - days * DAY, 4, 7, ndcg, 0.5, 0.5, 0.5)
                for who, days, ndcg in ((ann, 1, 0.25), (bob, 1, 0.75), (ann, 0, 0.5))
            ],
        )
    status = jobs.read_status(services)
    before, last = status.qualities

    assert status.subscribers["active"] == status.subscribers["unsubscribed"] == 1
    assert [each.source.name for each in status.sources] == ["arxiv:cs.LG"]
    assert (before.measured_on, before.subscribers, before.ndcg) == (TODAY - DAY, 2, 0.5)
    assert (before.low, before.high) == pytest.approx((0.01, 0.99))
    assert (last.measured_on, last.low, last.high) == (TODAY, 0.0, 1.0)


@pytest.mark.parametrize(
    ("mean", "variance", "count", "expected"),
    [
        (0.5, 0.25, 101, (0.402, 0.598)),
        (0.5, 0.0, 9, (0.5, 0.5)),
        # What floating point makes of no variance at all.
        (0.5, -1e-17, 9, (0.5, 0.5)),
        (0.01, 0.04, 5, (0.0, 0.206)),
        (0.3, 0.0, 1, (0.0, 1.0)),
    ],
)
def test_interval_of_a_mean(
    mean: float, variance: float, count: int, expected: tuple[float, float]
) -> None:
    assert jobs.interval_of_mean(mean, variance, count) == pytest.approx(expected)


def test_a_pause_and_what_was_warned_of_are_shown(services: Services) -> None:
    outbox_jobs.pause(services)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "to ann@example.org: broken", (), None)
    services.recent_lines.handle(record)
    status = jobs.read_status(services)

    assert (status.health, status.holds.paused_at) == ("degraded", services.clock())
    words = "sending is paused since 2026-03-11 07:00 UTC; `recommender outbox resume` goes on"
    assert status.steps == (words,)
    assert [line.words for line in status.lines] == ["to …@example.org: broken"]
