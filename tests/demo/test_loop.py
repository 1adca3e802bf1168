"""The story of the demo fits into the real time in which it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.demo.loop import (
    ADA,
    BEN,
    CLEO,
    Places,
    Story,
    StoryClock,
    first_morning,
    zone_by_day,
)


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("month", [1, 7])
def test_story_is_over_today_and_nothing_is_due_when_it_is_told(month: int, hour: int) -> None:
    utc = datetime(2026, month, 11, hour, 30, tzinfo=UTC)
    now = utc.astimezone(zone_by_day(utc))
    second_issue = first_morning(now) + timedelta(days=1, hours=1)
    assert second_issue < now
    assert (second_issue.date(), second_issue.hour) == (now.date(), 7)
    # Neither midnight, when a day's issue may be composed, nor seven comes while one looks on.
    assert now + timedelta(hours=3) < second_issue + timedelta(hours=17)


@pytest.mark.parametrize("hour", range(24))
def test_jobs_read_the_time_of_the_story_in_utc(hour: int) -> None:
    utc = datetime(2026, 3, 11, hour, 30, tzinfo=UTC)
    clock = StoryClock(utc.astimezone(zone_by_day(utc)))
    assert (clock(), clock().tzinfo) == (utc, UTC)


def story(*, ada: tuple[int, ...], others: tuple[int, ...]) -> Story:
    first = (7, 9, 10)
    return Story(
        (
            Places(ADA, 3, first, ada),
            Places(BEN, 1, first, others),
            Places(CLEO, 0, first, others),
        )
    )


def test_an_explored_paper_did_not_follow_the_ratings() -> None:
    by_chance = replace(story(ada=(), others=()).places[0], explored=(1, 2))
    told = Story((by_chance, *story(ada=(), others=()).places[1:]))
    assert not told.followed_the_ratings


def test_topic_that_rises_for_who_liked_it_followed_the_ratings() -> None:
    assert story(ada=(1, 2, 4), others=(9,)).followed_the_ratings


@pytest.mark.parametrize(("ada", "others"), [((8,), ()), ((1, 2), (1, 2)), ((), ())])
def test_topic_that_does_not_rise_or_rises_for_all_did_not_follow_them(
    ada: tuple[int, ...], others: tuple[int, ...]
) -> None:
    assert not story(ada=ada, others=others).followed_the_ratings
