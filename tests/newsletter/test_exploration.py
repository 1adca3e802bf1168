from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.newsletter.exploration import (
    UNIFORM_SHARE,
    Explored,
    draw_probabilities,
    explore,
    explored_positions,
    inclusion_probabilities,
    places_explored,
)

NONE = np.array([], dtype=np.intp)
CANDIDATES = st.integers(1, 40).flatmap(
    lambda size: st.tuples(
        st.lists(st.floats(0, 1), min_size=size, max_size=size).map(np.array),
        st.none() | st.lists(st.floats(0, 2), min_size=size, max_size=size).map(np.array),
        st.lists(st.integers(0, size - 1), unique=True).map(lambda at: np.array(at, np.intp)),
    )
)


def rng(seed: int = 0) -> Random:
    return Random(seed)  # noqa: S311 - what is explored


def numbers(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def chances(*probability: float) -> np.ndarray:
    return np.array(probability)


@pytest.mark.parametrize(
    ("papers", "most", "places"),
    [(0, 2, 0), (3, 2, 0), (4, 2, 1), (9, 2, 1), (10, 2, 2), (50, 9, 2), (10, 1, 1), (10, 0, 0)],
)
def test_larger_issues_have_more_explored_places(papers: int, most: int, places: int) -> None:
    assert places_explored(papers, most) == places


def test_explored_papers_stand_in_the_middle_and_at_the_end() -> None:
    assert explored_positions(10, 2) == (5, 10)
    assert explored_positions(11, 2) == (6, 11)
    assert explored_positions(4, 1) == (2,)
    assert explored_positions(9, 1) == (5,)
    assert explored_positions(3, 0) == ()


@given(st.integers(0, 50), st.integers(0, 3))
def test_no_explored_paper_comes_first_and_not_all_come_last(papers: int, most: int) -> None:
    positions = explored_positions(papers, places_explored(papers, most))
    assert all(1 < position <= papers for position in positions)
    assert not positions or positions[0] < papers
    assert sorted(set(positions)) == list(positions)


@pytest.mark.parametrize(("papers", "places"), [(1, 1), (3, 2), (10, 3), (10, -1)])
def test_issue_without_room_for_explored_papers_is_refused(papers: int, places: int) -> None:
    with pytest.raises(ValueError, match="explored places in an issue"):
        explored_positions(papers, places)


def test_draw_probabilities_by_hand() -> None:
    """Twice the blend is eight times the promise; the taken one has none; a tenth is uniform."""
    actual = draw_probabilities(
        chances(0.1, 0.2, 0.9, 0.1), chances(1, 1, 1, 2), np.array([2], np.intp)
    )
    values = chances(1, 8, 0, 2)
    expected = 0.9 * values / values.sum() + chances(0.1, 0.1, 0, 0.1) / 3
    np.testing.assert_allclose(actual, expected)


def test_newcomer_is_drawn_for_by_promise_alone() -> None:
    blend = chances(0.1, 0.5, 0.3)
    np.testing.assert_allclose(
        draw_probabilities(blend, None, NONE), draw_probabilities(blend, np.ones(3), NONE)
    )


def test_where_nothing_is_uncertain_all_are_alike() -> None:
    actual = draw_probabilities(chances(0.1, 0.5, 0.3), np.zeros(3), np.array([1], np.intp))
    np.testing.assert_allclose(actual, [0.5, 0, 0.5])


@given(CANDIDATES)
def test_every_candidate_that_is_left_may_be_drawn(
    candidates: tuple[np.ndarray, np.ndarray | None, np.ndarray],
) -> None:
    blend, deviation, taken = candidates
    probability = draw_probabilities(blend, deviation, taken)
    free = np.setdiff1d(np.arange(len(blend)), taken)
    assert (probability[taken] == 0).all()
    if len(free):
        assert (probability[free] >= UNIFORM_SHARE / len(free) * (1 - 1e-9)).all()
        assert probability.sum() == pytest.approx(1)


def test_inclusion_in_two_draws_by_hand() -> None:
    """The first of three: 1/2 at once, or after the second or the third."""
    inclusion = inclusion_probabilities(chances(0.5, 0.3, 0.2), 2)
    assert inclusion[0] == pytest.approx(0.5 + 0.3 * 0.5 / 0.7 + 0.2 * 0.5 / 0.8)
    assert inclusion.sum() == pytest.approx(2)


def test_inclusion_in_one_draw_is_its_probability() -> None:
    np.testing.assert_allclose(inclusion_probabilities(chances(0.7, 0.3), 1), [0.7, 0.3])


def test_what_must_be_drawn_has_propensity_one() -> None:
    np.testing.assert_array_equal(inclusion_probabilities(chances(0, 0.9, 0.1), 2), [0, 1, 1])
    np.testing.assert_array_equal(inclusion_probabilities(chances(1.0, 0.0), 1), [1, 0])


@given(CANDIDATES, st.integers(0, 2), st.integers(0, 99))
def test_drawn_papers_are_new_differ_and_carry_their_inclusion_probability(
    candidates: tuple[np.ndarray, np.ndarray | None, np.ndarray], places: int, seed: int
) -> None:
    blend, deviation, taken = candidates
    drawn = explore(blend, deviation, taken, places=places, rng=rng(seed))
    assert len(drawn.candidates) == min(places, len(blend) - len(taken))
    assert len(set(drawn.candidates.tolist())) == len(drawn.candidates)
    assert not np.isin(drawn.candidates, taken).any()
    assert ((drawn.propensities > 0) & (drawn.propensities <= 1 + 1e-9)).all()
    inclusion = inclusion_probabilities(draw_probabilities(blend, deviation, taken), places)
    assert inclusion.sum() == pytest.approx(len(drawn.candidates))
    np.testing.assert_allclose(drawn.propensities, inclusion[drawn.candidates])


def test_same_seed_draws_the_same() -> None:
    blend = numbers(1).random(100)

    def drawn(seed: int) -> list[int]:
        return explore(blend, None, NONE, places=2, rng=rng(seed)).candidates.tolist()

    assert drawn(7) == drawn(7)
    assert len({tuple(drawn(seed)) for seed in range(20)}) > 1


def test_uncertain_and_promising_papers_are_drawn_more_often() -> None:
    blend, deviation = np.full(10, 0.5), np.full(10, 0.2)
    deviation[3], blend[7] = 1.0, 0.6
    drawn = [explore(blend, deviation, NONE, places=1, rng=rng(seed)) for seed in range(400)]
    counts = np.bincount([int(each.candidates[0]) for each in drawn], minlength=10)
    assert set(np.argsort(counts)[-2:].tolist()) == {3, 7}


def test_more_than_two_places_are_refused() -> None:
    with pytest.raises(ValueError, match="3 explored places"):
        explore(np.ones(9) / 2, None, NONE, places=3, rng=rng())


@pytest.fixture(scope="module")
def log() -> tuple[np.ndarray, list[Explored]]:
    """Five thousand issues of twelve candidates, of which the ranking took two."""
    source = rng(5)
    blend, deviation = numbers(5).random(12) * 0.3, numbers(7).random(12)
    taken = np.array([0, 4], np.intp)
    issues = [explore(blend, deviation, taken, places=2, rng=source) for _ in range(5000)]
    return inclusion_probabilities(draw_probabilities(blend, deviation, taken), 2), issues


def test_papers_are_shown_as_often_as_their_propensity_says(
    log: tuple[np.ndarray, list[Explored]],
) -> None:
    inclusion, issues = log
    shown = np.bincount(np.concatenate([each.candidates for each in issues]), minlength=12)
    deviation = np.sqrt(len(issues) * inclusion * (1 - inclusion))
    assert (np.abs(shown - len(issues) * inclusion) <= 4 * deviation).all()


def test_value_of_another_ranking_is_estimated_without_bias(
    log: tuple[np.ndarray, list[Explored]],
) -> None:
    """Horvitz–Thompson: what three other papers would have earned, from those that were shown.

    Counting what was shown as it is would be far off.
    """
    _, issues = log
    liking = numbers(6).random(12)
    wanted = np.array([2, 7, 11])
    clicks = numbers(8)
    weighted, plain = [], []
    for issue in issues:
        liked = clicks.random(len(issue.candidates)) < liking[issue.candidates]
        counted = liked & np.isin(issue.candidates, wanted)
        weighted.append((counted / issue.propensities).sum())
        plain.append(counted.sum())
    standard_error = np.std(weighted) / np.sqrt(len(weighted))
    truth = liking[wanted].sum()
    assert abs(np.mean(weighted) - truth) <= 3 * standard_error
    assert standard_error < 0.2 * truth
    assert abs(np.mean(plain) - truth) > 10 * np.std(plain) / np.sqrt(len(plain))
