"""Newsletter room: the places of an issue for papers that the model is unsure of. Pure.

Which papers stand there is drawn with known probabilities, which are logged with the issue: what
another ranking would have earned can be estimated from the ratings without bias, each counted with
one over the probability that its paper was shown (Horvitz & Thompson 1952).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

UNIFORM_SHARE = 0.1
"""Of the draw that goes to all candidates alike, so that each may be shown."""

PROMISE_POWER = 3
"""Of the blend: a candidate that is twice as probably liked is eight times as likely to be drawn.
Measured on citeulike-t, three of five draws then go to the hundred best of five thousand that the
ranking left; with the square it is one of three.
"""

# One place from this many papers on, two from that.
_ONE_FROM, _TWO_FROM = 4, 10
_MOST_PLACES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Explored:
    """What was drawn for the explored places of one issue.

    Attributes
    ----------
    candidates : ndarray of int, shape (n_places,)
        In the order of their places.
    propensities : ndarray of shape (n_places,)
        Probability that each was drawn for any of these places, in (0, 1]. Papers that the ranking
        picked have propensity 1, for nothing was left to chance.
    """

    candidates: IntArray
    propensities: FloatArray


def places_explored(papers: int, most: int) -> int:
    """Return how many places of an issue are explored: none below 4 papers, 1 below 10, then 2.

    Parameters
    ----------
    papers : int
        In the issue, >= 0.
    most : int
        What the settings allow, >= 0.
    """
    return min(most, (papers >= _ONE_FROM) + (papers >= _TWO_FROM))


def explored_positions(papers: int, places: int) -> tuple[int, ...]:
    """Return where explored papers stand: for one in the middle, for two there and at the end.

    The position is fixed, so that what is drawn does not decide how much it is seen.

    Parameters
    ----------
    papers : int
        In the issue, the explored ones included.
    places : int
        0 to 2, at most half of ``papers``.

    Returns
    -------
    tuple of int
        From 1, ascending, never 1: 5 and 10 in an issue of 10.

    Raises
    ------
    ValueError
        If ``places`` is out of its range.
    """
    if not 0 <= places <= min(_MOST_PLACES, papers // 2):
        raise ValueError(f"{places} explored places in an issue of {papers}")
    return tuple(math.ceil(papers * place / _MOST_PLACES) for place in range(1, places + 1))


def draw_probabilities(
    blend: FloatArray, deviation: FloatArray | None, taken: IntArray
) -> FloatArray:
    """Return the probability of each candidate in a single draw.

    ``(1 − UNIFORM_SHARE) · v_i / Σ v  +  UNIFORM_SHARE / free`` for the ``free`` candidates that
    are not taken, and 0 for the others, where ``v = deviation · blend^PROMISE_POWER`` is
    uncertainty times promise. Where every ``v`` is 0, all is uniform.

    Parameters
    ----------
    blend : ndarray of shape (n_candidates,)
        Of trend and interest, damped by what crowds each of them, in [0, 1].
    deviation : ndarray of shape (n_candidates,) or None
        Posterior standard deviation of the interest's decision, >= 0; None without evidence, when
        the model is as unsure of one paper as of another.
    taken : ndarray of int, shape (n_taken,)
        Candidates that the ranking has picked.

    Returns
    -------
    ndarray of shape (n_candidates,)
        Sums to 1; all 0 where everything is taken.
    """
    free = np.ones(len(blend))
    free[taken] = 0.0
    left = np.count_nonzero(free)
    if not left:
        return free
    value = np.maximum(blend, 0) ** PROMISE_POWER * free
    if deviation is not None:
        value *= deviation
    total = value.sum()
    if not total:
        return free / left
    probability: FloatArray = (1 - UNIFORM_SHARE) * (value / total) + UNIFORM_SHARE * free / left
    return probability


def inclusion_probabilities(probability: FloatArray, places: int) -> FloatArray:
    """Return the probability that each candidate is among those drawn without replacement.

    For one place ``p_i``. For two, either the first draw or, after any other first one, the second:
    ``p_i + Σ_{j≠i} p_j p_i / (1 − p_j) = p_i · (1 + S − p_i / (1 − p_i))`` with
    ``S = Σ_j p_j / (1 − p_j)``.

    Parameters
    ----------
    probability : ndarray of shape (n_candidates,)
        In a single draw, < 1 unless one place takes all there is; sums to 1.
    places : int
        0 to 2.

    Returns
    -------
    ndarray of shape (n_candidates,)
        Sums to ``places``, or to the number of candidates that can be drawn where that is less.
    """
    drawable = probability > 0
    if np.count_nonzero(drawable) <= places:
        return drawable.astype(np.float64)
    if places < _MOST_PLACES:
        return probability * places
    odds = probability / (1 - probability)
    inclusion: FloatArray = probability * (1 + odds.sum() - odds)
    return inclusion


def explore(
    blend: FloatArray,
    deviation: FloatArray | None,
    taken: IntArray,
    *,
    places: int,
    rng: Random,
) -> Explored:
    """Draw the papers of the explored places, without replacement; see `draw_probabilities`.

    Parameters
    ----------
    blend, deviation, taken
        As for `draw_probabilities`.
    places : int
        0 to 2; fewer papers are drawn where fewer are left.
    rng : random.Random
        The same state gives the same papers.

    Raises
    ------
    ValueError
        If ``places`` is out of its range.
    """
    if not 0 <= places <= _MOST_PLACES:
        raise ValueError(f"{places} explored places: an issue has 0 to {_MOST_PLACES}")
    probability = draw_probabilities(blend, deviation, taken)
    size = min(places, int(np.count_nonzero(probability)))
    if not size:
        return Explored(np.zeros(0, dtype=np.intp), np.zeros(0))
    left = probability.copy()
    drawn = []
    for _ in range(size):
        # By inversion: numpy's own choice checks and sorts for as long as all the rest takes.
        cumulative = np.cumsum(left)
        cumulative /= cumulative[-1]
        drawn.append(int(np.searchsorted(cumulative, rng.random(), side="right")))
        left[drawn[-1]] = 0.0
    candidates = np.array(drawn, dtype=np.intp)
    return Explored(candidates, inclusion_probabilities(probability, size)[candidates])
