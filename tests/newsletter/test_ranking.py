from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender.newsletter.ranking import RankedPaper, crowding, interest_weight, rank_papers

SCORES = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=60)


def unlike(papers: int) -> sparse.csr_matrix:
    """Rows of papers that have nothing in common."""
    return sparse.identity(papers, dtype=np.float32, format="csr")


def ranked(
    trend: list[float],
    interest: list[float] | None = None,
    *,
    weight: float = 0.0,
    places: int = 10,
    rows: sparse.csr_matrix | None = None,
    offered: list[int] | None = None,
) -> list[RankedPaper]:
    return rank_papers(
        unlike(len(trend)) if rows is None else rows,
        np.array(trend),
        None if interest is None else np.array(interest),
        weight=weight,
        offered=np.array(range(len(trend)) if offered is None else offered, dtype=np.intp),
        places=places,
    )


def order(papers: list[RankedPaper]) -> list[int]:
    return [paper.candidate for paper in papers]


def test_evidence_moves_the_blend_from_trend_to_interest() -> None:
    assert [interest_weight(evidence) for evidence in (0, 0.5, 2, 6)] == [0, 0.2, 0.5, 0.75]


def test_newcomer_gets_what_is_trending() -> None:
    papers = ranked([0.2, 0.9, 0.5], weight=0.7)
    assert order(papers) == [1, 2, 0]
    assert papers[0] == RankedPaper(1, 0.9, None, 0.0, 0.0, 0.9)


def test_breakdown_is_the_formula() -> None:
    assert ranked([0.4], [0.9], weight=0.25) == [
        RankedPaper(0, 0.4, 0.9, 0.25, 0.0, pytest.approx(0.525))
    ]


def test_equal_scores_keep_their_order() -> None:
    assert order(ranked([0.5] * 300, places=4)) == [0, 1, 2, 3]


def test_only_what_is_offered_is_ranked() -> None:
    assert order(ranked([0.9, 0.1, 0.5], offered=[1, 2])) == [2, 1]


def test_crowding_by_hand() -> None:
    np.testing.assert_allclose(crowding(np.array([0, 0.5, 0.75, 1])), [0, 0, 0.5, 1])


def test_duplicate_goes_behind_everything_else() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32))
    papers = ranked([0.9, 0.8, 0.2, 0.1], rows=rows)
    assert order(papers) == [0, 2, 3, 1]
    assert (papers[-1].crowding, papers[-1].ranking_score) == (1, 0)


def test_papers_on_one_subject_do_not_crowd_each_other() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0], [0.45, 0.893], [0, 1]], np.float32))
    assert order(ranked([0.9, 0.8, 0.1], rows=rows, places=2)) == [0, 1]


@given(SCORES, st.integers(1, 20), st.integers(0, 3))
def test_ranking_falls_and_no_paper_comes_twice(trend: list[float], places: int, seed: int) -> None:
    rows = sparse.random(len(trend), 4, density=0.5, random_state=seed, format="csr")
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1)).A1
    rows = sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-9)) @ rows)
    papers = ranked(trend, rows=rows, places=places)
    scores = [paper.ranking_score for paper in papers]
    assert len(set(order(papers))) == len(papers) == min(places, len(trend))
    assert scores == sorted(scores, reverse=True)
    assert all(
        paper.ranking_score == pytest.approx(trend[paper.candidate] * (1 - paper.crowding))
        for paper in papers
    )


@given(SCORES, st.integers(1, 5))
def test_without_near_duplicates_the_best_blend_comes_first(
    trend: list[float], places: int
) -> None:
    expected = np.argsort(-np.array(trend), kind="stable")[:places].tolist()
    assert order(ranked(trend, places=places)) == expected
