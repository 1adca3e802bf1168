"""Jobs: a data set that is split by a day, as cases to evaluate. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Final

import numpy as np
from scipy import sparse

from recommender.interests.evaluation import (
    Batch,
    Case,
    batches_of,
    held_out_case,
    split_ratings,
)
from recommender.interests.metrics import FloatArray, RowArray
from recommender.interests.paper_index import PaperIndex
from recommender.interests.tuning import RatingHistory
from recommender.papers.datasets.dataset import Dataset, latest_ratings

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
        Their order by upvotes, the newest of equals first: a data set knows no more of attention.
    cases : sequence of Case
    """

    candidates: RowArray
    trend_scores: FloatArray
    cases: Sequence[Case]

    def batches(self, cases: Sequence[Case]) -> Iterator[Batch]:
        """Yield these of the cases, some at a time."""
        return batches_of(self.candidates, self.trend_scores, cases)

    def with_last_likes(self, most: int) -> HeldOut:
        """Return the same people, as if all that they had rated were their last few likes.

        What else they had rated is not ranked either, and what they liked since is the same, so
        that figures by different numbers compare.

        Parameters
        ----------
        most : int
            >= 1; who has fewer likes keeps those.
        """
        cases = []
        for case in self.cases:
            likes = [rating for rating in case.ratings if rating.value > 0 or rating.saved]
            likes.sort(key=attrgetter("rated_at"))
            cases.append(replace(case, ratings=tuple(likes[-most:])))
        return replace(self, cases=cases)


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
    cases = []
    for subscriber, said in dataset.ratings.items():
        known, later = map(latest_ratings, split_ratings(said, split_at))
        case = held_out_case(
            index,
            subscriber,
            known=[rating for rating in known if rating.paper_id not in published_since],
            later=later,
            excluded=[rating.paper_id for rating in known],
            candidates=candidates,
        )
        if len(case.ratings) >= FEWEST_RATINGS_BEFORE and len(case.liked) >= FEWEST_LIKES_AFTER:
            cases.append(case)
    return HeldOut(candidates, _attention(dataset, index, candidates), cases)


def rating_history_before(dataset: Dataset, index: PaperIndex, split_at: datetime) -> RatingHistory:
    """Gather what stood of everybody's ratings at the split, of papers published before it."""
    published = np.array([paper.first_seen_at.toordinal() for paper in index.papers])
    is_before = np.array([paper.first_seen_at < split_at for paper in index.papers])
    known = [
        [
            rating
            for rating in latest_ratings(split_ratings(said, split_at)[0])
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
    return RatingHistory(
        likes=sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)),
            shape=(len(known), len(index.papers)),
        ),
        ratings_of=lambda wanted: [known[row] for row in wanted],
        appeared_on=np.where(is_before, published, 0),
    )


def _attention(dataset: Dataset, index: PaperIndex, candidates: RowArray) -> FloatArray:
    """Return the order by upvotes, then by date; equals have the same."""
    papers = [index.papers[row] for row in candidates]
    keys = [(dataset.upvotes[paper.id - 1], paper.first_seen_at.timestamp()) for paper in papers]
    _, order = np.unique(np.array(keys).reshape(-1, 2), axis=0, return_inverse=True)
    return order.ravel().astype(np.float64)
