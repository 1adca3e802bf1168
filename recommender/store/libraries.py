"""Store: the libraries that subscribers let us read, and which papers are in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, or_, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import KnownPaper, Library, LibraryAddress, SubscriberState
from recommender.languages.messages import Message
from recommender.store.library_tables import LibraryItemRow, LibraryRow
from recommender.store.query_batches import in_batches
from recommender.store.tables import MentionRow, PaperRow, RatingRow, SubscriberRow, columns_of

_READ_FOR: Final = (SubscriberState.ACTIVE, SubscriberState.PAUSED)


@dataclass(frozen=True, slots=True)
class LibraryItem:
    """An item of a library as it is kept; without a paper until it was looked up."""

    key: str
    added_at: datetime
    paper_id: int | None = None
    arxiv_id: str | None = None
    doi: str | None = None


def give(
    session: Session,
    subscriber_id: int,
    address: LibraryAddress,
    *,
    sealed_key: str | None,
    now: datetime,
) -> None:
    """Write which library a subscriber lets us read, instead of any before; it is due at once."""
    remove(session, subscriber_id)
    session.add(
        LibraryRow(
            subscriber_id=subscriber_id,
            owner=address.owner,
            collection=address.collection,
            username=address.username,
            sealed_key=sealed_key,
            given_at=now,
            version=0,
            next_sync_at=now,
            failures=0,
            message="",
            is_stopped=False,
            items=0,
        )
    )
    session.flush()


def remove(session: Session, subscriber_id: int) -> bool:
    """Delete a subscriber's library with its key and all that came of it; False: there was none."""
    ids = select(LibraryRow.id).where(LibraryRow.subscriber_id == subscriber_id)
    session.execute(delete(LibraryItemRow).where(col(LibraryItemRow.library_id).in_(ids)))
    removed = session.connection().execute(
        delete(LibraryRow).where(col(LibraryRow.subscriber_id) == subscriber_id)
    )
    return removed.rowcount > 0


def of_subscriber(session: Session, subscriber_id: int) -> Library | None:
    """Read a subscriber's library."""
    row = session.exec(select(LibraryRow).where(LibraryRow.subscriber_id == subscriber_id)).first()
    return None if row is None else _library(row)


def by_id(session: Session, library_id: int) -> Library | None:
    """Read a library; None where it was removed or another one given since."""
    row = session.get(LibraryRow, library_id)
    return None if row is None else _library(row)


def claim_due(
    session: Session, *, now: datetime, until: datetime, limit: int, only_new: bool = False
) -> list[Library]:
    """Take libraries to read, the one that waited longest first; nobody else does until then.

    Parameters
    ----------
    until : datetime
        When they are due again if nothing comes of it: whoever took them was killed.
    only_new : bool
        Only those that were never read.
    """
    statement = (
        select(LibraryRow)
        .join(SubscriberRow, col(SubscriberRow.id) == LibraryRow.subscriber_id)
        .where(
            col(LibraryRow.next_sync_at) <= now,
            col(LibraryRow.is_stopped).is_(False),
            col(SubscriberRow.state).in_(_READ_FOR),
        )
        .order_by(col(LibraryRow.next_sync_at), col(LibraryRow.id))
        .limit(limit)
    )
    if only_new:
        statement = statement.where(col(LibraryRow.last_synced_at).is_(None))
    due = [_library(row) for row in session.exec(statement)]
    for some in in_batches(library.id for library in due):
        session.execute(
            update(LibraryRow).where(col(LibraryRow.id).in_(some)).values(next_sync_at=until)
        )
    return due


def next_due_at(session: Session) -> datetime | None:
    """Return when the next library is to be read."""
    statement = (
        select(func.min(LibraryRow.next_sync_at))
        .join(SubscriberRow, col(SubscriberRow.id) == LibraryRow.subscriber_id)
        .where(col(LibraryRow.is_stopped).is_(False), col(SubscriberRow.state).in_(_READ_FOR))
    )
    return session.exec(statement).one()


def synced_since(session: Session, moment: datetime) -> int:
    """Count the libraries that were read since a moment."""
    statement = select(func.count()).select_from(LibraryRow)
    return session.exec(statement.where(col(LibraryRow.last_synced_at) > moment)).one()


def change(session: Session, library_id: int, **values: Any) -> bool:
    """Write some columns of a library; False where it is not there any more."""
    if "message" in values:
        message = values["message"]
        is_of_catalogue = isinstance(message, Message)
        values["message"] = str(message)
        values["message_parts"] = message.as_json() if is_of_catalogue else None
    changed = session.connection().execute(
        update(LibraryRow).where(col(LibraryRow.id) == library_id).values(**values)
    )
    return changed.rowcount > 0


def put_items(session: Session, library_id: int, items: Sequence[LibraryItem]) -> None:
    """Write items of a library, each key once; what was looked up of an identifier stays."""
    looked_up = {
        row.key: row
        for some in in_batches(item.key for item in items)
        for row in session.execute(
            sqlalchemy_select(*columns_of(LibraryItemRow)).where(
                col(LibraryItemRow.library_id) == library_id, col(LibraryItemRow.key).in_(some)
            )
        )
    }
    drop_items(session, library_id, (item.key for item in items))
    values = []
    for item in items:
        before = looked_up.get(item.key)
        is_same = before is not None and (before.arxiv_id, before.doi) == (item.arxiv_id, item.doi)
        values.append(
            {
                "library_id": library_id,
                "key": item.key,
                "added_at": item.added_at,
                "paper_id": before.paper_id
                if before and is_same and not item.paper_id
                else item.paper_id,
                "arxiv_id": item.arxiv_id,
                "doi": item.doi,
                "looked_up_at": before.looked_up_at if before and is_same else None,
            }
        )
    if values:
        session.connection().execute(insert(LibraryItemRow), values)


