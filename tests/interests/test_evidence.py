from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Paper, Rating
from recommender.interests.evidence import Evidence, fit_interest, gather_evidence
from recommender.interests.paper_index import PaperIndex, index_papers

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)


def rating(paper_id: int, value: int = 1, *, saved: bool = False) -> Rating:
    return Rating(paper_id, value, saved, NOW)


def counts(evidence: Evidence) -> tuple[int, int, int, float]:
    return evidence.likes, evidence.dislikes, evidence.saves, evidence.amount


def test_save_counts_as_a_strong_like(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [rating(1), rating(2, 0, saved=True), rating(3, -1)], "")
    assert evidence.targets.tolist() == [1, 1, -1]
    assert evidence.weights.tolist() == [1, 2, 1]
    assert counts(evidence) == (1, 1, 1, 4)


def test_paper_liked_and_saved_is_one_strong_like_and_counted_as_both(index: PaperIndex) -> None:
    assert counts(gather_evidence(index, [rating(1, saved=True)], "")) == (1, 0, 1, 2)


def test_paper_saved_and_disliked_is_both(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [rating(1, -1, saved=True)], "")
    assert (evidence.liked, evidence.disliked) == ((0,), (0,))


def test_withdrawn_rating_is_no_evidence(index: PaperIndex) -> None:
    assert counts(gather_evidence(index, [rating(1, 0)], "")) == (0, 0, 0, 0)


def test_paper_that_is_not_indexed_or_has_no_words_is_left_out(index: PaperIndex) -> None:
    wordless = index_papers([*index.papers, Paper(11, "The", "", (), None, None, None, None, NOW)])
    assert counts(gather_evidence(wordless, [rating(11), rating(99)], "")) == (0, 0, 0, 0)


def test_each_stated_phrase_is_a_weak_like_of_its_own(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [], "Graph neural networks,  protein\tfolding; cooking.")
    assert evidence.phrases == ("Graph neural networks", "protein folding")
    assert evidence.weights.tolist() == [0.5, 0.5]


def test_stated_interest_puts_its_papers_on_top(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [], "protein folding")
    scores = fit_interest(index, evidence).interest_score(index.rows)
    assert set(np.argsort(-scores)[:2].tolist()) == {4, 5}


def test_likes_outweigh_what_was_stated(index: PaperIndex) -> None:
    likes = [rating(1), rating(2)]
    evidence = gather_evidence(index, likes, "protein folding")
    scores = fit_interest(index, evidence).interest_score(index.rows)
    assert int(np.argsort(-scores)[2]) == 2


@given(st.permutations([rating(1), rating(2, -1), rating(3, 0, saved=True), rating(7)]))
def test_order_of_ratings_leaves_no_trace(index: PaperIndex, ratings: list[Rating]) -> None:
    expected = fit_interest(index, gather_evidence(index, sorted(ratings, key=str), ""))
    actual = fit_interest(index, gather_evidence(index, ratings, ""))
    np.testing.assert_array_equal(actual.coef_, expected.coef_)


@pytest.mark.parametrize("shuffled", [(3, 1, 2), (2, 3, 1)])
def test_order_of_papers_leaves_no_trace(index: PaperIndex, shuffled: tuple[int, ...]) -> None:
    by_id = {paper.id: paper for paper in index.papers}
    ordered = index_papers([by_id[number] for number in (1, 2, 3)])
    mixed = index_papers([by_id[number] for number in shuffled])
    np.testing.assert_array_equal(mixed.rows.toarray(), ordered.rows.toarray())
    assert mixed.row_of == {1: 0, 2: 1, 3: 2}
