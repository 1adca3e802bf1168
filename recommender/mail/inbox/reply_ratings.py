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
from recommender.mail.inbox.characters import plain_characters

LONGEST_READ: Final = 20_000
"""Characters that are looked at."""

_SIGNS: Final = {
    "+": Vote.UP,
    "👍": Vote.UP,
    **dict.fromkeys("➕", Vote.UP),
    # Whatever keyboards and programs make of a minus and a star.
    **dict.fromkeys("-‐‑‒–—−﹣➖", Vote.DOWN),
    "👎": Vote.DOWN,
    **dict.fromkeys("*∗﹡", Vote.SAVE),
    "🔖": Vote.SAVE,
}
_VERBS: Final = {"like": Vote.UP, "dislike": Vote.DOWN, "save": Vote.SAVE}
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_MARK = re.compile(r"(?:([+➕*∗﹡\-‐‑‒–—−﹣➖])|([👍👎🔖])\s?)([1-9]\d?)(?!\d)", re.ASCII)
_MARKS_ONLY = re.compile(rf"(?:{_MARK.pattern}[\s,;]*)+", re.ASCII)
# As our own links write a plus, where a program left it so.
_ENCODED_PLUS: Final = "%2B"
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
    for raw in plain_characters(text[:LONGEST_READ]).splitlines():
        line = _bare(raw)
        wants_receipt = wants_receipt or line.lower() == "receipt"
        votes += _votes(line)
    return ReplyRatings(tuple(votes), wants_receipt)


def is_rating(line: str) -> bool:
    """Return whether a line, in `plain_characters`, holds ratings and nothing else."""
    return bool(_votes(_bare(line)))


def _bare(line: str) -> str:
    plain = _SKIN_TONES.sub("", line).replace(_ENCODED_PLUS, "+")
    return " ".join(plain.split()).rstrip(".").rstrip()


def _votes(line: str) -> list[tuple[int, Vote]]:
    if _MARKS_ONLY.fullmatch(line):
        return [(int(mark[3]), _SIGNS[mark[1] or mark[2]]) for mark in _MARK.finditer(line)]
    match = _IN_WORDS.fullmatch(line)
    if match is None:
        return []
    return [(int(each), _VERBS[match[1].lower()]) for each in re.findall(r"\d+", match[2])]
