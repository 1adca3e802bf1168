"""A day of one reading is read however it is written; of several readings, or none, it is told."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.errors import DigestError
from recommender.papers.text.calendar_dates import (
    day_in_heading,
    day_of,
    is_day,
)
from recommender.papers.text.calendar_periods import names_a_period
from recommender.papers.text.month_names import MONTHS

TODAY = date(2025, 3, 20)
THE_DAY = date(2025, 3, 11)
MONTHS_OF_A_YEAR = 12


@pytest.mark.parametrize(
    "written",
    [
        "11-Mar-2025",
        "11/Mar/2025",
        "11.Mar.2025",
        "2025-Mar-11",
        "20250311",
        "Mar. 11th '25",
        "2025 March 11th",
        "11.III.2025",
        "11 III 2025",
        "11. marts 2025",
        "11 Mart 2025",
        "11 марта 2025",
        "11 марта 2025 г.",
        "11 березня 2025 року",
        "11 marca 2025",
        "11. března 2025",
        "11. maaliskuuta 2025",
        "11 Μαρτίου 2025",
        "2025. március 11.",
        "令和7年3月11日",
        "2025年三月十一日",
        "二〇二五年三月十一日",
        "2025年3月11號",
    ],
)
def test_a_day_of_one_reading_is_read(written: str) -> None:
    assert is_day(written)
    assert day_of(written, TODAY, "line 1") == THE_DAY
    assert day_in_heading(f"Papers of {written}", TODAY, "line 1") == THE_DAY


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("平成31年4月30日", date(2019, 4, 30)),
        ("令和元年五月二十一日", date(2019, 5, 21)),
        ("二零二四年十二月三十日", date(2024, 12, 30)),
        ("5.XII.2024", date(2024, 12, 5)),
        ("11 листопада 2024", date(2024, 11, 11)),
    ],
)
def test_other_eras_and_numerals_are_counted_right(written: str, day: date) -> None:
    assert day_of(written, TODAY, "line 1") == day


@pytest.mark.parametrize(
    "heading",
    [
        "3/11",
        "Papers of 3/11",
        "11 listopada 2024",  # October in Croatian, November in Polish
        "listopad 11, 2024",
        "11 Mar 25",
        "11 มีนาคม 2025",
        "11 مارس ٢٠٢٥",
        "2025 kovo 11",
        "20251311",
        "11.XIV.2025",
        "Foo of 11-Xyz-2025",
        "昭和百年三月十一日",
    ],
)
def test_a_heading_that_may_be_a_day_is_not_passed_over(heading: str) -> None:
    with pytest.raises(DigestError) as caught:
        day_in_heading(heading, TODAY, "line 3")
    assert caught.value.where == "line 3"
    assert "may be a day, which cannot be read; write it as 2026-03-11" in caught.value.message


@pytest.mark.parametrize(
    "heading",
    [
        "",
        "Issue 12, 2025",
        "Top 10 papers of 2025",
        "Meadows 2025",
        "GPT-4.1 papers",
        "Language models in 2025",
        "Vol. 3/11",
        "Covid-19, mice and 20 men",
        "March of the mice",
    ],
)
def test_numbers_in_a_heading_are_not_all_days(heading: str) -> None:
    assert day_in_heading(heading, TODAY, "line 1") is None
    assert not names_a_period(heading)


@pytest.mark.parametrize(
    "heading",
    [
        *("March 2025", "2025-03", "Papers of 3/2025", "March", "Papers of March"),
        *("Week 3", "KW 3", "Semaine 3", "Papers of week 3", "Week 3: Attention", "第3周", "W03"),
        *("Week of January 12", "3rd week of March", "2025", "Papers of 2025", "Digest 2025"),
        *("Reading list, spring 2025", "Q1 2025", "Best of 2024", "2024年"),
        *("12-18 January 2025", "January 12-18, 2025", "Jan 12 - Jan 18", "12 to 18 January"),
        *("Monday", "Papers of Monday", "Yesterday's papers", "Papers from last week"),
        *("Papers of June 30", "Digest (30 June)"),
    ],
)
def test_a_period_is_told_from_a_day(heading: str) -> None:
    assert names_a_period(heading)
    assert day_in_heading(heading, TODAY, "line 1") is None


@pytest.mark.parametrize(
    "heading", ["ICLR 2025", "NeurIPS 2024 papers", "Fridays and mice", "Maybe"]
)
def test_a_conference_and_its_year_are_no_period(heading: str) -> None:
    assert not names_a_period(heading)


@pytest.mark.parametrize(
    "heading",
    ["Papers of Mar 11", "Daily digest - 11 March", "Digest #12 (Mar 11)", "Weekly | March 11th"],
)
def test_a_day_without_its_year_ends_a_heading(heading: str) -> None:
    assert day_in_heading(heading, TODAY, "line 1") == THE_DAY


def test_each_month_has_its_names_in_many_languages_and_none_is_of_two() -> None:
    by_month = [sum(month == each for month in MONTHS.values()) for each in range(1, 13)]
    assert len(by_month) == MONTHS_OF_A_YEAR
    assert min(by_month) > MONTHS_OF_A_YEAR
    assert "listopad" not in MONTHS
