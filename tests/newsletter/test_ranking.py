from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender.newsletter.quota import quota_places
from recommender.newsletter.ranking import Place, crowding, crowding_pairs, rank_papers

SCORES = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=60)
TIES = st.lists(st.sampled_from([0.0, 0.25, 0.5]), min_size=1, max_size=60)


def unlike(papers: int) -> sparse.csr_matrix:
    """Rows of papers that have nothing in common."""
    return sparse.identity(papers, dtype=np.float32, format="csr")


def unit_rows(rows: np.ndarray) -> sparse.csr_matrix:
    """Return each row the Euclidean length 1, or 0 where it is empty."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return sparse.csr_matrix(rows / np.where(lengths, lengths, 1), dtype=np.float32)


def some_rows(papers: int, seed: int, *, terms: int = 4) -> sparse.csr_matrix:
    """Rows of so few terms that many papers crowd each other."""
    rng = np.random.default_rng(seed)
    return unit_rows(rng.random((papers, terms)) * (rng.random((papers, terms)) < 0.5))


def ranked(
    *blends: list[float],
    places: int = 10,
    rows: sparse.csr_matrix | None = None,
    shares: list[float] | None = None,
) -> list[Place]:
    """Rank by the blends of each head."""
    return rank_papers(
        np.array(blends, dtype=np.float64),
        crowding_pairs(unlike(len(blends[0])) if rows is None else rows),
        shares=[1.0] * len(blends) if shares is None else shares,
        places=places,
    )


def order(places: list[Place]) -> list[int]:
    return [place.candidate for place in places]


def heads(places: list[Place]) -> list[int]:
    return [place.head for place in places]


def test_best_blend_comes_first_with_its_breakdown() -> None:
    assert ranked([0.2, 0.9, 0.5]) == [
        Place(1, 0, 0.0, 0.9),
        Place(2, 0, 0.0, 0.5),
        Place(0, 0, 0.0, 0.2),
    ]


@given(TIES, st.integers(1, 60))
def test_equal_scores_keep_their_order(blends: list[float], places: int) -> None:
    expected = np.argsort(-np.array(blends), kind="stable")[:places].tolist()
    assert order(ranked(blends, places=places)) == expected


@given(SCORES, st.integers(1, 5))
def test_without_near_duplicates_the_best_blend_comes_first(
    blends: list[float], places: int
) -> None:
    expected = np.argsort(-np.array(blends), kind="stable")[:places].tolist()
    assert order(ranked(blends, places=places)) == expected


def test_paper_that_is_not_offered_never_comes() -> None:
    assert order(ranked([-np.inf, 0.1, 0.5])) == [2, 1]
    assert ranked([-np.inf, -np.inf]) == []
    both = ranked([-np.inf, 0.1, 0.5], [-np.inf, 0.9, 0.2], places=3)
    assert sorted(order(both)) == [1, 2]


def test_no_place_is_no_paper() -> None:
    assert ranked([0.5], places=0) == []
    assert ranked([], places=3) == []
    assert ranked([0.5], [0.4], places=0) == []


def test_crowding_by_hand() -> None:
    np.testing.assert_allclose(crowding(np.array([0, 0.5, 0.75, 1])), [0, 0, 0.5, 1])


def test_cosine_that_rounding_lifts_above_1_crowds_no_more_than_a_duplicate() -> None:
    """Beyond, the blend of the paper below would turn negative."""
    assert crowding(np.array([1 + 1e-6])).tolist() == [1]


def test_papers_that_begin_to_crowd_each_other_take_no_room_yet() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5]], np.float32))
    assert crowding_pairs(rows).nnz == 0


def test_crowding_pairs_by_hand() -> None:
    """Cosines of 0.8 and 0.6 with the first paper, 0.96 with each other, and an unlike one."""
    rows = sparse.csr_matrix(
        np.array([[1, 0, 0], [0.8, 0.6, 0], [0.6, 0.8, 0], [0, 0, 1], [0, 0, 0]], np.float32)
    )
    expected = np.zeros((5, 5))
    expected[0, 1] = expected[1, 0] = 0.6
    expected[0, 2] = expected[2, 0] = 0.2
    expected[1, 2] = expected[2, 1] = 0.92
    pairs = crowding_pairs(rows)
    np.testing.assert_allclose(pairs.toarray(), expected, atol=1e-6)
    assert pairs.nnz == 6, "a paper does not crowd itself, and unlike ones take no room"


@pytest.mark.parametrize("papers", [0, 1, 499, 500, 501, 1203])
def test_pairs_found_in_blocks_are_those_of_the_whole(papers: int) -> None:
    rows = some_rows(papers, seed=papers, terms=30)
    expected = crowding((rows @ rows.T).toarray().astype(float))
    np.fill_diagonal(expected, 0)
    pairs = crowding_pairs(rows)
    assert pairs.shape == (papers, papers)
    np.testing.assert_allclose(pairs.toarray(), expected, atol=1e-6)


def test_near_duplicates_by_hand() -> None:
    """Crowding 0.6 leaves the second 0.32 of 0.8, which is less than the third has.

    The last has most in common with the second, which is above it by then.
    """
    rows = sparse.csr_matrix(
        np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 0, 1], [0.6, 0.8, 0]], np.float32)
    )
    places = ranked([0.9, 0.8, 0.4, 0.3], rows=rows)
    assert order(places) == [0, 2, 1, 3]
    np.testing.assert_allclose([each.crowding for each in places], [0, 0, 0.6, 0.92], atol=1e-6)
    np.testing.assert_allclose(
        [each.ranking_score for each in places], [0.9, 0.4, 0.32, 0.3 * 0.08], atol=1e-6
    )


def test_duplicate_goes_behind_everything_else() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32))
    places = ranked([0.9, 0.8, 0.2, 0.1], rows=rows)
    assert order(places) == [0, 2, 3, 1]
    assert (places[-1].crowding, places[-1].ranking_score) == (1, 0)


def test_duplicate_of_a_paper_that_is_not_offered_is_not_damped_and_brings_it_not_back() -> None:
    """−∞ times 0 would be no number, and the largest of all for argmax."""
    rows = sparse.csr_matrix(np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.float32))
    places = ranked([0.9, -np.inf, 0.8, 0.1], rows=rows)
    assert order(places) == [0, 3, 2]
    assert np.isfinite([place.ranking_score for place in places]).all()


@given(SCORES, st.integers(0, 60), st.integers(0, 9), st.integers(1, 3))
def test_scores_stay_numbers_whoever_crowds_whom(
    blends: list[float], hidden: int, seed: int, n_heads: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = some_rows(len(blends), seed, terms=2)
    every = np.stack([rng.permutation(blends) for _ in range(n_heads)])
    every[:, rng.permutation(len(blends))[:hidden]] = -np.inf
    is_offered = every[0] > -np.inf
    with np.errstate(invalid="raise"):
        places = rank_papers(
            every, crowding_pairs(rows), shares=rng.random(n_heads) + 0.1, places=len(blends)
        )
    assert sorted(order(places)) == np.flatnonzero(is_offered).tolist()
    assert all(0 <= place.ranking_score < 1 for place in places)
    assert not np.isnan(every).any()


def test_papers_on_one_subject_do_not_crowd_each_other() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0], [0.45, 0.893], [0, 1]], np.float32))
    assert order(ranked([0.9, 0.8, 0.1], rows=rows, places=2)) == [0, 1]


@given(SCORES, st.integers(1, 20), st.integers(0, 3))
def test_ranking_falls_and_no_paper_comes_twice(
    blends: list[float], places: int, seed: int
) -> None:
    rows = some_rows(len(blends), seed)
    picked = ranked(blends, rows=rows, places=places)
    scores = [place.ranking_score for place in picked]
    assert len(set(order(picked))) == len(picked) == min(places, len(blends))
    assert scores == sorted(scores, reverse=True)
    cosines = (rows @ rows.T).toarray()
    for at, place in enumerate(picked):
        above = cosines[place.candidate, order(picked[:at])]
        most = max(crowding(above).tolist(), default=0.0)
        assert place.crowding == pytest.approx(most, abs=1e-6)
        assert place.ranking_score == pytest.approx(
            blends[place.candidate] * (1 - place.crowding), abs=1e-6
        )


def test_two_heads_share_the_places_by_quota() -> None:
    """The weaker interest has its places among the first ones, however strong the other is."""
    strong = [0.9 - at / 100 for at in range(10)] + [0.1] * 10
    weak = [0.1] * 10 + [0.5 - at / 100 for at in range(10)]
    picked = ranked(strong, weak, places=10)
    reserved = quota_places([1, 1], 10)
    of_weak = np.cumsum(np.array(heads(picked)) == 1)
    assert (of_weak >= np.cumsum(reserved == 1)).all()
    assert of_weak[-1] == np.count_nonzero(reserved == 1) > 2
    assert all(
        place.head == (place.candidate >= 10) and place.ranking_score in (*strong, *weak)
        for place in picked
    )
    assert [at for at in order(picked) if at < 10] == list(range(10 - of_weak[-1]))


@pytest.mark.parametrize(("strengths", "counts"), [((0.5, 0.3), [10, 2]), ((0.3, 0.5), [6, 6])])
def test_larger_interest_has_more_places_for_certain_and_merit_has_the_open_ones(
    strengths: tuple[float, float], counts: list[int]
) -> None:
    """Of twelve places for shares of 3 to 1, six and two are reserved, and four are open."""
    reserved = quota_places([3, 1], 12)
    assert np.bincount(reserved + 1).tolist() == [4, 6, 2]
    first = [strengths[0] - at / 1000 for at in range(20)] + [0.1] * 20
    second = [0.1] * 20 + [strengths[1] - at / 1000 for at in range(20)]
    picked = ranked(first, second, places=12, shares=[3, 1])
    assert np.bincount(heads(picked)).tolist() == counts


def test_head_that_won_open_places_has_no_reserved_ones_beside_them() -> None:
    """What a head won by merit counts towards what is reserved for it."""
    assert quota_places([1, 1], 4).tolist() == [-1, 0, 1, -1]
    better, worse = [0.9, 0.2, 0.1, 0.1], [0.1, 0.1, 0.7, 0.6]
    assert heads(ranked(better, worse, places=4)) == [0, 1, 1, 0]
    # Three by merit count three: the second reserved place of the better head is open, too.
    assert quota_places([1, 1], 6).tolist() == [-1, 0, 1, -1, 0, 1]
    better = [0.9, 0.8, 0.7, 0.2, 0.1, 0.1, 0.1]
    worse = [0.1, 0.1, 0.1, 0.1, 0.6, 0.5, 0.4]
    assert heads(ranked(better, worse, places=6)) == [0, 0, 1, 0, 1, 1]


def test_head_without_papers_leaves_its_places_to_the_other() -> None:
    picked = ranked([0.9, 0.8, 0.7], [0.0, 0.0, 0.0], places=3)
    assert sorted(order(picked)) == [0, 1, 2]


def test_paper_that_one_head_took_crowds_the_others_too() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32))
    picked = ranked([0.9, 0.1, 0.1], [0.1, 0.8, 0.2], rows=rows, places=3)
    assert order(picked)[-1] == 1
    assert picked[-1].ranking_score == 0


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 20))
def test_each_head_has_its_quota_at_every_length(papers: int, places: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.random(2) + 0.1
    picked = rank_papers(
        rng.random((2, papers)),
        crowding_pairs(unlike(papers)),
        shares=shares,
        places=places,
    )
    assert len(picked) == len(set(order(picked))) == min(places, papers)
    reserved = quota_places(shares, places)[: len(picked)]
    for head in range(2):
        held = np.cumsum(np.array(heads(picked), dtype=int) == head)
        assert (held >= np.cumsum(reserved == head)).all()


@given(st.integers(1, 4), st.integers(0, 1000), st.integers(0, 60))
def test_head_places_its_papers_in_its_own_order(n_heads: int, seed: int, places: int) -> None:
    """What one head placed never stands after something of its own that it likes less."""
    rng = np.random.default_rng(seed)
    blends, shares = rng.random((n_heads, 60)), rng.random(n_heads) + 0.1
    picked = rank_papers(blends.copy(), crowding_pairs(unlike(60)), shares=shares, places=places)
    for head in range(n_heads):
        placed = [blends[head, place.candidate] for place in picked if place.head == head]
        assert placed == sorted(placed, reverse=True)


@given(st.integers(1, 4), st.integers(0, 1000), st.integers(0, 60))
def test_fewer_places_are_the_beginning_of_more(n_heads: int, seed: int, places: int) -> None:
    rng = np.random.default_rng(seed)
    blends, shares = rng.random((n_heads, 60)), rng.random(n_heads) + 0.1
    crowds = crowding_pairs(some_rows(60, seed))
    fewer, more = (
        rank_papers(blends.copy(), crowds, shares=shares, places=count) for count in (places, 60)
    )
    assert fewer == more[:places]
