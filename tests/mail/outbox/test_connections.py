"""What the delivery relies on holds for connections over the network and for those in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from recommender.errors import DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.transport.replies import Reply, Step, parse_reply
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.mail.transport.transports import Connection, connect

CUT = "cut"  # what conftest's servers understand beside replies
LOST = Reply(None, None, "connection lost (end of data)", Step.END_OF_DATA)

Start = Callable[[Callable[[str], str]], Awaitable[tuple[Connection, Any]]]


@pytest.fixture(params=["network", "memory"])
def start(
    request: pytest.FixtureRequest, start_server: Any, mailbox: Any, memory_server: Any
) -> Start:
    """Start a server that answers recipients, and get a connection and who has mail."""

    async def over_the_network(answer: Callable[[str], str]) -> tuple[Connection, Any]:
        mailbox.data = answer
        port = await start_server(mailbox)
        server = SmtpServer(
            "127.0.0.1", port, Security.PLAIN, timeout_seconds=5, local_hostname="c.example.org"
        )
        return connect(server), mailbox

    async def in_memory(answer: Callable[[str], str]) -> tuple[Connection, Any]:
        def reply(recipient: str) -> Reply:
            words = answer(recipient)
            return LOST if words == CUT else parse_reply(int(words[:3]), words[4:], LOST.step)

        server = memory_server(answer=reply)
        return server.relay().connect(), server

    return over_the_network if request.param == "network" else in_memory


def envelope(recipient: str) -> Envelope:
    return Envelope("papers@example.org", recipient, b"Your papers.\r\n")


async def test_connection_counts_what_was_answered_since_it_was_opened(start: Start) -> None:
    connection, _ = await start(lambda to: "250 ok" if to.startswith("ann") else "550 5.1.1 no")
    assert (connection.is_open, connection.answered) == (False, 0)
    await connection.open()
    assert (connection.is_open, connection.answered) == (True, 0)

    assert (await connection.send(envelope("ann@example.org"))).code == 250
    assert (await connection.send(envelope("bob@example.org"))).code == 550
    assert (connection.is_open, connection.answered) == (True, 2)

    await connection.close()
    assert not connection.is_open
    await connection.open()
    assert (connection.is_open, connection.answered) == (True, 0)
    await connection.close()


@pytest.mark.parametrize("words", ["421 4.3.2 shutting down", CUT])
async def test_connection_is_closed_where_the_server_leaves_and_may_be_opened_again(
    start: Start, words: str
) -> None:
    connection, server = await start(lambda to: "250 ok" if to.startswith("ann") else words)
    await connection.open()
    await connection.send(envelope("ann@example.org"))

    reply = await connection.send(envelope("bob@example.org"))

    assert (reply.code, reply.step) == (None if words == CUT else 421, Step.END_OF_DATA)
    assert (connection.is_open, connection.answered) == (False, 1)
    await connection.open()
    await connection.send(envelope("ann@example.org"))
    assert (connection.is_open, connection.answered) == (True, 1)
    await connection.close()
    assert len(server.accepted) == 2 + (words == CUT)


async def test_connection_that_cannot_be_opened_says_why(
    start_greeter: Any, memory_server: Any
) -> None:
    port = await start_greeter(b"421 4.7.0 too many connections\r\n")
    network = SmtpServer("127.0.0.1", port, Security.PLAIN, local_hostname="c.example.org")
    memory = memory_server(greet=lambda _number: "too many connections")

    for connection in (connect(network), memory.relay().connect()):
        with pytest.raises(DeliveryError, match="too many connections"):
            await connection.open()
        assert (connection.is_open, connection.answered) == (False, 0)
