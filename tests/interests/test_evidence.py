from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import KnownPaper, Paper, Rating, TermRating
from recommender.interests.batch import fit_interests
from recommender.interests.evidence import LEAST_DISLIKED, Evidence, gather_evidence
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.parameters import BOUNDS, InterestParameters

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
YEAR = timedelta(days=365.25)
Fit = Callable[..., Any]


def rating(paper_id: int, value: int = 1, *, saved: bool = False, at: datetime = NOW) -> Rating:
    return Rating(paper_id, value, saved, at)


def said_of(term: str, value: int) -> TermRating:
    return TermRating(term, term, value, NOW)


def counts(evidence: Evidence) -> tuple[int, int, int, float]:
    return evidence.likes, evidence.dislikes, evidence.saves, evidence.amount


def test_save_counts_as_a_strong_like(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [rating(1), rating(2, 0, saved=True), rating(3, -1)])
    assert evidence.targets.tolist() == [1, 1, -1]
    assert evidence.weights.tolist() == [1, 2, 1]
    assert counts(evidence) == (1, 1, 1, 4)


def test_paper_liked_and_saved_is_one_strong_like_and_counted_as_both(index: PaperIndex) -> None:
    assert counts(gather_evidence(index, [rating(1, saved=True)])) == (1, 0, 1, 2)


def test_paper_saved_and_disliked_is_both(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [rating(1, -1, saved=True)])
    assert (evidence.liked, evidence.disliked) == ((0,), (0,))


def test_withdrawn_rating_is_no_evidence(index: PaperIndex) -> None:
    assert counts(gather_evidence(index, [rating(1, 0)])) == (0, 0, 0, 0)


def test_paper_that_is_not_indexed_or_has_no_words_is_left_out(index: PaperIndex) -> None:
    wordless = index_papers([*index.papers, Paper(11, "The", "", (), None, None, None, None, NOW)])
    assert counts(gather_evidence(wordless, [rating(11), rating(99)])) == (0, 0, 0, 0)


def test_pieces_stand_in_their_order(index: PaperIndex) -> None:
    evidence = gather_evidence(
        index,
        [rating(3, -1), rating(7), rating(2)],
        "protein folding",
        terms=[said_of("speech", 1), said_of("graph", -1)],
    )
    assert (evidence.liked, evidence.disliked) == ((1, 6), (2,))
    assert evidence.targets.tolist() == [1, 1, -1, -1, 1, 1]
    assert evidence.weights.tolist() == [1, 1, 1, 1, 1, 0.5]
    first, second = evidence.words[:2].indices.tolist()
    assert [index.space.columns_[first], index.space.columns_[second]] == ["graph", "speech"]


def test_each_stated_phrase_is_a_weak_like_of_its_own(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [], "Graph neural networks,  protein\tfolding; cooking.")
    assert evidence.phrases == ("Graph neural networks", "protein folding")
    assert evidence.weights.tolist() == [0.5, 0.5]


def test_stated_interest_puts_its_papers_on_top(index: PaperIndex, fitted: Fit) -> None:
    scores = fitted(index, [], "protein folding").interest_scores
    assert set(np.argsort(-scores)[:2].tolist()) == {4, 5}


def test_likes_outweigh_what_was_stated(index: PaperIndex, fitted: Fit) -> None:
    scores = fitted(index, [rating(1), rating(2)], "protein folding").interest_scores
    assert int(np.argsort(-scores)[2]) == 2


@pytest.mark.parametrize("value", [-1, 1])
def test_rated_term_moves_the_papers_with_it_and_no_others_as_far(
    index: PaperIndex, fitted: Fit, value: int
) -> None:
    """Papers 1 to 3 have "graph", 7 and 8 "speech"."""
    ratings = [rating(1), rating(7)]
    before = fitted(index, ratings).decisions
    after = fitted(index, ratings, terms=[said_of("graph", value)]).decisions
    moved = (after - before) * value
    assert (moved[:3] > 0.01).all()
    assert moved[:3].min() > np.abs(moved[3:]).max()


def test_term_alone_is_an_interest(index: PaperIndex, fitted: Fit) -> None:
    more = fitted(index, terms=[said_of("speech", 1)]).interest_scores
    less = fitted(index, terms=[said_of("speech", -1)]).interest_scores
    assert set(np.argsort(-more)[:2].tolist()) == {6, 7}
    assert set(np.argsort(less)[:2].tolist()) == {6, 7}


@pytest.mark.parametrize("ignored", [said_of("cooking", -1), said_of("graph", 0)])
def test_term_that_no_paper_has_or_that_is_taken_back_is_no_evidence(
    index: PaperIndex, ignored: TermRating
) -> None:
    evidence = gather_evidence(index, [rating(1)], terms=[ignored])
    assert (evidence.targets.tolist(), evidence.words.shape[0]) == ([1], 0)


def test_rating_halves_as_often_a_year_as_asked_for(index: PaperIndex) -> None:
    """Counted back from the newest rating, so that who rests forgets nothing."""
    ratings = [
        rating(1, at=NOW - YEAR),
        rating(2, -1, at=NOW - YEAR / 2),
        rating(3, 0, saved=True, at=NOW - 3 * YEAR / 2),
        rating(4, at=NOW - YEAR / 2),
    ]
    evidence = gather_evidence(index, ratings, "speech", halvings_per_year=2.0)
    assert evidence.weights.tolist() == pytest.approx([0.5, 2 * 0.25, 1, 1, 0.5])


