"""Jobs: all that a subscriber said of papers, to look through and to correct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recommender.domain import Rating, Subscriber, Vote
from recommender.errors import PreferenceError
from recommender.jobs.people import rated_papers, voting
from recommender.jobs.people.last_change import undoable_change
from recommender.jobs.people.preferences import own_page
from recommender.jobs.people.rated_papers import ListPage, Query
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.store import papers, ratings
from recommender.store.database import Session


@dataclass(frozen=True, slots=True)
class RatingsPage:
    """A page of what somebody said of papers; ``rated`` counts all of them."""

    subscriber: Subscriber
    listed: ListPage
    rated: int


def open_ratings(services: Services, token: str, query: Query, *, change: int = 0) -> RatingsPage:
    """Show what a subscriber said of papers. Changes nothing.

    Parameters
    ----------
    change : int
        See `rated_papers.load`.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        listed = rated_papers.load(session, subscriber.id, _is_rating, change=change)
    rated = sum(bool(each.value) or each.saved for each in listed)
    return RatingsPage(subscriber, rated_papers.page_of(listed, query), rated)


def correct(
    session: Session, subscriber_id: int, paper_id: int, choice: Vote, *, now: datetime
) -> None:
    """Take a vote on a paper that they voted on before, and no other; the same again is nothing.

    Raises
    ------
    PreferenceError
        If they say nothing of it, and did not just take that back.
    """
    paper_id = papers.standing_id(session, paper_id)
    before = ratings.of_paper(session, subscriber_id, paper_id)
    if before is None and not _was_just_said(session, subscriber_id, paper_id, now=now):
        raise PreferenceError("list", Message("that paper is not among your ratings any more"))
    after = voting.after_vote(before, paper_id, choice, now=now)
    if before is None or (before.value, before.saved) != (after.value, after.saved):
        ratings.put(session, subscriber_id, after)


def _was_just_said(session: Session, subscriber_id: int, paper_id: int, *, now: datetime) -> bool:
    """Whether the last change took back what was said of this paper, which is still shown then."""
    change = undoable_change(session, subscriber_id, now=now)
    return change is not None and change.subject == str(paper_id) and "rating" in change.before


def _is_rating(rating: Rating) -> bool:
    return bool(rating.value) or rating.saved
