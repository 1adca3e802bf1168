"""Room 1, papers: what notebooks write about a page, and about each of its lines. Pure.

Notion heads an exported page with the day on which it was created, and in Logseq a link to the page
``[[paper]]`` before each title says of what kind it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from recommender.papers.text.calendar_dates import is_day

NumberedLine = tuple[int, str]

_FRONT: Final = 8
_FEWEST: Final = 2
_CREATED: Final = re.compile(
    r"\s{0,3}(?:created(?: (?:time|at|on))?|date created|erstellt(?: am)?|créé(?: le)?)\s?:\s{1,3}"
    r"(?P<day>\S.{3,40}?)"
    r"(?:(?:,|\sat|\sum|\sà|T)?\s?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s?[ap]\.?m\.?)?"
    r"(?:\s?\([A-Z+0-9:]{2,9}\))?)?\s{0,3}",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_KIND: Final = re.compile(
    r"(?P<before>\s{0,40}(?:#{1,6}|[-*+])\s+)\[\[(?P<page>[^\[\]|]{1,60})\]\]\s+(?=[^\s\[|])"
)
_KINDS: Final = frozenset({"paper", "papers", "article", "preprint", "reading"})


def with_day_of_page(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Write the day on which a page was created as the day of its papers, if no other is there."""
    found = [(at, each) for at, (_, raw) in enumerate(lines) if (each := _CREATED.fullmatch(raw))]
    if len(found) != 1:
        return list(lines)
    [(at, created)] = found
    front = [raw for _, raw in lines[:_FRONT] if raw.strip()]
    others = [raw for raw in front if raw != lines[at][1]]
    if at >= _FRONT or not is_day(created["day"]) or any(map(_YEAR.search, others[:_FRONT])):
        return list(lines)
    return [*lines[:at], (lines[at][0], created["day"]), *lines[at + 1 :]]


def without_kinds(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Take away the page that the lines of papers link to before their titles."""
    found = {at: each for at, (_, raw) in enumerate(lines) if (each := _KIND.match(raw))}
    pages = Counter(_page(each) for each in found.values())
    return [
        (number, each["before"] + raw[each.end() :])
        if (each := found.get(at)) is not None
        and (_page(each) in _KINDS or pages[_page(each)] >= _FEWEST)
        else (number, raw)
        for at, (number, raw) in enumerate(lines)
    ]


def _page(found: re.Match[str]) -> str:
    return found["page"].casefold()
