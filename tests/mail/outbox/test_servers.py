from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import ServerState
from recommender.mail.outbox import servers
from recommender.mail.outbox.servers import Relay
from recommender.mail.transport.relay import Security, SmtpServer
from recommender.mail.transport.smtp import SmtpConnection

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
MOMENT, HOUR = timedelta(microseconds=1), timedelta(hours=1)


def relay(name: str, priority: int = 0) -> Relay:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return Relay(name, connect, priority=priority)


FIRST, EQUAL, SECOND = relay("first"), relay("equal"), relay("second", 5)


def test_relay_has_the_name_and_the_limits_of_its_server() -> None:
    server = SmtpServer(
        "mx.example.org",
        2525,
        Security.PLAIN,
        priority=3,
        connections=2,
        messages_per_connection=50,
        messages_per_second=4.5,
        messages_per_hour=1000,
        timeout_seconds=12,
    )

    made = servers.relay_to(server)

    assert made.name == "mx.example.org:2525"
    assert (made.priority, made.connections, made.messages_per_connection) == (3, 2, 50)
    assert (
        made.messages_per_second,
        made.messages_per_hour,
        made.timeout_seconds,
    ) == (4.5, 1000, 12)
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

    assert expected == servers.in_charge([FIRST, SECOND, EQUAL], free, NOW)


def test_pause_and_hold_end_at_the_very_moment_that_was_named() -> None:
    state = ServerState(paused_until=NOW, bulk_held_until=NOW)

    for is_kept_back in (servers.is_paused, servers.is_bulk_held):
        assert [is_kept_back(state, NOW - MOMENT), is_kept_back(state, NOW)] == [True, False]
        assert not is_kept_back(ServerState(), NOW)


def test_server_is_paused_longer_each_time_until_it_answers() -> None:
    rng = random.Random(1)  # noqa: S311, jitter
    once = servers.after_trouble(ServerState(), "gone", now=NOW, rng=rng)
    twice = servers.after_trouble(once, "gone again", now=NOW, rng=rng)
    assert once.paused_until is not None
    assert twice.paused_until is not None

    assert NOW < once.paused_until < twice.paused_until
    assert (once.troubles, once.last_trouble) == (1, "gone")
    assert (twice.troubles, twice.last_trouble) == (2, "gone again")
    assert (
        (state := servers.after_answer(twice)).troubles,
        state.paused_until,
        state.last_trouble,
    ) == (0, None, "gone again")


@pytest.mark.parametrize("state", [ServerState(troubles=1), ServerState(paused_until=NOW)])
def test_whatever_was_wrong_is_forgotten_when_the_server_answers(state: ServerState) -> None:
    assert ServerState() == servers.after_answer(state)


def test_answer_of_a_server_that_was_never_in_trouble_changes_nothing() -> None:
    state = ServerState(last_trouble="gone", bulk_refusals=2, bulk_held_until=NOW)

    assert servers.after_answer(state) is state


def test_newsletters_are_held_after_so_many_refusals_and_longer_each_time_up_to_a_day() -> None:
    state, now, holds = ServerState(), NOW, []
    for _ in range(12):
        state = servers.after_content_refusal(state, most=5, now=now)
        if state.bulk_held_until is not None:
            holds.append(state.bulk_held_until - now)
            now = state.bulk_held_until

    assert [hours * HOUR for hours in (1, 2, 4, 8, 16, 24, 24, 24)] == holds


def test_refusals_are_counted_one_by_one_until_newsletters_are_held() -> None:
    state = ServerState()
    counts = []
    for _ in range(3):
        state = servers.after_content_refusal(state, most=3, now=NOW)
        counts.append((state.bulk_refusals, state.bulk_held_until))

    assert counts == [(1, None), (2, None), (3, NOW + HOUR)]


def test_refusals_of_what_was_under_way_lengthen_no_hold() -> None:
    held = servers.after_content_refusal(ServerState(bulk_refusals=4), most=5, now=NOW)

    assert servers.after_content_refusal(held, most=5, now=NOW) is held
    assert servers.after_content_refusal(held, most=5, now=NOW + HOUR - MOMENT) is held


def test_newsletter_that_is_taken_ends_the_count_of_refusals() -> None:
    for state in (ServerState(bulk_refusals=4), ServerState(bulk_held_until=NOW)):
        assert ServerState() == servers.after_bulk_acceptance(state)


def test_newsletter_that_is_taken_changes_nothing_where_none_was_refused() -> None:
    state = ServerState(troubles=2, paused_until=NOW)

    assert servers.after_bulk_acceptance(state) is state
