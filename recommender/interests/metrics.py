"""Interests room: how good a ranking is, one plain function for each measure. Pure.

All take the relevance of one person's candidates in ranked order, best first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]


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
