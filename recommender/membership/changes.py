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
``language de``
``address``                   changes the address to the one kept beside it
============================  ==================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recommender.domain import Preferences
from recommender.errors import PreferenceError
from recommender.languages.messages import Message, counted_message
from recommender.membership.preferences import (
    describe_weekdays,
    parse_hour,
    parse_language,
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
    language: str | None = None

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
        raise PreferenceError("command", Message("it is too long for a command"))
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


def describe_change(change: Change) -> Message:
    """Return what a change does, as an infinitive: ``pause the newsletter for 14 days``."""
    match change:
        case Leave():
            return Message("end the subscription")
        case Pause(days):
            return counted_message(
                "pause the newsletter for %(num)s day",
                "pause the newsletter for %(num)s days",
                days,
            )
        case Resume():
            return Message("end the pause of the newsletter")
        case NewAddress():
            return Message("change the address of the subscription")
        case Choices():
            return Message("change the preferences to: %(choices)s", choices=_described(change))


def described(command: str) -> Message:
    """Return what a command does; raises `PreferenceError` as `parse_change` does."""
    return describe_change(parse_change(command))


def _pause_days(days: int) -> int:
    if not 1 <= days <= PAUSE_MAX_DAYS:
        raise PreferenceError(
            "pause",
            Message(
                "%(days)s days is not possible; choose 1 to %(most)s days",
                days=str(days),
                most=PAUSE_MAX_DAYS,
            ),
        )
    return days


def _parse_choices(words: str) -> Choices:
    given: dict[str, str] = {}
    for part in words.split(";"):
        name, _, value = part.strip().partition(" ")
        if name.lower() not in ("hour", "weekdays", "timezone", "papers", "language") or not value:
            raise PreferenceError("command", Message("it is none that there is"))
        given[name.lower()] = value
    return Choices(
        hour=parse_hour(given["hour"]) if "hour" in given else None,
        weekdays=parse_weekdays(given["weekdays"]) if "weekdays" in given else None,
        timezone=parse_timezone(given["timezone"]) if "timezone" in given else None,
        papers=parse_papers(given["papers"]) if "papers" in given else None,
        language=parse_language(given["language"]) if "language" in given else None,
    )


def _described(choices: Choices) -> str:
    """Return in words what is chosen, in English as the command has it."""
    told = [
        None if choices.hour is None else Message("hour %(hour)s", hour=choices.hour),
        None
        if choices.weekdays is None
        else Message("weekdays %(days)s", days=describe_weekdays(choices.weekdays)),
        None
        if choices.timezone is None
        else Message("timezone %(timezone)s", timezone=choices.timezone),
        None if choices.papers is None else Message("papers %(papers)s", papers=choices.papers),
        None
        if choices.language is None
        else Message("language %(language)s", language=choices.language),
    ]
    first, *others = [each for each in told if each is not None]
    for each in others:
        first = Message("%(reason)s; %(further)s", reason=first, further=each)
    return first


def _printed(choices: Choices) -> list[str]:
    printed = {
        "hour": None if choices.hour is None else str(choices.hour),
        "weekdays": None if choices.weekdays is None else describe_weekdays(choices.weekdays),
        "timezone": choices.timezone,
        "papers": None if choices.papers is None else str(choices.papers),
        "language": choices.language,
    }
    return [f"{name} {value}" for name, value in printed.items() if value is not None]
