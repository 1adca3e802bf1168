"""Each issue is ranked by what was known when it was composed, and measured by what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest

from recommender.domain import Issue, IssueEntry, Subscriber, TermRating
from recommender.errors import RecommenderError
from recommender.interests.evaluation import Batch, rank_batches
from recommender.interests.parameters import InterestParameters
from recommender.jobs.issues.corpus import load_corpus
from recommender.jobs.quality.evaluating import by_blend, evaluate_instance
from recommender.jobs.quality.prequential import load_history
from recommender.jobs.services import Services
from recommender.store import issues, papers, term_ratings
from recommender.store.tables import SubscriberRow

HOUR = timedelta(hours=1)
FIRST = ["Speech in Noise", "Pruning Graph Networks", "Brain Tumours", "Federated Learning"]
SECOND = ["Protein Folding", "Quantum Codes", "Vision for Robots", "Graph Networks for Molecules"]

Send = Callable[..., None]


@pytest.fixture
def send(services: Services) -> Send:
    """Store an issue with these papers, by their titles, composed now."""

    def send(
        subscriber: Subscriber, shown: Iterable[str] | Mapping[str, float], number: int = 1
    ) -> None:
        with services.database.write() as session:
            ids = {paper.title: paper.id for paper in papers.every(session)}
            propensities = shown if isinstance(shown, Mapping) else dict.fromkeys(shown)
            entries = [
                IssueEntry(
                    position=position,
                    paper_id=ids[title],
                    title=title,
                    authors=(),
                    url=None,
                    excerpt="",
                    upvotes=0,
                    trend_score=0.0,
                    interest_score=None,
                    interest_weight=0.0,
                    ranking_score=0.0,
                    reason="",
                    propensity=propensities[title],
                )
                for position, title in enumerate(propensities, start=1)
            ]
            now = services.clock()
            issue = Issue(0, subscriber.id, number, now.date(), "AK", now, 0, 0, 0, tuple(entries))
            issues.add(session, issue)
            session.get_one(SubscriberRow, subscriber.id).issues_composed += 1

    return send


@pytest.fixture
def two_days(
    *,
    services: Services,
    clock: Any,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    send: Send,
) -> Subscriber:
    """Two digests of four papers, an issue of each, and a paper on graphs that is liked of each."""
    reader = subscribe()
    ingest(FIRST)
    clock.now += HOUR
    send(reader, FIRST)
    clock.now += HOUR
    rate(reader, [FIRST[1]])
    clock.now += timedelta(days=1)
    ingest(SECOND)
    clock.now += HOUR
    send(reader, SECOND, number=2)
    clock.now += HOUR
    rate(reader, [SECOND[3]], 0, saved=True)
    assert services.clock() == clock.now
    return reader


def titles(services: Services, batch: Batch) -> set[str]:
    """Name the candidates of a batch."""
    papers_of = load_history(services).index.papers
    return {papers_of[row].title for row in batch.candidates}


def production_orders(services: Services) -> list[tuple[list[int], list[float]]]:
    history = load_history(services)
    return [
        (ranking.rows.tolist(), ranking.scores.tolist())
        for ranking in rank_batches(
            history.index,
            history.batches(),
            partial(by_blend, parameters=InterestParameters(), half_evidence=2.0),
            halvings_per_year=0.0,
            cpu_seconds=lambda: 0.0,
        )
    ]


@pytest.mark.usefixtures("two_days")
def test_figures_by_hand(services: Services) -> None:
    """What is liked stands second in the first digest, last in the second.

    Trend alone leaves them there. Interest knows nothing at the first issue; of the second it puts
    the paper on graphs first.
    """
    report = evaluate_instance(services, cpu_seconds=lambda: 0.0).as_json()
    second, fourth = 1 / np.log2(3), 1 / np.log2(5)
    trend, interest = report["baselines"]["trend"], report["baselines"]["interest"]
    assert trend["ndcg_at_10"] == pytest.approx((second + fourth) / 2)
    assert (trend["mrr"], trend["auc"]) == pytest.approx((3 / 8, 1 / 3))
    assert interest["ndcg_at_10"] == pytest.approx((second + 1) / 2)
    assert (interest["mrr"], interest["auc"]) == pytest.approx((3 / 4, 5 / 6))
    assert trend["ndcg_at_10"] <= report["ndcg_at_10"] <= interest["ndcg_at_10"]
    assert report["recall_at_50"] == 1.0
    assert (report["subscribers"], report["issues"], report["candidates"]) == (1, 2, 8)
    assert report["left_out"] == 0
    assert set(report["baselines"]) == {"interest", "trend", "centroid"}


@pytest.mark.usefixtures("two_days")
def test_evaluating_changes_nothing(services: Services, stored: Callable[[], Any]) -> None:
    before = stored()
    evaluate_instance(services)
    assert stored() == before


def test_ratings_after_an_issue_leave_its_ranking_as_it_is(
    services: Services, two_days: Subscriber, rate: Callable[..., None]
) -> None:
    before = production_orders(services)
    rate(two_days, [SECOND[3]], -1)
    rate(two_days, SECOND[:2])
    assert production_orders(services) == before


def test_rating_before_an_issue_changes_its_ranking(
    services: Services, clock: Any, two_days: Subscriber, rate: Callable[..., None]
) -> None:
    first, second = production_orders(services)
    clock.now -= timedelta(days=1)
    rate(two_days, [FIRST[1]], -1)
    again = production_orders(services)
    assert again[0] == first
    assert again[1] != second


def test_terms_count_from_the_issue_after_they_were_rated(
    services: Services, clock: Any, two_days: Subscriber
) -> None:
    wish = TermRating("robot", "robots", 1, clock.now - timedelta(days=1))
    with services.database.write() as session:
        term_ratings.put(session, two_days.id, wish)
        term_ratings.put(session, two_days.id, TermRating("code", "codes", 1, clock.now))
    cases = [case for batch in load_history(services).batches() for case in batch.cases]
    assert [case.terms for case in cases] == [(), (wish,)]


def test_votes_of_others_after_an_issue_leave_its_trend_as_it_is(
    services: Services,
    two_days: Subscriber,
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
) -> None:
    del two_days
    before = [batch.trend_scores.tolist() for batch in load_history(services).batches()]
    rate(subscribe("other"), [*FIRST, *SECOND], -1)
    assert [batch.trend_scores.tolist() for batch in load_history(services).batches()] == before


def test_candidates_are_what_could_have_been_offered_then(
    *,
    services: Services,
    clock: Any,
    two_days: Subscriber,
    ingest: Callable[..., Any],
    send: Send,
    rate: Callable[..., None],
) -> None:
    """A digest of that day that came later is none, nor is one too old by then."""
    ingest(["Dated back"], day=f"{clock.now:%Y-%m-%d}")
    first, second = load_history(services).batches()
    assert titles(services, first) == set(FIRST)
    assert titles(services, second) == {*FIRST, *SECOND}

    clock.now += timedelta(days=services.ranking.window_days + 1)
    ingest(["New"])
    send(two_days, ["New"], number=3)
    clock.now += HOUR
    rate(two_days, ["New"])
    *_, third = load_history(services).batches()
    assert titles(services, third) == {"New"}


def test_what_was_sent_or_rated_before_is_not_ranked(
    services: Services, clock: Any, two_days: Subscriber, rate: Callable[..., None]
) -> None:
    clock.now -= 1.5 * HOUR  # the second digest came, and its issue is half an hour off
    rate(two_days, SECOND[:1], -1)
    (first, _), (second, _) = production_orders(services)
    names = [paper.title for paper in load_history(services).index.papers]
    assert {names[row] for row in first} == set(FIRST)
    assert {names[row] for row in second} == set(SECOND[1:])


def test_offer_of_an_issue_is_the_corpus_that_it_was_composed_from(
    *,
    services: Services,
    clock: Any,
    two_days: Subscriber,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    send: Send,
) -> None:
    other = subscribe("other")
    send(other, SECOND[:2])
    rate(other, [SECOND[1]], 0, saved=True)
    rate(other, [SECOND[0]], -1)
    clock.now += timedelta(days=2)
    ingest([{"title": "New", "upvotes": 4}, SECOND[0]])
    then = load_corpus(services)
    send(two_days, ["New"], number=3)
    clock.now += timedelta(days=9)
    rate(other, ["New"])
    ingest([SECOND[2], "Newer"])
    *_, batch = load_history(services).batches()
    np.testing.assert_array_equal(batch.candidates, then.candidates)
    np.testing.assert_allclose(batch.trend_scores, then.trend_scores)
    assert len(set(then.trend_scores.tolist())) > 4


def test_likes_an_issue_are_weighed_by_propensity(
    *,
    services: Services,
    clock: Any,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    send: Send,
) -> None:
    """Two papers were shown, so trend alone chooses the first two of the digest.

    Of the reader's first issue one of them was shown, by a chance of 0.5, and liked: 2 likes. Of
    their second issue nothing was liked, so that they have 1 on average. Of the other's both were
    shown, one for sure, and liked: 1 / 1 + 1 / 0.25 = 5 likes. In the mean, 3.
    """
    reader, other = subscribe("reader"), subscribe("other")
    ingest(FIRST)
    send(reader, {FIRST[0]: 0.5, FIRST[3]: 0.5})
    send(other, {FIRST[0]: 1.0, FIRST[1]: 0.25})
    clock.now += HOUR
    rate(reader, [FIRST[0], FIRST[3]])
    rate(other, FIRST[:2])
    clock.now += timedelta(days=1)
    ingest(SECOND)
    send(reader, SECOND[:2], number=2)
    report = evaluate_instance(services).as_json()
    assert report["baselines"]["trend"]["estimated_likes_per_issue"] == pytest.approx(3.0)
    low, high = report["baselines"]["trend"]["intervals"]["estimated_likes_per_issue"]
    assert (low, high) == pytest.approx((1.0, 5.0))


def test_calibration_is_that_of_the_papers_that_were_shown(
    *,
    services: Services,
    clock: Any,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    send: Send,
) -> None:
    """Without evidence every score is the same; liked is one of the two that were shown."""
    reader = subscribe()
    ingest(FIRST)
    send(reader, FIRST[:2])
    clock.now += HOUR
    rate(reader, FIRST[:1])
    average = float(InterestParameters().calibration.probability(0.0))
    assert evaluate_instance(services).calibration_error == pytest.approx(0.5 - average)


def test_paper_without_a_propensity_was_shown_for_sure(
    services: Services, two_days: Subscriber
) -> None:
    del two_days
    cases = [case for batch in load_history(services).batches() for case in batch.cases]
    assert [list((case.propensities or {}).values()) for case in cases] == [[1.0] * 4] * 2


@pytest.mark.usefixtures("two_days")
def test_without_baselines_the_figures_are_the_same(services: Services) -> None:
    whole = evaluate_instance(services, cpu_seconds=lambda: 0.0).as_json()
    alone = evaluate_instance(services, baselines=False, cpu_seconds=lambda: 0.0).as_json()
    assert alone == whole | {"baselines": {}}


def test_without_issues_or_likes_it_is_said_what_to_do(
    *,
    services: Services,
    clock: Any,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    send: Send,
) -> None:
    with pytest.raises(RecommenderError, match="nothing can be evaluated yet: of 0 issues"):
        evaluate_instance(services)
    reader = subscribe()
    ingest(FIRST)
    send(reader, FIRST)
    clock.now += HOUR
    rate(reader, FIRST[:1], -1)
    with pytest.raises(RecommenderError, match=r"of 1 issue .* rate some papers first"):
        evaluate_instance(services)


def test_issues_that_were_composed_can_be_evaluated(
    *,
    services: Services,
    clock: Any,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    rate: Callable[..., None],
    compose_now: Callable[..., Any],
) -> None:
    reader = subscribe()
    subscribe("silent")
    for day in (FIRST, SECOND):
        ingest(day)
        compose_now()
        clock.now += HOUR
        rate(reader, [title for title in day if "Graph" in title], 0, saved=True)
        clock.now += timedelta(days=1)
    report = evaluate_instance(services).as_json()
    assert (report["subscribers"], report["issues"]) == (1, 2)
    assert report["ndcg_at_10"] > report["baselines"]["trend"]["ndcg_at_10"]
    assert report["estimated_likes_per_issue"] > 0
