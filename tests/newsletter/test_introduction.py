from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender.interests.model import PaperRows
from recommender.newsletter.introduction import ANSWER_NOISE, POOL_PAPERS, informative

TOPICS, KINDS, PLACES = 5, 40, 10


def unit(rows: np.ndarray) -> sparse.csr_matrix:
    return sparse.csr_matrix(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def corpus() -> tuple[sparse.csr_matrix, np.ndarray]:
    """200 papers of five topics in turn: eight words of a topic, and as many of their own."""
    source = np.random.default_rng(0)
    words = np.zeros((TOPICS * KINDS, TOPICS * 30 + 500))
    for paper, row in enumerate(words):
        first = paper % TOPICS * 30
        row[first + source.choice(30, 8, replace=False)] = 1
        row[TOPICS * 30 + source.choice(500, 8, replace=False)] = 1
    trend = source.random(len(words)) * 0.4
    trend[: 12 * TOPICS : TOPICS] += 0.5  # everybody talks of the first topic
    return unit(words), trend


def pick(
    rows: sparse.csr_matrix,
    trend: np.ndarray,
    interest: np.ndarray | None = None,
    *,
    offered: np.ndarray | None = None,
    places: int = PLACES,
    community: np.ndarray | None = None,
) -> list[int]:
    everything = np.arange(len(trend)) if offered is None else offered
    nowhere = np.zeros((len(trend), 0), dtype=np.float32)
    papers = PaperRows(rows, nowhere if community is None else community)
    return informative(papers, trend, interest, offered=everything, places=places)


def variance_left(rows: sparse.csr_matrix, answered: list[int]) -> float:
    """Sum of the posterior variances of all scores, from the definition instead of step by step."""
    covariance = (rows @ rows.T).toarray().astype(float)
    known = covariance[np.ix_(answered, answered)] + ANSWER_NOISE * np.identity(len(answered))
    across = covariance[:, answered]
    return float(np.trace(covariance - across @ np.linalg.solve(known, across.T)))


def topics(papers: list[int]) -> list[int]:
    return [paper % TOPICS for paper in papers]


def test_ten_places_cover_five_topics(corpus: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    rows, trend = corpus
    assert set(topics(np.argsort(-trend)[:PLACES].tolist())) == {0}
    assert set(topics(pick(rows, trend))) == {0, 1, 2, 3, 4}


def test_answers_leave_less_unknown_than_those_to_popular_or_chance_papers(
    corpus: tuple[sparse.csr_matrix, np.ndarray],
) -> None:
    rows, trend = corpus
    left = variance_left(rows, pick(rows, trend))
    best = np.argsort(-trend)[: len(trend) // 2]
    source = np.random.default_rng(1)
    others = [best[:PLACES].tolist()]
    others += [source.choice(best, PLACES, replace=False).tolist() for _ in range(20)]
    assert all(left < variance_left(rows, other) for other in others)


def test_each_pick_takes_most_from_what_is_unknown(
    corpus: tuple[sparse.csr_matrix, np.ndarray],
) -> None:
    """Against the definition, tried out for each paper and each of the first four places."""
    rows, trend = corpus
    pool = np.argsort(-trend, kind="stable")[: len(trend) // 2].tolist()
    answered = pool[:1]
    for _ in range(3):
        answered.append(
            min(
                set(pool) - set(answered), key=lambda paper: variance_left(rows, [*answered, paper])
            )
        )
    assert pick(rows, trend, places=4) == answered


def test_topics_that_the_community_likes_are_asked_about() -> None:
    """Of twenty topics that share no word, people like the last four, each of them others."""
    source = np.random.default_rng(2)
    topics_of_papers = np.arange(200) % 20
    words = np.zeros((200, 20 * 12 + 400))
    for row, topic in zip(words, topics_of_papers, strict=True):
        row[topic * 12 + source.choice(12, 5, replace=False)] = 1
        row[240 + source.choice(400, 5, replace=False)] = 1
    community = np.zeros((200, 5), dtype=np.float32)
    community[np.arange(200), np.maximum(topics_of_papers - 15, 0)] = 1
    community[topics_of_papers < 16] = source.normal(size=((topics_of_papers < 16).sum(), 5)) / 5
    trend = source.random(200)
    with_it = set(topics_of_papers[pick(unit(words), trend, community=community)].tolist())
    assert {16, 17, 18, 19} <= with_it
    assert not {16, 17, 18, 19} <= set(topics_of_papers[pick(unit(words), trend)].tolist())


def test_best_paper_stands_first(corpus: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    rows, trend = corpus
    interest = np.linspace(0.9, 0.1, len(trend))
    assert pick(rows, trend)[0] == np.argmax(trend)
    assert pick(rows, trend, interest)[0] == np.argmax(trend + interest)


def test_duplicates_are_not_both_picked(corpus: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    """Every paper comes in three versions of the same words."""
    rows, trend = corpus
    picked = pick(sparse.vstack([rows] * 3, format="csr"), np.tile(trend, 3))
    assert len({paper % len(trend) for paper in picked}) == PLACES


def test_what_nobody_noticed_is_not_picked(corpus: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    rows, trend = corpus
    least_of_pool = np.sort(trend)[-len(trend) // 2]
    assert all(trend[paper] >= least_of_pool for paper in pick(rows, trend))


def test_stated_interest_is_approached_and_spanned(
    corpus: tuple[sparse.csr_matrix, np.ndarray],
) -> None:
    """Two topics were named: most papers are of these, both of them, and no two are the same."""
    rows, trend = corpus
    about = np.isin(np.arange(len(trend)) % TOPICS, [1, 3])
    picked = pick(rows, trend, np.where(about, 0.9, 0.45))
    counts = np.bincount(topics(picked), minlength=TOPICS)
    assert counts[1] >= 2
    assert counts[3] >= 2
    assert counts[1] + counts[3] >= 7
    nearest = (rows[picked] @ rows[picked].T).toarray() - np.identity(PLACES)
    assert nearest.max() < 0.7


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 20), st.booleans())
def test_only_offered_papers_are_picked_each_once_and_always_the_same(
    papers: int, places: int, seed: int, stated: bool
) -> None:
    source = np.random.default_rng(seed)
    rows = sparse.random(papers, 6, density=0.4, format="csr", random_state=seed)
    trend = source.random(papers)
    interest = source.random(papers) if stated else None
    offered = np.flatnonzero(source.random(papers) < 0.7)
    picked = pick(rows, trend, interest, offered=offered, places=places)
    assert set(picked) <= set(offered.tolist())
    assert len(picked) == len(set(picked)) == min(places, len(offered))
    assert picked == pick(rows, trend, interest, offered=offered, places=places)


def test_papers_without_words_come_last() -> None:
    rows = sparse.csr_matrix(np.diag([1.0, 0, 0, 1]), dtype=np.float32)
    assert pick(rows, np.array([0.5, 0.4, 0.3, 0.2])) == [0, 3, 1, 2]


def test_pool_is_bounded_so_that_many_papers_cost_no_more() -> None:
    papers = 20 * POOL_PAPERS
    trend = np.linspace(0.9, 0.1, papers)
    picked = pick(sparse.identity(papers, dtype=np.float32, format="csr"), trend, places=50)
    assert max(picked) < POOL_PAPERS
