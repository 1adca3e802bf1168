"""Mail: the commands that people write to us, by plus-tag, subject or first line. Pure.

================================  ==========================================
command                           asks for
================================  ==========================================
``subscribe``                     a subscription; the other lines may name interests
``unsubscribe``, ``leave``,       its end; so do a few words of one's own, see `leaving`
``stop``
``confirm``                       what only a reply to the confirmation can
``pause 14 days``, ``resume``     no issues for so long; issues again
``settings``                      what is set; with lines such as ``hour 7``, ``weekdays mon thu``,
                                  ``papers 5``, ``timezone Europe/Berlin``, ``language de``: a
                                  change of it
``address new@example.org``       mail at another address
``list``                          the reading list
``help``                          these lines
================================  ==========================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recommender.mail.inbox.characters import plain_characters
from recommender.mail.inbox.leaving import asks_to_leave

LONGEST_READ: Final = 20_000
"""Characters that are looked at."""

LONGEST_LINE: Final = 200
MOST_SETTINGS: Final = 20


class Verb(StrEnum):
    """What is asked for."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    CONFIRM = "confirm"
    PAUSE = "pause"
    RESUME = "resume"
    SETTINGS = "settings"
    ADDRESS = "address"
    LIST = "list"
    HELP = "help"
    UNKNOWN = "unknown"
    """None of these: a person wrote something else."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked for.

    Attributes
    ----------
    argument : str
        Days for ``PAUSE``, an address for ``ADDRESS``, interests for ``SUBSCRIBE``; for
        ``SETTINGS`` the choices, joined by ``; ``. As written, to be read by who knows them.
    """

    verb: Verb
    argument: str = ""


_WORDS: Final = {
    "subscribe": Verb.SUBSCRIBE,
    "unsubscribe": Verb.UNSUBSCRIBE,
    "leave": Verb.UNSUBSCRIBE,
    "stop": Verb.UNSUBSCRIBE,
    "signoff": Verb.UNSUBSCRIBE,
    "confirm": Verb.CONFIRM,
    "resume": Verb.RESUME,
    "settings": Verb.SETTINGS,
    "preferences": Verb.SETTINGS,
    "list": Verb.LIST,
    "reading list": Verb.LIST,
    "help": Verb.HELP,
    "info": Verb.HELP,
}
_REPLY_PREFIX = re.compile(
    r"^\s*((re|aw|antw|sv|vs|vb|rif|r|i|res|rv|rép|odp|pd|ynt|ilt|vá|ha|atb|απ|hal|bls|trs"
    r"|отв|на|fwd?|wg|tr|enc|回复|答复|回覆|答覆|转发|轉寄|返信|회신|답장|رد|השב|پاسخ)"
    r"(\[\d+\]|\(\d+\))?\s{0,9}[:：]\s*){1,9}",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"pause(?: for)? (\d{1,4})(?: (day|week)s?)?", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(r"address\s*:?\s+(\S+@\S+)", re.IGNORECASE)
_SETTING = re.compile(r"(hour|weekdays|papers|timezone|language)\s*[:=]?\s+(\S.*)", re.IGNORECASE)
_WEEK_DAYS = 7


def read_command(tag: str, subject: str, text: str) -> Command:
    """Read what a mail asks for.

    Parameters
    ----------
    tag : str
        The plus-tag of the address, without token; empty for the bare address. It goes before
        the subject, and the subject before the first line.
    subject, text : str
        As `incoming.read_incoming` gives them.
    """
    plain = plain_characters(text[:LONGEST_READ])
    lines = [" ".join(line.split()) for line in plain.splitlines() if line.strip()]
    headline = without_reply_prefix(subject)
    candidates = [tag, headline, *lines[:1]]
    for number, candidate in enumerate(candidates):
        command = _read_line(candidate)
        if command is None:
            continue
        if command.verb is Verb.SUBSCRIBE:
            # What follows the command names interests; the command itself does not.
            rest = lines[1:] if number == len(candidates) - 1 and lines else lines
            rest = [line for line in rest if _read_line(line) is None]
            return Command(Verb.SUBSCRIBE, " ".join(filter(None, [command.argument, *rest])))
        if command.verb is Verb.SETTINGS:
            return Command(Verb.SETTINGS, "; ".join(_choices([headline, *lines])))
        return command
    if asks_to_leave(plain) or asks_to_leave(headline):
        return Command(Verb.UNSUBSCRIBE)
    return Command(Verb.UNKNOWN)


def is_command(line: str) -> bool:
    """Return whether a line, in `plain_characters`, is a command and nothing else."""
    return _read_line(line) is not None or asks_to_leave(line)


def is_reply(subject: str) -> bool:
    """Return whether a subject begins with what programs put there when a mail is answered."""
    return _REPLY_PREFIX.match(plain_characters(subject[:LONGEST_LINE])) is not None


def without_reply_prefix(subject: str) -> str:
    """Return a subject without what programs put before that of a mail that is answered."""
    return _REPLY_PREFIX.sub("", plain_characters(subject[:LONGEST_LINE])).strip()


def _read_line(line: str) -> Command | None:
    plain = line.strip().strip(".!").strip()
    if not plain or len(plain) > LONGEST_LINE:
        return None
    verb = _WORDS.get(" ".join(plain.lower().split()))
    if verb is not None:
        return Command(verb)
    if _SETTING.fullmatch(plain):
        return Command(Verb.SETTINGS)
    pause = _PAUSE.fullmatch(plain)
    if pause is not None:
        is_weeks = (pause[2] or "day").lower() == "week"
        return Command(Verb.PAUSE, str(int(pause[1]) * (_WEEK_DAYS if is_weeks else 1)))
    address = _ADDRESS.fullmatch(plain)
    if address is not None:
        return Command(Verb.ADDRESS, address[1].strip("<>"))
    return None


def _choices(lines: list[str]) -> list[str]:
    found: dict[str, str] = {}
    for line in lines:
        match = _SETTING.fullmatch(line.strip().strip(".!"))
        if match is not None and ";" not in match[2] and len(found) < MOST_SETTINGS:
            found[match[1].lower()] = match[2].strip()
    return [f"{name} {value}" for name, value in found.items()]
