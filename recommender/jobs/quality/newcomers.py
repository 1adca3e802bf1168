"""Jobs: people of a data set ranked for as if they had rated little, whom no map knows. Pure.

The community's map is learned from everybody's likes. Those that a newcomer is to be without would
come back through it: on hf-authors, with one like, that doubles what the map is worth. Without the
likes of all who are measured, often the most active people, little of it would be left. So they are
measured in halves, each by a map that knows the few likes of this half and all of everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from scipy import sparse

from recommender.interests.evaluation import Batch, Case
from recommender.interests.evidence import Evidence
from recommender.interests.metrics import FloatArray
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import score_candidates
from recommender.interests.tuning import learn_community

_PARTS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class ByInterestAsNewcomers:
    """An `evaluation.Ranker`: the production model, whose community knows few likes of newcomers.

    Attributes
    ----------
    indexes : sequence of PaperIndex
        With the community for each part of the newcomers.
    part_of : mapping of str to int
        Which of them is each subscriber's.
    parameters : InterestParameters
    """

    indexes: Sequence[PaperIndex]
    part_of: Mapping[str, int]
    parameters: InterestParameters

    @classmethod
    def learned(
        cls,
        index: PaperIndex,
        likes: sparse.csr_matrix,
        row_of: Mapping[str, int],
        cases: Sequence[Case],
        parameters: InterestParameters,
    ) -> Self:
        """Learn the communities.

        Parameters
        ----------
        index : PaperIndex
        likes : csr_matrix of shape (n_subscribers, n_papers)
            All likes; see `tuning.RatingHistory`.
        row_of : mapping of str to int
            Rows in ``likes`` of the subscribers.
        cases : sequence of Case
            The newcomers, with what they are left with.
        parameters : InterestParameters
        """
        parts = [cases[part::_PARTS] for part in range(_PARTS)]
        return cls(
            [
                replace(index, community=learn_community(index, _left(index, likes, row_of, part)))
                for part in parts
            ],
            {case.subscriber: at for at, part in enumerate(parts) for case in part},
            parameters,
        )

    def __call__(
        self, index: PaperIndex, evidences: Sequence[Evidence], batch: Batch
    ) -> FloatArray:
        """Order by the ``interest_score`` of the production model."""
        del index
        scores = np.empty((len(evidences), len(batch.candidates)))
        parts = np.array([self.part_of[case.subscriber] for case in batch.cases], dtype=np.intp)
        for part, with_community in enumerate(self.indexes):
            rows = np.flatnonzero(parts == part)
            some = [evidences[row] for row in rows.tolist()]
            scores[rows] = score_candidates(with_community, some, batch.candidates, self.parameters)
        return scores


def _left(
    index: PaperIndex,
    likes: sparse.csr_matrix,
    row_of: Mapping[str, int],
    cases: Sequence[Case],
) -> sparse.csr_matrix:
    """Return the likes of everybody, of the people of these cases what they are left with."""
    rows = [row_of[case.subscriber] for case in cases]
    is_whole = np.ones(likes.shape[0], dtype=np.float32)
    is_whole[rows] = 0
    stands = sparse.diags(is_whole) @ likes
    left = [
        (row, index.row_of[rating.paper_id])
        for row, case in zip(rows, cases, strict=True)
        for rating in case.ratings
    ]
    at, columns = np.array(left, dtype=np.intp).reshape(-1, 2).T
    ones = np.ones(len(left), dtype=np.float32)
    known = (stands + sparse.csr_matrix((ones, (at, columns)), shape=likes.shape)).tocsr()
    known.eliminate_zeros()
    return known
