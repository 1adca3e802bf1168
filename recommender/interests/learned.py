"""Interests room: what a subscriber's interest learned, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.interests.evidence import Evidence
from recommender.interests.model import InterestModel
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
    model: InterestModel,
    *,
    texts: Iterable[str],
    most: int,
) -> LearnedWords:
    """Choose the words with the largest weights among those of a subscriber's evidence.

    Parameters
    ----------
    index : PaperIndex
    evidence : Evidence
        What ``model`` was fitted on.
    model : InterestModel
    texts : iterable of str
        What the subscriber rated and stated, where the words are found as they are written.
    most : int
        Words of each kind.

    Returns
    -------
    LearnedWords
        No ``disliked`` without a dislike: what a like lowers are words that stand everywhere.
    """
    columns = np.unique(evidence.rows.indices)
    weights = model.coef_[columns]
    raised = columns[np.argsort(-weights, kind="stable")][: np.count_nonzero(weights > 0)]
    lowered = columns[np.argsort(weights, kind="stable")][: np.count_nonzero(weights < 0)]
    surfaces = _surfaces(texts)
    terms = index.space.terms_
    return LearnedWords(
        liked=_shown([terms[column] for column in raised], surfaces, most),
        disliked=_shown([terms[column] for column in lowered], surfaces, most)
        if evidence.dislikes
        else (),
    )


def _shown(terms: Sequence[str], surfaces: dict[str, str], most: int) -> tuple[str, ...]:
    """Give the words of terms as they are written, those that stand side by side as one phrase."""
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
