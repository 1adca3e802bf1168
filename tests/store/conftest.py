"""A database, and rows that most of its tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from database_makers import NewDatabase
from older_schemas import ROWS_OF_0001, reflected, upgrade

from recommender.domain import Preferences, SubscriberState
from recommender.store import papers, subscribers
from recommender.store.database import Database, open_database
from recommender.store.papers import NewPaper

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    """Open a database with today's schema and no rows."""
    opened = open_database(new_database(migrated=True))
    yield opened
    opened.close()


@pytest.fixture
def at_0001(new_database: NewDatabase) -> Database:
    """Make a database as the first version left it: its schema, and a row in every table."""
    database = Database(new_database(migrated=False))
    upgrade(database, "0001")
    with database._writing_engine.begin() as connection:
        tables = reflected(connection)
        assert set(ROWS_OF_0001) == set(tables.tables) - {"alembic_version"}
        for name, row in ROWS_OF_0001.items():
            connection.execute(tables.tables[name].insert(), row)
    return database


@pytest.fixture
def paper_ids(database: Database) -> list[int]:
    """Store four papers."""
    new = [
        NewPaper(
            title=f"Paper {number}",
            title_key=f"paper {number}",
            abstract="",
            authors=(),
            arxiv_id=None,
            doi=None,
            url=None,
            published_at=None,
            first_seen_at=NOW,
        )
        for number in range(1, 5)
    ]
    with database.write() as session:
        return papers.add(session, new)


@pytest.fixture
def subscriber_ids(database: Database) -> list[int]:
    """Store three subscribers, active and with nothing due."""
    with database.write() as session:
        return [
            subscribers.add(
                session,
                email=f"{name}@example.org",
                email_key=f"{name}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
                interests="",
                now=NOW,
            ).id
            for name in ("first", "second", "third")
        ]
