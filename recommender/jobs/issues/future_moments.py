"""Jobs: what was written while the clock ran ahead keeps nothing from happening once it is right.

A machine whose clock is a year ahead for a minute at its start plans everybody's next issue for
next year. Looked for at each start, each day, and when the clock was put back.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from recommender.jobs.services import Services
from recommender.membership.subscription import PAUSE_MAX_DAYS
from recommender.newsletter.schedule import plan_as_of
from recommender.store import future_moments, subscribers
from recommender.wording import counted

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = timedelta(days=PAUSE_MAX_DAYS)


def correct(services: Services, *, longest_retry: timedelta) -> None:
    """Bring what cannot be yet to what can be, and log it.

    Parameters
    ----------
    longest_retry : timedelta
        The longest time until a message is tried again.

    Raises
    ------
    StorageError
        If the database cannot be read or written.
    """
    now = services.clock()
    with services.database.read() as session:
        is_any = future_moments.is_any_wrong(session, now=now, longest_retry=longest_retry)
        plans = [
            (subscriber, due_at, last)
            for subscriber in subscribers.every(session)
            for due_at, last in [plan_as_of(subscriber, now, longest_pause=_LONGEST_PAUSE)]
            if (due_at, last) != (subscriber.next_issue_at, subscriber.last_issue_date)
            and due_at is not None
        ]
    if not is_any and not plans:
        return
    with services.database.write() as session:
        columns = future_moments.correct(session, now=now, longest_retry=longest_retry)
        for subscriber, due_at, last in plans:
            future_moments.set_plan(session, subscriber, next_issue_at=due_at, last_issue_date=last)
    logger.warning(
        "moments that cannot be yet were brought back to now, the clock must have run ahead: "
        "the next issue of %s; %s",
        counted(len(plans), "reader"),
        ", ".join(columns) or "nothing else",
    )
