"""Everybody has their issue at their own hour, once, and it stays what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Issue,
    Subscriber,
    SubscriberState,
)
from recommender.errors import NotFoundError
from recommender.jobs.issues import newsletters
from recommender.jobs.issues.newsletters import ComposeReport
from recommender.jobs.outgoing import links, messages
from recommender.jobs.outgoing.outbox import pause, resume
from recommender.jobs.people import preferences
from recommender.jobs.services import Services
from recommender.mail.message import Envelope

Subscribe = Callable[..., Subscriber]
Ingest = Callable[..., Any]
ComposeNow = Callable[..., ComposeReport]
IssuesOf = Callable[[Subscriber], list[Issue]]
MessagesTo = Callable[[Subscriber], list[Delivery]]
NowKnown = Callable[[Subscriber], Subscriber]

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SUBJECTS = ("graph pruning", "protein folding", "speech recognition", "federated learning")


def envelope_of(services: Services, delivery: Delivery) -> Envelope:
    return messages.message_builder(services)([delivery])(delivery)


def titles(day: str, number: int = 3) -> list[str]:
    return [f"{SUBJECTS[each % 4].title()} {day} {each}" for each in range(1, number + 1)]


def me(services: Services, subscriber: Subscriber) -> str:
    url = links.preferences_url(services, subscriber, since=services.clock())
    return url.rpartition("/")[2]


def sent_titles(found: list[Issue]) -> list[str]:
    return [entry.title for issue in found for entry in issue.entries]


def test_everybody_has_their_issue_at_their_own_hour_across_daylight_saving(
    services: Services, subscribe: Subscribe, ingest: Ingest, clock: Any, issues_of: IssuesOf
) -> None:
    # Clocks go forward on Sunday 29 March in Berlin; New York changed on the 8th, Tokyo never.
    clock.now = datetime(2026, 3, 26, 23, 30, tzinfo=UTC)
    berlin = subscribe("berlin", hour=7, timezone="Europe/Berlin", weekdays=frozenset(range(7)))
    new_york = subscribe("ny", hour=18, timezone="America/New_York", weekdays=frozenset({4, 0}))
    tokyo = subscribe("tokyo", hour=0, timezone="Asia/Tokyo", weekdays=frozenset({5, 6}))
    gap = subscribe("gap", hour=2, timezone="Europe/Berlin", weekdays=frozenset({6}))
    for _ in range(24 * 5):
        clock.now += HOUR / 2
        if clock.now.hour == 0:
            ingest(titles(f"{clock.now:%d}"))
        newsletters.compose_issues(services)
        clock.now += HOUR / 2

    def composed(subscriber: Subscriber) -> list[str]:
        return [f"{issue.composed_at:%d %H}" for issue in issues_of(subscriber)]

    assert composed(berlin) == ["27 06", "28 06", "29 05", "30 05", "31 05"]
    assert composed(new_york) == ["27 22", "30 22"]
    assert composed(tokyo) == ["27 15", "28 15"]
    assert composed(gap) == ["29 01"], "02:00 does not exist; 03:00 is the first instant after"
    assert [f"{issue.date:%a %d}" for issue in issues_of(tokyo)] == ["Sat 28", "Sun 29"]


def test_after_five_days_of_downtime_there_is_one_issue(
    services: Services, subscribe: Subscribe, ingest: Ingest, clock: Any, issues_of: IssuesOf
) -> None:
    reader = subscribe(weekdays=frozenset(range(7)))
    for _ in range(5):
        clock.now += DAY
        ingest(titles(f"{clock.now:%d}"))
    assert newsletters.compose_issues(services) == ComposeReport(issues=1, nothing_new=0)
    assert newsletters.compose_issues(services) == ComposeReport(issues=0, nothing_new=0)
    (issue,) = issues_of(reader)
    assert issue.number == 1
    assert len(issue.entries) == 10


def test_nothing_new_sends_nothing_and_waits_for_the_next_slot(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    messages_to: MessagesTo,
    now_known: NowKnown,
) -> None:
    reader = subscribe()
    ingest(titles("11"))
    clock.now += DAY
    assert newsletters.compose_issues(services) == ComposeReport(issues=1, nothing_new=0)
    for _ in range(2):
        clock.now += DAY
        newsletters.compose_issues(services)
    assert len(messages_to(reader)) == 1
    known = now_known(reader)
    assert known.issues_composed == 1
    # Friday had no news; Saturday and Sunday are none of their weekdays.
    assert known.next_issue_at == datetime(2026, 3, 16, 6, 0, tzinfo=UTC)


def test_without_any_digest_nobody_has_an_issue(
    services: Services, subscribe: Subscribe, clock: Any, issues_of: IssuesOf
) -> None:
    reader = subscribe()
    clock.now += DAY
    assert newsletters.compose_issues(services) == ComposeReport(issues=0, nothing_new=1)
    assert issues_of(reader) == []


def test_a_changed_hour_moves_the_next_issue(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    now_known: NowKnown,
    issues_of: IssuesOf,
) -> None:
    reader = subscribe()
    ingest(titles("11"))
    daily = replace(reader.preferences, weekdays=frozenset(range(7)), timezone="UTC", papers=10)
    with services.change() as session:
        preferences.change_preferences(services, session, reader, replace(daily, hour=20))
    assert now_known(reader).next_issue_at == datetime(2026, 3, 11, 20, 0, tzinfo=UTC)

    clock.now = datetime(2026, 3, 11, 20, 0, tzinfo=UTC)
    newsletters.compose_issues(services)
    with services.change() as session:
        preferences.change_preferences(
            services, session, now_known(reader), replace(daily, hour=22)
        )
    assert now_known(reader).next_issue_at == datetime(2026, 3, 12, 22, 0, tzinfo=UTC)
    assert len(issues_of(reader)) == 1


def newsletters_to(messages: list[Delivery]) -> list[tuple[DeliveryKind, str]]:
    return [
        (each.kind, each.key) for each in messages if each.kind is not DeliveryKind.CONFIRMATION
    ]


def test_the_welcome_comes_at_once_and_once(
    *,
    services: Services,
    ingest: Ingest,
    clock: Any,
    messages_to: MessagesTo,
    issues_of: IssuesOf,
    confirmed: Callable[..., Subscriber],
) -> None:
    ingest(titles("11"))
    newcomer = confirmed()
    for _ in range(3):
        newsletters.compose_issues(services)
        clock.now += timedelta(minutes=1)
    assert newsletters_to(messages_to(newcomer)) == [(DeliveryKind.WELCOME, "1")]

    ingest(titles("12"), day="2026-03-11")
    clock.now += DAY
    newsletters.compose_issues(services)
    assert newsletters_to(messages_to(newcomer))[1:] == [(DeliveryKind.ISSUE, "2")]
    assert [len(issue.entries) for issue in issues_of(newcomer)] == [3, 3]


def test_the_welcome_comes_before_the_first_digest_too(
    *,
    services: Services,
    ingest: Ingest,
    clock: Any,
    messages_to: MessagesTo,
    issues_of: IssuesOf,
    confirmed: Callable[..., Subscriber],
) -> None:
    newcomer = confirmed()
    assert newsletters.compose_issues(services) == ComposeReport(issues=1, nothing_new=0)
    (_, welcome) = messages_to(newcomer)
    content = envelope_of(services, welcome).content.decode()
    assert "There is nothing new today" in content

    # Past their hour on Friday evening: the next one is Monday's, and nobody waits for that.
    clock.now = datetime(2026, 3, 13, 20, 0, tzinfo=UTC)
    assert newsletters.compose_issues(services) == ComposeReport(issues=0, nothing_new=1)
    ingest(titles("13"))
    assert newsletters.compose_issues(services) == ComposeReport(issues=1, nothing_new=0)
    assert newsletters_to(messages_to(newcomer)) == [
        (DeliveryKind.WELCOME, "1"),
        (DeliveryKind.ISSUE, "2"),
    ]
    assert [len(issue.entries) for issue in issues_of(newcomer)] == [0, 3]

    # From then on their hour counts.
    ingest(titles("14"), day="2026-03-14")
    assert newsletters.compose_issues(services) == ComposeReport(issues=0, nothing_new=0)


def test_now_composes_for_who_is_not_due_and_can_be_repeated(
    *,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    compose_now: ComposeNow,
    now_known: NowKnown,
) -> None:
    reader = subscribe(papers=2)
    ingest(titles("11", 5))
    assert compose_now() == ComposeReport(issues=1, nothing_new=0)
    clock.now += HOUR
    assert compose_now() == ComposeReport(issues=0, nothing_new=0), "today's issue they have"
    assert now_known(reader).next_issue_at == datetime(2026, 3, 12, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("news", ["digest", "rating", "the next day"])
def test_now_composes_again_where_something_changed(
    *,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    rate: Callable[..., None],
    compose_now: ComposeNow,
    issues_of: IssuesOf,
    news: str,
) -> None:
    reader, other = subscribe(papers=2), subscribe("other", papers=2)
    ingest(titles("11", 9))
    compose_now()
    clock.now += HOUR
    if news == "digest":
        ingest(titles("12"), day="2026-03-11")
    elif news == "rating":
        rate(reader, sent_titles(issues_of(reader))[:1])
    else:
        clock.now += DAY
    composed = compose_now().issues
    assert len(issues_of(reader)) == 2
    assert len(issues_of(other)) == composed
    assert composed == (1 if news == "rating" else 2)


def test_now_for_one_address_composes_for_no_other(
    subscribe: Subscribe, ingest: Ingest, compose_now: ComposeNow, issues_of: IssuesOf
) -> None:
    reader, other = subscribe(), subscribe("other")
    ingest(titles("11"))
    compose_now("Reader@Example.org")
    assert (len(issues_of(reader)), len(issues_of(other))) == (1, 0)
    with pytest.raises(NotFoundError):
        compose_now("nobody@example.org")


@pytest.mark.parametrize(
    "state",
    [SubscriberState.UNCONFIRMED, SubscriberState.UNSUBSCRIBED, SubscriberState.SUSPENDED],
)
def test_who_does_not_receive_has_no_issue_in_any_way(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    compose_now: ComposeNow,
    messages_to: MessagesTo,
    state: SubscriberState,
) -> None:
    reader = subscribe(state=state)
    ingest(titles("11"))
    clock.now += 3 * DAY
    nothing = ComposeReport(issues=0, nothing_new=0)
    assert nothing == newsletters.compose_issues(services)
    assert nothing == newsletters.compose_issues(services, only=reader.email)
    assert nothing == compose_now()
    assert nothing == compose_now(reader.email)
    assert messages_to(reader) == []


def test_a_pause_lasts_until_it_is_over_and_then_ends(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    clock: Any,
    compose_now: ComposeNow,
    now_known: NowKnown,
    issues_of: IssuesOf,
) -> None:
    reader = subscribe()
    with services.change() as session:
        preferences.pause(
            services,
            session,
            preferences.linked_subscriber(services, session, me(services, reader)),
            7,
        )
    for _ in range(7):
        ingest(titles(f"{clock.now:%d}"))
        clock.now += DAY
        newsletters.compose_issues(services)
        assert compose_now() == ComposeReport(issues=0, nothing_new=0)
    assert now_known(reader).state is SubscriberState.PAUSED

    clock.now += DAY
    newsletters.compose_issues(services)
    assert now_known(reader).state is SubscriberState.ACTIVE
    assert [f"{issue.date:%d}" for issue in issues_of(reader)] == ["19"]


def test_a_pause_ends_where_there_is_nothing_new_too(
    services: Services, subscribe: Subscribe, clock: Any, now_known: NowKnown
) -> None:
    reader = subscribe(state=SubscriberState.PAUSED)
    clock.now += DAY
    newsletters.compose_issues(services)
    assert now_known(reader).state is SubscriberState.ACTIVE


def test_next_issue_is_due_at_the_next_readers_hour(
    services: Services, subscribe: Subscribe, ingest: Ingest, compose_now: ComposeNow
) -> None:
    assert newsletters.next_issue_due_at(services) is None
    reader = subscribe()
    assert newsletters.next_issue_due_at(services) == reader.next_issue_at
    ingest(titles("11"))
    compose_now()
    assert newsletters.deliveries_by_state(services)[DeliveryState.QUEUED] == 1


def test_nothing_is_composed_while_sending_is_paused_and_one_issue_afterwards(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
    clock: Any,
) -> None:
    reader = subscribe()
    ingest(["One"])
    pause(services)
    clock.now += timedelta(days=3)
    assert newsletters.compose_issues(services).issues == 0
    assert newsletters.next_issue_due_at(services) is None
    resume(services)
    assert newsletters.next_issue_due_at(services) is not None
    assert newsletters.compose_issues(services).issues == 1
    assert len(issues_of(reader)) == 1