def drop_items(session: Session, library_id: int, keys: Iterable[str]) -> None:
    """Delete items of a library; unknown keys are nothing."""
    for some in in_batches(keys):
        session.execute(
            delete(LibraryItemRow).where(
                col(LibraryItemRow.library_id) == library_id, col(LibraryItemRow.key).in_(some)
            )
        )


def keep_items(
    session: Session, library_id: int, *, keys: Collection[str] | None, most: int
) -> None:
    """Delete items of a library beyond the newest ones, and those that are not among ``keys``."""
    newest_first = (
        select(LibraryItemRow.key)
        .where(LibraryItemRow.library_id == library_id)
        .order_by(col(LibraryItemRow.added_at).desc(), col(LibraryItemRow.key))
    )
    stored = session.exec(newest_first).all()
    kept = [each for each in stored if keys is None or each in keys][:most]
    drop_items(session, library_id, sorted(set(stored).difference(kept)))


def to_look_up(
    session: Session, library_id: int, *, before: datetime, limit: int
) -> list[LibraryItem]:
    """Read items with an identifier, whose paper is unknown or without abstract, newest first.

    Parameters
    ----------
    before : datetime
        What was looked up since then is left out.
    """
    statement = (
        sqlalchemy_select(*columns_of(LibraryItemRow))
        .outerjoin(PaperRow, col(PaperRow.id) == LibraryItemRow.paper_id)
        .where(
            col(LibraryItemRow.library_id) == library_id,
            or_(col(PaperRow.id).is_(None), col(PaperRow.abstract) == ""),
            or_(col(LibraryItemRow.arxiv_id).is_not(None), col(LibraryItemRow.doi).is_not(None)),
            or_(
                col(LibraryItemRow.looked_up_at).is_(None),
                col(LibraryItemRow.looked_up_at) < before,
            ),
        )
        .order_by(col(LibraryItemRow.added_at).desc(), col(LibraryItemRow.key))
        .limit(limit)
    )
    rows = session.connection().execute(statement).all()
    return [LibraryItem(row.key, row.added_at, row.paper_id, row.arxiv_id, row.doi) for row in rows]


def note_lookup(
    session: Session,
    library_id: int,
    keys: Iterable[str],
    papers: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    """Write when items were looked up, and which papers they are, by key, where that was found."""
    for key in keys:
        found = {"paper_id": papers[key]} if key in papers else {}
        session.execute(
            update(LibraryItemRow)
            .where(col(LibraryItemRow.library_id) == library_id, col(LibraryItemRow.key) == key)
            .values(looked_up_at=now, **found)
        )


def known_papers(
    session: Session, subscriber_ids: Iterable[int], *, most: int
) -> dict[int, list[KnownPaper]]:
    """Read which papers are in the libraries of several subscribers, the last added first.

    Parameters
    ----------
    most : int
        Of each; who has none is left out.
    """
    known: dict[int, list[KnownPaper]] = {}
    for some in in_batches(sorted(set(subscriber_ids))):
        owners = session.exec(
            select(LibraryRow.subscriber_id, LibraryRow.id).where(
                col(LibraryRow.subscriber_id).in_(some)
            )
        ).all()
        for subscriber_id, library_id in owners:
            # The same paper may be several items; it counts from when it was added last.
            statement = (
                sqlalchemy_select(
                    col(LibraryItemRow.paper_id), func.max(LibraryItemRow.added_at).label("added")
                )
                .where(
                    col(LibraryItemRow.library_id) == library_id,
                    col(LibraryItemRow.paper_id).is_not(None),
                )
                .group_by(col(LibraryItemRow.paper_id))
                .order_by(func.max(LibraryItemRow.added_at).desc(), col(LibraryItemRow.paper_id))
                .limit(most)
            )
            rows = session.connection().execute(statement).all()
            found = [KnownPaper(row.paper_id, row.added) for row in rows if row.paper_id]
            if found:
                known[subscriber_id] = found
    return known


def private_papers(session: Session) -> set[int]:
    """Return the papers that no digest mentions and nobody rated: libraries alone told of them.

    Those of libraries that were taken back are among them.
    """
    told = [
        select(row.paper_id).where(col(row.paper_id) == PaperRow.id)
        for row in (MentionRow, RatingRow)
    ]
    statement = select(PaperRow.id).where(~told[0].exists(), ~told[1].exists())
    return {paper_id for paper_id in session.execute(statement).scalars() if paper_id}


def count_papers(session: Session, library_id: int) -> int:
    """Count the papers that are in a library."""
    statement = select(func.count(func.distinct(LibraryItemRow.paper_id))).where(
        LibraryItemRow.library_id == library_id
    )
    return session.exec(statement).one()


def _library(row: LibraryRow) -> Library:
    return Library(
        id=row.id or 0,
        subscriber_id=row.subscriber_id,
        address=LibraryAddress(row.owner, row.collection, row.username),
        sealed_key=row.sealed_key,
        given_at=row.given_at,
        version=row.version,
        next_sync_at=row.next_sync_at,
        last_synced_at=row.last_synced_at,
        failures=row.failures,
        message=Message.from_json(row.message_parts) if row.message_parts else row.message,
        is_stopped=row.is_stopped,
        items=row.items,
    )
