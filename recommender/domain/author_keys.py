"""Domain: a number for who wrote a paper, by which papers of the same people are found.

It is no proof: who wrote it is compared where it matters. So names that are written in another
order, or only by a group, have other numbers or none, and that costs nothing but a find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from recommender.domain.titles import letters_of

_MOST_NAMES: Final = 5_000
_GENERATIONS: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
_GROUPS: Final = frozenset(
    {
        *("collaboration", "group", "consortium", "team", "contributors", "investigators"),
        *("network", "initiative", "committee", "project", "society", "association", "lab"),
        *("labs", "research", "institute", "university", "center", "centre"),
    }
)
_OTHER_ENDS: Final = _GENERATIONS | _GROUPS
# Most names are, and need no folding.
_PLAIN: Final = re.compile(r"(?P<initial>[A-Z])[A-Za-z.]*(?: [A-Za-z.]+)* (?P<family>[A-Za-z]{2,})")
# What fits into a column of eight bytes with a sign.
_BYTES: Final = 8


def authors_key(authors: Sequence[str]) -> int | None:
    """Return a number that is the same for the same people, in whichever order; None for nobody.

    Parameters
    ----------
    authors : sequence of str
        ``Jane A. Doe`` and ``J. Doe`` are the same.

    Examples
    --------
    >>> authors_key(["Jane A. Doe", "Max Roe"]) == authors_key(["M. Roe", "J. Doe"])
    True
    >>> authors_key(["Example Collaboration"])
    """
    return _key_of(tuple(authors[:_MOST_NAMES]))


# One after the other, several ask for the people of one paper.
@lru_cache(maxsize=1_000)
def _key_of(authors: tuple[str, ...]) -> int | None:
    people = sorted(filter(None, map(_person, authors)))
    if not people:
        return None
    digest = blake2b("|".join(people).encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest, signed=True)


def _person(name: str) -> str:
    """Return the family name and the first letter of the given one; empty for a group."""
    plain = _PLAIN.fullmatch(name)
    if plain is not None and plain["family"].lower() not in _OTHER_ENDS:
        return f"{plain['family']} {plain['initial']}".lower()
    words = [letters for word in name.split() if (letters := letters_of(word))]
    while len(words) > 1 and words[-1] in _GENERATIONS:
        words.pop()
    if len(words) < 2 or words[-1] in _GROUPS:  # noqa: PLR2004, a given name and a family name
        return ""
    return f"{words[-1]} {words[0][0]}"
