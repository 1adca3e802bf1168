"""The whole life of a subscription without a browser, through Postfix, Dovecot and LMTP."""

from __future__ import annotations

import email
import email.policy
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from recommender.domain import SubscriberState
from recommender.jobs import members
from recommender.store import issues, pendings, ratings

pytestmark = pytest.mark.system

CLEO = "cleo@example.net"


class Person:
    """Somebody with a mail program: writes, waits for mail, and replies to it."""

    def __init__(self, mail_host: Any, eventually: Callable[..., Any]) -> None:
        self.mail_host = mail_host
        self.eventually = eventually

    def write(self, to: str, subject: str, body: str = "", **headers: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = CLEO, to, subject
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        with smtplib.SMTP("127.0.0.1", self.mail_host.smtp_port) as client:
            client.send_message(message)

    def reply(self, mail: EmailMessage, body: str) -> None:
        quoted = "\n".join(
            f"> {line}" for line in mail.get_body(("plain",)).get_content().splitlines()
        )  # type: ignore[union-attr]  # our mails have one
        self.write(
            str(mail["Reply-To"]),
            f"Re: {mail['Subject']}",
            f"{body}\n\nOn Wed, 11 Mar 2026, {mail['From']} wrote:\n{quoted}\n",
            In_Reply_To=str(mail["Message-ID"]),
        )

    def mail_about(self, words: str) -> EmailMessage:
        def find() -> EmailMessage | None:
            for content in reversed(self.mail_host.mails("cleo")):
                message = email.message_from_bytes(content, policy=email.policy.default)
                if words in str(message["Subject"]):
                    return message  # type: ignore[return-value]  # by this policy
            return None

        try:
            found: EmailMessage = self.eventually(find, f"a mail about {words!r}", seconds=40)
        except pytest.fail.Exception:
            print(self.mail_host.log())  # noqa: T201 - for whoever looks why
            raise
        return found


def test_subscribe_confirm_rate_pause_and_leave_by_mail(
    at_the_mail_host: Any, mail_host: Any, start_daemon: Any, eventually: Any
) -> None:
    start_daemon(at_the_mail_host)
    cleo = Person(mail_host, eventually)

    def reader() -> Any:
        with at_the_mail_host.services() as services:
            return members.find(services, CLEO)

    cleo.write("papers+subscribe@lists.example.org", "hello", "graphs and pruning")
    confirmation = cleo.mail_about("Confirm your subscription")
    assert reader().state is SubscriberState.UNCONFIRMED

    cleo.reply(confirmation, "Yes, please.")
    issue_mail = cleo.mail_about("Welcome to Trending papers")
    assert reader().state is SubscriberState.ACTIVE
    assert reader().interests == "graphs and pruning"

    cleo.reply(issue_mail, "+1 -2 *3\nreceipt")
    receipt = cleo.mail_about("Your ratings")
    assert "liked" in receipt.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    with at_the_mail_host.services() as services, services.database.read() as session:
        said = {each.paper_id: each for each in ratings.of_subscriber(session, reader().id)}
        (issue,) = issues.of_subscriber(session, reader().id)
    one, two, three = (said[entry.paper_id] for entry in issue.entries[:3])
    assert tuple((each.value, each.saved) for each in (one, two, three)) == (
        (1, False),
        (-1, False),
        (0, True),
    )

    cleo.write("papers@lists.example.org", "pause 14 days")
    question = cleo.mail_about("Is it you?")
    assert reader().state is SubscriberState.ACTIVE
    cleo.reply(question, "yes")
    eventually(lambda: reader().state is SubscriberState.PAUSED, mail_host.log())
    with at_the_mail_host.services() as services, services.database.read() as session:
        assert pendings.by_id(session, 1, reader().id).done_at is not None

    address = str(issue_mail["List-Unsubscribe"]).partition("<mailto:")[2].partition("?")[0]
    cleo.write(address, "unsubscribe")
    eventually(lambda: reader().state is SubscriberState.UNSUBSCRIBED, mail_host.log())
