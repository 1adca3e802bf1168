"""Preferences are read as people write them, and refused with what is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Preferences
from recommender.errors import PreferenceError
from recommender.membership.preferences import (
    describe_schedule,
    describe_weekdays,
    parse_hour,
    parse_papers,
    parse_preferences,
    parse_timezone,
    parse_weekdays,
)

CURRENT = Preferences(hour=7, weekdays=frozenset(range(5)), timezone="UTC", papers=10)


def test_everything_that_was_chosen_is_taken() -> None:
    expected = Preferences(hour=18, weekdays=frozenset({1, 6}), timezone="Europe/Berlin", papers=25)

    assert expected == parse_preferences(
        hour="18", weekdays="tue, sun", timezone="Europe/Berlin", papers="25", current=CURRENT
    )


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_what_is_left_out_stays_as_it_is(absent: str | None) -> None:
    preferences = parse_preferences(
        hour=absent, weekdays=absent, timezone=absent, papers=absent, current=CURRENT
    )

    assert preferences == CURRENT


@pytest.mark.parametrize(
    ("field", "text"),
    [("hour", "25"), ("weekdays", "none"), ("weekdays", "x"), ("timezone", "x"), ("papers", "0")],
)
def test_refusal_names_the_field(field: str, text: str) -> None:
    chosen: dict[str, str | None] = dict.fromkeys(("hour", "weekdays", "timezone", "papers"))
    chosen[field] = text

    with pytest.raises(PreferenceError, match=rf"^{field}: ") as refusal:
        parse_preferences(
            hour=chosen["hour"],
            weekdays=chosen["weekdays"],
            timezone=chosen["timezone"],
            papers=chosen["papers"],
            current=CURRENT,
        )
    assert field == refusal.value.field


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        *(("0", 0), ("07", 7), (" 7:00 ", 7), ("23", 23)),
        *(("7 am", 7), ("7PM", 19), ("12am", 0), ("1am", 1), ("12 pm", 12)),
    ],
)
def test_hours_as_people_write_them(text: str, hour: int) -> None:
    assert hour == parse_hour(text)


@pytest.mark.parametrize("text", ["24", "-1", "7:30", "13 pm", "0am", "seven", "²", "٧"])
def test_what_is_no_full_hour_is_refused(text: str) -> None:
    with pytest.raises(PreferenceError, match="is not a full hour; give 0 to 23"):
        parse_hour(text)


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("mon tue", {0, 1}),
        ("Monday to Friday", {0, 1, 2, 3, 4}),
        ("mon-wed, sat", {0, 1, 2, 5}),
        ("mon – fri", {0, 1, 2, 3, 4}),
        ("Friday to Monday", {4, 5, 6, 0}),
        ("Mondays and Thursdays", {0, 3}),
        *((each, {0, 1, 2, 3, 4, 5, 6}) for each in ("daily", "everyday", "Every day")),
        *((each, {0, 1, 2, 3, 4}) for each in ("weekdays", "workdays")),
        *((each, {5, 6}) for each in ("weekend", "weekends")),
        (",mon, tue,", {0, 1}),
        ("0,2;4", {0, 2, 4}),
        ("01234", {0, 1, 2, 3, 4}),
        ("0-4", {0, 1, 2, 3, 4}),
        ("Tue.", {1}),
        ("mo tu we th", {0, 1, 2, 3}),
    ],
)
def test_weekdays_as_people_write_them(text: str, weekdays: set[int]) -> None:
    assert weekdays == parse_weekdays(text)


@pytest.mark.parametrize(
    "text", ["t", "7", "-1", "01-3", "mon-", "lundi", "mon 8", "sunday monda x"]
)
def test_what_is_no_weekday_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(PreferenceError, match=r"is not understood; name days such as"):
        parse_weekdays(text)


def test_no_weekday_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(PreferenceError) as refusal:
        parse_weekdays("none")
    assert str(refusal.value) == (
        "weekdays: no day is given; name days such as `mon wed fri`, `Monday to Friday`, `weekend` "
        "or `daily`, or number them from 0 (Monday) to 6 (Sunday)"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [("UTC", "UTC"), ("europe/berlin", "Europe/Berlin"), ("America/New York", "America/New_York")],
)
def test_time_zones_are_found_in_any_case(text: str, name: str) -> None:
    assert name == parse_timezone(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Berlin", "Europe/Berlin"),
        ("Rome", "Europe/Rome"),
        ("Asia/Tokio", "Asia/Tokyo"),
        ("../../etc/passwd", "Europe/Berlin"),
        ("localtime", "Europe/Berlin"),
        ("Factory", "Europe/Berlin"),
    ],
)
def test_unknown_time_zone_is_refused_with_one_that_is_near(text: str, near: str) -> None:
    with pytest.raises(PreferenceError, match=f"such as `{near}`"):
        parse_timezone(text)


def test_possible_numbers_of_papers_are_taken() -> None:
    assert [parse_papers(text) for text in ("1", " 10 ", "50")] == [1, 10, 50]


@pytest.mark.parametrize(
    ("typed", "shown"), [("x" * 60, f"'{'x' * 60}'"), ("x" * 61, f"'{'x' * 60}…'")]
)
def test_of_a_long_text_the_beginning_is_shown(typed: str, shown: str) -> None:
    with pytest.raises(PreferenceError) as refusal:
        parse_papers(typed)
    assert str(refusal.value) == (f"papers: {shown} is not possible; choose a number from 1 to 50")


@pytest.mark.parametrize("text", ["0", "51", "-3", "ten", "1e1", "9" * 5000])
def test_impossible_number_of_papers_is_refused(text: str) -> None:
    with pytest.raises(PreferenceError, match="choose a number from 1 to 50"):
        parse_papers(text)


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        ({0, 1, 2, 3, 4}, "Monday to Friday"),
        ({5, 6}, "Saturday and Sunday"),
        ({2}, "Wednesday"),
        ({0, 2, 4}, "Monday, Wednesday and Friday"),
        ({0, 1, 2, 5}, "Monday to Wednesday and Saturday"),
        (set(range(7)), "every day"),
    ],
)
def test_weekdays_are_described_as_one_says_them(weekdays: set[int], words: str) -> None:
    assert words == describe_weekdays(frozenset(weekdays))


def test_schedule_is_described_in_one_phrase() -> None:
    preferences = Preferences(
        hour=7, weekdays=frozenset(range(5)), timezone="Europe/Berlin", papers=10
    )

    assert describe_schedule(preferences) == "Monday to Friday at 7:00 (Europe/Berlin)"


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_described_weekdays_are_read_back(weekdays: frozenset[int]) -> None:
    assert weekdays == parse_weekdays(describe_weekdays(weekdays))


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_is_taken_or_refused_on_one_line(
    hour: str, weekdays: str, timezone: str, papers: str
) -> None:
    preferences, refusal = CURRENT, ""
    try:
        preferences = parse_preferences(
            hour=hour, weekdays=weekdays, timezone=timezone, papers=papers, current=CURRENT
        )
    except PreferenceError as error:
        refusal = str(error)
    assert refusal.isprintable()
    assert preferences.hour in range(24)
    assert preferences.weekdays
    assert preferences.weekdays <= frozenset(range(7))
    assert preferences.papers in range(1, 51)
