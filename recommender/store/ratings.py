"""Store: ratings and reading lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, delete, func, insert, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import Rating
from recommender.store.dialects import dialect_in
from recommender.store.query_batches import in_batches, in_parts
from recommender.store.tables import RatingRow, SubscriberRow, TermRatingRow

ISSUES_OF_A_RECORD: Final = 10
"""Issues after which somebody's ratings count in full for others. An address costs a stranger
nothing; a mailbox that takes in ten issues takes two weeks."""

# Built once: to build the statements of a vote takes more time than to carry them out.
_KEY = (
    col(RatingRow.subscriber_id) == bindparam("its_subscriber"),
    col(RatingRow.paper_id) == bindparam("its_paper"),
)
_OF_PAPER: Select[*tuple[Any, ...]] = sqlalchemy_select(
    *map(col, (RatingRow.paper_id, RatingRow.value, RatingRow.saved, RatingRow.rated_at))
).where(*_KEY)
_WITHDRAW = delete(RatingRow).where(*_KEY)
_CHANGE = (
    update(RatingRow)
    .where(*_KEY)
    .values({name: bindparam(name) for name in ("value", "saved", "rated_at")})
)
_ADD = insert(RatingRow).values(
    subscriber_id=bindparam("its_subscriber"), paper_id=bindparam("its_paper")
)


def put(session: Session, subscriber_id: int, rating: Rating) -> None:
    """Write what a subscriber says of a paper; nothing said and not saved is no row."""
    connection = session.connection()
    key = {"its_subscriber": subscriber_id, "its_paper": rating.paper_id}
    said = {"value": rating.value, "saved": rating.saved, "rated_at": rating.rated_at}
    if rating.value == 0 and not rating.saved:
        connection.execute(_WITHDRAW, key)
    elif not connection.execute(_CHANGE, key | said).rowcount:
        connection.execute(_ADD, key | said)


def of_paper(session: Session, subscriber_id: int, paper_id: int) -> Rating | None:
    """Read what a subscriber says of one paper."""
    key = {"its_subscriber": subscriber_id, "its_paper": paper_id}
    said = session.connection().execute(_OF_PAPER, key).first()
    return None if said is None else Rating(*said)


def of_subscriber(session: Session, subscriber_id: int) -> list[Rating]:
    """Read all that a subscriber said, oldest first."""
    return of_subscribers(session, [subscriber_id]).get(subscriber_id, [])


def of_subscribers(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[Rating]]:
    """Read all that several subscribers said, oldest first; who said nothing is left out."""
    ratings: dict[int, list[Rating]] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        # Columns in the order of the key: as objects of the session, or sorted by the database,
        # they take three times as long to read.
        statement = (
            select(RatingRow.subscriber_id, RatingRow.paper_id, RatingRow.value, RatingRow.saved)
            .add_columns(col(RatingRow.rated_at))
            .where(col(RatingRow.subscriber_id).in_(some))
            .order_by(col(RatingRow.subscriber_id), col(RatingRow.paper_id))
        )
        for subscriber_id, *said in session.connection().execute(statement).all():
            ratings.setdefault(subscriber_id, []).append(Rating(*said))
    for said in ratings.values():
        said.sort(key=attrgetter("rated_at"))
    return ratings


def every(session: Session) -> Iterator[tuple[int, Rating]]:
    """Read who said what, oldest first."""
    statement = (
        select(RatingRow.subscriber_id, RatingRow.paper_id, RatingRow.value, RatingRow.saved)
        .add_columns(col(RatingRow.rated_at))
        .order_by(col(RatingRow.rated_at), col(RatingRow.subscriber_id), col(RatingRow.paper_id))
    )
    for row in in_parts(session, statement):
        yield row.subscriber_id, Rating(row.paper_id, row.value, row.saved, row.rated_at)


def community_votes(session: Session) -> dict[int, float]:
    """Sum over all subscribers who likes or saved each paper, less who dislikes it.

    Everybody has one voice for a paper, and it grows with their record: whole from
    `ISSUES_OF_A_RECORD` issues on, a tenth with the first one.
    """
    vote = case((col(RatingRow.saved), 1), else_=RatingRow.value)
    record = dialect_in(session).least(SubscriberRow.issues_composed, ISSUES_OF_A_RECORD)
    statement = (
        select(RatingRow.paper_id, func.sum(vote * record))
        .join(SubscriberRow, col(SubscriberRow.id) == RatingRow.subscriber_id)
        .group_by(col(RatingRow.paper_id))
    )
    return {paper_id: votes / ISSUES_OF_A_RECORD for paper_id, votes in session.exec(statement)}


def last_rated_at(session: Session, subscriber_id: int) -> datetime | None:
    """Return when a subscriber last rated a paper or a term, or saved one, and it still stands."""
    moments = [
        session.exec(select(func.max(row.rated_at)).where(row.subscriber_id == subscriber_id)).one()
        for row in (RatingRow, TermRatingRow)
    ]
    return max(filter(None, moments), default=None)
