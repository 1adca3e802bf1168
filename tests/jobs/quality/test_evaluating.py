"""On a data set, the model knows what was rated before the split, and is measured by the rest."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.domain import Paper, Rating
from recommender.errors import RecommenderError
from recommender.interests.evidence import gather_evidence
from recommender.interests.metrics import auc, ndcg_at_k, recall_at_k, reciprocal_rank
from recommender.interests.paper_index import index_papers
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import score_candidates
from recommender.jobs.quality.evaluating import evaluate_dataset
from recommender.jobs.quality.measuring import Report
from recommender.papers.datasets.dataset import Dataset
from recommender.papers.datasets.dataset_files import read_dataset

SPLIT = date(2026, 3, 10)
BEFORE, SINCE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
OLD = [
    "Graph Neural Networks for Molecules",
    "Pruning Graph Neural Networks",
    "Sparse Graph Networks",
    "Protein Folding with Attention",
    "Protein Folding from One Sequence",
    "Folding Proteins Fast",
]
NEW = [
    "Speech Recognition in Noise",
    "Graph Networks without Labels",
    "A Survey of Protein Folding",
    "Neural Networks on Sparse Graphs",
    "Protein Sequence Attention",
]


def dataset(ratings: dict[str, list[tuple[int, int, datetime]]], upvotes: int = 0) -> Dataset:
    """Six old papers, 1 to 6, and five new ones, 7 to 11."""
    papers = tuple(
        Paper(number, title, "", (), None, None, None, moment, moment)
        for number, (title, moment) in enumerate(
            [*((title, BEFORE) for title in OLD), *((title, SINCE) for title in NEW)], start=1
        )
    )
    said = {
        who: tuple(Rating(paper, value, False, moment) for paper, value, moment in rows)
        for who, rows in ratings.items()
    }
    votes = tuple(upvotes * number for number in range(1, 12))
    return Dataset(papers, tuple(f"x{paper.id}" for paper in papers), votes, said)


def said(*papers: int, at: datetime = BEFORE, value: int = 1) -> list[tuple[int, int, datetime]]:
    return [(paper, value, at) for paper in papers]


GRAPHS = [*said(1, 2, 3), *said(8, 10, at=SINCE)]
PROTEINS = [*said(4, 5, 6), *said(9, 11, at=SINCE)]


def evaluated(ratings: dict[str, list[tuple[int, int, datetime]]], **options: Any) -> Report:
    return evaluate_dataset(dataset(ratings), SPLIT, cpu_seconds=lambda: 0.0, **options)


def rankings(
    ratings: dict[str, list[tuple[int, int, datetime]]], **options: Any
) -> dict[str, list[str]]:
    """Return the papers of each subscriber's ranking in order, as the file has them."""
    file = io.StringIO()
    evaluated(ratings, baselines=False, rankings=file, **options)
    file.seek(0)
    papers: dict[str, list[str]] = {}
    for row in csv.DictReader(file):
        papers.setdefault(row["subscriber"], []).append(row["paper"])
        assert int(row["rank"]) == len(papers[row["subscriber"]])
    return papers


def expected_order(liked: list[int]) -> list[str]:
    """Return the new papers as the model orders them for somebody who likes these."""
    papers = dataset({}).papers
    index = index_papers(papers)
    evidence = gather_evidence(index, [Rating(paper, 1, False, BEFORE) for paper in liked], "")
    rows = np.random.default_rng(0).permutation(np.arange(6, 11))
    [scores] = score_candidates(index, [evidence], rows, InterestParameters())
    return [f"x{row + 1}" for row in rows[np.argsort(-scores, kind="stable")]]


