"""The web server over real connections: who dawdles is closed, and whoever else comes is served."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from recommender.web.connections import ConnectionLimits
from recommender.web.server import (
    DESCRIPTORS_WANTED,
    PageServer,
    listening_socket,
    raise_descriptor_limit,
)

SOON = 5.0
HEAD = b"GET / HTTP/1.1\r\nHost: papers.example.org\r\n"
BIG = b"x" * 8_000_000
IMPATIENT = ConnectionLimits(
    total=8, per_network=3, request_seconds=0.3, body_seconds=0.3, answer_seconds=0.3
)

LOWERED = """
import resource
from recommender.web.server import raise_descriptor_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (500, 600))
raise_descriptor_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what came, or with more than any buffer holds."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        if not message["more_body"]:
            break
    content = BIG if scope["path"] == "/big" else body or b"well"
    length = str(len(content)).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]}
    )
    await send({"type": "http.response.body", "body": content})


@contextlib.asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[PageServer, int]]:
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        server = PageServer(echo, **settings)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await server.accepting.wait()
        try:
            yield server, port
        finally:
            server.end()
            await task


async def connect(port: int, said: bytes = b"") -> tuple[asyncio.StreamReader, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    return reader, writer


async def is_closed(reader: asyncio.StreamReader) -> bool:
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(SOON):
            return await reader.read(1) == b""
    return True


async def get(port: int) -> bytes:
    reader, writer = await connect(port, HEAD + b"Connection: close\r\n\r\n")
    async with asyncio.timeout(SOON):
        answer = await reader.read()
    writer.close()
    return answer


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110, the server has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "said",
    [b"", HEAD, b"POST / HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["nothing", "half a head", "half a body"],
)
async def test_who_does_not_finish_a_request_is_closed(said: bytes) -> None:
    async with serving(limits=IMPATIENT) as (_, port):
        reader, writer = await connect(port, said)

        assert await is_closed(reader)
        writer.close()


async def test_who_sends_a_byte_now_and_then_is_closed() -> None:
    async with serving(limits=IMPATIENT) as (server, port):
        _, writer = await connect(port, HEAD)
        await until(lambda: len(server.connections) == 1)
        async with asyncio.timeout(SOON):
            while len(server.connections):
                writer.write(b"a")
                await asyncio.sleep(0.05)
        writer.close()


async def test_who_does_not_take_the_answer_is_closed() -> None:
    async with serving(limits=IMPATIENT) as (server, port):
        _, writer = await connect(port, b"GET /big HTTP/1.1\r\nHost: papers.example.org\r\n\r\n")
        await until(lambda: len(server.connections) == 1)

        await until(lambda: len(server.connections) == 0)
        writer.close()


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with serving() as (server, port):
        reader, writer = await connect(port)
        for _ in range(3):
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
        assert len(server.connections) == 1
        writer.close()
        await until(lambda: len(server.connections) == 0)


async def test_a_connection_that_stays_open_shows_other_pages_once_there_are_some() -> None:
    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-length", b"5")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"other"})

    async with serving() as (server, port):
        reader, writer = await connect(port, HEAD + b"\r\n")
        async with asyncio.timeout(SOON):
            assert (await reader.readuntil(b"well")).startswith(b"HTTP/1.1 200")
            server.show(other)
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"other")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_what_is_answered_is_sent_at_once() -> None:
    """Else the body waits until the client acknowledges the head, which takes 40 ms."""
    async with serving() as (server, port):
        reader, writer = await connect(port, HEAD + b"\r\n")
        await reader.readuntil(b"well")
        [connection] = server.connections._open
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()


async def test_a_head_without_end_is_refused_even_if_it_comes_at_once() -> None:
    async with serving() as (_, port):
        reader, writer = await connect(port, HEAD + b"Cookie: " + 30_000 * b"a" + b"\r\n\r\n")

        async with asyncio.timeout(SOON):
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()


async def test_bodies_larger_than_a_head_may_be_come_through() -> None:
    body = bytes(range(256)) * 1_000
    async with serving() as (_, port):
        head = f"POST / HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: {len(body)}\r\n\r\n"
        reader, writer = await connect(port, head.encode() + body)

        async with asyncio.timeout(SOON):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(len(body)) == body
        writer.close()


async def test_where_all_places_are_taken_whoever_comes_is_served() -> None:
    limits = ConnectionLimits(total=8)
    async with serving(limits=limits) as (server, port):
        idle = [await connect(port) for _ in range(20)]
        await until(lambda: len(server.connections) >= 7)

        assert (await get(port)).endswith(b"well")
        assert len(server.connections) <= limits.total
        assert server.connections.closed.for_room >= 20 - limits.total
        for _, writer in idle:
            writer.close()


async def test_one_network_takes_no_more_than_its_share() -> None:
    limits = ConnectionLimits(total=8, per_network=3)
    async with serving(limits=limits, trusted_proxies=()) as (server, port):
        idle = [await connect(port) for _ in range(8)]
        await until(lambda: server.connections.closed.for_room >= 5)

        assert len(server.connections) == 3
        assert (await get(port)).endswith(b"well")
        for _, writer in idle:
            writer.close()


@pytest.fixture
def no_descriptors() -> Iterator[Callable[[], None]]:
    """Leave this process no file descriptor, when called; give them back at the end."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def take_them() -> None:
        with socket.socket() as probe:
            lowest = probe.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))

    yield take_them
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_running_out_of_descriptors_is_told_in_a_line_and_ends(
    no_descriptors: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as (server, port):
        idle = [await connect(port) for _ in range(3)]
        await until(lambda: len(server.connections) == 3)
        with socket.socket() as client:
            client.setblocking(False)
            no_descriptors()
            with pytest.raises(OSError, match="Too many open files") as raised:
                socket.socket()
            assert raised.value.errno == errno.EMFILE

            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, HEAD + b"\r\n")
            async with asyncio.timeout(SOON):
                answer = await loop.sock_recv(client, 1_000)

        assert answer.startswith(b"HTTP/1.1 200")
        await until(lambda: caplog.records)
        assert len(caplog.records) == 1
        assert "no file descriptor" in caplog.text
        for _, writer in idle:
            writer.close()


@pytest.mark.parametrize(("soft", "raised"), [(64, DESCRIPTORS_WANTED), (9_000, 9_000)])
def test_the_limit_of_open_files_is_raised_and_never_lowered(soft: int, raised: int) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
        raise_descriptor_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (raised, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_limit_that_the_system_does_not_let_us_raise_stays() -> None:
    told = subprocess.run(  # noqa: S603, our own interpreter
        [sys.executable, "-c", LOWERED], capture_output=True, text=True, check=True
    )

    assert told.stdout == "(600, 600)\n"
