"""Jobs: a ranker is measured, and what came of it is reported; what all evaluations share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recommender.interests.calibration import SHOWN
from recommender.interests.evaluation import (
    Batch,
    Estimate,
    Outcome,
    Ranker,
    Ranking,
    Summary,
    outcome_of,
    paired_differences,
    rank_batches,
    summarise,
)
from recommender.interests.metrics import calibration_error
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters

# Every ranker's interval is drawn anew from here, so that all of them resample the same people.
_SEED: Final = 0

Progress = Callable[[str, int, int | None], None]
"""Is told what is measured, how many rankings are done, and of how many; None: nobody knows yet."""


def no_progress(_what: str, _done: int, _total: int | None) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the production ranking has to beat, on the same cases.

    Attributes
    ----------
    summary : Summary
    difference : mapping of str to Estimate
        What the production ranking has more than it on the same subscribers; see
        `evaluation.paired_differences`.
    production : Summary or None
        The production ranking on the same subscribers, where they are a sample of all.
    """

    summary: Summary
    difference: Mapping[str, Estimate]
    production: Summary | None = None

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        sample = {} if self.production is None else {"production_on_sample": self.production}
        return {
            "subscribers": self.summary.subscribers,
            **_figures(self.summary),
            "difference": _means(self.difference),
            "difference_intervals": _intervals(self.difference),
            **{name: _figures(summary) for name, summary in sample.items()},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """How good the production ranking is, beside what it has to beat.

    Attributes
    ----------
    candidates : int
        Papers that could stand in a ranking.
    left_out : int
        Subscribers of whom too little is known to be measured on.
    production : Summary
    baselines : mapping of str to Baseline
        By name.
    calibration_error : float
        Of the interest scores against the likes, see `metrics.calibration_error`: over the first
        ten papers of each ranking of a data set, over the papers that were shown of an instance.
    parameters : mapping
        Hyper-parameters of the production ranking.
    issues : int or None
        How many were ranked; None for a data set.
    likes : int or None
        How many of each subscriber's likes were known at most; None: everything that they rated.
    """

    candidates: int
    left_out: int
    production: Summary
    baselines: Mapping[str, Baseline]
    calibration_error: float
    parameters: Mapping[str, Any]
    issues: int | None = None
    likes: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return {
            "subscribers": self.production.subscribers,
            "left_out": self.left_out,
            "candidates": self.candidates,
            **({} if self.issues is None else {"issues": self.issues}),
            **({} if self.likes is None else {"likes": self.likes}),
            **_figures(self.production),
            "calibration_error": self.calibration_error,
            "parameters": dict(self.parameters),
            "baselines": {name: each.as_json() for name, each in self.baselines.items()},
        }


def _figures(summary: Summary) -> dict[str, Any]:
    return {
        **_means(summary.estimates),
        "coverage_at_10": summary.coverage_at_10,
        "cpu_ms_per_subscriber": summary.cpu_ms,
        "intervals": _intervals(summary.estimates),
    }


def _means(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    return {name: each.mean for name, each in estimates.items()}


def _intervals(estimates: Mapping[str, Estimate]) -> dict[str, list[float]]:
    return {name: [each.low, each.high] for name, each in estimates.items()}


def summary_of(outcomes: Sequence[Outcome], *, candidates: int) -> Summary:
    """Sum up outcomes with intervals that are the same on every run; see `summarise`."""
    return summarise(outcomes, candidates=candidates, generator=np.random.default_rng(_SEED))


def compared(
    outcomes: Sequence[Outcome], production: Sequence[Outcome], *, candidates: int
) -> Baseline:
    """Sum up a baseline, beside the production ranking of the same subscribers.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of the baseline.
    production : sequence of Outcome
        Of the same cases, or of more people's.
    candidates : int
        How many papers could stand in a ranking.
    """
    subscribers = {outcome.subscriber for outcome in outcomes}
    same = [outcome for outcome in production if outcome.subscriber in subscribers]
    return Baseline(
        summary_of(outcomes, candidates=candidates),
        paired_differences(same, outcomes, generator=np.random.default_rng(_SEED)),
        summary_of(same, candidates=candidates) if len(same) < len(production) else None,
    )


@dataclass(frozen=True, slots=True)
class Measuring:
    """What all rankers of one evaluation share.

    Attributes
    ----------
    index : PaperIndex
    parameters : InterestParameters
    progress : Progress
    cpu_seconds : callable
        See `evaluation.rank_batches`.
    """

    index: PaperIndex
    parameters: InterestParameters
    progress: Progress
    cpu_seconds: Callable[[], float]

    def outcomes(
        self,
        name: str,
        ranker: Ranker,
        batches: Iterable[Batch],
        total: int | None,
        watchers: Sequence[Callable[[Ranking], None]] = (),
    ) -> list[Outcome]:
        """Measure a ranker; the rankings themselves are shown to the watchers and forgotten."""
        outcomes: list[Outcome] = []
        self.progress(name, 0, total)
        for ranking in rank_batches(
            self.index,
            batches,
            ranker,
            halvings_per_year=self.parameters.halvings_per_year,
            cpu_seconds=self.cpu_seconds,
        ):
            outcomes.append(outcome_of(ranking))
            for watch in watchers:
                watch(ranking)
            self.progress(name, len(outcomes), total)
        return outcomes

    def baseline(
        self,
        name: str,
        ranker: Ranker,
        batches: Iterable[Batch],
        total: int,
        *,
        production: Sequence[Outcome],
        candidates: int,
    ) -> Baseline:
        """Measure a baseline, beside the production ranking of the same subscribers."""
        outcomes = self.outcomes(name, ranker, batches, total)
        return compared(outcomes, production, candidates=candidates)


@dataclass(frozen=True, slots=True)
class ShownScores:
    """Interest scores of what is shown, and whether it was liked.

    `watch` is handed rankings whose scores are interest scores.
    """

    scores: list[NDArray[np.float32]] = field(default_factory=list)
    liked: list[NDArray[np.bool_]] = field(default_factory=list)

    def watch(self, ranking: Ranking) -> None:
        """Take in the papers of a ranking that the subscriber saw, or would see first."""
        shown = ranking.case.propensities
        seen = slice(SHOWN) if shown is None else np.isin(ranking.rows, list(shown))
        self.scores.append(ranking.scores[seen].astype(np.float32))
        self.liked.append(ranking.liked[seen])

    def calibration_error(self) -> float:
        """Return the calibration error over all of them."""
        scores = np.concatenate(self.scores).astype(np.float64)
        return calibration_error(scores, np.concatenate(self.liked))
