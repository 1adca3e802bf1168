"""Mail comes in by a pipe, a Maildir and LMTP, and is acted on exactly once."""

from __future__ import annotations

import smtplib
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from recommender.domain import SubscriberState
from recommender.jobs.outgoing.links import LIFETIMES
from recommender.store import inbound, inbound_listing, subscribers
from recommender.store.inbound import InboundState
from recommender.store.tables import DeliveryRow
from recommender.tokens import Purpose

LIST = "papers@lists.example.org"
MAIL = b"Return-Path: <ann@example.org>\nSubject: x\nTo: papers+help@lists.example.org\n\nx\n"


def receive(
    installation: Any, *arguments: str, content: bytes = MAIL, **environ: str
) -> subprocess.CompletedProcess[bytes]:
    typed = [sys.executable, "-m", "recommender", "receive", *arguments]
    return subprocess.run(  # noqa: S603 - our own program
        typed,
        env=installation.environ | environ,
        cwd=installation.folder,
        input=content,
        capture_output=True,
        check=False,
    )


def mails(installation: Any) -> list[Any]:
    with installation.services() as services, services.database.read() as session:
        return list(inbound_listing.newest(session, list(InboundState), limit=None))[::-1]


@pytest.mark.parametrize(
    ("arguments", "environ", "recipient", "sender"),
    [
        (["--recipient", LIST, "--sender", "<>"], {}, LIST, ""),
        ([], {}, "papers+help@lists.example.org", "ann@example.org"),
        (
            [],
            {
                "RECIPIENT": "papers@host.example.org",
                "ORIGINAL_RECIPIENT": LIST,
                "SENDER": "b@x.org",
            },
            LIST,
            "b@x.org",
        ),
    ],
)
def test_piped_mail_is_stored(
    installation: Any, arguments: Any, environ: Any, recipient: str, sender: str
) -> None:
    for _ in range(2):
        assert receive(installation, *arguments, **environ).returncode == 0

    [mail] = mails(installation)
    assert (mail.source, mail.recipient, mail.envelope_sender) == ("pipe", recipient, sender)


def test_piped_mail_beyond_the_quota_is_tried_again_and_the_operator_told(
    installation: Any,
) -> None:
    installation.settings["INBOX__MAX_MEGABYTES"] = "1"
    installation.settings["INBOX__QUOTA_MEGABYTES"] = "1"
    installation.settings["OPERATOR__EMAIL"] = "operator@example.net"
    ended = [
        receive(installation, "--recipient", LIST, content=letter * 600_000).returncode
        for letter in (b"a", b"b")
    ]
    assert ended == [0, 75]
    assert len(mails(installation)) == 1
    with installation.services() as services, services.database.read() as session:
        assert len(list(session.exec(select(DeliveryRow)))) == 1


def test_piped_mail_that_is_not_stored_is_answered_by_sysexits(installation: Any) -> None:
    installation.settings["INBOX__MAX_MEGABYTES"] = "1"
    unknown = receive(installation, "--recipient", "bob@lists.example.org")
    large = receive(installation, "--recipient", LIST, content=b"x" * 3_000_000)
    broken = receive(installation, "--recipient", LIST, RECOMMENDER_INBOX__KEEP_DAYS="soon")
    missing = receive(installation, "--recipient", LIST, RECOMMENDER_CONFIG="/nonexistent")

    ended = [each.returncode for each in (unknown, large, broken, missing)]
    assert ended == [67, 65, 75, 75]
    assert all(b"Traceback" not in each.stderr for each in (unknown, large, broken, missing))
    assert mails(installation) == []


def test_piped_mail_is_put_off_while_the_database_is_locked(installation: Any) -> None:
    mails(installation)
    connection = sqlite3.connect(installation.folder / "recommender.db", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        waited = receive(installation, "--recipient", LIST)
    finally:
        connection.close()

    assert waited.returncode == 75
    assert b"another process holds it for over 5 s" in waited.stderr


def test_daemon_takes_what_comes_to_its_maildir(
    installation: Any, start_daemon: Any, eventually: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "maildir"
    folder.mkdir()
    installation.settings["INBOX__MAILDIR"] = str(folder)
    start_daemon(installation)

    (folder / "tmp" / "1.host").write_bytes(MAIL)
    (folder / "tmp" / "1.host").rename(folder / "new" / "1.host")

    eventually((folder / "cur" / "1.host:2,S").exists, "it is moved")
    [mail] = eventually(
        lambda: [each for each in mails(installation) if each.state == "done"], "it is acted on"
    )
    assert mail.source == "maildir"


def test_mails_are_acted_on_once_though_the_daemon_is_killed_in_between(
    installation: Any, start_daemon: Any, eventually: Any, free_port: Any
) -> None:
    number = 100
    installation.import_subscribers(number)
    # A port: the path of a socket has at most 107 bytes, and folders of tests are deep.
    port = free_port()
    installation.settings["INBOX__LMTP"] = f"127.0.0.1:{port}"
    with installation.services() as services, services.database.read() as session:
        expires_at = services.clock() + LIFETIMES[Purpose.UNSUBSCRIBE]
        tokens = [
            services.signer.sign_address(Purpose.UNSUBSCRIBE, each.id, expires_at=expires_at)
            for each in subscribers.every(session)
        ]

    def hand_in() -> None:
        with smtplib.LMTP("127.0.0.1", port, local_hostname="mta") as client:
            for token in tokens:
                client.sendmail(
                    "a@example.org", f"papers+unsubscribe-{token}@lists.example.org", MAIL
                )

    daemon = start_daemon(installation)
    hand_in()
    daemon.kill()
    # How many were acted on by now is a matter of chance: all, none or some must come out alike.
    start_daemon(installation)
    # Whose answer was lost in the kill gives its mails again.
    hand_in()

    eventually(
        lambda: all(each.state == "done" for each in mails(installation)), "all are acted on"
    )
    assert [each.outcome for each in mails(installation)] == ["unsubscribed"] * number
    with installation.services() as services, services.database.read() as session:
        states = {each.state for each in subscribers.every(session)}
        assert inbound.count(session, InboundState.FAILED) == 0
    assert states == {SubscriberState.UNSUBSCRIBED}


def test_operator_sees_what_came_and_has_it_acted_on_again(installation: Any) -> None:
    receive(installation, "--recipient", LIST)
    [mail] = mails(installation)
    with installation.services() as services, services.database.write() as session:
        now = services.clock()
        inbound.note_failure(session, mail.id, reason="E: x", is_last=True, now=now)

    listed = installation.do("inbox", "list", "--state", "failed")
    shown = installation.do("inbox", "show", str(mail.id))
    assert "E: x" in listed
    assert "1 failed" in listed
    assert "papers@lists.example.org" in shown
    assert "Subject: x" in installation.do("inbox", "show", str(mail.id), "--content")
    assert installation.do("inbox", "retry", str(mail.id)) == "1 mail acted on within a minute\n"
    assert mails(installation)[0].state == "stored"
    assert "none that failed" in installation.fail("inbox", "retry", str(mail.id), status=1)
    assert "no mail 99" in installation.fail("inbox", "show", "99", status=1)
