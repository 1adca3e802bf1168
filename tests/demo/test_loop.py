"""The story of the demo fits into the real time in which it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.demo.loop import ADA, BEN, CLEO, Places, Story, first_morning


@pytest.mark.parametrize("hour", [0, 6, 7, 23])
def test_story_is_over_when_it_is_told(hour: int) -> None:
    now = datetime(2026, 3, 11, hour, 30, tzinfo=UTC)
    second_issue = first_morning(now) + timedelta(days=1, hours=1)
    assert now - timedelta(days=1) < second_issue <= now
    assert second_issue.hour == 7


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
