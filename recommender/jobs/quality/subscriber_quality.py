"""Jobs: how well each subscriber was served, measured once a night and kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from recommender.domain import SubscriberQuality
from recommender.interests.evaluation import by_subscriber, mean_figures, outcome_of, rank_batches
from recommender.jobs.issues.readers import ranking_parameters
from recommender.jobs.quality.evaluating import by_blend
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
    with services.database.read() as session:
        parameters = ranking_parameters(services, session)
    history = load_history(services, days=DAYS_MEASURED)
    outcomes = []
    for ranking in rank_batches(
        history.index,
        history.batches(),
        partial(by_blend, parameters=parameters.interest, half_evidence=parameters.half_evidence),
        halvings_per_year=parameters.interest.halvings_per_year,
        cpu_seconds=time.process_time,
    ):
        proceed()
        outcomes.append(outcome_of(ranking))
    today = services.clock().date()
    measured = []
    for subscriber, some in by_subscriber(outcomes).items():
        figures = mean_figures(some)
        if figures is not None:
            measured.append(
                SubscriberQuality(
                    int(subscriber),
                    today,
                    sum(outcome.figures is not None for outcome in some),
                    sum(outcome.likes for outcome in some),
                    *figures.tolist(),
                )
            )
    with services.database.write() as session:
        qualities.put_all(session, measured)
    if not measured:
        return "nobody liked a paper of the last issues"
    mean = sum(each.ndcg_at_10 for each in measured) / len(measured)
    return f"nDCG@10 {mean:.4f} of {counted(len(measured), 'subscriber')}"
