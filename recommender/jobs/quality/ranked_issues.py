"""Jobs: past issues, ranked anew by what was known when they were composed. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.interests.evaluation import Batch, Ranker, outcome_of, rank_batches
from recommender.interests.evidence import Evidence, gather_evidence
from recommender.interests.metrics import ndcg_at_k
from recommender.interests.paper_index import PaperIndex


@dataclass(frozen=True, slots=True, eq=False)
class RankedIssue:
    """An issue of somebody who had given evidence, ranked anew.

    Attributes
    ----------
    evidence : float
        In ratings.
    ndcg_at_10 : float or None
        Of all that could be shown; None where nothing of it was liked.
    shown, liked : ndarray
        The scores of its papers, best first, and which of them were liked.
    """

    subscriber: str
    evidence: float
    ndcg_at_10: float | None
    shown: NDArray[np.float64]
    liked: NDArray[np.bool_]

    @property
    def tells_orders_apart(self) -> bool:
        """Whether any order of its papers is better than another."""
        return bool(self.liked.any() and not self.liked.all())

    @property
    def ndcg_at_10_of_shown(self) -> float:
        """Quality of the order of its own papers."""
        return ndcg_at_k(self.liked, 10)


def ranked_anew(
    index: PaperIndex,
    batches: Iterable[Batch],
    ranker: Ranker,
    halvings_per_year: float,
    proceed: Callable[[], None],
) -> list[RankedIssue]:
    """Rank all issues with evidence as it was when they were composed."""
    issues = []
    for ranking in rank_batches(
        index, batches, ranker, halvings_per_year=halvings_per_year, cpu_seconds=lambda: 0.0
    ):
        proceed()
        case, figures = ranking.case, outcome_of(ranking).figures
        evidence = gather_evidence(index, case.ratings, case.interests, terms=case.terms).amount
        if evidence:
            is_shown = np.isin(ranking.rows, list(case.propensities or ()))
            issues.append(
                RankedIssue(
                    case.subscriber,
                    evidence,
                    None if figures is None else figures[0],
                    ranking.scores[is_shown].astype(np.float64),
                    ranking.liked[is_shown],
                )
            )
    return issues


def once_a_batch(ranker: Ranker) -> Ranker:
    """Return a ranker that scores a batch once, and remembers that until it is asked for another.

    So that several orders that need the same fit are compared at the cost of one.
    """
    last: tuple[Batch, NDArray[np.floating]] | None = None

    def scores(
        index: PaperIndex, evidences: Sequence[Evidence], batch: Batch
    ) -> NDArray[np.floating]:
        nonlocal last
        if last is None or last[0] is not batch:
            last = batch, ranker(index, evidences, batch)
        return last[1]

    return scores
