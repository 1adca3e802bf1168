"""Newsletter room: how much interest and how much trend, and how an instance learns it. Pure."""

from __future__ import annotations

import math

import numpy as np
import scipy  # its parts load when they are first used
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

PRIOR_HALF_EVIDENCE = 1.0
"""Ratings at which interest and trend weigh the same, until an instance's own issues say more."""

HALF_EVIDENCE_BOUNDS = (0.5, 20.0)
"""What may be learned: below, one rating would silence the trend; above, ten would hardly count."""

TREND_PROBABILITIES = (0.01, 0.05)
"""How probably somebody of whom nothing is known likes a paper without any and of the most public
attention. Simulated readers find their papers as soon with 0.001 to 0.3."""

POOR_SIGNAL_FACTOR = 0.25
"""What is left of the interest's share. Simulated readers who like what is popular gain 1.7 likes
an issue of ten, and 0.6 with a half; readers with a topical taste who are wrongly taken for them
lose 0.3, and 2.3 where nothing is left."""

_PRIOR_DEVIATION = 0.3
"""Of the logarithm. A thousand issues outweigh it by far, ten move the prior by about a tenth."""

_GRID_STEPS = 120


def interest_weight(evidence: float, half_evidence: float, *, poor_signal: bool = False) -> float:
    """Return the share of the interest in the blend, ``evidence / (evidence + half_evidence)``.

    Parameters
    ----------
    evidence : float
        In ratings, >= 0.
    half_evidence : float
        In ratings, > 0; the share is one half there.
    poor_signal : bool
        Interest was found to predict no better than trend, see `poor_signal`: the share is
        `POOR_SIGNAL_FACTOR` of that.

    Returns
    -------
    float
        In [0, 1); 0 for a newcomer.
    """
    weight = evidence / (evidence + half_evidence)
    return POOR_SIGNAL_FACTOR * weight if poor_signal else weight


def blend(
    trend_score: FloatArray, interest_score: FloatArray, weight: float | FloatArray
) -> FloatArray:
    """Mix what is known of everybody and of one: the probability that they like each paper.

    The logarithmic opinion pool of two probabilities (Genest & Zidek 1986),

        ``logit P = (1 − weight) · logit trend_probability + weight · logit interest_score``.

    The mean of the probabilities would hardly know a dislike, which takes from 0.001 what public
    attention has given of 0.05.

    Parameters
    ----------
    trend_score : ndarray
        See `trending.trend_scores`.
    interest_score : ndarray
        In (0, 1), see `model.InterestModels.interest_score`.
    weight : float or ndarray
        Of the interest, see `interest_weight`.
    """
    by_trend = scipy.special.logit(trend_probability(trend_score))
    mixed: FloatArray = scipy.special.expit(
        (1 - weight) * by_trend + weight * scipy.special.logit(interest_score)
    )
    return mixed


def trend_probability(trend_score: FloatArray) -> FloatArray:
    """Return how probably anybody likes papers of a public attention."""
    least, most = TREND_PROBABILITIES
    return least + (most - least) * trend_score


def interest_outweighs(
    trend_score: float, interest_score: float, weight: float, *, average: float
) -> bool:
    """Return whether of the two that are blended, interest raised a paper at least as much.

    Each by how far it is above what it is for a paper that has nothing of it.

    Parameters
    ----------
    average : float
        The interest score of an average paper.
    """
    least, _ = TREND_PROBABILITIES
    by_trend = scipy.special.logit(trend_probability(np.array(trend_score))) - scipy.special.logit(
        least
    )
    by_interest = scipy.special.logit(interest_score) - scipy.special.logit(average)
    return bool(weight * by_interest >= (1 - weight) * by_trend)


def learn_half_evidence(
    evidence: ArrayLike,
    trend_quality: ArrayLike,
    interest_quality: ArrayLike,
) -> float:
    """Learn how many ratings it takes until interest predicts better than trend.

    The advantage of interest in issue *i*, ``d_i = interest_quality_i − trend_quality_i``, is taken
    to follow the blend's own course: ``d_i = b · s_i + noise`` with
    ``s_i = 2 · interest_weight(evidence_i, h) − 1``, which is negative below *h* ratings, nought
    there, and positive above. Which *h* the issues speak for is read from the regression through
    the origin for each *h*, ``z(h) = Σ s_i d_i / √(mean of d² · Σ s_i²)``: the one-sided
    log-likelihood ratio ``z |z| / 2`` of ``b > 0`` against ``b = 0``, negative where interest loses
    with growing evidence. Returned is the maximum of

        ``z(h) |z(h)| / 2  −  ln(h / prior)² / (2 · 0.3²)``

    over a logarithmic grid within `HALF_EVIDENCE_BOUNDS`: the mode under a log-normal prior around
    `PRIOR_HALF_EVIDENCE`. Unlike a regression of who won, it counts by how much; issues where both
    orders are equally good or bad say nothing.

    Parameters
    ----------
    evidence : array-like of shape (n_issues,)
        In ratings, >= 0, that each issue was composed with.
    trend_quality, interest_quality : array-like of shape (n_issues,)
        Quality of the order by trend alone and by interest alone on what was liked later of the
        issue's candidates, such as nDCG; on one scale, higher is better.

    Returns
    -------
    float
        In ratings; the prior without issues.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite or out of its range.
    """
    amount = np.asarray(evidence, dtype=np.float64)
    advantage = np.asarray(interest_quality, dtype=np.float64) - np.asarray(trend_quality)
    if amount.ndim != 1 or advantage.shape != amount.shape:
        raise ValueError(f"evidence of {amount.shape} issues, qualities of {advantage.shape}")
    if not (np.isfinite(advantage).all() and np.isfinite(amount).all() and (amount >= 0).all()):
        raise ValueError("evidence must be >= 0, and it and the qualities finite")

    # The prior itself comes first: where nothing speaks for another value, it wins the tie.
    grid = np.r_[PRIOR_HALF_EVIDENCE, np.geomspace(*HALF_EVIDENCE_BOUNDS, _GRID_STEPS)]
    support = [_support(half_evidence, amount, advantage) for half_evidence in grid.tolist()]
    doubt = (np.log(grid / PRIOR_HALF_EVIDENCE) / _PRIOR_DEVIATION) ** 2 / 2
    return float(grid[np.argmax(support - doubt)])


def _support(half_evidence: float, evidence: FloatArray, advantage: FloatArray) -> float:
    """Return ``z |z| / 2``; see `learn_half_evidence`."""
    course = (evidence - half_evidence) / (evidence + half_evidence)
    spread = math.sqrt(float(advantage @ advantage) * float(course @ course))
    if not spread:
        return 0.0
    z = math.sqrt(len(evidence)) * float(course @ advantage) / spread
    return z * abs(z) / 2
