"""What comes back is counted once, for whom we signed it, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from recommender.domain import BounceKind, Delivery, DeliveryKind, DeliveryState, Subscriber
from recommender.domain import SubscriberState as State
from recommender.jobs.incoming import bouncing, inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links, messages
from recommender.jobs.services import Services
from recommender.store import bounces, claims
from recommender.store.claims import Attempt
from recommender.store.tables import DeliveryRow

DAY = timedelta(days=1)
FAILED = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    b"Final-Recipient: rfc822; victim@example.org\r\nAction: failed\r\nStatus: %s\r\n--B--\r\n"
)
COMPLAINT = (
    b"From: <fbl@example.net>\r\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n"
    b"--B\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--B--\r\n"
)


def receive(services: Services, address: str, content: bytes) -> None:
    (status,) = inbox.receive(
        services,
        source="lmtp",
        envelope_sender="",
        recipients=[address],
        content=content,
        most_bytes=1_000_000,
    )
    assert status.is_taken
    process_stored(services, dispatch)


def stored_bounces(services: Services, subscriber: Subscriber) -> list[tuple[str, float]]:
    with services.database.read() as session:
        found = bounces.of_subscriber(session, subscriber.id)
    return [(each.kind, each.weight) for each in found]


def test_address_that_keeps_bouncing_is_asked_once_more_and_then_left_in_peace(
    services: Services,
    *,
    clock: Any,
    subscribe: Callable[..., Subscriber],
    messages_to: Callable[[Subscriber], list[Delivery]],
    now_known: Callable[[Subscriber], Subscriber],
    send: Callable[..., Delivery],
    come_back: Callable[..., None],
) -> None:
    reader, other = subscribe("reader"), subscribe("victim")
    for _ in range(3):
        come_back(send(reader))
        clock.now += DAY

    (probe,) = [each for each in messages_to(reader) if each.kind is DeliveryKind.PROBE]
    assert now_known(reader).state is State.ACTIVE
    envelope = messages.message_builder(services)([probe])(probe)
    assert b"Subject: Does mail from Trending papers still reach you?" in envelope.content
    assert envelope.sender == links.bounce_address(services, probe)

    come_back(probe)
    assert now_known(reader).state is State.SUSPENDED
    assert now_known(reader).next_issue_at is None
    assert now_known(other) == other


def test_report_that_is_given_again_counts_once(
    services: Services, subscribe: Callable[..., Subscriber], send: Callable[..., Delivery]
) -> None:
    reader = subscribe()
    address = links.bounce_address(services, send(reader))

    receive(services, address, FAILED % b"5.1.1")
    receive(services, address, FAILED % b"5.1.1")

    assert stored_bounces(services, reader) == [(BounceKind.HARD, 1.0)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (b"5.1.1", [(BounceKind.HARD, 1.0)]),
        (b"4.4.7", [(BounceKind.SOFT, 0.25)]),
        (b"5.2.2", [(BounceKind.SOFT, 0.0)]),
        (b"5.7.1", [(BounceKind.SOFT, 0.0)]),
    ],
)
def test_bounce_weighs_what_it_says_of_the_address(
    services: Services,
    *,
    subscribe: Callable[..., Subscriber],
    send: Callable[..., Delivery],
    come_back: Callable[..., None],
    status: bytes,
    expected: list[tuple[str, float]],
) -> None:
    reader = subscribe()

    come_back(send(reader), FAILED % status)

    assert expected == stored_bounces(services, reader)


def test_forged_expired_or_foreign_addresses_count_nothing(
    services: Services,
    clock: Any,
    subscribe: Callable[..., Subscriber],
    send: Callable[..., Delivery],
) -> None:
    reader = subscribe()
    delivery = send(reader)
    good = links.bounce_address(services, delivery)
    forged = good.replace("bounce-", "bounce-a")
    unsubscribe = links.unsubscribe_address(services, reader, since=clock.now)
    foreign = unsubscribe.replace("unsubscribe", "bounce")

    receive(services, forged, FAILED % b"5.1.1")
    receive(services, foreign, FAILED % b"5.1.1")
    clock.now += 31 * DAY
    receive(services, good, FAILED % b"5.1.1")

    assert stored_bounces(services, reader) == []


def test_vacation_to_the_bounce_address_counts_nothing(
    services: Services,
    subscribe: Callable[..., Subscriber],
    send: Callable[..., Delivery],
    come_back: Callable[..., None],
) -> None:
    reader = subscribe()

    come_back(send(reader), b"Subject: Out of office\r\n\r\nBack on Monday.\r\n")

    assert stored_bounces(services, reader) == []


@pytest.mark.parametrize("by", ["bounce address", "token", "folded token", "message id"])
def test_complaint_unsubscribes_at_once_whichever_way_it_names_the_message(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    send: Callable[..., Delivery],
    by: str,
) -> None:
    reader, other = subscribe("reader"), subscribe("other")
    delivery = send(reader)
    token = links.unsubscribe_address(services, reader, since=delivery.created_at)
    original = {
        "bounce address": "",
        "token": f"List-Unsubscribe: <mailto:{token}>\r\n\r\n",
        "folded token": f"text\r\n{token[:30]}=\r\n{token[30:]}\r\n",
        "message id": f"Message-ID: {delivery.message_id}\r\n\r\n",
    }[by]
    address = links.bounce_address(services, delivery) if not original else "papers@example.org"

    receive(services, address, COMPLAINT % original.encode())

    assert now_known(reader).state is State.UNSUBSCRIBED
    assert now_known(other) == other
    assert stored_bounces(services, reader) == [(BounceKind.COMPLAINT, 0.0)]


def test_complaint_that_names_no_message_of_ours_changes_nothing(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    send: Callable[..., Delivery],
) -> None:
    reader = subscribe()
    since = send(reader).created_at
    unsubscribe = links.unsubscribe_address(services, reader, since=since)
    forged = unsubscribe.replace("unsubscribe-", "bounce-")

    receive(services, "papers@example.org", COMPLAINT % f"To: {reader.email}".encode())
    receive(services, "papers@example.org", COMPLAINT % forged.encode())
    receive(services, "papers@example.org", COMPLAINT % b"Message-ID: <x@example.org>")

    assert now_known(reader) == reader


def test_refusals_of_servers_count_as_bounces_once(
    services: Services, subscribe: Callable[..., Subscriber], send: Callable[..., Delivery]
) -> None:
    unknown, full, ours, cancelled = map(subscribe, ("unknown", "full", "ours", "cancelled"))
    send(unknown, refusal=(550, "5.1.1", "550 5.1.1 no such user"))
    send(full, refusal=(552, "5.2.2", "552 5.2.2 mailbox full"))
    send(ours, refusal=(554, "5.7.1", "554 5.7.1 we do not like you"))
    delivery = send(cancelled)
    with services.database.write() as session:
        words = "554 5.7.1 not sent: its subscriber left"
        attempt = Attempt(
            delivery.id, services.clock(), DeliveryState.FAILED, "", 554, "5.7.1", words
        )
        claims.record_attempts(session, [attempt])

    assert bouncing.count_refusals(services) == 3
    assert bouncing.count_refusals(services) == 0

    assert stored_bounces(services, unknown) == [(BounceKind.HARD, 1.0)]
    assert stored_bounces(services, full) == [(BounceKind.SOFT, 0.0)]
    assert stored_bounces(services, ours) == [(BounceKind.SOFT, 0.0)]
    assert stored_bounces(services, cancelled) == []


def test_operator_is_told_once_a_day_of_rates_near_a_limit(
    services: Services,
    clock: Any,
    subscribe: Callable[..., Subscriber],
    send: Callable[..., Delivery],
) -> None:
    site = replace(services.site, operator_address="operator@example.net")
    services = replace(services, site=site)
    reader = subscribe()
    for number in range(120):
        send(reader, times=number)
    assert bouncing.warn_of_rates(services) == ()
    for name in ("a", "b"):
        send(subscribe(name), refusal=(550, "5.1.1", "550 5.1.1 no such user"))

    bouncing.count_refusals_and_warn(services)
    bouncing.count_refusals_and_warn(services)
    clock.now += DAY
    bouncing.count_refusals_and_warn(services)

    with services.database.read() as session:
        notices = session.exec(
            select(DeliveryRow.content)
            .where(DeliveryRow.kind == DeliveryKind.NOTICE)
            .order_by(col(DeliveryRow.id))
        ).all()
    assert len(notices) == 2
    assert "bounces of 1.67%, providers allow 2%" in str(notices[0])
    (rates,) = bouncing.rates(services)
    assert (rates.sent, rates.hard_bounces, rates.complaints) == (120, 2, 0)


def test_history_of_one_reader_is_shown(
    services: Services,
    subscribe: Callable[..., Subscriber],
    send: Callable[..., Delivery],
    come_back: Callable[..., None],
) -> None:
    reader = subscribe()
    come_back(send(reader))

    subscriber, found = bouncing.history(services, "READER@example.org")

    assert subscriber.id == reader.id
    assert [(each.source, each.enhanced_status_code, each.recipient_domain) for each in found] == [
        ("dsn", "5.1.1", "example.org")
    ]
    assert found == bouncing.recent(services, days=1)
