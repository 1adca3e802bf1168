"""The newest rating of a paper counts, and a withdrawn one is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain import Rating, TermRating
from recommender.errors import StorageError
from recommender.store import query_batches, ratings, term_ratings
from recommender.store.database import Database
from recommender.store.tables import SubscriberRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("value", "saved"), [(1, False), (-1, False), (0, True), (1, True)])
def test_rating_comes_back_as_it_was(
    database: Database, subscriber_ids: list[int], paper_ids: list[int], value: int, saved: bool
) -> None:
    rating = Rating(paper_ids[0], value, saved, NOW)
    with database.write() as session:
        ratings.put(session, subscriber_ids[0], rating)

    with database.read() as session:
        assert rating == ratings.of_paper(session, subscriber_ids[0], paper_ids[0])
        assert ratings.of_paper(session, subscriber_ids[0], paper_ids[1]) is None
        assert ratings.of_paper(session, subscriber_ids[1], paper_ids[0]) is None


def test_newest_rating_replaces_the_one_before(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    newest = Rating(paper_ids[0], -1, True, NOW + HOUR)
    with database.write() as session:
        ratings.put(session, subscriber_ids[0], Rating(paper_ids[0], 1, False, NOW))
    with database.write() as session:
        ratings.put(session, subscriber_ids[0], newest)

    with database.read() as session:
        assert [newest] == ratings.of_subscriber(session, subscriber_ids[0])


def test_nothing_said_and_not_saved_takes_the_rating_back(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    kept = Rating(paper_ids[1], 1, False, NOW)
    with database.write() as session:
        for subscriber_id in subscriber_ids:
            ratings.put(session, subscriber_id, Rating(paper_ids[0], 1, True, NOW))
        ratings.put(session, subscriber_ids[0], kept)

    with database.write() as session:
        ratings.put(session, subscriber_ids[0], Rating(paper_ids[0], 0, False, NOW))

    with database.read() as session:
        assert [kept] == ratings.of_subscriber(session, subscriber_ids[0])
        assert len(ratings.of_subscriber(session, subscriber_ids[1])) == 1


def test_taking_back_what_was_never_said_changes_nothing(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    with database.write() as session:
        ratings.put(session, subscriber_ids[0], Rating(paper_ids[0], 0, False, NOW))

    with database.read() as session:
        assert ratings.of_subscriber(session, subscriber_ids[0]) == []


# The rows that the fixtures give are read only, and every example rolls its own back.
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([-1, 0, 1]), st.booleans()), max_size=12
    )
)
def test_last_thing_said_of_each_paper_stands_within_one_transaction(
    database: Database,
    subscriber_ids: list[int],
    paper_ids: list[int],
    said: list[tuple[int, int, bool]],
) -> None:
    standing: dict[int, Rating] = {}
    with database.write() as session:
        for step, (index, value, saved) in enumerate(said):
            rating = Rating(paper_ids[index], value, saved, NOW + step * HOUR)
            ratings.put(session, subscriber_ids[0], rating)
            standing.pop(rating.paper_id, None)
            if value or saved:
                standing[rating.paper_id] = rating
        found = ratings.of_subscriber(session, subscriber_ids[0])
        session.rollback()

    assert list(standing.values()) == found


@pytest.mark.parametrize("unknown", ["subscriber", "paper"])
def test_rating_needs_its_subscriber_and_its_paper(
    database: Database, subscriber_ids: list[int], paper_ids: list[int], unknown: str
) -> None:
    subscriber_id = subscriber_ids[0] if unknown == "paper" else subscriber_ids[-1] + 1
    paper_id = paper_ids[0] if unknown == "subscriber" else paper_ids[-1] + 1

    with pytest.raises(StorageError), database.write() as session:
        ratings.put(session, subscriber_id, Rating(paper_id, 1, False, NOW))


def test_ratings_of_several_subscribers_come_oldest_first(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, silent = subscriber_ids
    old = Rating(paper_ids[2], 1, False, NOW)
    new = Rating(paper_ids[0], -1, False, NOW + HOUR)
    same_time = Rating(paper_ids[1], 1, False, NOW + HOUR)
    with database.write() as session:
        for rating in (same_time, new, old):
            ratings.put(session, first, rating)
        ratings.put(session, second, new)

    with database.read() as session:
        assert {first: [old, new, same_time], second: [new]} == ratings.of_subscribers(
            session, [silent, second, first]
        )


def test_subscriber_named_twice_is_read_once(
    database: Database,
    subscriber_ids: list[int],
    paper_ids: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(query_batches, "PARAMETERS_PER_QUERY", 1)
    rating = Rating(paper_ids[0], 1, False, NOW)
    with database.write() as session:
        ratings.put(session, subscriber_ids[0], rating)

    with database.read() as session:
        assert {subscriber_ids[0]: [rating]} == ratings.of_subscribers(
            session, [subscriber_ids[0]] * 2
        )


def test_community_votes_give_everybody_one_voice_for_a_paper_and_by_their_record(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    liked, disliked, saved, unrated = paper_ids
    first, second, third = subscriber_ids
    with database.write() as session:
        for subscriber_id, rating in (
            (first, Rating(liked, 1, True, NOW)),
            (second, Rating(liked, 1, False, NOW)),
            (third, Rating(liked, -1, False, NOW)),
            (first, Rating(disliked, -1, False, NOW)),
            (second, Rating(disliked, -1, False, NOW)),
            (third, Rating(saved, 0, True, NOW)),
        ):
            ratings.put(session, subscriber_id, rating)
        for subscriber_id, issues in ((first, 10), (second, 3), (third, 200)):
            session.get_one(SubscriberRow, subscriber_id).issues_composed = issues

    with database.read() as session:
        votes = ratings.community_votes(session)
    assert votes == pytest.approx({liked: 1 + 0.3 - 1, disliked: -1.3, saved: 1})
    assert unrated not in votes


def test_last_rated_is_the_latest_rating_that_stands(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    with database.write() as session:
        ratings.put(session, subscriber_ids[0], Rating(paper_ids[0], 1, False, NOW + HOUR))
        ratings.put(session, subscriber_ids[0], Rating(paper_ids[1], 1, False, NOW))
        ratings.put(session, subscriber_ids[1], Rating(paper_ids[1], 1, False, NOW + 2 * HOUR))

    with database.read() as session:
        assert ratings.last_rated_at(session, subscriber_ids[0]) == NOW + HOUR
        assert ratings.last_rated_at(session, subscriber_ids[2]) is None


def test_last_rated_counts_what_was_said_of_a_term(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, third = subscriber_ids
    with database.write() as session:
        ratings.put(session, first, Rating(paper_ids[0], 1, False, NOW))
        term_ratings.put(session, first, TermRating("pruning", "pruning", -1, NOW + HOUR))
        ratings.put(session, second, Rating(paper_ids[0], 1, False, NOW + HOUR))
        term_ratings.put(session, second, TermRating("pruning", "pruning", -1, NOW))
        term_ratings.put(session, third, TermRating("pruning", "pruning", 1, NOW))

    with database.read() as session:
        assert [ratings.last_rated_at(session, each) for each in subscriber_ids] == [
            NOW + HOUR,
            NOW + HOUR,
            NOW,
        ]
