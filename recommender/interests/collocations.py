"""Interests room: which words of a corpus belong together, and which can stand alone. Pure.

Counted when the vocabulary is fitted, as the index keeps no texts. What counts as one word here is
a *unit*, a word with all that hyphens join to it: "text-to-image" is never cut.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.formulas import without_commands
from recommender.interests.terms import folded, term_of

IntArray = NDArray[np.int64]

LONGEST = 5
"""Units of a phrase: "reinforcement learning from human feedback"."""

MOST_PAPERS = 3_000
"""Papers that are counted. More name the same phrases and cost time."""

MOST_PHRASES = 10_000
_LEAST_PAPERS = 3
_LEAST_NPMI = 0.3
# Of phrases that begin with a vague word or have a function word: "memory footprint of LLMs".
_LEAST_NPMI_OF_LOOSE = 0.45
# Of a phrase's occurrences: followed by no further word of a name, and in no one longer phrase.
_LEAST_COMPLETE = 0.25
_LEAST_ON_ITS_OWN = 0.2
_LEAST_OCCURRENCES = 5
# Of a word's occurrences. "Enhance" acts in 77 of 100, "design" in 22; "medical" ends a noun phrase
# in 6, "speech" in 32, "LLM" in 78.
_LEAST_ACTING = 0.3
_LEAST_ACTING_OF_ING = 0.12
_LEAST_HEADING = 0.3
# Occurrences in each paper that has it: "challenge" 1.2, "speech" 3 (Church & Gale 1995).
_LEAST_BURSTINESS = 1.45
_LEAST_CAPITAL = 0.6

_WORD = r"[^\W_]+(?:['’][^\W_]+)?"
UNIT = re.compile(rf"{_WORD}(?:(?:[-‐‑]|(?<=\d)\.(?=\d)){_WORD})*")
"""A word, with what hyphens join to it, and with the decimals of a version: ``Qwen2.5-VL``."""
_PIECE = re.compile(rf"{UNIT.pattern}|\S")
_HYPHEN = re.compile("[-‐‑]")
_JOINT = re.compile("[-‐‑.]")

_DETERMINERS = frozenset(
    "a an the this these those our their its your his her each all every both some any such".split()  # noqa: SIM905 - reads as the list that it is
)
_BEFORE_VERBS = frozenset(
    "to we can could may might will would must cannot should they it not which that who".split()  # noqa: SIM905
)
_INSIDE = frozenset({"of", "from", "in", "to"})
"""What may stand inside of a phrase that is no term: "chain of thought"."""


class Role(StrEnum):
    """Why a unit is not shown alone.

    Attributes
    ----------
    VERB
        Or an adverb: part of no phrase.
    MODIFIER
        Shown with what it modifies.
    VAGUE
        A noun that papers of any subject have.
    GENERIC
        A modifier that papers of any subject have.
    """

    VERB = "verb"
    MODIFIER = "modifier"
    VAGUE = "vague"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True, eq=False)
class Collocations:
    """What the corpus says of phrases and of single units; all by `key_of`.

    Attributes
    ----------
    phrases : set of str
        Two to `LONGEST` units that belong together.
    roles : mapping of str to Role
        Of units that do not stand alone.
    names : set of str
        Units that have a capital inside sentences too.
    """

    phrases: frozenset[str] = frozenset()
    roles: Mapping[str, Role] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


NO_COLLOCATIONS = Collocations()


def key_of(unit: str) -> str:
    """Return what a unit counts as: lower case, one kind of hyphen, its plural folded."""
    if unit.isalnum():
        return folded(unit)
    *parts, last = _HYPHEN.split(unit)
    return "-".join([*(part.lower() for part in parts), folded(last)])


def terms_in(unit: str) -> tuple[str, ...]:
    """Return the terms of a unit's parts; none for a function word."""
    parts = (unit,) if unit.isalnum() else _JOINT.split(unit)
    return tuple(term for part in parts if (term := term_of(part)) is not None)


