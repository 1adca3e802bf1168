"""Room 1, papers: whether two titles that differ may be one in other words. Pure.

Authors say so of a preprint and its article. What tells works of the same people apart stays the
same: numbers, and what the work is: a correction, data, a protocol.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 2_000
_FEWEST_WORDS_IN_COMMON: Final = 0.25
_FEWEST_NUMBERS: Final = 2
_HALF: Final = 0.5
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
# "GPT-4", "2024", "Part II", "WebPilot-V2", "hepatitis B"; not "A" and "I" alone.
_NUMBER: Final = re.compile(
    r"\d+(?:[.,]\d+)*|\b(?:[IVX]{2,5}|[B-HJ-Z])\b|(?<=\b[Pp]art )[AI]\b|(?<=\b[Pp]hase )I\b"
)
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}\b)")
_KIND: Final = re.compile(
    r"\b(?:errat(?:um|a)|corrigend(?:um|a)|corrections?\sto|addendum|retract(?:ion|ed)|withdrawn"
    r"|expression\sof\sconcern|rejoinder|editorial|preface|dissertation|thesis|protocol"
    r"|registered\sreport|data\spaper|data\sdescriptor|slides|poster|supplement(?:ary)?|appendix"
    r"|tutorial|workshop|challenge|competition|proceedings|book\sreview|summary|translation)\b"
    r"|\A(?:an?\s|the\s|author'?s?'?\s)?(?:reply|response|comments?|commentary|discussion)\b"
    r"|[:–—-]\s(?:reply|response|comments?|commentary|discussion|correction)\b"
    r"|\A(?:replication\s|source\s|supporting\s)?(?:data(?:\s?sets?)?|code|software|materials?)\s"
    r"(?:and\s\w+\s)?(?:for|from|of|to)\b"
    r"|\breplication\s(?:data|package|materials?)\b",
    re.IGNORECASE,
)


def may_be_reworded(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two titles may be one in other words, each with its abstract.

    They name the same numbers and kind, and have words in common; half of the numbers in the
    abstracts are the same; and not both have a word that stands in their own abstract and nowhere
    in the other text, as the names of two species.

    Examples
    --------
    >>> text = "We steer small boats by the wind."
    >>> may_be_reworded(("Steering small boats", text), ("Small boats in wind", text))
    True
    >>> may_be_reworded(("Small boats, part I", text), ("Small boats, part II", text))
    False
    """
    (title, abstract), (other_title, other_abstract) = one, other
    title, other_title = title[:_LONGEST], other_title[:_LONGEST]
    if _numbers(title) != _numbers(other_title) or _kinds(title) != _kinds(other_title):
        return False
    if _of_own(one, other) and _of_own(other, one):
        return False
    few, many = sorted((_numbers(abstract), _numbers(other_abstract)), key=len)
    if len(few) >= _FEWEST_NUMBERS and len(few & many) < _HALF * len(few):
        return False
    shorter, longer = sorted((_words(title), _words(other_title)), key=len)
    return len(shorter & longer) >= _FEWEST_WORDS_IN_COMMON * len(shorter) and bool(shorter)


def _of_own(one: tuple[str, str], other: tuple[str, str]) -> set[str]:
    """Return the words of a title that its abstract has and the other text has not."""
    return _words(one[0]) & _words(one[1]) - _words(" ".join(other))


def _numbers(title: str) -> set[str]:
    return set(_NUMBER.findall(_THOUSANDS.sub("", title)))


def _kinds(title: str) -> set[str]:
    return {found.casefold().strip(" :–—-") for found in _KIND.findall(title)}


def _words(title: str) -> set[str]:
    return set(_WORD.findall(title.casefold()))
