"""Jobs: which papers newsletters may have by their age, and what is told of the others.

Ages count from the newest digest, see `newsletter.corpus.build_corpus`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from recommender.domain import Digest
from recommender.jobs.services import Services
from recommender.papers.intake.attention import day_of
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
    return first_day_offered(
        session, today=services.clock().date(), window_days=services.ranking.window_days
    )


def first_day_offered(
    session: Session, *, today: date, window_days: int, beside: date | None = None
) -> date:
    """Return the first day whose mentions count, where no services are open.

    Parameters
    ----------
    beside : date or None
        Of a digest that is not stored yet.
    """
    newest = digests.newest(session)
    days = [each for each in (beside, newest and newest.date) if each]
    return min(max(days, default=today), today) - timedelta(days=window_days)


def read_offer(services: Services) -> Offer:
    """Count what newsletters may have now."""
    with services.database.read() as session:
        since = offered_since(services, session)
        papers = digests.count_offered(session, since)
    return Offer(since, papers, services.ranking.window_days)


def tell_too_old(services: Services, paper_ids: Iterable[int], *, of_files: bool = True) -> str:
    """Return how many of these papers no newsletter has for their age, and the fix.

    Parameters
    ----------
    paper_ids : iterable of int
    of_files : bool
        They came from files, in which somebody can correct a date.

    Returns
    -------
    str
        Empty where there are none.
    """
    with services.database.read() as session:
        return tell_too_old_within(services, session, paper_ids, of_files=of_files)


def tell_too_old_within(
    services: Services, session: Session, paper_ids: Iterable[int], *, of_files: bool
) -> str:
    """Return the same as `tell_too_old`, inside the caller's transaction."""
    if not (ids := set(paper_ids)):
        return ""
    last = digests.last_mentioned(session, ids)
    return describe_too_old(
        last.values(),
        since=offered_since(services, session),
        window_days=services.ranking.window_days,
        of_files=of_files,
    )


def tell_too_old_in(services: Services, digest: Digest) -> str:
    """Return how many papers of what a source has now no newsletter would have for their age."""
    days = [day_of(entry, digest) for entry in digest.entries]
    window_days = services.ranking.window_days
    with services.database.read() as session:
        since = first_day_offered(
            session,
            today=services.clock().date(),
            window_days=window_days,
            beside=max(days, default=None),
        )
    return describe_too_old(days, since=since, window_days=window_days, of_files=False)


def describe_too_old(
    days: Iterable[date], *, since: date, window_days: int, of_files: bool = True
) -> str:
    """Return how many papers are too old for newsletters, and the fix; empty where none is.

    Parameters
    ----------
    days : iterable of date
        When each paper was last mentioned.
    since : date
        From which day on it is not too old ...
    window_days : int
        ... for it is so many days before the newest digest.
    of_files : bool
        See `tell_too_old`.
    """
    old = [day for day in days if day < since]
    if not old:
        return ""
    newest = since + timedelta(days=window_days)
    are, them = ("is", "it") if len(old) == 1 else ("are", "them")
    return (
        f"{counted(len(old), 'paper')} {are} older than newsletter.window_days: no digest since "
        f"{since}, {counted(window_days, 'day')} before the newest one, mentions {them}, so no "
        f"newsletter will; {'correct the date in the file, or ' if of_files else ''}set "
        f"newsletter.window_days to {(newest - min(old)).days} and restart the daemon"
    )
