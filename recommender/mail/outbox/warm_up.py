"""Room mail: how many newsletters a new sending domain may send in a day. Pure.

Providers trust a domain that they do not know with few messages, and with more day by day.
"""

from __future__ import annotations

import math

LOOK_BACK_DAYS = 14
"""What was sent longer ago is forgotten, by providers as well."""


def daily_ceiling(first_day: int, growth: float, most_sent_in_a_day: int) -> int | None:
    """Most newsletters on one day; None without a ceiling.

    ``max(first_day, ceil(growth * most_sent_in_a_day))``: it follows from what was really sent,
    not from the calendar, so that days without mail, or with little, raise nothing.

    Parameters
    ----------
    first_day : int
        On the first day, and after a long silence; 0: no ceiling at all.
    growth : float
        From one day to the next, > 1.
    most_sent_in_a_day : int
        On any of the last `LOOK_BACK_DAYS` days before this one.
    """
    if not first_day:
        return None
    # Not 151 of 100 * 1.5 for the sake of the last bit.
    return max(first_day, math.ceil(round(growth * most_sent_in_a_day, 6)))
