"""Cases are ranked by what was known, and measured by what was liked afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count

import numpy as np
import pytest

from recommender.domain import Rating
from recommender.interests import rankers
from recommender.interests.evaluation import (
    Batch,
    Case,
    Outcome,
    Ranker,
    Ranking,
    by_subscriber,
    mean_figures,
    outcome_of,
    paired_differences,
    rank_batches,
    summarise,
)
from recommender.interests.evidence import Evidence, gather_evidence
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters

PARAMETERS = InterestParameters()
NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.intp)


def likes(*paper_ids: int) -> tuple[Rating, ...]:
    return tuple(Rating(paper_id, 1, False, NOW) for paper_id in paper_ids)


def case(
    subscriber: str = "ann",
    ratings: tuple[Rating, ...] = (),
    *,
    excluded: Sequence[int] = (),
    liked: Sequence[int] = (),
    propensities: dict[int, float] | None = None,
) -> Case:
    return Case(subscriber, ratings, "", rows(*excluded), rows(*liked), propensities=propensities)


def batch(*cases: Case, candidates: Sequence[int] = range(10), trend: object = None) -> Batch:
    scores = np.zeros(len(candidates)) if trend is None else np.array(trend, dtype=float)
    return Batch(rows(*candidates), scores, cases)


def fixed(*scores: float) -> Ranker:
    """Return a ranker that says the same whatever it is handed."""

    def ranker(index: PaperIndex, evidences: Sequence[Evidence], batch: Batch) -> np.ndarray:
        del index, batch
        return np.array([scores] * len(evidences))

    return ranker


def rank(
    index: PaperIndex, some: Batch, ranker: Ranker, cpu: Callable[[], float] = lambda: 0.0
) -> list[Ranking]:
    return list(rank_batches(index, [some], ranker, halvings_per_year=0.0, cpu_seconds=cpu))


def outcome(
    subscriber: str, figures: tuple[float, ...] | None, likes: float | None = None
) -> Outcome:
    return Outcome(subscriber, figures, 1, rows(1), 0.5, likes)


def summed(*outcomes: Outcome) -> dict[str, float]:
    summary = summarise(outcomes, candidates=2, generator=np.random.default_rng(0))
    return {name: estimate.mean for name, estimate in summary.estimates.items()}


def test_candidates_are_ordered_by_score_without_what_was_known(index: PaperIndex) -> None:
    some = batch(case(excluded=[4]), case("bob"), candidates=[2, 4, 6])
    first, second = rank(index, some, fixed(0.1, 0.9, 0.5))
    assert (first.rows.tolist(), first.scores.tolist()) == ([6, 2], [0.5, 0.1])
    assert (second.rows.tolist(), second.case.subscriber) == ([4, 6, 2], "bob")


def test_candidates_of_one_score_keep_their_order(index: PaperIndex) -> None:
    (ranking,) = rank(index, batch(case(), candidates=[7, 3, 5]), fixed(0.5, 0.5, 0.5))
    assert ranking.rows.tolist() == [7, 3, 5]


def test_time_of_a_batch_is_shared_by_its_cases(index: PaperIndex) -> None:
    ticks = count(step=3.0)
    rankings = rank(index, batch(case(), case("bob")), fixed(*range(10)), lambda: next(ticks))
    assert [ranking.cpu_seconds for ranking in rankings] == [1.5, 1.5]


def test_figures_by_hand(index: PaperIndex) -> None:
    """Liked at ranks 1 and 3 of four: nDCG (1 + 1/2) / (1 + 1/log2 3), AUC 3 of 4 pairs."""
    some = batch(case(liked=[1, 3]), candidates=[1, 2, 3, 4])
    (ranking,) = rank(index, some, fixed(4, 3, 2, 1))
    measured = outcome_of(ranking)
    assert measured.figures == pytest.approx((1.5 / (1 + 1 / np.log2(3)), 1.0, 1.0, 0.75))
    assert (measured.likes, measured.estimated_likes) == (2, None)


def test_where_nothing_was_liked_no_order_is_better(index: PaperIndex) -> None:
    (ranking,) = rank(index, batch(case()), fixed(*range(10)))
    assert outcome_of(ranking).figures is None


def test_estimated_likes_count_the_first_ranks_that_were_shown(index: PaperIndex) -> None:
    """Two were shown, so two ranks count: paper 1, liked and shown by half a chance, and 2."""
    some = batch(
        case(liked=[1, 4], propensities={1: 0.5, 4: 0.25}),
        case("bob", propensities={1: 0.5}),
        candidates=[1, 2, 3, 4],
    )
    first, second = rank(index, some, fixed(4, 3, 2, 1))
    assert (outcome_of(first).estimated_likes, outcome_of(second).estimated_likes) == (2.0, 0.0)
    reverse, _ = rank(index, some, fixed(1, 2, 3, 4))
    assert outcome_of(reverse).estimated_likes == 4.0


def test_each_subscriber_counts_once_however_many_cases_are_theirs() -> None:
    assert summed(
        outcome("ann", (0.0, 0.2, 0.4, 0.6)),
        outcome("bob", (1.0, 1.0, 1.0, 1.0)),
        outcome("ann", (0.5, 0.4, 0.4, 0.6)),
        outcome("ann", None),
    ) == pytest.approx({"ndcg_at_10": 0.625, "recall_at_50": 0.65, "mrr": 0.7, "auc": 0.8})


def test_likes_an_issue_count_those_without_any() -> None:
    outcomes = [outcome("ann", None, 0.0), outcome("ann", (1.0,) * 4, 3.0), outcome("bob", None, 0)]
    assert summed(*outcomes)["estimated_likes_per_issue"] == 0.75


def test_means_lie_in_their_intervals_and_the_cost_is_of_one_case() -> None:
    outcomes = [outcome(str(at), (at / 9,) * 4) for at in range(10)]
    summary = summarise(outcomes, candidates=4, generator=np.random.default_rng(0))
    assert all(each.low < each.mean < each.high for each in summary.estimates.values())
    assert (summary.subscribers, summary.cpu_ms, summary.coverage_at_10) == (10, 500.0, 0.25)


def test_nobody_has_no_figures() -> None:
    summary = summarise([], candidates=0, generator=np.random.default_rng(0))
    assert (summary.subscribers, summary.estimates, summary.cpu_ms) == (0, {}, 0.0)
    assert (by_subscriber([]), mean_figures([outcome("ann", None)])) == ({}, None)


def test_difference_is_paired_by_subscriber_whatever_their_order() -> None:
    mine = [
        outcome("ann", (0.5, 0.2, 0.4, 0.6)),
        outcome("bob", (1.0, 1.0, 1.0, 1.0)),
        outcome("ann", (0.1, 0.2, 0.4, 0.6)),
        outcome("zoe", None),
    ]
    theirs = [
        outcome("zoe", None),
        outcome("bob", (0.5, 1.0, 0.6, 0.9)),
        outcome("ann", (0.1, 0.0, 0.4, 0.7)),
    ]
    found = paired_differences(mine, theirs, generator=np.random.default_rng(0))
    means = {name: each.mean for name, each in found.items()}
    assert means == pytest.approx({"ndcg_at_10": 0.35, "recall_at_50": 0.1, "mrr": 0.2, "auc": 0})
    assert (found["ndcg_at_10"].low, found["ndcg_at_10"].high) == pytest.approx((0.2, 0.5))


def test_what_is_always_a_little_better_is_certain_however_much_people_differ() -> None:
    mine = [outcome(str(at), (at / 10 + 0.01,) * 4) for at in range(10)]
    theirs = [outcome(str(at), (at / 10,) * 4) for at in range(10)]
    found = paired_differences(mine, theirs, generator=np.random.default_rng(0))["auc"]
    assert (found.low, found.mean, found.high) == pytest.approx((0.01, 0.01, 0.01))
    summary = summarise(mine, candidates=2, generator=np.random.default_rng(0))
    assert summary.estimates["auc"].high - summary.estimates["auc"].low > 0.1


def test_rankings_of_different_people_have_no_difference() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired_differences([outcome("ann", (1.0,) * 4)], [], generator=np.random.default_rng(0))
    nobody = [outcome("ann", None)]
    assert paired_differences(nobody, nobody, generator=np.random.default_rng(0)) == {}


def test_production_model_scores_each_subscriber_by_their_own_evidence(index: PaperIndex) -> None:
    evidences = [gather_evidence(index, said, "") for said in (likes(1, 2), likes(5), ())]
    graphs, proteins, nobodys = rankers.score_candidates(
        index, evidences, rows(2, 5, 7), PARAMETERS
    )
    assert (np.argmax(graphs), np.argmax(proteins)) == (0, 1)
    assert nobodys.tolist() == [PARAMETERS.calibration.probability(0.0)] * 3
    assert rankers.score_candidates(index, [], rows(1, 4), PARAMETERS).shape == (0, 2)


def test_batches_leave_no_trace_in_the_scores(index: PaperIndex) -> None:
    evidences = [gather_evidence(index, likes(paper), "") for paper in (1, 5, 9)]
    together = rankers.score_candidates(index, evidences, rows(*range(10)), PARAMETERS)
    alone = [
        rankers.score_candidates(index, [evidence], rows(*range(10)), PARAMETERS)[0]
        for evidence in evidences
    ]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_trend_orders_the_same_for_everybody(index: PaperIndex) -> None:
    some = batch(case("ann", likes(1)), case("bob"), candidates=[0, 1, 2], trend=[0.2, 0.9, 0.5])
    assert [each.rows.tolist() for each in rank(index, some, rankers.by_trend)] == [[1, 2, 0]] * 2


def test_centroid_is_the_cosine_to_the_mean_of_the_likes(index: PaperIndex) -> None:
    some = batch(case("ann", (*likes(1, 5), Rating(9, -1, False, NOW))), case("bob"))
    evidences = [gather_evidence(index, each.ratings, "") for each in some.cases]
    mean = index.rows[[0, 4]].toarray().mean(axis=0)
    expected = index.rows.toarray() @ mean / np.linalg.norm(mean)
    actual = rankers.by_centroid(index, evidences, some)
    np.testing.assert_allclose(actual, [expected, np.zeros(10)], atol=1e-6)


@pytest.mark.parametrize("ranker", [rankers.by_svm, rankers.by_logistic_regression])
def test_classifier_separates_the_likes_from_all_other_papers(
    index: PaperIndex, ranker: Ranker
) -> None:
    """The three papers on graph networks come first; without a like, or only likes, none does."""
    some = batch(case("ann", likes(1, 2)), case("bob"), case("zoe", likes(*range(1, 11))))
    evidences = [gather_evidence(index, each.ratings, "") for each in some.cases]
    scores = ranker(index, evidences, some)
    assert set(np.argsort(-scores[0])[:3].tolist()) == {0, 1, 2}
    assert (scores[1:] == 0).all()


def test_logistic_regression_draws_the_same_few_of_many_papers(
    index: PaperIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = batch(case("ann", likes(1, 2)))
    evidences = [gather_evidence(index, each.ratings, "") for each in some.cases]
    against_all = rankers.by_logistic_regression(index, evidences, some)
    monkeypatch.setattr(rankers, "_MOST_NEGATIVES", 3)
    against_few = rankers.by_logistic_regression(index, evidences, some)
    assert (against_few != against_all).any()
    again = rankers.by_logistic_regression(index, evidences, some)
    np.testing.assert_array_equal(against_few, again)
