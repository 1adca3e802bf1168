"""Mail says the language of its writer, and changes it."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes

import pytest

from recommender.domain import Delivery, Subscriber
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.store import claims, subscribers


def write(services: Services, sender: str, head: str, body: str) -> None:
    (status,) = inbox.receive(
        services,
        source="lmtp",
        envelope_sender=sender,
        recipients=["papers@example.org"],
        content=f"From: {sender}\r\n{head}\r\n{body}\r\n".encode(),
        most_bytes=100_000,
    )
    assert status.is_taken
    process_stored(services, dispatch)


def due(services: Services) -> list[Delivery]:
    with services.database.write() as session:
        return claims.claim_due(
            session, worker="w", now=services.clock(), lease_seconds=60, limit=10
        )


@pytest.mark.parametrize(
    ("head", "language"),
    [
        ("Accept-Language: de-DE, en-US\r\n", "de"),
        ("Content-Language: de-DE\r\n", "de"),
        ("Accept-Language: en\r\nContent-Language: de\r\n", "en"),
        ("Content-Language: fi\r\n", None),
        ("", None),
    ],
)
def test_who_subscribes_by_mail_has_the_language_of_that_mail(
    services: Services, head: str, language: str | None
) -> None:
    write(services, "new@example.org", f"Subject: subscribe\r\n{head}", "graphs")
    subscriptions.decide_requests(services)
    with services.database.read() as session:
        found = subscribers.by_key(session, "new@example.org")
    assert found is not None
    assert found.language == language


def test_a_stranger_is_answered_in_the_language_of_the_mail(services: Services) -> None:
    write(services, "someone@example.org", "Subject: help\r\nContent-Language: de\r\n", "")
    (answer,) = due(services)
    message = message_from_bytes(message_builder(services)([answer])(answer).content)
    assert message["Content-Language"] == "de"
    text = message.get_payload()[0].get_payload(decode=True).decode()
    assert "WAS SIE SCHREIBEN KÖNNEN" in text
    assert "unsubscribe" in text


def test_a_mail_changes_the_language_once_it_is_confirmed(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe("reader")
    write(services, reader.email, "Subject: language de\r\n", "")
    (asked,) = due(services)
    message = message_from_bytes(message_builder(services)([asked])(asked).content)
    (status,) = inbox.receive(
        services,
        source="lmtp",
        envelope_sender=reader.email,
        recipients=[str(message["Reply-To"])],
        content=f"From: {reader.email}\r\nSubject: Re: x\r\n\r\nyes\r\n".encode(),
        most_bytes=100_000,
    )
    assert status.is_taken
    process_stored(services, dispatch)
    with services.database.read() as session:
        found = subscribers.by_id(session, reader.id)
    assert found is not None
    assert found.language == "de"


def test_leaving_is_understood_in_german(
    services: Services, subscribe: Callable[..., Subscriber]
) -> None:
    reader = subscribe("reader")
    write(services, reader.email, "Subject: abbestellen\r\n", "")
    (asked,) = due(services)
    text = message_builder(services)([asked])(asked).content.decode()
    assert "end the subscription" in text
