"""Mail: ratings in a reply to a newsletter, by the numbers of its papers. Pure.

``+1 +4 -7 *2`` likes papers 1 and 4, dislikes 7 and saves 2; ``like 1``, ``dislike 7``, ``save 2``
and 👍 4, 👎 7, 🔖 2 say the same. A line counts only where it holds nothing else: "+1 for this",
telephone numbers, dates and lists are words of a person, not ratings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recommender.domain import Vote

_SIGNS: Final = {
    "+": Vote.UP,
    "👍": Vote.UP,
    "-": Vote.DOWN,
    "\N{MINUS SIGN}": Vote.DOWN,
    "\N{EN DASH}": Vote.DOWN,
    "👎": Vote.DOWN,
    "*": Vote.SAVE,
    "🔖": Vote.SAVE,
}
_VERBS: Final = {"like": Vote.UP, "dislike": Vote.DOWN, "save": Vote.SAVE}
# Variation selectors and skin tones change how a sign looks, not what it says.
_DECORATION = re.compile("[\N{VARIATION SELECTOR-16}\U0001f3fb-\U0001f3ff]")
_MARK = re.compile(r"(?:([+*\-−–])|([👍👎🔖])\s?)([1-9]\d?)")
_MARKS_ONLY = re.compile(rf"(?:{_MARK.pattern}[\s,;]*)+")
_IN_WORDS = re.compile(
    r"(like|dislike|save)\s+([1-9]\d?(?:(?:\s*,\s*|\s+and\s+|\s+)[1-9]\d?)*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ReplyRatings:
    """What a reply says of papers.

    Attributes
    ----------
    votes : tuple of (int, Vote)
        By the paper's number in the issue, in the order in which they were written; the last one
        of a paper counts.
    wants_receipt : bool
        They ask for an answer that says what was taken.
    """

    votes: tuple[tuple[int, Vote], ...]
    wants_receipt: bool


def read_ratings(text: str) -> ReplyRatings:
    """Read the ratings of a reply; what is no rating is passed over.

    Parameters
    ----------
    text : str
        What the person wrote, without quotes.
    """
    votes: list[tuple[int, Vote]] = []
    wants_receipt = False
    for raw in text.splitlines():
        line = _DECORATION.sub("", raw).strip().rstrip(".")
        if line.lower() == "receipt":
            wants_receipt = True
        elif _MARKS_ONLY.fullmatch(line):
            votes += [(int(mark[3]), _SIGNS[mark[1] or mark[2]]) for mark in _MARK.finditer(line)]
        else:
            match = _IN_WORDS.fullmatch(line)
            if match is not None:
                numbers = re.findall(r"\d+", match[2])
                votes += [(int(each), _VERBS[match[1].lower()]) for each in numbers]
    return ReplyRatings(tuple(votes), wants_receipt)
