"""The outbox: every message once, claimed by one worker, and lost by nobody's death."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from recommender.domain import Delivery, DeliveryKind, DeliveryState, Issue
from recommender.errors import StorageError
from recommender.store import claims, erasing, issues, outbox
from recommender.store.claims import Attempt
from recommender.store.database import Database
from recommender.store.tables import DeliveryAttemptRow, DeliveryRow

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
QUEUED, SENDING, SENT, DEFERRED, FAILED = DeliveryState

MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=600)


def enqueue(
    session: Session,
    subscriber_id: int,
    key: str,
    kind: DeliveryKind = DeliveryKind.CONFIRMATION,
    *,
    now: datetime = NOW,
    issue_id: int | None = None,
) -> bool:
    return outbox.enqueue(
        session,
        subscriber_id=subscriber_id,
        kind=kind,
        key=key,
        recipient="reader@example.org",
        message_id=f"<{subscriber_id}.{kind}.{key}@example.org>",
        now=now,
        issue_id=issue_id,
    )


def claim(
    session: Session, worker: str = "worker", *, now: datetime = NOW, limit: int = 100
) -> list[Delivery]:
    return claims.claim_due(
        session, worker=worker, now=now, lease_seconds=LEASE.total_seconds(), limit=limit
    )


def attempt(
    delivery: Delivery, state: DeliveryState, *, again_at: datetime | None = None
) -> Attempt:
    at = NOW + MINUTE
    reply = "451 4.7.1 come back later"
    return Attempt(delivery.id, at, state, "localhost:25", 451, "4.7.1", reply, again_at)


def alive(*workers: str) -> Callable[[str], bool]:
    return lambda worker: worker in workers


@pytest.fixture
def queue(database: Database, subscriber_ids: list[int]) -> list[Delivery]:
    """Queue four confirmations for the first subscriber."""
    with database.write() as session:
        for number in range(4):
            enqueue(session, subscriber_ids[0], str(number))
        return outbox.of_subscriber(session, subscriber_ids[0])


def states(database: Database, subscriber_id: int) -> list[DeliveryState]:
    with database.read() as session:
        return [delivery.state for delivery in outbox.of_subscriber(session, subscriber_id)]


def history(database: Database, delivery: Delivery) -> list[tuple[str, str, int | None]]:
    with database.read() as session:
        rows = session.exec(
            select(DeliveryAttemptRow)
            .where(DeliveryAttemptRow.delivery_id == delivery.id)
            .order_by(col(DeliveryAttemptRow.id))
        )
        return [(row.state, row.reply, row.reply_code) for row in rows]


def times_in_doubt(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.exec(select(DeliveryRow.times_in_doubt).order_by(col(DeliveryRow.id))))


def test_queued_message_comes_back_as_it_was(database: Database, subscriber_ids: list[int]) -> None:
    with database.write() as session:
        issue = Issue(0, subscriber_ids[0], 1, date(2026, 3, 11), "AK", NOW, 0, 0, 0)
        issue_id = issues.add(session, issue)
        assert enqueue(session, subscriber_ids[0], "1", DeliveryKind.ISSUE, issue_id=issue_id)

    with database.read() as session:
        (found,) = outbox.of_subscriber(session, subscriber_ids[0])
    assert (
        Delivery(
            id=found.id,
            subscriber_id=subscriber_ids[0],
            kind=DeliveryKind.ISSUE,
            key="1",
            recipient="reader@example.org",
            message_id=f"<{subscriber_ids[0]}.issue.1@example.org>",
            issue_id=issue_id,
            state=QUEUED,
            created_at=NOW,
            next_attempt_at=NOW,
            attempts=0,
            last_reply="",
            recipient_domain="example.org",
        )
        == found
    )


def test_message_is_queued_once_per_subscriber_kind_and_key(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    with database.write() as session:
        assert enqueue(session, first, "1", DeliveryKind.WELCOME)
        assert not enqueue(session, first, "1", DeliveryKind.WELCOME, now=NOW + MINUTE)
        assert enqueue(session, first, "2", DeliveryKind.WELCOME)
        assert enqueue(session, first, "1", DeliveryKind.ISSUE)
        assert enqueue(session, second, "1", DeliveryKind.WELCOME)

    with database.read() as session:
        found = outbox.of_subscriber(session, first)
    assert [(delivery.kind, delivery.key, delivery.created_at) for delivery in found] == [
        (DeliveryKind.WELCOME, "1", NOW),
        (DeliveryKind.WELCOME, "2", NOW),
        (DeliveryKind.ISSUE, "1", NOW),
    ]


def test_message_that_is_queued_already_leaves_the_transaction_usable(
    database: Database, subscriber_ids: list[int], queue: list[Delivery]
) -> None:
    with database.write() as session:
        assert enqueue(session, subscriber_ids[1], "before")
        assert not enqueue(session, subscriber_ids[0], queue[0].key)
        assert enqueue(session, subscriber_ids[1], "after")

    with database.read() as session:
        found = outbox.of_subscriber(session, subscriber_ids[1])
    assert [delivery.key for delivery in found] == ["before", "after"]


def test_message_to_nobody_is_an_error_and_not_taken_for_queued(
    database: Database, subscriber_ids: list[int]
) -> None:
    with pytest.raises(StorageError), database.write() as session:
        enqueue(session, subscriber_ids[-1] + 1, "1")


def test_second_message_with_a_message_id_is_an_error_and_not_taken_for_queued(
    database: Database, queue: list[Delivery]
) -> None:
    with pytest.raises(StorageError, match="message_id"), database.write() as session:
        outbox.enqueue(
            session,
            subscriber_id=queue[0].subscriber_id,
            kind=queue[0].kind,
            key="another",
            recipient=queue[0].recipient,
            message_id=queue[0].message_id,
            now=NOW,
        )


def test_claimed_deliveries_are_sending_and_claimed_no_second_time(
    database: Database, subscriber_ids: list[int], queue: list[Delivery]
) -> None:
    with database.write() as session:
        claimed = claim(session, limit=3)
    with database.write() as session:
        rest = claim(session)

    assert [delivery.id for delivery in queue[:3]] == [delivery.id for delivery in claimed]
    assert [queue[3].id] == [delivery.id for delivery in rest]
    assert {SENDING} == {delivery.state for delivery in claimed + rest}
    assert states(database, subscriber_ids[0]) == [SENDING] * 4


def test_claim_in_the_transaction_that_queued_gives_what_is_stored(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        enqueue(session, subscriber_ids[0], "1")
        claimed = claim(session)
        assert outbox.of_subscriber(session, subscriber_ids[0]) == claimed

    assert [delivery.state for delivery in claimed] == [SENDING]


def test_claimers_at_once_never_get_the_same_delivery(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        for number in range(60):
            enqueue(session, subscriber_ids[0], str(number))
    start = Barrier(4)

    def claim_everything(worker: str) -> list[int]:
        mine: list[int] = []
        start.wait()
        while True:
            with database.write() as session:
                claimed = claim(session, worker, limit=4)
            if not claimed:
                return mine
            mine += [delivery.id for delivery in claimed]

    with ThreadPoolExecutor(4) as pool:
        claims = [each for some in pool.map(claim_everything, "abcd") for each in some]

    with database.read() as session:
        everything = [delivery.id for delivery in outbox.of_subscriber(session, subscriber_ids[0])]
    assert everything == sorted(claims)


def test_answers_go_before_newsletters_and_older_before_younger(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        enqueue(session, subscriber_ids[0], "1", DeliveryKind.ISSUE, now=NOW - 2 * MINUTE)
        enqueue(session, subscriber_ids[0], "young", now=NOW)
        enqueue(session, subscriber_ids[0], "old", now=NOW - MINUTE)
        enqueue(session, subscriber_ids[0], "as old", now=NOW - MINUTE)

    with database.write() as session:
        keys = [delivery.key for delivery in claim(session, limit=3)]
        keys += [delivery.key for delivery in claim(session)]
    assert keys == ["old", "as old", "young", "1"]


def test_delivery_is_claimed_when_it_is_due_and_not_before(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        enqueue(session, subscriber_ids[0], "1")

        assert claim(session, now=NOW - timedelta(microseconds=1)) == []
        assert len(claim(session, now=NOW)) == 1


@pytest.mark.parametrize("state", [SENT, FAILED])
def test_finished_delivery_is_never_claimed_again(
    database: Database, queue: list[Delivery], state: DeliveryState
) -> None:
    with database.write() as session:
        claimed = claim(session)
        claims.record_attempts(session, [attempt(delivery, state) for delivery in claimed])

        assert claim(session, now=NOW + timedelta(days=30)) == []
    assert [state] * 4 == states(database, queue[0].subscriber_id)


def test_deferred_delivery_is_claimed_again_when_its_time_comes(
    database: Database, queue: list[Delivery]
) -> None:
    due_at = NOW + 10 * MINUTE
    with database.write() as session:
        (claimed,) = claim(session, limit=1)
        deferred = attempt(claimed, DEFERRED, again_at=due_at)
        claims.record_attempts(session, [deferred])
        claim(session)

        assert claim(session, now=due_at - timedelta(microseconds=1)) == []
        (again,) = claim(session, now=due_at)
    assert (queue[0].id, queue[0].message_id) == (again.id, again.message_id)
    assert (again.attempts, again.last_reply) == (1, "451 4.7.1 come back later")


def test_attempts_append_to_the_history_and_move_the_delivery(
    database: Database, queue: list[Delivery]
) -> None:
    delivery, other = queue[:2]
    accepted = Attempt(delivery.id, NOW + 2 * MINUTE, SENT, "localhost:25", 250, None, "250 OK")
    unreachable = Attempt(other.id, NOW, DEFERRED, "", None, None, "no route", NOW + MINUTE)
    with database.write() as session:
        claim(session)
        deferred = attempt(delivery, DEFERRED, again_at=NOW + 2 * MINUTE)
        claims.record_attempts(session, [deferred, unreachable])
    with database.write() as session:
        claim(session, now=NOW + 2 * MINUTE)
        claims.record_attempts(session, [accepted])

    with database.read() as session:
        found = outbox.of_subscriber(session, delivery.subscriber_id)
    assert [(each.state, each.attempts, each.last_reply) for each in found[:2]] == [
        (SENT, 2, "250 OK"),
        (SENDING, 1, "no route"),
    ]
    assert history(database, delivery) == [
        ("deferred", "451 4.7.1 come back later", 451),
        ("sent", "250 OK", 250),
    ]
    assert history(database, other) == [("deferred", "no route", None)]
    assert history(database, queue[2]) == []


def test_recording_no_attempts_changes_nothing(database: Database, queue: list[Delivery]) -> None:
    with database.write() as session:
        claims.record_attempts(session, [])

    with database.read() as session:
        assert queue == outbox.of_subscriber(session, queue[0].subscriber_id)


def test_sent_delivery_stays_sent_when_a_worker_that_lost_it_reports_late(
    database: Database, queue: list[Delivery]
) -> None:
    with database.write() as session:
        (late,) = claim(session, "late", limit=1)
        claims.reclaim(session, now=NOW, is_alive=alive())
        (prompt,) = claim(session, "prompt", limit=1)
        claims.record_attempts(session, [attempt(prompt, SENT)])
        deferred = attempt(late, DEFERRED, again_at=NOW)
        claims.record_attempts(session, [deferred])

    assert late.id == prompt.id
    assert SENT is states(database, queue[0].subscriber_id)[0]
    assert [told[0] for told in history(database, late)] == ["queued", "sent", "deferred"]


def test_attempts_are_recorded_though_one_subscriber_was_erased_meanwhile(
    database: Database, subscriber_ids: list[int]
) -> None:
    leaves, stays, _ = subscriber_ids
    with database.write() as session:
        enqueue(session, leaves, "1")
        enqueue(session, stays, "1")
        claimed = claim(session)
    with database.write() as session:
        erasing.erase_subscriber(session, leaves)

    with database.write() as session:
        attempts = [attempt(delivery, SENT) for delivery in claimed]
        claims.record_attempts(session, attempts)

    assert history(database, claimed[0]) == []
    assert len(history(database, claimed[1])) == 1
    assert states(database, stays) == [SENT]


def test_release_puts_back_what_the_holder_names(database: Database, queue: list[Delivery]) -> None:
    with database.write() as session:
        mine = claim(session, "me", limit=2)
        theirs = claim(session, "they", limit=1)
        claims.release(session, [mine[0].id, theirs[0].id, queue[3].id], worker="me")

    assert states(database, queue[0].subscriber_id) == [QUEUED, SENDING, SENDING, QUEUED]
    with database.write() as session:
        assert [mine[0].id, queue[3].id] == [delivery.id for delivery in claim(session, "next")]


def test_released_delivery_was_not_attempted(database: Database, queue: list[Delivery]) -> None:
    with database.write() as session:
        claims.release(session, [delivery.id for delivery in claim(session)], worker="worker")

    with database.read() as session:
        assert queue == outbox.of_subscriber(session, queue[0].subscriber_id)


def test_recorded_delivery_cannot_be_released(database: Database, queue: list[Delivery]) -> None:
    with database.write() as session:
        (claimed,) = claim(session, limit=1)
        claims.record_attempts(session, [attempt(claimed, SENT)])
        claims.release(session, [claimed.id], worker="worker")

    assert SENT is states(database, queue[0].subscriber_id)[0]


def test_reclaim_queues_what_a_dead_worker_held(database: Database, queue: list[Delivery]) -> None:
    with database.write() as session:
        held = claim(session, "dead", limit=2)
        claim(session, "alive", limit=1)
        assert claims.reclaim(session, now=NOW, is_alive=alive("alive")) == 2

    assert states(database, queue[0].subscriber_id) == [QUEUED, QUEUED, SENDING, QUEUED]
    assert times_in_doubt(database) == [1, 1, 0, 0]
    with database.write() as session:
        again = claim(session, "next", limit=2)
    assert [delivery.message_id for delivery in held] == [each.message_id for each in again]


def test_reclaim_queues_what_is_held_past_its_lease(
    database: Database, queue: list[Delivery]
) -> None:
    with database.write() as session:
        claim(session, "slow", limit=1)
        claim(session, "slow", now=NOW + MINUTE, limit=1)

        assert claims.reclaim(session, now=NOW + LEASE, is_alive=alive("slow")) == 0
        past_first = NOW + LEASE + timedelta(microseconds=1)
        assert claims.reclaim(session, now=past_first, is_alive=alive("slow")) == 1
    assert states(database, queue[0].subscriber_id)[:2] == [QUEUED, SENDING]


def test_reclaim_leaves_what_nobody_holds(database: Database, queue: list[Delivery]) -> None:
    with database.write() as session:
        sent, deferred = claim(session, limit=2)
        claims.record_attempts(
            session,
            [attempt(sent, SENT), attempt(deferred, DEFERRED, again_at=NOW + MINUTE)],
        )
        assert claims.reclaim(session, now=NOW + 2 * LEASE, is_alive=alive()) == 0

    assert states(database, queue[0].subscriber_id) == [SENT, DEFERRED, QUEUED, QUEUED]


def test_expedite_makes_deferred_deliveries_due_and_leaves_the_others(
    database: Database, subscriber_ids: list[int], queue: list[Delivery]
) -> None:
    with database.write() as session:
        deferred, failed = claim(session, limit=2)
        claims.record_attempts(
            session,
            [attempt(deferred, DEFERRED, again_at=NOW + LEASE), attempt(failed, FAILED)],
        )
        enqueue(session, subscriber_ids[1], "later", now=NOW + LEASE)
        outbox.expedite(session, now=NOW + MINUTE)

        assert [queue[2].id, queue[3].id, deferred.id] == [
            delivery.id for delivery in claim(session, now=NOW + MINUTE)
        ]


@pytest.mark.usefixtures("queue")
def test_next_attempt_is_the_earliest_that_waits(database: Database) -> None:
    with database.read() as session:
        assert outbox.next_attempt_at(session) == NOW

    with database.write() as session:
        first, second, third, fourth = claim(session)
        assert outbox.next_attempt_at(session) is None
        claims.record_attempts(
            session,
            [
                attempt(first, DEFERRED, again_at=NOW + 2 * MINUTE),
                attempt(second, DEFERRED, again_at=NOW + MINUTE),
                attempt(third, SENT),
                attempt(fourth, FAILED),
            ],
        )
        assert outbox.next_attempt_at(session) == NOW + MINUTE


def test_giving_up_fails_the_newsletters_that_wait_for_one_subscriber(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, _ = subscriber_ids
    with database.write() as session:
        for key in ("held", "deferred", "queued"):
            enqueue(session, first, key, DeliveryKind.ISSUE)
        _, deferred = claim(session, limit=2)
        later = attempt(deferred, DEFERRED, again_at=NOW + MINUTE)
        claims.record_attempts(session, [later])
        enqueue(session, first, "answer", DeliveryKind.CONFIRMATION)
        enqueue(session, second, "queued", DeliveryKind.ISSUE)

        outbox.give_up_waiting(session, first, reply="unsubscribed before it was sent", now=NOW)

    with database.read() as session:
        found = {delivery.key: delivery for delivery in outbox.of_subscriber(session, first)}
    assert {key: delivery.state for key, delivery in found.items()} == {
        "held": SENDING,
        "deferred": FAILED,
        "queued": FAILED,
        "answer": QUEUED,
    }
    assert found["queued"].last_reply == "unsubscribed before it was sent"
    assert states(database, second) == [QUEUED]


def test_recent_messages_of_some_kinds_are_counted_for_one_subscriber(
    database: Database, subscriber_ids: list[int]
) -> None:
    first, second, third = subscriber_ids
    with database.write() as session:
        enqueue(session, first, "old", now=NOW - timedelta(microseconds=1))
        enqueue(session, first, "1", now=NOW)
        enqueue(session, first, "2", DeliveryKind.ALREADY_SUBSCRIBED, now=NOW + MINUTE)
        enqueue(session, first, "3", DeliveryKind.ISSUE, now=NOW + 2 * MINUTE)
        enqueue(session, second, "1", now=NOW + 2 * MINUTE)

    kinds = [DeliveryKind.CONFIRMATION, DeliveryKind.ALREADY_SUBSCRIBED]
    with database.read() as session:
        assert outbox.count_recent(session, first, kinds, since=NOW) == (2, NOW + MINUTE)
        assert outbox.count_recent(session, third, kinds, since=NOW) == (0, None)
