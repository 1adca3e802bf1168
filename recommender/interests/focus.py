"""Interests room: what an interest is about, told apart from what its papers happen to say. Pure.

A squared penalty spreads an interest over all words of the papers that were rated, of which a few
are what it is about. So each weight is multiplied by ``1 + gain · |w_t| / max |w|``, where the gain
grows with the ratings, and the whole scaled to the length that it had. With few ratings next to
nothing changes; with many, weights grow nearly as their square, as in the second step of a
regression that is reweighted to be sparse.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_LEAST_WEIGHT = np.float32(1e-30)
_WEIGHTS_AT_A_TIME = 50_000
_LONG_ROW = 500


def focus(coef: FloatArray, gains: NDArray[np.floating]) -> None:
    """Let the words that tell most of an interest tell more, in place.

    Parameters
    ----------
    coef : ndarray of shape (n_terms, n_interests), C-contiguous
    gains : ndarray of shape (n_interests,)
        Which an interest's largest weight gains, in times itself.
    """
    n_terms, n_interests = coef.shape
    if not coef.size:
        return
    # Some terms in a row, so that it is long for a single interest too, and as many rows at a time
    # as the processor's cache holds.
    terms = 1 + _LONG_ROW // n_interests
    rows = max(1, _WEIGHTS_AT_A_TIME // (terms * n_interests))
    even = n_terms - n_terms % terms
    wide = coef[:even].reshape(-1, terms * n_interests)
    parts = [wide[first : first + rows] for first in range(0, len(wide), rows)]
    parts.append(coef[even:].reshape(1, -1))
    moments = np.zeros((4, terms * n_interests), dtype=np.float32)
    largest, squares, cubes, fourths = moments
    for part in parts:
        size = np.abs(part)
        square = size * size
        width = part.shape[1]
        np.maximum(largest[:width], size.max(axis=0), out=largest[:width])
        squares[:width] += square.sum(axis=0)
        size *= square
        cubes[:width] += size.sum(axis=0)
        square *= square
        fourths[:width] += square.sum(axis=0)
    most = largest.reshape(-1, n_interests).max(axis=0)
    second, third, fourth = moments[1:].reshape(3, -1, n_interests).sum(axis=1, dtype=np.float64)
    gain = gains / np.maximum(most, _LEAST_WEIGHT).astype(np.float64)
    longer = second + 2 * gain * third + gain * gain * fourth
    scale = np.sqrt(second / np.maximum(longer, _LEAST_WEIGHT))
    gain, scale = (np.tile(each.astype(np.float32), terms) for each in (gain * scale, scale))
    for part in parts:
        factor = np.abs(part)
        factor *= gain[: part.shape[1]]
        factor += scale[: part.shape[1]]
        np.multiply(part, factor, out=part)
