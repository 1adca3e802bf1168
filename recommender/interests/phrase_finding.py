"""Interests room: the phrases of texts. Pure.

What the corpus knows as a phrase, acronyms with their long form where a text defines them, single
words that stand alone, modifiers with what they modify, and neighbours in titles.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from recommender.formulas import without_commands
from recommender.interests.acronyms import find_definitions
from recommender.interests.collocations import LONGEST, UNIT, Collocations, Role, key_of, terms_in
from recommender.interests.phrases import Phrase, Phrases

_LONGEST_MODIFIED = 4
_LONGEST_IN_TITLE = 3
_LONGEST_DEFINITION = 60
_URL = re.compile(r"https?://\S+|www\.\S+")
_POSSESSIVE = re.compile("['’]s$")
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

# What is given of the credit of its terms to what is second best: to a modifier with what happens
# to follow it, and to a word that stands in phrases only.
_WORTH_OF_MODIFIED = 0.7
_LEAST_SHARE_OF_WORD = 0.2
_NEVER_LAST = frozenset({Role.MODIFIER, Role.GENERIC})


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


def units_of(text: str, collocations: Collocations) -> list[Unit]:
    """Return the units of a text in order."""
    units = []
    end = -1
    for match in UNIT.finditer(text):
        start = match.start()
        continues = end >= 0 and text[end:start].isspace()
        units.append(Unit(*_read_unit(match.group(), collocations), start, continues))
        end = match.end()
    return units


@lru_cache(maxsize=20_000)
def _read_unit(
    written: str, collocations: Collocations
) -> tuple[str, str, tuple[str, ...], Role | None]:
    """Return key, surface, terms and role: a corpus repeats its words."""
    key = key_of(written)
    surface = written if key in collocations.names else _in_sentence(written)
    return key, surface, terms_in(written), collocations.roles.get(key)


def _in_sentence(written: str) -> str:
    """Return a unit without capitals that only begin words: titles have them everywhere."""
    if all(part[1:].islower() or not part[0].isupper() for part in _PART.findall(written)):
        return _PART.sub(_small, written)
    return written


def _small(match: re.Match[str]) -> str:
    word = match.group()
    return word.lower() if word.isalpha() else word


def phrases_in(
    titles: Sequence[str],
    abstracts: Sequence[str],
    collocations: Collocations,
    *,
    least_share: float = 0.0,
) -> Phrases:
    """Return what of some texts can be shown.

    Phrases that the corpus knows, acronyms with their long form where a text defines them, single
    words that stand alone, modifiers with what they modify, and neighbours in titles.

    Parameters
    ----------
    titles, abstracts : sequence of str
        Any number of each; the last titles are those of the abstracts, the first of no paper.
    collocations : Collocations
        Of the corpus.
    least_share : float
        Phrases that are given less of each of their terms are left out.
    """
    texts = [_URL.sub(" . ", without_commands(text)) for text in (*titles, *abstracts)]
    read = [units_of(text, collocations) for text in texts]
    acronyms = _Acronyms(read, texts)
    of_term = Counter(term for units in read for unit in units for term in {*unit.terms})
    n_stated = len(titles) - len(abstracts)
    first: dict[str, _Place] = {}
    paper_of: dict[str, int] = {}
    repeated: set[str] = set()
    times: Counter[str] = Counter()
    longer: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, units in enumerate(read):
        paper = (number - n_stated) % max(1, len(abstracts))
        places = _places(units, collocations, acronyms, is_title=number < len(titles))
        for place in places:
            first.setdefault(place.key, place)
            times[place.key] += place.counts
            if number < n_stated or paper_of.setdefault(place.key, paper) != paper:
                repeated.add(place.key)
        for inner, outer in _nestings(places):
            longer[inner.key][outer.key] += 1
    surfaces: dict[str, str] = {}
    for unit in (unit for units in read for unit in units if unit.role is not Role.VERB):
        for term in unit.terms:
            surfaces.setdefault(term, unit.surface)
    phrases = (
        _phrase(place, times[key], longer[key], of_term, is_repeated=key in repeated)
        for key, place in first.items()
    )
    return Phrases((each for each in phrases if max(each.shares) >= least_share), surfaces)


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


def _places(
    units: Sequence[Unit], collocations: Collocations, acronyms: _Acronyms, *, is_title: bool
) -> list[_Place]:
    """Return everything of a text that can be shown, in order."""
    places = [*_phrases(units, collocations, acronyms)]
    places += _words(units, covered={at for place in places for at in place.range})
    places += _modified(units, covered={at for place in places for at in place.range})
    if is_title:
        places += _neighbours(units, [place.range for place in places])
    return sorted(places, key=lambda place: place.range.start)


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
    """Yield modifiers that no phrase has, with all that they modify."""
    for start, first in enumerate(units):
        if first.role is not Role.MODIFIER or start in covered:
            continue
        end = start + 1
        while end - start <= _LONGEST_MODIFIED and _goes_on(units, end):
            end += 1
        modified = tuple(units[start:end])
        if 1 < len(modified) <= _LONGEST_MODIFIED and _may_end(modified[-1]):
            yield _Place(
                _key(modified),
                modified,
                range(start, end),
                worth=_WORTH_OF_MODIFIED,
                kind=_Kind.MODIFIED,
            )


def _neighbours(units: Sequence[Unit], known: Sequence[range]) -> Iterator[_Place]:
    """Yield what stands side by side in a title, of which pairs must carry to be a phrase."""
    for end in range(2, len(units) + 1):
        if _goes_on(units, end) or not _may_end(units[end - 1]):
            continue
        start = end - 1
        while start > 0 and end - start < _LONGEST_IN_TITLE and _goes_on(units, start):
            start -= 1
            run = tuple(units[start:end])
            if not run[0].terms or run[0].role is Role.VERB:
                break
            if not any(place.start < start < place.stop for place in known):
                yield _Place(_key(run), run, range(start, end), kind=_Kind.NEIGHBOURS)


def _goes_on(units: Sequence[Unit], at: int) -> bool:
    """Return whether a unit follows that may belong to the same noun phrase."""
    if at >= len(units):
        return False
    unit = units[at]
    return unit.continues and bool(unit.terms) and unit.role is not Role.VERB


def _may_end(unit: Unit) -> bool:
    return unit.role not in _NEVER_LAST and not unit.key.endswith("ed")


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
    surface = _POSSESSIVE.sub("", " ".join(unit.surface for unit in place.units))
    is_bound = place.kind is _Kind.NEIGHBOURS
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
        pairs=tuple(map(" ".join, between if is_bound else (*inside, *between))),
        is_bound=is_bound,
        sign=sign,
        is_acronym=place.kind is _Kind.DEFINED,
        is_repeated=is_repeated,
    )
