"""Newsletters through a real mail server to a real mailbox, and what comes back from there."""

from __future__ import annotations

import base64
import email
import email.policy
import smtplib
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization

from recommender.jobs.finding import find_subscriber
from recommender.jobs.incoming import bouncing
from recommender.jobs.people import importing
from recommender.jobs.services import Services

pytestmark = pytest.mark.system


def subscribe(installation: Any, *addresses: str) -> None:
    with installation.services() as services:
        report = importing.import_rows(services, ["email", *addresses])
    assert report.problems == ()


def public_key_record(key: Any) -> bytes:
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def test_newsletter_arrives_whole_once_and_with_a_good_signature(
    at_the_mail_host: Any, mail_host: Any, signing_key: Any, eventually: Any, tmp_path: Path
) -> None:
    before = len(mail_host.mails("ann"))
    subscribe(at_the_mail_host, "ann@example.net")

    at_the_mail_host.do("send", "--now")
    assert at_the_mail_host.run("send", "--now").returncode == 1, "nothing is left to send"

    mails = eventually(
        lambda: (found := mail_host.mails("ann")[before:]) and found, mail_host.log()
    )
    assert len(mails) == 1
    message = parsed(mails[0])
    record = public_key_record(signing_key)
    assert dkim.verify(mails[0], dnsfunc=lambda _name, timeout=5: record)  # noqa: ARG005 - dkimpy's
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Return-Path"].startswith("<papers+bounce-")
    assert message["Delivered-To"] in {"ann@example.net", "<ann@example.net>"}
    assert message.get_body(("plain",)) is not None
    assert message.get_body(("html",)) is not None
    assert verified_by_opendkim(mails[0], record, tmp_path)


def verified_by_opendkim(content: bytes, record: bytes, folder: Path) -> bool:
    """Have OpenDKIM's own tool look, with our record in a file in place of the DNS."""
    mail = folder / "mail.eml"
    mail.write_bytes(content)
    keys = folder / "keys"
    keys.write_bytes(b"papers._domainkey.lists.example.org " + record + b"\n")
    configuration = folder / "opendkim.conf"
    configuration.write_text(f"TestPublicKeys {keys}\nMode v\nSyslog no\n")
    finished = subprocess.run(  # noqa: S603 - ours
        ["/usr/sbin/opendkim", "-x", str(configuration), "-t", str(mail)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    assert "verification (s=papers" in said, said
    return "succeeded" in said


def test_bounce_of_an_unknown_user_comes_back_and_counts(
    at_the_mail_host: Any, mail_host: Any, start_daemon: Any, eventually: Any
) -> None:
    subscribe(at_the_mail_host, "nobody@example.net")
    start_daemon(at_the_mail_host)

    at_the_mail_host.do("send", "--now")

    def came_back(services: Services) -> Any:
        _, found = bouncing.history(services, "nobody@example.net")
        return found

    with at_the_mail_host.services() as services:
        (bounce,) = eventually(lambda: came_back(services), mail_host.log())
    assert (bounce.kind, bounce.source, bounce.weight) == ("hard", "dsn", 1.0)
    assert bounce.enhanced_status_code == "5.1.1"
    assert bounce.recipient_domain == "example.net"


def test_mail_to_the_unsubscribe_address_ends_the_subscription(
    at_the_mail_host: Any, mail_host: Any, start_daemon: Any, eventually: Any
) -> None:
    before = len(mail_host.mails("bob"))
    subscribe(at_the_mail_host, "bob@example.net")
    start_daemon(at_the_mail_host)
    at_the_mail_host.do("send", "--now")
    (newsletter,) = eventually(
        lambda: (found := mail_host.mails("bob")[before:]) and found, mail_host.log()
    )
    header = str(parsed(newsletter)["List-Unsubscribe"])
    address = header.partition("<mailto:")[2].partition("?")[0]

    with smtplib.SMTP("127.0.0.1", mail_host.smtp_port) as client:
        client.sendmail("bob@example.net", address, "Subject: unsubscribe\r\n\r\n")

    with at_the_mail_host.services() as services:
        eventually(
            lambda: find_subscriber(services, "bob@example.net").state == "unsubscribed",
            mail_host.log(),
        )
