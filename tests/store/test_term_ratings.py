"""The newest word on a term counts, and one that was taken back is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recommender.domain import TermRating
from recommender.errors import StorageError
from recommender.store import query_batches, term_ratings
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("value", [1, -1])
def test_rating_of_a_term_comes_back_as_it_was(
    database: Database, subscriber_ids: list[int], value: int
) -> None:
    rating = TermRating("graph network", "Graph Networks", value, NOW)
    with database.write() as session:
        term_ratings.put(session, subscriber_ids[0], rating)

    with database.read() as session:
        assert [rating] == term_ratings.of_subscriber(session, subscriber_ids[0])
        assert term_ratings.of_subscriber(session, subscriber_ids[1]) == []


def test_newest_rating_of_a_term_replaces_the_one_before(
    database: Database, subscriber_ids: list[int]
) -> None:
    newest = TermRating("prune", "Prune", 1, NOW + HOUR)
    with database.write() as session:
        term_ratings.put(session, subscriber_ids[0], TermRating("prune", "prune", -1, NOW))
    with database.write() as session:
        term_ratings.put(session, subscriber_ids[0], newest)

    with database.read() as session:
        assert [newest] == term_ratings.of_subscriber(session, subscriber_ids[0])


def test_what_is_taken_back_is_that_subscribers_rating_of_that_term_alone(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    kept = TermRating("graph", "graphs", 1, NOW)
    said = TermRating("prune", "prune", -1, NOW)
    with database.write() as session:
        for subscriber_id in (first, second):
            term_ratings.put(session, subscriber_id, said)
        term_ratings.put(session, first, kept)

    with database.write() as session:
        term_ratings.take_back(session, first, "prune")

    with database.read() as session:
        assert {first: [kept], second: [said]} == term_ratings.of_subscribers(
            session, subscriber_ids
        )


def test_ratings_of_terms_come_oldest_first_and_each_subscriber_is_read_once(
    database: Database, subscriber_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_batches, "PARAMETERS_PER_QUERY", 1)
    first, second, silent = subscriber_ids
    old = TermRating("zebra", "zebras", 1, NOW)
    new = TermRating("graph", "graphs", -1, NOW + HOUR)
    same_time = TermRating("prune", "prune", 1, NOW + HOUR)
    with database.write() as session:
        for rating in (same_time, new, old):
            term_ratings.put(session, first, rating)
        term_ratings.put(session, second, new)

    with database.read() as session:
        assert {first: [old, new, same_time], second: [new]} == term_ratings.of_subscribers(
            session, [silent, second, first, second]
        )


def test_rating_of_a_term_needs_its_subscriber(
    database: Database, subscriber_ids: list[int]
) -> None:
    with pytest.raises(StorageError), database.write() as session:
        term_ratings.put(session, subscriber_ids[-1] + 1, TermRating("prune", "prune", 1, NOW))
