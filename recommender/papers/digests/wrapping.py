"""Room 1, papers: where a file breaks its lines, and how they become one again. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.markdown_lines import Line
from recommender.papers.digests.prose import LONGEST_TITLE

_LONGEST_WRAPPED_LINE: Final = 160
_SHORTEST_RUN: Final = 3
_ONE_OF: Final = 20
_RAGGED: Final = 5
_CLEARLY: Final = 2
_HYPHENATED: Final = re.compile(r"[^\W\d_]-\Z")
_PARTED: Final = re.compile(
    r"[a-z]{2}- (?!(?:and|or|to|nor|but|versus|vs|und|oder|et|ou|y|o)\b)[a-z]{2}"
)
_SUSPENDED: Final = re.compile(r"(?:and|or|to|nor|but|versus|vs|und|oder|et|ou|y|o)\b")


def wrapped_at(lines: Sequence[Line | None]) -> int:
    """Return how long lines are where paragraphs go over several; 0 where each is on one line.

    It is the greatest length near which many lines end that go on: a heading or a list of authors
    that is not wrapped does not matter.
    """
    lengths: list[int] = []
    lasts: list[int] = []
    alone = 0
    run: list[Line] = []
    for line in (*lines, None):
        if line is not None and not line.marks and not line.is_rule:
            run.append(line)
            continue
        if len(run) >= _SHORTEST_RUN:
            lengths += [
                each.indent + len(each.whole)
                for each in run[:-1]
                if not each.is_links and (each.label is None or each.label[0] == "abstract")
            ]
            alone += len(run[-1].whole) if len(run[-1].whole) > LONGEST_TITLE else 0
            lasts += [len(run[-1].whole)] if not run[-1].is_links else []
        else:
            alone += sum(len(each.whole) for each in run if len(each.whole) > LONGEST_TITLE)
        run = []
    wrapped = sorted(length for length in lengths if length <= _LONGEST_WRAPPED_LINE)
    if sum(wrapped) <= sum(lengths) - sum(wrapped) + alone:
        return 0
    width = _width_of(wrapped)
    # The last line of what is wrapped is no longer than the others, and of these few are longer.
    longer = sum(last for last in lasts if width + _RAGGED < last <= LONGEST_TITLE)
    beyond = sum(length for length in wrapped if length > width + _RAGGED)
    return 0 if sum(wrapped) <= max(longer, 2 * beyond) else width


def _width_of(wrapped: Sequence[int]) -> int:
    enough = max(2, len(wrapped) // _ONE_OF)
    for index in range(len(wrapped) - 1, enough - 2, -1):
        if wrapped[index] - wrapped[index - enough + 1] <= _RAGGED:
            return wrapped[index]
    return wrapped[-1]


def joined_lines(parts: Sequence[str], number: int, *, at_hyphens: bool | None) -> str:
    """Join wrapped lines; ``at_hyphens`` says whether ``self-/attention`` was one word.

    Raises
    ------
    DigestError
        Where a line ends with a hyphen that may be either; ``number`` is the line of the first.
    """
    joined: list[str] = []
    for part in parts:
        if joined and part:
            broken = _HYPHENATED.search(joined[-1][-2:]) and not _SUSPENDED.match(part)
            # "unprece- dented" within a line: what is parted so was parted before it was wrapped.
            if broken and (at_hyphens is None or any(map(_PARTED.search, parts))):
                raise DigestError(
                    f"line {number}",
                    f"'{joined[-1][-20:]}' at the end of a line may be half a word or a whole one; "
                    "join the lines of the paragraph",
                )
            joined.append("" if broken and at_hyphens else " ")
        if part:
            joined.append(part)
    return "".join(joined)


def breaks_at_hyphens(lines: Sequence[str], width: int) -> bool | None:
    """Whether whoever wrapped these lines broke words at their hyphens: some do, some never.

    Who never does puts "state-of-the-art" on a new line although "state-" had room. None where
    signs of both are there: then a hyphen at an end may be either. Blank lines are empty.
    """
    broken = kept = 0
    for above, line in pairwise(lines):
        if not above or not line or len(line) > _LONGEST_WRAPPED_LINE:
            continue
        first = line.split(maxsplit=1)[0]
        if _HYPHENATED.search(above[-2:]) and not _SUSPENDED.match(line):
            broken += 1
        elif _HYPHENATED.search(before := first[: first.find("-", 1) + 1][-2:]) and before:
            room = width - len(above) - 1
            kept += len(above) + len(first) >= width and first.find("-", 1) + 1 <= room
    if not broken or broken > _CLEARLY * kept:
        return True
    return None if kept <= _CLEARLY * broken else False
