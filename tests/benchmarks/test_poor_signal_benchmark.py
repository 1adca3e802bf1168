"""Whom the blend takes for readers with a poor signal, and what they win or lose by its fallback.

Beside readers with topical tastes, some like at random, and some what is most popular. On the days
that whoever tunes leaves alone, see `test_learning_curve_benchmark`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from simulated_readers import (
    DISLIKED_OF_OTHERS,
    PLACES,
    TASTES,
    FloatArray,
    Period,
    audience,
    cut,
    dataset_days,
    ratings_of,
)

from recommender.domain import Rating
from recommender.interests.evidence import gather_evidence
from recommender.interests.metrics import ndcg_at_k
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import score_candidates
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.poor_signal import expected_gain
from recommender.newsletter.reader import RankingParameters, Reader

SEEDS = range(20, 22)
LAST_TO_TUNE_ON = date(2025, 10, 31)
ISSUES_LOOKED_BACK = 20
READERS_OF_A_KIND = 24
RANDOM, POPULAR, TOPICAL = "at random", "what is popular", "topical"


@dataclass(slots=True)
class Tally:
    """Issues of one kind of reader.

    Attributes
    ----------
    issues, suspected : int
        How many came when enough was known, and how many of these to a suspected reader.
    likes_won : int
        In the suspected ones, by the fallback.
    """

    issues: int = 0
    suspected: int = 0
    likes_won: int = 0


@dataclass(slots=True)
class Simulated:
    """A reader so far: what they said, and the gains of their issues."""

    kind: str
    answers: NDArray[np.int8]
    said: list[Rating] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)


@pytest.fixture(scope="module")
def period(shared_data: Path) -> Period:
    days = dataset_days(shared_data)
    return cut(days, [day for day in days if day.day > LAST_TO_TUNE_ON])


def test_who_likes_what_is_popular_is_found_and_served_better(period: Period) -> None:
    tallies = simulate(period)
    for kind, tally in tallies.items():
        report(
            f"likes {kind}: {tally.suspected} of {tally.issues} issues to suspected readers, "
            f"{tally.likes_won / max(1, tally.suspected):+.2f} likes an issue by the fallback"
        )
    popular, topical = tallies[POPULAR], tallies[TOPICAL]
    assert popular.suspected > 0.7 * popular.issues
    assert popular.likes_won > popular.suspected
    assert topical.suspected < 0.05 * topical.issues


def simulate(period: Period) -> dict[str, Tally]:
    """Send each reader the issues that they are sent without the fallback, and compare."""
    readers = [
        *(Simulated(TOPICAL, answers) for answers in audience(period.index, TASTES, SEEDS).answers),
        *_of_kind(RANDOM, np.full(len(period.index.papers), 0.3)),
        *_of_kind(POPULAR, popularity(period)),
    ]
    tallies = {kind: Tally() for kind in (TOPICAL, RANDOM, POPULAR)}
    for number, block in enumerate(period.blocks):
        asked = [
            Reader(PLACES, each.said, is_new=number == 0, seed=f"{at} {number}")
            for at, each in enumerate(readers)
        ]
        shown = _plan(period, block, asked)
        fallen_back = _plan(period, block, [replace(each, poor_signal=True) for each in asked])
        interests = score_candidates(
            period.index,
            [gather_evidence(period.index, each.said) for each in readers],
            block.candidates,
            InterestParameters(),
        )
        for reader, rows, instead, interest in zip(
            readers, shown, fallen_back, interests, strict=True
        ):
            expected = expected_gain(reader.gains[-ISSUES_LOOKED_BACK:])
            if expected is not None:
                tally = tallies[reader.kind]
                tally.issues += 1
                if expected <= 0:
                    tally.suspected += 1
                    tally.likes_won += _likes(reader, instead) - _likes(reader, rows)
            if reader.said:
                reader.gains += _gain(block, reader, rows, interest)
            reader.said += ratings_of(period.index, reader.answers, rows)
    return tallies


def _of_kind(kind: str, liked: FloatArray) -> list[Simulated]:
    """Make readers of whom each likes papers with these probabilities."""
    readers = []
    for seed in range(READERS_OF_A_KIND):
        like, dislike = np.random.default_rng([seed, len(kind)]).random((2, len(liked)))
        answers = np.where(like < liked, 1, -1 * (dislike < DISLIKED_OF_OTHERS))
        readers.append(Simulated(kind, answers.astype(np.int8)))
    return readers


def popularity(period: Period) -> FloatArray:
    """Return the probability of a like that the place of a paper in its block by trend gives it."""
    probability = np.full(len(period.index.papers), 0.05)
    for block in period.blocks:
        best = block.candidates[np.argsort(-block.trend_scores, kind="stable")]
        probability[best[:10]], probability[best[10:20]] = 0.6, 0.3
    return probability


def _plan(period: Period, block: Corpus, asked: Sequence[Reader]) -> list[list[int]]:
    plans = plan_issues(block, asked, RankingParameters())
    return [
        [period.index.row_of[entry.paper_id] for entry in plan.entries] if plan else []
        for plan in plans
    ]


def _likes(reader: Simulated, rows: list[int]) -> int:
    return int(np.count_nonzero(reader.answers[rows] > 0))


def _gain(block: Corpus, reader: Simulated, rows: list[int], interest: FloatArray) -> list[float]:
    """Return what the order by interest of an issue gains; nothing where all orders are equal."""
    is_shown = np.isin(block.candidates, rows)
    liked = reader.answers[block.candidates[is_shown]] > 0
    if liked.all() or not liked.any():
        return []
    by_interest, by_trend = (
        ndcg_at_k(liked[np.argsort(-scores[is_shown], kind="stable")], 10)
        for scores in (interest, block.trend_scores)
    )
    return [by_interest - by_trend]


def report(line: str) -> None:
    print(f"\n{line}", end="")  # noqa: T201 - the figures are the benchmark's result
