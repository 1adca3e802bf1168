"""Everything is counted, and every state is named even where nothing is in it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from recommender.domain import DeliveryKind, DeliveryState, Issue, Rating, SubscriberState
from recommender.store import claims, counts, digests, issues, outbox, ratings, subscribers
from recommender.store.claims import Attempt
from recommender.store.counts import Counts
from recommender.store.database import Database
from recommender.store.digests import RankedMention

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
TODAY = date(2026, 3, 11)

NO_SUBSCRIBERS = {"unconfirmed": 0, "active": 0, "paused": 0, "unsubscribed": 0, "suspended": 0}
NO_DELIVERIES = {"queued": 0, "sending": 0, "sent": 0, "deferred": 0, "failed": 0}


def test_empty_database_has_nothing_and_names_every_state(database: Database) -> None:
    with database.read() as session:
        assert Counts(
            papers=0,
            mentions=0,
            digests=0,
            issues=0,
            ratings=0,
            subscribers=NO_SUBSCRIBERS,
            deliveries=NO_DELIVERIES,
            in_doubt=0,
        ) == counts.row_counts(session)


def test_rows_are_counted_by_noun_and_state(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    with database.write() as session:
        digests.add(
            session,
            sha256="mar-11",
            format="digest text",
            source="incoming",
            file_name="mar-11.txt",
            curator="AK",
            day=TODAY,
            ingested_at=NOW,
            mentions=[RankedMention(paper_ids[rank - 1], rank, 0) for rank in (1, 2, 3)],
        )
        for number in (1, 2):
            issues.add(session, Issue(0, subscriber_ids[0], number, TODAY, "AK", NOW, 0, 0, 0))
        for subscriber_id in subscriber_ids:
            ratings.put(session, subscriber_id, Rating(paper_ids[0], 1, False, NOW))
        subscribers.set_state(session, subscriber_ids[0], SubscriberState.PAUSED)

    with database.read() as session:
        assert Counts(
            papers=4,
            mentions=3,
            digests=1,
            issues=2,
            ratings=3,
            subscribers=NO_SUBSCRIBERS | {"active": 2, "paused": 1},
            deliveries=NO_DELIVERIES,
            in_doubt=0,
        ) == counts.row_counts(session)


def test_deliveries_are_counted_in_the_state_that_they_reached(
    database: Database, subscriber_ids: list[int]
) -> None:
    reached = [DeliveryState.SENT, DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED]
    with database.write() as session:
        for number in range(7):
            outbox.enqueue(
                session,
                subscriber_id=subscriber_ids[0],
                kind=DeliveryKind.CONFIRMATION,
                key=str(number),
                recipient="first@example.org",
                message_id=f"<{number}@example.org>",
                now=NOW,
            )
        claimed = claims.claim_due(session, worker="w", now=NOW, lease_seconds=60, limit=5)
        claims.record_attempts(
            session,
            [
                Attempt(delivery.id, NOW, state, "localhost:25", None, None, "")
                for delivery, state in zip(claimed[:4], reached, strict=True)
            ],
        )

    expected = {"queued": 2, "sending": 1, "sent": 2, "deferred": 1, "failed": 1}
    with database.read() as session:
        assert expected == counts.deliveries_by_state(session)
        assert expected == counts.row_counts(session).deliveries
