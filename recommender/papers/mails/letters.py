"""Room 1, papers: what somebody writes around papers as one does in a letter. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# What a person writes to their reader, where a digest has titles and abstracts.
_GREETING: Final = re.compile(
    r"(?:(?:hi|hello|hey|dear|hallo|liebe[rs]?|guten|bonjour|hola|ciao|greetings|good (?:morning"
    r"|afternoon|evening)|welcome|thanks?|thank you|kind|best|regards|cheers|sincerely)\b.{0,40}"
    r"|call for (?:papers|participation|abstracts)\b.*|.*,)",
    re.IGNORECASE,
)
# "Hey, have you seen this one?" is no title above one.
_ASKS: Final = re.compile(
    r"(?:(?:hi|hey|hello|dear)\b[^,!?]{0,40}[,!]\s)?(?:have|did) you (?:already |all )?"
    r"(?:see|seen|read|know|come across)\b[^?]{0,60}\?",
    re.IGNORECASE,
)
_INITIALS: Final = re.compile(r"(?:[-–—]\s?)?(?:[A-Z]\.?\s?){1,3}")
_LONGEST_GREETING: Final = 60
_LONGEST_OPENING: Final = 240


def without_letter(lines: Sequence[str], sender: str) -> list[str]:
    """Blank a first paragraph that only announces the papers, and a name that signs the mail.

    Parameters
    ----------
    sender : str
        Whose mail it is.
    """
    last = max((n for n, line in enumerate(lines) if line.strip()), default=0)
    if last and not lines[last - 1].strip() and _signs(lines[last].strip(), sender):
        lines = [*lines[:last], "", *lines[last + 1 :]]
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    end = next((n for n in range(start, len(lines)) if not lines[n].strip()), len(lines))
    is_short = sum(map(len, lines[start:end])) <= _LONGEST_OPENING
    announces = start < end and lines[end - 1].rstrip().endswith((":", "："))
    asks = end - start == 1 and _ASKS.fullmatch(lines[start].strip()) is not None
    if is_short and (announces or asks):
        return ["" if start <= n < end else line for n, line in enumerate(lines)]
    return list(lines)


def _signs(line: str, sender: str) -> bool:
    """Whether a line is initials, or the name of who sent it: "Ann"."""
    words = line.lstrip("-–— ").casefold().split()
    is_named = bool(words) and set(words) <= set(sender.casefold().split())
    return is_named or _INITIALS.fullmatch(line) is not None


def is_greeting(title: str) -> bool:
    """Whether a title is what a person writes to their reader."""
    return len(title) <= _LONGEST_GREETING and _GREETING.fullmatch(title) is not None
