"""Interests room: what a subscriber's interest learned, in words. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.authors import known_for
from recommender.interests.batch import Interests
from recommender.interests.evidence import Evidence
from recommender.interests.paper_index import PaperIndex
from recommender.interests.phrase_finding import phrases_in
from recommender.interests.phrases import Phrases, choose

_MOST_AUTHORS = 3
_WORTH_OF_ONE_PAPER = 0.5
"""Factor on what stands in one rated paper only."""


@dataclass(frozen=True, slots=True)
class LearnedWords:
    """The words that an interest raises and lowers most, strongest first.

    Attributes
    ----------
    by_head : tuple of tuple of str
        Those that each head raises, and after them the authors of its likes; of several heads a
        phrase stands where it ranks highest.
    """

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    by_head: tuple[tuple[str, ...], ...] = ()


def learned_words(
    index: PaperIndex,
    evidence: Evidence,
    interests: Interests,
    *,
    titles: Sequence[str],
    texts: Sequence[str],
    authors: Sequence[str],
    most: int,
) -> LearnedWords:
    """Choose the words that move most scores most, among those of a subscriber's evidence.

    Parameters
    ----------
    index : PaperIndex
    evidence : Evidence
    interests : Interests
        Fitted on that evidence alone.
    titles : sequence of str
        What the subscriber stated, and after it the titles of the papers that they rated.
    texts : sequence of str
        The abstracts of these papers. Words are shown as they are written in all of these.
    authors : sequence of str
        Of these papers.
    most : int
        Words of each kind.

    Returns
    -------
    LearnedWords
        No ``disliked`` unless something was: what a like lowers are words that stand everywhere.
        Authors of several papers follow the words, ``by Jane Doe``; who wrote what was liked and
        what was not is neither.
    """
    columns = np.unique(interests.models.rated_.terms.indices)
    # Standardised coefficients: a word that hardly any other paper has moves hardly any score.
    by_head = interests.models.coef_[columns] * _spread(index.rows[:, columns])[:, None]
    shares = interests.of[0].shares
    groups = interests.of[0].groups
    keys = [index.space.columns_[at] for at in columns.tolist()]
    of_term = dict(zip(keys, (by_head @ shares).tolist(), strict=True))
    phrases = phrases_in(titles, texts, index.collocations)
    names = index.collocations.names
    by_liked = known_for(index, evidence.liked, authors)
    by_disliked = known_for(index, evidence.disliked, authors)
    disliked: tuple[str, ...] = ()
    if (evidence.targets < 0).any():
        lowered = {term: -weight for term, weight in of_term.items()}
        disliked = _strongest(phrases, lowered, names, most)
    words = [
        _strongest(phrases, dict(zip(keys, weights.tolist(), strict=True)), names, most)
        for weights in by_head.T
    ]
    known = [known_for(index, [evidence.liked[at] for at in group], authors) for group in groups]
    return LearnedWords(
        liked=(*_strongest(phrases, of_term, names, most), *_only(by_liked, by_disliked)),
        disliked=(*disliked, *_only(by_disliked, by_liked)),
        by_head=tuple(
            (*some, *_only(authors_of_head, by_disliked))
            for some, authors_of_head in zip(_parted(words), known, strict=True)
        ),
    )


def _parted(words: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the words of each head, each where it ranks highest.

    A head is raised a little by the likes of the others, and so are their words.
    """
    best: dict[str, tuple[int, int]] = {}
    for head, some in enumerate(words):
        for rank, each in enumerate(some):
            best[each] = min(best.get(each, (rank, head)), (rank, head))
    return [[each for each in some if best[each][1] == at] for at, some in enumerate(words)]


def _only(some: Sequence[str], others: Collection[str]) -> list[str]:
    return [each for each in some if each not in others][:_MOST_AUTHORS]


def _strongest(
    phrases: Phrases, weights: Mapping[str, float], names: Collection[str], most: int
) -> tuple[str, ...]:
    """Return the phrases that have most weight."""
    weighed = [
        (credit if phrase.is_repeated else _WORTH_OF_ONE_PAPER * credit, phrase)
        for credit, phrase in phrases.weigh(weights)
        # What one paper calls its own method is nothing that was learned.
        if not phrase.is_acronym or phrase.is_repeated or phrase.key in names
    ]
    return tuple(phrase.surface for phrase in islice(choose(weighed, weights), most))


def _spread(rows: sparse.csr_matrix) -> NDArray[np.float64]:
    """Return the standard deviation of each term over the papers."""
    mean = np.asarray(rows.mean(axis=0)).ravel()
    squares = np.asarray(rows.multiply(rows).mean(axis=0)).ravel()
    spread: NDArray[np.float64] = np.sqrt(np.maximum(squares - mean**2, 0))
    return spread
