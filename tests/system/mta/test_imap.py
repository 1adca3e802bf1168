"""Mail is fetched from a real mailbox: stored before it is marked, and as soon as it comes."""

from __future__ import annotations

import imaplib
import logging
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from killed_readers import assert_pages_answered, hanging_readers, mails

from recommender.errors import StorageError
from recommender.mail.inbox.imap import ImapFetcher, Mailbox
from recommender.mail.inbox.receiving import find_envelope
from recommender.store.inbound import NewMail

pytestmark = pytest.mark.system

LIST = "papers@lists.example.org"
PASSWORD = "open sesame"
USER = "papers"


class Store:
    def __init__(self) -> None:
        self.mails: list[NewMail] = []
        self.fails = 0

    def __call__(self, mails: Sequence[NewMail]) -> None:
        if self.fails:
            self.fails -= 1
            raise StorageError("database x: disk full; free some space")
        self.mails += mails

    def subjects(self) -> list[bytes]:
        return [mail.content.split(b"Subject: ")[1].split(b"\r\n")[0] for mail in self.mails]


@pytest.fixture
def store() -> Store:
    return Store()


def put(host: Any, subject: str, body: bytes = b"\xff\r\n") -> None:
    head = (
        f"Return-Path: <ann@example.net>\r\nTo: papers+help@lists.example.org\r\nSubject: {subject}"
    )
    with imaplib.IMAP4("127.0.0.1", host.imap_port) as client:
        client.login(USER, PASSWORD)
        status, told = client.append("INBOX", "", "", head.encode() + b"\r\n\r\n" + body)
        assert status == "OK", told


def found(host: Any, criteria: str, folder: str = "INBOX") -> int:
    """Count the mails of a folder that fulfil the criteria."""
    with imaplib.IMAP4("127.0.0.1", host.imap_port) as client:
        client.login(USER, PASSWORD)
        if client.select(folder, readonly=True)[0] != "OK":
            return 0
        return len(client.search(None, criteria)[1][0].split())


@pytest.fixture
def empty_mailbox(mail_host: Any) -> Any:
    with imaplib.IMAP4("127.0.0.1", mail_host.imap_port) as client:
        client.login(USER, PASSWORD)
        client.delete("Done")
        client.select("INBOX")
        for number in client.search(None, "ALL")[1][0].split():
            client.store(number.decode(), "+FLAGS", "\\Deleted")
        client.expunge()
    return mail_host


@pytest.fixture
def fetch(empty_mailbox: Any, store: Store) -> Iterator[Callable[..., ImapFetcher]]:
    running: list[ImapFetcher] = []

    def fetch(host: str = "localhost", **changes: Any) -> ImapFetcher:
        options: dict[str, Any] = {
            "port": empty_mailbox.imaps_port,
            "security": "tls",
            "username": USER,
            "password": PASSWORD,
            "ca_file": empty_mailbox.folder / "server.pem",
        }
        fetcher = ImapFetcher(Mailbox(host, **options | changes), store=store, most_bytes=10_000)
        fetcher.start()
        running.append(fetcher)
        return fetcher

    yield fetch
    for fetcher in running:
        fetcher.stop()


def test_what_lies_there_and_what_comes_is_stored_then_seen(
    fetch: Any, empty_mailbox: Any, store: Store, eventually: Any
) -> None:
    put(empty_mailbox, "1")
    fetch()
    eventually(lambda: found(empty_mailbox, "SEEN") == 1, "the first is seen")
    put(empty_mailbox, "2")
    eventually(lambda: found(empty_mailbox, "SEEN") == 2, "the second is seen", 10)

    assert store.subjects() == [b"1", b"2"]
    first = store.mails[0]
    assert (first.source, first.envelope_sender, first.recipient) == ("imap", "", "")
    found_out = find_envelope(first.content, LIST)
    assert found_out.sender == "ann@example.net"
    assert found_out.recipient == "papers+help@lists.example.org"
    assert first.content.endswith(b"\r\n\r\n\xff\r\n")


