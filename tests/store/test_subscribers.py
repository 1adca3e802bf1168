"""Subscribers are found by id and by address, move between states, and can be erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from recommender.domain import (
    Preferences,
    Subscriber,
    SubscriberState,
)
from recommender.errors import StorageError
from recommender.store import (
    subscribers,
)
from recommender.store.database import Database
from recommender.store.subscribers import IssueClaim

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 11)
RECEIVING = (SubscriberState.ACTIVE, SubscriberState.PAUSED)
AWAY = tuple(state for state in SubscriberState if state not in RECEIVING)
PREFERENCES = Preferences(7, frozenset({0, 2, 4}), "Europe/Berlin", 10)


def add(
    session: Session,
    name: str,
    state: SubscriberState = SubscriberState.ACTIVE,
    *,
    next_issue_at: datetime | None = None,
) -> Subscriber:
    return subscribers.add(
        session,
        email=f"{name.title()}@example.org",
        email_key=f"{name}@example.org",
        state=state,
        preferences=PREFERENCES,
        interests="pruning, graphs",
        now=NOW,
        next_issue_at=next_issue_at,
    )


def claim(session: Session, seen: Subscriber) -> int | None:
    claims = [IssueClaim(seen, issue_date=TODAY, next_issue_at=NOW + HOUR)]
    return subscribers.claim_issue_numbers(session, claims).get(seen.id)


def read(database: Database, subscriber_id: int) -> Subscriber:
    with database.read() as session:
        found = subscribers.by_id(session, subscriber_id)
    assert found is not None
    return found


@pytest.mark.parametrize("state", SubscriberState)
def test_stored_subscriber_comes_back_as_they_were(
    database: Database, state: SubscriberState
) -> None:
    with database.write() as session:
        added = add(session, "reader", state)

    expected = Subscriber(
        id=added.id,
        email="Reader@example.org",
        state=state,
        preferences=PREFERENCES,
        interests="pruning, graphs",
        requested_at=NOW,
        confirmed_at=None,
        welcome_due=False,
        next_issue_at=None,
        issues_composed=0,
        last_issue_date=None,
    )
    assert expected == added
    assert expected == read(database, added.id)


def test_subscriber_is_found_by_the_key_of_their_address(database: Database) -> None:
    with database.write() as session:
        added = add(session, "reader")
        add(session, "other")

    with database.read() as session:
        assert added == subscribers.by_key(session, "reader@example.org")
        assert subscribers.by_key(session, "Reader@example.org") is None


def test_unknown_id_finds_nobody(database: Database, subscriber_ids: list[int]) -> None:
    with database.read() as session:
        assert subscribers.by_id(session, subscriber_ids[-1] + 1) is None


def test_one_address_belongs_to_one_subscriber(database: Database) -> None:
    with database.write() as session:
        add(session, "reader")

    with pytest.raises(StorageError, match="email_key"), database.write() as session:
        add(session, "reader", SubscriberState.UNCONFIRMED)


def test_every_subscriber_is_read_in_the_order_in_which_they_came(
    database: Database,
) -> None:
    with database.write() as session:
        added = [add(session, f"{5 - place}", state) for place, state in enumerate(SubscriberState)]

    with database.read() as session:
        assert added == list(subscribers.every(session))


def test_due_are_active_and_paused_subscribers_whose_time_has_come(database: Database) -> None:
    with database.write() as session:
        past = add(session, "past", next_issue_at=NOW - HOUR)
        present = add(session, "present", SubscriberState.PAUSED, next_issue_at=NOW)
        add(session, "future", next_issue_at=NOW + timedelta(microseconds=1))
        add(session, "never")
        for state in AWAY:
            add(session, state, state, next_issue_at=NOW - HOUR)

    with database.read() as session:
        assert [past, present] == subscribers.due(session, NOW)
        assert [past] == subscribers.due(session, NOW, limit=1)
        assert [present] == subscribers.due(session, NOW, after_id=past.id)


def test_active_subscribers_are_read_in_parts(database: Database) -> None:
    with database.write() as session:
        first = add(session, "first")
        add(session, "paused", SubscriberState.PAUSED)
        second = add(session, "second")
        third = add(session, "third")

    with database.read() as session:
        assert [first, second] == subscribers.active(session, limit=2)
        assert [third] == subscribers.active(session, after_id=second.id, limit=2)
        assert subscribers.active(session, after_id=third.id) == []


@pytest.mark.parametrize("state", [SubscriberState.ACTIVE, SubscriberState.PAUSED])
def test_next_due_is_the_earliest_of_who_receives(
    database: Database, state: SubscriberState
) -> None:
    with database.write() as session:
        add(session, "away", SubscriberState.SUSPENDED, next_issue_at=NOW)
        add(session, "later", next_issue_at=NOW + 2 * HOUR)
        add(session, "sooner", state, next_issue_at=NOW + HOUR)

    with database.read() as session:
        assert subscribers.next_due_at(session) == NOW + HOUR


def test_nothing_is_due_where_nobody_receives(database: Database) -> None:
    with database.write() as session:
        for state in AWAY:
            add(session, state, state, next_issue_at=NOW)

    with database.read() as session:
        assert subscribers.next_due_at(session) is None


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({}, (NOW, None, None)),
        ({"next_issue_at": NOW + HOUR}, (NOW, None, NOW + HOUR)),
        ({"requested_at": NOW + HOUR}, (NOW + HOUR, None, None)),
        ({"confirmed_at": NOW + HOUR}, (NOW, NOW + HOUR, None)),
    ],
    ids=["none", "next issue", "requested", "confirmed"],
)
def test_changed_state_keeps_the_moments_that_are_not_given_but_the_next_issue(
    database: Database,
    moments: dict[str, Any],
    expected: tuple[datetime, datetime | None, datetime | None],
) -> None:
    with database.write() as session:
        added = add(session, "reader", next_issue_at=NOW)
        other = add(session, "other", next_issue_at=NOW)

    with database.write() as session:
        subscribers.set_state(session, added.id, SubscriberState.PAUSED, **moments)

    found = read(database, added.id)
    assert SubscriberState.PAUSED is found.state
    assert expected == (found.requested_at, found.confirmed_at, found.next_issue_at)
    assert other == read(database, other.id)


def test_changed_state_is_seen_by_the_same_transaction(database: Database) -> None:
    with database.write() as session:
        added = add(session, "reader")
        subscribers.set_state(session, added.id, SubscriberState.SUSPENDED)
        found = subscribers.by_id(session, added.id)

    assert found is not None
    assert SubscriberState.SUSPENDED is found.state


def test_preferences_are_written_with_the_next_issue(database: Database) -> None:
    wanted = Preferences(0, frozenset({6}), "Asia/Kathmandu", 50)
    with database.write() as session:
        added = add(session, "reader")
        other = add(session, "other")

    with database.write() as session:
        subscribers.set_preferences(
            session,
            added.id,
            wanted,
            interests="robots",
            followed="Jane Doe\npruning",
            blocked="survey",
            next_issue_at=NOW + HOUR,
        )

    found = read(database, added.id)
    assert found == replace(
        added,
        preferences=wanted,
        interests="robots",
        followed="Jane Doe\npruning",
        blocked="survey",
        next_issue_at=NOW + HOUR,
    )
    assert other == read(database, other.id)


def test_welcome_is_due_from_the_confirmation_to_the_next_issue(database: Database) -> None:
    with database.write() as session:
        added = add(session, "reader", SubscriberState.UNCONFIRMED)
        subscribers.set_state(
            session, added.id, SubscriberState.ACTIVE, confirmed_at=NOW, next_issue_at=NOW
        )
    confirmed = read(database, added.id)

    with database.write() as session:
        claim(session, confirmed)
    assert (
        added.welcome_due,
        confirmed.welcome_due,
        read(database, added.id).welcome_due,
    ) == (False, True, False)


@pytest.mark.parametrize("state", RECEIVING)
@pytest.mark.parametrize("due_at", [NOW, None])
def test_next_issue_is_put_off_and_a_pause_is_over(
    database: Database, state: SubscriberState, due_at: datetime | None
) -> None:
    with database.write() as session:
        added = add(session, "reader", state, next_issue_at=due_at)
        other = add(session, "other", SubscriberState.PAUSED, next_issue_at=due_at)
        subscribers.set_next_issue_at(session, added, NOW + HOUR)

    expected = replace(added, state=SubscriberState.ACTIVE, next_issue_at=NOW + HOUR)
    assert expected == read(database, added.id)
    assert other == read(database, other.id)


@pytest.mark.parametrize("state", AWAY)
def test_nobody_becomes_active_without_a_confirmation(
    database: Database, state: SubscriberState
) -> None:
    with database.write() as session:
        away = add(session, "away", state)
        subscribers.set_next_issue_at(session, away, NOW + HOUR)
        number = claim(session, away)

    assert number is None
    assert away == read(database, away.id)


@pytest.mark.parametrize("state", RECEIVING)
def test_claimed_issue_number_moves_the_subscriber_to_the_next_issue(
    database: Database, state: SubscriberState
) -> None:
    with database.write() as session:
        added = add(session, "reader", state, next_issue_at=NOW)
        number = claim(session, added)

    assert number == 1
    assert replace(
        added,
        state=SubscriberState.ACTIVE,
        issues_composed=1,
        last_issue_date=TODAY,
        next_issue_at=NOW + HOUR,
    ) == read(database, added.id)


def test_issue_number_is_claimed_once(database: Database) -> None:
    with database.write() as session:
        seen = add(session, "reader", next_issue_at=NOW)

    numbers = []
    for _ in range(2):
        with database.write() as session:
            numbers.append(claim(session, seen))

    assert numbers == [1, None]


def test_issue_numbers_are_claimed_for_those_who_are_as_they_were_seen(
    database: Database,
) -> None:
    with database.write() as session:
        first, second, third = (
            add(session, name, next_issue_at=NOW) for name in ("first", "second", "third")
        )
        claim(session, second)
        claims = [IssueClaim(seen, TODAY, NOW + HOUR) for seen in (first, second, third)]
        numbers = subscribers.claim_issue_numbers(session, claims)

    assert {first.id: 1, third.id: 1} == numbers
    assert [read(database, seen.id).issues_composed for seen in (first, second, third)] == [1, 1, 1]


def test_claiming_for_nobody_claims_nothing(database: Database) -> None:
    with database.write() as session:
        assert subscribers.claim_issue_numbers(session, []) == {}


def leave(session: Session, seen: Subscriber) -> None:
    subscribers.set_state(session, seen.id, SubscriberState.UNSUBSCRIBED)


def pause(session: Session, seen: Subscriber) -> None:
    subscribers.set_state(session, seen.id, SubscriberState.PAUSED, next_issue_at=NOW)


def choose_another_hour(session: Session, seen: Subscriber) -> None:
    subscribers.set_preferences(
        session,
        seen.id,
        PREFERENCES,
        interests="",
        followed="",
        blocked="",
        next_issue_at=NOW + 5 * HOUR,
    )


@pytest.mark.parametrize("change", [leave, pause, choose_another_hour])
def test_who_changed_in_the_meantime_is_left_as_they_wish(
    database: Database, change: Callable[[Session, Subscriber], None]
) -> None:
    with database.write() as session:
        seen = add(session, "reader", next_issue_at=NOW)
    with database.write() as session:
        change(session, seen)
    changed = read(database, seen.id)

    with database.write() as session:
        number = claim(session, seen)
        subscribers.set_next_issue_at(session, seen, NOW + HOUR)
    assert number is None
    assert changed == read(database, seen.id)
