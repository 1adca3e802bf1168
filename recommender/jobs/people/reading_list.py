"""Jobs: the papers that a subscriber means to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recommender.domain import Rating, Subscriber
from recommender.jobs.people.preferences import linked_subscriber
from recommender.jobs.services import Services
from recommender.papers.identity.canonical_ids import reading_url
from recommender.store import papers, ratings
from recommender.store.database import Session


@dataclass(frozen=True, slots=True)
class SavedPaper:
    """One saved paper."""

    paper_id: int
    title: str
    url: str | None
    authors: tuple[str, ...]
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ReadingListPage:
    """The page of a reading list, the last saved paper first."""

    subscriber: Subscriber
    papers: tuple[SavedPaper, ...]


def open_list(services: Services, token: str) -> ReadingListPage:
    """Show what a subscriber saved. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `linked_subscriber`.
    """
    with services.database.read() as session:
        subscriber = linked_subscriber(services, session, token)
        said = ratings.of_subscriber(session, subscriber.id)
        saved = [rating.paper_id for rating in reversed(said) if rating.saved]
        found = papers.by_ids(session, saved)
    return ReadingListPage(
        subscriber,
        tuple(
            SavedPaper(
                paper.id,
                paper.title,
                reading_url(paper),
                paper.authors,
                withdrawn=paper.withdrawn_at is not None,
            )
            for paper in (found[paper_id] for paper_id in saved)
        ),
    )


def remove(session: Session, subscriber_id: int, paper_id: int, *, now: datetime) -> None:
    """Take a paper off the reading list; a like stays."""
    paper_id = papers.standing_id(session, paper_id)
    before = ratings.of_paper(session, subscriber_id, paper_id)
    if before is not None:
        ratings.put(
            session, subscriber_id, Rating(paper_id, before.value, saved=False, rated_at=now)
        )
