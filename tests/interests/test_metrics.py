from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from recommender.interests.metrics import auc, ndcg_at_k, recall_at_k, reciprocal_rank

RANKINGS = st.lists(st.booleans(), min_size=2, max_size=30).map(np.array)


def test_ndcg_by_hand() -> None:
    """Relevant at ranks 1 and 3 of two: (1 + 1/2) / (1 + 1/log2 3)."""
    assert pytest.approx(1.5 / (1 + 1 / np.log2(3))) == ndcg_at_k(np.array([1, 0, 1, 0], bool), 10)


def test_ndcg_counts_nothing_below_k() -> None:
    assert pytest.approx(1 / (1 + 1 / np.log2(3))) == ndcg_at_k(np.array([1, 0, 1], bool), 2)


def test_recall_by_hand() -> None:
    assert recall_at_k(np.array([0, 1, 0, 1], bool), 3) == 0.5


def test_reciprocal_rank_by_hand() -> None:
    assert pytest.approx(1 / 3) == reciprocal_rank(np.array([0, 0, 1, 1], bool))


def test_auc_by_hand() -> None:
    """Of the four pairs of relevant and not, three stand in the right order."""
    assert auc(np.array([1, 0, 1, 0], bool)) == 0.75


def test_nothing_relevant_scores_nothing() -> None:
    none = np.zeros(3, bool)
    assert (
        ndcg_at_k(none, 10),
        recall_at_k(none, 10),
        reciprocal_rank(none),
        auc(none),
    ) == (0, 0, 0, 0.5)


@given(RANKINGS, st.integers(1, 40))
def test_ndcg_and_auc_are_those_of_scikit_learn(relevant: np.ndarray, k: int) -> None:
    scores = -np.arange(len(relevant))
    assert pytest.approx(ndcg_score([relevant], [scores], k=k)) == ndcg_at_k(relevant, k)
    if 0 < relevant.sum() < len(relevant):
        assert pytest.approx(roc_auc_score(relevant, scores)) == auc(relevant)
