"""LMTP: stored before it is acknowledged, one status for each recipient, nothing half."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from recommender.errors import DaemonError, StorageError
from recommender.mail.inbox.lmtp_server import GroupCommit, LmtpServer
from recommender.mail.inbox.receiving import TAKEN, TRY_AGAIN
from recommender.store.inbound import NewMail

LIST = "papers@example.org"
POISON = b"poison"
CONTENT = b"From: ann@example.org\r\nSubject: help\r\n\r\n.dot\r\nend\r\n"


class Store:
    """Keeps mails in memory, a list for each transaction; fails as long as it is told to."""

    def __init__(self) -> None:
        self.transactions: list[list[NewMail]] = []
        self.fails = False

    def __call__(self, mails: Sequence[NewMail]) -> None:
        if self.fails:
            raise StorageError("database x: disk full; free some space")
        if any(mail.content == POISON for mail in mails):
            raise ValueError("nobody foresaw this")
        self.transactions.append(list(mails))

    @property
    def mails(self) -> list[NewMail]:
        return [mail for mails in self.transactions for mail in mails]


@pytest.fixture
def store() -> Store:
    return Store()


StartLmtp = Callable[..., Awaitable[LmtpServer]]


@pytest.fixture
async def start_lmtp(store: Store) -> AsyncIterator[StartLmtp]:
    running: list[LmtpServer] = []

    async def start(address: str = "127.0.0.1:0", *, most_bytes: int = 100_000) -> LmtpServer:
        server = LmtpServer(address, list_address=LIST, store=store, most_bytes=most_bytes)
        await server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        await server.stop()
    await asyncio.sleep(0)


def hand_in(
    place: str | int, *recipients: str, content: bytes = CONTENT, sender: str = "ann@example.org"
) -> list[tuple[int, bytes]]:
    """Hand in one mail, and give the replies to each RCPT and, after the dot, to each taken."""
    host, port = (place, 0) if isinstance(place, str) else ("127.0.0.1", place)
    with smtplib.LMTP(host, port, local_hostname="mta.example.org") as client:
        client.ehlo_or_helo_if_needed()
        client.mail(sender, ["SMTPUTF8", "BODY=8BITMIME"])
        replies = [client.rcpt(each) for each in recipients]
        taken = [reply for reply in replies if reply[0] == 250]
        if not taken:
            return replies
        first = client.data(content)
        return [*replies, first, *(client.getreply() for _ in taken[1:])]


@pytest.mark.parametrize("at_a_socket", [True, False])
async def test_mail_is_stored_as_it_came(
    start_lmtp: StartLmtp, store: Store, tmp_path: Path, at_a_socket: bool
) -> None:
    address = f"unix:{tmp_path}/lmtp.sock" if at_a_socket else "127.0.0.1:0"
    server = await start_lmtp(address)

    place = str(tmp_path / "lmtp.sock") if at_a_socket else server.port
    replies = await asyncio.to_thread(hand_in, place, "papers+help@example.org")

    assert [code for code, _ in replies] == [250, 250]
    assert store.mails == [NewMail("lmtp", "ann@example.org", "papers+help@example.org", CONTENT)]


async def test_each_recipient_has_a_status_of_its_own(start_lmtp: StartLmtp, store: Store) -> None:
    server = await start_lmtp()

    replies = await asyncio.to_thread(
        hand_in, server.port, LIST, "bob@example.org", "papers+stop@example.org", "x@example.com"
    )

    assert [code for code, _ in replies] == [250, 550, 250, 550, 250, 250]
    assert b"5.1.1" in replies[1][1]
    assert b"5.7.1" in replies[3][1]
    assert [b"papers@example.org" in replies[4][1], b"papers+stop@" in replies[5][1]] == [True] * 2
    assert [mail.recipient for mail in store.mails] == [LIST, "papers+stop@example.org"]


async def test_null_sender_and_eight_bits_come_through(start_lmtp: StartLmtp, store: Store) -> None:
    server = await start_lmtp()
    content = "Subject: Grüße\r\n\r\nü\r\n".encode() + b"\xff\xfe\r\n"

    await asyncio.to_thread(hand_in, server.port, LIST, content=content, sender="")

    assert [("", content)] == [(mail.envelope_sender, mail.content) for mail in store.mails]


async def test_what_cannot_be_stored_is_put_off_for_each_recipient(
    start_lmtp: StartLmtp, store: Store
) -> None:
    server = await start_lmtp()
    store.fails = True

    replies = await asyncio.to_thread(hand_in, server.port, LIST, "papers+help@example.org")

    assert [code for code, _ in replies] == [250, 250, 451, 451]
    assert store.mails == []


async def test_mail_that_is_too_large_is_refused_for_each_recipient(
    start_lmtp: StartLmtp, store: Store
) -> None:
    server = await start_lmtp(most_bytes=30_000_000)
    large = b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 30_100

    def hand_in_large() -> list[int]:
        # Without the SIZE that smtplib would announce: it is told only after the dot.
        with smtplib.LMTP("127.0.0.1", server.port, local_hostname="mta.example.org") as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            client.rcpt(LIST)
            client.rcpt("papers+help@example.org")
            codes = [client.data(large)[0], client.getreply()[0]]
            return [*codes, client.noop()[0]]

    assert await asyncio.to_thread(hand_in_large) == [552, 552, 250]
    assert store.mails == []


async def test_long_lines_are_taken(start_lmtp: StartLmtp, store: Store) -> None:
    server = await start_lmtp()
    content = b"Subject: x\r\n\r\n" + b"y" * 20_000 + b"\r\n"

    await asyncio.to_thread(hand_in, server.port, LIST, content=content)

    assert [content] == [mail.content for mail in store.mails]


async def test_connection_that_breaks_off_in_the_content_stores_nothing(
    start_lmtp: StartLmtp, store: Store
) -> None:
    server = await start_lmtp()

    def break_off() -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            stream = connection.makefile("rwb")
            for line in (b"LHLO x", b"MAIL FROM:<>", b"RCPT TO:<papers@example.org>", b"DATA"):
                stream.write(line + b"\r\n")
                stream.flush()
                while (reply := stream.readline()) and reply[3:4] == b"-":
                    continue
            stream.write(b"Subject: half\r\n")
            stream.flush()
            stream.close()

    await asyncio.to_thread(break_off)
    await server.stop()

    assert store.mails == []


async def test_smtp_is_not_spoken_here(start_lmtp: StartLmtp) -> None:
    server = await start_lmtp()

    def greet() -> tuple[int, dict[str, str]]:
        with smtplib.LMTP("127.0.0.1", server.port, local_hostname="mta.example.org") as client:
            code = client.docmd("EHLO", "mta.example.org")[0]
            client.ehlo()
            return code, client.esmtp_features

    code, features = await asyncio.to_thread(greet)
    assert code == 500
    assert {"pipelining", "8bitmime", "smtputf8", "enhancedstatuscodes", "size"} <= set(features)


async def test_socket_is_open_to_the_mail_server_and_goes_with_us(
    start_lmtp: StartLmtp, tmp_path: Path
) -> None:
    path = tmp_path / "lmtp.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))

    server = await start_lmtp(f"unix:{path}")

    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    await server.stop()
    assert not path.exists()


async def test_socket_of_somebody_who_listens_is_left_to_them(
    start_lmtp: StartLmtp, tmp_path: Path
) -> None:
    await start_lmtp(f"unix:{tmp_path}/lmtp.sock")

    with pytest.raises(DaemonError, match=r"inbox\.lmtp unix:.* cannot be listened on"):
        await start_lmtp(f"unix:{tmp_path}/lmtp.sock")
    assert (tmp_path / "lmtp.sock").is_socket()


async def test_file_at_the_place_of_the_socket_is_not_removed(
    start_lmtp: StartLmtp, tmp_path: Path
) -> None:
    (tmp_path / "lmtp.sock").write_text("precious")

    with pytest.raises(DaemonError, match="choose another path"):
        await start_lmtp(f"unix:{tmp_path}/lmtp.sock")
    assert (tmp_path / "lmtp.sock").read_text() == "precious"


async def test_mails_that_come_together_share_a_transaction(store: Store) -> None:
    commits = GroupCommit(store)
    mails = [NewMail("lmtp", "", LIST, b"%d" % number) for number in range(30)]

    taken = await asyncio.gather(*(commits.add([mail]) for mail in mails))

    assert taken == [TAKEN] * 30
    assert mails == store.mails
    assert len(store.transactions) == 1


async def test_mail_that_cannot_be_stored_for_a_fault_of_ours_holds_up_no_other(
    store: Store,
) -> None:
    commits = GroupCommit(store)
    contents = [b"one", POISON, b"two"]

    statuses = await asyncio.gather(
        *(commits.add([NewMail("lmtp", "", LIST, content)]) for content in contents)
    )

    assert statuses == [TAKEN, TRY_AGAIN, TAKEN]
    assert [mail.content for mail in store.mails] == [b"one", b"two"]
