"""Room mail: the hours of the day in which newsletters may leave. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """From one time of day to another; past midnight where it ends before it begins.

    Attributes
    ----------
    opens, closes : int
        Minutes after midnight, 0 to 1440 and not the same; ``closes`` is the first minute outside.
    """

    opens: int
    closes: int

    def is_open(self, minute: int) -> bool:
        """Whether a minute of the day is inside."""
        if self.opens < self.closes:
            return self.opens <= minute < self.closes
        return minute >= self.opens or minute < self.closes


def parse_window(text: str) -> SendingWindow:
    """Read ``08:00-20:00``.

    Raises
    ------
    ValueError
        If it is none, or never closes.
    """
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no span of the day")
    first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
    opens, closes = first_hour * 60 + first_minute, last_hour * 60 + last_minute
    if max(first_minute, last_minute) > 59 or max(opens, closes) > _MINUTES_OF_A_DAY:  # noqa: PLR2004, minutes of an hour
        raise ValueError(f"{text!r} is no span of the day")
    opens %= _MINUTES_OF_A_DAY
    if opens == closes:
        raise ValueError(f"{text!r} is no span of the day: it never closes")
    return SendingWindow(opens, closes)


def next_open_at(windows: Sequence[SendingWindow], timezone: str, now: datetime) -> datetime:
    """Return when newsletters may leave next: now, where a window is open or there is none."""
    if not windows:
        return now
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if any(window.is_open(minute) for window in windows):
        return now
    # By the clock on the wall: a day with a change of time has the same windows.
    openings = (
        datetime.combine(
            local.date() + timedelta(days=days),
            time(window.opens // 60, window.opens % 60),
            tzinfo=zone,
        )
        for window in windows
        for days in (0, 1)
    )
    return min(opening for opening in openings if opening > now).astimezone(now.tzinfo)
