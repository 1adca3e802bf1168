from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import ServerState
from recommender.mail.outbox import relays
from recommender.mail.outbox.relays import Relay
from recommender.mail.transport.smtp import SmtpConnection
from recommender.mail.transport.smtp_server import Security, SmtpServer

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
MOMENT, HOUR = timedelta(microseconds=1), timedelta(hours=1)


def relay(name: str, priority: int = 0) -> Relay:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return Relay(SmtpServer(name, priority=priority), connect)


FIRST, EQUAL, SECOND = relay("first"), relay("equal"), relay("second", 5)


def test_relay_holds_its_server_and_connects_to_it() -> None:
    server = SmtpServer("mx.example.org", 2525, Security.PLAIN)

    made = relays.relay_to(server)

    assert made.name == "mx.example.org:2525"
    assert made.server is server
    connection = made.connect()
    assert isinstance(connection, SmtpConnection)
    assert connection.server is server


@pytest.mark.parametrize(
    ("paused", "expected"),
    [
        ((), [FIRST, EQUAL]),
        (("first",), [EQUAL]),
        (("first", "equal"), [SECOND]),
        (("second",), [FIRST, EQUAL]),
        (("first", "equal", "second"), []),
    ],
)
def test_lowest_priority_that_is_free_is_in_charge(
    paused: tuple[str, ...], expected: list[Relay]
) -> None:
    free = {name: NOW + MOMENT * (name in paused) for name in ("first", "equal", "second")}

    assert expected == relays.in_charge([FIRST, SECOND, EQUAL], free, NOW)


def test_pause_and_hold_end_at_the_very_moment_that_was_named() -> None:
    state = ServerState(paused_until=NOW, bulk_held_until=NOW)

    for is_kept_back in (relays.is_paused, relays.is_bulk_held):
        assert [is_kept_back(state, NOW - MOMENT), is_kept_back(state, NOW)] == [True, False]
        assert not is_kept_back(ServerState(), NOW)


def test_server_is_paused_longer_each_time_until_it_answers() -> None:
    rng = random.Random(1)  # noqa: S311, jitter
    once = relays.after_trouble(ServerState(), "gone", now=NOW, rng=rng)
    twice = relays.after_trouble(once, "gone again", now=NOW, rng=rng)
    assert once.paused_until is not None
    assert twice.paused_until is not None

    assert NOW < once.paused_until < twice.paused_until
    assert (once.troubles, once.last_trouble) == (1, "gone")
    assert (twice.troubles, twice.last_trouble) == (2, "gone again")
    assert (
        (state := relays.after_answer(twice)).troubles,
        state.paused_until,
        state.last_trouble,
    ) == (0, None, "gone again")


@pytest.mark.parametrize("state", [ServerState(troubles=1), ServerState(paused_until=NOW)])
def test_whatever_was_wrong_is_forgotten_when_the_server_answers(state: ServerState) -> None:
    assert ServerState() == relays.after_answer(state)


def test_answer_of_a_server_that_was_never_in_trouble_changes_nothing() -> None:
    state = ServerState(last_trouble="gone", bulk_refusals=2, bulk_held_until=NOW)

    assert relays.after_answer(state) is state


def test_newsletters_are_held_after_so_many_refusals_and_longer_each_time_up_to_a_day() -> None:
    state, now, holds = ServerState(), NOW, []
    for _ in range(12):
        state = relays.after_content_refusal(state, "550 spam", most=5, now=now)
        if state.bulk_held_until is not None:
            holds.append(state.bulk_held_until - now)
            now = state.bulk_held_until

    assert [hours * HOUR for hours in (1, 2, 4, 8, 16, 24, 24, 24)] == holds


def test_refusals_are_counted_one_by_one_until_newsletters_are_held() -> None:
    state = ServerState()
    counts = []
    for _ in range(3):
        state = relays.after_content_refusal(state, "550 spam", most=3, now=NOW)
        counts.append((state.bulk_refusals, state.bulk_held_until))

    assert counts == [(1, None), (2, None), (3, NOW + HOUR)]


def test_refusals_of_what_was_under_way_lengthen_no_hold() -> None:
    held = relays.after_content_refusal(ServerState(bulk_refusals=4), "550 spam", most=5, now=NOW)

    assert relays.after_content_refusal(held, "550 spam", most=5, now=NOW) is held
    assert relays.after_content_refusal(held, "550 spam", most=5, now=NOW + HOUR - MOMENT) is held


def test_newsletter_that_is_taken_ends_the_count_of_refusals() -> None:
    for state in (ServerState(bulk_refusals=4), ServerState(bulk_held_until=NOW)):
        assert ServerState() == relays.after_bulk_acceptance(state)


def test_newsletter_that_is_taken_changes_nothing_where_none_was_refused() -> None:
    state = ServerState(troubles=2, paused_until=NOW)

    assert relays.after_bulk_acceptance(state) is state


def test_what_was_said_of_newsletters_is_the_cause_of_their_hold() -> None:
    state = ServerState(bulk_refusals=4, last_trouble="connection refused")

    held = relays.after_content_refusal(state, "550 5.7.1 spam", most=5, now=NOW)

    assert held.last_trouble == "550 5.7.1 spam"
