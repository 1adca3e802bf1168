"""Newsletter room: what is shown of a paper: the sentence or two that say what it does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Paper
from recommender.interests.terms import words_of
from recommender.newsletter.sentences import contribution_score, is_dependent, sentences_of

EXCERPT_CHARACTERS: Final = 300

_LOOKED_AT: Final = 8_000
"""Characters of an abstract; what is longer is none, and its beginning tells enough."""
_MOST_CHOICES: Final = 12
_PAIRED: Final = 10
"""The best sentences, of which two may be shown together."""
_APART: Final = " … "

# Tuned on the real days of odd date, by the words that an excerpt shares with the digest's own
# summary; halving or doubling any of them changes that by less than 1 %.
_STATED: Final = 2.0
_FIRST_STATED: Final = 1.0
"""What a paper does is said once; later "we propose" are about its parts."""
_SECOND_SHARE: Final = 0.5
_LEAST_SECOND: Final = 0.5
_CUT_OFF: Final = 1.0
_OUT_OF_CONTEXT: Final = 2.0
_AS_GOOD: Final = 1.5
"""Choices that fall this short of the best say what the paper does as well: taste decides.

What is only understood after another sentence falls further short, so no taste brings it up.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A sentence or two of an abstract that might be shown.

    Attributes
    ----------
    text : str
    sentences : tuple of int
        Which of `sentences_of` the abstract, in their order.
    score : float
        How far they say what the paper does; see `contribution_score`.
    """

    text: str
    sentences: tuple[int, ...]
    score: float


def excerpt(
    abstract: str, liking: Sequence[float] | None = None, limit: int = EXCERPT_CHARACTERS
) -> str:
    """Return the sentence or two of an abstract that say what the paper does.

    Parameters
    ----------
    abstract : str
        White space of any kind becomes one space.
    liking : sequence of float, optional
        How much a reader likes each sentence of `sentences_of`; of those that say what the paper
        does as well as any others, the ones that they like most are shown.
    limit : int
        Most characters, >= 1.

    Returns
    -------
    str
        The whole abstract where it fits. In the order of the abstract; an ellipsis stands between
        two sentences that are no neighbours, and ends one that is cut, the last resort.
    """
    choices = choices_of(abstract, limit)
    return best_choice(choices, liking).text if choices else ""


@lru_cache(maxsize=2_000)
def choices_of(abstract: str, limit: int = EXCERPT_CHARACTERS) -> tuple[Choice, ...]:
    """Return what may be shown of an abstract: the best choice and those as good, best first.

    Empty for an empty abstract. See `excerpt`.
    """
    text = " ".join(abstract.split())
    if not text:
        return ()
    if len(text) <= limit:
        return (Choice(text, tuple(range(len(sentences_of(text)))), 0.0),)
    made = sorted(_choices(_beginning(text), limit), key=lambda each: (-each.score, each.sentences))
    least = made[0].score - _AS_GOOD
    return tuple(each for each in made[:_MOST_CHOICES] if each.score >= least)


def best_choice(choices: Sequence[Choice], liking: Sequence[float] | None = None) -> Choice:
    """Return what a reader likes most of what may be shown; the first without ``liking``."""
    if liking is None or len(choices) == 1:
        return choices[0]
    # A list, for a generator takes twice as long; of equals, the first.
    return max(choices, key=lambda choice: sum([liking[at] for at in choice.sentences]))


def shortened(text: str, limit: int = EXCERPT_CHARACTERS) -> str:
    """Return as many whole sentences of a text as fit.

    Ends in an ellipsis only where the first sentence alone is longer; it is then cut between two
    words, unless a single word is longer.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    ends = [each.end for each in sentences_of(_beginning(text)) if each.end <= limit]
    return text[: ends[-1]] if ends else _cut(text, limit)


