"""Jobs: the papers that a subscriber means to read, and what they write down about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from recommender.domain import PaperNote, Rating, Subscriber
from recommender.errors import PreferenceError
from recommender.jobs.outgoing import links
from recommender.jobs.people import rated_papers
from recommender.jobs.people.preferences import own_page
from recommender.jobs.people.rated_papers import ListPage, Query, RatedPaper
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.store import paper_notes, papers, ratings, subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose


@dataclass(frozen=True, slots=True)
class ReadingListPage:
    """A page of a reading list.

    Attributes
    ----------
    saved : int
        How many papers stand on the whole list.
    tags : list of str
        Those that its papers have.
    feed_url : str
        Where a feed reader finds the list.
    """

    subscriber: Subscriber
    listed: ListPage
    saved: int
    tags: list[str]
    feed_url: str


def open_list(
    services: Services,
    token: str,
    query: Query | None = None,
    *,
    change: int = 0,
    answered: int = 0,
) -> ReadingListPage:
    """Show what a subscriber saved. Changes nothing.

    Parameters
    ----------
    change : int
        See `rated_papers.load`.
    answered : int
        See `rated_papers.page_of`.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        listed = rated_papers.load(session, subscriber.id, _is_saved, change=change)
    return ReadingListPage(
        subscriber,
        rated_papers.page_of(listed, query or Query(), answered=answered),
        saved=sum(each.saved for each in listed),
        tags=rated_papers.tags_of(listed),
        feed_url=links.feed_url(services, subscriber),
    )


def whole_list(services: Services, token: str) -> list[RatedPaper]:
    """Return all that a subscriber saved, the last saved first. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        listed = rated_papers.load(session, subscriber.id, _is_saved)
    return rated_papers.arranged(listed, rated_papers.Order.NEWEST)


def fed_list(services: Services, token: str, *, most: int) -> tuple[list[RatedPaper], str | None]:
    """Return what the subscriber behind a link to a feed saved last, and their language.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none. Who was erased has an empty list.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.FEED)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
        listed = [] if subscriber is None else rated_papers.load(session, subscriber.id, _is_saved)
    newest = rated_papers.arranged(listed, rated_papers.Order.NEWEST)[:most]
    return newest, None if subscriber is None else subscriber.language


def remove(session: Session, subscriber_id: int, paper_id: int, *, now: datetime) -> None:
    """Take a paper off the reading list; a like, and what was written down, stay."""
    paper_id = papers.standing_id(session, paper_id)
    before = ratings.of_paper(session, subscriber_id, paper_id)
    if before is not None:
        ratings.put(
            session, subscriber_id, Rating(paper_id, before.value, saved=False, rated_at=now)
        )


def mark_read(
    session: Session, subscriber_id: int, paper_id: int, read_at: datetime | None
) -> None:
    """Write when a saved paper was read; None: it was not.

    Raises
    ------
    PreferenceError
        If it is not on their list.
    """
    _write(session, subscriber_id, paper_id, lambda note: replace(note, read_at=read_at))


def write_note(
    session: Session, subscriber_id: int, paper_id: int, *, note: str, tags: tuple[str, ...]
) -> None:
    """Write a note and tags of a saved paper, as `parse_note` and `parse_tags` gave them.

    Raises
    ------
    PreferenceError
        If it is not on their list.
    """
    _write(session, subscriber_id, paper_id, lambda before: replace(before, note=note, tags=tags))


def _write(
    session: Session, subscriber_id: int, paper_id: int, change: Callable[[PaperNote], PaperNote]
) -> None:
    paper_id = papers.standing_id(session, paper_id)
    said = ratings.of_paper(session, subscriber_id, paper_id)
    if said is None or not said.saved:
        raise PreferenceError("list", Message("that paper is not on your list any more"))
    before = paper_notes.of_paper(session, subscriber_id, paper_id)
    paper_notes.put(session, subscriber_id, change(before))


def _is_saved(rating: Rating) -> bool:
    return rating.saved
