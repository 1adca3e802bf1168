"""What a welcome's ten papers tell of a newcomer, beside ten trending papers drawn at random.

A simulated newcomer rates ten papers, and papers of later days are ranked by what was learned. On
the real days the newcomers are those of `simulated_readers`. On hf-authors they are its people, of
whom it is known what they wrote later: of the ten they like what is as near to their own papers as
a tenth of what was offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from simulated_readers import (
    DISLIKED_OF_OTHERS,
    LIKED_OF_FITTING,
    PLACES,
    BoolArray,
    Day,
    FloatArray,
    block_of,
    dataset_days,
    index_of,
    ratings_of,
)

from recommender.interests.evaluation import Batch
from recommender.interests.evidence import gather_evidence
from recommender.interests.metrics import ndcg_at_k
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import by_centroid, score_candidates
from recommender.interests.tuning import learn_community
from recommender.jobs.quality.held_out import hold_out
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.papers.datasets.dataset_files import read_dataset

RowArray = NDArray[np.intp]

SPLIT_AT = datetime(2025, 9, 1, tzinfo=UTC)
TREND_POOL = 4
"""One of so many papers is trending."""

NEAR = 0.1
"""Share of what is offered that people like, where only their own papers are known."""

HALF, TRUTHFUL = (LIKED_OF_FITTING, DISLIKED_OF_OTHERS), (1.0, 1.0)
"""Who says what they think now and then, and who always does."""

Choose = Callable[[Corpus, np.random.Generator], Sequence[int]]
"""Picks rows of the index for a newcomer of whom nothing is known."""


def by_welcome(corpus: Corpus, source: np.random.Generator) -> Sequence[int]:
    """Pick what the program welcomes with."""
    del source  # the program leaves nothing to chance here
    return _welcome(corpus)


@cache
def _welcome(corpus: Corpus) -> Sequence[int]:
    (plan,) = plan_issues(corpus, [Reader(PLACES, is_new=True)], RankingParameters())
    return [corpus.index.row_of[entry.paper_id] for entry in plan.entries] if plan else []


def by_chance(corpus: Corpus, source: np.random.Generator) -> Sequence[int]:
    """Draw from the quarter that trends most."""
    best = np.argsort(-corpus.trend_scores, kind="stable")
    trending = best[: max(PLACES, len(best) // TREND_POOL)]
    rows: list[int] = corpus.candidates[source.choice(trending, PLACES, replace=False)].tolist()
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Newcomers of one day, and what is ranked for them afterwards.

    Attributes
    ----------
    offered : Corpus
        What they may be welcomed with.
    fits : ndarray of bool, shape (n_newcomers, n_papers)
        Which rows of the index they like, as far as they are offered.
    later : ndarray of int
        Rows of the index that are ranked, those that trend most first.
    liked : ndarray of bool, shape (n_newcomers, n_later)
        What should stand first there.
    """

    offered: Corpus
    fits: BoolArray
    later: RowArray
    liked: BoolArray


def trials_on_days(
    days: Sequence[Day], index: PaperIndex, fits: BoolArray, *, welcome: int, then: int
) -> list[Trial]:
    """Welcome with some days' papers and rank those of the days after them, again and again."""
    trials = []
    for first in range(0, len(days) - welcome - then + 1, then):
        offered = block_of(index, days[first : first + welcome])
        after = block_of(index, days[first + welcome : first + welcome + then])
        later = after.candidates[np.argsort(-after.trend_scores, kind="stable")]
        trials.append(Trial(offered, fits, later, fits[:, later]))
    return trials


def with_community(
    index: PaperIndex, days: Sequence[Day], fits: BoolArray, *, of_each: int, likes: int
) -> PaperIndex:
    """Return the index with the map of a community that liked some papers of some days.

    Parameters
    ----------
    fits : ndarray of bool, shape (n_tastes, n_papers)
        What readers of each taste like.
    of_each : int
        Readers of each taste.
    likes : int
        Of each reader, at most.
    """
    source = np.random.default_rng(1)
    rows = np.array([index.row_of[paper.id] for day in days for paper in day.papers])
    liked = []
    for _ in range(of_each):
        for of_taste in fits:
            fitting = rows[of_taste[rows]]
            liked.append(source.choice(fitting, min(likes, len(fitting)), replace=False))
    ends = np.cumsum([0, *map(len, liked)])
    of_readers = sparse.csr_matrix(
        (np.ones(ends[-1], dtype=np.float32), np.concatenate(liked), ends),
        shape=(len(liked), len(index.papers)),
    )
    return replace(index, community=learn_community(index, of_readers))


def trials_on_people(shared_data: Path, *, welcome: int, moments: int) -> list[Trial]:
    """Welcome the people of hf-authors on some days before the split; rank what came since it.

    Each time they may be welcomed with the papers of ``welcome`` days.
    """
    dataset = read_dataset(shared_data / "hf-authors")
    days = dataset_days(shared_data)
    index = index_of(days)
    held_out = hold_out(dataset, index, SPLIT_AT)
    order = np.argsort(-held_out.trend_scores, kind="stable")
    later = held_out.candidates[order]
    liked = np.array([np.isin(later, case.liked) for case in held_out.cases])
    evidences = [gather_evidence(index, case.ratings) for case in held_out.cases]
    before = [day for day in days if day.day < SPLIT_AT.date()]
    trials = []
    for moment in range(moments):
        offered = block_of(index, before[len(before) - (moment + 1) * welcome :][:welcome])
        batch = Batch(offered.candidates, offered.trend_scores, held_out.cases)
        likeness = by_centroid(index, evidences, batch)
        least = np.quantile(likeness, 1 - NEAR, axis=1, keepdims=True)
        fits = np.zeros((len(liked), len(index.papers)), dtype=bool)
        fits[:, offered.candidates] = likeness >= least
        trials.append(Trial(offered, fits, later, liked))
    return trials


def welcome_quality(
    trials: Iterable[Trial],
    choose: Choose,
    *,
    seeds: int,
    shares: tuple[float, float] = HALF,
    interest: InterestParameters | None = None,
) -> FloatArray:
    """Return nDCG@10 by interest alone after the ratings of ten papers.

    Who said nothing is ranked by trend.

    Parameters
    ----------
    shares : tuple of float
        Of what fits, how much is liked; of what does not, how much is disliked.

    Returns
    -------
    ndarray of shape (n_trials, n_seeds, n_newcomers)
        NaN for whom nothing of what is ranked is to be liked.
    """
    used = interest or InterestParameters()
    return np.array(
        [
            [
                _qualities(trial, choose, np.random.default_rng([seed, at]), shares, used)
                for seed in range(seeds)
            ]
            for at, trial in enumerate(trials)
        ]
    )


def _qualities(
    trial: Trial,
    choose: Choose,
    source: np.random.Generator,
    shares: tuple[float, float],
    interest: InterestParameters,
) -> list[float]:
    """Return the figure of each newcomer, see `welcome_quality`."""
    index = trial.offered.index
    like, dislike = shares
    chance = source.random(trial.fits.shape)
    answers = np.where(trial.fits, chance < like, -1 * (chance < dislike)).astype(np.int8)
    evidences = [
        gather_evidence(index, ratings_of(index, of_one, choose(trial.offered, source)))
        for of_one in answers
    ]
    scores = score_candidates(index, evidences, trial.later, interest)
    orders = np.argsort(-scores, axis=1, kind="stable")
    return [
        ndcg_at_k(liked[order], k=PLACES) if liked.any() else np.nan
        for liked, order in zip(trial.liked, orders, strict=True)
    ]
