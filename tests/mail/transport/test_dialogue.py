"""Replies are given in order, whole and bounded, however a server cuts them into pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.message import Envelope
from recommender.mail.transport.dialogue import LONGEST_LINE, LONGEST_REPLY, Dialogue, DialogueError
from recommender.mail.transport.replies import Outcome, Reply, Step, classify
from recommender.mail.transport.smtp import SmtpConnection
from recommender.mail.transport.smtp_server import Security, SmtpServer

CONTENT = b"Subject: x\r\n\r\nbody\r\n"
ENVELOPE = Envelope("papers@example.org", "ann@example.org", CONTENT)
GREETING = b"220 mx ready\r\n"
PIPELINING = b"250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


def replies_to(data: list[bytes]) -> list[tuple[int, str]]:
    """Return what a dialogue makes of data that comes in these pieces."""

    async def read() -> list[tuple[int, str]]:
        dialogue = Dialogue()
        for piece in data:
            dialogue.data_received(piece)
        dialogue.connection_lost(None)
        found = []
        while True:
            try:
                found.append(await dialogue.reply(1))
            except DialogueError as error:
                return [*found, (0, str(error))]

    return asyncio.run(read())


LOST = (0, "connection lost")


def test_replies_of_one_packet_are_given_one_by_one() -> None:
    data = b"250 2.1.0 ok\r\n250-2.1.5 who\r\n250 2.1.5 ok\r\n354 go on\r\n"

    expected = [(250, "2.1.0 ok"), (250, "2.1.5 who\n2.1.5 ok"), (354, "go on"), LOST]
    assert expected == replies_to([data])


@given(st.data())
def test_cuts_between_packets_change_nothing(data: st.DataObject) -> None:
    whole = b"220 hello\r\n250-a\r\n250-b\n250 c\r\n221\r\n"
    cuts = data.draw(st.sets(st.integers(1, len(whole) - 1)).map(sorted))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    assert replies_to(pieces) == [(220, "hello"), (250, "a\nb\nc"), (221, ""), LOST]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"25 ok\r\n",
        b"\r\n",
        b"250",
        b"2500 ok\r\n",
        b"250 " + b"x" * LONGEST_LINE * 2,
        b"250-more\r\n" * (LONGEST_REPLY // 8),
    ],
    ids=["http", "two digits", "empty", "unfinished", "four digits", "endless line", "endless"],
)
def test_what_is_no_reply_ends_the_dialogue(data: bytes) -> None:
    [(code, reason)] = replies_to([data])

    assert code == 0
    assert reason.startswith("an answer that is not SMTP") or reason == "connection lost"


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_no_bytes_raise_anything_else(pieces: list[bytes]) -> None:
    *replies, (_, reason) = replies_to(pieces)

    assert all(0 <= code <= 999 for code, _ in replies)
    assert reason


Script = list[tuple[bytes, bytes | None]]


@pytest.fixture
async def play() -> AsyncIterator[Callable[[Script], Awaitable[int]]]:
    """Start a server that answers what begins a line; None closes. Unasked, it says nothing."""
    running: list[asyncio.Server] = []
    transports: list[asyncio.Transport] = []

    async def start(script: Script) -> int:
        answers = dict(script)

        class Server(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                self.transport, self.seen = transport, b""
                transports.append(transport)
                transport.write(GREETING)

            def data_received(self, data: bytes) -> None:
                self.seen += data
                while b"\r\n" in self.seen:
                    line, _, self.seen = self.seen.partition(b"\r\n")
                    command = line.partition(b" ")[0]
                    if command in answers:
                        answer = answers[command]
                        if answer is None:
                            self.transport.abort()
                            return
                        self.transport.write(answer)

        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
        running.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in running:
        server.close()
    for transport in transports:
        transport.abort()
    await asyncio.sleep(0)


async def send_to(port: int) -> tuple[Reply, bool]:
    server = SmtpServer(
        "127.0.0.1", port, Security.PLAIN, timeout_seconds=2, local_hostname="c.example.org"
    )
    connection = SmtpConnection(server)
    await connection.open()
    reply = await connection.send(ENVELOPE)
    is_open = connection.is_open
    await connection.close()
    return reply, is_open


ALL_TAKEN: Script = [
    (b"EHLO", PIPELINING),
    (b"MAIL", b"250 ok\r\n"),
    (b"RCPT", b"250 ok\r\n"),
    (b"DATA", b"354 go on\r\n"),
    (b".", b"250 2.0.0 taken\r\n"),
    (b"RSET", b"250 ok\r\n"),
    (b"QUIT", b"221 bye\r\n"),
]


async def test_server_that_wants_content_after_a_refused_recipient_gets_none(
    play: Callable[[Script], Awaitable[int]],
) -> None:
    port = await play([*ALL_TAKEN, (b"RCPT", b"550 5.1.1 no such user\r\n")])

    reply, is_open = await send_to(port)

    assert Reply(550, "5.1.1", "no such user", Step.RCPT) == reply
    assert is_open


async def test_421_in_the_middle_of_what_was_pipelined_blames_the_server(
    play: Callable[[Script], Awaitable[int]],
) -> None:
    port = await play([*ALL_TAKEN, (b"RCPT", b"421 4.3.2 going down\r\n"), (b"DATA", None)])

    reply, is_open = await send_to(port)

    assert Reply(421, "4.3.2", "going down", Step.RCPT) == reply
    assert not is_open


@pytest.mark.parametrize(
    ("command", "step", "outcome"),
    [
        (b"MAIL", Step.MAIL, Outcome.SERVER),
        (b"RCPT", Step.RCPT, Outcome.SERVER),
        (b"DATA", Step.DATA, Outcome.SERVER),
        (b".", Step.END_OF_DATA, Outcome.IN_DOUBT),
    ],
)
async def test_loss_is_told_with_the_step_that_had_no_reply(
    play: Callable[[Script], Awaitable[int]], command: bytes, step: Step, outcome: Outcome
) -> None:
    port = await play([*ALL_TAKEN, (command, None)])

    reply, is_open = await send_to(port)

    assert Reply(None, None, f"connection lost ({step})", step) == reply
    assert (outcome, False) == (classify(reply), is_open)


async def test_recipient_refused_before_the_connection_broke_stays_refused(
    play: Callable[[Script], Awaitable[int]],
) -> None:
    port = await play([*ALL_TAKEN, (b"RCPT", b"550 5.1.1 no\r\n"), (b"DATA", None)])

    reply, is_open = await send_to(port)

    assert (reply.code, reply.step, is_open) == (550, Step.RCPT, False)


async def test_recipient_stays_refused_where_the_empty_message_gets_no_answer(
    play: Callable[[Script], Awaitable[int]],
) -> None:
    port = await play([*ALL_TAKEN, (b"RCPT", b"550 5.1.1 no\r\n"), (b".", None)])

    reply, is_open = await send_to(port)

    assert (reply.code, reply.step, is_open) == (550, Step.RCPT, False)


async def test_word_that_nobody_asked_for_closes_the_connection_for_the_next_message(
    play: Callable[[Script], Awaitable[int]],
) -> None:
    port = await play([*ALL_TAKEN, (b".", b"250 taken\r\n421 4.4.2 idle for too long\r\n")])

    reply, is_open = await send_to(port)

    assert (reply.code, reply.step, is_open) == (250, Step.END_OF_DATA, False)
