"""Interests room: the phrases of texts, and which of them say best what terms carried. Pure.

Terms are what is counted and weighed; phrases are what people read, as a text has them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from recommender.interests.acronyms import find_definitions
from recommender.interests.collocations import LONGEST, UNIT, Collocations, Role, key_of, terms_in

_LONGEST_MODIFIED = 3
_LONGEST_IN_TITLE = 3
_LONGEST_DEFINITION = 60
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

# What is given of the credit of its terms to what is second best: to a modifier with what happens
# to follow it, and to a word that stands in phrases only.
_WORTH_OF_MODIFIED = 0.7
_LEAST_SHARE_OF_WORD = 0.2
_LEAST_NEW = 0.5
_NEVER_LAST = frozenset({Role.MODIFIER, Role.GENERIC})
_LEAST_STEM, _STEM = 4, 6


class Unit(NamedTuple):
    """One word of a text, with what hyphens join to it.

    Attributes
    ----------
    key, surface : str
        What it counts as, and how it is shown.
    terms : tuple of str
        Of its parts; none for a function word.
    role : Role or None
        None where it can be shown alone.
    start : int
        Where it stands in the text.
    continues : bool
        Whether nothing but space is between it and the unit before.
    """

    key: str
    surface: str
    terms: tuple[str, ...]
    role: Role | None
    start: int
    continues: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that may be shown.

    Attributes
    ----------
    key : str
        Equal for what counts as the same.
    surface : str
    terms : tuple of str
        Each once.
    shares : tuple of float
        Of each term, which share of what it carried this phrase is given, in [0, 1].
    pairs : tuple of str
        Pairs of neighbours in it, which may have carried too.
    binding : tuple of str
        Those among them that must have carried; none where the corpus knows the phrase.
    sign : str or None
        A term that stands for the whole: an acronym, or a modifier that no phrase has.
    is_acronym : bool
        Whether it is a long form and its acronym, which say the same.
    is_repeated : bool
        Whether two of the papers have it, or a text that is of no paper.
    """

    key: str
    surface: str
    terms: tuple[str, ...]
    shares: tuple[float, ...]
    pairs: tuple[str, ...] = ()
    binding: tuple[str, ...] = ()
    sign: str | None = None
    is_acronym: bool = False
    is_repeated: bool = False

    def credit(self, carried: Mapping[str, float]) -> float:
        """Return what the phrase carried, where its terms and pairs carried so much."""
        if not all(pair in carried for pair in self.binding):
            return 0.0
        own = self.own(carried)
        if self.is_acronym:
            return max(own[-1], sum(own[:-1]))
        return sum(own) + min(self.shares) * sum(carried.get(pair, 0.0) for pair in self.pairs)

    def own(self, carried: Mapping[str, float]) -> list[float]:
        """Return what each of the terms carried here."""
        return [
            carried.get(term, 0.0) * share
            for term, share in zip(self.terms, self.shares, strict=True)
        ]


def choose(
    phrases: Iterable[tuple[float, Phrase]], carried: Mapping[str, float]
) -> Iterator[Phrase]:
    """Yield phrases that say different things, those that carried most first.

    Parameters
    ----------
    phrases : iterable of (float, Phrase)
        With what each carried. Of two that carried the same, the former goes first.
    carried : mapping of str to float
        What each term carried.
    """
    used: set[str] = set()
    for credit, phrase in sorted(phrases, key=lambda of: -of[0]):
        if credit <= 0:
            return
        own = phrase.own(carried)
        main = phrase.terms[own.index(max(own))]
        new = sum(each for term, each in zip(phrase.terms, own, strict=True) if term not in used)
        if phrase.binding and not used.isdisjoint(phrase.terms):
            continue
        if new >= _LEAST_NEW * sum(own) and not any(_are_akin(main, term) for term in used):
            used.update(phrase.terms)
            yield phrase


def _are_akin(left: str, right: str) -> bool:
    """Return whether two terms look like forms of one word: "molecule" and "molecular"."""
    if left[:_LEAST_STEM] != right[:_LEAST_STEM]:
        return False
    short = min(len(left), len(right))
    return left[:_STEM] == right[:_STEM] or left[:short] == right[:short]


def units_of(text: str, collocations: Collocations) -> list[Unit]:
    """Return the units of a text in order."""
    units = []
    end = -1
    for match in UNIT.finditer(text):
        written = match.group()
        key = key_of(written)
        units.append(
            Unit(
                key=key,
                surface=written if key in collocations.names else _in_sentence(written),
                terms=terms_in(written),
                role=collocations.roles.get(key),
                start=match.start(),
                continues=end >= 0 and text[end : match.start()].isspace(),
            )
        )
        end = match.end()
    return units


