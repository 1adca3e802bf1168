"""Whatever is done to the outbox in whatever order, it holds what a dictionary would."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from recommender.domain import Delivery, DeliveryKind, DeliveryState
from recommender.store import claims, outbox
from recommender.store.claims import Attempt
from recommender.store.database import Database

START = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
LEASE_SECONDS = 300
WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)

workers = st.sampled_from(["a", "b"])
minutes = st.integers(0, 10)


@dataclass(frozen=True)
class Claim:
    worker: str
    leased_until: datetime


class OutboxModel(RuleBasedStateMachine):
    """One outbox in a transaction that is rolled back, and beside it what it ought to hold."""

    def __init__(self, database: Database, subscriber_ids: list[int]) -> None:
        super().__init__()
        self.subscriber_ids = subscriber_ids
        self.now = START
        self.deliveries: dict[int, Delivery] = {}
        self.claims: dict[int, Claim] = {}
        self.opened = ExitStack()
        self.session = self.opened.enter_context(database.write())

    def teardown(self) -> None:
        self.session.rollback()
        self.opened.close()

    @rule(minutes=minutes)
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        index=st.integers(0, 1),
        kind=st.sampled_from([DeliveryKind.CONFIRMATION, DeliveryKind.ISSUE]),
        key=st.sampled_from(["1", "2", "3"]),
    )
    def enqueue(self, index: int, kind: DeliveryKind, key: str) -> None:
        subscriber_id = self.subscriber_ids[index]
        message_id = f"<{subscriber_id}.{kind}.{key}@example.org>"
        known = any(delivery.message_id == message_id for delivery in self.deliveries.values())

        assert (not known) == outbox.enqueue(
            self.session,
            subscriber_id=subscriber_id,
            kind=kind,
            key=key,
            recipient="reader@example.org",
            message_id=message_id,
            now=self.now,
        )
        if not known:
            added = outbox.of_subscriber(self.session, subscriber_id)[-1]
            self.deliveries[added.id] = Delivery(
                id=added.id,
                subscriber_id=subscriber_id,
                kind=kind,
                key=key,
                recipient="reader@example.org",
                message_id=message_id,
                issue_id=None,
                state=DeliveryState.QUEUED,
                created_at=self.now,
                next_attempt_at=self.now,
                attempts=0,
                last_reply="",
                recipient_domain="example.org",
            )

    @rule(worker=workers, limit=st.integers(1, 4))
    def claim(self, worker: str, limit: int) -> None:
        due = [
            delivery
            for delivery in self.deliveries.values()
            if delivery.state in WAITING and delivery.next_attempt_at <= self.now
        ]
        due.sort(key=lambda each: (each.kind is DeliveryKind.ISSUE, each.next_attempt_at, each.id))
        lease = Claim(worker, self.now + timedelta(seconds=LEASE_SECONDS))
        for delivery in due[:limit]:
            self.deliveries[delivery.id] = replace(delivery, state=DeliveryState.SENDING)
            self.claims[delivery.id] = lease

        assert [self.deliveries[delivery.id] for delivery in due[:limit]] == claims.claim_due(
            self.session, worker=worker, now=self.now, lease_seconds=LEASE_SECONDS, limit=limit
        )

    @precondition(lambda self: self.deliveries)
    @rule(
        data=st.data(),
        state=st.sampled_from([DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED]),
        delay=minutes,
    )
    def record(self, data: st.DataObject, state: DeliveryState, delay: int) -> None:
        """Record any delivery, claimed or not: a worker may report late."""
        delivery = self.deliveries[data.draw(st.sampled_from(sorted(self.deliveries)))]
        again_at = self.now + timedelta(minutes=delay) if state is DeliveryState.DEFERRED else None
        claims.record_attempts(
            self.session,
            [Attempt(delivery.id, self.now, state, "localhost:25", None, None, state, again_at)],
        )
        if delivery.state is DeliveryState.SENT:
            return
        self.claims.pop(delivery.id, None)
        self.deliveries[delivery.id] = replace(
            delivery,
            state=state,
            attempts=delivery.attempts + 1,
            last_reply=state,
            next_attempt_at=again_at or self.now,
            deferred_since=delivery.deferred_since or (self.now if again_at else None),
        )

    @precondition(lambda self: self.deliveries)
    @rule(data=st.data(), worker=workers)
    def release(self, data: st.DataObject, worker: str) -> None:
        ids = data.draw(st.sets(st.sampled_from(sorted(self.deliveries))))
        claims.release(self.session, ids, worker=worker)
        self.queue_again({i for i in ids if i in self.claims and self.claims[i].worker == worker})

    @rule(living=st.sets(workers))
    def reclaim(self, living: set[str]) -> None:
        lost = {
            delivery_id
            for delivery_id, claim in self.claims.items()
            if claim.worker not in living or claim.leased_until < self.now
        }
        assert len(lost) == claims.reclaim(
            self.session, now=self.now, is_alive=lambda worker: worker in living
        )
        for delivery_id in lost:
            doubted = self.deliveries[delivery_id]
            self.deliveries[delivery_id] = replace(
                doubted, times_in_doubt=doubted.times_in_doubt + 1
            )
        self.queue_again(lost)

    def queue_again(self, delivery_ids: set[int]) -> None:
        for delivery_id in delivery_ids:
            del self.claims[delivery_id]
            delivery = self.deliveries[delivery_id]
            self.deliveries[delivery_id] = replace(delivery, state=DeliveryState.QUEUED)

    @rule()
    def expedite(self) -> None:
        outbox.expedite(self.session, now=self.now)
        for delivery in list(self.deliveries.values()):
            if delivery.state is DeliveryState.DEFERRED:
                self.deliveries[delivery.id] = replace(delivery, next_attempt_at=self.now)

    @invariant()
    def outbox_holds_what_the_model_holds(self) -> None:
        stored = [
            delivery
            for subscriber_id in self.subscriber_ids
            for delivery in outbox.of_subscriber(self.session, subscriber_id)
        ]
        assert self.deliveries == {delivery.id: delivery for delivery in stored}
        waiting = [each.next_attempt_at for each in stored if each.state in WAITING]
        assert min(waiting, default=None) == outbox.next_attempt_at(self.session)


def test_outbox_holds_what_a_dictionary_would(
    database: Database, subscriber_ids: list[int]
) -> None:
    run_state_machine_as_test(
        lambda: OutboxModel(database, subscriber_ids),  # type: ignore[arg-type]  # a factory will do
        settings=settings(max_examples=20, stateful_step_count=15),
    )
