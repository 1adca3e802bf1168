"""A clock that is set is noticed, and one that is kept right is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recommender.clock_watch import ClockWatch

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
YEAR = timedelta(days=365)


def looks(*moments: tuple[float, timedelta]) -> list[bool]:
    """Ask at so many seconds after the start, with a clock that is wrong by so much."""
    watch = ClockWatch()
    return [
        watch.has_to_look(NOW + timedelta(seconds=seconds) + wrong, 1_000 + seconds)
        for seconds, wrong in moments
    ]


def test_it_is_looked_at_the_start_and_once_a_day() -> None:
    hours = [
        hour for hour in range(49) if looks(*((3_600 * h, timedelta(0)) for h in range(49)))[hour]
    ]

    assert hours == [0, 24, 48]


def test_a_clock_that_is_put_back_is_noticed_each_time() -> None:
    assert looks((0, YEAR), (5, YEAR), (10, YEAR / 2), (15, timedelta(0)), (20, timedelta(0))) == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_clock_that_is_kept_right_is_nothing() -> None:
    steps = (0, 10, -10, 0, 20)

    assert looks(*((5 * n, timedelta(seconds=step)) for n, step in enumerate(steps))) == [
        True,
        *(4 * [False]),
    ]


def test_by_how_much_a_clock_was_set_is_told_once() -> None:
    watch, told = ClockWatch(), []
    for seconds, wrong in ((0, timedelta(0)), (5, 10 * YEAR), (10, 10 * YEAR), (15, timedelta(0))):
        watch.has_to_look(NOW + timedelta(seconds=seconds) + wrong, 1_000 + seconds)
        told.append(watch.step_seconds)

    assert told == [0, (10 * YEAR).total_seconds(), 0, -(10 * YEAR).total_seconds()]


def test_it_is_looked_too_when_the_clock_is_put_forward() -> None:
    assert looks((0, timedelta(0)), (5, YEAR)) == [True, True]
