"""Newsletter room: which papers, in which order. Pure, and the whole formula is here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recommender.newsletter.quota import quota_places

FloatArray = NDArray[np.float64]

CROWDING_FROM = 0.5
"""Cosine from which two papers crowd each other: different work on one subject stays below it."""

_ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Why a paper has its place.

    ``ranking_score = blend · (1 − crowding)``, where the `blend` of a paper that they follow is
    lifted by `wishes.followed_lift`.

    Attributes
    ----------
    candidate : int
        Which paper.
    head : int
        The head of their interest that placed it, counted from 0.
    crowding : float
        How much a paper above says the same, 0 none to 1 all.
    ranking_score : float
    """

    candidate: int
    head: int
    crowding: float
    ranking_score: float


def crowding(similarity: FloatArray) -> FloatArray:
    """Map the cosine to a paper above to a penalty: 0 up to `CROWDING_FROM`, 1 at 1."""
    return np.clip((similarity - CROWDING_FROM) / (1 - CROWDING_FROM), 0.0, 1.0)


def crowding_pairs(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the `crowding` of all pairs of papers that crowd each other; few do.

    Parameters
    ----------
    rows : csr_matrix of shape (n_candidates, n_terms)
        Of Euclidean length 1 or 0.

    Returns
    -------
    csr_matrix of shape (n_candidates, n_candidates)
        Nothing on the diagonal.
    """
    columns = rows.T.tocsr()
    parts = []
    for first in range(0, rows.shape[0], _ROWS_AT_A_TIME):
        # A part at a time: nearly all pairs share some word.
        part = (rows[first : first + _ROWS_AT_A_TIME] @ columns).tocoo()
        crowds = (part.data > CROWDING_FROM) & (part.row + first != part.col)
        parts.append(
            sparse.csr_matrix(
                (crowding(part.data[crowds]), (part.row[crowds], part.col[crowds])),
                shape=part.shape,
            )
        )
    if not parts:
        return sparse.csr_matrix((0, 0))
    return sparse.vstack(parts, format="csr")


def rank_papers(
    blends: FloatArray, crowds: sparse.csr_matrix, *, shares: ArrayLike, places: int
) -> list[Place]:
    """Pick one paper after the other, the best first, each damped by what is picked already.

    A greedy maximal marginal relevance (Carbonell & Goldstein 1998). Of several heads each has its
    `quota_places`: a reserved place goes to the best paper of its head, unless that head has as
    many already, an open one to the best paper of any. Papers of the same score keep the order in
    which they are given.

    Parameters
    ----------
    blends : ndarray of shape (n_heads, n_candidates)
        See `Place`; −inf for papers that are not offered. Is written to.
    crowds : csr_matrix of shape (n_candidates, n_candidates)
        Of `crowding_pairs`.
    shares : array-like of shape (n_heads,)
        How much each head is worth, > 0.
    places : int
        Papers that are wanted, >= 0.

    Returns
    -------
    list of Place
        At most ``places``; of a single head by falling ``ranking_score``.
    """
    n_heads, places = len(blends), min(places, blends.shape[1])
    reserved = quota_places(shares, places).tolist() if n_heads > 1 else [-1] * places
    held, due = [0] * n_heads, [0] * n_heads
    crowding_of: dict[int, float] = {}
    ranked: list[Place] = []
    for of_head in reserved:
        due[of_head] += of_head >= 0
        if of_head >= 0 and held[of_head] < due[of_head]:
            head, candidate = of_head, int(blends[of_head].argmax())
        else:
            head, candidate = divmod(int(blends.argmax()), blends.shape[1])
        score = float(blends[head, candidate])
        if score == -np.inf:
            break
        held[head] += 1
        ranked.append(Place(candidate, head, crowding_of.get(candidate, 0.0), score))
        blends[:, candidate] = -np.inf
        start, end = crowds.indptr[candidate : candidate + 2]
        for other, penalty in zip(
            crowds.indices[start:end].tolist(), crowds.data[start:end].tolist(), strict=True
        ):
            before = crowding_of.get(other, 0.0)
            if penalty > before and blends[0, other] > -np.inf:
                crowding_of[other] = penalty
                blends[:, other] *= (1 - penalty) / (1 - before)
    return ranked
