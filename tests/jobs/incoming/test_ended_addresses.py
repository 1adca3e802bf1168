"""A mail to an address that was ended does nothing, and its reader is mailed new links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import DeliveryKind, Issue, Subscriber, SubscriberState
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.store import bounces, outbox, ratings, subscribers

MAIL = b"From: <reader@example.org>\r\nSubject: Re: papers\r\n\r\n%s\r\n"
AWAY = b"From: <reader@example.org>\r\nAuto-Submitted: auto-replied\r\n\r\nAway.\r\n"
COMPLAINT = (
    b"From: <fbl@example.net>\r\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n"
    b"--B\r\nContent-Type: message/rfc822\r\n\r\n"
    b"List-Unsubscribe: <mailto:%s>\r\n\r\n\r\n--B--\r\n"
)


@pytest.fixture
def reader(subscribe: Callable[..., Subscriber]) -> Subscriber:
    return subscribe()


@pytest.fixture
def issue(ingest: Any, compose_now: Any, issues_of: Any, reader: Subscriber) -> Issue:
    ingest(["One", "Two"])
    compose_now(reader.email)
    (composed,) = issues_of(reader)
    return composed


def receive(services: Services, address: str, content: bytes) -> None:
    (status,) = inbox.receive(
        services,
        source="lmtp",
        envelope_sender="reader@example.org",
        recipients=[address],
        content=content,
        most_bytes=1_000_000,
    )
    assert status.is_taken
    process_stored(services, dispatch)


def end(services: Services, reader: Subscriber) -> None:
    with services.change() as session:
        subscribers.end_links(session, reader.id)


def new_links_to(services: Services, reader: Subscriber) -> int:
    with services.database.read() as session:
        mails = outbox.of_subscriber(session, reader.id)
    return sum(mail.kind is DeliveryKind.NEW_LINKS for mail in mails)


def test_a_reply_to_an_issue_whose_links_were_ended_rates_nothing(
    services: Services, reader: Subscriber, issue: Issue, clock: Any
) -> None:
    address = links.rate_address(services, reader, issue)
    end(services, reader)

    receive(services, address, MAIL % b"+1")
    receive(services, address, MAIL % b"unsubscribe")
    receive(services, address, AWAY)

    with services.database.read() as session:
        assert ratings.of_subscriber(session, reader.id) == []
        found = subscribers.by_id(session, reader.id)
    assert found is not None
    assert found.state is SubscriberState.ACTIVE
    assert new_links_to(services, reader) == 1, "once an hour"
    clock.now += timedelta(hours=1)
    receive(services, address, MAIL % b"-1")
    assert new_links_to(services, reader) == 2


def test_a_mail_to_an_ended_address_that_unsubscribes_unsubscribes_nobody(
    services: Services, reader: Subscriber, now_known: Callable[[Subscriber], Subscriber]
) -> None:
    address = links.unsubscribe_address(services, reader, since=services.clock())
    end(services, reader)

    receive(services, address, AWAY)
    assert new_links_to(services, reader) == 0
    receive(services, address, MAIL % b"unsubscribe")

    assert now_known(reader).state is SubscriberState.ACTIVE
    assert new_links_to(services, reader) == 1
    present = links.unsubscribe_address(services, now_known(reader), since=services.clock())
    receive(services, present, MAIL % b"unsubscribe")
    assert now_known(reader).state is SubscriberState.UNSUBSCRIBED


def test_who_left_is_not_mailed_when_they_write_to_an_old_address(
    services: Services, reader: Subscriber, issue: Issue
) -> None:
    address = links.rate_address(services, reader, issue)
    receive(services, address, MAIL % b"unsubscribe")

    receive(services, address, MAIL % b"unsubscribe")

    assert new_links_to(services, reader) == 0


def test_a_mail_that_unsubscribes_works_after_they_left_and_came_back(
    services: Services, reader: Subscriber, now_known: Callable[[Subscriber], Subscriber]
) -> None:
    address = links.unsubscribe_address(services, reader, since=services.clock())
    for words in (b"unsubscribe", b"unsubscribe, once more"):
        receive(services, address, MAIL % words)
        assert now_known(reader).state is SubscriberState.UNSUBSCRIBED
        with services.change() as session:
            subscribers.set_state(session, reader.id, SubscriberState.ACTIVE)


def test_a_complaint_about_a_mail_whose_links_were_ended_counts_against_nobody(
    services: Services, reader: Subscriber, now_known: Callable[[Subscriber], Subscriber]
) -> None:
    address = links.unsubscribe_address(services, reader, since=services.clock())
    end(services, reader)

    receive(services, "papers@example.org", COMPLAINT % address.encode())

    assert now_known(reader).state is SubscriberState.ACTIVE


def test_a_bounce_is_counted_whatever_was_ended_since(
    services: Services, reader: Subscriber, issue: Issue
) -> None:
    assert issue.subscriber_id == reader.id
    with services.database.read() as session:
        (delivery,) = outbox.of_subscriber(session, reader.id)
    address = links.bounce_address(services, delivery)
    end(services, reader)

    failed = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; reader@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"--B--\r\n"
    )
    receive(services, address, failed)

    with services.database.read() as session:
        assert len(bounces.of_subscriber(session, reader.id)) == 1
