"""Room 1, papers: whether two titles that differ may be one in other words. Pure.

Authors say so of a preprint and its article. What tells works of the same people apart stays the
same: numbers, and what the work is: a correction, data, a protocol.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 2_000
_FEWEST_WORDS_IN_COMMON: Final = 0.25
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


def may_be_reworded(one: str, other: str) -> bool:
    """Whether two titles name the same numbers and kind, and have words in common.

    Examples
    --------
    >>> may_be_reworded("Steering small boats in wind", "Small boats that steer by the wind")
    True
    >>> may_be_reworded("Small boats, part I", "Small boats, part II")
    False
    """
    one, other = one[:_LONGEST], other[:_LONGEST]
    if _numbers(one) != _numbers(other) or _kinds(one) != _kinds(other):
        return False
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    return len(shorter & longer) >= _FEWEST_WORDS_IN_COMMON * len(shorter) and bool(shorter)


def _numbers(title: str) -> set[str]:
    return set(_NUMBER.findall(_THOUSANDS.sub("", title)))


def _kinds(title: str) -> set[str]:
    return {found.casefold().strip(" :–—-") for found in _KIND.findall(title)}


def _words(title: str) -> set[str]:
    return set(_WORD.findall(title.casefold()))