def _in_sentence(written: str) -> str:
    """Return a unit without capitals that only begin words: titles have them everywhere."""
    if all(part[1:].islower() or not part[0].isupper() for part in _PART.findall(written)):
        return _PART.sub(_small, written)
    return written


def _small(match: re.Match[str]) -> str:
    word = match.group()
    return word.lower() if word.isalpha() else word


def phrases_in(
    titles: Sequence[str], abstracts: Sequence[str], collocations: Collocations
) -> list[Phrase]:
    """Return what of some texts can be shown, in the order in which it stands there.

    Phrases that the corpus knows, acronyms with their long form where a text defines them, single
    words that stand alone, modifiers with what they modify, and neighbours in titles.

    Parameters
    ----------
    titles, abstracts : sequence of str
        Any number of each; the last titles are those of the abstracts, the first of no paper.
    collocations : Collocations
        Of the corpus.
    """
    read = [units_of(text, collocations) for text in (*titles, *abstracts)]
    acronyms = _Acronyms(read, (*titles, *abstracts))
    of_term = Counter(term for units in read for unit in units for term in {*unit.terms})
    first: dict[str, _Place] = {}
    times: Counter[str] = Counter()
    n_stated = len(titles) - len(abstracts)
    first_paper: dict[str, int] = {}
    repeated: set[str] = set()
    longer: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, units in enumerate(read):
        places = list(_phrases(units, collocations, acronyms))
        places += _words(units, covered={at for place in places for at in place.range})
        places += _modified(units, covered={at for place in places for at in place.range})
        if number < len(titles):
            places += _neighbours(units, [place.range for place in places])
        for place in sorted(places, key=lambda place: place.range.start):
            first.setdefault(place.key, place)
            times[place.key] += place.counts
            if number < n_stated:
                repeated.add(place.key)
            in_paper = (number - n_stated) % max(1, len(abstracts))
            if first_paper.setdefault(place.key, in_paper) != in_paper:
                repeated.add(place.key)
        for inner, outer in _nestings(places):
            longer[inner.key][outer.key] += 1
    return [
        _phrase(place, times[key], longer[key], of_term, is_repeated=key in repeated)
        for key, place in first.items()
    ]


def surfaces_of(texts: Iterable[str], collocations: Collocations) -> dict[str, str]:
    """Map each term of texts to the word, compounds whole, that has it first, verbs left out."""
    surfaces: dict[str, str] = {}
    for text in texts:
        for unit in units_of(text, collocations):
            if unit.role is not Role.VERB:
                for term in unit.terms:
                    surfaces.setdefault(term, unit.surface)
    return surfaces


class _Kind(Enum):
    """How it is known that words can be shown together, or alone."""

    KNOWN = "in the corpus"
    DEFINED = "acronym and long form"
    WORD = "alone"
    MODIFIED = "modifier and what it modifies"
    NEIGHBOURS = "side by side in a title"


class _Place(NamedTuple):
    """Where a phrase stands among the units of one text.

    Attributes
    ----------
    worth : float
        Factor on what its terms carried.
    kind : _Kind
    counts : bool
        Whether the terms stand here for this phrase, not for a longer one around it.
    """

    key: str
    units: tuple[Unit, ...]
    range: range
    worth: float = 1.0
    kind: _Kind = _Kind.KNOWN
    counts: bool = True


class _Acronyms:
    """What texts define: keys of long forms and of acronyms, and the words that both stand for."""

    def __init__(self, read: Sequence[Sequence[Unit]], texts: Sequence[str]) -> None:
        self.meant: dict[str, str] = {}
        self.units: dict[str, tuple[Unit, ...]] = {}
        for units, text in zip(read, texts, strict=True):
            for definition in find_definitions(text):
                long = tuple(
                    unit for unit in units if definition.start <= unit.start < definition.end
                )
                short = next(
                    unit for unit in units if definition.end <= unit.start < definition.closed
                )
                if len(text[definition.start : definition.end]) > _LONGEST_DEFINITION:
                    continue
                if short.terms and 0 < len(long) <= LONGEST:
                    self.units.setdefault(short.key, (*long, short))
                    self.meant.setdefault(short.key, short.key)
                    self.meant.setdefault(_key(long), short.key)


def _key(units: Iterable[Unit]) -> str:
    return " ".join(unit.key for unit in units)


