"""Interests room: what a subscriber's interest learned, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.batch import Interests
from recommender.interests.evidence import Evidence
from recommender.interests.paper_index import PaperIndex
from recommender.interests.terms import tokens_of


@dataclass(frozen=True, slots=True)
class LearnedWords:
    """The words that an interest raises and lowers most, strongest first."""

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()


def learned_words(
    index: PaperIndex,
    evidence: Evidence,
    interests: Interests,
    *,
    texts: Iterable[str],
    most: int,
) -> LearnedWords:
    """Choose the words that move most scores most, among those of a subscriber's evidence.

    Parameters
    ----------
    index : PaperIndex
    evidence : Evidence
    interests : Interests
        Fitted on that evidence alone.
    texts : iterable of str
        What the subscriber rated and stated, where the words are found as they are written.
    most : int
        Words of each kind.

    Returns
    -------
    LearnedWords
        No ``disliked`` unless something was: what a like lowers are words that stand everywhere.
    """
    columns = np.unique(interests.models.rated_.terms.indices)
    weights = interests.models.coef_[columns] @ interests.of[0].shares
    # Standardised coefficients: a word that hardly any other paper has moves hardly any score.
    weights *= _spread(index.rows[:, columns])
    raised = columns[np.argsort(-weights, kind="stable")][: np.count_nonzero(weights > 0)]
    lowered = columns[np.argsort(weights, kind="stable")][: np.count_nonzero(weights < 0)]
    surfaces = _surfaces(texts)
    terms = index.space.columns_
    return LearnedWords(
        liked=_shown([terms[column] for column in raised], surfaces, most),
        disliked=_shown([terms[column] for column in lowered], surfaces, most)
        if (evidence.targets < 0).any()
        else (),
    )


def _spread(rows: sparse.csr_matrix) -> NDArray[np.float64]:
    """Return the standard deviation of each term over the papers."""
    mean = np.asarray(rows.mean(axis=0)).ravel()
    squares = np.asarray(rows.multiply(rows).mean(axis=0)).ravel()
    spread: NDArray[np.float64] = np.sqrt(np.maximum(squares - mean**2, 0))
    return spread


def _shown(terms: Sequence[str], surfaces: dict[str, str], most: int) -> tuple[str, ...]:
    """Return terms in words as they are written, those that stand side by side as a phrase."""
    pairs = {term for term in terms if " " in term}
    phrases: list[list[str]] = []
    for word in dict.fromkeys(word for term in terms for word in term.split()):
        for phrase in phrases:
            if f"{phrase[-1]} {word}" in pairs:
                phrase.append(word)
                break
            if f"{word} {phrase[0]}" in pairs:
                phrase.insert(0, word)
                break
        else:
            if len(phrases) < most:
                phrases.append([word])
    return tuple(" ".join(surfaces.get(word, word) for word in phrase) for phrase in phrases)


def _surfaces(texts: Iterable[str]) -> dict[str, str]:
    """Map each single word that is a term to how the first of the texts writes it."""
    surfaces: dict[str, str] = {}
    for text in texts:
        for token in tokens_of(text):
            surfaces.setdefault(token.term, token.surface)
    return surfaces
