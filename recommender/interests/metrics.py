"""Interests room: how good a ranking is, one plain function for each measure. Pure.

Those of one ranking take the relevance of one person's candidates in ranked order, best first.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
RowArray = NDArray[np.intp]


def ndcg_at_k(relevant: BoolArray, k: int) -> float:
    """Σ over relevant ranks r ≤ k of 1 / log2(1 + r), divided by its value in the best order.

    Järvelin & Kekäläinen 2002, binary relevance.

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_candidates,)
        Whether the candidate at each rank was liked.
    k : int
        >= 1.

    Returns
    -------
    float
        In [0, 1]; 0.0 where nothing is relevant.
    """
    discounts = 1 / np.log2(np.arange(2, min(k, len(relevant)) + 2))
    best = discounts[: np.count_nonzero(relevant)].sum()
    return float(discounts[relevant[:k]].sum() / best) if best else 0.0


def recall_at_k(relevant: BoolArray, k: int) -> float:
    """Share of the relevant candidates that stand at ranks ≤ k.

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_candidates,)
    k : int
        >= 1.

    Returns
    -------
    float
        In [0, 1]; 0.0 where nothing is relevant.
    """
    total = np.count_nonzero(relevant)
    return float(np.count_nonzero(relevant[:k]) / total) if total else 0.0


def reciprocal_rank(relevant: BoolArray) -> float:
    """1 / rank of the first relevant candidate; its mean over people is the MRR.

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_candidates,)

    Returns
    -------
    float
        In [0, 1]; 0.0 where nothing is relevant.
    """
    return 1 / (1 + int(np.argmax(relevant))) if relevant.any() else 0.0


def auc(relevant: BoolArray) -> float:
    """Probability that a relevant candidate stands before one that is not.

    Area under the ROC curve of a ranking without ties (Mann & Whitney 1947).

    Parameters
    ----------
    relevant : ndarray of bool, shape (n_candidates,)

    Returns
    -------
    float
        In [0, 1]; 0.5 where all are relevant or none is.
    """
    total = np.count_nonzero(relevant)
    pairs = total * (len(relevant) - total)
    if not pairs:
        return 0.5
    others_before = np.flatnonzero(relevant) - np.arange(total)
    return float(1 - others_before.sum() / pairs)


def estimated_likes(liked: BoolArray, propensity: FloatArray) -> float:
    """Σ over papers of liked / P(the paper was shown): likes that a selection would have brought.

    Without bias wherever every paper of the selection had a chance to be shown, P > 0 (Horvitz &
    Thompson 1952).

    Parameters
    ----------
    liked : ndarray of bool, shape (n_shown,)
        Of the papers of the selection that were indeed shown, whether each was liked.
    propensity : ndarray of shape (n_shown,)
        Probability with which each was shown, in (0, 1].

    Returns
    -------
    float
        >= 0; 0.0 where nothing of the selection was shown.
    """
    return float((liked / propensity).sum())


def calibration_error(interest_score: FloatArray, liked: BoolArray, *, bins: int = 10) -> float:
    """Σ over bins of n_b / n · |share of likes in b − mean score in b|, bins of equal size.

    The expected calibration error (Naeini, Cooper & Hauskrecht 2015) over bins of equal mass
    instead of equal width (Nixon et al. 2019): the papers in order of their scores are cut into
    ``bins`` parts whose sizes differ by one at most. Papers of one score share their likes evenly,
    so that their order does not matter.

    Parameters
    ----------
    interest_score : ndarray of shape (n_papers,)
        In [0, 1], of one person or of many together.
    liked : ndarray of bool, shape (n_papers,)
    bins : int
        >= 1.

    Returns
    -------
    float
        In [0, 1]; 0.0 where there are no papers.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if interest_score.shape != liked.shape:
        raise ValueError(f"{interest_score.shape} scores, {liked.shape} likes")
    if not len(liked):
        return 0.0
    scores, which, papers = np.unique(interest_score, return_inverse=True, return_counts=True)
    share_liked = np.bincount(which, weights=liked) / papers
    gaps = np.repeat(share_liked - scores, papers)
    return float(sum(abs(part.sum()) for part in np.array_split(gaps, bins)) / len(liked))


def coverage(shown: Iterable[RowArray], candidates: int) -> float:
    """Share of the candidates that stand in somebody's selection.

    Parameters
    ----------
    shown : iterable of ndarray of int
        The first k candidates of each ranking, by whatever tells candidates apart.
    candidates : int
        How many there are.

    Returns
    -------
    float
        In [0, 1]; 0.0 where there are no candidates.
    """
    selections = list(shown)
    if not candidates or not selections:
        return 0.0
    return len(np.unique(np.concatenate(selections))) / candidates


def bootstrap_interval(
    values: FloatArray,
    generator: np.random.Generator,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
) -> tuple[float, float]:
    """Percentiles of the mean over ``resamples`` draws, with replacement, of all the values.

    The percentile bootstrap (Efron & Tibshirani 1993, chapter 13).

    Parameters
    ----------
    values : ndarray of shape (n_subscribers,)
        One for each; they are drawn as wholes, whatever each is a mean of.
    generator : numpy.random.Generator
        Its seed makes the interval reproducible.
    confidence : float
        Share of the resampled means that lie within, in (0, 1).
    resamples : int
        >= 1.

    Returns
    -------
    tuple of float
        Lower and upper end; both the value itself where there is only one.

    Raises
    ------
    ValueError
        If there are no values.
    """
    if not len(values):
        raise ValueError("no values to draw from")
    drawn = generator.integers(len(values), size=(resamples, len(values)), dtype=np.int32)
    outside = (1 - confidence) / 2
    low, high = np.quantile(values[drawn].mean(axis=1), [outside, 1 - outside])
    return float(low), float(high)
