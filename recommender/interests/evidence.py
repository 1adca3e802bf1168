"""Interests room: what a subscriber told us, as rows, targets and weights to fit on. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.domain import Rating
from recommender.interests.model import InterestModel
from recommender.interests.paper_index import PaperIndex

LIKE_WEIGHT = 1.0
SAVE_WEIGHT = 2.0
DISLIKE_WEIGHT = 1.0
STATED_WEIGHT = 0.5
"""What each kind of evidence counts, in ratings. Words are vague, and fade as ratings come in."""

_MOST_PHRASES = 20
_PHRASE_END = re.compile(r"[,;\n]|\.\s")


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything that one subscriber's interest is fitted on.

    Attributes
    ----------
    rows : csr_matrix of shape (n_evidence, n_terms)
    targets : ndarray of shape (n_evidence,)
        1 like, −1 dislike.
    weights : ndarray of shape (n_evidence,)
        In ratings, > 0.
    liked : tuple of int
        Rows in the index of the papers that were liked or saved: the first rows here, in order.
    disliked : tuple of int
        Rows in the index of the papers that were disliked: the next rows here, in order.
    phrases : tuple of str
        Stated interests that the corpus has words for: the last rows here, in order.
    likes, dislikes, saves : int
        Ratings that are in it. A paper both liked and saved counts under both.
    """

    rows: sparse.csr_matrix
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]
    liked: tuple[int, ...]
    disliked: tuple[int, ...]
    phrases: tuple[str, ...]
    likes: int
    dislikes: int
    saves: int

    @property
    def amount(self) -> float:
        """How much there is in all, in ratings; 0 for a newcomer."""
        return float(self.weights.sum())


def gather_evidence(index: PaperIndex, ratings: Sequence[Rating], interests: str) -> Evidence:
    """Collect what a subscriber rated, saved and stated.

    The order of the ratings does not matter, so that a rating that was given and withdrawn leaves
    no trace, not even in the rounding. A paper that is both saved and disliked is both.

    Parameters
    ----------
    index : PaperIndex
        A rated paper that it does not hold, or has no words of, is left out.
    ratings : sequence of Rating
        One for each paper.
    interests : str
        What they said that they like to read; phrases end at commas, semicolons, full stops and
        line ends.
    """
    rows = ((index.row_of.get(rating.paper_id), rating) for rating in ratings)
    known = sorted(
        ((row, rating) for row, rating in rows if row is not None and _has_words(index, row)),
        key=itemgetter(0),
    )
    liked = [(row, rating) for row, rating in known if rating.saved or rating.value > 0]
    disliked = [row for row, rating in known if rating.value < 0]
    rated_rows = index.rows[[row for row, _ in liked] + disliked]
    phrases, phrase_rows = _stated(index, interests)
    return Evidence(
        rows=sparse.vstack([rated_rows, phrase_rows], format="csr") if phrases else rated_rows,
        targets=np.repeat([1.0, -1.0, 1.0], [len(liked), len(disliked), len(phrases)]),
        weights=np.array(
            [SAVE_WEIGHT if rating.saved else LIKE_WEIGHT for _, rating in liked]
            + [DISLIKE_WEIGHT] * len(disliked)
            + [STATED_WEIGHT] * len(phrases),
            dtype=np.float64,
        ),
        liked=tuple(row for row, _ in liked),
        disliked=tuple(disliked),
        phrases=phrases,
        likes=sum(rating.value > 0 for _, rating in known),
        dislikes=len(disliked),
        saves=sum(rating.saved for _, rating in known),
    )


def fit_interest(index: PaperIndex, evidence: Evidence) -> InterestModel:
    """Fit one subscriber's interest on their evidence."""
    return InterestModel(index.background).fit(evidence.rows, evidence.targets, evidence.weights)


def _has_words(index: PaperIndex, row: int) -> bool:
    return bool(index.rows.indptr[row + 1] > index.rows.indptr[row])


def _stated(index: PaperIndex, interests: str) -> tuple[tuple[str, ...], sparse.csr_matrix]:
    """Split stated interests into the phrases that the corpus has words for, and their rows."""
    phrases = [" ".join(phrase.split()) for phrase in _PHRASE_END.split(interests)]
    phrases = list(dict.fromkeys(filter(None, phrases)))[:_MOST_PHRASES]
    if not phrases:
        return (), index.rows[:0]
    rows = index.space.transform_words(phrases)
    known = np.flatnonzero(np.diff(rows.indptr))
    return tuple(phrases[row].rstrip(".") for row in known), rows[known]
