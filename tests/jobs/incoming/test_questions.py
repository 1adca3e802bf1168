"""A question is answered by a person's yes, and by no program, however it marks itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes

import pytest

from recommender.domain import Delivery, Subscriber, SubscriberState
from recommender.jobs.incoming import inbox
from recommender.jobs.incoming.acting import process_stored
from recommender.jobs.incoming.mail_commands import dispatch
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people.pending_changes import plan_change
from recommender.jobs.services import Services
from recommender.store import claims, subscribers

READER = "reader@example.org"


@dataclass(frozen=True)
class Question:
    """A mail that asks a reader whether their newsletter shall pause."""

    subscriber: Subscriber
    delivery: Delivery
    reply_to: str
    subject: str
    text: str


@pytest.fixture
def question(services: Services, subscribe: Callable[..., Subscriber]) -> Question:
    reader = subscribe("reader")
    with services.database.write() as session:
        plan_change(services, session, reader, command="pause 14 days")
    with services.database.write() as session:
        (asked,) = claims.claim_due(
            session, worker="w", now=services.clock(), lease_seconds=60, limit=10
        )
    message = message_from_bytes(message_builder(services)([asked])(asked).content)
    text = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    return Question(
        reader,
        asked,
        str(message["Reply-To"]),
        str(message["Subject"]),
        str(text.get_payload(decode=True), "utf-8"),
    )


def state_after(
    services: Services, question: Question, body: str, *, subject: str = "", reply_id: str = ""
) -> SubscriberState:
    """Return the state of the subscriber after a reply."""
    head = (
        f"From: {READER}\r\nSubject: {subject or 'Re: ' + question.subject}\r\n"
        f"In-Reply-To: {reply_id or question.delivery.message_id}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    inbox.receive(
        services,
        source="lmtp",
        envelope_sender=READER,
        recipients=[question.reply_to],
        content=(head + body).encode(),
        most_bytes=100_000,
    )
    process_stored(services, dispatch)
    with services.database.read() as session:
        found = subscribers.by_id(session, question.subscriber.id)
    assert found is not None
    return found.state


def quoted(text: str, mark: str) -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.splitlines())


@pytest.mark.parametrize("mark", ["> ", "", "| "])
@pytest.mark.parametrize("body", ["", "Yes please\n\n", "Ja, gerne\n\n", "thanks!\n\n"])
def test_reply_of_a_person_is_a_yes(
    services: Services, question: Question, body: str, mark: str
) -> None:
    head = "On Wed, 11 Mar 2026 at 07:00, papers <papers@example.org> wrote:\n\n"

    body += head + quoted(question.text, mark)
    assert state_after(services, question, body) is SubscriberState.PAUSED


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("自动回复：", "我正在出差，稍后回复。"),
        ("", "I am out of the office until Monday."),
        ("", "Danke für Ihre Nachricht. Sie wird bearbeitet, sobald jemand da ist."),
        ("[Ticket#123] Ihre Anfrage", "Wir haben Ihre Anfrage erhalten."),
        ("Verification required", "Click here to deliver your message."),
        ("", "no thanks"),
        ("", "who is this?"),
    ],
)
def test_program_or_doubt_changes_nothing(
    services: Services, question: Question, subject: str, body: str
) -> None:
    body += f"\n\n{quoted(question.text, '> ')}"
    state = state_after(services, question, body, subject=subject)

    assert state is SubscriberState.ACTIVE


def test_empty_reply_to_another_mail_changes_nothing(
    services: Services, question: Question
) -> None:
    state = state_after(services, question, "", reply_id="<other@example.org>")

    assert state is SubscriberState.ACTIVE
