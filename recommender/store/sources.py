"""Store: where papers are fetched, what was fetched and not read yet, and what usually comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from recommender.domain import MAIL_SCHEME, Source, SourceDay, WebAnswer
from recommender.store.tables import SourceDayRow, SourceDocumentRow, SourceRow


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """What was fetched from a source and not read yet.

    Attributes
    ----------
    location : str
        Where it lay, behind all redirects.
    moved_to : str or None
        Where the source is for good, unless what was fetched there cannot be read.
    """

    source: Source
    fetched_at: datetime
    location: str
    moved_to: str | None
    content: bytes


def every(session: Session) -> list[Source]:
    """Return all sources, by name."""
    return [_source(row) for row in session.exec(select(SourceRow).order_by(col(SourceRow.name)))]


def by_id(session: Session, source_id: int) -> Source | None:
    """Find the source with a number."""
    row = session.get(SourceRow, source_id)
    return None if row is None else _source(row)


def find(session: Session, name_or_url: str) -> Source | None:
    """Find a source by its name, by the address that it was added with, or where it moved to."""
    for column in (SourceRow.name, SourceRow.url, SourceRow.moved_to):
        row = session.exec(select(SourceRow).where(col(column) == name_or_url)).first()
        if row is not None:
            return _source(row)
    return None


def by_mail_tag(session: Session, tag: str) -> Source | None:
    """Find the source to which mail comes by the plus-tag of an address, in lower case."""
    ending = col(SourceRow.url).contains(f"+{tag}@", autoescape=True)
    is_mail = col(SourceRow.url).startswith(MAIL_SCHEME, autoescape=True)
    row = session.exec(select(SourceRow).where(is_mail, ending)).first()
    return None if row is None else _source(row)


def add(
    session: Session,
    *,
    name: str,
    url: str,
    every_minutes: int | None,
    is_configured: bool,
    now: datetime,
) -> Source:
    """Add a source, to be fetched at once; name and address are new."""
    row = SourceRow(
        name=name,
        url=url,
        every_minutes=every_minutes,
        is_configured=is_configured,
        next_fetch_at=now,
    )
    session.add(row)
    session.flush()
    return _source(row)


def change(session: Session, source_id: int, **values: Any) -> None:
    """Set columns of a source; one that was removed meanwhile stays away."""
    session.execute(update(SourceRow).where(col(SourceRow.id) == source_id).values(**values))


def remove(session: Session, source_id: int) -> None:
    """Forget a source; the papers that it brought stay."""
    for row in (SourceDocumentRow, SourceDayRow):
        session.execute(delete(row).where(col(row.source_id) == source_id))
    session.execute(delete(SourceRow).where(col(SourceRow.id) == source_id))


def keep_document(session: Session, source_id: int, answer: WebAnswer, *, now: datetime) -> None:
    """Keep what was fetched until it is read, in the place of what was not read yet.

    Nothing is kept of a source that was removed meanwhile.
    """
    session.execute(delete(SourceDocumentRow).where(col(SourceDocumentRow.source_id) == source_id))
    if session.get(SourceRow, source_id) is not None:
        session.execute(
            insert(SourceDocumentRow).values(
                source_id=source_id,
                fetched_at=now,
                location=answer.location,
                moved_to=answer.moved_to,
                content=answer.content,
            )
        )


def unread(session: Session) -> list[int]:
    """Return the sources of which something was fetched and not read, the oldest first."""
    statement = select(SourceDocumentRow.source_id).order_by(col(SourceDocumentRow.fetched_at))
    return list(session.exec(statement))


def document(session: Session, source_id: int) -> FetchedDocument | None:
    """Return what was fetched from a source and not read yet."""
    row = session.get(SourceDocumentRow, source_id)
    source = by_id(session, source_id)
    if row is None or source is None:
        return None
    return FetchedDocument(source, row.fetched_at, row.location, row.moved_to, row.content)


def drop_document(session: Session, source_id: int, *, fetched_at: datetime) -> bool:
    """Drop what was read; tells whether it was still there: nobody else has read it."""
    statement = delete(SourceDocumentRow).where(
        col(SourceDocumentRow.source_id) == source_id,
        col(SourceDocumentRow.fetched_at) == fetched_at,
    )
    return bool(session.connection().execute(statement).rowcount)


def note_day(session: Session, source_id: int, added: SourceDay) -> None:
    """Add to what is known of a day; the first minute at which something came stays."""
    if session.get(SourceRow, source_id) is None:
        return
    row = session.get(SourceDayRow, (source_id, added.day))
    if row is None:
        row = SourceDayRow(source_id=source_id, day=added.day)
        session.add(row)
    row.answers += added.answers
    row.papers += added.papers
    row.abstracts += added.abstracts
    row.abstract_characters += added.abstract_characters
    if row.brought_minute is None:
        row.brought_minute = added.brought_minute
    session.flush()


def days_of(session: Session, source_id: int, day: date) -> list[SourceDay]:
    """Return the days of one source from a day on, oldest first."""
    return days_since(session, day).get(source_id, [])


def days_since(session: Session, day: date) -> dict[int, list[SourceDay]]:
    """Return the days of each source from a day on, oldest first."""
    statement = select(SourceDayRow).where(col(SourceDayRow.day) >= day)
    found: dict[int, list[SourceDay]] = {}
    for row in session.exec(statement.order_by(col(SourceDayRow.day))):
        found.setdefault(row.source_id, []).append(
            SourceDay(
                row.day,
                row.answers,
                row.papers,
                row.abstracts,
                row.abstract_characters,
                row.brought_minute,
            )
        )
    return found


def papers_brought(session: Session) -> dict[int, int]:
    """Count the papers that each source brought."""
    statement = select(SourceDayRow.source_id, func.sum(SourceDayRow.papers)).group_by(
        col(SourceDayRow.source_id)
    )
    return {source_id: int(papers) for source_id, papers in session.exec(statement)}


def _source(row: SourceRow) -> Source:
    return Source(**{name: getattr(row, name) for name in Source.__dataclass_fields__})
