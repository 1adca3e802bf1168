from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.calibration import Calibration
from recommender.interests.parameters import InterestParameters

DISTANCES = st.floats(-1e6, 1e6)
CALIBRATIONS = st.builds(Calibration, st.floats(-20, 5), st.floats(0.1, 10))


def drawn(
    truth: Calibration, given: Calibration, papers: int = 20_000
) -> tuple[np.ndarray, np.ndarray]:
    """Draw papers' probabilities by one calibration, and likes by another."""
    random = np.random.default_rng(0)
    distances = random.exponential(8, papers)
    return given.probability(distances), random.random(papers) < truth.probability(distances)


def test_probability_by_hand() -> None:
    calibration = Calibration(-7.0, 2.0)
    assert calibration.probability(0.0) == pytest.approx(1 / (1 + np.exp(7)))
    assert calibration.probability(np.sinh(3.5)) == pytest.approx(0.5)


@given(CALIBRATIONS, DISTANCES, DISTANCES)
def test_who_stands_out_more_is_not_less_probable(
    calibration: Calibration, one: float, other: float
) -> None:
    less, more = calibration.probability(sorted([one, other]))
    assert 0 <= less <= more <= 1


def test_truth_is_learned_from_what_another_calibration_showed() -> None:
    truth, given = Calibration(-4.0, 0.9), Calibration(-7.0, 1.3)
    probability, liked = drawn(truth, given)
    learned = given.anew(np.array_split(probability, 7), np.array_split(liked, 7))
    distances = [2.0, 8.0, 20.0]
    np.testing.assert_allclose(
        truth.probability(distances), learned.probability(distances), rtol=0.1
    )


@pytest.mark.parametrize("papers", [0, 40, 200])
def test_of_few_likes_nothing_is_learned(papers: int) -> None:
    given = Calibration(-7.0, 1.3)
    probability, liked = drawn(Calibration(-5.0, 0.9), given, papers)
    assert liked.sum() < 30
    assert given.anew([probability], [liked]) == given


def test_calibration_that_likes_contradict_stays() -> None:
    given = Calibration(-4.0, 1.0)
    probability, liked = drawn(Calibration(1.0, -1.0), given)
    assert given.anew([probability], [liked]) == given


def test_what_is_out_of_its_bounds_is_not_learned() -> None:
    parameters = InterestParameters()
    assert parameters.calibrated(Calibration(-6.0, 99.0)) == parameters
    assert parameters.calibrated(Calibration(-6.0, 2.0)).calibration == Calibration(-6.0, 2.0)


def test_nothing_is_certain_and_what_is_parted_stays_within_reason() -> None:
    assert 0 < Calibration(5.0, 10.0).probability(1e9) < 1
    assert 0 < Calibration(-20.0, 10.0).probability(-1e9) < 1
    given = Calibration(-5.25, 0.9)
    distances = np.r_[np.linspace(9, 16, 35), np.linspace(2, 8, 45)]
    learned = given.anew([given.probability(distances)], [distances > 8.5])
    assert learned.probability(4.0) < 0.1
    assert 0.5 < learned.probability(14.0) < 0.99


def test_single_precision_keeps_the_odds_and_the_order_of_what_stands_out() -> None:
    """To six digits; papers that differ in the fifth digit of their distance are told apart."""
    distances = np.concatenate([-np.geomspace(1e-3, 1e3, 500)[::-1], np.geomspace(1e-3, 1e3, 500)])
    for calibration in (Calibration(-5.25, 0.9), Calibration(3.0, 2.0)):
        exact = 1 / (1 + np.exp(-calibration.intercept - calibration.slope * np.arcsinh(distances)))
        np.testing.assert_allclose(calibration.probability(distances), exact, rtol=5e-6)
        near = calibration.probability(np.array([20.0, 20.0004, 300.0, 300.005]))
        assert (np.diff(near) > 0).all()
