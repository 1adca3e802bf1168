"""A clock that ran ahead for a while leaves nothing behind that waits for that time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Subscriber, SubscriberState
from recommender.jobs.issues import future_moments, newsletters
from recommender.jobs.outgoing import health
from recommender.jobs.people import preferences
from recommender.jobs.services import Services
from recommender.store import outbox, subscribers

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
RETRY = timedelta(hours=4)


def correct(services: Services) -> None:
    future_moments.correct(services, longest_retry=RETRY)


@pytest.fixture
def ran_ahead(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    clock: Any,
) -> Subscriber:
    """Compose a reader's issue while the clock is a year ahead, then put it back."""
    reader = subscribe()
    clock.now += YEAR
    ingest(["One", "Two"])
    assert newsletters.compose_issues(services).issues == 1
    clock.now -= YEAR
    return reader


def test_the_next_issue_comes_on_the_next_day_of_issues(
    services: Services,
    ran_ahead: Subscriber,
    ingest: Callable[..., Any],
    now_known: Callable[[Subscriber], Subscriber],
    clock: Any,
) -> None:
    planned_at = now_known(ran_ahead).next_issue_at
    assert planned_at is not None
    assert planned_at > clock.now + YEAR

    correct(services)

    planned_at = now_known(ran_ahead).next_issue_at
    assert planned_at is not None
    assert clock.now < planned_at <= clock.now + DAY
    clock.now = planned_at
    ingest(["Three"])
    assert newsletters.compose_issues(services).issues == 1


def test_what_waits_in_the_outbox_is_due(services: Services, ran_ahead: Subscriber) -> None:
    del ran_ahead
    correct(services)

    with services.database.read() as session:
        assert outbox.count_due(session, now=services.clock()) == 1
    assert health.check(services)["status"] == "ok"


def test_nothing_is_corrected_twice_and_the_log_says_what_was(
    services: Services, ran_ahead: Subscriber, caplog: pytest.LogCaptureFixture
) -> None:
    del ran_ahead
    correct(services)
    correct(services)

    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "the next issue of 1 reader; " in record.message
    assert "delivery.created_at" in record.message


def test_where_the_clock_is_right_nothing_changes(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    stored: Callable[[], Any],
    clock: Any,
) -> None:
    for number, state in enumerate(SubscriberState):
        subscribe(f"reader{number}", state=state)
    paused = subscribe("paused")
    with services.change() as session:
        preferences.pause(services, session, paused, 365)
    ingest(["One"])
    clock.now += DAY
    newsletters.compose_issues(services)
    before = stored()

    correct(services)

    assert stored() == before


def test_who_changed_their_plan_meanwhile_keeps_it(
    services: Services,
    ran_ahead: Subscriber,
    now_known: Callable[[Subscriber], Subscriber],
    clock: Any,
) -> None:
    seen = now_known(ran_ahead)
    with services.database.write() as session:
        subscribers.set_state(session, seen.id, SubscriberState.UNSUBSCRIBED)
    with services.database.write() as session:
        future_moments.future_moments.set_plan(
            session, seen, next_issue_at=clock.now, last_issue_date=None
        )

    assert now_known(ran_ahead).next_issue_at is None
