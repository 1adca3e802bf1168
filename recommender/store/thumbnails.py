"""Store: which papers have a thumbnail, and for which one was looked for in vain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from recommender.domain import Thumbnail
from recommender.store import content_state
from recommender.store.query_batches import in_batches
from recommender.store.tables import DigestRow, MentionRow, PaperRow
from recommender.store.thumbnail_tables import ThumbnailRow

MOST_TRIES = 3
"""After which a picture that cannot be had is left alone."""


def due(
    session: Session, *, mentioned_since: date, tried_before: datetime, limit: int
) -> list[tuple[int, str]]:
    """Read which papers may have a thumbnail that is not here, and its address; the newest first.

    Parameters
    ----------
    mentioned_since : date
        Papers that no digest of this day or later mentions are left out.
    tried_before : datetime
        So are those that were tried later, or `MOST_TRIES` times.
    """
    mentioned = (
        select(MentionRow.paper_id)
        .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
        .where(col(DigestRow.date) >= mentioned_since)
    )
    may_be_tried = (
        (col(ThumbnailRow.name) == "")
        & (col(ThumbnailRow.tries) < MOST_TRIES)
        & (col(ThumbnailRow.tried_at) < tried_before)
    )
    statement = (
        select(PaperRow.id, PaperRow.thumbnail_url)
        .outerjoin(ThumbnailRow, col(ThumbnailRow.paper_id) == col(PaperRow.id))
        .where(
            col(PaperRow.thumbnail_url).is_not(None),
            col(PaperRow.id).in_(mentioned),
            or_(col(ThumbnailRow.paper_id).is_(None), may_be_tried),
        )
        .order_by(col(PaperRow.id).desc())
        .limit(limit)
    )
    return [(paper_id, url) for paper_id, url in session.exec(statement) if paper_id and url]


def put(session: Session, paper_id: int, thumbnail: Thumbnail | None, *, now: datetime) -> None:
    """Write which thumbnail a paper has; None: it could not be had this time."""
    row = session.get(ThumbnailRow, paper_id)
    tries = 1 if row is None else row.tries + 1
    name = "" if thumbnail is None else thumbnail.name
    session.merge(ThumbnailRow(paper_id=paper_id, name=name, tries=tries, tried_at=now))
    session.flush()
    if thumbnail is not None:
        content_state.rename(session)


def of_papers(session: Session, paper_ids: Iterable[int]) -> dict[int, Thumbnail]:
    """Read the thumbnails of papers; a paper without one is left out."""
    found: dict[int, Thumbnail] = {}
    for some in in_batches(sorted(set(paper_ids))):
        statement = select(ThumbnailRow.paper_id, ThumbnailRow.name).where(
            col(ThumbnailRow.paper_id).in_(some), ThumbnailRow.name != ""
        )
        for paper_id, name in session.exec(statement):
            thumbnail = Thumbnail.named(name)
            if thumbnail is not None:
                found[paper_id] = thumbnail
    return found


def names(session: Session) -> set[str]:
    """Read the names of all thumbnails."""
    return set(session.exec(select(ThumbnailRow.name).where(ThumbnailRow.name != "")))


def forget(session: Session, *, mentioned_since: date, missing: Sequence[str] = ()) -> None:
    """Delete the rows of papers that no digest of this day or later mentions, and of some names."""
    mentioned = (
        select(MentionRow.paper_id)
        .join(DigestRow, col(DigestRow.id) == col(MentionRow.digest_id))
        .where(col(DigestRow.date) >= mentioned_since)
    )
    is_old = col(ThumbnailRow.paper_id).not_in(mentioned)
    gone = session.exec(
        select(ThumbnailRow.paper_id).where(or_(is_old, col(ThumbnailRow.name).in_(missing)))
    ).all()
    for some in in_batches(gone):
        session.execute(delete(ThumbnailRow).where(col(ThumbnailRow.paper_id).in_(some)))
    if gone:
        content_state.rename(session)


def move(session: Session, old_id: int, paper_id: int) -> None:
    """Have the thumbnail of one paper be that of another, unless it has one."""
    has_one = session.get(ThumbnailRow, paper_id) is not None
    of_old = col(ThumbnailRow.paper_id) == old_id
    if has_one:
        session.execute(delete(ThumbnailRow).where(of_old))
    else:
        session.execute(update(ThumbnailRow).where(of_old).values(paper_id=paper_id))
