"""Databases as older versions of the program left them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from recommender.store import migrations
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)

# A row in every table that the first schema had, as that version wrote them.
ROWS_OF_0001: dict[str, dict[str, Any]] = {
    "digest": {
        "id": 1,
        "sha256": "ab12",
        "format": "digest-text",
        "source": "incoming",
        "file_name": "mar-11.txt",
        "curator": "AK",
        "date": NOW.date(),
        "ingested_at": NOW,
    },
    "paper": {
        "id": 3,
        "title": "Attention to What?",
        "title_key": "attentiontowhat",
        "abstract": "We ask.",
        "authors": ["Jane Doe", "Łukasz Kaiser"],
        "arxiv_id": "2603.00001",
        "doi": None,
        "url": "https://arxiv.org/abs/2603.00001",
        "published_at": None,
        "first_seen_at": NOW,
    },
    "subscriber": {
        "id": 5,
        "email": "Reader@example.org",
        "email_key": "reader@example.org",
        "state": "active",
        "hour": 7,
        "weekdays": "01234",
        "timezone": "Europe/Berlin",
        "papers": 10,
        "interests": "pruning, graphs",
        "created_at": NOW,
        "requested_at": NOW,
        "confirmed_at": NOW,
        "welcome_due": False,
        "next_issue_at": NOW,
        "issues_composed": 1,
        "last_issue_date": NOW.date(),
    },
    "mention": {"digest_id": 1, "rank": 1, "paper_id": 3, "upvotes": 12},
    "rating": {"subscriber_id": 5, "paper_id": 3, "value": 1, "saved": True, "rated_at": NOW},
    "issue": {
        "id": 7,
        "subscriber_id": 5,
        "number": 1,
        "date": NOW.date(),
        "welcome": True,
        "schedule": "Monday to Friday at 7:00 (Europe/Berlin)",
        "curator": "AK",
        "composed_at": NOW,
        "likes": 0,
        "dislikes": 0,
        "saves": 0,
    },
    "issue_entry": {
        "issue_id": 7,
        "position": 1,
        "paper_id": 3,
        "title": "Attention to What?",
        "authors": ["Jane Doe", "Łukasz Kaiser"],
        "url": None,
        "excerpt": "We ask.",
        "upvotes": 12,
        "trend_score": 0.5,
        "interest_score": None,
        "interest_weight": 0.0,
        "ranking_score": 0.5,
        "reason": "trending",
    },
    "delivery": {
        "id": 9,
        "subscriber_id": 5,
        "kind": "issue",
        "key": "1",
        "recipient": "Reader@example.org",
        "message_id": "<1@example.org>",
        "issue_id": 7,
        "state": "sent",
        "priority": 1,
        "created_at": NOW,
        "next_attempt_at": NOW,
        "attempts": 1,
        "last_reply": "250 2.0.0 OK",
        "worker": None,
        "leased_until": None,
        "times_in_doubt": 0,
    },
    "delivery_attempt": {
        "id": 11,
        "delivery_id": 9,
        "attempted_at": NOW,
        "state": "sent",
        "server": "localhost:25",
        "reply_code": 250,
        "enhanced_status_code": "2.0.0",
        "reply": "OK",
    },
}


def upgrade(database: Database, revision: str) -> None:
    """Bring a schema to what one version had."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with database._writing_engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def reflected(connection: Any) -> MetaData:
    tables = MetaData()
    tables.reflect(connection)
    return tables


def rows(database: Database, name: str) -> list[dict[str, Any]]:
    """Read a table as the database itself describes it."""
    with database.engine.connect() as connection:
        table = reflected(connection).tables[name]
        return [dict(row) for row in connection.execute(table.select()).mappings()]
