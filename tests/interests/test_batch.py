"""Many subscribers, fitted together: each has what they would have alone, and their own heads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommender.domain import Paper, Rating, TermRating
from recommender.interests import batch
from recommender.interests.batch import fit_interests, fitting_slices
from recommender.interests.community import CommunityMap
from recommender.interests.evidence import Evidence, gather_evidence
from recommender.interests.paper_index import PaperIndex, RatedRows, index_papers
from recommender.interests.parameters import InterestParameters

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TOPICS, PAPERS_PER_TOPIC, READERS_PER_TOPIC = 20, 30, 4
PARAMETERS = [InterestParameters(), InterestParameters(community_weight=0.3)]


@pytest.fixture(scope="module")
def topics() -> PaperIndex:
    """Return papers with eight words of their topic and twelve of any."""
    random = np.random.default_rng(3)
    papers = []
    for topic in range(TOPICS):
        for _ in range(PAPERS_PER_TOPIC):
            own, common = random.choice(30, 8, replace=False), random.choice(400, 12, replace=False)
            words = [f"topic{topic}x{word}" for word in own] + [f"common{word}" for word in common]
            number, abstract = len(papers) + 1, " ".join(words)
            papers.append(Paper(number, words[0], abstract, (), None, None, None, None, NOW))
    index = index_papers(papers)
    readers = np.repeat(np.eye(TOPICS), READERS_PER_TOPIC, axis=0)
    likes = np.repeat(readers, PAPERS_PER_TOPIC, axis=1)
    likes *= random.random(likes.shape) < 0.5
    community = CommunityMap().fit(index.rows, sparse.csr_matrix(likes, dtype=np.float32))
    return replace(index, community=community)


def of_topic(topic: int, count: int) -> list[int]:
    """Return the ids of the first papers of a topic."""
    return list(range(topic * PAPERS_PER_TOPIC + 1, topic * PAPERS_PER_TOPIC + 1 + count))


def likes(paper_ids: list[int], value: int = 1) -> list[Rating]:
    return [Rating(paper_id, value, False, NOW) for paper_id in paper_ids]


def scores_of(
    index: PaperIndex, evidences: list[Evidence], parameters: InterestParameters
) -> np.ndarray:
    every = index.paper_rows(np.arange(len(index.papers)))
    return fit_interests(index, evidences, parameters).interest_scores(every)


def some_evidence(index: PaperIndex, seed: int) -> Evidence:
    """Rate up to twenty papers of up to three topics, and perhaps a term and a phrase."""
    random = np.random.default_rng(seed)
    papers = [paper for topic in random.integers(0, TOPICS, 3) for paper in of_topic(topic, 20)]
    rated = np.unique(random.choice(papers, random.integers(0, 20)))
    ratings = [
        Rating(paper_id, int(random.choice([-1, 1, 1, 1])), bool(random.integers(2)), NOW)
        for paper_id in rated.tolist()
    ]
    terms = [TermRating("topic1x1", "topic1x1", -1, NOW)] * int(random.integers(2))
    return gather_evidence(index, ratings, random.choice(["", "topic2x2 topic2x3"]), terms=terms)


@pytest.mark.parametrize("parameters", PARAMETERS)
@settings(max_examples=30)
@given(seeds=st.lists(st.integers(0, 1000), max_size=5))
def test_fitted_together_all_have_the_scores_that_each_has_alone(
    topics: PaperIndex, parameters: InterestParameters, seeds: list[int]
) -> None:
    """To 10⁻⁵: decisions are in single precision, and scores divide them by their spread."""
    evidences = [some_evidence(topics, seed) for seed in seeds]
    together = fit_interests(topics, evidences, parameters)
    scores = scores_of(topics, evidences, parameters)
    assert scores.shape == (len(seeds), TOPICS * PAPERS_PER_TOPIC)
    for at, evidence in enumerate(evidences):
        alone = fit_interests(topics, [evidence], parameters)
        assert len(together.of[at].heads) == len(alone.of[0].heads)
        np.testing.assert_array_equal(together.of[at].shares, alone.of[0].shares)
        np.testing.assert_allclose(
            scores[at], scores_of(topics, [evidence], parameters)[0], rtol=0, atol=1e-5
        )


@pytest.mark.parametrize(
    ("most_together", "few_rows"),
    [(1000, 1), (1000, 20), (1000, 45), (1000, 1000), (40, 20), (1, 1)],
)
def test_products_taken_in_blocks_give_what_all_products_give(
    topics: PaperIndex, monkeypatch: Any, most_together: int, few_rows: int
) -> None:
    """Blocks of one subscriber or of some, who share papers with their neighbours or with none."""
    evidences = [
        gather_evidence(topics, likes(of_topic(topic, count)), stated)
        for topic, count, stated in [
            (1, 12, ""), (1, 20, ""), (2, 15, "topic3x1"), (3, 20, ""), (4, 1, ""), (5, 20, "")
        ]
    ]  # fmt: skip
    evidences.insert(3, gather_evidence(topics, likes(of_topic(7, 9) + of_topic(2, 9))))
    evidences.insert(5, gather_evidence(topics, []))
    monkeypatch.setattr(batch, "MOST_TOGETHER", most_together)
    monkeypatch.setattr(batch, "FEW_ROWS", few_rows)
    scores = scores_of(topics, evidences, PARAMETERS[1])
    for evidence, expected in zip(evidences, scores, strict=True):
        alone = scores_of(topics, [evidence], PARAMETERS[1])[0]
        np.testing.assert_allclose(expected, alone, rtol=0, atol=1e-5)


def test_paper_both_liked_and_disliked_is_fitted_twice(topics: PaperIndex) -> None:
    """By itself, in the order of its reader, and beside another reader."""
    saved_and_disliked = Rating(3, -1, True, NOW)
    evidences = [
        gather_evidence(topics, [saved_and_disliked, *likes([9, 15])], "topic3x1"),
        gather_evidence(topics, likes([3, 9, 20])),
    ]
    alone = scores_of(topics, evidences[:1], PARAMETERS[1])[0]
    together = scores_of(topics, evidences, PARAMETERS[1])[0]
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-5)


def test_forgotten_term_weighs_nothing_for_whoever_forgot_it_alone(topics: PaperIndex) -> None:
    forgotten = TermRating("topic1x1", "topic1x1", 0, NOW)
    liked = likes(of_topic(1, 12))
    of_one = gather_evidence(topics, liked, terms=[forgotten])
    interests = fit_interests(topics, [of_one, gather_evidence(topics, liked)], PARAMETERS[1])

    column = topics.space.column_of("topic1x1")
    assert column is not None
    assert of_one.amount == 12
    assert interests.models.coef_[column, 0] == 0
    assert interests.models.coef_[column, 1] > 0
    has_it = topics.rows[:, [column]].toarray().ravel() > 0
    scores = scores_of(topics, [of_one, gather_evidence(topics, liked)], PARAMETERS[1])
    assert scores[0, has_it].mean() < scores[1, has_it].mean()


@pytest.mark.parametrize("most", [0, 30, 45, 10_000])
def test_readers_share_the_places_of_what_they_rated(topics: PaperIndex, most: int) -> None:
    """Whether there is room for all that they rated, for what one of them did, or for nothing."""
    evidences = [some_evidence(topics, seed) for seed in range(40)]
    rated_rows = RatedRows(topics, most=most)
    for evidence in evidences:
        shared = fit_interests(topics, [evidence], PARAMETERS[1], rated_rows=rated_rows)
        alone = fit_interests(topics, [evidence], PARAMETERS[1])
        np.testing.assert_array_equal(
            alone.models.rated_.community_coordinates, shared.models.rated_.community_coordinates
        )
        np.testing.assert_array_equal(alone.models.coef_, shared.models.coef_)


def test_place_of_a_paper_in_the_community_is_found_once(
    topics: PaperIndex, monkeypatch: Any
) -> None:
    found = []
    transform = CommunityMap.transform

    def counted(self: CommunityMap, rows: sparse.csr_matrix) -> Any:
        found.append(rows.shape[0])
        return transform(self, rows)

    monkeypatch.setattr(CommunityMap, "transform", counted)
    rated_rows = RatedRows(topics)
    for papers in ([1, 2, 3], [2, 3], [3, 4, 90]):
        rated_rows.paper_rows(np.array(papers), topics.no_rows)
    assert sum(found) == 5


def test_heads_of_all_are_columns_of_their_own(topics: PaperIndex) -> None:
    two, one = of_topic(2, 10) + of_topic(7, 10), of_topic(4, 5)
    evidences = [gather_evidence(topics, likes(papers)) for papers in (one, [], two, one)]
    fitted = fit_interests(topics, evidences, PARAMETERS[0])
    assert [interest.heads for interest in fitted.of] == [
        range(1),
        range(1, 1),
        range(1, 3),
        range(3, 4),
    ]
    assert fitted.models.coef_.shape[1] == 4
    np.testing.assert_array_equal(fitted.models.coef_[:, 0], fitted.models.coef_[:, 3])


def test_pieces_are_the_rows_of_the_evidence(topics: PaperIndex) -> None:
    """Papers that several rated are there once, words of each."""
    terms = [TermRating("topic5x1", "topic5x1", 1, NOW)]
    evidences = [
        gather_evidence(topics, likes([3, 9]), "topic1x1"),
        gather_evidence(topics, likes([9, 3]) + likes([4], -1), "topic2x2", terms=terms),
    ]
    fitted = fit_interests(topics, evidences, PARAMETERS[0])
    assert len(fitted.models.rated_) == 3 + 1 + 2
    for evidence, interest in zip(evidences, fitted.of, strict=True):
        rows = topics.rows[[*evidence.liked, *evidence.disliked]].toarray()
        np.testing.assert_array_equal(
            np.vstack([rows, evidence.words.toarray()]),
            fitted.models.rated_.terms[interest.pieces].toarray(),
        )


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_both_of_two_clear_topics_stand_on_top(
    topics: PaperIndex, parameters: InterestParameters
) -> None:
    one, other = of_topic(2, 8), of_topic(7, 8)
    evidence = gather_evidence(topics, likes(one + other))
    (scores,) = scores_of(topics, [evidence], parameters)
    new = np.delete(np.arange(len(scores)), np.array(one + other) - 1)
    best = new[np.argsort(-scores[new], kind="stable")][:20] // PAPERS_PER_TOPIC
    assert np.bincount(best, minlength=TOPICS)[[2, 7]].min() >= 8
    assert len(fit_interests(topics, [evidence], parameters).of[0].heads) == 2


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_withdrawn_ratings_leave_no_trace(
    topics: PaperIndex, parameters: InterestParameters
) -> None:
    """Not of a second head, not even in the rounding."""
    first, second = likes(of_topic(2, 8)), likes(of_topic(7, 8))
    withdrawn = [replace(rating, value=0) for rating in second]
    before, split, after = (
        scores_of(topics, [gather_evidence(topics, ratings)], parameters)
        for ratings in (first, first + second, withdrawn + first)
    )
    assert (before != split).any()
    np.testing.assert_array_equal(before, after)


def test_score_is_that_of_the_head_that_likes_a_paper_most(topics: PaperIndex) -> None:
    evidence = gather_evidence(topics, likes(of_topic(2, 8) + of_topic(7, 8)))
    fitted = fit_interests(topics, [evidence], PARAMETERS[0])
    every = topics.paper_rows(np.arange(len(topics.papers)))
    by_head = fitted.models.interest_score(fitted.models.decision_function(every))
    np.testing.assert_array_equal(by_head.max(axis=1), fitted.interest_scores(every)[0])


def test_heads_of_one_subscriber_are_on_one_scale(topics: PaperIndex) -> None:
    papers = [of_topic(4, 5), of_topic(2, 8) + of_topic(7, 8)]
    fitted = fit_interests(
        topics, [gather_evidence(topics, likes(some)) for some in papers], PARAMETERS[0]
    )
    for learned in (fitted.models.centre_, fitted.models.scale_):
        assert learned[0] != learned[1] == learned[2]


def test_who_said_nothing_has_no_head_and_finds_all_average(topics: PaperIndex) -> None:
    evidences = [gather_evidence(topics, likes(papers)) for papers in ([], [3], [])]
    scores = scores_of(topics, evidences, PARAMETERS[0])
    average = PARAMETERS[0].calibration.probability(0.0)
    assert (scores[[0, 2]] == average).all()
    assert scores[1, 2] > average


def test_empty_corpus_can_be_fitted() -> None:
    empty = index_papers([])
    scores = scores_of(empty, [gather_evidence(empty, likes([1]), "graphs")], PARAMETERS[0])
    assert scores.shape == (1, 0)


def test_batches_are_all_neighbours_in_order(topics: PaperIndex, monkeypatch: Any) -> None:
    monkeypatch.setattr(batch, "MOST_ROWS", 10)
    evidences = [
        gather_evidence(topics, likes(of_topic(topic, count)), "topic1x1" if count == 4 else "")
        for topic, count in enumerate([4, 4, 0, 15, 3, 9, 1])
    ]
    slices = list(fitting_slices(evidences))
    assert [at for some in slices for at in range(len(evidences))[some]] == list(range(7))
    for some in slices:
        rows = sum(len(each.targets) for each in evidences[some])
        assert rows <= 10 or some.stop - some.start == 1
    assert slices == [slice(0, 3), slice(3, 4), slice(4, 5), slice(5, 7)]


def test_papers_that_several_rated_count_once_in_a_batch(
    topics: PaperIndex, monkeypatch: Any
) -> None:
    monkeypatch.setattr(batch, "MOST_ROWS", 10)
    evidences = [gather_evidence(topics, likes(of_topic(1, count))) for count in (8, 9, 10, 11)]
    assert list(fitting_slices(evidences)) == [slice(0, 3), slice(3, 4)]


def test_batch_has_no_more_subscribers_than_weights_have_room(
    topics: PaperIndex, monkeypatch: Any
) -> None:
    n_terms = len(topics.space.columns_)
    evidences = [gather_evidence(topics, likes([3]))] * 5
    monkeypatch.setattr(batch, "MOST_WEIGHTS", 2 * n_terms)
    assert list(fitting_slices(evidences)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    monkeypatch.setattr(batch, "MOST_WEIGHTS", 1)
    assert len(list(fitting_slices(evidences))) == 5


def test_batches_of_nobody_are_none() -> None:
    assert list(fitting_slices([])) == []


def test_cosines_with_what_was_rated_are_those_of_the_rows(index: PaperIndex) -> None:
    """Of papers that somebody rated, of others, and with words among what was rated."""
    said = [[*likes([2]), *likes([5], -1)], likes([5, 9])]
    evidences = [gather_evidence(index, said[0], "speech"), gather_evidence(index, said[1])]
    interests = fit_interests(index, evidences, InterestParameters())
    rows = np.array([9, 1, 4, 0])
    expected = (index.rows[rows] @ interests.models.rated_.terms.T).toarray()
    np.testing.assert_allclose(interests.cosines_of(index, rows), expected, atol=1e-6)


def test_cosines_where_nothing_was_rated_have_no_columns(index: PaperIndex) -> None:
    interests = fit_interests(index, [gather_evidence(index, [])], InterestParameters())
    assert interests.cosines_of(index, np.array([3, 1])).shape == (2, 0)
