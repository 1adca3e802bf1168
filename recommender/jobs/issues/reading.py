"""Jobs: what may be read on the pages: the newest digest, the archive, an issue by its link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from recommender.errors import NotFoundError
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import issue_mail
from recommender.jobs.services import Services
from recommender.papers.identity.canonical_ids import reading_url
from recommender.store import digests, issues, papers, subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose


@dataclass(frozen=True, slots=True)
class FrontEntry:
    """One paper on a public page."""

    title: str
    url: str | None
    authors: tuple[str, ...]
    abstract: str
    upvotes: int
    code_url: str | None = None
    project_url: str | None = None


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The papers of one day; ``date`` is None before the first digest."""

    curator: str
    date: date | None
    entries: tuple[FrontEntry, ...]


def front_page(services: Services) -> FrontPage:
    """Show the papers of the newest day that has a digest."""
    with services.database.read() as session:
        newest = digests.newest(session)
        if newest is None:
            return FrontPage(services.site.curator, None, ())
        return _page_of(services, session, newest.date, newest.curator)


def archive_dates(services: Services) -> list[date]:
    """List the days that have a digest, newest first."""
    with services.database.read() as session:
        return digests.days(session)


def archive_page(services: Services, day: date) -> FrontPage:
    """Show the papers of one day.

    Raises
    ------
    NotFoundError
        If it has no digest.
    """
    with services.database.read() as session:
        of_day = digests.of_day(session, day)
        if not of_day:
            raise NotFoundError(f"there is no digest of {day:%d %B %Y}; the archive lists all days")
        return _page_of(services, session, day, of_day[0].curator)


def issue_html(services: Services, token: str) -> str:
    """Render an issue for the browser, as it was mailed, with the papers taken back since marked.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    NotFoundError
        If the issue is gone with its subscriber.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.ISSUE)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
        issue = issues.by_id(session, payload.values[0])
        today = papers.by_ids(session, [each.paper_id for each in issue.entries] if issue else ())
    if subscriber is None or issue is None or issue.subscriber_id != subscriber.id:
        raise NotFoundError("this issue does not exist any more; the newest mail has fresh links")
    withdrawn = {paper.id for paper in today.values() if paper.withdrawn_at is not None}
    return issue_mail(services, subscriber, issue, withdrawn=withdrawn).html


def _page_of(services: Services, session: Session, day: date, curator: str) -> FrontPage:
    return FrontPage(
        curator=curator,
        date=day,
        entries=tuple(
            FrontEntry(
                paper.title,
                reading_url(paper, services.site.title_search),
                paper.authors,
                paper.abstract,
                upvotes,
                paper.code_url,
                paper.project_url,
            )
            for paper, upvotes in digests.papers_of_day(session, day)
        ),
    )
