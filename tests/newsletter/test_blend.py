from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from recommender.newsletter.blend import (
    PRIOR_HALF_EVIDENCE,
    TREND_PROBABILITIES,
    blend,
    interest_outweighs,
    interest_weight,
    learn_half_evidence,
    trend_probability,
)

QUALITIES = st.floats(0, 1)
OUT_OF_RANGE = "^evidence must be >= 0, and it and the qualities finite$"
ISSUES = st.lists(st.tuples(st.floats(0, 500), QUALITIES, QUALITIES), max_size=40)


def instance(
    issues: int, crossing: float, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Issues of people with half a rating to sixty; the noise is twice a typical advantage."""
    rng = np.random.default_rng(seed)
    evidence = np.exp(rng.uniform(np.log(0.5), np.log(60), issues))
    advantage = 0.3 * np.tanh(np.log(evidence / crossing) / 2)
    common = rng.beta(0.6, 1.2, issues)
    trend = common - advantage / 2 + rng.normal(0, 0.2, issues)
    interest = common + advantage / 2 + rng.normal(0, 0.2, issues)
    return evidence, trend.clip(0, 1), interest.clip(0, 1)


def test_evidence_moves_the_blend_from_trend_to_interest() -> None:
    assert [interest_weight(evidence, 2.0) for evidence in (0, 0.5, 2, 6)] == [0, 0.2, 0.5, 0.75]


def test_poor_signal_leaves_interest_a_quarter_of_its_share() -> None:
    assert interest_weight(6, 2.0, poor_signal=True) == 0.75 / 4
    assert interest_weight(0, 2.0, poor_signal=True) == 0


def odds(probability: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(probability) / (1 - np.asarray(probability))


def test_attention_raises_the_probability_that_anybody_likes_a_paper() -> None:
    least, most = TREND_PROBABILITIES
    np.testing.assert_allclose(
        [least, (least + most) / 2, most], trend_probability(np.array([0.0, 0.5, 1.0]))
    )


def test_odds_of_the_blend_are_the_geometric_mean_of_those_of_both() -> None:
    trend, interest = np.array([[0.4, 0.2]]), np.array([[0.3, 0.1], [0.001, 0.2]])
    anybody = trend_probability(trend)
    np.testing.assert_allclose(np.vstack([anybody, anybody]), blend(trend, interest, 0.0))
    for weight in (0.5, 0.25):
        np.testing.assert_allclose(
            odds(anybody) ** (1 - weight) * odds(interest) ** weight,
            odds(blend(trend, interest, weight)),
        )


def test_dislike_takes_a_paper_of_much_attention_below_one_of_none() -> None:
    disliked, average = blend(np.array([0.9, 0.0]), np.array([0.0001, 0.001]), 0.6)
    assert disliked < average


@pytest.mark.parametrize(
    ("trend", "interest", "weight", "outweighs"),
    [
        (0.9, 0.2, 0.6, True),
        (0.9, 0.02, 0.6, False),
        (0.9, 0.2, 0.0, False),
        (0.0, 0.01, 0.5, True),
    ],
)
def test_interest_outweighs_attention_where_it_raised_the_blend_more(
    trend: float, interest: float, weight: float, outweighs: bool
) -> None:
    assert interest_outweighs(trend, interest, weight, average=0.01) is outweighs


def test_without_issues_the_prior_stands() -> None:
    assert learn_half_evidence([], [], []) == PRIOR_HALF_EVIDENCE


def test_issues_where_both_are_equally_good_say_nothing() -> None:
    assert learn_half_evidence([1, 5, 50], [0.2, 0.5, 0], [0.2, 0.5, 0]) == PRIOR_HALF_EVIDENCE


def most_likely(evidence: Sequence[float], advantage: Sequence[float]) -> float:
    """Find what `learn_half_evidence` maximises, written out, on a grid forty times as fine."""

    def objective(half: float) -> float:
        course = [(amount - half) / (amount + half) for amount in evidence]
        lengths = sum(each**2 for each in advantage) * sum(each**2 for each in course)
        z = sum(s * d for s, d in zip(course, advantage, strict=True)) / math.sqrt(lengths)
        z *= math.sqrt(len(evidence))
        return z * abs(z) / 2 - (math.log(half / PRIOR_HALF_EVIDENCE) / 0.3) ** 2 / 2

    return max(np.geomspace(0.5, 20, 5000).tolist(), key=objective)


def test_two_issues_by_hand() -> None:
    """Here z = √2 · Σ s d / √(Σ d² · Σ s²), d = −0.2 at 1 rating, 0.2 at 9: h = 3 fits best.

    There s = −1/2 and 1/2, so z² / 2 = 1; the prior pulls that back to within a sixth of it.
    """
    learned = learn_half_evidence([1, 9], [0.5, 0.3], [0.3, 0.5])
    assert learned == pytest.approx(most_likely([1, 9], [-0.2, 0.2]), rel=0.03)
    assert PRIOR_HALF_EVIDENCE < learned < PRIOR_HALF_EVIDENCE * 7 / 6


@pytest.mark.parametrize("crossing", np.geomspace(1, 10, 12).tolist())
def test_learned_is_the_most_likely_up_to_a_step_of_the_grid(crossing: float) -> None:
    evidence = [crossing / 4, crossing / 2, crossing * 2, crossing * 4] * 10
    advantage = [-0.2, -0.1, 0.1, 0.2] * 10
    learned = learn_half_evidence(evidence, np.zeros(40), advantage)
    assert math.log(learned) == pytest.approx(
        math.log(most_likely(evidence, advantage)), abs=math.log(20 / 0.5) / 119
    )


@pytest.mark.parametrize(
    ("interest", "least", "most"), [(0.5, 1 / 1.04, 0.995), (0.1, 1.005, 1.04)]
)
def test_one_issue_moves_the_prior_to_the_side_that_it_speaks_for(
    interest: float, least: float, most: float
) -> None:
    """At exactly the prior it says nothing for it, and 1/2 for all h on one side of it."""
    learned = learn_half_evidence([PRIOR_HALF_EVIDENCE], [0.3], [interest])
    assert least * PRIOR_HALF_EVIDENCE < learned < most * PRIOR_HALF_EVIDENCE


def test_qualities_may_be_hits() -> None:
    assert learn_half_evidence([1, 9], [True, False], [False, True]) == (
        learn_half_evidence([1, 9], [1.0, 0.0], [0.0, 1.0])
    )


@pytest.mark.parametrize("crossing", [1.0, 2.0, 6.0, 12.0])
@pytest.mark.parametrize("seed", range(5))
def test_thousand_issues_recover_where_interest_overtakes_trend(crossing: float, seed: int) -> None:
    learned = learn_half_evidence(*instance(1000, crossing, seed=seed))
    assert learned == pytest.approx(crossing, rel=0.3)


@pytest.mark.parametrize("seed", range(5))
def test_ten_issues_hardly_move_the_prior(seed: int) -> None:
    learned = learn_half_evidence(*instance(10, 12.0, seed=seed))
    assert learned == pytest.approx(PRIOR_HALF_EVIDENCE, rel=0.25)


def test_noise_without_a_crossing_leaves_the_prior() -> None:
    rng = np.random.default_rng(3)
    evidence = np.exp(rng.uniform(np.log(0.5), np.log(60), 1000))
    learned = learn_half_evidence(evidence, rng.random(1000), rng.random(1000))
    assert learned == pytest.approx(PRIOR_HALF_EVIDENCE, rel=0.1)


@pytest.mark.parametrize(("interest", "expected"), [(0.6, 0.5), (0.2, 20.0)])
def test_interest_that_always_or_never_wins_goes_to_the_bounds(
    interest: float, expected: float
) -> None:
    evidence = np.geomspace(0.3, 60, 3000)
    learned = learn_half_evidence(evidence, np.full(3000, 0.4), np.full(3000, interest))
    assert learned == expected


@given(ISSUES)
def test_what_is_learned_stays_within_the_bounds(
    issues: list[tuple[float, float, float]],
) -> None:
    evidence, trend, interest = np.array(issues).reshape(-1, 3).T
    learned = learn_half_evidence(evidence, trend, interest)
    assert 0.5 <= learned <= 20.0


@pytest.mark.parametrize(
    ("evidence", "quality", "message"),
    [
        ([1.0], [0.5, 0.5], r"evidence of \(1,\) issues, qualities of \(2,\)"),
        ([[1.0]], [[0.5]], r"evidence of \(1, 1\) issues"),
        ([-1.0], [0.5], OUT_OF_RANGE),
        ([math.inf], [0.5], OUT_OF_RANGE),
        ([1.0], [math.nan], OUT_OF_RANGE),
    ],
)
def test_issues_out_of_range_are_refused(
    evidence: list[float], quality: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        learn_half_evidence(evidence, np.zeros_like(quality), quality)
