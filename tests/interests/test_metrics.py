from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from recommender.interests.metrics import (
    auc,
    bootstrap_interval,
    calibration_error,
    coverage,
    estimated_likes,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
)

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


def test_calibration_error_by_hand() -> None:
    """Two bins of two: |0/2 − 0.2| and |2/2 − 0.7|, each of half of the papers."""
    scores, liked = np.array([0.8, 0.1, 0.3, 0.6]), np.array([1, 0, 0, 1], bool)
    assert calibration_error(scores, liked, bins=2) == pytest.approx((0.2 + 0.3) / 2)


def test_bins_have_equal_sizes_not_equal_widths() -> None:
    """Of equal width, the three low scores would be one bin with |1/3 − 0.2|."""
    scores, liked = np.array([0.1, 0.2, 0.3, 0.9]), np.array([0, 1, 0, 1], bool)
    assert calibration_error(scores, liked, bins=2) == pytest.approx((0.7 + 0.2) / 4)


def test_scores_that_say_how_often_are_calibrated() -> None:
    scores = np.repeat([0.25, 0.75], 4)
    liked = np.array([0, 0, 0, 1, 1, 0, 1, 1], bool)
    assert calibration_error(scores, liked, bins=2) == 0.0


@given(st.permutations([True, True, False, False, False, True, False]), st.integers(1, 9))
def test_order_of_papers_with_one_score_does_not_matter(liked: list[bool], bins: int) -> None:
    error = calibration_error(np.full(7, 0.5), np.array(liked), bins=bins)
    assert error == pytest.approx(abs(3 / 7 - 0.5))


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), max_size=30), st.integers(1, 12)
)
def test_calibration_error_is_a_share_and_never_below_that_of_one_bin(
    papers: list[tuple[float, bool]], bins: int
) -> None:
    scores = np.array([score for score, _ in papers])
    liked = np.array([each for _, each in papers], dtype=bool)
    error = calibration_error(scores, liked, bins=bins)
    assert calibration_error(scores, liked, bins=1) <= error + 1e-9 <= 1 + 2e-9


def test_scores_without_their_likes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\) scores, \(1,\) likes"):
        calibration_error(np.zeros(2), np.zeros(1, bool))


def test_coverage_by_hand() -> None:
    """Papers 1, 2 and 3 of five, 2 for both readers."""
    assert coverage([np.array([1, 2]), np.array([2, 3])], 5) == 0.6
    assert (coverage([], 5), coverage([], 0)) == (0.0, 0.0)


def test_likes_are_weighed_by_how_rarely_their_papers_are_shown() -> None:
    assert estimated_likes(np.array([1, 0, 1], bool), np.array([1.0, 0.5, 0.25])) == 5.0


def test_estimated_likes_are_those_that_showing_would_bring_on_average() -> None:
    """Of three liked papers two are shown by lot; wanted: the likes of showing the first and last.

    Drawn are the pairs (0, 1), (0, 2), (1, 2) with 1/2, 1/4, 1/4, so that P = 3/4, 3/4, 1/2.
    """
    shown = {(0, 1): 0.5, (0, 2): 0.25, (1, 2): 0.25}
    propensity, wanted = np.array([0.75, 0.75, 0.5]), {0, 2}
    mean = sum(
        chance * estimated_likes(np.ones(len(seen), bool), propensity[seen])
        for pair, chance in shown.items()
        for seen in [[each for each in pair if each in wanted]]
    )
    assert mean == pytest.approx(2.0)


def test_bootstrap_interval_is_that_of_the_standard_error() -> None:
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    low, high = bootstrap_interval(values, np.random.default_rng(2), resamples=4000)
    error = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - error, abs=0.03)
    assert high == pytest.approx(values.mean() + error, abs=0.03)


def test_interval_is_the_same_for_the_same_seed_and_narrower_with_less_confidence() -> None:
    values = np.arange(20.0)
    first, again = (bootstrap_interval(values, np.random.default_rng(3)) for _ in range(2))
    low, high = bootstrap_interval(values, np.random.default_rng(3), confidence=0.5)
    assert first == again
    assert first[0] < low < high < first[1]


def test_interval_of_one_value_is_that_value_and_of_none_is_refused() -> None:
    generator = np.random.default_rng(0)
    assert bootstrap_interval(np.array([0.25]), generator) == (0.25, 0.25)
    with pytest.raises(ValueError, match="no values"):
        bootstrap_interval(np.array([]), generator)
