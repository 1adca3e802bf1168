from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import DomainPace
from recommender.mail.outbox import pacing

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
MOMENT, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WORDS = "452 4.7.0 too many messages"
ALMOST_FASTEST = 599.9899998333278  # one message more makes this `FASTEST_PACED`, to the last bit


def slowed(pace: DomainPace, *, sent: float = 0, now: datetime = NOW) -> DomainPace:
    return pacing.slowed(pace, WORDS, sent_last_minute=sent, now=now)


def test_domain_that_asks_for_less_gets_half_of_what_it_was_sent_after_a_minute() -> None:
    assert DomainPace(20.0, NOW + MINUTE, WORDS, NOW) == slowed(DomainPace(), sent=40)


def test_many_connections_that_hear_one_wish_slow_down_once() -> None:
    once = slowed(DomainPace(), sent=40)

    assert once == slowed(once, now=NOW + 30 * SECOND)
    assert once == slowed(once, now=NOW + MINUTE - MOMENT)
    assert slowed(once, now=NOW + MINUTE).messages_per_minute == 10


def test_last_words_of_one_wish_are_kept() -> None:
    once = slowed(DomainPace(), sent=40)

    again = pacing.slowed(once, "421 4.7.28 unusual rate", sent_last_minute=40, now=NOW)

    assert again == replace(once, last_reply="421 4.7.28 unusual rate")


@pytest.mark.parametrize(("pause", "expected"), [(SECOND, MINUTE), (HOUR, HOUR)])
def test_longer_pause_holds(pause: timedelta, expected: timedelta) -> None:
    paused = DomainPace(40, NOW + pause)

    assert DomainPace(20, NOW + expected, WORDS, NOW) == slowed(paused)


@pytest.mark.parametrize(
    ("sent", "expected"), [(0, 1), (2, 1), (3, 1.5), (119, 59.5), (120, 60), (10_000, 60)]
)
def test_first_pace_has_bounds(sent: float, expected: float) -> None:
    assert expected == slowed(DomainPace(), sent=sent).messages_per_minute


def test_later_pace_may_be_faster_than_the_first() -> None:
    assert slowed(DomainPace(500)).messages_per_minute == 250


def test_pace_rises_by_so_much_a_minute_of_full_sending() -> None:
    pace = DomainPace(60.0)
    for _ in range(60):
        pace = pacing.accepted(pace)

    assert pace.messages_per_minute == pytest.approx(60 + pacing.INCREASE_PER_MINUTE, abs=0.3)


def test_pace_that_is_fast_enough_is_no_limit_any_more() -> None:
    assert DomainPace() == pacing.accepted(DomainPace(pacing.FASTEST_PACED))
    assert DomainPace() == pacing.accepted(DomainPace())


def test_pace_is_a_limit_just_below_what_is_fast_enough() -> None:
    slower = pacing.FASTEST_PACED - 2 * pacing.INCREASE_PER_MINUTE / pacing.FASTEST_PACED

    assert pacing.accepted(DomainPace(slower)).messages_per_minute is not None
    assert pacing.accepted(DomainPace(ALMOST_FASTEST)).messages_per_minute is None


@given(st.lists(st.booleans(), max_size=200), st.floats(0, 10_000))
def test_pace_stays_between_the_slowest_and_the_fastest(answers: list[bool], sent: float) -> None:
    pace, now = DomainPace(), NOW
    for is_accepted in answers:
        now += MINUTE
        pace = pacing.accepted(pace) if is_accepted else slowed(pace, sent=sent, now=now)
        limit = pace.messages_per_minute
        assert limit is None or pacing.SLOWEST <= limit < pacing.FASTEST_PACED


@pytest.mark.parametrize(
    ("pace", "ceiling", "expected"), [(None, 0, None), (None, 30, 30), (10, 30, 10), (50, 30, 30)]
)
def test_lower_of_pace_and_ceiling_holds(
    pace: float | None, ceiling: float, expected: float | None
) -> None:
    assert expected == pacing.per_minute(DomainPace(pace), ceiling=ceiling)
