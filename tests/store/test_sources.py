"""Sources are due when they are, what was fetched waits until it was read, days add up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from recommender.domain import Source, SourceDay, WebAnswer
from recommender.errors import StorageError
from recommender.store import sources
from recommender.store.database import Database

from .conftest import NOW

ANSWER = WebAnswer(200, {}, b"<rss/>", "https://example.org/there", "https://example.org/moved")


def add(session: Session, name: str) -> Source:
    return sources.add(
        session,
        name=name,
        url=f"https://example.org/{name}",
        every_minutes=None,
        is_configured=False,
        now=NOW,
    )


def test_a_source_is_found_by_name_and_by_both_of_its_addresses(database: Database) -> None:
    with database.write() as session:
        a = add(session, "a")
        sources.change(session, a.id, moved_to="https://example.org/moved")
        for key in ("a", "https://example.org/a", "https://example.org/moved"):
            found = sources.find(session, key)
            assert found is not None
            assert found.id == a.id
            assert found.location == "https://example.org/moved"
        assert sources.find(session, "b") is None
    with pytest.raises(StorageError), database.write() as session:
        add(session, "a")


def test_what_was_fetched_waits_until_it_was_read_and_the_newest_counts(
    database: Database,
) -> None:
    later = NOW + timedelta(hours=1)
    with database.write() as session:
        a = add(session, "a")
        sources.keep_document(session, a.id, ANSWER, now=NOW)
        sources.keep_document(session, a.id, ANSWER, now=later)
        assert sources.unread(session) == [a.id]
        document = sources.document(session, a.id)
        assert document is not None
        assert (document.content, document.moved_to) == (b"<rss/>", ANSWER.moved_to)
        assert not sources.drop_document(session, a.id, fetched_at=NOW), "it was replaced"
        assert sources.drop_document(session, a.id, fetched_at=later)
        assert sources.document(session, a.id) is None


def test_days_add_up_and_the_first_minute_stays(database: Database) -> None:
    day = NOW.date()
    with database.write() as session:
        a = add(session, "a")
        sources.note_day(session, a.id, SourceDay(day, answers=1))
        sources.note_day(session, a.id, SourceDay(day, 1, 3, 2, 900, 300))
        sources.note_day(session, a.id, SourceDay(day, 1, 1, 1, 100, 500))
        sources.note_day(session, a.id, SourceDay(date(2026, 1, 1), 1, 9, 9, 9, 9))
    with database.read() as session:
        assert sources.days_since(session, day) == {a.id: [SourceDay(day, 3, 4, 3, 1000, 300)]}
        assert sources.papers_brought(session) == {a.id: 13}


def test_what_was_removed_leaves_nothing_and_takes_nothing(database: Database) -> None:
    with database.write() as session:
        a = add(session, "a")
        sources.keep_document(session, a.id, ANSWER, now=NOW)
        sources.note_day(session, a.id, SourceDay(NOW.date(), 1))
        sources.remove(session, a.id)
        sources.keep_document(session, a.id, ANSWER, now=NOW)
        sources.note_day(session, a.id, SourceDay(NOW.date(), 1))
        sources.change(session, a.id, failures=1)
        assert sources.unread(session) == []
        assert sources.days_since(session, NOW.date()) == {}
        assert sources.by_id(session, a.id) is None
        assert add(session, "a").id > a.id, "no number is used again"