class Excerpts:
    """What is shown of some papers to each reader. Each is parted once, when first asked for.

    Parameters
    ----------
    papers : sequence of Paper
    column_of : callable
        Gives the column of a term in readers' weights, None where it has none.
    """

    def __init__(self, papers: Sequence[Paper], column_of: Callable[[str], int | None]) -> None:
        self._papers = papers
        self._column_of = column_of
        self._parted: dict[int, _Parted] = {}

    def of(self, at: int, weights: NDArray[np.floating], head: int) -> tuple[str, bool]:
        """Return what is shown of a paper, and whether it is the digest's own summary.

        Parameters
        ----------
        at : int
            Which paper.
        weights : ndarray of shape (n_terms, n_heads)
            What the reader's heads make of each term; no heads without evidence.
        head : int
            The one that likes the paper most.
        """
        paper = self._papers[at]
        if paper.summary:
            return shortened(paper.summary), True
        parted = self._parted.get(at)
        if parted is None:
            parted = self._parted[at] = self._part(paper.abstract)
        if not parted.choices:
            return "", False
        if len(parted.choices) == 1 or not weights.shape[1]:
            return parted.choices[0].text, False
        values = weights[parted.columns, head].tolist()
        liking = [sum(values[start:end]) for start, end in pairwise(parted.bounds)]
        return best_choice(parted.choices, liking).text, False

    def _part(self, abstract: str) -> _Parted:
        choices = choices_of(abstract)
        text = _beginning(" ".join(abstract.split()))
        sentences = sentences_of(text)
        used = sorted({at for choice in choices for at in choice.sentences})
        place = {at: number for number, at in enumerate(used)}
        terms = [self._columns(text[sentences[at].start : sentences[at].end]) for at in used]
        return _Parted(
            choices=tuple(
                replace(choice, sentences=tuple(place[at] for at in choice.sentences))
                for choice in choices
            ),
            columns=np.array([column for each in terms for column in each], dtype=np.intp),
            bounds=(0, *accumulate(map(len, terms))),
        )

    def _columns(self, sentence: str) -> list[int]:
        columns = map(self._column_of, dict.fromkeys(words_of(sentence)))
        return [column for column in columns if column is not None]


@dataclass(frozen=True, slots=True, eq=False)
class _Parted:
    """What may be shown of one paper, and which terms its sentences have.

    Attributes
    ----------
    choices : tuple of Choice
        ``sentences`` counts those only that some choice has.
    columns : ndarray of int
        The terms of one of these sentences after the other.
    bounds : tuple of int
        Where in ``columns`` each begins, and the last one ends.
    """

    choices: tuple[Choice, ...]
    columns: NDArray[np.intp]
    bounds: tuple[int, ...]


def _choices(text: str, limit: int) -> Iterator[Choice]:
    """Make every sentence and every pair that fits; text that is longer than ``limit``."""
    sentences = sentences_of(text)
    words = [text[each.start : each.end] for each in sentences]
    last = max(1, len(words) - 1)
    scores = [
        contribution_score(words[at], at / last, each.section) for at, each in enumerate(sentences)
    ]
    first = next((at for at, score in enumerate(scores) if score >= _STATED), None)
    if first is not None:
        scores[first] += _FIRST_STATED
    out_of_context = [
        _OUT_OF_CONTEXT if at and is_dependent(each) else 0.0 for at, each in enumerate(words)
    ]

    for at, score in enumerate(scores):
        if len(words[at]) <= limit:
            yield Choice(words[at], (at,), score - out_of_context[at])
        else:
            # Only what is left of it counts.
            kept = _cut(words[at], limit)
            left = contribution_score(kept, at / last, sentences[at].section)
            left += _FIRST_STATED if at == first else 0.0
            yield Choice(kept, (at,), left - out_of_context[at] - _CUT_OFF)

    paired = sorted(range(len(words)), key=lambda at: (-scores[at], at))[:_PAIRED]
    for left, right in combinations(sorted(paired), 2):
        less, more = sorted((scores[left], scores[right]))
        near = right == left + 1
        joint = " " if near else _APART
        if near and sentences[left].section == sentences[right].section:
            joint = text[sentences[left].end : sentences[right].start]
        if less < _LEAST_SECOND or len(words[left]) + len(joint) + len(words[right]) > limit:
            continue
        score = more + _SECOND_SHARE * less - out_of_context[left]
        yield Choice(
            words[left] + joint + words[right],
            (left, right),
            score if near else score - out_of_context[right],
        )


def _beginning(text: str) -> str:
    # Without the space behind it a label at the end is a sentence, so that there is one.
    return text[:_LOOKED_AT].rstrip()


def _cut(text: str, limit: int) -> str:
    """Cut after a clause, else between two words or within one that is longer, with an ellipsis."""
    kept = text[:limit]
    for mark in (", ", " "):
        whole = kept[: max(0, kept.rfind(mark))].rstrip(" ,;:–—-(")
        if len(whole) > (limit // 2 if mark == ", " else 0):
            return whole + "…"
    return kept[:-1] + "…"
