"""Jobs: how much of somebody's issues each of their interests was, week by week. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from recommender.store.issues import ShownPlace

WEEKS_SHOWN: Final = 12

_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Course:
    """How many places of somebody's issues went to what, by week.

    Attributes
    ----------
    weeks : tuple of date
        Mondays, one after the other; the first is that of their first issue, at most
        `WEEKS_SHOWN` ago.
    places : tuple of tuple of int
        For each interest, a number for each week.
    others : tuple of int
        Places that went to no interest: what is trending, or outside their topics.
    """

    weeks: tuple[date, ...] = ()
    places: tuple[tuple[int, ...], ...] = ()
    others: tuple[int, ...] = ()

    @property
    def all_places(self) -> int:
        """All places of all weeks."""
        return sum(map(sum, self.places)) + sum(self.others)


def first_week(today: date) -> date:
    """Return the Monday of the first week that is shown."""
    return today - timedelta(days=today.weekday()) - (WEEKS_SHOWN - 1) * _WEEK


def course_of(
    shown: Sequence[ShownPlace],
    interest_of: Mapping[int, int],
    *,
    interests: int,
    today: date,
) -> Course:
    """Count the places of issues by week and interest.

    A place goes to the interest that today likes its paper most, if the paper was there for
    something of the reader's own. So it is told in the interests that they know, whatever they were
    when the issue was composed.

    Parameters
    ----------
    shown : sequence of ShownPlace
        Since `first_week`.
    interest_of : mapping of int to int
        The interest that likes a paper most; a paper that none likes is left out.
    interests : int
        How many there are.
    today : date
    """
    if not shown:
        return Course()
    # An issue may be dated a day ahead of us, where its reader lives.
    last = max(today, *(each.date for each in shown))
    first = min(_monday(each.date) for each in shown)
    weeks = [first + at * _WEEK for at in range((_monday(last) - first) // _WEEK + 1)]
    counts = [[0] * len(weeks) for _ in range(interests + 1)]
    for each in shown:
        interest = interest_of.get(each.paper_id) if each.is_personal else None
        row = interests if interest is None else interest
        counts[row][(_monday(each.date) - first) // _WEEK] += 1
    return Course(tuple(weeks), tuple(map(tuple, counts[:-1])), tuple(counts[-1]))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