def test_rankings_are_those_of_the_model_fitted_on_the_ratings_before() -> None:
    papers = dataset({}).papers
    index = index_papers(papers)
    written = rankings({"ann": GRAPHS, "bob": PROTEINS})
    for who, liked in (("ann", [1, 2, 3]), ("bob", [4, 5, 6])):
        ratings = [Rating(paper, 1, False, BEFORE) for paper in liked]
        evidence = gather_evidence(index, ratings, "")
        rows = np.arange(len(papers))
        [scores] = score_candidates(index, [evidence], rows, InterestParameters())
        ranked = [int(name.removeprefix("x")) - 1 for name in written[who]]
        assert sorted(ranked) == [6, 7, 8, 9, 10]
        assert scores[ranked].tolist() == pytest.approx(sorted(scores[6:], reverse=True), abs=1e-6)


def test_figures_are_those_of_the_rankings_that_are_written() -> None:
    ratings = {"ann": GRAPHS, "bob": [*said(4, 5, 1), *said(7, 8, 9, at=SINCE)]}
    written, report = rankings(ratings), evaluated(ratings).as_json()
    relevant = [
        np.array([name in liked for name in written[who]])
        for who, liked in (("ann", {"x8", "x10"}), ("bob", {"x7", "x8", "x9"}))
    ]
    for name, measure in {
        "ndcg_at_10": lambda ranked: ndcg_at_k(ranked, 10),
        "recall_at_50": lambda ranked: recall_at_k(ranked, 50),
        "mrr": reciprocal_rank,
        "auc": auc,
    }.items():
        assert report[name] == pytest.approx(np.mean([measure(ranked) for ranked in relevant]))


def test_what_is_rated_later_leaves_the_ranking_as_it_is() -> None:
    later = [*said(8, 9, at=SINCE), *said(1, 2, at=SINCE, value=-1), *said(4, at=SINCE)]
    assert rankings({"ann": GRAPHS}) == rankings({"ann": [*said(1, 2, 3), *later]})


def test_rating_before_the_split_changes_the_ranking() -> None:
    assert rankings({"ann": GRAPHS}) != rankings({"ann": [*said(4, 5, 6), *GRAPHS[3:]]})


def test_withdrawn_before_counts_as_unsaid_and_withdrawn_since_as_said() -> None:
    before, since = (said(3, at=at, value=0) for at in (BEFORE + timedelta(days=1), SINCE))
    assert rankings({"ann": [*said(1, 2, 3, 4), *since, *GRAPHS[3:]]}) == rankings(
        {"ann": [*said(1, 2, 3, 4), *GRAPHS[3:]]}
    )
    assert rankings({"ann": [*said(1, 2, 3, 4), *before, *GRAPHS[3:]]}) == rankings(
        {"ann": [*said(1, 2, 4), *GRAPHS[3:]]}
    )


def test_paper_that_was_rated_before_is_not_ranked_and_is_no_evidence_where_it_came_later() -> None:
    early = [*said(1, 2, 3, 7), *said(8, 10, at=SINCE)]
    without = [name for name in rankings({"ann": GRAPHS})["ann"] if name != "x7"]
    assert rankings({"ann": early})["ann"] == without


@pytest.mark.parametrize(
    "ratings",
    [
        [*said(1, 2), *said(8, 10, at=SINCE)],  # two ratings before
        [*said(1, 2, 7), *said(8, 10, at=SINCE)],  # the third is of a candidate
        [*said(1, 2, 3), *said(8, at=SINCE), *said(10, at=SINCE, value=-1)],  # one like after
        [*said(1, 2, 3), *said(8, 4, at=SINCE)],  # the second is of no candidate
        [*said(1, 2, 3, 8), *said(8, 10, at=SINCE)],  # the first was rated before
    ],
)
def test_subscribers_with_too_little_are_left_out_and_counted(
    ratings: list[tuple[int, int, datetime]],
) -> None:
    report = evaluated({"ann": GRAPHS, "bob": ratings}).as_json()
    assert (report["subscribers"], report["left_out"], report["candidates"]) == (1, 1, 5)
    with pytest.raises(RecommenderError, match=r"nobody can be evaluated at 2026-03-10: none of 1"):
        evaluated({"bob": ratings})


