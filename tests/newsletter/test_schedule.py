from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Preferences
from recommender.newsletter.schedule import local_date, next_issue_at

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Nuuk",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]
DAILY = frozenset(range(7))
PREFERENCES = st.builds(
    Preferences,
    st.integers(0, 23),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(ZONES),
    st.just(10),
)
START, END = datetime(2010, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), END - START).map(lambda span: START + span)


def due(
    hour: int,
    zone: str,
    after: str,
    *,
    weekdays: frozenset[int] = DAILY,
    last: date | None = None,
) -> str:
    due_at = next_issue_at(
        Preferences(hour, weekdays, zone, 10),
        after=datetime.fromisoformat(after).replace(tzinfo=UTC),
        last_issue_date=last,
    )
    assert due_at.tzinfo is UTC
    return due_at.isoformat(" ").removesuffix("+00:00")


def test_next_is_today_before_the_hour_and_tomorrow_from_it_on() -> None:
    assert due(7, "UTC", "2026-03-11 06:59:59") == "2026-03-11 07:00:00"
    assert due(7, "UTC", "2026-03-11 07:00:00") == "2026-03-12 07:00:00"


def test_hour_is_that_of_the_subscribers_zone() -> None:
    assert due(7, "Asia/Kathmandu", "2026-03-11 01:00") == "2026-03-11 01:15:00"
    assert due(7, "America/St_Johns", "2026-01-11 01:00") == "2026-01-11 10:30:00"


def test_only_their_weekdays_count() -> None:
    """11 March 2026 is a Wednesday."""
    assert due(7, "UTC", "2026-03-11 08:00", weekdays=frozenset({0})) == "2026-03-16 07:00:00"
    assert due(7, "UTC", "2026-03-11 08:00", weekdays=frozenset({2})) == "2026-03-18 07:00:00"


def test_day_that_had_an_issue_has_no_other() -> None:
    assert due(7, "UTC", "2026-03-11 01:00", last=date(2026, 3, 11)) == "2026-03-12 07:00:00"
    assert due(7, "UTC", "2026-03-11 01:00", last=date(2026, 3, 10)) == "2026-03-11 07:00:00"


def test_moving_the_hour_or_the_zone_does_not_repeat_the_day() -> None:
    """The issue of 11 March went out in Kiritimati; then they flew to New York."""
    after = "2026-03-10 18:00"
    assert due(7, "America/New_York", after, last=date(2026, 3, 11)) == "2026-03-12 11:00:00"


@pytest.mark.parametrize(
    ("hour", "zone", "after", "expected"),
    [
        (2, "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:00:00"),
        (2, "America/New_York", "2026-03-07 12:00", "2026-03-08 07:00:00"),
        (2, "Australia/Lord_Howe", "2026-10-03 00:00", "2026-10-03 15:30:00"),
        (0, "Asia/Beirut", "2026-03-28 12:00", "2026-03-28 22:00:00"),
        (23, "America/Nuuk", "2026-03-28 12:00", "2026-03-29 01:00:00"),
        (7, "Pacific/Apia", "2011-12-29 23:00", "2011-12-30 10:00:00"),
    ],
)
def test_hour_that_does_not_exist_is_served_at_the_end_of_the_gap(
    hour: int, zone: str, after: str, expected: str
) -> None:
    assert due(hour, zone, after) == expected


def test_hour_that_comes_twice_is_served_once_the_first_time() -> None:
    assert due(2, "Europe/Berlin", "2026-10-24 12:00") == "2026-10-25 00:00:00"
    assert due(2, "Europe/Berlin", "2026-10-25 00:00") == "2026-10-26 01:00:00"
    assert due(1, "Australia/Lord_Howe", "2026-04-04 00:00") == "2026-04-04 14:00:00"


@given(PREFERENCES, INSTANTS, st.none() | st.integers(-3, 3))
def test_due_is_the_first_fit_instant_after(
    preferences: Preferences, after: datetime, last_days: int | None
) -> None:
    """Beside the definition, checked minute by minute in a loop over local days."""
    zone = ZoneInfo(preferences.timezone)
    today = local_date(preferences, after)
    last = None if last_days is None else today + timedelta(days=last_days)
    actual = next_issue_at(preferences, after=after, last_issue_date=last)

    def served_at(day: date) -> datetime:
        local = datetime.combine(day, time(preferences.hour), tzinfo=zone)
        instant = local.astimezone(UTC)
        while instant.astimezone(zone).replace(tzinfo=None) > local.replace(tzinfo=None):
            earlier = instant - timedelta(minutes=1)
            if earlier.astimezone(zone).replace(tzinfo=None) < local.replace(tzinfo=None):
                break
            instant = earlier
        return instant

    first = today - timedelta(days=1)
    days = (first + timedelta(days=number) for number in range(14))
    fit = (
        served_at(day)
        for day in days
        if day.weekday() in preferences.weekdays and (last is None or day > last)
    )
    assert actual == next(instant for instant in fit if instant > after)


@given(PREFERENCES, INSTANTS)
def test_a_year_of_issues_has_one_on_each_of_their_days(
    preferences: Preferences, start: datetime
) -> None:
    day = local_date(preferences, start)
    served, now = [], start
    for _ in range(60):
        now = next_issue_at(preferences, after=now, last_issue_date=day)
        day = local_date(preferences, now)
        served.append(day)
    assert len(set(served)) == 60
    assert served == sorted(served)


def test_local_date_is_that_of_the_zone() -> None:
    now = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    assert local_date(Preferences(7, DAILY, "Asia/Kathmandu", 10), now) == date(2026, 3, 12)
    assert local_date(Preferences(7, DAILY, "America/St_Johns", 10), now) == date(2026, 3, 11)


def test_naive_instant_and_no_weekday_are_refused() -> None:
    with pytest.raises(ValueError, match="timezone-aware"):
        next_issue_at(
            Preferences(7, DAILY, "UTC", 10),
            after=datetime(2026, 3, 11),  # noqa: DTZ001 - what is refused
            last_issue_date=None,
        )
    with pytest.raises(ValueError, match="weekday"):
        due(7, "UTC", "2026-03-11 08:00", weekdays=frozenset())
