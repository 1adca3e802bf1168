"""How well subscribers are served is kept by day, and read as the newest and as means."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from recommender.domain import SubscriberQuality
from recommender.errors import StorageError
from recommender.store import qualities, subscribers
from recommender.store.database import Database
from recommender.store.qualities import MeanQuality

TODAY = date(2026, 3, 11)
DAY = timedelta(days=1)


def quality(subscriber_id: int, ndcg_at_10: float = 0.5, *, days_ago: int = 0) -> SubscriberQuality:
    return SubscriberQuality(
        subscriber_id=subscriber_id,
        measured_on=TODAY - days_ago * DAY,
        issues=4,
        likes=7,
        ndcg_at_10=ndcg_at_10,
        recall_at_50=0.1 + 0.2,
        mrr=1 / 3,
        auc=0.9,
    )


def put(database: Database, *measured: SubscriberQuality) -> None:
    with database.write() as session:
        qualities.put_all(session, measured)


def newest(database: Database) -> list[SubscriberQuality]:
    with database.read() as session:
        everybody = [row.id for row in subscribers.every(session)]
        return [each for _, each in sorted(qualities.newest(session, everybody).items())]


def test_figures_come_back_as_they_were(database: Database, subscriber_ids: list[int]) -> None:
    measured = [quality(subscriber_id) for subscriber_id in subscriber_ids]
    put(database, *reversed(measured))

    assert measured == newest(database)


def test_nothing_measured_is_no_figures(database: Database, subscriber_ids: list[int]) -> None:
    del subscriber_ids
    put(database)

    assert newest(database) == []
    with database.read() as session:
        assert qualities.means(session, 7) == []


def test_measuring_again_replaces_the_figures_of_that_subscriber_and_day(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    put(database, quality(first, 0.25), quality(second, 0.25), quality(first, 1.0, days_ago=1))
    put(database, quality(first, 0.75))

    assert [quality(first, 0.75), quality(second, 0.25)] == newest(database)
    with database.read() as session:
        assert [day.ndcg_at_10 for day in qualities.means(session, 7)] == [0.5, 1.0]


def test_newest_figures_of_a_subscriber_may_be_older_than_those_of_others(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    seldom = quality(second, 0.25, days_ago=3)
    put(database, quality(first, 0.1, days_ago=3), seldom, quality(first, 0.9))

    assert [quality(first, 0.9), seldom] == newest(database)


def test_means_are_over_who_was_measured_that_day(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, third = subscriber_ids
    put(
        database,
        quality(first, 0.25),
        replace(quality(second, 0.75), recall_at_50=0.5, mrr=1.0, auc=0.5),
        replace(quality(third, 0.5, days_ago=2), recall_at_50=0.25, mrr=0.125, auc=1.0),
    )

    with database.read() as session:
        today, before = qualities.means(session, 7)
    assert (today.measured_on, today.subscribers, today.ndcg_at_10) == (TODAY, 2, 0.5)
    assert pytest.approx([today.recall_at_50, today.mrr, today.auc]) == [
        (0.3 + 0.5) / 2,
        (1 / 3 + 1.0) / 2,
        (0.9 + 0.5) / 2,
    ]
    assert MeanQuality(TODAY - 2 * DAY, 1, 0.5, 0.25, 0.125, 1.0, 0, 0, 0.0) == before


def test_signals_are_counted_where_they_are_known(
    database: Database, subscriber_ids: list[int]
) -> None:
    """A gain of nought is none; figures of an older version know nothing of it."""
    gains = (0.0, 0.2, None)
    put(
        database,
        *(
            replace(quality(subscriber_id), interest_gain=gain)
            for subscriber_id, gain in zip(subscriber_ids, gains, strict=True)
        ),
    )

    assert [each.poor_signal for each in newest(database)] == [True, False, None]
    with database.read() as session:
        (today,) = qualities.means(session, 7)
        assert set(qualities.newest(session, subscriber_ids[1:])) == set(subscriber_ids[1:])
    assert (today.signals, today.poor_signals) == (2, 1)


def test_means_go_back_so_many_measured_days(database: Database, subscriber_ids: list[int]) -> None:
    put(database, *(quality(subscriber_ids[0], days_ago=ago) for ago in (0, 1, 5, 9)))

    with database.read() as session:
        days = [day.measured_on for day in qualities.means(session, 3)]
    assert days == [TODAY, TODAY - DAY, TODAY - 5 * DAY]


def test_figures_need_their_subscriber(database: Database, subscriber_ids: list[int]) -> None:
    with pytest.raises(StorageError):
        put(database, quality(subscriber_ids[0]), quality(subscriber_ids[-1] + 1))

    assert newest(database) == []


def test_variance_between_subscribers_is_that_of_their_figures(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, *_ = subscriber_ids
    put(database, quality(first, 0.25), quality(second, 0.75))
    with database.read() as session:
        (today,) = qualities.means(session, 1)

    assert (today.ndcg_at_10, today.ndcg_variance) == (0.5, 0.0625)
