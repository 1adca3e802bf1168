"""The outbox as an operator looks through it, and what they change of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from recommender.domain import DeliveryKind, DeliveryState, SubscriberState
from recommender.store import claims, outbox, outbox_changes, outbox_listing, subscribers
from recommender.store.claims import Attempt
from recommender.store.database import Database
from recommender.store.outbox_listing import CameBack, HistoryEntry, Selection
from recommender.store.tables import BounceRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Queue = Callable[..., int]


@pytest.fixture
def queue(database: Database, subscriber_ids: list[int]) -> Queue:
    """Queue a message and give its id; with a state, a server has led to that."""

    def queue(
        recipient: str = "first@example.org",
        state: DeliveryState = DeliveryState.QUEUED,
        *,
        at: datetime = NOW,
        reply: str = "",
        kind: DeliveryKind = DeliveryKind.CONFIRMATION,
    ) -> int:
        with database.write() as session:
            number = sum(outbox_listing.count_by_state(session, Selection()).values()) + 1
            assert outbox.enqueue(
                session,
                subscriber_id=subscriber_ids[0],
                kind=kind,
                key=str(number),
                recipient=recipient,
                message_id=f"<{number}@example.org>",
                now=at,
            )
            [new] = outbox_listing.ids(session, Selection(states=(DeliveryState.QUEUED,)), limit=1)
            if state is not DeliveryState.QUEUED:
                attempt = Attempt(
                    new, at, state, "mx:25", None, None, reply, next_attempt_at=at + MINUTE
                )
                claims.record_attempts(session, [attempt])
        return new

    return queue


def test_the_newest_trouble_comes_first_then_what_nothing_happened_to(
    database: Database, queue: Queue
) -> None:
    failed = queue(state=DeliveryState.FAILED)
    old, new = queue(), queue()
    deferred = queue(state=DeliveryState.DEFERRED)
    with database.write() as session:
        attempt = Attempt(failed, NOW, DeliveryState.FAILED, "mx:25", 550, None, "550 no")
        claims.record_attempts(session, [attempt])
    with database.read() as session:
        assert outbox_listing.ids(session, Selection()) == [failed, deferred, new, old]
        assert outbox_listing.ids(session, Selection(), limit=1) == [failed]


def test_rows_are_read_in_the_order_that_was_asked_for(database: Database, queue: Queue) -> None:
    first, second = queue(), queue(state=DeliveryState.DEFERRED, reply="450 later")
    with database.read() as session:
        rows = outbox_listing.read(session, [second, first, 999])
    assert [row.id for row in rows] == [second, first]
    assert [row.last_event_at for row in rows] == [NOW, None]
    assert (rows[0].last_reply, rows[0].next_attempt_at) == ("450 later", NOW + MINUTE)
    assert (rows[0].attempts, rows[0].recipient_domain) == (1, "example.org")


def test_a_selection_is_what_all_of_its_parts_hold_for(database: Database, queue: Queue) -> None:
    failed = queue("Ann@Example.NET", DeliveryState.FAILED)
    waiting = queue("bob@example.net", kind=DeliveryKind.ISSUE)
    other = queue()
    with database.read() as session:

        def chosen(**parts: object) -> list[int]:
            return sorted(outbox_listing.ids(session, Selection(**parts)))  # type: ignore[arg-type]  # the test's own

        assert chosen() == [failed, waiting, other]
        assert chosen(domains=("example.net",)) == [failed, waiting]
        assert chosen(domains=("example.net",), states=(DeliveryState.FAILED,)) == [failed]
        assert chosen(recipient="ann@example.net") == [failed]
        assert chosen(kinds=(DeliveryKind.ISSUE,)) == [waiting]
        assert chosen(domains=("example.com",)) == []


def test_counts_are_by_state_and_by_domain_with_most_trouble_first(
    database: Database, queue: Queue
) -> None:
    for _ in range(3):
        queue("ann@calm.example")
    queue("bob@ill.example", DeliveryState.FAILED)
    queue("bob@ill.example")
    with database.read() as session:
        by_state = outbox_listing.count_by_state(session, Selection())
        by_domain = outbox_listing.count_by_domain(session, Selection())
    assert by_state == {"queued": 4, "sending": 0, "sent": 0, "deferred": 0, "failed": 1}
    assert list(by_domain.items()) == [
        ("ill.example", {"failed": 1, "queued": 1}),
        ("calm.example", {"queued": 3}),
    ]


def test_details_hold_everything_of_one_delivery(
    database: Database, queue: Queue, subscriber_ids: list[int]
) -> None:
    delivery_id = queue(state=DeliveryState.DEFERRED, reply="450 4.2.0 later")
    with database.write() as session:
        subscribers.set_state(session, subscriber_ids[0], SubscriberState.PAUSED)
        claims.claim_due(session, worker="w", now=NOW + MINUTE, lease_seconds=60, limit=1)
        session.add(
            BounceRow(
                key="mail:1",
                subscriber_id=subscriber_ids[0],
                delivery_id=delivery_id,
                kind="soft",
                weight=0.5,
                enhanced_status_code="4.2.2",
                diagnostic="mailbox full",
                source="dsn",
                received_at=NOW + MINUTE,
                recipient_domain="example.org",
            )
        )
    with database.read() as session:
        found = outbox_listing.find(session, delivery_id=delivery_id)
        by_message_id = outbox_listing.find(session, message_id="<1@example.org>")
        missing = outbox_listing.find(session, delivery_id=999)
    assert found is not None
    assert (found, missing) == (by_message_id, None)
    assert (found.listed.state, found.listed.message_id) == ("sending", "<1@example.org>")
    assert (found.worker, found.leased_until) == ("w", NOW + 2 * MINUTE)
    assert (found.subscriber_email, found.subscriber_state) == ("first@example.org", "paused")
    assert found.history == (HistoryEntry(NOW, "deferred", "mx:25", None, None, "450 4.2.0 later"),)
    assert found.bounces == (CameBack(NOW + MINUTE, "soft", "dsn", "4.2.2", "mailbox full"),)


def test_only_what_waits_or_failed_is_made_due_and_each_leaves_a_line(
    database: Database, queue: Queue
) -> None:
    states = (
        DeliveryState.FAILED,
        DeliveryState.DEFERRED,
        DeliveryState.SENT,
        DeliveryState.SENDING,
    )
    ids = [queue(state=state, reply="250 ok") for state in states]
    later = NOW + 2 * MINUTE
    with database.write() as session:
        assert outbox_changes.make_due(session, ids, now=later, reply="again") == 2
    with database.read() as session:
        found = [outbox_listing.find(session, delivery_id=each) for each in ids]
    assert [each and each.listed.state for each in found] == [
        DeliveryState.QUEUED,
        DeliveryState.DEFERRED,
        DeliveryState.SENT,
        DeliveryState.SENDING,
    ]
    for each in found[:2]:
        assert each is not None
        assert (each.listed.next_attempt_at, each.listed.attempts) == (later, 1)
        assert each.listed.message_id == f"<{each.listed.id}@example.org>"
        assert each.history[-1] == HistoryEntry(later, each.listed.state, "", None, None, "again")
    assert [len(each.history) for each in found if each] == [2, 2, 1, 1]


def test_only_what_waits_is_cancelled(database: Database, queue: Queue) -> None:
    ids = [
        queue(state=state)
        for state in (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.SENDING)
    ]
    with database.write() as session:
        assert outbox_changes.cancel(session, ids, now=NOW + MINUTE, reply="no more") == 2
    with database.read() as session:
        rows = outbox_listing.read(session, ids)
        assert outbox_listing.count_by_state(session, Selection())["failed"] == 2
    assert [(row.state, row.last_reply) for row in rows] == [
        (DeliveryState.FAILED, "no more"),
        (DeliveryState.FAILED, "no more"),
        (DeliveryState.SENDING, ""),
    ]


def test_candidates_are_what_is_still_meant(database: Database, queue: Queue) -> None:
    ids = [queue(state=DeliveryState.FAILED, reply="550 no") for _ in range(3)]
    selection = Selection(states=(DeliveryState.FAILED,))
    with database.write() as session:
        assert outbox_changes.chosen_ids(session, selection) == ids
        outbox_changes.make_due(session, ids[1:2], now=NOW, reply="")
        found = outbox_changes.candidates(session, selection, [ids[2], ids[1], ids[0], 999])
    assert [each.id for each in found] == [ids[0], ids[2]]
    assert (found[0].last_reply, found[0].subscriber_state) == ("550 no", "active")
    assert (found[0].created_at, found[0].next_attempt_at) == (NOW, NOW + MINUTE)
