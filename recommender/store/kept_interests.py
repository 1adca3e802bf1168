"""Store: interests that subscribers named, paused or removed, and the papers they are known by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from recommender.domain import InterestState, KeptInterest
from recommender.store.own_page_tables import KeptInterestPaperRow, KeptInterestRow
from recommender.store.query_batches import in_batches


def put(session: Session, subscriber_id: int, interest: KeptInterest) -> int:
    """Write a new interest, whose id is 0, or one anew that there is; gives its id."""
    row = KeptInterestRow(
        id=interest.id or None,
        subscriber_id=subscriber_id,
        name=interest.name,
        phrases=interest.phrases,
        state=str(interest.state),
        said_at=interest.said_at,
    )
    row = session.merge(row)
    session.flush()
    interest_id = row.id or 0
    _forget_papers(session, [interest_id])
    if interest.papers:
        session.execute(
            insert(KeptInterestPaperRow),
            [{"interest_id": interest_id, "paper_id": each} for each in sorted(interest.papers)],
        )
    return interest_id


def remove(session: Session, interest_id: int) -> None:
    """Delete one; nothing happens where there is none."""
    _remove(session, [interest_id])


def put_all(session: Session, subscriber_id: int, interests: Sequence[KeptInterest]) -> None:
    """Write all that a subscriber has, under the ids that they had, instead of what there is."""
    erase(session, subscriber_id)
    for each in interests:
        put(session, subscriber_id, each)


def erase(session: Session, subscriber_id: int) -> None:
    """Delete all that a subscriber has."""
    statement = select(KeptInterestRow.id).where(KeptInterestRow.subscriber_id == subscriber_id)
    ids = [each for each in session.exec(statement) if each is not None]
    _remove(session, ids)


def of_subscriber(session: Session, subscriber_id: int) -> list[KeptInterest]:
    """Read all that a subscriber has, the oldest first."""
    return of_subscribers(session, [subscriber_id]).get(subscriber_id, [])


def of_subscribers(
    session: Session, subscriber_ids: Iterable[int]
) -> dict[int, list[KeptInterest]]:
    """Read all that several subscribers have, the oldest first; who has none is left out."""
    rows: list[KeptInterestRow] = []
    for some in in_batches(sorted(set(subscriber_ids))):
        whose = col(KeptInterestRow.subscriber_id).in_(some)
        rows += session.exec(select(KeptInterestRow).where(whose).order_by(col(KeptInterestRow.id)))
    papers: dict[int, set[int]] = {}
    for ids in in_batches(row.id for row in rows):
        of_some = col(KeptInterestPaperRow.interest_id).in_(ids)
        for paper in session.exec(select(KeptInterestPaperRow).where(of_some)):
            papers.setdefault(paper.interest_id, set()).add(paper.paper_id)
    found: dict[int, list[KeptInterest]] = {}
    for row in rows:
        found.setdefault(row.subscriber_id, []).append(
            KeptInterest(
                id=row.id or 0,
                name=row.name,
                phrases=row.phrases,
                state=InterestState(row.state),
                papers=frozenset(papers.get(row.id or 0, ())),
                said_at=row.said_at,
            )
        )
    return found


def move(session: Session, old_id: int, paper_id: int) -> None:
    """Have the interests that are known by one paper be known by another."""
    of_both = col(KeptInterestPaperRow.paper_id).in_((old_id, paper_id))
    rows = session.exec(select(KeptInterestPaperRow).where(of_both)).all()
    by_old, by_paper = (
        {row.interest_id for row in rows if row.paper_id == each} for each in (old_id, paper_id)
    )
    missing = sorted(by_old - by_paper)
    of_old = col(KeptInterestPaperRow.paper_id) == old_id
    session.execute(delete(KeptInterestPaperRow).where(of_old))
    if missing:
        session.execute(
            insert(KeptInterestPaperRow),
            [{"interest_id": each, "paper_id": paper_id} for each in missing],
        )


def _remove(session: Session, ids: Sequence[int]) -> None:
    _forget_papers(session, ids)
    session.execute(delete(KeptInterestRow).where(col(KeptInterestRow.id).in_(ids)))


def _forget_papers(session: Session, ids: Sequence[int]) -> None:
    of_interests = col(KeptInterestPaperRow.interest_id).in_(ids)
    session.execute(delete(KeptInterestPaperRow).where(of_interests))
