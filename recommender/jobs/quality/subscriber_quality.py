"""Jobs: how well each subscriber was served, measured once a night and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Final

from recommender.domain import SubscriberQuality
from recommender.interests.evaluation import MEASURES, Outcome, by_subscriber, mean_figures
from recommender.jobs.issues.readers import ranking_parameters
from recommender.jobs.quality.evaluating import by_blend
from recommender.jobs.quality.measuring import Measuring
from recommender.jobs.quality.prequential import load_history
from recommender.jobs.services import Services
from recommender.store import qualities
from recommender.wording import counted

DAYS_MEASURED: Final = 14
"""Issues of these days are measured: most are rated in the days after they came."""


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
    outcomes = by_subscriber(_outcomes_of_last_issues(services, proceed))
    today = services.clock().date()
    measured = [
        quality
        for subscriber, of_one in outcomes.items()
        if (quality := _quality_on(today, subscriber, of_one)) is not None
    ]
    with services.database.write() as session:
        qualities.put_all(session, measured)
    return _summary(measured)


def _outcomes_of_last_issues(services: Services, proceed: Callable[[], None]) -> list[Outcome]:
    with services.database.read() as session:
        parameters = ranking_parameters(services, session)
    history = load_history(services, days=DAYS_MEASURED)
    measuring = Measuring(
        history.index, parameters.interest, lambda *_: proceed(), cpu_seconds=time.process_time
    )
    ranker = partial(
        by_blend, parameters=parameters.interest, half_evidence=parameters.half_evidence
    )
    return measuring.outcomes("last issues", ranker, history.batches(), None)


def _quality_on(
    day: date, subscriber: str, outcomes: Sequence[Outcome]
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
    )


def _summary(measured: Sequence[SubscriberQuality]) -> str:
    if not measured:
        return "nobody liked a paper of the last issues"
    mean = sum(each.ndcg_at_10 for each in measured) / len(measured)
    return f"nDCG@10 {mean:.4f} of {counted(len(measured), 'subscriber')}"
