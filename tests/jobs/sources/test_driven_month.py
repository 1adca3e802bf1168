"""Months with holidays, outages and drifts: what is said at each day's end (printed by ``-s``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from local_web import LocalWeb

from recommender.jobs.services import Services
from recommender.jobs.sources.polling import Poller

from .months import (
    Event,
    Span,
    assert_that_the_operator_was_told,
    drive,
    invented_feeds,
    real_days,
    wrong_verdicts,
)

NOVEMBER = Span(
    first=date(2024, 9, 16),
    watched_from=date(2024, 11, 1),
    last=date(2024, 11, 30),
    events={
        date(2024, 11, 11): Event.HOLIDAY,
        date(2024, 11, 13): Event.FAILS,
        date(2024, 11, 14): Event.FAILS,
        date(2024, 11, 15): Event.AWAY,
        date(2024, 11, 16): Event.AWAY,
        date(2024, 11, 19): Event.CUT,
        date(2024, 11, 20): Event.CUT,
        date(2024, 11, 21): Event.FEW,
        date(2024, 11, 22): Event.FEW,
        date(2024, 11, 25): Event.UNTITLED,
        date(2024, 11, 27): Event.SILENT,
        date(2024, 11, 28): Event.HOLIDAY,
    },
)
"""The month by which the rules were made."""

SUMMER = Span(
    first=date(2025, 4, 28),
    watched_from=date(2025, 6, 16),
    last=date(2025, 7, 16),
    events={
        **{date(2025, 6, 24) + timedelta(n): Event.FAILS for n in range(3)},
        **{date(2025, 6, 27) + timedelta(n): Event.AWAY for n in range(3)},
        date(2025, 7, 1): Event.CUT,
        date(2025, 7, 2): Event.CUT,
        date(2025, 7, 3): Event.EMPTY,
        date(2025, 7, 4): Event.HOLIDAY,
        date(2025, 7, 8): Event.FEW,
        date(2025, 7, 9): Event.FEW,
        date(2025, 7, 10): Event.UNTITLED,
        date(2025, 7, 14): Event.SILENT,
    },
)
"""Another month, by which nothing was made."""

WEEKLY = Span(
    first=date(2025, 1, 2),
    watched_from=date(2025, 3, 1),
    last=date(2025, 5, 30),
    events={
        date(2025, 3, 13): Event.CUT,
        **{date(2025, 3, 24) + timedelta(n): Event.FAILS for n in range(5)},
        date(2025, 4, 10): Event.FEW,
        date(2025, 4, 24): Event.SILENT,
        date(2025, 5, 15): Event.UNTITLED,
    },
    publishes=lambda day: day.weekday() == 3,
)
"""A journal that has an issue on Thursdays."""

WORKDAYS = Span(
    first=date(2025, 11, 3),
    watched_from=date(2025, 12, 8),
    last=date(2026, 1, 23),
    events={
        date(2025, 11, 11): Event.HOLIDAY,
        date(2025, 11, 27): Event.HOLIDAY,
        date(2025, 12, 10): Event.FEW,
        date(2025, 12, 11): Event.FEW,
        **{date(2025, 12, 16) + timedelta(n): Event.AWAY for n in range(2)},
        **{date(2025, 12, 24) + timedelta(n): Event.HOLIDAY for n in range(3)},
        date(2025, 12, 31): Event.HOLIDAY,
        date(2026, 1, 1): Event.HOLIDAY,
        date(2026, 1, 8): Event.EMPTY,
        date(2026, 1, 9): Event.CUT,
        date(2026, 1, 14): Event.SILENT,
        date(2026, 1, 19): Event.HOLIDAY,
    },
)
"""A list that rests on weekends and holidays, over the turn of the year."""


def some_issue(random: Random) -> int:
    return random.randint(9, 28)


def some_day(random: Random) -> int:
    return max(round(random.gauss(45, 9)), 8)


@pytest.mark.parametrize(
    "span",
    [
        pytest.param(NOVEMBER, id="November"),
        pytest.param(SUMMER, id="summer", marks=pytest.mark.slow),
    ],
)
async def test_each_day_of_a_real_month_gets_the_verdict_that_it_deserves(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    shared_data: Path,
    span: Span,
) -> None:
    told = await drive(services, web, open_poller(), span, real_days(shared_data, span))

    assert wrong_verdicts(span, told) == []
    assert_that_the_operator_was_told(told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("span", "sizes"),
    [
        pytest.param(WEEKLY, some_issue, id="weekly"),
        pytest.param(WORKDAYS, some_day, id="workdays"),
    ],
)
async def test_each_rhythm_is_its_own_measure(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    span: Span,
    sizes: Callable[[Random], int],
) -> None:
    documents = invented_feeds(span, sizes, seed=7)
    told = await drive(services, web, open_poller(), span, documents)

    assert wrong_verdicts(span, told) == []
    assert_that_the_operator_was_told(told)
