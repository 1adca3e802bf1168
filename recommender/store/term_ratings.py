"""Store: what subscribers say of terms: more of this, less of this."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete
from sqlmodel import Session, col, select

from recommender.domain import TermRating
from recommender.store.query_batches import in_batches
from recommender.store.tables import TermRatingRow


def put(session: Session, subscriber_id: int, rating: TermRating) -> None:
    """Write what a subscriber says of a term, in the place of what they said before."""
    session.merge(
        TermRatingRow(
            subscriber_id=subscriber_id,
            term=rating.term,
            words=rating.words,
            value=rating.value,
            rated_at=rating.rated_at,
        )
    )


def take_back(session: Session, subscriber_id: int, term: str) -> None:
    """Have a subscriber say nothing of a term."""
    session.execute(
        delete(TermRatingRow).where(
            col(TermRatingRow.subscriber_id) == subscriber_id, col(TermRatingRow.term) == term
        )
    )


def of_subscriber(session: Session, subscriber_id: int) -> list[TermRating]:
    """Read all that a subscriber said of terms, oldest first."""
    return of_subscribers(session, [subscriber_id]).get(subscriber_id, [])


def of_subscribers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[TermRating]]:
    """Read all that several subscribers said, oldest first; who said nothing is left out."""
    ratings: dict[int, list[TermRating]] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        # Columns, not rows, as for the ratings of papers.
        statement = (
            select(TermRatingRow.subscriber_id, TermRatingRow.term, TermRatingRow.words)
            .add_columns(col(TermRatingRow.value), col(TermRatingRow.rated_at))
            .where(col(TermRatingRow.subscriber_id).in_(some))
            .order_by(col(TermRatingRow.rated_at), col(TermRatingRow.term))
        )
        for subscriber_id, *said in session.execute(statement):
            ratings.setdefault(subscriber_id, []).append(TermRating(*said))
    return ratings
