"""Store: what subscribers write down about papers: that they read them, notes and tags."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from recommender.domain import PaperNote
from recommender.store.own_page_tables import PaperNoteRow
from recommender.store.tables import columns_of


def put(session: Session, subscriber_id: int, note: PaperNote) -> None:
    """Write what a subscriber wrote down about a paper; nothing is no row."""
    if note == PaperNote(note.paper_id):
        session.execute(
            delete(PaperNoteRow).where(
                col(PaperNoteRow.subscriber_id) == subscriber_id,
                col(PaperNoteRow.paper_id) == note.paper_id,
            )
        )
        return
    session.merge(
        PaperNoteRow(
            subscriber_id=subscriber_id,
            paper_id=note.paper_id,
            read_at=note.read_at,
            note=note.note,
            tags=list(note.tags),
        )
    )
    session.flush()


def of_paper(session: Session, subscriber_id: int, paper_id: int) -> PaperNote:
    """Read what a subscriber wrote down about one paper."""
    row = session.get(PaperNoteRow, (subscriber_id, paper_id))
    return PaperNote(paper_id) if row is None else _note(row)


def of_subscriber(session: Session, subscriber_id: int) -> dict[int, PaperNote]:
    """Read all that a subscriber wrote down, by paper."""
    columns = sqlalchemy_select(*columns_of(PaperNoteRow))
    rows = session.execute(columns.where(col(PaperNoteRow.subscriber_id) == subscriber_id))
    return {row.paper_id: _note(row) for row in rows}


def move(session: Session, old_id: int, paper_id: int) -> None:
    """Have what was written about one paper be about another; what stands there stays before it."""
    for row in session.exec(select(PaperNoteRow).where(PaperNoteRow.paper_id == old_id)).all():
        old, there = _note(row), of_paper(session, row.subscriber_id, paper_id)
        read = [each for each in (there.read_at, old.read_at) if each]
        put(
            session,
            row.subscriber_id,
            PaperNote(
                paper_id,
                read_at=min(read, default=None),
                note="\n".join(dict.fromkeys(filter(None, (there.note, old.note)))),
                tags=tuple(dict.fromkeys((*there.tags, *old.tags))),
            ),
        )
    session.execute(delete(PaperNoteRow).where(col(PaperNoteRow.paper_id) == old_id))


def _note(row: Any) -> PaperNote:
    return PaperNote(row.paper_id, row.read_at, row.note, tuple(row.tags))
