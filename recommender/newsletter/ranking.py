"""Newsletter room: which papers, in which order. Pure, and the whole formula is here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

FloatArray = NDArray[np.float64]

HALF_EVIDENCE = 2.0
"""Ratings at which interest and trend weigh the same."""

CROWDING_FROM = 0.5
"""Cosine from which two papers crowd each other: different work on one subject stays below it."""

_POOL_PER_PLACE = 5


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """One paper of a ranking and what its place is made of.

    ``ranking_score = ((1 − interest_weight) · trend_score + interest_weight · interest_score)
    · (1 − crowding)``

    Attributes
    ----------
    candidate : int
        Its row.
    trend_score : float
    interest_score : float or None
        None without evidence.
    interest_weight : float
    crowding : float
        How much a paper above says the same, 0 none to 1 all.
    ranking_score : float
    """

    candidate: int
    trend_score: float
    interest_score: float | None
    interest_weight: float
    crowding: float
    ranking_score: float


def interest_weight(evidence: float) -> float:
    """Return the share of the interest in the blend, ``evidence / (evidence + HALF_EVIDENCE)``.

    Parameters
    ----------
    evidence : float
        In ratings, >= 0.

    Returns
    -------
    float
        In [0, 1); 0 for a newcomer.
    """
    return evidence / (evidence + HALF_EVIDENCE)


def crowding(similarity: FloatArray) -> FloatArray:
    """Map the cosine to the nearest paper above to a penalty: 0 up to `CROWDING_FROM`, 1 at 1."""
    return np.clip((similarity - CROWDING_FROM) / (1 - CROWDING_FROM), 0.0, 1.0)


def rank_papers(
    rows: sparse.csr_matrix,
    trend_score: FloatArray,
    interest_score: FloatArray | None,
    *,
    weight: float,
    offered: NDArray[np.intp],
    places: int,
) -> list[RankedPaper]:
    """Blend trend and interest, then pick one by one, each damped by what is picked already.

    A greedy maximal marginal relevance (Carbonell & Goldstein 1998) over the best
    ``5 · places`` papers. Papers of the same score keep the order in which they are given.

    Parameters
    ----------
    rows : csr_matrix of shape (n_candidates, n_terms)
        Of Euclidean length 1 or 0.
    trend_score : ndarray of shape (n_candidates,)
    interest_score : ndarray of shape (n_candidates,) or None
        None without evidence; ``weight`` is then not used.
    weight : float
        Of the interest in the blend, in [0, 1].
    offered : ndarray of int, shape (n_offered,)
        Which candidates may be picked, in ascending order.
    places : int
        Papers that are wanted, >= 1.

    Returns
    -------
    list of RankedPaper
        At most ``places``, by falling ``ranking_score``.
    """
    if interest_score is None:
        blend, weight = trend_score, 0.0
    else:
        blend = (1 - weight) * trend_score + weight * interest_score
    pool = offered[_largest(blend[offered], places * _POOL_PER_PLACE)]
    pooled = rows[pool]
    similarity = (pooled @ pooled.T).toarray()

    ranked: list[RankedPaper] = []
    left = np.ones(len(pool), dtype=bool)
    nearest = np.zeros(len(pool))
    for _ in range(min(places, len(pool))):
        damped = blend[pool] * (1 - crowding(nearest))
        best = int(np.argmax(np.where(left, damped, -np.inf)))
        candidate = int(pool[best])
        ranked.append(
            RankedPaper(
                candidate=candidate,
                trend_score=float(trend_score[candidate]),
                interest_score=None if interest_score is None else float(interest_score[candidate]),
                interest_weight=weight,
                crowding=float(crowding(nearest[best])),
                ranking_score=float(damped[best]),
            )
        )
        left[best] = False
        nearest = np.maximum(nearest, similarity[best])
    return ranked


def _largest(values: FloatArray, count: int) -> NDArray[np.intp]:
    """Return where the largest values are, largest first, equal ones in their order."""
    if count < len(values):
        # Sorting all candidates of all subscribers would cost more than scoring them.
        least = np.partition(values, len(values) - count)[len(values) - count]
        kept = np.flatnonzero(values >= least)
    else:
        kept = np.arange(len(values))
    return kept[np.argsort(-values[kept], kind="stable")[:count]]
