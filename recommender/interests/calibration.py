"""Interests room: from a decision to the probability that the paper is liked. Pure.

Platt's logistic calibration (1999) of how far a decision stands out among papers of the background.
Of that distance its inverse hyperbolic sine is taken, linear near 0 and logarithmic far from it: on
real ratings the odds of a like grow as a power of the distance, and an exponential would promise
whoever likes a narrow topic everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy  # its parts load when they are first used
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

SHOWN: Final = 10
"""Ranks of a ranking that count as shown, where it is not known what was."""

_LEAST: Final = 1e-9
"""Nothing is certain: the log odds of what is blended are finite."""

_FARTHEST: Final = 1e15
_MOST_AGAINST: Final = np.float32(80)
"""Squares and powers of more have no place in single precision; `_LEAST` is reached long before."""

FEWEST_OF_EACH: Final = 30
"""Likes, and papers that were not liked: of fewer, nothing is learned."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """``P(like) = expit(intercept + slope · arsinh(distance))``.

    Attributes
    ----------
    intercept : float
        Log odds that an average paper is liked.
    slope : float
        > 0, so that what is more like their taste is more probable.
    """

    intercept: float
    slope: float

    def probability(self, distance: ArrayLike) -> FloatArray:
        """Return the probability of a like.

        Parameters
        ----------
        distance : array-like of float
            Of a decision from that of an average paper, in standard deviations.
        """
        # Of most papers nobody sees a score: logarithm and power are ten times faster in single
        # precision, which is that of the decisions. The sum is not, or the best would all be 1.
        given = np.clip(np.asarray(distance), -_FARTHEST, _FARTHEST).astype(np.float32)
        size = np.abs(given)
        arsinh = np.copysign(np.log(size + np.sqrt(size * size + 1)), given)
        log_odds = np.float32(self.intercept) + np.float32(self.slope) * arsinh
        against = np.exp(np.minimum(-log_odds, _MOST_AGAINST))
        probability: FloatArray = 1 / (1 + against.astype(np.float64))
        return np.clip(probability, _LEAST, 1 - _LEAST)

    def anew(
        self, probability: Sequence[FloatArray], liked: Sequence[NDArray[np.bool_]]
    ) -> Calibration:
        """Learn from what was liked of papers that this calibration gave a probability.

        Parameters
        ----------
        probability : sequence of ndarray
            Of the papers that were shown, for instance an array for each ranking.
        liked : sequence of ndarray of bool
            Of the same shapes.

        Returns
        -------
        Calibration
            Itself where there are too few likes, too few others, or likes do not grow with it.
        """
        # Takes memory and a second to import, which the daemon need not spend.
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - see above

        given = np.concatenate([np.zeros(0), *probability])
        is_liked = np.concatenate([np.zeros(0, dtype=bool), *liked])
        tells = (given > _LEAST) & (given < 1 - _LEAST)
        given, is_liked = given[tells], is_liked[tells]
        if min(np.count_nonzero(is_liked), np.count_nonzero(~is_liked)) < FEWEST_OF_EACH:
            return self
        distance = (scipy.special.logit(given) - self.intercept) / self.slope
        # As strong as one paper: where likes and others are parted, the odds stay finite.
        model = LogisticRegression(C=1.0).fit(distance[:, None], is_liked)
        slope = float(model.coef_[0, 0])
        if slope <= 0:
            return self
        return Calibration(float(model.intercept_[0]), slope)


def spread(values: NDArray[np.float32]) -> tuple[FloatArray, FloatArray]:
    """Return where decisions lie and how far from each other, for each column.

    The median, and half the distance from the 16th to the 84th percentile, or a quarter of the
    standard deviation if that is more.
    """
    if not len(values):
        return np.zeros(values.shape[1]), np.zeros(values.shape[1])
    low, middle, high = np.percentile(values, [16, 50, 84], axis=0)
    # Where most papers share no word with the rated ones, the middle of them has no width.
    return middle, np.maximum((high - low) / 2, values.std(axis=0, dtype=np.float64) / 4)
