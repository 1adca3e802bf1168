"""Membership: when a subscriber wants how many papers, read from forms and CSV, and in words; pure.

Time-zone names are those of the IANA database that Python finds on the machine or in `tzdata`.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import re
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from recommender.domain import Preferences
from recommender.errors import PreferenceError
from recommender.languages.messages import Message
from recommender.languages.negotiation import LANGUAGES

PAPERS_MAX: Final = 50
WEEKDAY_NAMES: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)

_ALLOWED_WEEKDAYS: Final = Message(
    "name days such as `mon wed fri`, `Monday to Friday`, `weekend` or `daily`, "
    "or number them from 0 (Monday) to 6 (Sunday)"
)
_DAYS: Final = (
    *(Message("Monday"), Message("Tuesday"), Message("Wednesday"), Message("Thursday")),
    *(Message("Friday"), Message("Saturday"), Message("Sunday")),
)
_GROUPS: Final = {
    "daily": range(7),
    "everyday": range(7),
    "weekdays": range(5),
    "workdays": range(5),
    "weekend": range(5, 7),
    "weekends": range(5, 7),
    "none": range(0),
}
_SHOWN_CHARACTERS: Final = 60
_ABBREVIATION_MIN_CHARACTERS: Final = 2
_RUN_MIN_DAYS: Final = 3
# Not places: what the machine's own zone is called, and what it has before one is set.
_NO_ZONES: Final = frozenset({"localtime", "Factory"})
_HOUR: Final = re.compile(r"(\d{1,2})(?::00)?\s*(am|pm)?", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_DAY_DIGITS: Final = re.compile(r"[0-6]+")
_RANGE_WORDS: Final = re.compile(r"\s*(?:[-\N{EN DASH}]|\b(?:to|through|until)\b)\s*")
_SEPARATORS: Final = re.compile(r"(?:[\s,;/+&]|\band\b)+")

_Choice = TypeVar("_Choice")


def parse_preferences(
    *,
    hour: str | None,
    weekdays: str | None,
    timezone: str | None,
    papers: str | None,
    current: Preferences,
) -> Preferences:
    """Read what somebody chose; what they left out or empty stays as it is.

    Parameters
    ----------
    hour : str or None
        ``7``, ``07:00`` or ``7 am``.
    weekdays : str or None
        See `parse_weekdays`. A form in which no day is ticked hands over ``none``, which is
        refused: empty means "as it was", as in a CSV cell.
    timezone : str or None
        IANA name in any case.
    papers : str or None
        1 to 50.

    Raises
    ------
    PreferenceError
        Names the first field that cannot be taken, and what is allowed.
    """
    return Preferences(
        hour=_chosen(hour, parse_hour, current.hour),
        weekdays=_chosen(weekdays, parse_weekdays, current.weekdays),
        timezone=_chosen(timezone, parse_timezone, current.timezone),
        papers=_chosen(papers, parse_papers, current.papers),
    )


def parse_hour(text: str) -> int:
    """Read an hour of day, 0 to 23; raises `PreferenceError`."""
    match = _HOUR.fullmatch(text.strip().lower())
    if match is not None:
        hour, half = int(match[1]), match[2]
        if half is None and hour <= 23:  # noqa: PLR2004 - the last hour of a day
            return hour
        if 1 <= hour <= 12:  # noqa: PLR2004 - as a clock face
            return hour % 12 + (12 if half == "pm" else 0)
    raise PreferenceError(
        "hour",
        Message(
            "%(given)s is not a full hour; give 0 to 23, such as `7` or `18:00`",
            given=_shown(text),
        ),
    )


def parse_weekdays(text: str) -> frozenset[int]:
    """Read days of the week; Monday is 0.

    Takes English names and their beginnings, ranges (``mon-fri``, ``Friday to Monday``), digits
    from 0 to 6, and the words daily, every day, weekdays and weekend.

    Raises
    ------
    PreferenceError
        If a word of it is none of these, or it names no day.
    """
    plain = _RANGE_WORDS.sub("-", text.strip().lower().replace("every day", "daily"))
    days = {day for word in _SEPARATORS.split(plain) if word for day in _days(word, text)}
    if not days:
        raise PreferenceError(
            "weekdays", Message("no day is given; %(allowed)s", allowed=_ALLOWED_WEEKDAYS)
        )
    return frozenset(days)


def parse_timezone(text: str) -> str:
    """Read an IANA time-zone name in any case; raises `PreferenceError` with a name near to it."""
    names = _timezone_names()
    wanted = text.strip().lower().replace(" ", "_")
    if wanted in names:
        return names[wanted]
    near = [name for lower, name in names.items() if lower.endswith(f"/{wanted}")]
    near = near or [names[lower] for lower in difflib.get_close_matches(wanted, names)]
    raise PreferenceError(
        "timezone",
        Message(
            "%(given)s is no time zone that this machine knows; give an IANA name such as"
            " `%(near)s`",
            given=_shown(text),
            near=near[0] if near else "Europe/Berlin",
        ),
    )


def parse_papers(text: str) -> int:
    """Read how many papers an issue shall have, 1 to 50; raises `PreferenceError`."""
    if _NUMBER.fullmatch(text.strip()) and 1 <= int(text) <= PAPERS_MAX:
        return int(text)
    raise PreferenceError(
        "papers",
        Message(
            "%(given)s is not possible; choose a number from 1 to %(most)s",
            given=_shown(text),
            most=PAPERS_MAX,
        ),
    )


def parse_language(text: str) -> str:
    """Read a language by its tag, such as ``de``; raises `PreferenceError`."""
    tag = text.strip().lower()
    if tag in LANGUAGES:
        return tag
    raise PreferenceError(
        "language",
        Message(
            "%(given)s is no language of this list; choose one of %(tags)s",
            given=_shown(text),
            tags=", ".join(LANGUAGES),
        ),
    )


def describe_schedule(preferences: Preferences) -> Message:
    """Return when issues come: ``Monday to Friday at 7:00 (Europe/Berlin)``."""
    return Message(
        "%(days)s at %(hour)s:00 (%(timezone)s)",
        days=describe_weekdays(preferences.weekdays),
        hour=preferences.hour,
        timezone=preferences.timezone,
    )


def describe_weekdays(weekdays: frozenset[int]) -> Message:
    """Name days of the week: ``Monday to Friday``, ``Tuesday and Sunday``, ``every day``.

    What it says in English, `parse_weekdays` reads back.
    """
    if len(weekdays) == len(WEEKDAY_NAMES):
        return Message("every day")
    parts: list[Message] = []
    # In a run of consecutive days, day minus position stays the same.
    for _, run in itertools.groupby(
        enumerate(sorted(weekdays)), key=lambda pair: pair[1] - pair[0]
    ):
        names = [_DAYS[day] for _, day in run]
        if len(names) >= _RUN_MIN_DAYS:
            names = [Message("%(first)s to %(last)s", first=names[0], last=names[-1])]
        parts += names
    return parts[0] if len(parts) == 1 else Message("%(days)s", days=tuple(parts))


def _chosen(text: str | None, parse: Callable[[str], _Choice], current: _Choice) -> _Choice:
    return current if text is None or not text.strip() else parse(text)


def _days(word: str, text: str) -> Iterable[int]:
    if word in _GROUPS:
        return _GROUPS[word]
    if _DAY_DIGITS.fullmatch(word):
        return [int(digit) for digit in word]
    first, dash, last = word.partition("-")
    begin = _day(first, text)
    end = _day(last, text) if dash else begin
    span = (end - begin) % len(WEEKDAY_NAMES)
    return [(begin + offset) % len(WEEKDAY_NAMES) for offset in range(span + 1)]


def _day(word: str, text: str) -> int:
    if len(word) == 1 and _DAY_DIGITS.fullmatch(word):
        return int(word)
    # Two letters tell all seven days apart; plurals are how people say it: "Mondays".
    if len(word) >= _ABBREVIATION_MIN_CHARACTERS:
        for day, name in enumerate(WEEKDAY_NAMES):
            if f"{name.lower()}s".startswith(word.rstrip(".")):
                return day
    raise PreferenceError(
        "weekdays",
        Message(
            "%(given)s is not understood; %(allowed)s",
            given=_shown(text),
            allowed=_ALLOWED_WEEKDAYS,
        ),
    )


@functools.cache
def _timezone_names() -> dict[str, str]:
    """Every name by its lower-case form. Listing them walks a folder tree: once is enough."""
    return {name.lower(): name for name in zoneinfo.available_timezones() - _NO_ZONES}


def _shown(text: str) -> str:
    short = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
    return repr(short)
