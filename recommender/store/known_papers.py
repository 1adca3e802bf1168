"""Store: papers that subscribers know: those that they named, and those in their libraries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from recommender.domain import KnownPaper
from recommender.store import libraries
from recommender.store.own_page_tables import KnownPaperRow
from recommender.store.query_batches import in_batches


def add(session: Session, subscriber_id: int, paper_ids: Iterable[int], *, now: datetime) -> None:
    """Write that a subscriber named papers; those that they named before stay as they were."""
    known = {each.paper_id for each in named(session, subscriber_id)}
    values = [
        {"subscriber_id": subscriber_id, "paper_id": each, "added_at": now}
        for each in dict.fromkeys(paper_ids)
        if each not in known
    ]
    if values:
        session.connection().execute(insert(KnownPaperRow), values)


def put_all(session: Session, subscriber_id: int, known: Iterable[KnownPaper]) -> None:
    """Write which papers a subscriber named, instead of all that they named before."""
    session.execute(delete(KnownPaperRow).where(col(KnownPaperRow.subscriber_id) == subscriber_id))
    values = [
        {"subscriber_id": subscriber_id, "paper_id": each.paper_id, "added_at": each.added_at}
        for each in known
    ]
    if values:
        session.connection().execute(insert(KnownPaperRow), values)


def named(session: Session, subscriber_id: int) -> list[KnownPaper]:
    """Read which papers a subscriber named, the last named first."""
    return _named(session, [subscriber_id]).get(subscriber_id, [])


def of_subscribers(
    session: Session, subscriber_ids: Iterable[int], *, most: int
) -> dict[int, list[KnownPaper]]:
    """Read which papers several subscribers know, the last added first.

    Parameters
    ----------
    most : int
        Of each; who knows none is left out.
    """
    ids = sorted(set(subscriber_ids))
    known = libraries.known_papers(session, ids, most=most)
    for subscriber_id, some in _named(session, ids).items():
        added: dict[int, datetime] = {}
        for each in (*some, *known.get(subscriber_id, [])):
            added[each.paper_id] = max(each.added_at, added.get(each.paper_id, each.added_at))
        newest = sorted(added.items(), key=lambda pair: (-pair[1].timestamp(), pair[0]))
        known[subscriber_id] = [KnownPaper(*pair) for pair in newest[:most]]
    return known


def move(session: Session, old_id: int, paper_id: int) -> None:
    """Have whoever knows one paper know another."""
    who = select(KnownPaperRow).where(KnownPaperRow.paper_id == old_id)
    rows = [(row.subscriber_id, row.added_at) for row in session.exec(who)]
    session.execute(delete(KnownPaperRow).where(col(KnownPaperRow.paper_id) == old_id))
    for subscriber_id, added_at in rows:
        add(session, subscriber_id, [paper_id], now=added_at)


def _named(session: Session, subscriber_ids: Iterable[int]) -> dict[int, list[KnownPaper]]:
    found: dict[int, list[KnownPaper]] = {}
    for some in in_batches(subscriber_ids):
        statement = (
            select(KnownPaperRow.subscriber_id, KnownPaperRow.paper_id)
            .add_columns(col(KnownPaperRow.added_at))
            .where(col(KnownPaperRow.subscriber_id).in_(some))
            .order_by(col(KnownPaperRow.added_at).desc(), col(KnownPaperRow.paper_id))
        )
        for subscriber_id, *known in session.execute(statement):
            found.setdefault(subscriber_id, []).append(KnownPaper(*known))
    return found
