"""Libraries and what is in them, as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import KnownPaper, LibraryAddress, Preferences, SubscriberState
from recommender.store import libraries, papers, subscribers
from recommender.store.database import Database
from recommender.store.libraries import LibraryItem
from recommender.store.papers import NewPaper

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GROUP = LibraryAddress("groups/7")


def paper(number: int, abstract: str = "") -> NewPaper:
    title = f"Paper {number}"
    return NewPaper(title, title.lower(), abstract, (), None, None, None, None, NOW)


@pytest.fixture
def owners(database: Database) -> list[int]:
    with database.write() as session:
        papers.add(session, [paper(1), paper(2), paper(3, "It has an abstract.")])
        found = [
            subscribers.add(
                session,
                email=f"{name}@example.org",
                email_key=f"{name}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=Preferences(7, frozenset({0}), "UTC", 10),
                interests="",
                now=NOW,
            ).id
            for name in ("ada", "ben", "cleo")
        ]
        for number, owner in enumerate(found):
            libraries.give(session, owner, GROUP, sealed_key=None, now=NOW + number * DAY)
    return found


def id_of(session: Any, owner: int) -> int:
    library = libraries.of_subscriber(session, owner)
    assert library is not None
    return library.id


def test_another_library_takes_the_place_of_the_first_and_has_another_id(
    database: Database, owners: list[int]
) -> None:
    with database.write() as session:
        first = id_of(session, owners[-1])
        libraries.put_items(session, first, [LibraryItem("A", NOW, paper_id=1)])
        libraries.give(session, owners[-1], LibraryAddress("users/9"), sealed_key="x", now=NOW)
        second = libraries.of_subscriber(session, owners[-1])
        assert second is not None
        assert second.id > first
        assert (second.address.owner, second.sealed_key, second.version) == ("users/9", "x", 0)
        assert libraries.known_papers(session, owners, most=9) == {}
        assert libraries.by_id(session, first) is None


def test_what_is_due_is_taken_once_and_given_back_when_its_reader_was_killed(
    database: Database, owners: list[int]
) -> None:
    until = NOW + timedelta(minutes=30)

    def claim(now: datetime, **options: Any) -> list[int]:
        with database.write() as session:
            options = {"limit": 9, **options}
            found = libraries.claim_due(session, now=now, until=now + (until - NOW), **options)
        return [each.subscriber_id for each in found]

    assert claim(NOW) == [owners[0]]
    assert claim(NOW) == []
    assert claim(NOW + 5 * DAY, limit=2) == owners[:1] + owners[1:2]
    with database.write() as session:
        libraries.change(session, id_of(session, owners[0]), last_synced_at=NOW, next_sync_at=NOW)
        libraries.change(session, id_of(session, owners[1]), is_stopped=True)
    assert claim(NOW + 9 * DAY, only_new=True) == [owners[2]]
    assert claim(NOW + 9 * DAY) == [owners[0]]
    with database.read() as session:
        assert libraries.synced_since(session, NOW) == 0
        assert libraries.synced_since(session, NOW - DAY) == 1


@pytest.mark.parametrize("state", [SubscriberState.SUSPENDED, SubscriberState.UNCONFIRMED])
def test_nobodys_library_is_read_who_gets_no_mails(
    database: Database, owners: list[int], state: SubscriberState
) -> None:
    with database.write() as session:
        subscribers.set_state(session, owners[0], state)
        assert libraries.claim_due(session, now=NOW, until=NOW, limit=9) == []
        assert libraries.next_due_at(session) == NOW + DAY


def test_a_paper_counts_once_from_when_it_was_added_last(
    database: Database, owners: list[int]
) -> None:
    items = [
        LibraryItem("A", NOW - 3 * DAY, paper_id=1),
        LibraryItem("B", NOW - DAY, paper_id=1),
        LibraryItem("C", NOW - 2 * DAY, paper_id=2),
        LibraryItem("D", NOW, doi="10.1000/unknown"),
    ]
    with database.write() as session:
        libraries.put_items(session, id_of(session, owners[1]), items)
        assert libraries.count_papers(session, id_of(session, owners[1])) == 2
        assert libraries.known_papers(session, owners, most=9) == {
            owners[1]: [KnownPaper(1, NOW - DAY), KnownPaper(2, NOW - 2 * DAY)]
        }
        assert libraries.known_papers(session, owners, most=1) == {
            owners[1]: [KnownPaper(1, NOW - DAY)]
        }


def test_what_was_looked_up_stays_until_the_identifier_changes(
    database: Database, owners: list[int]
) -> None:
    item = LibraryItem("A", NOW, doi="10.1000/a")
    with database.write() as session:
        library = id_of(session, owners[0])
        libraries.put_items(session, library, [item])
        assert libraries.to_look_up(session, library, before=NOW, limit=9) == [item]
        libraries.note_lookup(session, library, ["A"], {"A": 2}, now=NOW)
        libraries.put_items(session, library, [item])
        assert libraries.known_papers(session, owners, most=9)[owners[0]] == [KnownPaper(2, NOW)]
        assert libraries.to_look_up(session, library, before=NOW, limit=9) == []
        assert len(libraries.to_look_up(session, library, before=NOW + DAY, limit=9)) == 1
        other = LibraryItem("A", NOW, doi="10.1000/b")
        libraries.put_items(session, library, [other])
        assert libraries.to_look_up(session, library, before=NOW, limit=9) == [other]


def test_only_what_lacks_an_abstract_and_has_an_identifier_is_looked_up(
    database: Database, owners: list[int]
) -> None:
    items = [
        LibraryItem("A", NOW, paper_id=3, doi="10.1000/a"),
        LibraryItem("B", NOW, paper_id=1),
        LibraryItem("C", NOW, paper_id=1, arxiv_id="2603.00001"),
    ]
    with database.write() as session:
        library = id_of(session, owners[0])
        libraries.put_items(session, library, items)
        found = libraries.to_look_up(session, library, before=NOW, limit=9)
    assert [each.key for each in found] == ["C"]


def test_only_the_newest_items_and_those_still_there_are_kept(
    database: Database, owners: list[int]
) -> None:
    items = [LibraryItem(key, NOW - number * DAY, paper_id=1) for number, key in enumerate("ABCD")]
    with database.write() as session:
        library = id_of(session, owners[0])
        libraries.put_items(session, library, items)
        libraries.keep_items(session, library, keys={"A", "C", "D"}, most=2)
        left = [LibraryItem("A", NOW, paper_id=1), LibraryItem("C", NOW - 2 * DAY, paper_id=1)]
        libraries.drop_items(session, library, ["A", "unknown"])
        known = libraries.known_papers(session, owners, most=9)
    assert known == {owners[0]: [KnownPaper(1, left[1].added_at)]}
