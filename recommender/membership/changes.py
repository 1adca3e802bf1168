"""Membership: changes that somebody asks for without proof, in one line that means one thing; pure.

What a pending change will do is kept as text, and is shown in the mail that asks for the yes. So
the text is never what was written to us: it is read, and printed again from what was understood.

============================  ==================================================
command                       does
============================  ==================================================
``unsubscribe``               ends the subscription
``pause 14 days``             sends no issue for so long
``resume``                    ends a pause
``hour 7``, ``weekdays …``,   change when how much comes; several, joined by
``papers 5``, ``timezone …``  ``; ``
``address``                   changes the address to the one kept beside it
============================  ==================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recommender.domain import Preferences
from recommender.errors import PreferenceError
from recommender.membership.preferences import (
    describe_weekdays,
    parse_hour,
    parse_papers,
    parse_timezone,
    parse_weekdays,
)
from recommender.membership.subscription import PAUSE_MAX_DAYS
from recommender.wording import counted

_COMMAND_MAX_CHARACTERS: Final = 400
_PAUSE: Final = re.compile(r"pause\s+([0-9]{1,6})(?:\s+days?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Leave:
    """End the subscription."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Send no issue for some days, 1 to `PAUSE_MAX_DAYS`."""

    days: int


@dataclass(frozen=True, slots=True)
class Resume:
    """End a pause."""


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Change the address."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Change when how much comes; None stays as it is."""

    hour: int | None = None
    weekdays: frozenset[int] | None = None
    timezone: str | None = None
    papers: int | None = None

    def applied_to(self, current: Preferences) -> Preferences:
        """Return the preferences afterwards."""
        return Preferences(
            hour=current.hour if self.hour is None else self.hour,
            weekdays=current.weekdays if self.weekdays is None else self.weekdays,
            timezone=self.timezone or current.timezone,
            papers=self.papers or current.papers,
        )


Change = Leave | Pause | Resume | NewAddress | Choices

_PLAIN: Final[dict[str, Change]] = {
    "unsubscribe": Leave(),
    "leave": Leave(),
    "stop": Leave(),
    "resume": Resume(),
    "address": NewAddress(),
}


def parse_change(command: str) -> Change:
    """Read a command, in upper or lower case.

    Raises
    ------
    PreferenceError
        If it is none, or a value of it is not possible.
    """
    if len(command) > _COMMAND_MAX_CHARACTERS:
        raise PreferenceError("command", "it is too long for a command")
    words = " ".join(command.split())
    plain = _PLAIN.get(words.lower())
    if plain is not None:
        return plain
    pause = _PAUSE.fullmatch(words.lower())
    if pause is not None:
        return Pause(_pause_days(int(pause[1])))
    return _parse_choices(words)


def command_of(change: Change) -> str:
    """Print a change as `parse_change` reads it: one line, from what was understood only."""
    match change:
        case Leave():
            return "unsubscribe"
        case Pause(days):
            return f"pause {counted(days, 'day')}"
        case Resume():
            return "resume"
        case NewAddress():
            return "address"
        case Choices():
            return "; ".join(_printed(change))


def describe_change(change: Change) -> str:
    """Return what a change does, as an infinitive: ``pause the newsletter for 14 days``."""
    match change:
        case Leave():
            return "end the subscription"
        case Pause(days):
            return f"pause the newsletter for {counted(days, 'day')}"
        case Resume():
            return "end the pause of the newsletter"
        case NewAddress():
            return "change the address of the subscription"
        case Choices():
            return f"change the preferences to: {'; '.join(_printed(change))}"


def _pause_days(days: int) -> int:
    if not 1 <= days <= PAUSE_MAX_DAYS:
        raise PreferenceError(
            "pause", f"{days} days is not possible; choose 1 to {PAUSE_MAX_DAYS} days"
        )
    return days


def _parse_choices(words: str) -> Choices:
    given: dict[str, str] = {}
    for part in words.split(";"):
        name, _, value = part.strip().partition(" ")
        if name.lower() not in ("hour", "weekdays", "timezone", "papers") or not value:
            raise PreferenceError("command", "it is none that there is")
        given[name.lower()] = value
    return Choices(
        hour=parse_hour(given["hour"]) if "hour" in given else None,
        weekdays=parse_weekdays(given["weekdays"]) if "weekdays" in given else None,
        timezone=parse_timezone(given["timezone"]) if "timezone" in given else None,
        papers=parse_papers(given["papers"]) if "papers" in given else None,
    )


def _printed(choices: Choices) -> list[str]:
    printed = {
        "hour": None if choices.hour is None else str(choices.hour),
        "weekdays": None if choices.weekdays is None else describe_weekdays(choices.weekdays),
        "timezone": choices.timezone,
        "papers": None if choices.papers is None else str(choices.papers),
    }
    return [f"{name} {value}" for name, value in printed.items() if value is not None]
