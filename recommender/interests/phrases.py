"""Interests room: phrases, and which of them say best what terms carried. Pure.

Terms are what is counted and weighed; phrases are what people read, as a text has them. See
`phrase_finding` for what of a text is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

# Of what a phrase carried, how much must be by terms that no phrase before it has.
_LEAST_NEW = 0.5
# Letters in which forms of one word are alike: "math" and "mathematical", "molecule", "molecular".
_LEAST_STEM, _STEM = 4, 6
_PAIR = 100
"""What a pair counts beside a term where both are counted in one number."""


@dataclass(frozen=True, slots=True, eq=False)
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
    is_bound : bool
        Whether all of ``pairs`` must have carried: the corpus does not know the phrase.
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
    is_bound: bool = False
    sign: str | None = None
    is_acronym: bool = False
    is_repeated: bool = False

    def own(self, carried: Mapping[str, float]) -> list[float]:
        """Return what each of the terms carried here."""
        return [
            carried.get(term, 0.0) * share
            for term, share in zip(self.terms, self.shares, strict=True)
        ]


class Phrases:
    """What of some texts can be shown, by the terms that it is of.

    Parameters
    ----------
    phrases : iterable of Phrase
        In the order in which they stand in the texts.
    surfaces : mapping of str to str
        Of each term, a word that has it.

    Attributes
    ----------
    phrases : tuple of Phrase
    keys : set of str
    surfaces
    """

    def __init__(self, phrases: Iterable[Phrase], surfaces: Mapping[str, str]) -> None:
        self.phrases = tuple(phrases)
        self.keys = frozenset(phrase.key for phrase in self.phrases)
        self.surfaces = surfaces
        self._of_term: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, phrase in enumerate(self.phrases):
            for term, share in zip(phrase.terms, phrase.shares, strict=True):
                self._of_term[term].append((at, share))
            for pair in phrase.pairs:
                self._of_term[pair].append((at, min(phrase.shares)))

    def weigh(self, carried: Mapping[str, float]) -> list[tuple[float, Phrase]]:
        """Return what phrases carried, those most of whose terms did, in their order.

        "Prompt optimization" is not the reason where "optimization" alone carried.

        Parameters
        ----------
        carried : mapping of str to float
            What each term and pair of terms carried.
        """
        credit: dict[int, float] = {}
        times: dict[int, int] = {}
        for term, value in carried.items():
            counts = _PAIR if " " in term else 1
            # Not by indexing, which would add the term.
            for at, share in self._of_term.get(term, ()):
                if at in credit:
                    credit[at] += value * share
                    times[at] += counts
                else:
                    credit[at] = value * share
                    times[at] = counts
        weighed = []
        for at in sorted(credit):
            phrase = self.phrases[at]
            n_pairs, n_terms = divmod(times[at], _PAIR)
            if 2 * n_terms <= len(phrase.terms) and phrase.sign not in carried:
                continue
            if phrase.is_bound and n_pairs < len(phrase.pairs):
                continue
            own = credit[at]
            if phrase.is_acronym:
                short = carried.get(phrase.terms[-1], 0.0) * phrase.shares[-1]
                own = max(short, own - short)
            weighed.append((own, phrase))
        return weighed


def choose(
    weighed: Iterable[tuple[float, Phrase]], carried: Mapping[str, float]
) -> Iterator[Phrase]:
    """Yield phrases that say different things, those that carried most first.

    Parameters
    ----------
    weighed : iterable of (float, Phrase)
        What each carried. Of two that carried the same, the former goes first.
    carried : mapping of str to float
        What each term carried.
    """
    used: set[str] = set()
    for credit, phrase in sorted(weighed, key=itemgetter(0), reverse=True):
        if credit <= 0:
            return
        if used and not _is_new(phrase, used, carried):
            continue
        used.update(phrase.terms)
        yield phrase


def _is_new(phrase: Phrase, used: Collection[str], carried: Mapping[str, float]) -> bool:
    """Return whether a phrase says something else than what was used already."""
    own = phrase.own(carried)
    fresh = sum(each for term, each in zip(phrase.terms, own, strict=True) if term not in used)
    if fresh < (1 if phrase.is_bound else _LEAST_NEW) * sum(own):
        return False
    main = phrase.terms[own.index(max(own))]
    return not any(_are_akin(main, term) for term in used)


def _are_akin(left: str, right: str) -> bool:
    """Return whether two terms look like forms of one word: "molecule" and "molecular"."""
    if left[:_LEAST_STEM] != right[:_LEAST_STEM]:
        return False
    short = min(len(left), len(right))
    return left[:_STEM] == right[:_STEM] or left[:short] == right[:short]
