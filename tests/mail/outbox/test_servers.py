from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import ServerState
from recommender.mail.outbox import servers
from recommender.mail.outbox.servers import Relay
from recommender.mail.outbox.warm_up import daily_ceiling
from recommender.mail.outbox.windows import next_open_at, parse_window

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def relay(name: str, priority: int = 0) -> Relay:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return Relay(name, connect, priority=priority)


FIRST, EQUAL, SECOND = relay("first"), relay("equal"), relay("second", 5)


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
    free = {name: NOW + HOUR * (name in paused) for name in ("first", "equal", "second")}

    assert expected == servers.in_charge([FIRST, SECOND, EQUAL], free, NOW)


def test_server_is_paused_longer_each_time_until_it_answers() -> None:
    rng = random.Random(1)  # noqa: S311, jitter
    once = servers.after_trouble(ServerState(), "gone", now=NOW, rng=rng)
    twice = servers.after_trouble(once, "gone", now=NOW, rng=rng)
    assert once.paused_until is not None
    assert twice.paused_until is not None

    assert NOW < once.paused_until < twice.paused_until
    assert servers.is_paused(twice, NOW)
    assert (
        (state := servers.after_answer(twice)).troubles,
        state.paused_until,
        state.last_trouble,
    ) == (0, None, "gone")


def test_newsletters_are_held_after_so_many_refusals_and_longer_each_time_up_to_a_day() -> None:
    state, now, holds = ServerState(), NOW, []
    for _ in range(12):
        state = servers.after_content_refusal(state, most=5, now=now)
        if state.bulk_held_until is not None:
            holds.append(state.bulk_held_until - now)
            now = state.bulk_held_until

    assert [hours * HOUR for hours in (1, 2, 4, 8, 16, 24, 24, 24)] == holds


def test_refusals_of_what_was_under_way_lengthen_no_hold() -> None:
    held = servers.after_content_refusal(ServerState(bulk_refusals=4), most=5, now=NOW)

    assert held == servers.after_content_refusal(held, most=5, now=NOW)


def test_newsletter_that_is_taken_ends_the_count_of_refusals() -> None:
    state = ServerState(bulk_refusals=4)

    assert ServerState() == servers.after_bulk_acceptance(state)


@pytest.mark.parametrize(
    ("first_day", "most", "expected"),
    [(0, 500, None), (50, 0, 50), (50, 10, 50), (50, 50, 75), (50, 51, 77), (100, 100, 150)],
)
def test_ceiling_of_a_day_follows_from_what_was_really_sent(
    first_day: int, most: int, expected: int | None
) -> None:
    assert expected == daily_ceiling(first_day, 1.5, most)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("03-11T07:30", "03-11T07:30"),
        ("03-11T06:59", "03-11T07:00"),
        ("03-11T11:00", "03-11T17:00"),
        ("03-11T21:00", "03-12T07:00"),
        # Summer time begins on the 29th: eight o'clock is six of UTC.
        ("03-28T22:00", "03-29T06:00"),
    ],
)
def test_windows_open_by_the_clock_on_the_wall(now: str, expected: str) -> None:
    windows = [parse_window("08:00-12:00"), parse_window("18:00-22:00")]

    assert at(expected) == next_open_at(windows, "Europe/Berlin", at(now))


def test_window_past_midnight_is_open_on_both_sides_of_it() -> None:
    night = [parse_window("22:00-06:00")]

    assert [at("03-11T23:00"), at("03-11T05:59"), at("03-11T22:00")] == [
        next_open_at(night, "UTC", at(f"03-11T{clock}")) for clock in ("23:00", "05:59", "06:00")
    ]


def test_no_window_is_always_open() -> None:
    assert next_open_at([], "UTC", NOW) == NOW


@pytest.mark.parametrize("text", ["", "8-20", "08:00-25:00", "08:60-09:00", "08:00-08:00", "x"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no span of the day"):
        parse_window(text)
