"""Room 1, papers: where a title of several lines ends and its authors begin. Pure.

A line that happens to be full does not show whether its text goes on below it, and the last line of
a title may read like names: "Perspective Distillation and Unlabeled Data / Augmentation". But what
a title says its abstract says again, and nobody's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from recommender.papers.digests.prose import is_list_of_names
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.conjunctions import BETWEEN_NAMES
from recommender.papers.text.paper_details import names_periodical

_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_STEM: Final = 5
_SEPARATES: Final = re.compile(r",|、|，|\band\b|&")
_ET_AL: Final = re.compile(r",?\s+et\.?\s+al\.?\Z")
_MOST_LINES: Final = 20
_FEWEST: Final = 2
_NOBODY: Final = 1 / 2
_SOMEBODY: Final = 1 / 3
"""How much of a line the abstract says again: of titles more than the one, of names less than the
other."""


def authors_from(lines: Sequence[str], abstract: str, *, expected: bool) -> int | None:
    """Return with which line of a title its authors begin.

    Parameters
    ----------
    lines : sequence of str
        The title's, and perhaps those of its authors.
    abstract : str
    expected : bool
        Whether other papers name their authors there.

    Returns
    -------
    int or None
        0 where none of them names anybody, None where that cannot be told.
    """
    said = _stems(abstract)
    shares = [_share(line, said) for line in lines]
    first = next(
        (
            at
            for at in range(max(1, len(lines) - _MOST_LINES), len(lines))
            if shares[at] <= _SOMEBODY and _are_names(rest := " ".join(lines[at:]))
            if _share(rest, said) <= _SOMEBODY
        ),
        len(lines),
    )
    named = [part.strip() for part in _SEPARATES.split(" ".join(lines[first:])) if part.strip()]
    # "Challenges, Methods, and Trends" are nobody's names.
    several_words = sum(" " in part for part in named)
    if not expected and (len(named) <= _FEWEST or 2 * several_words < len(named)):
        return 0
    if expected and any(share < _NOBODY for share in shares[1:first]):
        return None
    if first == len(lines):
        return 0
    is_certain = _SEPARATES.search(lines[first]) and len(_stems(lines[first])) >= _FEWEST
    return first if is_certain else None


def share_said_again(text: str, abstract: str) -> float:
    """Return how much of a text its abstract says again, from 0 to 1: of titles much."""
    return _share(text, _stems(abstract))


def are_authors(text: str, abstract: str) -> bool:
    """Whether a text beside a title is names, which the abstract does not say again."""
    first = _ET_AL.sub("", text)
    parts = BETWEEN_NAMES.split(first)
    # "(Aves, Paridae)" are no authors.
    several_words = 2 * sum(" " in part or "." in part for part in parts) >= len(parts)
    is_named = (several_words and bool(names_alone(first))) or (first != text and " " not in first)
    is_named &= not names_periodical(first)
    return is_named and share_said_again(first, abstract) <= _SOMEBODY


def _stems(text: str) -> set[str]:
    return {word[:_STEM].casefold() for word in _WORD.findall(text)}


def _share(line: str, said: set[str]) -> float:
    stems = _stems(line)
    return len(stems & said) / len(stems) if stems else 0.0


def _are_names(text: str) -> bool:
    return is_list_of_names(text) or bool(names_alone(text))
