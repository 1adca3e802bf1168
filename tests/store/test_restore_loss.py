"""What a restore undoes is known before it is done."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.domain import Preferences, SubscriberState
from recommender.errors import StorageError
from recommender.store import subscribers
from recommender.store.backup import backup_database
from recommender.store.database import open_database
from recommender.store.restore_loss import RestoreLoss, compare

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
READERS = ("ada@example.org", "ben@example.org", "cleo@example.org")


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'recommender.db'}"
    database = open_database(url)
    with database.write() as session:
        for email in READERS:
            subscribers.add(
                session,
                email=email,
                email_key=email,
                state=SubscriberState.ACTIVE,
                preferences=Preferences(7, frozenset(range(7)), "UTC", 10),
                interests="",
                now=NOW,
            )
    database.close()
    return url


def change(url: str, *statements: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def send(url: str, number: int, subscriber: int, state: str = "sent") -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute(
            "INSERT INTO delivery (subscriber_id, kind, key, recipient, message_id, state,"
            " priority, next_attempt_at, created_at, times_in_doubt, last_reply, attempts)"
            " VALUES (?, 'issue', ?, 'x@example.org', ?, ?, 1, ?, ?, 0, '', 0)",
            (subscriber, str(number), f"m{number}", state, *2 * ("2026-03-11 07:00:00",)),
        )
        connection.commit()


def test_who_was_sent_an_issue_and_who_left_since_is_named(url: str, tmp_path: Path) -> None:
    send(url, 1, 1)
    send(url, 2, 2, "queued")
    backup_database(url, tmp_path / "copy.db")
    change(
        url,
        "UPDATE delivery SET state = 'sent'",
        "UPDATE subscriber SET state = 'unsubscribed' WHERE id = 3",
    )

    loss = compare(url, tmp_path / "copy.db")

    assert loss == RestoreLoss(("ben@example.org",), ("cleo@example.org",))
    assert loss.is_grave
    assert loss.lines() == [
        "would get an issue twice: 1 reader, ben@example.org",
        "left since and would be back: 1 reader, cleo@example.org",
    ]


def test_where_nothing_happened_since_nothing_is_undone(url: str, tmp_path: Path) -> None:
    send(url, 1, 1)
    backup_database(url, tmp_path / "copy.db")

    assert compare(url, tmp_path / "copy.db") == RestoreLoss()


def test_without_a_database_nothing_is_undone(url: str, tmp_path: Path) -> None:
    backup_database(url, tmp_path / "copy.db")

    assert compare(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db") == RestoreLoss()


def test_what_cannot_be_compared_is_told(url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("no database at all")
    with pytest.raises(StorageError, match="cannot be compared"):
        compare(url, tmp_path / "copy.db")