def _phrases(
    units: Sequence[Unit], collocations: Collocations, acronyms: _Acronyms
) -> Iterator[_Place]:
    """Yield where phrases of the corpus stand, and acronyms and their long forms."""
    for start, first in enumerate(units):
        key = ""
        for end in range(start + 1, min(start + LONGEST, len(units)) + 1):
            if end > start + 1 and not units[end - 1].continues:
                break
            key = f"{key} {units[end - 1].key}" if key else first.key
            place = range(start, end)
            if key in acronyms.meant:
                meant = acronyms.meant[key]
                yield _Place(meant, acronyms.units[meant], place, kind=_Kind.DEFINED)
            elif end > start + 1 and key in collocations.phrases:
                yield _Place(key, tuple(units[start:end]), place)


def _words(units: Sequence[Unit], covered: Collection[int]) -> Iterator[_Place]:
    """Yield words that stand alone, and compounds."""
    for at, unit in enumerate(units):
        is_compound = unit.role is Role.MODIFIER and len(unit.terms) > 1
        if unit.terms and (unit.role is None or is_compound):
            yield _Place(
                unit.key,
                (unit,),
                range(at, at + 1),
                worth=_WORTH_OF_MODIFIED if is_compound else 1.0,
                kind=_Kind.WORD,
                counts=at not in covered,
            )


def _modified(units: Sequence[Unit], covered: Collection[int]) -> Iterator[_Place]:
    """Yield modifiers that no phrase has, with what they modify."""
    for start, first in enumerate(units):
        if first.role is not Role.MODIFIER or start in covered:
            continue
        for end in range(start + 2, min(start + _LONGEST_MODIFIED, len(units)) + 1):
            last = units[end - 1]
            if not last.continues or not last.terms or last.role is Role.VERB:
                break
            if last.role not in _NEVER_LAST and not last.key.endswith("ed"):
                modified = tuple(units[start:end])
                yield _Place(
                    _key(modified),
                    modified,
                    range(start, end),
                    worth=_WORTH_OF_MODIFIED,
                    kind=_Kind.MODIFIED,
                )
                break


def _neighbours(units: Sequence[Unit], known: Sequence[range]) -> Iterator[_Place]:
    """Yield what stands side by side in a title, of which pairs must carry to be a phrase."""
    for start in range(len(units)):
        for end in range(start + 2, min(start + _LONGEST_IN_TITLE, len(units)) + 1):
            run = tuple(units[start:end])
            if not run[-1].continues or not all(
                unit.terms and unit.role is not Role.VERB for unit in run
            ):
                break
            cuts_a_phrase = any(
                place.start < start < place.stop or place.start < end < place.stop
                for place in known
            )
            if run[-1].role not in _NEVER_LAST and not cuts_a_phrase:
                yield _Place(_key(run), run, range(start, end), kind=_Kind.NEIGHBOURS)


def _nestings(places: Sequence[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Yield phrases of several words with each longer one around them."""
    several = sorted(
        (place for place in places if len(place.range) > 1 and place.kind is not _Kind.NEIGHBOURS),
        key=lambda place: place.range.start,
    )
    for at, left in enumerate(several):
        for right in several[at + 1 :]:
            if right.range.start >= left.range.stop:
                break
            for inner, outer in ((left, right), (right, left)):
                if (
                    len(inner.range) < len(outer.range)
                    and inner.range.start >= outer.range.start
                    and inner.range.stop <= outer.range.stop
                ):
                    yield inner, outer


def _phrase(
    place: _Place,
    times: int,
    longer: Counter[str],
    of_term: Mapping[str, int],
    *,
    is_repeated: bool,
) -> Phrase:
    own: float = times
    if longer:
        # As in the C-value: less what stands in longer phrases, on their average.
        own -= longer.total() / len(longer)
    least = _LEAST_SHARE_OF_WORD if place.kind is _Kind.WORD else 0.0
    terms = tuple(dict.fromkeys(term for unit in place.units for term in unit.terms))
    inside = [pair for unit in place.units for pair in pairwise(unit.terms)]
    between = [
        (left.terms[-1], right.terms[0])
        for left, right in pairwise(place.units)
        if left.terms and right.terms
    ]
    surface = " ".join(unit.surface for unit in place.units)
    sign = None
    if place.kind is _Kind.DEFINED:
        *long, short = (unit.surface for unit in place.units)
        surface = f"{' '.join(long)} ({short})"
        sign = terms[-1]
    elif place.kind is _Kind.MODIFIED:
        sign = place.units[0].terms[-1]
    return Phrase(
        key=place.key,
        surface=surface,
        terms=terms,
        shares=tuple(place.worth * min(1.0, max(least, own / of_term[term])) for term in terms),
        pairs=tuple(map(" ".join, (*inside, *between))),
        binding=tuple(map(" ".join, between)) if place.kind is _Kind.NEIGHBOURS else (),
        sign=sign,
        is_acronym=place.kind is _Kind.DEFINED,
        is_repeated=is_repeated,
    )
