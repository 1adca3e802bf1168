"""Jobs: a data set that is split by a day, as cases to evaluate. Touches nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

import numpy as np
from scipy import sparse

from recommender.domain import Rating
from recommender.interests.evaluation import CASES_AT_A_TIME, Batch, Case
from recommender.interests.metrics import FloatArray, RowArray
from recommender.interests.paper_index import PaperIndex
from recommender.interests.tuning import Told
from recommender.papers.dataset import Dataset, standing

FEWEST_RATINGS_BEFORE: Final = 3
FEWEST_LIKES_AFTER: Final = 2

_SEED: Final = 0


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """The cases of a split; their candidates are the same.

    Attributes
    ----------
    candidates : ndarray of int, shape (n_candidates,)
        Rows in the index of what was published since.
    trend_scores : ndarray of shape (n_candidates,)
        Their places by upvotes, the newest of equals first: a data set knows no more of attention.
    cases : sequence of Case
    """

    candidates: RowArray
    trend_scores: FloatArray
    cases: Sequence[Case]

    def batches(self, cases: Sequence[Case]) -> Iterator[Batch]:
        """Give these of the cases, some at a time."""
        for start in range(0, len(cases), CASES_AT_A_TIME):
            some = cases[start : start + CASES_AT_A_TIME]
            yield Batch(self.candidates, self.trend_scores, some)


def hold_out(dataset: Dataset, index: PaperIndex, split_at: datetime) -> HeldOut:
    """Split a data set at a moment.

    Evidence is what stood of a subscriber's ratings then, of papers published before. Liked is
    what they liked since, of papers published since that they had not rated by then. Subscribers
    with fewer than `FEWEST_RATINGS_BEFORE` or `FEWEST_LIKES_AFTER` are no case.
    """
    published = np.flatnonzero([paper.first_seen_at >= split_at for paper in index.papers])
    # Rankers leave equal scores in this order, and that of the file may tell what was liked.
    candidates = np.random.default_rng(_SEED).permutation(published)
    published_since = {index.papers[row].id for row in candidates}
    cases = (
        _case(index, subscriber, said, split_at, published_since)
        for subscriber, said in dataset.ratings.items()
    )
    return HeldOut(
        candidates,
        _attention(dataset, index, candidates),
        [
            case
            for case in cases
            if len(case.ratings) >= FEWEST_RATINGS_BEFORE and len(case.liked) >= FEWEST_LIKES_AFTER
        ],
    )


def told_before(dataset: Dataset, index: PaperIndex, split_at: datetime) -> Told:
    """Gather what stood of everybody's ratings at the split, of papers published before it."""
    published = np.array([paper.first_seen_at.toordinal() for paper in index.papers])
    is_before = np.array([paper.first_seen_at < split_at for paper in index.papers])
    known = [
        [
            rating
            for rating in standing(takewhile(lambda rating: rating.rated_at < split_at, said))
            if is_before[index.row_of[rating.paper_id]]
        ]
        for said in dataset.ratings.values()
    ]
    liked = [
        (row, index.row_of[rating.paper_id])
        for row, ratings in enumerate(known)
        for rating in ratings
        if rating.value > 0
    ]
    rows, columns = np.array(liked, dtype=np.intp).reshape(-1, 2).T
    return Told(
        likes=sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)),
            shape=(len(known), len(index.papers)),
        ),
        ratings_of=lambda wanted: [known[row] for row in wanted],
        appeared_on=np.where(is_before, published, 0),
    )


def _case(
    index: PaperIndex,
    subscriber: str,
    said: Sequence[Rating],
    split_at: datetime,
    published_since: Collection[int],
) -> Case:
    before = list(takewhile(lambda rating: rating.rated_at < split_at, said))
    known, later = standing(before), standing(said[len(before) :])
    excluded = {rating.paper_id for rating in known}
    liked = {rating.paper_id for rating in later if rating.value > 0} - excluded
    return Case(
        subscriber=subscriber,
        ratings=tuple(rating for rating in known if rating.paper_id not in published_since),
        interests="",
        excluded=_rows(index, excluded),
        liked=_rows(index, liked.intersection(published_since)),
    )


def _rows(index: PaperIndex, paper_ids: Collection[int]) -> RowArray:
    return np.array(sorted(index.row_of[paper_id] for paper_id in paper_ids), dtype=np.intp)


def _attention(dataset: Dataset, index: PaperIndex, candidates: RowArray) -> FloatArray:
    """Place by upvotes, then by date; equals have one place."""
    papers = [index.papers[row] for row in candidates]
    keys = [(dataset.upvotes[paper.id - 1], paper.first_seen_at.timestamp()) for paper in papers]
    _, places = np.unique(np.array(keys).reshape(-1, 2), axis=0, return_inverse=True)
    return places.ravel().astype(np.float64)
