"""Jobs: whether this installation does its work, with reasons, and how much there is of what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from recommender.errors import StorageError
from recommender.jobs.services import Services
from recommender.store import counts, outbox, subscribers
from recommender.store.counts import Counts

# Newsletters are composed and delivered within minutes; an hour behind is trouble.
BEHIND: Final = timedelta(hours=1)


def check(services: Services) -> dict[str, Any]:
    """Tell whether the work is done in time.

    Returns
    -------
    dict
        ``status``: ``ok`` or ``failing``; ``reasons``: list of str, empty where it is ok.
    """
    reasons = []
    latest = services.clock() - BEHIND
    try:
        with services.database.read() as session:
            due_at = subscribers.next_due_at(session)
            waiting_since = outbox.next_attempt_at(session)
    except StorageError as error:
        return {"status": "failing", "reasons": [str(error)]}
    if due_at is not None and due_at < latest:
        reasons.append(f"issues are due since {due_at:%Y-%m-%d %H:%M} UTC and not composed")
    if waiting_since is not None and waiting_since < latest:
        reasons.append(
            f"messages wait in the outbox since {waiting_since:%Y-%m-%d %H:%M} UTC; "
            "the log says what the SMTP server answered"
        )
    return {"status": "failing" if reasons else "ok", "reasons": reasons}


def count_everything(services: Services) -> Counts:
    """Count everything."""
    with services.database.read() as session:
        return counts.everything(session)
