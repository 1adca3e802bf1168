from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import DomainPace
from recommender.mail.outbox import pacing
from recommender.mail.outbox.domains import DomainLimits
from recommender.mail.outbox.limits import SlidingLimit, TokenBucket

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WORDS = "452 4.7.0 too many messages"


def slowed(pace: DomainPace, *, sent: float = 0, now: datetime = NOW) -> DomainPace:
    return pacing.slowed(pace, WORDS, sent_last_minute=sent, now=now)


def test_domain_that_asks_for_less_gets_half_of_what_it_was_sent_after_a_minute() -> None:
    assert DomainPace(20.0, NOW + MINUTE, WORDS, NOW) == slowed(DomainPace(), sent=40)


def test_many_connections_that_hear_one_wish_slow_down_once() -> None:
    once = slowed(DomainPace(), sent=40)

    assert once == slowed(once, now=NOW + 30 * SECOND)
    assert slowed(once, now=NOW + MINUTE).messages_per_minute == 10


def test_pace_rises_by_so_much_a_minute_of_full_sending() -> None:
    pace = DomainPace(60.0)
    for _ in range(60):
        pace = pacing.accepted(pace)

    assert pace.messages_per_minute == pytest.approx(60 + pacing.INCREASE_PER_MINUTE, abs=0.3)


def test_pace_that_is_fast_enough_is_no_limit_any_more() -> None:
    assert DomainPace() == pacing.accepted(DomainPace(pacing.FASTEST_PACED))
    assert DomainPace() == pacing.accepted(DomainPace())


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


@given(
    st.floats(0.1, 1000),
    st.lists(st.floats(0, 30).map(lambda seconds: timedelta(seconds=seconds)), max_size=100),
)
def test_bucket_never_gives_more_than_its_pace_and_one_burst(
    per_minute: float, pauses: list[timedelta]
) -> None:
    bucket, now, taken = TokenBucket(per_minute, NOW), NOW, 0
    for pause in pauses:
        now += pause
        while bucket.take(now):
            taken += 1
        assert taken <= bucket.burst + per_minute * ((now - NOW) / MINUTE) + 1e-6


def test_bucket_is_full_again_after_a_burst_at_its_pace() -> None:
    bucket = TokenBucket(60, NOW)
    assert [bucket.take(NOW) for _ in range(11)] == [True] * 10 + [False]
    assert bucket.full_at(NOW) == NOW + 10 * SECOND
    assert [bucket.take(NOW + 10 * SECOND) for _ in range(11)] == [True] * 10 + [False]


def test_clock_that_is_set_back_gives_nothing() -> None:
    bucket = TokenBucket(1, NOW)
    assert bucket.take(NOW)
    assert not bucket.take(NOW - HOUR)
    assert not bucket.take(NOW)


def test_sliding_limit_counts_what_was_taken_within_its_span() -> None:
    limit = SlidingLimit(3, HOUR, [NOW - 2 * HOUR, NOW - 50 * MINUTE])
    assert limit.room(NOW) == 2
    limit.take(2, NOW)
    assert (limit.room(NOW), limit.next_at(NOW)) == (0, NOW + 10 * MINUTE)
    limit.give_back(1)
    assert (limit.room(NOW), limit.next_at(NOW)) == (1, NOW)
    assert limit.room(NOW + 10 * MINUTE) == 2


def test_no_limit_has_room_for_everything() -> None:
    limit = SlidingLimit(0, HOUR)
    limit.take(5, NOW)
    assert (limit.room(NOW), limit.next_at(NOW)) == (None, NOW)


def test_domain_beyond_its_ceiling_is_paused_and_others_go_on() -> None:
    limits = DomainLimits({}, ceiling=6)

    assert limits.admit("example.org", NOW)
    assert not limits.admit("example.org", NOW)
    assert limits.admit("example.com", NOW)
    assert {"example.org": DomainPace(None, NOW + 10 * SECOND)} == limits.unsaved()
    assert limits.unsaved() == {}
    assert limits.admit("example.org", NOW + 10 * SECOND)


def test_pause_that_was_kept_holds_after_a_restart() -> None:
    limits = DomainLimits({"example.org": DomainPace(30, NOW + MINUTE)}, ceiling=0)

    assert not limits.admit("example.org", NOW)
    assert limits.admit("example.org", NOW + MINUTE)


def test_domain_that_slows_us_starts_from_what_it_was_sent() -> None:
    limits = DomainLimits({}, ceiling=0)
    for second in range(30):
        limits.accepted("example.org", NOW + second * SECOND)

    pace = limits.slowed("example.org", WORDS, NOW + 30 * SECOND)

    assert pace.messages_per_minute == 15
    assert limits.has_slowed("example.org", NOW + 30 * SECOND)
    assert not limits.has_slowed("example.org", NOW + 30 * SECOND + MINUTE)
