"""Days on which publishers rest are known by the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.papers.sources.holidays import easter, holiday_on


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-01-01", "New Year"),
        ("2025-01-20", "Martin Luther King Day"),
        ("2025-05-26", "Memorial Day"),
        ("2025-09-01", "Labor Day"),
        ("2025-11-27", "Thanksgiving"),
        ("2026-07-03", "Independence Day"),  # the 4th is a Saturday
        ("2027-07-05", "Independence Day"),  # the 4th is a Sunday
        ("2026-04-03", "Good Friday"),
        ("2026-04-06", "Easter Monday"),
        ("2025-05-19", None),
        ("2025-11-20", None),
        ("2025-03-11", None),
        ("2026-07-06", None),
    ],
)
def test_holidays_are_those_of_the_calendar(day: str, name: str | None) -> None:
    assert holiday_on(date.fromisoformat(day)) == name


def test_easter_is_that_of_the_church() -> None:
    known = ["2000-04-23", "2019-04-21", "2024-03-31", "2025-04-20", "2038-04-25"]

    assert [easter(int(day[:4])).isoformat() for day in known] == known