def find_collocations(documents: Iterable[tuple[str, str]]) -> Collocations:
    """Count which units of titles and abstracts belong together.

    A phrase stands in three papers, begins and ends with a term, has no verb, and however it is cut
    in two, the parts attract each other: normalised pointwise mutual information (Bouma 2009) of at
    least 0.3. As in the C-value (Frantzi et al. 2000) a phrase that hardly stands outside of one
    longer one is none.

    Parameters
    ----------
    documents : iterable of (title, abstract)
        `MOST_PAPERS` are enough.
    """
    pieces, ends = _Pieces(), []
    read = array("i", [0])
    for title, abstract in documents:
        for text in (title, abstract):
            read.extend(map(pieces.__getitem__, _PIECE.findall(without_commands(text))))
            read.append(0)
            ends.append(len(read))
    written = np.frombuffer(read, dtype=np.int32)
    sizes = np.array([end - start for start, end in pairwise([0, *ends])], dtype=np.int64)
    text_of = np.repeat(np.arange(len(sizes)), sizes)
    counted = _Counted(pieces, written, text_of // 2)
    names = _names(counted, pieces, written, is_title=text_of % 2 == 0)
    roles = _roles(counted, names)
    return Collocations(frozenset(_phrases(counted, roles)), roles, names)


class _Pieces(dict[str, int]):
    """Numbers of pieces of text as they stand, from 1; 0 is whatever ends a phrase."""

    def __init__(self) -> None:
        super().__init__()
        self.unit_of = array("i", [0])
        self.is_capital = array("b", [0])
        self.unit_keys = [""]
        self.has_term = array("b", [0])
        self._units: dict[str, int] = {}

    def __missing__(self, piece: str) -> int:
        if not piece[0].isalnum():
            self[piece] = 0
            return 0
        key = key_of(piece)
        unit = self._units.setdefault(key, len(self.unit_keys))
        if unit == len(self.unit_keys):
            self.unit_keys.append(key)
            self.has_term.append(bool(terms_in(piece)))
        self[piece] = number = len(self.unit_of)
        self.unit_of.append(unit)
        self.is_capital.append(piece[0].isupper())
        return number


class _Counted:
    """The corpus as one row of unit numbers, 0 between phrases.

    Attributes
    ----------
    units, paper : ndarray of int, shape (n_places,)
    times : ndarray of int, shape (n_units,)
        How often each stands in the corpus.
    has_term : ndarray of bool, shape (n_units,)
    ends_after : ndarray of bool, shape (n_places,)
        Whether a noun phrase may end at this place: no term follows, and no determiner either,
        which verbs have after them.
    """

    def __init__(self, pieces: _Pieces, written: NDArray[np.int32], paper: IntArray) -> None:
        self.keys = pieces.unit_keys
        self.units: IntArray = np.frombuffer(pieces.unit_of, np.int32)[written].astype(np.int64)
        self.paper = paper
        self.times = np.bincount(self.units, minlength=len(self.keys))
        self.has_term = np.frombuffer(pieces.has_term, np.int8).astype(bool)
        self.follows = np.append(self.units[1:], 0)
        determines = np.array([key in _DETERMINERS for key in self.keys])
        self.is_determined = determines[self.follows]
        self.ends_after = ~self.has_term[self.follows] & ~self.is_determined

    def share(self, where: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return in which share of its places each unit is where it is asked for."""
        found = np.bincount(self.units[where], minlength=len(self.keys))
        return found / np.maximum(self.times, 1)


def _roles(counted: _Counted, names: frozenset[str]) -> dict[str, Role]:
    """Return why units do not stand alone, by where they do; rare ones are taken for nouns."""
    keys, times = counted.keys, counted.times
    precedes = np.array([key in _BEFORE_VERBS for key in keys])
    before = np.insert(counted.units[:-1], 0, 0)
    acting = counted.share(counted.is_determined | precedes[before])
    heading = counted.share(counted.ends_after)
    burstiness = times / np.maximum(_papers_of(counted.units, counted.paper, len(keys)), 1)
    known = np.flatnonzero((times >= _LEAST_OCCURRENCES) & counted.has_term)
    roles = {}
    for unit in known.tolist():
        key, heads = keys[unit], heading[unit] >= _LEAST_HEADING
        is_vague = burstiness[unit] < _LEAST_BURSTINESS
        least_acting = _LEAST_ACTING_OF_ING if key.endswith("ing") else _LEAST_ACTING
        if acting[unit] >= least_acting or (key.endswith("ly") and (is_vague or not heads)):
            roles[key] = Role.VERB
        elif is_vague and key not in names:
            roles[key] = Role.VAGUE if heads else Role.GENERIC
        elif not heads:
            roles[key] = Role.MODIFIER
    return roles


def _names(
    counted: _Counted,
    pieces: _Pieces,
    written: NDArray[np.int32],
    *,
    is_title: NDArray[np.bool_],
) -> frozenset[str]:
    """Name the units that are mostly written with a capital inside of abstracts' sentences."""
    inside = np.flatnonzero((counted.units[:-1] > 0) & ~is_title[1:]) + 1
    capital = np.frombuffer(pieces.is_capital, np.int8)[written[inside]]
    times = np.bincount(counted.units[inside], minlength=len(counted.keys))
    capitals = np.bincount(counted.units[inside], capital, minlength=len(counted.keys))
    papers = _papers_of(counted.units, counted.paper, len(counted.keys))
    found = (papers >= _LEAST_PAPERS) & (capitals >= _LEAST_CAPITAL * np.maximum(times, 1))
    found &= counted.has_term
    return frozenset(counted.keys[unit] for unit in np.flatnonzero(found).tolist())


def _papers_of(grams: IntArray, paper: IntArray, n_grams: int) -> IntArray:
    """Count in how many papers each gram stands."""
    papers = int(paper[-1]) + 1 if len(paper) else 1
    # Sorting is a third of the time of numpy's unique, which hashes.
    places = np.sort(grams * papers + paper)
    is_first = np.append(True, places[1:] != places[:-1])[: len(places)]
    return np.bincount(places[is_first] // papers, minlength=n_grams)


@dataclass(frozen=True, slots=True, eq=False)
class _Grams:
    """What stands in enough papers, of one number of units.

    Attributes
    ----------
    number : ndarray of int, shape (n_places,)
        Of the gram that begins at each place, from 1; 0 where none does.
    times : ndarray of float, shape (n_grams + 1,)
        How often each stands in the corpus.
    start : ndarray of int, shape (n_grams,)
        One place where each stands.
    burstiness, completeness : ndarray of shape (n_grams,)
        How often it stands in a paper that has it, and in which share of its places it is the end
        of a noun phrase.
    """

    number: IntArray
    times: NDArray[np.float64]
    start: IntArray
    burstiness: NDArray[np.float64]
    completeness: NDArray[np.float64]


def _phrases(counted: _Counted, roles: Mapping[str, Role]) -> list[str]:
    """Return the phrases, those that stand most often first."""
    is_part = _may_be_inside(counted, roles)
    first = np.where(is_part & (counted.times >= _LEAST_PAPERS), np.arange(len(is_part)), 0)
    grams = [
        _Grams(
            first[counted.units],
            counted.times.astype(np.float64),
            start=np.zeros(0, dtype=np.int64),
            burstiness=np.zeros(0),
            completeness=np.zeros(0),
        )
    ]
    while len(grams) < LONGEST:
        grams.append(_longer_by_one(counted, grams[-1], len(grams) + 1))
    found: list[tuple[float, str]] = []
    longer = np.zeros(len(grams[-1].start))
    for n in range(LONGEST, 1, -1):
        own, often = grams[n - 1], grams[n - 1].times[1:]
        is_phrase = _is_phrase(counted, roles, grams, n)
        kept = is_phrase & (often - longer >= _LEAST_ON_ITS_OWN * often)
        for at, times in zip(own.start[kept].tolist(), often[kept].tolist(), strict=True):
            found.append(
                (times, " ".join(counted.keys[unit] for unit in counted.units[at : at + n]))
            )
        inner = grams[n - 2]
        # What is no phrase itself hands on the longer one that it stands in.
        around = np.maximum(np.where(is_phrase, often, 0), longer)
        most = np.zeros(len(inner.times))
        for place in (own.start, own.start + 1):
            np.maximum.at(most, inner.number[place], around)
        longer = most[1:]
    found.sort(key=lambda phrase: (-phrase[0], phrase[1]))
    return [phrase for _, phrase in found[:MOST_PHRASES]]


def _may_be_inside(counted: _Counted, roles: Mapping[str, Role]) -> NDArray[np.bool_]:
    """Return of each unit whether a phrase may have it."""
    return np.array(
        [
            roles.get(key) is not Role.VERB if has_term else key in _INSIDE
            for key, has_term in zip(counted.keys, counted.has_term.tolist(), strict=True)
        ]
    )


def _longer_by_one(counted: _Counted, shorter: _Grams, n: int) -> _Grams:
    """Return the grams of n units, whose first and last n - 1 stand in enough papers."""
    begins = shorter.number > 0
    at = np.flatnonzero(begins[:-1] & begins[1:])
    if n == 2:  # noqa: PLR2004 - two function words side by side are part of no phrase
        at = at[counted.has_term[counted.units[at]] | counted.has_term[counted.units[at + 1]]]
    code = shorter.number[at] * len(shorter.times) + shorter.number[at + 1]
    _, first, gram = np.unique(code, return_index=True, return_inverse=True)
    papers = _papers_of(gram, counted.paper[at], len(first))
    kept = papers >= _LEAST_PAPERS
    number = np.zeros(len(counted.units), dtype=np.int64)
    number[at] = np.where(kept, np.cumsum(kept), 0)[gram]
    times = np.bincount(number, minlength=np.count_nonzero(kept) + 1).astype(np.float64)
    complete = np.bincount(number[at], counted.ends_after[at + n - 1], minlength=len(times))
    return _Grams(
        number, times, at[first[kept]], times[1:] / papers[kept], complete[1:] / times[1:]
    )


def _is_phrase(
    counted: _Counted, roles: Mapping[str, Role], grams: Sequence[_Grams], n: int
) -> NDArray[np.bool_]:
    """Return of each gram of n units whether it is a phrase; see `find_collocations`."""
    own, total = grams[n - 1], np.count_nonzero(counted.units)
    together = np.log(own.times[1:] / total)
    weakest = np.full(len(own.start), np.inf)
    for cut in range(1, n):
        left, right = grams[cut - 1], grams[n - cut - 1]
        apart = np.log(left.times[left.number[own.start]] / total)
        apart += np.log(right.times[right.number[own.start + cut]] / total)
        weakest = np.minimum(weakest, (together - apart) / -together)
    vague = np.array([roles.get(key) in {Role.VAGUE, Role.GENERIC} for key in counted.keys])
    participle = np.array([key.endswith("ed") for key in counted.keys])
    units = counted.units[own.start[:, None] + np.arange(n)]
    starts, ends, inside = units[:, 0], units[:, -1], ~counted.has_term[units]
    only_vague = (vague[units] | inside).all(axis=1)
    is_loose = vague[starts] | inside.any(axis=1)
    repeats = (units[:, 1:] == units[:, :-1]).any(axis=1)
    least = np.where(is_loose, _LEAST_NPMI_OF_LOOSE, _LEAST_NPMI)
    whole: NDArray[np.bool_] = (
        (weakest >= least)
        & (own.completeness >= _LEAST_COMPLETE)
        & counted.has_term[starts]
        & counted.has_term[ends]
        & ~repeats
        & ~participle[ends]
        & ~(inside.any(axis=1) & vague[starts])
        & ~(only_vague & (own.burstiness < _LEAST_BURSTINESS))
    )
    return whole
