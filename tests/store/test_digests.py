"""A digest is stored once, with its mentions in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from recommender.domain import Mention
from recommender.errors import StorageError
from recommender.store import digests
from recommender.store.database import Database
from recommender.store.digests import RankedMention, StoredDigest

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
MARCH_10 = date(2026, 3, 10)
MARCH_11 = date(2026, 3, 11)


def add(
    session: Session,
    name: str,
    day: date,
    *mentioned: int,
    ingested_at: datetime = NOW,
) -> int:
    """Store the digest `name`, which mentions papers in order with 10, 20, 30 … upvotes."""
    return digests.add(
        session,
        sha256=name,
        format="digest text",
        source="incoming",
        file_name=f"{name}.txt",
        curator="AK and the research community",
        day=day,
        ingested_at=ingested_at,
        mentions=[
            RankedMention(paper_id, rank, rank * 10)
            for rank, paper_id in enumerate(mentioned, start=1)
        ],
    )


def test_digest_is_found_by_the_hash_of_its_bytes(database: Database) -> None:
    with database.write() as session:
        digest_id = add(session, "mar-11", MARCH_11)
        add(session, "mar-10", MARCH_10)

    expected = StoredDigest(digest_id, "AK and the research community", MARCH_11, "mar-11.txt", NOW)
    with database.read() as session:
        assert expected == digests.find_by_hash(session, "mar-11")
        assert digests.find_by_hash(session, "mar-12") is None


def test_what_the_last_file_of_a_name_mentioned_is_found_without_a_newer_one(
    database: Database, paper_ids: list[int]
) -> None:
    first, second, third, _ = paper_ids
    with database.write() as session:
        for paper_id, sha256 in zip(paper_ids, ["a", "b", "b 2026-03-01", "c"], strict=True):
            digests.add(
                session,
                sha256=sha256,
                format="json",
                source="folder",
                file_name="a.json" if sha256 != "c" else "c.json",
                curator="AK",
                day=MARCH_10,
                ingested_at=NOW + timedelta(hours=sha256 != "a"),
                mentions=[RankedMention(paper_id, 1, 0)],
            )

    with database.read() as session:

        def mentioned(by: datetime, but: str = "z", name: str = "a.json") -> set[int]:
            return digests.last_mentioned_by_file(session, name, ingested_by=by, but=but)

        assert mentioned(NOW + timedelta(hours=1)) == {second, third}
        assert mentioned(NOW + timedelta(hours=1), but="b") == {first}
        assert mentioned(NOW) == {first}
        assert mentioned(NOW - timedelta(seconds=1)) == set()
        assert mentioned(NOW + timedelta(hours=1), name="b.json") == set()


def test_one_hash_belongs_to_one_digest(database: Database) -> None:
    with database.write() as session:
        add(session, "mar-11", MARCH_11)

    with pytest.raises(StorageError, match="sha256"), database.write() as session:
        add(session, "mar-11", MARCH_10)


def test_paper_stands_once_in_a_digest(database: Database, paper_ids: list[int]) -> None:
    with pytest.raises(StorageError), database.write() as session:
        add(session, "mar-11", MARCH_11, paper_ids[0], paper_ids[0])

    with database.read() as session:
        assert digests.newest(session) is None


def test_newest_digest_has_the_latest_date_and_was_ingested_last(
    database: Database, paper_ids: list[int]
) -> None:
    with database.write() as session:
        add(session, "mar-11", MARCH_11, *paper_ids)
        add(session, "mar-11-evening", MARCH_11, *paper_ids)
        add(session, "mar-10", MARCH_10, *paper_ids)

    with database.read() as session:
        newest = digests.newest(session)
    assert newest is not None
    assert newest.file_name == "mar-11-evening.txt"


def test_digests_of_a_day_come_last_ingested_first(
    database: Database, paper_ids: list[int]
) -> None:
    with database.write() as session:
        add(session, "morning", MARCH_11, *paper_ids)
        add(session, "mar-10", MARCH_10, *paper_ids)
        add(session, "evening", MARCH_11, *paper_ids)

    with database.read() as session:
        names = [digest.file_name for digest in digests.of_day(session, MARCH_11)]
    assert names == ["evening.txt", "morning.txt"]


def test_days_with_a_digest_come_once_and_newest_first(
    database: Database, paper_ids: list[int]
) -> None:
    with database.write() as session:
        add(session, "mar-10", MARCH_10, *paper_ids)
        add(session, "mar-11", MARCH_11, *paper_ids)
        add(session, "mar-11-evening", MARCH_11, *paper_ids)

    with database.read() as session:
        assert digests.days(session) == [MARCH_11, MARCH_10]


def test_a_digest_that_mentions_nothing_is_no_list_of_a_day(
    database: Database, paper_ids: list[int]
) -> None:
    with database.write() as session:
        add(session, "mar-10", MARCH_10, *paper_ids)
        add(session, "mar-11", MARCH_11)

    with database.read() as session:
        assert digests.days(session) == [MARCH_10]
        assert digests.of_day(session, MARCH_11) == []
        newest = digests.newest(session)
    assert newest is not None
    assert newest.date == MARCH_10


def test_last_ingested_is_the_latest_moment_and_not_the_latest_date(database: Database) -> None:
    with database.write() as session:
        add(session, "mar-10", MARCH_10, ingested_at=NOW + timedelta(days=1))
        add(session, "mar-11", MARCH_11)

    with database.read() as session:
        assert NOW + timedelta(days=1) == digests.last_ingested_at(session)


def test_last_digest_is_the_one_that_was_stored_last(database: Database) -> None:
    with database.write() as session:
        add(session, "mar-11", MARCH_11, ingested_at=NOW + timedelta(days=1))
        last = add(session, "mar-10", MARCH_10)

    with database.read() as session:
        assert last == digests.last_id(session)


def test_empty_database_has_no_newest_digest(database: Database) -> None:
    with database.read() as session:
        assert digests.newest(session) is None
        assert digests.last_ingested_at(session) is None
        assert digests.last_id(session) is None
        assert digests.days(session) == []
        assert digests.of_day(session, MARCH_11) == []
        assert digests.mentions_since(session, MARCH_10) == []


def test_mentions_since_a_day_come_digest_by_digest_in_order(
    database: Database, paper_ids: list[int]
) -> None:
    first, second, third, _ = paper_ids
    with database.write() as session:
        add(session, "mar-11", MARCH_11, third, first)
        add(session, "mar-10", MARCH_10, second, first)
        add(session, "mar-09", date(2026, 3, 9), second)

    with database.read() as session:
        found = digests.mentions_since(session, MARCH_10)
    assert [
        Mention(paper_id, "AK and the research community", day, rank, upvotes)
        for paper_id, day, rank, upvotes in (
            (second, MARCH_10, 1, 10),
            (first, MARCH_10, 2, 20),
            (third, MARCH_11, 1, 10),
            (first, MARCH_11, 2, 20),
        )
    ] == found


def test_papers_of_a_day_come_once_by_their_best_place_with_their_most_upvotes(
    database: Database, paper_ids: list[int]
) -> None:
    first, second, third, fourth = paper_ids
    with database.write() as session:
        add(session, "morning", MARCH_11, first, second)
        add(session, "evening", MARCH_11, third, first)
        add(session, "mar-10", MARCH_10, fourth)

    with database.read() as session:
        found = digests.papers_of_day(session, MARCH_11)
    assert [("Paper 1", first, 20), ("Paper 3", third, 10), ("Paper 2", second, 20)] == [
        (paper.title, paper.id, upvotes) for paper, upvotes in found
    ]


def test_day_without_a_digest_has_no_papers(database: Database, paper_ids: list[int]) -> None:
    with database.write() as session:
        add(session, "mar-10", MARCH_10, *paper_ids)

    with database.read() as session:
        assert digests.papers_of_day(session, MARCH_11) == []
