"""An operator lists, shows, tries again and cancels; what was sent is never sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Delivery, DeliveryKind, DeliveryState, Subscriber, SubscriberState
from recommender.errors import AddressError, NotFoundError
from recommender.jobs.outgoing import outbox as jobs
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.outgoing.outbox import CANCELLED, RETRIED
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.store import claims, outbox, subscribers
from recommender.store.claims import Attempt
from recommender.store.tables import DomainPaceRow, SmtpServerRow

MessagesTo = Callable[[Subscriber], list[Delivery]]
FAILED = jobs.select(states=(DeliveryState.FAILED,))
HOUR = timedelta(hours=1)


@pytest.fixture
def readers(
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    compose_now: Callable[..., Any],
) -> list[Subscriber]:
    """Return three readers with an issue in the outbox each."""
    found = [subscribe(name) for name in ("ann", "bob", "cyd")]
    ingest(["One", "Two"])
    compose_now()
    return found


@pytest.fixture
def issues(readers: list[Subscriber], messages_to: MessagesTo) -> list[int]:
    return [messages_to(reader)[0].id for reader in readers]


@pytest.fixture
def happen(services: Services) -> Callable[..., None]:
    """Let a server have led deliveries to a state."""

    def happen(state: DeliveryState, *ids: int, reply: str = "550 5.1.1 no such user") -> None:
        now = services.clock()
        with services.database.write() as session:
            claims.record_attempts(
                session,
                [
                    Attempt(number, now, state, "mx:25", None, None, reply, now + HOUR)
                    for number in ids
                ],
            )

    return happen


def build_envelope(services: Services, delivery: Delivery) -> Envelope:
    return message_builder(services)([delivery])(delivery)


def states(services: Services, ids: list[int]) -> list[str]:
    return [str(jobs.show(services, str(number)).listed.state) for number in ids]


def test_a_failed_message_is_queued_again_with_the_same_bytes(
    services: Services, issues: list[int], happen: Any, readers: Any, messages_to: MessagesTo
) -> None:
    before = build_envelope(services, messages_to(readers[0])[0])
    happen(DeliveryState.FAILED, issues[0])

    change = jobs.retry_by_id(services, [issues[0]])

    assert (change.changed, change.left_ids) == (1, {})
    (message,) = messages_to(readers[0])
    assert (message.state, message.next_attempt_at) == (DeliveryState.QUEUED, services.clock())
    assert build_envelope(services, message) == before
    assert [entry.reply for entry in jobs.show(services, str(issues[0])).history] == [
        "550 5.1.1 no such user",
        RETRIED,
    ]


def test_a_deferred_message_is_due_now(services: Services, issues: list[int], happen: Any) -> None:
    happen(DeliveryState.DEFERRED, *issues)

    change = jobs.retry(services, jobs.select(states=(DeliveryState.DEFERRED,)))

    assert change.changed == 3
    with services.database.write() as session:
        due = claims.claim_due(
            session, worker="w", now=services.clock(), lease_seconds=60, limit=10
        )
    assert sorted(delivery.id for delivery in due) == issues


def test_what_is_sent_being_sent_or_due_is_left(
    services: Services, issues: list[int], happen: Any
) -> None:
    happen(DeliveryState.SENT, issues[0])
    happen(DeliveryState.SENDING, issues[1])

    change = jobs.retry_by_id(services, issues)

    assert change.changed == 0
    assert change.left_ids == {
        issues[0]: "was sent, and nothing is sent twice",
        issues[1]: "is being sent",
        issues[2]: "is due already",
    }
    assert states(services, issues) == ["sent", "sending", "queued"]


def test_newsletters_of_who_left_stay_failed(
    services: Services, issues: list[int], readers: list[Subscriber], happen: Any
) -> None:
    happen(DeliveryState.FAILED, *issues)
    with services.database.write() as session:
        subscribers.set_state(session, readers[0].id, SubscriberState.UNSUBSCRIBED)
        subscribers.set_state(session, readers[1].id, SubscriberState.SUSPENDED)

    change = jobs.retry(services, FAILED)

    assert change.changed == 1
    assert change.left == {
        "its subscriber is unsubscribed": 1,
        "its subscriber is suspended": 1,
    }
    assert states(services, issues) == ["failed", "failed", "queued"]


def test_a_confirmation_whose_link_has_expired_stays_failed(
    services: Services, readers: list[Subscriber], clock: Any, happen: Any, messages_to: MessagesTo
) -> None:
    with services.database.write() as session:
        outbox.enqueue(
            session,
            subscriber_id=readers[0].id,
            kind=DeliveryKind.CONFIRMATION,
            key="1",
            recipient="ann@example.org",
            message_id="<c@example.org>",
            now=services.clock(),
        )
    confirmation = messages_to(readers[0])[-1].id
    happen(DeliveryState.FAILED, confirmation)
    clock.now += timedelta(hours=48)

    change = jobs.retry_by_id(services, [confirmation])

    assert change.left_ids == {confirmation: "the link in it has expired"}


def test_what_was_cancelled_is_tried_again_only_by_its_number(
    services: Services, issues: list[int]
) -> None:
    jobs.cancel_by_id(services, issues[:1])

    assert jobs.retry(services, FAILED).left == {f"{CANCELLED}, who may name it by its number": 1}
    assert jobs.retry_by_id(services, issues[:1]).changed == 1


def test_a_notice_needs_no_subscriber(services: Services, happen: Any) -> None:
    told = replace(services, site=replace(services.site, operator_address="operator@example.net"))
    notify_operator(told, key="x", subject="Trouble", lines=[])
    (row,) = jobs.listing(told, jobs.select(), limit=None)
    happen(DeliveryState.FAILED, row.id)

    assert jobs.retry(told, FAILED).changed == 1
    assert jobs.show(told, row.message_id).subscriber_email is None


def test_cancelled_messages_have_failed_by_the_operators_wish(
    services: Services, issues: list[int], happen: Any
) -> None:
    happen(DeliveryState.DEFERRED, issues[1], reply="450 later")
    happen(DeliveryState.SENDING, issues[2], reply="")

    change = jobs.cancel(services, jobs.select())

    assert (change.changed, change.left) == (2, {"is being sent": 1})
    assert states(services, issues) == ["failed", "failed", "sending"]
    assert jobs.show(services, str(issues[0])).listed.last_reply == CANCELLED
    assert [entry.reply for entry in jobs.show(services, str(issues[1])).history] == [
        "450 later",
        CANCELLED,
    ]


def test_one_number_that_does_not_exist_changes_nothing(
    services: Services, issues: list[int]
) -> None:
    for change in (jobs.cancel_by_id, jobs.retry_by_id):
        with pytest.raises(NotFoundError, match=r"no message 999 .*nothing was changed"):
            change(services, [issues[0], 999])
    assert states(services, issues) == ["queued"] * 3


def test_holds_are_lifted_when_that_is_asked_for(services: Services) -> None:
    now = services.clock()
    with services.database.write() as session:
        session.add(
            SmtpServerRow(
                name="mx:25",
                troubles=2,
                paused_until=now + HOUR,
                bulk_refusals=3,
                bulk_held_until=now + HOUR,
                last_trouble="421 no",
                updated_at=now,
            )
        )
        session.add(DomainPaceRow(domain="example.org", messages_per_minute=2, updated_at=now))

    kept = jobs.retry(services, FAILED).lifted
    assert (kept.servers, kept.domains) == ((), ())
    assert len(jobs.held_now(services).servers) == 1

    lifted = jobs.lift(services)
    assert [each.server for each in lifted.servers] == ["mx:25"]
    assert [each.domain for each in lifted.domains] == ["example.org"]
    assert jobs.held_now(services) == jobs.Holds()
    with services.database.read() as session:
        row = session.get_one(SmtpServerRow, "mx:25")
        assert (row.troubles, row.bulk_refusals, row.last_trouble) == (0, 0, "421 no")


def test_a_summary_counts_all_states_and_the_domains_of_what_is_meant(
    services: Services, issues: list[int], happen: Any
) -> None:
    happen(DeliveryState.SENT, issues[0])
    happen(DeliveryState.FAILED, issues[1])

    summary = jobs.summarise(services, jobs.select())

    assert summary.meant == 2
    assert summary.states == {"queued": 1, "sending": 0, "sent": 1, "deferred": 0, "failed": 1}
    assert summary.domains == {"example.org": {"failed": 1, "queued": 1}}


def test_a_listing_of_many_pages_is_whole_and_in_order(
    services: Services, issues: list[int], monkeypatch: pytest.MonkeyPatch, happen: Any
) -> None:
    happen(DeliveryState.FAILED, issues[1])
    monkeypatch.setattr(jobs, "PAGE_ROWS", 2)

    assert [row.id for row in jobs.listing(services, jobs.select(), limit=None)] == [
        issues[1],
        issues[2],
        issues[0],
    ]
    assert len(list(jobs.listing(services, jobs.select(), limit=2))) == 2


def test_changes_of_many_pages_reach_everything(
    services: Services, issues: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAGE_ROWS", 2)

    assert jobs.cancel(services, jobs.select()).changed == 3
    assert jobs.retry_by_id(services, issues).changed == 3


@pytest.mark.parametrize("name", ["999", "<nobody@example.org>", "9" * 30, "x", ""])
def test_a_message_that_does_not_exist_is_told(services: Services, name: str) -> None:
    with pytest.raises(NotFoundError, match="outbox list"):
        jobs.show(services, name)


def test_a_message_is_found_by_its_message_id_in_any_dress(
    services: Services, issues: list[int]
) -> None:
    message_id = jobs.show(services, str(issues[0])).listed.message_id
    for name in (message_id, message_id.strip("<>")):
        assert jobs.show(services, name).listed.id == issues[0]


def test_a_domain_is_known_in_both_of_its_spellings() -> None:
    assert jobs.select(domains=["@Bücher.Example."]).domains == (
        "bücher.example",
        "xn--bcher-kva.example",
    )
    with pytest.raises(AddressError):
        jobs.select(domains=["not a domain"])


def test_nothing_is_claimed_while_sending_is_paused(services: Services, issues: list[int]) -> None:
    def claimed() -> list[int]:
        with services.database.write() as session:
            found = claims.claim_due(
                session, worker="w", now=services.clock(), lease_seconds=60, limit=1
            )
            return [each.id for each in found]

    assert claimed() == issues[:1]
    jobs.pause(services)
    assert claimed() == []
    jobs.resume(services)
    assert claimed() == issues[1:2]


def test_confirmations_wait_for_the_operator_too(
    services: Services, confirmed: Callable[..., Subscriber], clock: Any
) -> None:
    jobs.pause(services)
    confirmed("new@example.org")

    with services.database.write() as session:
        assert claims.claim_due(session, worker="w", now=clock.now, lease_seconds=60, limit=9) == []
    assert jobs.summarise(services, jobs.select()).states["queued"] > 0


def test_a_second_pause_keeps_the_first_moment_and_a_second_end_is_told(
    services: Services, clock: Any
) -> None:
    first = clock.now
    assert jobs.pause(services) == first
    clock.now += HOUR
    assert jobs.pause(services) == first
    assert jobs.held_now(services).paused_at == first
    assert jobs.resume(services) == first
    assert jobs.resume(services) is None
    assert jobs.held_now(services).paused_at is None


def test_what_servers_hold_is_lifted_without_ending_the_pause(services: Services) -> None:
    since = jobs.pause(services)
    lifted = jobs.lift(services)

    assert lifted.paused_at is None
    assert jobs.held_now(services).paused_at == since


def test_pause_and_resume_wake_the_daemon(services: Services) -> None:
    woken = []
    with_daemon = replace(services, wake=lambda: woken.append(1))
    jobs.pause(with_daemon)
    jobs.resume(with_daemon)

    assert len(woken) == 2