def test_without_halving_age_changes_nothing(index: PaperIndex) -> None:
    old, new = ([rating(1, at=at), rating(2, -1)] for at in (NOW - 9 * YEAR, NOW))
    weights = [gather_evidence(index, ratings).weights.tolist() for ratings in (old, new)]
    assert weights == [[1, 1], [1, 1]]


def test_older_rating_counts_less_in_the_interest(index: PaperIndex, fitted: Fit) -> None:
    parameters = InterestParameters(halvings_per_year=2.0)
    ratings = [rating(1, at=NOW - YEAR), rating(7)]
    faded = fitted(index, ratings, parameters=parameters).decisions
    even = fitted(index, ratings).decisions
    alone = fitted(index, ratings[1:]).decisions
    assert even[0] / even[6] > 2 * faded[0] / faded[6]
    assert faded[0] / faded[6] > alone[0] / alone[6]


def test_ratings_of_another_age_can_be_fitted(index: PaperIndex, fitted: Fit) -> None:
    """Halved six hundred times they would weigh nothing, which no fit takes."""
    parameters = InterestParameters(halvings_per_year=BOUNDS["halvings_per_year"][1])
    ratings = [rating(1, at=datetime(1970, 1, 1, tzinfo=UTC)), rating(7)]
    scores = fitted(index, ratings, parameters=parameters).interest_scores
    assert set(np.argsort(-scores)[:2].tolist()) == {6, 7}


@given(
    st.permutations([rating(1), rating(2, -1), rating(3, 0, saved=True), rating(7)]),
    st.permutations([said_of("graph", -1), said_of("speech", 1), said_of("protein", -1)]),
)
def test_order_of_ratings_leaves_no_trace(
    index: PaperIndex, fitted: Fit, ratings: list[Rating], terms: list[TermRating]
) -> None:
    expected = fitted(index, sorted(ratings, key=str), terms=sorted(terms, key=str)).models
    actual = fitted(index, ratings, terms=terms).models
    np.testing.assert_array_equal(actual.coef_, expected.coef_)


@pytest.mark.parametrize("shuffled", [(3, 1, 2), (2, 3, 1)])
def test_order_of_papers_leaves_no_trace(index: PaperIndex, shuffled: tuple[int, ...]) -> None:
    by_id = {paper.id: paper for paper in index.papers}
    ordered = index_papers([by_id[number] for number in (1, 2, 3)])
    mixed = index_papers([by_id[number] for number in shuffled])
    np.testing.assert_array_equal(mixed.rows.toarray(), ordered.rows.toarray())
    assert mixed.row_of == {1: 0, 2: 1, 3: 2}


# Libraries


def in_library(paper_id: int, *, years: float = 0.0) -> KnownPaper:
    return KnownPaper(paper_id, NOW - years * YEAR)


def test_a_paper_of_the_library_is_half_a_like_and_halves_in_two_years(index: PaperIndex) -> None:
    library = [in_library(7), in_library(2, years=2), in_library(5, years=4)]
    evidence = gather_evidence(index, [], library=library)

    assert evidence.liked == (1, 4, 6)
    assert evidence.weights.tolist() == pytest.approx([0.25, 0.125, 0.5])
    assert evidence.targets.tolist() == [1, 1, 1]
    assert counts(evidence)[:3] == (0, 0, 0), "nobody rated anything"


def test_a_library_counts_back_from_what_was_said_last_too(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [rating(1)], library=[in_library(2, years=2)])
    assert evidence.weights.tolist() == pytest.approx([1, 0.25])


@pytest.mark.parametrize(
    ("said", "targets", "weights"),
    [
        (rating(2), [1], [1]),
        (rating(2, -1), [-LEAST_DISLIKED], [1]),
        (rating(2, 0, saved=True), [1], [2]),
    ],
)
def test_what_they_said_of_a_paper_wins_over_their_library(
    index: PaperIndex, said: Rating, targets: list[float], weights: list[float]
) -> None:
    evidence = gather_evidence(index, [said], library=[in_library(2)])
    assert evidence.targets.tolist() == pytest.approx(targets)
    assert evidence.weights.tolist() == weights


def test_a_taken_back_rating_leaves_the_library_as_it_is(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [rating(2, 0)], library=[in_library(2)])
    assert evidence.weights.tolist() == [0.5]


def test_a_large_library_outweighs_no_reader(
    index: PaperIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.interests.evidence.MOST_LIBRARY_WEIGHT", 1.0)
    library = [in_library(paper_id) for paper_id in range(1, 9)]
    evidence = gather_evidence(index, [rating(9)], library=library)
    assert evidence.weights.tolist() == pytest.approx([1 / 8] * 8 + [1])


def test_a_library_puts_papers_like_its_own_on_top(index: PaperIndex) -> None:
    evidence = gather_evidence(index, [], library=[in_library(7)])
    fitted = fit_interests(index, [evidence], InterestParameters())
    scores = fitted.interest_scores(index.paper_rows(np.arange(len(index.papers))))[0]
    assert set(np.argsort(-scores)[:2].tolist()) == {6, 7}
