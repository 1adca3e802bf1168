from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from recommender.interests.ordering import best_first

SCORES = st.floats(allow_nan=False) | st.sampled_from([-0.0, 0.0, 0.5, 0.5 + 2**-53, 1 - 2**-53])


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=SCORES))
def test_order_is_that_of_a_stable_sort(scores: np.ndarray) -> None:
    assert best_first(scores).tolist() == np.argsort(-scores, axis=1, kind="stable").tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_scores_that_differ_little_are_told_apart(dtype: type[np.floating]) -> None:
    random = np.random.default_rng(0)
    scores = (1e-6 + 1e-12 * random.random((3, 5000))).astype(dtype)
    assert np.array_equal(best_first(scores), np.argsort(-scores, axis=1, kind="stable"))


def test_equal_scores_keep_their_order() -> None:
    scores = np.broadcast_to(np.array([0.1, 0.3, 0.1, 0.3]), (2, 4))
    assert best_first(scores).tolist() == [[1, 3, 0, 2]] * 2


def test_nobody_and_nothing_have_an_order_too() -> None:
    assert best_first(np.zeros((0, 4))).shape == (0, 4)
    assert best_first(np.zeros((2, 0))).shape == (2, 0)
