"""Room 1, papers: days on which publishers rest. Pure.

Those of the United States, where most announcements of papers are made
(https://info.arxiv.org/help/availability.html), and those of Christmas and Easter elsewhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

_MONDAY: Final = 0
_THURSDAY: Final = 3
_FIXED: Final = {
    (1, 1): "New Year",
    (5, 1): "Labour Day",
    (6, 19): "Juneteenth",
    (7, 4): "Independence Day",
    (11, 11): "Veterans Day",
    (12, 24): "Christmas",
    (12, 25): "Christmas",
    (12, 26): "Christmas",
    (12, 31): "New Year",
}
# Month, weekday, which of the month's; -1 is the last.
_MOVABLE: Final = (
    (1, _MONDAY, 3, "Martin Luther King Day"),
    (2, _MONDAY, 3, "Presidents' Day"),
    (5, _MONDAY, -1, "Memorial Day"),
    (9, _MONDAY, 1, "Labor Day"),
    (10, _MONDAY, 2, "Columbus Day"),
    (11, _THURSDAY, 4, "Thanksgiving"),
)
_FROM_EASTER: Final = {-2: "Good Friday", 1: "Easter Monday"}


def holiday_on(day: date) -> str | None:
    """Return the name of the holiday that is kept on a day; None where it is none.

    One that falls on a weekend is kept on the Friday before, or the Monday after.
    """
    if name := _FIXED.get((day.month, day.day)):
        return name
    kept_for = {4: timedelta(days=1), 0: timedelta(days=-1)}.get(day.weekday())
    if kept_for is not None:
        near = day + kept_for
        if name := _FIXED.get((near.month, near.day)):
            return name
    for month, weekday, which, name in _MOVABLE:
        if day.month == month and day.weekday() == weekday and _is_the(day, which):
            return name
    return _FROM_EASTER.get((day - easter(day.year)).days)


def easter(year: int) -> date:
    """Compute Easter Sunday of the Gregorian calendar: Meeus, Astronomical Algorithms, 8."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    lead = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * lead) // 433
    month = (h + lead - 7 * m + 90) // 25
    return date(year, month, (h + lead - 7 * m + 33 * month + 19) % 32)


def _is_the(day: date, which: int) -> bool:
    if which > 0:
        return (day.day - 1) // 7 == which - 1
    return (day + timedelta(days=7)).month != day.month
