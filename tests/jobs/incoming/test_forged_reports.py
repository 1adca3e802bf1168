"""Only what its reader alone was sent ends a subscription, whoever writes reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from recommender.domain import Delivery, DeliveryKind, Subscriber
from recommender.domain import SubscriberState as State
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing import links, messages
from recommender.jobs.services import Services
from recommender.store import claims, outbox
from recommender.tokens import TokenSigner

LIST = "papers@example.org"
COMPLAINT = (
    b"From: <fbl@example.net>\r\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n"
    b"--B\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--B--\r\n"
)


@pytest.fixture
def take_in(services: Services) -> Callable[..., None]:
    """Hand in a mail and have it acted on."""

    def take_in(content: bytes, *, address: str = LIST, sender: str = "") -> None:
        (status,) = inbox.receive(
            services,
            source="lmtp",
            envelope_sender=sender,
            recipients=[address],
            content=content,
            most_bytes=1_000_000,
        )
        assert status.is_taken
        process_stored(services, dispatch)

    return take_in


def ask_for_help(sender: str) -> bytes:
    return f"From: <{sender}>\r\nMessage-ID: <1@example.net>\r\nSubject: help\r\n\r\n".encode()


def answers(services: Services) -> list[Delivery]:
    with services.database.write() as session:
        claimed = claims.claim_due(
            session, worker="test", now=services.clock(), lease_seconds=60, limit=100
        )
    return [each for each in claimed if each.kind is DeliveryKind.ANSWER]


def test_complaint_with_guessed_message_ids_changes_nothing(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    take_in: Callable[..., None],
) -> None:
    reader = subscribe()
    take_in(ask_for_help(reader.email), sender=reader.email)
    (answer,) = answers(services)
    assert answer.recipient == reader.email
    second = int(services.clock().timestamp())
    guesses = [
        f"Message-ID: <answer.{number}.{second + offset}@example.org>\r\n".encode()
        for number in range(20)
        for offset in range(-10, 10)
    ]

    for guess in guesses[:20]:
        take_in(COMPLAINT % guess)
    take_in(COMPLAINT % b"".join(guesses))

    assert len(guesses) == 400
    assert now_known(reader) == reader


def test_message_ids_follow_from_the_key_and_cannot_be_guessed(services: Services) -> None:
    other = replace(services, signer=TokenSigner(b"another key that is long enough to sign"))

    name = messages.message_id_for(services, "answer:1")
    assert name == messages.message_id_for(services, "answer:1")
    assert name != messages.message_id_for(services, "answer:2")
    assert name != messages.message_id_for(other, "answer:1")
    assert messages.new_message_id(services) != messages.new_message_id(services)


def test_answer_to_a_stranger_names_no_subscription(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    take_in: Callable[..., None],
) -> None:
    reader = subscribe()
    take_in(ask_for_help("stranger@example.net"), sender="stranger@example.net")
    (answer,) = answers(services)
    envelope = messages.message_builder(services)([answer])(answer)

    take_in(COMPLAINT % envelope.content)
    take_in(COMPLAINT % envelope.content, address="papers+unsubscribe@example.org")

    assert (answer.subscriber_id, envelope.sender) == (None, "")
    assert b"+bounce-" not in envelope.content
    assert b"+unsubscribe-" not in envelope.content
    assert now_known(reader) == reader


def test_answer_goes_to_the_stored_address_and_not_to_who_asked(
    services: Services, subscribe: Callable[..., Subscriber], take_in: Callable[..., None]
) -> None:
    reader = subscribe()

    content = ask_for_help(reader.email).replace(
        b"Subject", b"Reply-To: <thief@example.net>\r\nSubject"
    )
    take_in(content, sender="thief@example.net")

    assert {each.recipient for each in answers(services)} <= {reader.email}


@pytest.mark.parametrize("kind", ["complaint", "failure"])
def test_question_to_a_new_address_does_not_speak_for_its_subscriber(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    take_in: Callable[..., None],
    kind: str,
) -> None:
    reader = subscribe()
    asked = f"From: <{reader.email}>\r\nSubject: address thief@example.net\r\n\r\n".encode()
    take_in(asked, sender=reader.email)
    with services.database.read() as session:
        deliveries = outbox.of_subscriber(session, reader.id)
    (to_thief,) = [each for each in deliveries if each.recipient == "thief@example.net"]
    assert to_thief.kind is DeliveryKind.CONFIRM_CHANGE
    address = links.bounce_address(services, to_thief)

    if kind == "complaint":
        take_in(COMPLAINT % b"", address=address)
        take_in(COMPLAINT % f"Message-ID: {to_thief.message_id}\r\n".encode())
        take_in(COMPLAINT % f"Return-Path: <{address}>\r\n".encode())
    else:
        take_in(b"From: MAILER-DAEMON@example.net\r\n\r\n550 5.1.1 no such user", address=address)

    assert now_known(reader).state is State.ACTIVE
    with services.database.read() as session:
        counted = session.connection().exec_driver_sql("SELECT count(*) FROM bounce").scalar()
    assert counted == 0


def test_complaint_of_a_large_provider_with_our_whole_message_unsubscribes(
    services: Services,
    subscribe: Callable[..., Subscriber],
    now_known: Callable[[Subscriber], Subscriber],
    send: Callable[..., Delivery],
    take_in: Callable[..., None],
) -> None:
    reader, other = subscribe("reader"), subscribe("other")
    delivery = send(reader, DeliveryKind.PROBE)
    token = links.unsubscribe_address(services, reader, since=delivery.created_at)
    carried = (
        "X-HmXmrOriginalRecipient: reader@example.org\r\n"
        f"List-Unsubscribe: <https://example.org/u>,\r\n <mailto:{token}?subject=unsubscribe>\r\n"
        f"Message-ID: {delivery.message_id}\r\nSubject: Trending papers\r\n\r\ntext\r\n"
    ).encode()

    take_in(
        b"From: staff@example.net\r\nSubject: complaint about message from 192.0.2.1\r\n"
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
        b"--B\r\nContent-Type: message/rfc822\r\n\r\n" + carried + b"\r\n--B--\r\n"
    )

    assert now_known(reader).state is State.UNSUBSCRIBED
    assert now_known(other) == other
