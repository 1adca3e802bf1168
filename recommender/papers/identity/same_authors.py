"""Room 1, papers: whether two lists of authors are one paper's. Pure.

A digest's text may name families and initials, a journal whole names in another order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from recommender.domain.titles import letters_of
from recommender.papers.text.author_lists import is_body, normal_name

_MOST_NAMES_COMPARED: Final = 20
_NOT_DECOMPOSED: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "a", "œ": "o"})
_TWO_FOR_AN_UMLAUT: Final = re.compile("[aou]e|aa")
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})


def authors_agree(some: Sequence[str], others: Sequence[str]) -> bool | None:
    """Whether two lists of authors are one paper's; None where one names nobody.

    Half of the shorter list, or its first 20, are in the other one. Names are the same by family
    name and initial, or by the same words in another order.
    """
    if not some or not others:
        return None
    if some == others:
        return True
    shorter, longer = sorted((_names(tuple(some)), _names(tuple(others))), key=len)
    if not shorter or not longer or _is_in_latin(shorter) != _is_in_latin(longer):
        return None
    compared = shorter[:_MOST_NAMES_COMPARED]
    theirs = _Known.of(longer)
    return 2 * sum(map(theirs.has, compared)) >= len(compared)


def are_the_same_authors(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two lists name as many people, and the same; False where one names nobody."""
    names, theirs = _names(tuple(some)), _names(tuple(others))
    known = _Known.of(theirs)
    return bool(names) and len(names) == len(theirs) and all(map(known.has, names))


def has_all_authors(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    """Whether everybody of one list is read in the other one too, by family name and initial."""
    known = {name.read for name in _names(tuple(longer))}
    return all(name.read in known for name in _names(tuple(shorter)))


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it can be read.

    Attributes
    ----------
    read : (str, str)
        The family name and the first letter of the given one, which is empty where there is none.
    otherwise : frozenset of (str, str)
        The same with the family name first, or with two family names of which one may be left out.
    words : frozenset of str
        All words that are written out.
    """

    read: tuple[str, str]
    otherwise: frozenset[tuple[str, str]]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the names of one list are compared with."""

    read: frozenset[tuple[str, str]]
    otherwise: frozenset[tuple[str, str]]
    families: frozenset[str]
    lone: frozenset[str]
    words: frozenset[frozenset[str]]

    @classmethod
    def of(cls, names: Sequence[_Name]) -> _Known:
        read = frozenset(name.read for name in names)
        otherwise = frozenset(each for name in names for each in name.otherwise)
        return cls(
            read,
            otherwise,
            frozenset(family for family, _ in read | otherwise),
            frozenset(family for family, initial in read if not initial),
            frozenset(name.words for name in names if len(name.words) > 1),
        )

    def has(self, name: _Name) -> bool:
        family, initial = name.read
        return (
            name.read in self.read
            or name.read in self.otherwise
            or not name.otherwise.isdisjoint(self.read)
            or name.words in self.words
            or not self.lone.isdisjoint({family, *name.words})
            or (not initial and family in self.families)
        )


@lru_cache(maxsize=2_000)
def _names(authors: tuple[str, ...]) -> tuple[_Name, ...]:
    found = []
    for author in authors:
        name = normal_name(author)
        words = [letters for word in name.split() if (letters := _plain(word.strip(",")))]
        if words and not is_body(name):
            found.append(_read_name(words))
    return tuple(found)


def _read_name(words: list[str]) -> _Name:
    if len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    whole = frozenset(word for word in words if len(word) > 1)
    full = len(words)
    while full > 1 and len(words[full - 1]) == 1:
        full -= 1
    if full < len(words) and len(words[full - 1]) > 1:
        # "Doe A B": what stands behind the family name are initials.
        return _Name((words[full - 1], words[full][0]), frozenset(), whole)
    family, *given = words[-1], *words[:-1]
    initial = given[0][0] if given else ""
    otherwise = set()
    if len(given) == 1 and len(given[0]) > 1:
        otherwise.add((given[0], family[0]))
    elif given and len(given[-1]) > 1:
        otherwise |= {(given[-1], initial), (given[-1] + family, initial)}
    return _Name((family, initial), frozenset(otherwise), whole)


def _plain(word: str) -> str:
    """Reduce a word of a name to what Müller, Mueller and Muller share."""
    return _TWO_FOR_AN_UMLAUT.sub(_one_letter, letters_of(word).translate(_NOT_DECOMPOSED))


def _one_letter(found: re.Match[str]) -> str:
    return found[0][0]


def _is_in_latin(names: Sequence[_Name]) -> bool:
    return any(letter.isascii() for name in names for letter in name.read[0])
