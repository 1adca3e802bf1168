"""Who never confirmed is forgotten, with all that belongs to them, and nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Issue, Subscriber, SubscriberState, UnreadEntry
from recommender.errors import RecommenderError
from recommender.jobs import forgetting, nightly
from recommender.jobs.finding import find_subscriber
from recommender.jobs.people import members, pending_changes, subscriptions
from recommender.jobs.services import Services
from recommender.papers.files import rejected
from recommender.papers.files.rejected import Reason
from recommender.store import issues, outbox, requests, subscribers

WEEK = timedelta(days=7)


def ask(services: Services, email: str) -> Subscriber:
    with services.change() as session:
        subscriptions.request_subscription(services, session, email)
    subscriptions.decide_requests(services)
    return find_subscriber(services, email)


def emails(services: Services) -> list[str]:
    return sorted(subscriber.email for subscriber in members.every(services))


def test_who_never_confirmed_is_forgotten_a_week_after_the_last_request(
    services: Services, clock: Any
) -> None:
    asked = ask(services, "asked@example.org")
    clock.now += timedelta(days=3)
    ask(services, "again@example.org")
    clock.now += WEEK - timedelta(days=3) - timedelta(seconds=1)
    assert forgetting.forget_unconfirmed(services) == 0
    clock.now += timedelta(seconds=1)
    assert forgetting.forget_unconfirmed(services) == 1
    assert emails(services) == ["again@example.org"]
    with services.database.read() as session:
        assert outbox.of_subscriber(session, asked.id) == []


def test_everybody_else_stays(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    for state in SubscriberState:
        subscribe(state.value, state=state)
    clock.now += 52 * WEEK
    assert forgetting.forget_unconfirmed(services) == 1
    assert emails(services) == sorted(
        f"{state}@example.org" for state in SubscriberState if state is not state.UNCONFIRMED
    )


def test_who_just_asked_again_is_not_forgotten_before_it_is_decided(
    services: Services, clock: Any
) -> None:
    ask(services, "asked@example.org")
    clock.now += WEEK
    with services.change() as session:
        subscriptions.request_subscription(services, session, "asked@example.org")
    assert forgetting.forget_unconfirmed(services) == 0
    subscriptions.decide_requests(services)
    assert forgetting.forget_unconfirmed(services) == 0
    clock.now += WEEK
    assert forgetting.forget_unconfirmed(services) == 1


def test_more_than_one_transaction_holds_are_all_forgotten(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    for number in range(120):
        subscribe(f"u{number}", state=SubscriberState.UNCONFIRMED)
    clock.now += WEEK
    assert forgetting.forget_unconfirmed(services) == 120


def test_decided_requests_and_expired_changes_go_after_their_time(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    reader = subscribe()
    ask(services, "asked@example.org")
    with services.database.write() as session:
        pending_changes.plan_change(services, session, reader, command="pause 14 days")
    told = []
    for days in (1, 2, 7):
        clock.now += timedelta(days=days)
        told.append(forgetting.forget(services))
    assert told == [
        "0 addresses never confirmed, 0 requests, 0 expired changes and 0 mails that came in",
        "0 addresses never confirmed, 1 request, 0 expired changes and 0 mails that came in",
        "1 address never confirmed, 0 requests, 1 expired change and 0 mails that came in",
    ]
    with services.database.read() as session:
        assert requests.outcomes_since(session, clock.now - 52 * WEEK) == {}


def test_the_night_forgets_and_can_be_ended(
    services: Services, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    subscribe("asked", state=SubscriberState.UNCONFIRMED)
    clock.now += WEEK

    def end() -> None:
        raise RecommenderError("ended")

    with pytest.raises(RecommenderError):
        forgetting.forget(services, end)
    assert emails(services) == ["asked@example.org"]
    report = nightly.run_nightly(services, steps={"forget": nightly.STEPS["forget"]})
    assert report.is_done
    assert emails(services) == []
    with services.database.read() as session:
        assert subscribers.by_key(session, "asked@example.org") is None


def test_what_is_older_than_it_is_kept_goes_and_is_told(
    services: Services, clock: Any, tmp_path: Path, subscribe: Callable[..., Subscriber]
) -> None:
    folder = tmp_path / "rejected"
    reason = Reason(
        "old.txt", "the command ingest", clock.now, (UnreadEntry("line 1", "no title"),)
    )
    rejected.keep(b"old", folder, "old.txt", reason)
    services = replace(services, sources=replace(services.sources, rejected_folder=folder))
    reader = subscribe()
    with services.database.write() as session:
        issue = Issue(0, reader.id, 1, clock.now.date(), "AK", clock.now, 0, 0, 0)
        issues.add(session, issue)
    clock.now += services.retention.rejected
    assert not any("rejected" in each for each in forgetting.forget(services).split(","))
    assert list(folder.iterdir())

    clock.now += timedelta(seconds=1)
    assert forgetting.forget(services).endswith("and 1 rejected file")
    assert list(folder.iterdir()) == []
    clock.now += services.retention.issues
    assert forgetting.forget(services).endswith("and 1 old issue")


def test_night_that_ends_leaves_what_is_old_for_the_next(
    services: Services, clock: Any, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe()
    with services.database.write() as session:
        issue = Issue(0, reader.id, 1, clock.now.date(), "AK", clock.now, 0, 0, 0)
        issues.add(session, issue)
    clock.now += 2 * services.retention.issues

    def end() -> None:
        raise nightly.NightEndedError

    with pytest.raises(nightly.NightEndedError):
        forgetting.forget_old(services, end)
    assert "1 old issue" in forgetting.forget_old(services)
