"""The state of what everybody may read has another name whenever that changed, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recommender.domain import Preferences, SubscriberState
from recommender.errors import StorageError
from recommender.store import digests, papers, subscribers
from recommender.store.content_state import ContentWatch
from recommender.store.database import Database, Session, open_database
from recommender.store.digests import RankedMention
from recommender.store.one_paper import make_one

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def mention(session: Session, paper_id: int) -> None:
    digests.add(
        session,
        sha256=f"{paper_id}",
        format="digest-text",
        source="folder",
        file_name="day.txt",
        curator="AK",
        day=NOW.date(),
        ingested_at=NOW,
        mentions=[RankedMention(paper_id, 1, 0)],
    )


def change_title(session: Session, paper_id: int) -> None:
    (paper,) = papers.by_ids(session, [paper_id]).values()
    papers.change(session, replace(paper, title="Another"), "another")


def subscribe(session: Session) -> None:
    subscribers.add(
        session,
        email="reader@example.org",
        email_key="reader@example.org",
        state=SubscriberState.ACTIVE,
        preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
        interests="",
        now=NOW,
    )


CHANGES: dict[str, Callable[[Session, list[int]], None]] = {
    "mention": lambda session, ids: mention(session, ids[0]),
    "text": lambda session, ids: change_title(session, ids[0]),
    "merged": lambda session, ids: make_one(session, ids[0], ids[1]),
    "upvotes": lambda session, ids: digests.raise_upvotes(
        session, digests.by_name("digest-text", "AK"), [RankedMention(ids[3], 1, 9)]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_of_what_is_read_is_seen_at_once(
    database: Database, paper_ids: list[int], change: str
) -> None:
    with database.write() as session:
        mention(session, paper_ids[3])
    watch = ContentWatch(database)
    before = watch.name()
    assert watch.name() == before
    with database.write() as session:
        CHANGES[change](session, paper_ids)
        assert watch.name() == before, "it is not committed"

    assert watch.name() != before


def test_a_change_by_another_process_is_seen(database: Database, paper_ids: list[int]) -> None:
    watch = ContentWatch(database)
    before = watch.name()
    other = open_database(database.url.render_as_string(hide_password=False))
    with other.write() as session:
        mention(session, paper_ids[0])
    other.close()

    assert watch.name() != before


def test_what_changes_nothing_that_is_read_changes_no_name(
    database: Database, paper_ids: list[int]
) -> None:
    with database.write() as session:
        mention(session, paper_ids[0])
    watch = ContentWatch(database)
    before = watch.name()
    with database.write() as session:
        subscribe(session)
        papers.add(session, [])
        digests.extend(session, 1, [])
        again = [RankedMention(paper_ids[0], 1, 0)]
        digests.raise_upvotes(session, digests.by_name("digest-text", "AK"), again)

    assert watch.name() == before


def test_a_database_that_cannot_be_read_is_an_error_of_ours() -> None:
    with pytest.raises(StorageError, match="nowhere"):
        ContentWatch(Database("sqlite:////nowhere/at/all.db")).name()
