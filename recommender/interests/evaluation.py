"""Interests room: rankings of held-out papers, and how good they are. Pure.

A *case* is one subscriber at one moment: what they had said by then, and what they came to like.
Every ranker (`rankers`) is handed the same cases, orders the same candidates from what had been
said by then, and is measured by the same figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Rating, TermRating
from recommender.interests.evidence import Evidence, gather_evidence
from recommender.interests.metrics import (
    BoolArray,
    FloatArray,
    RowArray,
    auc,
    bootstrap_interval,
    coverage,
    estimated_likes,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank,
)
from recommender.interests.ordering import best_first
from recommender.interests.paper_index import PaperIndex

CASES_AT_A_TIME: Final = 100

MEASURES: Final[Mapping[str, Callable[[BoolArray], float]]] = {
    "ndcg_at_10": partial(ndcg_at_k, k=10),
    "recall_at_50": partial(recall_at_k, k=50),
    "mrr": reciprocal_rank,
    "auc": auc,
}
"""The figures of a ranking, by the names that scripts know."""

COVERED_RANKS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One subscriber at one moment.

    Attributes
    ----------
    subscriber : str
        Whose it is; several cases may be of one subscriber.
    ratings : tuple of Rating
        What they had said by then, one for each paper.
    interests : str
        What they said at sign-up that they like to read.
    excluded : ndarray of int
        Rows in the index of papers that they knew by then: these are not ranked.
    liked : ndarray of int
        Rows of the candidates, none of them excluded, that they liked after that moment.
    terms : tuple of TermRating
        Terms that they wanted more or less of by then.
    propensities : mapping of int to float, or None
        Rows of the papers that they were shown, with the probability of that; None where they
        might have come across any candidate.
    """

    subscriber: str
    ratings: tuple[Rating, ...]
    interests: str
    excluded: RowArray
    liked: RowArray
    terms: tuple[TermRating, ...] = ()
    propensities: Mapping[int, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Cases with the same candidates, at most `CASES_AT_A_TIME`.

    Attributes
    ----------
    candidates : ndarray of int, shape (n_candidates,)
        Rows in the index.
    trend_scores : ndarray of shape (n_candidates,)
        Public attention that each had by then; only the order counts.
    cases : sequence of Case
    """

    candidates: RowArray
    trend_scores: FloatArray
    cases: Sequence[Case]


def split_ratings(
    said: Sequence[Rating], moment: datetime
) -> tuple[Sequence[Rating], Sequence[Rating]]:
    """Part what a subscriber said into what came before a moment and what came since.

    Parameters
    ----------
    said : sequence of Rating
        Oldest first.
    """
    begin = bisect_left(said, moment, key=lambda rating: rating.rated_at)
    return said[:begin], said[begin:]


def held_out_case(
    index: PaperIndex,
    subscriber: str,
    *,
    known: Iterable[Rating],
    later: Iterable[Rating],
    excluded: Collection[int] = (),
    candidates: RowArray,
    interests: str = "",
    terms: Iterable[TermRating] = (),
    propensities: Mapping[int, float] | None = None,
) -> Case:
    """Return the case of one subscriber, of whom some ratings are held out to measure by.

    Whatever is held out, and by which rule: what they like among the candidates is a like or a
    save, and nothing that they knew by then.

    Parameters
    ----------
    known, later : iterable of Rating
        What rankers may learn from, and what is held out.
    excluded : collection of int
        Ids of papers that they knew by then.
    candidates : ndarray of int
        Rows in the index.
    """
    liked = {rating.paper_id for rating in later if rating.value > 0 or rating.saved}
    return Case(
        subscriber=subscriber,
        ratings=tuple(known),
        interests=interests,
        excluded=index.rows_of(excluded),
        liked=np.intersect1d(index.rows_of(liked.difference(excluded)), candidates),
        terms=tuple(terms),
        propensities=propensities,
    )


def batches_of(
    candidates: RowArray, trend_scores: FloatArray, cases: Sequence[Case]
) -> Iterator[Batch]:
    """Yield the cases that share these candidates, `CASES_AT_A_TIME`."""
    for start in range(0, len(cases), CASES_AT_A_TIME):
        yield Batch(candidates, trend_scores, cases[start : start + CASES_AT_A_TIME])


Ranker = Callable[[PaperIndex, Sequence[Evidence], Batch], NDArray[np.floating]]
"""Scores the candidates of a batch for each of its cases: shape (n_cases, n_candidates)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The candidates of one case in order.

    Attributes
    ----------
    rows : ndarray of int, shape (n_ranked,)
        Rows in the index, best first.
    scores : ndarray of shape (n_ranked,)
        What the ranker gave them; they fall.
    cpu_seconds : float
        Of fitting and ranking: an equal share of what the batch took.
    """

    case: Case
    rows: RowArray
    scores: NDArray[np.floating]
    cpu_seconds: float

    @property
    def liked(self) -> BoolArray:
        """Whether the candidate at each rank was liked."""
        return np.isin(self.rows, self.case.liked)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one ranking came to.

    Attributes
    ----------
    figures : tuple of float, or None
        In the order of `MEASURES`; None where nothing was liked, so that no order is better.
    likes : int
        How many of the candidates were liked.
    first : ndarray of int
        Rows at the ranks that `coverage` counts.
    estimated_likes : float or None
        Likes among the first ranks, as many as were shown, if they had been shown instead: see
        `metrics.estimated_likes`. None where it is not known what was shown.
    """

    subscriber: str
    figures: tuple[float, ...] | None
    likes: int
    first: RowArray
    cpu_seconds: float
    estimated_likes: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over subscribers, and where it lies with 95 % confidence."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """How good one ranker is.

    Attributes
    ----------
    subscribers : int
        Over whom the figures are means; each counts once, however many cases are theirs.
    estimates : mapping of str to Estimate
        By the names of `MEASURES`, all where somebody liked something; and
        ``estimated_likes_per_issue`` where it is known what was shown.
    cpu_ms : float
        Of fitting and ranking one case.
    coverage_at_10 : float
        Share of the candidates that stand among somebody's first ten.
    """

    subscribers: int
    estimates: Mapping[str, Estimate]
    cpu_ms: float
    coverage_at_10: float


def rank_batches(
    index: PaperIndex,
    batches: Iterable[Batch],
    ranker: Ranker,
    *,
    halvings_per_year: float,
    cpu_seconds: Callable[[], float],
) -> Iterator[Ranking]:
    """Rank the candidates of every case, a batch at a time.

    Papers of the same score keep the order of the candidates.

    Parameters
    ----------
    index : PaperIndex
    batches : iterable of Batch
    ranker : Ranker
    halvings_per_year : float
        See `gather_evidence`.
    cpu_seconds : callable
        Gives the processor time that was used so far, such as ``time.process_time``.
    """
    for batch in batches:
        started = cpu_seconds()
        evidences = [
            gather_evidence(
                index,
                case.ratings,
                case.interests,
                terms=case.terms,
                halvings_per_year=halvings_per_year,
            )
            for case in batch.cases
        ]
        scores = ranker(index, evidences, batch)
        orders = best_first(scores)
        share = (cpu_seconds() - started) / max(1, len(batch.cases))
        for case, of_case, order in zip(batch.cases, scores, orders, strict=True):
            rows = batch.candidates[order]
            kept = np.isin(rows, case.excluded, invert=True)
            yield Ranking(case, rows[kept], of_case[order][kept], share)


def outcome_of(ranking: Ranking) -> Outcome:
    """Measure one ranking."""
    case, liked = ranking.case, ranking.liked
    estimate = None
    if case.propensities is not None:
        chosen = ranking.rows[: len(case.propensities)]
        shown = np.array([row in case.propensities for row in chosen.tolist()], dtype=bool)
        propensity = np.array([case.propensities[row] for row in chosen[shown].tolist()])
        estimate = estimated_likes(liked[: len(chosen)][shown], propensity)
    return Outcome(
        subscriber=case.subscriber,
        figures=tuple(measure(liked) for measure in MEASURES.values()) if liked.any() else None,
        likes=int(np.count_nonzero(liked)),
        first=ranking.rows[:COVERED_RANKS].copy(),
        cpu_seconds=ranking.cpu_seconds,
        estimated_likes=estimate,
    )


def by_subscriber(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Group outcomes by subscriber, in the order of their names."""
    ordered = sorted(outcomes, key=attrgetter("subscriber"))
    return {name: list(some) for name, some in groupby(ordered, attrgetter("subscriber"))}


def mean_figures(outcomes: Sequence[Outcome]) -> FloatArray | None:
    """Mean of each of `MEASURES` over the outcomes where something was liked; None without any."""
    figures = [outcome.figures for outcome in outcomes if outcome.figures is not None]
    return np.mean(figures, axis=0) if figures else None


def summarise(
    outcomes: Sequence[Outcome], *, candidates: int, generator: np.random.Generator
) -> Summary:
    """Sum up how good a ranker is: means over subscribers, with 95 % bootstrap intervals.

    Parameters
    ----------
    outcomes : sequence of Outcome
    candidates : int
        How many papers could stand in a ranking.
    generator : numpy.random.Generator
        For the intervals.
    """
    people = by_subscriber(outcomes).values()
    figures = [means for some in people if (means := mean_figures(some)) is not None]
    columns = dict(zip(MEASURES, np.transpose(figures), strict=True)) if figures else {}
    likes = [mean for some in people if (mean := _mean_estimated_likes(some)) is not None]
    if likes:
        columns["estimated_likes_per_issue"] = np.array(likes)
    return Summary(
        subscribers=len(figures),
        estimates={name: _estimate(values, generator) for name, values in columns.items()},
        cpu_ms=1000 * float(np.mean([outcome.cpu_seconds for outcome in outcomes] or [0.0])),
        coverage_at_10=coverage((outcome.first for outcome in outcomes), candidates),
    )


def paired_differences(
    outcomes: Sequence[Outcome], others: Sequence[Outcome], *, generator: np.random.Generator
) -> dict[str, Estimate]:
    """Mean of what one ranker has more than another on the same subscribers, by `MEASURES`.

    Some people are easy to rank for and some are hard, whatever ranks: pair by pair that drops out,
    so these intervals are narrower than the two rankers' own, and tell which of them is better.

    Parameters
    ----------
    outcomes, others : sequence of Outcome
        Of the same cases.
    generator : numpy.random.Generator
        For the 95 % bootstrap intervals.

    Returns
    -------
    dict of str to Estimate
        Empty where nobody liked anything.
    """
    pairs = zip(by_subscriber(outcomes).values(), by_subscriber(others).values(), strict=True)
    differences = [
        mine - theirs
        for one, other in pairs
        if (mine := mean_figures(one)) is not None and (theirs := mean_figures(other)) is not None
    ]
    columns = zip(MEASURES, np.transpose(differences), strict=True) if differences else ()
    return {name: _estimate(values, generator) for name, values in columns}


def _mean_estimated_likes(outcomes: Sequence[Outcome]) -> float | None:
    likes = [each.estimated_likes for each in outcomes if each.estimated_likes is not None]
    return float(np.mean(likes)) if likes else None


def _estimate(values: FloatArray, generator: np.random.Generator) -> Estimate:
    return Estimate(float(values.mean()), *bootstrap_interval(values, generator))
