"""Interests room: what a paper is about, in one phrase of its title. Pure."""

from __future__ import annotations

from typing import Final

from recommender.interests.paper_index import PaperIndex
from recommender.interests.phrase_finding import phrases_in
from recommender.interests.phrases import choose

_LEAST_PAPERS: Final = 3
"""Papers that have a term; what one paper calls its own method is no topic."""
_MOST_CHARACTERS: Final = 40


def topic_of(index: PaperIndex, row: int) -> str:
    """Return the phrase of a paper's title that tells most of it apart from others.

    A phrase of one word ("attention", "weight") says too little, and none is better than that.

    Parameters
    ----------
    index : PaperIndex
    row : int
        Of the paper, whose title it has.

    Returns
    -------
    str
        As the title writes it; empty where no phrase is known well enough.
    """
    weights = index.rows[row]
    terms, papers = index.space.columns_, index.weighting.document_frequencies_
    carried = {
        terms[column]: float(weight)
        for column, weight in zip(weights.indices.tolist(), weights.data.tolist(), strict=True)
        if papers[column] >= _LEAST_PAPERS
    }
    phrases = phrases_in([index.papers[row].title], [], index.collocations)
    weighed = [
        (credit, phrase)
        for credit, phrase in phrases.weigh(carried)
        if len(phrase.terms) > 1 and len(phrase.surface) <= _MOST_CHARACTERS
    ]
    best = next(choose(weighed, carried), None)
    return "" if best is None else best.surface
