"""Cost of one subscriber, beside a linear SVM over the corpus in the same run.

No test fails on a time: machines differ. The figures stand in the table that pytest-benchmark
prints, and the ratio in its JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from recommender.domain import Mention, Paper, Rating
from recommender.interests.model import Background, InterestModel
from recommender.interests.paper_index import index_papers
from recommender.newsletter.corpus import build_corpus
from recommender.newsletter.issue import IssuePlan, plan_issue

corpus_of = partial(build_corpus, window_days=90, half_life_days=7)

PAPERS, TERMS, CANDIDATES, TERMS_A_PAPER = 25_000, 16_000, 5_000, 60
NOW = datetime(2026, 3, 11, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _one_core() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def rows() -> sparse.csr_matrix:
    """Papers with terms as frequent as in texts, by Zipf's law."""
    random = np.random.default_rng(0)
    share = 1 / np.arange(10, TERMS + 10)
    terms = random.choice(TERMS, (PAPERS, TERMS_A_PAPER), p=share / share.sum())
    weights = np.log(1 / share)[terms].astype(np.float32)
    ends = np.arange(PAPERS + 1) * TERMS_A_PAPER
    matrix = sparse.csr_matrix((weights.ravel(), terms.ravel(), ends), shape=(PAPERS, TERMS))
    matrix.sum_duplicates()
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
    matrix.data /= np.repeat(lengths, np.diff(matrix.indptr)).astype(np.float32)
    return matrix


@pytest.mark.parametrize("ratings", [10, 200])
def test_fit_and_rank_one_subscriber(benchmark: Any, rows: sparse.csr_matrix, ratings: int) -> None:
    background, candidates = Background().fit(rows), rows[-CANDIDATES:]
    people = _people(ratings)

    def fit_and_rank() -> np.ndarray:
        rated = next(people)
        model = InterestModel(background).fit(rows[rated], np.ones(ratings))
        return np.argsort(-model.decision_function(candidates))

    assert benchmark.pedantic(fit_and_rank, rounds=100, warmup_rounds=3).shape == (CANDIDATES,)


@pytest.mark.parametrize("ratings", [10])
def test_fit_and_rank_one_subscriber_by_a_linear_svm_over_the_corpus(
    benchmark: Any, rows: sparse.csr_matrix, ratings: int
) -> None:
    candidates, people = rows[-CANDIDATES:], _people(ratings)

    def fit_and_rank() -> np.ndarray:
        liked = np.zeros(PAPERS, dtype=int)
        liked[next(people)] = 1
        svm = LinearSVC(C=0.01, class_weight="balanced").fit(rows, liked)
        return np.argsort(-svm.decision_function(candidates))

    assert benchmark.pedantic(fit_and_rank, rounds=5).shape == (CANDIDATES,)


@pytest.mark.parametrize("ratings", [0, 10], ids=["newcomer", "ten ratings"])
def test_plan_one_issue(benchmark: Any, ratings: int) -> None:
    plan, people = _planner(), _people(max(ratings, 1), papers=1000)

    def plan_one() -> IssuePlan | None:
        return plan([Rating(int(paper), 1, False, NOW) for paper in next(people)[:ratings]])

    issue = benchmark.pedantic(plan_one, rounds=100, warmup_rounds=3)
    assert len(issue.entries) == 10


def _people(ratings: int, *, papers: int = PAPERS - CANDIDATES) -> Iterator[np.ndarray]:
    """Give the rated papers of one person after the other."""
    random = np.random.default_rng(1)
    return cycle(np.sort(random.choice(papers, (50, ratings))))


def _planner() -> Callable[[list[Rating]], IssuePlan | None]:
    """Plan from 1,000 papers of 80 words, all of them candidates."""
    random = np.random.default_rng(2)
    words = np.array([f"term{number}" for number in range(5000)])
    share = 1 / np.arange(10, 5010)
    texts = words[random.choice(5000, (1000, 80), p=share / share.sum())]
    papers = [
        Paper(
            id=number,
            title=" ".join(text[:8]),
            abstract=" ".join(text),
            authors=(),
            arxiv_id=None,
            doi=None,
            url=None,
            published_at=None,
            first_seen_at=NOW,
        )
        for number, text in enumerate(texts)
    ]
    mentions = [Mention(each.id, "AK", date(2026, 3, 11), each.id + 1, 0) for each in papers]
    corpus = corpus_of(index_papers(papers), mentions, {}, today=NOW.date())
    return lambda ratings: plan_issue(corpus, ratings=ratings, interests="", sent=(), papers=10)
