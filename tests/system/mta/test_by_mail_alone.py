"""The whole life of a subscription without a browser, through Postfix, Dovecot and LMTP."""

from __future__ import annotations

import email
import email.policy
import smtplib
import subprocess
import sys
import uuid
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from recommender.domain import SubscriberState
from recommender.jobs.finding import find_subscriber
from recommender.store import issues, pendings, ratings

pytestmark = pytest.mark.system

CLEO = "cleo@example.net"


Write = Callable[[EmailMessage], None]


class Person:
    """Somebody with a mail program: writes, waits for mail, and replies to it."""

    def __init__(self, mail_host: Any, eventually: Callable[..., Any], send: Write) -> None:
        self.mail_host = mail_host
        self.eventually = eventually
        self.send = send
        self.seen = len(mail_host.mails("cleo"))

    def write(self, to: str, subject: str, body: str = "", **headers: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = CLEO, to, subject
        message["Message-ID"] = f"<{uuid.uuid4()}@example.net>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        self.send(message)

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
            for content in reversed(self.mail_host.mails("cleo")[self.seen :]):
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


@pytest.fixture
def ways(at_the_mail_host: Any, mail_host: Any) -> Callable[[str], tuple[str, Write]]:
    """Let mail to the list come in by one way, and give its address and how mail is sent there."""

    def by_postfix(message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", mail_host.smtp_port) as client:
            client.send_message(message)

    def by_pipe(message: EmailMessage) -> None:
        # What an MTA does with a pipe; its users may not enter the folder of the test.
        finished = subprocess.run(  # noqa: S603 - our own program
            [
                sys.executable,
                "-m",
                "recommender",
                "receive",
                "--sender",
                CLEO,
                "--recipient",
                str(message["To"]),
            ],
            input=message.as_bytes(),
            env=at_the_mail_host.environ,
            cwd=at_the_mail_host.folder,
            check=False,
        )
        assert finished.returncode == 0

    def choose(way: str) -> tuple[str, Write]:
        settings = at_the_mail_host.settings
        if way == "lmtp":
            return "papers", by_postfix
        del settings["INBOX__LMTP"]
        if way == "pipe":
            settings["INBOX__PIPE"] = "true"
            return "papers", by_pipe
        settings |= {
            "LIST__ADDRESS": "mailbox@lists.example.org",
            "INBOX__IMAP_HOST": "127.0.0.1",
            "INBOX__IMAP_PORT": str(mail_host.imap_port),
            "INBOX__IMAP_SECURITY": "plain",
            "INBOX__IMAP_USERNAME": "mailbox",
            "INBOX__IMAP_PASSWORD": "open sesame",
        }
        return "mailbox", by_postfix

    return choose


@pytest.mark.parametrize("way", ["lmtp", "imap", "pipe"])
def test_subscribe_confirm_rate_pause_and_leave_by_mail(
    at_the_mail_host: Any,
    mail_host: Any,
    *,
    start_daemon: Any,
    eventually: Any,
    ways: Any,
    way: str,
) -> None:
    name, send = ways(way)
    start_daemon(at_the_mail_host)
    cleo = Person(mail_host, eventually, send)

    def reader() -> Any:
        with at_the_mail_host.services() as services:
            return find_subscriber(services, CLEO)

    cleo.write(f"{name}+subscribe@lists.example.org", "hello", "graphs and pruning")
    confirmation = cleo.mail_about("Confirm your subscription")
    assert reader().state is SubscriberState.UNCONFIRMED

    cleo.reply(confirmation, "Yes, please.")
    issue_mail = cleo.mail_about(" more")
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

    cleo.write(f"{name}@lists.example.org", "pause 14 days")
    question = cleo.mail_about("Is it you?")
    assert reader().state is SubscriberState.ACTIVE
    cleo.reply(question, "yes")
    eventually(lambda: reader().state is SubscriberState.PAUSED, mail_host.log())
    with at_the_mail_host.services() as services, services.database.read() as session:
        assert pendings.by_id(session, 1, reader().id).done_at is not None

    address = str(issue_mail["List-Unsubscribe"]).partition("<mailto:")[2].partition("?")[0]
    cleo.write(address, "unsubscribe")
    eventually(lambda: reader().state is SubscriberState.UNSUBSCRIBED, mail_host.log())
