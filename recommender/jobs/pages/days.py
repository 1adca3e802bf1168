"""Jobs: the papers of a day, a part at a time, and the archive of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from recommender.errors import NotFoundError
from recommender.jobs.pages.entries import PaperEntry, entry_of
from recommender.jobs.services import Services
from recommender.newsletter.byline import byline
from recommender.newsletter.excerpts import excerpt
from recommender.store import archive, digests
from recommender.store.archive import Period
from recommender.store.database import Session

PAPERS_OF_A_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class DayPage:
    """Some papers of one day; ``day`` is None before the first digest.

    Attributes
    ----------
    first : int
        The place of the first paper of this page in the day, from 1.
    number, last_number : int
        Of this page and of the last one, from 1.
    total : int
        Papers of the whole day.
    earlier, later : date or None
        The days beside it that have papers.
    """

    curator: str
    day: date | None
    entries: tuple[PaperEntry, ...]
    first: int = 1
    number: int = 1
    last_number: int = 1
    total: int = 0
    earlier: date | None = None
    later: date | None = None


def newest_day(services: Services) -> DayPage:
    """Show the first papers of the newest day that has a digest."""
    with services.database.read() as session:
        newest = digests.newest(session)
        if newest is None:
            return DayPage(byline(services.site.curator), None, ())
        return _page_of(services, session, newest.date, newest.curator, 1)


def day_page(services: Services, day: date, number: int = 1) -> DayPage:
    """Show some papers of one day.

    Raises
    ------
    NotFoundError
        If it has no digest, or not so many papers.
    """
    with services.database.read() as session:
        of_day = digests.of_day(session, day)
        if not of_day:
            raise NotFoundError(f"there is no digest of {day:%d %B %Y}; the archive lists all days")
        page = _page_of(services, session, day, of_day[0].curator, number)
    if not 1 <= number <= page.last_number:
        raise NotFoundError(f"{day:%d %B %Y} has {page.last_number} pages of papers")
    return page


def months(services: Services) -> list[Period]:
    """List the months that have papers, the newest first."""
    with services.database.read() as session:
        return archive.months(session)


def days_of_month(services: Services, year: int, month: int) -> list[Period]:
    """List the days of a month that have papers, the newest first.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    with services.database.read() as session:
        days = archive.days_of_month(session, year, month)
    if not days:
        raise NotFoundError("there are no papers of that month; the archive lists all months")
    return days


def _page_of(services: Services, session: Session, day: date, curator: str, number: int) -> DayPage:
    papers = digests.papers_of_day(session, day)
    first = (number - 1) * PAPERS_OF_A_PAGE
    shown = papers[first : first + PAPERS_OF_A_PAGE] if number >= 1 else []
    pictures = services.thumbnails.of_papers(session, [paper.id for paper, _ in shown])
    return DayPage(
        curator=byline(curator),
        day=day,
        entries=tuple(
            entry_of(paper, excerpt(paper.abstract), upvotes, pictures.get(paper.id))
            for paper, upvotes in shown
        ),
        first=first + 1,
        number=number,
        last_number=max(1, -(-len(papers) // PAPERS_OF_A_PAGE)),
        total=len(papers),
        earlier=archive.day_beside(session, day, later=False),
        later=archive.day_beside(session, day, later=True),
    )
