"""Jobs: how well each subscriber was served, measured once a night and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

import numpy as np

from recommender.domain import SubscriberQuality
from recommender.interests import rankers
from recommender.interests.evaluation import (
    MEASURES,
    Batch,
    Outcome,
    by_subscriber,
    mean_figures,
)
from recommender.interests.evidence import Evidence
from recommender.interests.metrics import FloatArray
from recommender.interests.paper_index import PaperIndex
from recommender.jobs.issues.readers import ranking_parameters
from recommender.jobs.quality.measuring import Measuring
from recommender.jobs.quality.prequential import load_history
from recommender.jobs.quality.ranked_issues import once_a_batch, ranked_anew
from recommender.jobs.services import Services
from recommender.newsletter.blend import blend, interest_weight
from recommender.newsletter.poor_signal import expected_gain
from recommender.store import qualities
from recommender.wording import counted

DAYS_MEASURED: Final = 30
"""Issues of these days are measured: four of a weekly newsletter, and few tell about a signal."""


def measure(services: Services, proceed: Callable[[], None]) -> str:
    """Rank the last issues of each subscriber anew, and keep how well their likes stood in them.

    Parameters
    ----------
    proceed : callable
        Is called often; what it raises ends the work.

    Returns
    -------
    str
        What came of it, in words.
    """
    last = _rank_last_issues(services, proceed)
    today = services.clock().date()
    measured = [
        quality
        for subscriber, of_one in by_subscriber(last.outcomes).items()
        if (quality := _quality_on(today, subscriber, of_one, last.gains.get(subscriber, ())))
        is not None
    ]
    with services.database.write() as session:
        qualities.put_all(session, measured)
    return _summary(measured)


@dataclass(slots=True)
class _LastIssues:
    """What came of the last issues.

    Attributes
    ----------
    outcomes : list of Outcome
        Of the blend.
    gains : dict of str to list of float
        By how much interest ordered each issue better than trend, by subscriber; see
        `poor_signal.expected_gain`.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    gains: dict[str, list[float]] = field(default_factory=dict)


def _rank_last_issues(services: Services, proceed: Callable[[], None]) -> _LastIssues:
    with services.database.read() as session:
        parameters = ranking_parameters(services, session)
    interest, half_evidence = parameters.interest, parameters.half_evidence
    history = load_history(services, days=DAYS_MEASURED)
    measuring = Measuring(
        history.index, interest, lambda *_: proceed(), cpu_seconds=time.process_time
    )
    by_interest = once_a_batch(partial(rankers.by_interest, parameters=interest))

    def blended(index: PaperIndex, evidences: Sequence[Evidence], batch: Batch) -> FloatArray:
        weight = np.array([interest_weight(each.amount, half_evidence) for each in evidences])
        scores = by_interest(index, evidences, batch).astype(np.float64)
        return blend(batch.trend_scores, scores, weight[:, None])

    last = _LastIssues()
    for batch in history.batches():
        last.outcomes += measuring.outcomes("last issues", blended, [batch], None)
        rank = partial(
            ranked_anew,
            history.index,
            [batch],
            halvings_per_year=interest.halvings_per_year,
            proceed=proceed,
        )
        for own, trend in zip(rank(by_interest), rank(rankers.by_trend), strict=True):
            if own.tells_orders_apart:
                gain = own.ndcg_at_10_of_shown - trend.ndcg_at_10_of_shown
                last.gains.setdefault(own.subscriber, []).append(gain)
    return last


def _quality_on(
    day: date, subscriber: str, outcomes: Sequence[Outcome], gains: Sequence[float]
) -> SubscriberQuality | None:
    """Return how one subscriber was served; None where they liked nothing that was ranked."""
    figures = mean_figures(outcomes)
    if figures is None:
        return None
    return SubscriberQuality(
        subscriber_id=int(subscriber),
        measured_on=day,
        issues=sum(outcome.figures is not None for outcome in outcomes),
        likes=sum(outcome.likes for outcome in outcomes),
        **dict(zip(MEASURES, figures.tolist(), strict=True)),
        interest_gain=expected_gain(gains),
    )


def _summary(measured: Sequence[SubscriberQuality]) -> str:
    if not measured:
        return "nobody liked a paper of the last issues"
    mean = sum(each.ndcg_at_10 for each in measured) / len(measured)
    told = [each.poor_signal for each in measured if each.poor_signal is not None]
    return (
        f"nDCG@10 {mean:.4f} of {counted(len(measured), 'subscriber')}; "
        f"of {len(told)} with enough issues, interest predicts no better than trend for {sum(told)}"
    )
