"""Cost of one subscriber, beside a linear SVM over the corpus in the same run.

No test fails on a time: machines differ. The figures are printed: CPU time of one core, amortised
over the subscribers that were fitted together. Linear algebra has one thread, as in the program: a
second one mostly waits, and its waiting is CPU time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import cycle, islice, takewhile
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from recommender.domain import Mention, Paper, Rating
from recommender.interests.batch import fit_interests, fitting_slices
from recommender.interests.evaluation import Batch
from recommender.interests.evidence import gather_evidence
from recommender.interests.model import PaperRows
from recommender.interests.ordering import best_first
from recommender.interests.paper_index import PaperIndex, RatedRows, index_papers
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import by_svm
from recommender.interests.tuning import RatingHistory, learn_community
from recommender.jobs.quality.held_out import HeldOut, hold_out, rating_history_before
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.papers.datasets.dataset_files import read_dataset

corpus_of = partial(build_corpus, window_days=90, half_life_days=7)

SPLIT_AT = datetime(2021, 1, 1, tzinfo=UTC)
PEOPLE_OF_SVM = 10
NOW = datetime(2026, 3, 11, tzinfo=UTC)
READERS = 1000
AUTHORS = 20_000
UNEQUAL_READERS = 200


@dataclass(frozen=True, slots=True)
class Libraries:
    """25,975 real papers, of which 5,195 are candidates, and who rated which before the split.

    The data set has no authors, so each paper is given four of `AUTHORS` made-up names.

    Attributes
    ----------
    everybody : list of list of Rating
        What each of 3,974 people said.
    people : list of sequence of Rating
        What the 300 said who are evaluated, ten ratings each.
    """

    index: PaperIndex
    held_out: HeldOut
    told: RatingHistory
    everybody: list[list[Rating]]
    people: list[Sequence[Rating]]


@pytest.fixture(scope="module")
def libraries(shared_data: Path) -> Libraries:
    dataset = read_dataset(shared_data / "citeulike-t")
    random = np.random.default_rng(3)
    names = np.array([f"Jane{number} Doe{number}" for number in range(AUTHORS)])
    papers = [
        replace(paper, authors=tuple(names[random.choice(AUTHORS, 4, replace=False)].tolist()))
        for paper in dataset.papers
    ]
    index = index_papers(papers)
    held_out = hold_out(dataset, index, SPLIT_AT)
    assert (len(index.papers), len(held_out.candidates), len(held_out.cases)) == (25975, 5195, 300)
    return Libraries(
        index,
        held_out,
        rating_history_before(dataset, index, SPLIT_AT),
        [
            list(takewhile(lambda rating: rating.rated_at < SPLIT_AT, said))
            for said in dataset.ratings.values()
        ],
        [case.ratings for case in held_out.cases],
    )


@pytest.fixture(scope="module")
def with_community(libraries: Libraries) -> PaperIndex:
    begun = time.process_time()
    community = learn_community(libraries.index, libraries.told.likes)
    learned_s = time.process_time() - begun
    report(f"the community is learned in {learned_s:.0f} s, once a night")
    return replace(libraries.index, community=community)


def rank(
    index: PaperIndex,
    people: Sequence[Sequence[Rating]],
    candidates: PaperRows,
    parameters: InterestParameters,
    rated_rows: RatedRows,
) -> np.ndarray:
    """Fit each subscriber and rank: the candidates of each, best first."""
    evidences = [gather_evidence(index, ratings) for ratings in people]
    orders = np.empty((len(evidences), len(candidates)), dtype=np.intp)
    for some in fitting_slices(evidences):
        interests = fit_interests(index, evidences[some], parameters, rated_rows=rated_rows)
        orders[some] = best_first(interests.interest_scores(candidates))
    return orders


def cpu_ms(work: Callable[[], object], *, people: int, rounds: int = 5) -> float:
    """Measure work for some people, amortised: the median of some rounds, after one to warm up."""
    spent = []
    with threadpool_limits(1):
        for _ in range(rounds + 1):
            begun = time.process_time()
            work()
            spent.append(time.process_time() - begun)
    return float(np.median(spent[1:])) * 1000 / people


def test_fit_and_rank_beside_a_linear_svm_over_the_corpus(
    libraries: Libraries, with_community: PaperIndex
) -> None:
    index, people, held_out = libraries.index, libraries.people, libraries.held_out
    batch = Batch(held_out.candidates, held_out.trend_scores, list(held_out.cases[:PEOPLE_OF_SVM]))
    some = [gather_evidence(index, ratings) for ratings in people[:PEOPLE_OF_SVM]]
    svm_ms = cpu_ms(
        lambda: best_first(by_svm(index, some, batch)),
        people=PEOPLE_OF_SVM,
        rounds=1,
    )
    report(f"linear SVM over {len(index.papers)} papers: {svm_ms:.1f} ms a subscriber")

    dimensions = len(with_community.community.offset_)
    for name, used, parameters in (
        ("terms and authors", index, InterestParameters()),
        (
            f"with a community of {dimensions} dimensions",
            with_community,
            InterestParameters(community_weight=0.2),
        ),
    ):
        begun = time.process_time()
        candidates = used.paper_rows(held_out.candidates)
        prepared_ms = 1000 * (time.process_time() - begun)
        to_rank = partial(rank, used, people, candidates, parameters, RatedRows(used))
        ms = cpu_ms(to_rank, people=len(people))
        report(
            f"{name}: {ms:.2f} ms a subscriber, {svm_ms / ms:.0f} times faster than the SVM;"
            f" once for all, {prepared_ms:.0f} ms for the rows of {len(candidates)} candidates"
        )
        orders = to_rank()
        assert np.array_equal(np.sort(orders, axis=1)[0], np.arange(len(candidates)))
    assert 0 < dimensions <= 1000


@pytest.mark.parametrize("ratings", [10, 50, 100, 200])
def test_fit_and_rank_by_number_of_ratings(
    libraries: Libraries, with_community: PaperIndex, ratings: int
) -> None:
    """The first ratings of people who have as many."""
    people = [said[:ratings] for said in libraries.everybody if len(said) >= ratings][:100]
    figures = costs(libraries, with_community, people)
    report(
        f"{ratings} ratings: {figures[0]:.2f} ms each of {len(people)} people who have as many,"
        f" {figures[1]:.2f} ms with the community"
    )
    assert len(people) >= 10


def test_fit_and_rank_of_readers_with_ten_to_two_hundred_ratings(
    libraries: Libraries, with_community: PaperIndex
) -> None:
    """Of each size as many, drawn from all who have as many ratings, the same person again too."""
    random = np.random.default_rng(0)
    people = []
    for size in random.integers(10, 201, UNEQUAL_READERS).tolist():
        able = [said for said in libraries.everybody if len(said) >= size]
        people.append(able[random.integers(len(able))][:size])
    figures = costs(libraries, with_community, people)
    report(
        f"10 to 200 ratings: {figures[0]:.2f} ms each of {len(people)} readers,"
        f" {figures[1]:.2f} ms with the community"
    )
    assert 95 < np.mean([len(said) for said in people]) < 115


def costs(
    libraries: Libraries, with_community: PaperIndex, people: Sequence[Sequence[Rating]]
) -> list[float]:
    """Return ms a subscriber, of terms and authors and with the community.

    The places of what they rated are found before: those of one paper serve all who rated it.
    """
    figures = []
    for index, parameters in (
        (libraries.index, InterestParameters()),
        (with_community, InterestParameters(community_weight=0.2)),
    ):
        candidates = index.paper_rows(libraries.held_out.candidates)
        to_rank = partial(rank, index, people, candidates, parameters, RatedRows(index))
        figures.append(cpu_ms(to_rank, people=len(people)))
    return figures


@pytest.mark.parametrize("exploration", [0, 2])
@pytest.mark.parametrize("ratings", [0, 10, 200])
def test_plan_issues(ratings: int, exploration: int) -> None:
    corpus, random = _corpus(), np.random.default_rng(1)
    people = [
        Reader(
            papers=10,
            ratings=[
                Rating(int(paper), 1, saved=False, rated_at=NOW)
                for paper in random.choice(len(corpus.candidates), ratings, replace=False)
            ],
            seed=str(number),
        )
        for number in range(50)
    ]
    readers = list(islice(cycle(people), READERS))
    parameters = RankingParameters(exploration=exploration)
    ms = cpu_ms(lambda: plan_issues(corpus, readers, parameters), people=READERS, rounds=3)
    report(f"an issue of 1,000 candidates, {ratings} ratings, {exploration} explored: {ms:.2f} ms")
    plans = plan_issues(corpus, readers[:50], parameters)
    assert [len(plan.entries) for plan in plans if plan is not None] == [10] * 50


def _corpus() -> Corpus:
    """1,000 papers of 80 words, all of them candidates."""
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
    return corpus_of(index_papers(papers), mentions, {}, today=NOW.date())


def report(line: str) -> None:
    print(f"\n{line}", end="")  # noqa: T201 - the figures are the benchmark's result
