"""What was planned for the next issue stays, unless the schedule gives something sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Preferences, Subscriber, SubscriberState
from recommender.newsletter.schedule import local_date, next_issue_at, plan_as_of

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
MONTH = timedelta(days=30)
DAILY = Preferences(6, frozenset(range(7)), "UTC", 10)
ZONES = ["UTC", "America/St_Johns", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"]
PREFERENCES = st.builds(
    Preferences,
    st.integers(0, 23),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(ZONES),
    st.just(10),
)
SPANS = st.timedeltas(timedelta(0), 3 * YEAR)


def reader(preferences: Preferences = DAILY, **others: Any) -> Subscriber:
    values: dict[str, Any] = dict.fromkeys(Subscriber.__dataclass_fields__) | {
        "id": 1,
        "state": SubscriberState.ACTIVE,
        "preferences": preferences,
    }
    return Subscriber(**(values | others))


def test_a_plan_for_next_year_becomes_the_next_day_of_issues() -> None:
    planned = reader(next_issue_at=NOW + YEAR, last_issue_date=date(2027, 3, 10))

    assert plan_as_of(planned, NOW, longest_pause=MONTH) == (
        datetime(2026, 3, 12, 6, tzinfo=UTC),
        date(2026, 3, 11),
    )


def test_a_day_that_is_tomorrow_elsewhere_is_no_trouble() -> None:
    planned = reader(
        next_issue_at=datetime(2026, 3, 13, 6, tzinfo=UTC), last_issue_date=date(2026, 3, 12)
    )

    assert plan_as_of(planned, NOW, longest_pause=MONTH) == (
        planned.next_issue_at,
        planned.last_issue_date,
    )


def test_a_pause_may_be_as_long_as_pauses_are_and_no_longer() -> None:
    paused = reader(state=SubscriberState.PAUSED)
    within = replace(paused, next_issue_at=NOW + MONTH)
    beyond = replace(paused, next_issue_at=NOW + YEAR)

    assert plan_as_of(within, NOW, longest_pause=MONTH)[0] == within.next_issue_at
    assert plan_as_of(beyond, NOW, longest_pause=MONTH)[0] == datetime(2026, 4, 11, 6, tzinfo=UTC)


def test_without_a_plan_there_is_none() -> None:
    assert plan_as_of(reader(), NOW, longest_pause=MONTH) == (None, None)


@given(PREFERENCES, SPANS, st.booleans(), SPANS)
def test_a_plan_that_was_made_by_a_right_clock_is_kept(
    preferences: Preferences, after: timedelta, has_issue: bool, later: timedelta
) -> None:
    made_at = NOW + after
    last = local_date(preferences, made_at) if has_issue else None
    due_at = next_issue_at(preferences, after=made_at, last_issue_date=last)
    planned = reader(preferences, next_issue_at=due_at, last_issue_date=last)

    assert plan_as_of(planned, made_at + later, longest_pause=MONTH) == (due_at, last)


@given(PREFERENCES, SPANS)
def test_a_plan_is_never_later_than_a_week_and_a_day_from_now(
    preferences: Preferences, ahead: timedelta
) -> None:
    wrong = NOW + ahead
    last = local_date(preferences, wrong)
    due_at = next_issue_at(preferences, after=wrong, last_issue_date=last)
    planned = reader(preferences, next_issue_at=due_at, last_issue_date=last)

    planned_at, _ = plan_as_of(planned, NOW, longest_pause=MONTH)

    assert planned_at is not None
    assert planned_at <= NOW + timedelta(days=10)
