from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.outbox.limits import SlidingLimit, TokenBucket

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
MOMENT, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def taken(bucket: TokenBucket, now: datetime) -> int:
    """Take all that there is."""
    count = 0
    while bucket.take(now):
        count += 1
    return count


@given(
    st.floats(0.1, 1000),
    st.lists(st.floats(0, 30).map(lambda seconds: timedelta(seconds=seconds)), max_size=100),
)
def test_bucket_never_gives_more_than_its_pace_and_one_burst(
    per_minute: float, pauses: list[timedelta]
) -> None:
    bucket, now, total = TokenBucket(per_minute, NOW), NOW, 0
    for pause in pauses:
        now += pause
        total += taken(bucket, now)
        assert total <= bucket.burst + per_minute * ((now - NOW) / MINUTE) + 1e-4


@pytest.mark.parametrize(
    ("per_minute", "burst"), [(0.5, 1.0), (6, 1.0), (6.6, 1.1), (12, 2.0), (60, 10.0)]
)
def test_burst_is_what_ten_seconds_allow_and_one_at_least(per_minute: float, burst: float) -> None:
    assert burst == pytest.approx(TokenBucket(per_minute, NOW).burst)


def test_bucket_is_full_again_after_a_burst_at_its_pace() -> None:
    bucket = TokenBucket(60, NOW)
    assert [bucket.take(NOW) for _ in range(11)] == [True] * 10 + [False]
    assert bucket.full_at(NOW) == NOW + 10 * SECOND
    assert bucket.full_at(NOW + 4 * SECOND) == NOW + 10 * SECOND
    assert [bucket.take(NOW + 10 * SECOND) for _ in range(11)] == [True] * 10 + [False]


def test_full_bucket_is_full_now() -> None:
    assert TokenBucket(60, NOW).full_at(NOW + HOUR) == NOW + HOUR


def test_next_one_goes_when_the_pace_allows_it_and_not_before() -> None:
    bucket = TokenBucket(6, NOW)
    assert bucket.take(NOW)

    assert not bucket.take(NOW + 10 * SECOND - MOMENT)
    assert bucket.take(NOW + 10 * SECOND)
    assert not bucket.take(NOW + 10 * SECOND)


@given(st.floats(0.1, 1000))
def test_burst_goes_at_the_very_moment_that_was_named_for_it(per_minute: float) -> None:
    bucket = TokenBucket(per_minute, NOW)
    burst = taken(bucket, NOW)

    assert burst == taken(bucket, bucket.full_at(NOW))


def test_what_is_given_back_may_go_again_and_fills_no_bucket_beyond_its_burst() -> None:
    bucket = TokenBucket(60, NOW)
    assert taken(bucket, NOW) == 10

    bucket.give_back()
    bucket.give_back()
    assert taken(bucket, NOW) == 2

    for _ in range(20):
        bucket.give_back()
    assert taken(bucket, NOW) == 10


def test_waiting_fills_no_bucket_beyond_its_burst() -> None:
    bucket = TokenBucket(60, NOW)

    assert taken(bucket, NOW + HOUR) == 10


def test_clock_that_is_set_back_gives_nothing() -> None:
    bucket = TokenBucket(1, NOW)
    assert bucket.take(NOW)
    assert not bucket.take(NOW - HOUR)
    assert not bucket.take(NOW)


def test_clock_that_is_set_back_takes_nothing() -> None:
    bucket = TokenBucket(60, NOW)

    assert taken(bucket, NOW - HOUR) == 10


def test_sliding_limit_counts_what_was_taken_within_its_span() -> None:
    limit = SlidingLimit(3, HOUR, [NOW - 50 * MINUTE, NOW - 2 * HOUR])
    assert limit.room(NOW) == 2
    limit.take(2, NOW)
    assert (limit.room(NOW), limit.next_at(NOW)) == (0, NOW + 10 * MINUTE)
    limit.give_back(1)
    assert (limit.room(NOW), limit.next_at(NOW)) == (1, NOW)
    assert limit.room(NOW + 10 * MINUTE) == 2


def test_what_was_taken_counts_until_its_span_is_over_and_not_then() -> None:
    limit = SlidingLimit(1, HOUR, [NOW])

    assert limit.room(NOW + HOUR - MOMENT) == 0
    assert limit.room(NOW + HOUR) == 1


def test_of_more_than_the_limit_the_newest_count() -> None:
    limit = SlidingLimit(2, HOUR, [NOW - minutes * MINUTE for minutes in (1, 3, 2)])

    assert limit.next_at(NOW) == NOW - 2 * MINUTE + HOUR


def test_no_more_is_given_back_than_was_taken() -> None:
    limit = SlidingLimit(3, HOUR)
    limit.take(2, NOW)

    limit.give_back(5)

    assert limit.room(NOW) == 3


def test_no_limit_has_room_for_everything() -> None:
    limit = SlidingLimit(0, HOUR)
    limit.take(5, NOW)
    limit.give_back(6)
    assert (limit.room(NOW), limit.next_at(NOW)) == (None, NOW)