def test_order_of_the_file_does_not_decide_between_equal_papers() -> None:
    """It may follow what was liked, as where papers are numbered by their readers."""
    papers = tuple(
        Paper(number, "Graphs", "", (), None, None, None, moment, moment)
        for number, moment in enumerate([BEFORE] * 3 + [SINCE] * 40, start=1)
    )
    ratings = (
        *(Rating(number, 1, False, BEFORE) for number in (1, 2, 3)),
        *(Rating(number, 1, False, SINCE) for number in (4, 5)),
    )
    file = io.StringIO()
    names = tuple(str(paper.id) for paper in papers)
    evaluate_dataset(Dataset(papers, names, (0,) * 43, {"ann": ratings}), SPLIT, rankings=file)
    ranked = [int(line.split(",")[2]) for line in file.getvalue().splitlines()[1:]]
    assert sorted(ranked) == list(range(4, 44))
    assert ranked != sorted(ranked)


def test_dislikes_are_evidence_and_three_of_them_are_enough() -> None:
    ratings = {"ann": [*said(4, 5, 6, value=-1), *said(8, 10, at=SINCE)]}
    assert set(rankings(ratings)["ann"][-2:]) == {"x9", "x11"}


def test_trend_of_a_data_set_is_its_upvotes() -> None:
    """The most has paper 11, then 10: bob likes ranks 1 and 3."""
    report = evaluate_dataset(dataset({"bob": PROTEINS}, upvotes=1), SPLIT)
    expected = (1 + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert report.as_json()["baselines"]["trend"]["ndcg_at_10"] == pytest.approx(expected)


def test_baselines_stand_beside_unless_they_are_not_wanted() -> None:
    report = evaluated({"ann": GRAPHS, "bob": PROTEINS}).as_json()
    assert set(report["baselines"]) == {"trend", "centroid", "svm", "logistic"}
    for baseline in report["baselines"].values():
        assert baseline["subscribers"] == 2
        measures = {"ndcg_at_10", "recall_at_50", "mrr", "auc"}
        assert set(baseline["intervals"]) == set(baseline["difference_intervals"]) == measures
        assert baseline["difference"] == pytest.approx(
            {name: report[name] - baseline[name] for name in measures}
        )
    alone = evaluated({"ann": GRAPHS, "bob": PROTEINS}, baselines=False).as_json()
    assert alone == report | {"baselines": {}}


@pytest.mark.parametrize("name", ["svm", "logistic"])
def test_slow_baseline_is_measured_on_a_sample_beside_the_model_on_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.jobs.quality.evaluating.SAMPLED_SUBSCRIBERS", 1)
    report = evaluated({"ann": GRAPHS, "bob": [*said(1, 2, 3), *said(7, 11, at=SINCE)]}).as_json()
    sampled = report["baselines"][name]
    alone = [
        evaluated({who: rows}).as_json()["ndcg_at_10"]
        for who, rows in (("ann", GRAPHS), ("bob", [*said(1, 2, 3), *said(7, 11, at=SINCE)]))
    ]
    assert sampled["subscribers"] == 1
    assert alone[0] != alone[1]
    assert sampled["production_on_sample"]["ndcg_at_10"] in alone
    assert "production_on_sample" not in report["baselines"]["centroid"]
    assert sampled["difference"]["ndcg_at_10"] == pytest.approx(
        sampled["production_on_sample"]["ndcg_at_10"] - sampled["ndcg_at_10"]
    )


def test_newcomer_has_only_the_last_likes_before_the_split() -> None:
    """Neither the earlier like, whatever its place in the file, nor the dislike is evidence."""
    earlier, later = BEFORE, BEFORE + timedelta(days=1)
    since = said(8, 9, at=SINCE)
    everything = [*said(1, at=earlier), *said(4, 5, at=later), *said(6, value=-1, at=later), *since]
    report = evaluated({"ann": everything}, likes=2).as_json()
    assert report["likes"] == 2
    expected = expected_order([4, 5])
    assert rankings({"ann": everything}, likes=2)["ann"] == expected
    assert rankings({"ann": everything})["ann"] != expected
    assert "likes" not in evaluated({"ann": everything}).as_json()


def test_newcomers_are_the_same_people_with_the_same_to_find() -> None:
    """Nor is what they had rated, and lost, ranked for them."""
    ratings = {"ann": [*said(1, 2, 7), *GRAPHS], "bob": PROTEINS, "zoe": said(1, 2)}
    whole, newcomers = (rankings(ratings, likes=likes) for likes in (None, 1))
    assert {who: set(papers) for who, papers in whole.items()} == {
        who: set(papers) for who, papers in newcomers.items()
    }
    assert "x7" not in newcomers["ann"]
    report = evaluated(ratings, likes=1).as_json()
    assert (report["subscribers"], report["left_out"]) == (2, 1)


def test_who_has_fewer_likes_keeps_them() -> None:
    assert rankings({"ann": GRAPHS}, likes=10) == rankings({"ann": GRAPHS})


def test_progress_is_told_from_the_beginning_to_the_end() -> None:
    told: list[tuple[str, int, int | None]] = []
    evaluated(
        {"ann": GRAPHS, "bob": PROTEINS},
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    assert told[:5] == [
        ("index", 0, None),
        ("choose", 0, None),
        ("production", 0, 2),
        ("production", 1, 2),
        ("production", 2, 2),
    ]
    assert list(dict.fromkeys(what for what, *_ in told[5:])) == [
        "trend",
        "centroid",
        "svm",
        "logistic",
    ]


def test_defaults_do_not_fall_below_what_was_reached(shared_data: Path) -> None:
    """Reached: 0.167, 0.372, 0.884; 300 of 3,969 people have enough before and after the split."""
    report = evaluate_dataset(
        read_dataset(shared_data / "citeulike-t"),
        date(2021, 1, 1),
        parameters=InterestParameters(),
        baselines=False,
    ).as_json()
    assert (report["subscribers"], report["candidates"], report["left_out"]) == (300, 5195, 3669)
    assert report["ndcg_at_10"] >= 0.163
    assert report["recall_at_50"] >= 0.37
    assert report["mrr"] >= 0.305
    assert report["auc"] >= 0.88
    assert report["cpu_ms_per_subscriber"] > 0
    low, high = report["intervals"]["ndcg_at_10"]
    assert low < report["ndcg_at_10"] < high


@pytest.mark.slow  # chooses among fifty parameters by hundreds of people, and learns a map of likes
@pytest.mark.parametrize(
    ("name", "split_at", "people", "candidates", "least", "largest_error"),
    [
        # Reached: 0.185, 0.395, 0.906, and probabilities that are 0.025 from the truth. It takes
        # longest of all, so it comes first: another worker does the rest meanwhile.
        ("citeulike-t", date(2021, 1, 1), 300, 5195, (0.182, 0.39, 0.9), 0.05),
        # Reached: 0.163, 0.270, 0.811, and 0.026.
        ("hf-authors", date(2025, 9, 1), 716, 5334, (0.155, 0.255, 0.8), 0.05),
    ],
)
def test_production_as_installed_does_not_fall_below_what_was_reached(
    shared_data: Path,
    *,
    name: str,
    split_at: date,
    people: int,
    candidates: int,
    least: tuple[float, float, float],
    largest_error: float,
) -> None:
    """The margins are for processors that round otherwise, and so choose other parameters."""
    report = evaluate_dataset(read_dataset(shared_data / name), split_at, baselines=False).as_json()
    assert (report["subscribers"], report["candidates"]) == (people, candidates)
    assert report["ndcg_at_10"] >= least[0]
    assert report["recall_at_50"] >= least[1]
    assert report["auc"] >= least[2]
    assert report["calibration_error"] <= largest_error


def test_parameters_are_those_that_were_asked_for() -> None:
    weak, strong = (
        evaluated({"ann": GRAPHS}, parameters=InterestParameters(penalty=penalty)).as_json()
        for penalty in (0.5, 50.0)
    )
    assert (weak["parameters"]["penalty"], strong["parameters"]["penalty"]) == (0.5, 50.0)
    assert weak["calibration_error"] != strong["calibration_error"]