def test_what_cannot_be_stored_stays_unseen_and_is_fetched_later(
    fetch: Any, empty_mailbox: Any, store: Store, eventually: Any
) -> None:
    seen_while_failing: list[int] = []
    store.fails = 2
    put(empty_mailbox, "1")
    fetch()

    eventually(lambda: seen_while_failing.append(found(empty_mailbox, "SEEN")) or store.mails, "1")
    eventually(lambda: found(empty_mailbox, "SEEN") == 1, "it is seen")

    assert seen_while_failing[0] == 0
    assert store.subjects() == [b"1"]


def test_stored_mail_is_moved_where_a_folder_is_named(
    fetch: Any, empty_mailbox: Any, store: Store, eventually: Any
) -> None:
    put(empty_mailbox, "1")
    fetch(security="starttls", port=empty_mailbox.imap_port, processed_folder="Done")

    eventually(lambda: found(empty_mailbox, "ALL", "Done") == 1, "it is moved")

    assert found(empty_mailbox, "ALL") == 0
    assert store.subjects() == [b"1"]


def test_what_is_too_large_is_flagged_and_stops_no_other(
    fetch: Any, empty_mailbox: Any, store: Store, eventually: Any
) -> None:
    put(empty_mailbox, "large", b"x\r\n" * 5_000)
    put(empty_mailbox, "small")
    fetch()

    eventually(lambda: found(empty_mailbox, "SEEN"), "the small one is seen")

    assert found(empty_mailbox, "FLAGGED") == 1
    assert store.subjects() == [b"small"]


def test_lost_connection_is_made_anew(
    fetch: Any, empty_mailbox: Any, store: Store, eventually: Any
) -> None:
    put(empty_mailbox, "1")
    fetch()
    eventually(lambda: found(empty_mailbox, "SEEN") == 1, "the first is seen")

    subprocess.run(  # noqa: S603 - ours
        ["/usr/bin/doveadm", "-c", str(empty_mailbox.folder / "dovecot.conf"), "kick", USER],
        capture_output=True,
        check=True,
    )
    put(empty_mailbox, "2")

    eventually(lambda: found(empty_mailbox, "SEEN") == 2, "the second is seen")
    assert store.subjects() == [b"1", b"2"]


@pytest.mark.parametrize("changes", [{"ca_file": None}, {"host": "127.0.0.1"}])
def test_server_that_cannot_prove_its_name_gets_no_password(
    fetch: Any,
    store: Store,
    eventually: Any,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
) -> None:
    with caplog.at_level(logging.WARNING):
        fetch(**changes)
        eventually(lambda: "inbox.imap_ca_file" in caplog.text, "it is told")

    assert store.mails == []


def test_poison_in_the_mailbox_stops_nobody_and_the_next_is_acted_on(
    installation: Any, start_daemon: Any, empty_mailbox: Any, eventually: Any
) -> None:
    installation.settings |= {
        "LIST__ADDRESS": LIST,
        "INBOX__IMAP_HOST": "localhost",
        "INBOX__IMAP_PORT": str(empty_mailbox.imaps_port),
        "INBOX__IMAP_USERNAME": USER,
        "INBOX__IMAP_PASSWORD": PASSWORD,
        "INBOX__IMAP_CA_FILE": str(empty_mailbox.folder / "server.pem"),
    }
    daemon = start_daemon(installation)
    with hanging_readers(installation, eventually) as took:
        put(empty_mailbox, "poison")
    eventually(lambda: mails(installation).get("failed"), "it is set aside")
    daemon.kill()
    start_daemon(installation)
    put(empty_mailbox, "the next")
    eventually(lambda: mails(installation).get("done"), "the next one is acted on")
    assert mails(installation) == {"failed": 1, "done": 1}
    assert_pages_answered(took)
