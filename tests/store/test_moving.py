"""What one database holds comes into another, whole and the same, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from database_makers import NewDatabase, contents_of

from recommender.domain import Preferences, SubscriberState
from recommender.domain.searches import parse_search
from recommender.errors import StorageError
from recommender.store import digests, inbound, outbox, paper_search, papers, subscribers
from recommender.store.database import Database, open_database
from recommender.store.digests import RankedMention
from recommender.store.erasing import erase_subscriber
from recommender.store.inbound import NewMail
from recommender.store.moving import move
from recommender.store.papers import NewPaper

NOW = datetime(2026, 3, 11, 7, 0, 0, 123456, tzinfo=UTC)


def fill(database: Database, *, title: str = "Łattices and clocks") -> None:
    """Store some of everything that databases might hold differently."""
    with database.write() as session:
        paper = NewPaper(
            title=title,
            title_key="latticesclocks",
            abstract="We ask.",
            authors=("Jane Doe", "Łukasz Kaiser"),
            arxiv_id="2603.00001",
            doi=None,
            url=None,
            published_at=None,
            first_seen_at=NOW,
        )
        (paper_id,) = papers.add(session, [paper])
        digests.add(
            session,
            sha256="ab12",
            format="digest-text",
            source="folder",
            file_name="day.txt",
            curator="AK",
            day=NOW.date(),
            ingested_at=NOW,
            mentions=[RankedMention(paper_id, 1, 2**40)],
        )
        first, second = (
            subscribers.add(
                session,
                email=f"{name}@example.org",
                email_key=f"{name}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
                interests="",
                now=NOW,
            ).id
            for name in ("first", "second")
        )
        outbox.enqueue(
            session,
            subscriber_id=second,
            kind=outbox.DeliveryKind.CONFIRMATION,
            key="1",
            recipient="second@example.org",
            message_id="<1@example.org>",
            now=NOW,
            content={"words": ["é", None, 1.5, True]},
        )
        erase_subscriber(session, first)
        inbound.add_all(session, [NewMail("pipe", "", "papers@example.org", b"\0\xff")], now=NOW)


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path / 'other.db'}")


def rows_of(database: Database) -> list[str]:
    return contents_of(database.url.render_as_string(hide_password=False))[1]


def test_an_installation_goes_there_and_back_and_is_the_same(
    database: Database, sqlite: Database, new_database: NewDatabase
) -> None:
    fill(sqlite)
    moved = {each.name: each.rows for each in move(sqlite, database)}
    back, again = (open_database(new_database(migrated=True)) for _ in range(2))

    assert [*move(database, back)] == [*move(sqlite, again)]
    assert (moved["paper"], moved["subscriber"], moved["delivery"]) == (1, 1, 1)
    with back.read() as session:
        wanted = parse_search("clocks", author="Kaiser", stop_words=frozenset())
        assert paper_search.find(session, wanted, now=NOW).paper_ids == (1,)
        (found,) = subscribers.active(session, after_id=0, limit=9)
        (waiting,) = outbox.of_subscriber(session, found.id)
    assert (found.id, found.requested_at) == (2, NOW)
    assert waiting.content == {"words": ["é", None, 1.5, True]}
    for each in (back, again, sqlite):
        each.close()


def test_numbers_go_on_behind_those_that_were_moved(database: Database, sqlite: Database) -> None:
    fill(sqlite)
    assert [*move(sqlite, database)]

    with database.write() as session:
        added = subscribers.add(
            session,
            email="third@example.org",
            email_key="third@example.org",
            state=SubscriberState.ACTIVE,
            preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
            interests="",
            now=NOW,
        )

    assert added.id == 3
    sqlite.close()


def test_a_database_that_holds_something_is_refused_and_stays(
    database: Database, sqlite: Database
) -> None:
    fill(sqlite)
    fill(database, title="Another")
    before = rows_of(database)

    with pytest.raises(StorageError, match=r"is not empty: there are rows in .*; name one"):
        [*move(sqlite, database)]

    assert rows_of(database) == before
    sqlite.close()
