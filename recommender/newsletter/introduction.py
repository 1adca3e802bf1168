"""Newsletter room: the papers of the welcome issue, which tell most about a newcomer. Pure.

Ten popular papers are often of two or three kinds, and say nothing of all the others. These are
picked so that the answers to them settle as much as possible of what the newcomer thinks of all
the papers that there are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.interests.model import PaperRows

FloatArray = NDArray[np.float64]

POOL_PAPERS = 200
"""Most papers that are considered: 50 to 200 of 2,000 tell most, 1,000 little more than popular
ones do."""

SPANNED_PAPERS = 1000
"""Most papers of which the answers shall tell; more cost time alone."""

ANSWER_NOISE = 0.1
"""Variance of an answer, where that of a score is 1 before any. From 0.1 to 0.3 nothing changes."""

COMMUNITY_SHARE: Final = 0.3
"""Of what two scores have in common, how much is told by who likes both papers, where the community
has a map. Less gains less, and more loses where a newcomer's taste is new to the community."""

_POOL_SHARE = 2
_POOL_PER_PLACE = 3


def informative(
    rows: PaperRows,
    trend_score: FloatArray,
    interest_score: FloatArray | None,
    *,
    offered: NDArray[np.intp],
    places: int,
) -> list[int]:
    """Pick the papers whose ratings would tell most about a newcomer's interest.

    Greedy transductive experimental design (Yu, Bi & Tresp 2006; Cohn, Ghahramani & Jordan 1996).
    Under independent weights of the terms, the scores of all papers have the covariance
    ``terms · termsᵀ``. Newcomers are like others: where the community has a map, `COMMUNITY_SHARE`
    of the covariance ``C`` is that of the papers' places in it, and the rest that of terms. Picked
    next is the paper *i* of the pool whose answer takes most from the variance of all papers *j*,
    each weighted with how far the newcomer may like it:

        ``Σ_j interest_score_j · C_ij² / (C_ii + ANSWER_NOISE)``,

    and ``C`` becomes what is still unknown, ``C − c_i c_iᵀ / (C_ii + ANSWER_NOISE)``. So a paper is
    picked for what it shares with many others that they may like, and none twice of a kind.

    The pool is the best by trend, or by the mean of trend and interest: half of what is offered, at
    most `POOL_PAPERS`. Its best paper has the first place, whatever it tells. What the answers
    shall tell of is more than the pool, the best `SPANNED_PAPERS`: what later issues are made of is
    like all papers, not like those that everybody talks of.

    The largest own variance, as in a determinantal process, was measured on citeulike-t and is
    worse: it picks what is like nothing else, for term vectors are nearly orthogonal.

    Parameters
    ----------
    rows : PaperRows
        Of all candidates.
    trend_score : ndarray of shape (n_candidates,)
        In [0, 1).
    interest_score : ndarray of shape (n_candidates,) or None
        Probabilities; None where they said nothing yet.
    offered : ndarray of int, shape (n_offered,)
        Which candidates may be picked, in ascending order; equal ones keep it.
    places : int
        Papers that are wanted, >= 1.

    Returns
    -------
    list of int
        At most ``places`` candidates, in the order in which they were picked.
    """
    ranked = _best_first(trend_score, interest_score, offered)
    pool = ranked[: min(POOL_PAPERS, max(len(ranked) // _POOL_SHARE, places * _POOL_PER_PLACE))]
    spanned = ranked[:SPANNED_PAPERS]
    # Its first columns are the pool's own, in the order of its rows.
    covariance = _covariance(rows[pool], rows[spanned])
    weight = np.ones(len(spanned)) if interest_score is None else interest_score[spanned]

    picked: list[int] = []
    left = np.ones(len(pool), dtype=bool)
    best = 0
    for _ in range(min(places, len(pool))):
        if picked:
            told = (covariance**2 @ weight) / (covariance.diagonal() + ANSWER_NOISE)
            best = int(np.argmax(np.where(left, told, -np.inf)))
        picked.append(int(pool[best]))
        left[best] = False
        taken = covariance[best] / (covariance[best, best] + ANSWER_NOISE)
        covariance -= np.outer(covariance[:, best], taken)
    return picked


def _covariance(pool: PaperRows, spanned: PaperRows) -> FloatArray:
    """Return what the scores of two papers have in common before anything is said."""
    covariance: FloatArray = (pool.terms @ spanned.terms.T).toarray().astype(np.float64)
    if pool.community_coordinates.shape[1]:
        covariance *= 1 - COMMUNITY_SHARE
        likeness = pool.community_coordinates @ spanned.community_coordinates.T
        covariance += COMMUNITY_SHARE * likeness
    return covariance


def _best_first(
    trend_score: FloatArray, interest_score: FloatArray | None, offered: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the candidates that are offered, by trend or by the mean of trend and interest."""
    blend = trend_score if interest_score is None else (trend_score + interest_score) / 2
    return offered[np.argsort(-blend[offered], kind="stable")]
