"""The newest adopted tuning counts, and after it was withdrawn the one before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from recommender.domain import Tuning
from recommender.store import tunings
from recommender.store.database import Database

NOW = datetime(2026, 3, 11, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def tuning(days: int, *, adopted: bool) -> Tuning:
    return Tuning(
        id=0,
        tuned_at=NOW + days * DAY,
        parameters={"ridge": 0.1 + 0.2, "half_life_days": 90.0 + days},
        ndcg_at_10=0.21,
        ndcg_at_10_before=0.2,
        subscribers=12,
        adopted=adopted,
        note="better by 0.010",
    )


def add(database: Database, *added: Tuning) -> list[Tuning]:
    with database.write() as session:
        return [replace(each, id=tunings.add(session, each)) for each in added]


def test_tuning_comes_back_as_it_was(database: Database) -> None:
    (added,) = add(database, tuning(0, adopted=True))

    with database.read() as session:
        assert added == tunings.adopted(session)
        assert [added] == tunings.history(session, 10)


def test_nothing_is_adopted_where_nothing_was_tuned(database: Database) -> None:
    with database.read() as session:
        assert tunings.adopted(session) is None
        assert tunings.history(session, 10) == []


def test_newest_adopted_tuning_is_used_whatever_was_refused_later(database: Database) -> None:
    _, used, _ = add(
        database, tuning(0, adopted=True), tuning(1, adopted=True), tuning(2, adopted=False)
    )

    with database.read() as session:
        assert used == tunings.adopted(session)


def test_of_two_tunings_of_one_moment_the_later_one_counts(database: Database) -> None:
    _, used = add(database, tuning(0, adopted=True), tuning(0, adopted=True))

    with database.read() as session:
        assert used == tunings.adopted(session)


def test_history_is_newest_first_and_no_longer_than_asked_for(database: Database) -> None:
    newest, oldest, middle = add(
        database, tuning(2, adopted=False), tuning(0, adopted=True), tuning(1, adopted=True)
    )

    with database.read() as session:
        assert [newest, middle, oldest] == tunings.history(session, 3)
        assert [newest, middle] == tunings.history(session, 2)


def test_withdrawn_tuning_gives_way_to_the_adopted_one_before_it(database: Database) -> None:
    first, _, last = add(
        database, tuning(0, adopted=True), tuning(1, adopted=False), tuning(2, adopted=True)
    )
    with database.write() as session:
        tunings.withdraw(session, last.id, "nDCG@10 fell by 0.030 in the week after")

    with database.read() as session:
        assert first == tunings.adopted(session)
        assert tunings.history(session, 1) == [
            replace(last, adopted=False, note="nDCG@10 fell by 0.030 in the week after")
        ]


def test_nothing_is_adopted_once_the_only_tuning_was_withdrawn(database: Database) -> None:
    (only,) = add(database, tuning(0, adopted=True))
    with database.write() as session:
        tunings.withdraw(session, only.id, "worse")

    with database.read() as session:
        assert tunings.adopted(session) is None
