"""Store: ratings and reading lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from recommender.domain import Rating
from recommender.store.papers import in_batches
from recommender.store.tables import RatingRow


def put(session: Session, subscriber_id: int, rating: Rating) -> None:
    """Write what a subscriber says of a paper; nothing said and not saved is no row."""
    if rating.value == 0 and not rating.saved:
        session.execute(
            delete(RatingRow).where(
                col(RatingRow.subscriber_id) == subscriber_id,
                col(RatingRow.paper_id) == rating.paper_id,
            )
        )
        return
    session.merge(
        RatingRow(
            subscriber_id=subscriber_id,
            paper_id=rating.paper_id,
            value=rating.value,
            saved=rating.saved,
            rated_at=rating.rated_at,
        )
    )


def of_paper(session: Session, subscriber_id: int, paper_id: int) -> Rating | None:
    """Read what a subscriber says of one paper."""
    row = session.get(RatingRow, (subscriber_id, paper_id))
    return None if row is None else _rating(row)


def of_subscriber(session: Session, subscriber_id: int) -> list[Rating]:
    """Read all that a subscriber said, oldest first."""
    return of_subscribers(session, [subscriber_id]).get(subscriber_id, [])


def of_subscribers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[Rating]]:
    """Read all that several subscribers said, oldest first; who said nothing is left out."""
    ratings: dict[int, list[Rating]] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        # Columns, not rows: as objects of the session they take three times as long to read.
        statement = (
            select(RatingRow.subscriber_id, RatingRow.paper_id, RatingRow.value, RatingRow.saved)
            .add_columns(col(RatingRow.rated_at))
            .where(col(RatingRow.subscriber_id).in_(some))
            .order_by(col(RatingRow.rated_at), col(RatingRow.paper_id))
        )
        for subscriber_id, *said in session.execute(statement):
            ratings.setdefault(subscriber_id, []).append(Rating(*said))
    return ratings


def community_votes(session: Session) -> dict[int, int]:
    """Sum the ratings of every paper over all subscribers; a save counts as one more."""
    votes: dict[int, int] = {}
    for saved in (False, True):
        statement = (
            select(RatingRow.paper_id, func.sum(RatingRow.value), func.count())
            .where(RatingRow.saved == saved)
            .group_by(col(RatingRow.paper_id))
        )
        for paper_id, value, number in session.exec(statement):
            votes[paper_id] = votes.get(paper_id, 0) + int(value) + (number if saved else 0)
    return votes


def last_rated_at(session: Session, subscriber_id: int) -> datetime | None:
    """Tell when a subscriber last rated or saved something that still stands."""
    statement = select(func.max(RatingRow.rated_at)).where(RatingRow.subscriber_id == subscriber_id)
    return session.exec(statement).one()


def _rating(row: RatingRow) -> Rating:
    return Rating(row.paper_id, row.value, row.saved, row.rated_at)
