"""Jobs: which papers newsletters may have by their age, and what is told of the others.

Ages count from the newest digest, see `newsletter.corpus.build_corpus`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from recommender.jobs.services import Services
from recommender.store import digests
from recommender.store.database import Session
from recommender.wording import counted


@dataclass(frozen=True, slots=True)
class Offer:
    """What newsletters may have now.

    Attributes
    ----------
    since : date
        What no digest of this day or later mentions is left out.
    papers : int
        How many are not left out for that.
    window_days : int
        The setting ``newsletter.window_days``.
    """

    since: date
    papers: int
    window_days: int


def offered_since(services: Services, session: Session) -> date:
    """Return the first day whose mentions count: the window before the newest digest begins."""
    newest, today = digests.newest(session), services.clock().date()
    last_day = today if newest is None else min(newest.date, today)
    return last_day - timedelta(days=services.ranking.window_days)


def read_offer(services: Services) -> Offer:
    """Count what newsletters may have now."""
    with services.database.read() as session:
        since = offered_since(services, session)
        papers = digests.count_offered(session, since)
    return Offer(since, papers, services.ranking.window_days)


def tell_too_old(services: Services, paper_ids: Iterable[int]) -> str:
    """Return how many of these papers no newsletter has for their age, and the fix.

    Returns
    -------
    str
        Empty where there are none.
    """
    if not (ids := set(paper_ids)):
        return ""
    with services.database.read() as session:
        last = digests.last_mentioned(session, ids)
        since = offered_since(services, session)
    return describe_too_old(last.values(), since=since, window_days=services.ranking.window_days)


def describe_too_old(days: Iterable[date], *, since: date, window_days: int) -> str:
    """Return how many papers are too old for newsletters, and the fix; empty where none is.

    Parameters
    ----------
    days : iterable of date
        When each paper was last mentioned.
    since : date
        From which day on it is not too old ...
    window_days : int
        ... for it is so many days before the newest digest.
    """
    old = [day for day in days if day < since]
    if not old:
        return ""
    newest = since + timedelta(days=window_days)
    are, them = ("is", "it") if len(old) == 1 else ("are", "them")
    return (
        f"{counted(len(old), 'paper')} {are} older than newsletter.window_days: no digest since "
        f"{since}, {counted(window_days, 'day')} before the newest one, mentions {them}, so no "
        f"newsletter will; correct the date in the file, or set newsletter.window_days to "
        f"{(newest - min(old)).days} and restart the daemon"
    )
