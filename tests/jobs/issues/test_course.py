"""How much of somebody's issues each of their interests was, week by week."""

from __future__ import annotations

from datetime import date

from recommender.jobs.issues.course import WEEKS_SHOWN, Course, course_of, first_week
from recommender.store.issues import ShownPlace

TODAY = date(2026, 3, 11)
"""A Wednesday."""


def place(day: int, paper_id: int, *, is_personal: bool = True) -> ShownPlace:
    return ShownPlace(date(2026, 3, day), paper_id, is_personal)


def test_places_are_counted_by_week_and_interest() -> None:
    shown = [place(1, 1), place(2, 1), place(8, 2), place(9, 1), place(11, 2), place(11, 3)]

    course = course_of(shown, {1: 0, 2: 1}, interests=2, today=TODAY)

    assert course.weeks == (date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9))
    assert course.places == ((1, 1, 1), (0, 1, 1))
    assert course.others == (0, 0, 1)
    assert course.all_places == len(shown)


def test_what_came_for_nothing_of_their_own_goes_to_no_interest() -> None:
    course = course_of([place(11, 1, is_personal=False)], {1: 0}, interests=1, today=TODAY)
    assert (course.places, course.others) == (((0,),), (1,))


def test_weeks_without_an_issue_stand_between_the_others() -> None:
    shown = [ShownPlace(date(2026, 2, 16), 1, is_personal=True)]
    assert course_of(shown, {1: 0}, interests=1, today=TODAY).places == ((1, 0, 0, 0),)


def test_an_issue_of_a_day_that_is_tomorrow_here_has_its_week() -> None:
    sunday = date(2026, 3, 15)
    shown = [ShownPlace(date(2026, 3, 16), 1, is_personal=True)]
    assert course_of(shown, {1: 0}, interests=1, today=sunday).weeks == (date(2026, 3, 16),)


def test_twelve_weeks_are_shown_that_of_today_included() -> None:
    assert first_week(TODAY) == date(2025, 12, 22)
    whole = [ShownPlace(first_week(TODAY), 1, is_personal=True)]
    assert len(course_of(whole, {}, interests=1, today=TODAY).weeks) == WEEKS_SHOWN


def test_without_an_issue_there_is_no_course() -> None:
    assert course_of([], {}, interests=2, today=TODAY) == Course()
