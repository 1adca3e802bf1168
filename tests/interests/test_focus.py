"""Words that tell most of an interest tell more, the more was rated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.domain import Rating
from recommender.interests.batch import Interests, fit_interests
from recommender.interests.evidence import gather_evidence
from recommender.interests.focus import focus
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)


def focused(coef: np.ndarray, gains: list[float]) -> np.ndarray:
    given_array = coef.astype(np.float32)
    focus(given_array, np.array(gains))
    return given_array


@settings(max_examples=60)
@given(n_terms=st.integers(1, 3000), gains=st.lists(st.floats(0, 50), min_size=1, max_size=7))
def test_each_weight_gains_by_its_share_of_the_largest_and_the_length_stays(
    n_terms: int, gains: list[float]
) -> None:
    coef = np.random.default_rng(n_terms).normal(size=(n_terms, len(gains))) ** 3
    expected = coef * (1 + np.array(gains) * np.abs(coef) / np.abs(coef).max(axis=0))
    expected *= np.linalg.norm(coef, axis=0) / np.linalg.norm(expected, axis=0)
    np.testing.assert_allclose(focused(coef, gains), expected, rtol=1e-4, atol=1e-6)


def test_interest_of_nothing_stays_nothing_and_there_may_be_none() -> None:
    coef = focused(np.array([[0.0, 1.0], [0.0, -3.0]]), [5.0, 0.0])
    assert coef.tolist() == [[0.0, 1.0], [0.0, -3.0]]
    assert focused(np.zeros((4, 0)), []).shape == (4, 0)
    assert focused(np.zeros((0, 2)), [1.0, 1.0]).shape == (0, 2)


def fitted(index: PaperIndex, times_rated: int, parameters: InterestParameters) -> Interests:
    said = [Rating(index.papers[row].id, 1, False, NOW) for row in range(times_rated)]
    return fit_interests(index, [gather_evidence(index, said)], parameters)


def test_average_of_the_background_is_nought_when_focused(index: PaperIndex) -> None:
    models = fitted(index, 3, InterestParameters(focus=0.5)).models
    average = index.background.mean_ @ models.coef_ + models.intercept_
    assert average == pytest.approx(0, abs=1e-6)


def test_more_ratings_focus_more(index: PaperIndex) -> None:
    parameters = InterestParameters(focus=0.1)
    moved = []
    for ratings in (1, 3, 8):
        plain = fitted(index, ratings, replace(parameters, focus=0.0)).models.coef_[:, 0]
        sharp = fitted(index, ratings, parameters).models.coef_[:, 0]
        largest = np.abs(plain).argmax()
        moved.append(sharp[largest] / plain[largest])
    assert 1 < moved[0] < moved[1] < moved[2]
