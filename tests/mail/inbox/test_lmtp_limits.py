"""LMTP: however much is handed in at once, and however it is cut, memory and time are bounded."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import InboxFullError
from recommender.mail.inbox import lmtp_server
from recommender.mail.inbox.lmtp_server import LmtpServer
from recommender.store.inbound import NewMail

LIST = "papers@example.org"
HELP = "papers+help@example.org"


class Client:
    """An MTA that says what it is told, byte for byte, and reads one reply after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())

    async def code(self) -> int:
        while (line := await self.reader.readline())[3:4] == b"-":
            continue
        return int(line[:3] or b"0")

    async def begin(self, *recipients: str) -> None:
        """Come to where content is sent."""
        self.say("LHLO mta.example.org", "MAIL FROM:<>", *(f"RCPT TO:<{to}>" for to in recipients))
        assert [await self.code() for _ in range(2 + len(recipients))] == [250] * (
            2 + len(recipients)
        )
        self.say("DATA")
        assert await self.code() == 354


Connect = Callable[[], Awaitable[Client]]


class Stored:
    """What was stored."""

    def __init__(self) -> None:
        self.mails: list[NewMail] = []
        self.is_full = False

    def __call__(self, mails: Sequence[NewMail]) -> None:
        if self.is_full:
            raise InboxFullError("inbox.quota_megabytes is reached")
        self.mails += mails


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
async def connect(stored: Stored) -> AsyncIterator[Connect]:
    server = LmtpServer("127.0.0.1:0", list_address=LIST, store=stored, most_bytes=1_000_000)
    await server.start()
    clients: list[Client] = []

    async def connect() -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", server.port))
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.writer.close()
    await server.stop()
    await asyncio.sleep(0)


async def greeted(connect: Connect) -> Client:
    client = await connect()
    assert await client.code() == 220
    return client


async def test_quota_that_is_reached_is_told_for_each_recipient(
    connect: Connect, stored: Stored
) -> None:
    client = await greeted(connect)
    stored.is_full = True
    await client.begin(LIST, HELP)
    client.say("Subject: x", "", "x", ".")
    replies = [await client.reader.readline() for _ in range(2)]
    assert [reply[:9] for reply in replies] == [b"452 4.3.1"] * 2
    stored.is_full = False
    await client.begin(LIST)
    client.say("Subject: x", "", "x", ".")
    assert await client.code() == 250


async def test_connections_beyond_the_bound_are_turned_away_until_one_ends(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lmtp_server, "MOST_CONNECTIONS", 3)
    first, *_ = [await greeted(connect) for _ in range(3)]
    beyond = await connect()
    assert await beyond.code() == 421
    assert await beyond.reader.read() == b""
    first.say("QUIT")
    assert await first.code() == 221
    await first.reader.read()
    await asyncio.sleep(0)
    assert await (await connect()).code() == 220


async def test_what_all_connections_hold_is_bounded_and_small_mail_goes_on(
    connect: Connect, stored: Stored
) -> None:
    """Ten mails of nearly the largest size, none of them at its end."""
    clients = [await greeted(connect) for _ in range(10)]
    for client in clients:
        await client.begin(LIST)
        client.writer.write(b"Subject: x\r\n\r\n" + b"x" * 950_000)
        await client.writer.drain()
    small = await greeted(connect)
    await small.begin(LIST)
    small.say("Subject: small", "", "x", ".")
    assert await small.code() == 250
    for client in clients:
        client.say("", ".")
    codes = [await client.code() for client in clients]
    assert sorted(codes) == [250] * 4 + [452] * 6
    assert len(stored.mails) == 5
    # What was held is free again.
    await clients[0].begin(LIST)
    clients[0].writer.write(b"x" * 900_000 + b"\r\n.\r\n")
    assert await clients[0].code() == 250


async def test_connections_that_break_off_hold_nothing(connect: Connect, stored: Stored) -> None:
    for _ in range(12):
        client = await greeted(connect)
        await client.begin(LIST)
        client.writer.write(b"x" * 900_000)
        await client.writer.drain()
        client.writer.transport.abort()
    client = await greeted(connect)
    await client.begin(LIST)
    client.say("Subject: x", "", "x", ".")
    assert await client.code() == 250
    assert len(stored.mails) == 1


async def test_empty_lines_cost_no_more_than_long_ones(connect: Connect) -> None:
    async def seconds(content: bytes) -> float:
        client = await greeted(connect)
        best = 9.0
        for _ in range(3):
            await client.begin(LIST)
            begun = time.process_time()
            client.writer.write(content + b".\r\n")
            assert await client.code() == 250
            best = min(best, time.process_time() - begun)
        return best

    long_lines = await seconds(b"x" * 998_000 + b"\r\n")
    empty_lines = await seconds(b"\r\n" * 499_000)
    assert empty_lines < 10 * long_lines + 0.05


class _Trickle(asyncio.StreamReader):
    """Gives what it is fed in the pieces that it was cut into."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self.pieces = pieces

    async def read(self, n: int = -1) -> bytes:
        return await super().read(n) if not self.pieces else self.pieces.pop(0)


LINES = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x", b"\r", b"\n.", b"long" * 9]))


@given(LINES, st.lists(st.integers(0, 200), max_size=9))
def test_content_is_the_same_however_it_is_cut(lines: list[bytes], cuts: list[int]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    sent = b"".join((b"." if line[:1] == b"." else b"") + line + b"\r\n" for line in lines)
    sent += b".\r\nNOOP\r\n"

    async def read() -> tuple[bytes, bytes]:
        bounds = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
        pieces = [sent[a:b] for a, b in itertools.pairwise(bounds) if a < b]
        reader = _Trickle(pieces)
        memory = lmtp_server._Memory(10_000)
        with lmtp_server._Content(memory, 10_000) as received:
            await received.read(reader)
            found = received.as_sent()
        assert memory.held == 0
        reader.feed_eof()
        left = b"".join(reader.pieces)
        reader.pieces = []
        return found, await reader.read() + left

    assert asyncio.run(read()) == (content, b"NOOP\r\n")
