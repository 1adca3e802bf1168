"""Who left by themselves takes that back within an hour, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Subscriber, SubscriberState
from recommender.errors import TokenEndedError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.outgoing import links
from recommender.jobs.people import members, new_links, preferences, returning, subscriptions
from recommender.jobs.people.last_change import UNDONE_WITHIN
from recommender.jobs.services import Services
from recommender.tokens import Purpose

Subscribe = Callable[..., Subscriber]
NowKnown = Callable[[Subscriber], Subscriber]


def me(services: Services, subscriber: Subscriber) -> str:
    return links.preferences_url(services, subscriber, since=services.clock()).rpartition("/")[2]


def leave(services: Services, subscriber: Subscriber) -> None:
    with services.change() as session:
        subscriptions.unsubscribe(session, subscriber.id, now=services.clock())


def come_back(services: Services, subscriber: Subscriber) -> bool:
    with services.change() as session:
        return returning.undo_leaving(session, subscriber.id, now=services.clock())


@pytest.mark.parametrize("paused", [False, True])
def test_all_is_as_it_was_and_old_links_work_again(
    services: Services, subscribe: Subscribe, now_known: NowKnown, clock: Any, *, paused: bool
) -> None:
    reader = subscribe(interests="graphs")
    if paused:
        with services.change() as session:
            preferences.pause(services, session, reader, 30)
    before = now_known(reader)
    link = me(services, before)
    leave(services, reader)
    clock.now += UNDONE_WITHIN - timedelta(seconds=1)

    assert come_back(services, reader)

    assert now_known(reader) == before
    with services.database.read() as session:
        assert preferences.linked_subscriber(services, session, link) == before
    assert not come_back(services, reader)


def test_after_an_hour_it_takes_a_confirmation(
    services: Services, subscribe: Subscribe, now_known: NowKnown, clock: Any
) -> None:
    reader = subscribe()
    leave(services, reader)
    clock.now += UNDONE_WITHIN

    assert not come_back(services, reader)
    assert now_known(reader).state is SubscriberState.UNSUBSCRIBED


def test_what_others_ended_is_not_undone(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    """An operator, or a complaint that a provider passes on, ends a subscription for good."""
    reader = subscribe()
    with services.change() as session:
        subscriptions.leave(session, reader.id, now=services.clock())

    assert not come_back(services, reader)
    assert now_known(reader).state is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize("state", [SubscriberState.UNCONFIRMED, SubscriberState.SUSPENDED])
def test_nobody_becomes_active_who_was_not(
    services: Services, subscribe: Subscribe, now_known: NowKnown, state: SubscriberState
) -> None:
    reader = subscribe(state=state)
    leave(services, reader)

    assert not come_back(services, reader)
    assert now_known(reader).state is SubscriberState.UNSUBSCRIBED


def test_who_asked_to_subscribe_since_confirms_that(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    reader = subscribe()
    leave(services, reader)
    with services.change() as session:
        subscriptions.request_subscription(services, session, reader.email)
    subscriptions.decide_requests(services)

    assert not come_back(services, reader)
    assert now_known(reader).state is SubscriberState.UNCONFIRMED


def test_links_that_were_mailed_since_stay_those_that_work(
    services: Services, subscribe: Subscribe, now_known: NowKnown
) -> None:
    reader = subscribe()
    old = me(services, reader)
    leave(services, reader)
    new_links.ask_for_new_links(services, old, Purpose.PREFERENCES)
    mailed = me(services, now_known(reader))

    assert come_back(services, reader)

    with services.database.read() as session:
        found = preferences.linked_subscriber(services, session, mailed)
        with pytest.raises(TokenEndedError):
            preferences.linked_subscriber(services, session, old)
    assert found.state is SubscriberState.ACTIVE


@pytest.mark.parametrize("ask", [False, True])
def test_who_left_and_is_asked_is_not_added_by_the_next_word_of_the_operator(
    services: Services, subscribe: Callable[..., Subscriber], *, ask: bool
) -> None:
    row = {"email": subscribe("left").email}
    members.remove(services, row["email"], erase=False)
    members.add(services, row, ask=True)
    subscriptions.decide_requests(services)

    assert "only their own yes" in members.add(services, row, ask=ask).kept_out

    left = find_subscriber(services, row["email"])
    assert (left.state, left.next_issue_at) == (SubscriberState.UNCONFIRMED, None)
