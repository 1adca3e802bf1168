"""A web server on loopback, for tests that fetch; it counts what is asked and what it sends."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent, ``times`` over with a pause between, however long anybody should read."""

    status: int = 200
    headers: Headers = field(default_factory=dict)
    body: bytes = b""
    times: int = 1
    pause_seconds: float = 0.0


Page = Callable[[str, Headers], Awaitable[Reply]]


def page(reply: Reply) -> Page:
    """Send the same whatever is asked."""

    async def send(path: str, headers: Headers) -> Reply:
        del path, headers
        return reply

    return send


def redirect(target: str, status: int = 302) -> Page:
    return page(Reply(status, {"Location": target}))


def with_etag(body: bytes, etag: str = '"one"') -> Page:
    """Send a body to whoever does not have it yet."""

    async def send(path: str, headers: Headers) -> Reply:
        del path
        if headers.get("if-none-match") == etag:
            return Reply(304, {"ETag": etag})
        return Reply(200, {"ETag": etag}, body)

    return send


async def hang(path: str, headers: Headers) -> Reply:
    """Never answer."""
    del path, headers
    await asyncio.Event().wait()
    raise AssertionError


class LocalWeb:
    """Pages by their paths.

    Attributes
    ----------
    pages : dict of str to Page
    asked : list of (str, dict)
        Each path that was asked for, with its headers.
    is_asked : asyncio.Event
        Somebody asked for something.
    sent : Counter
        Bytes of bodies by path.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.is_asked = asyncio.Event()
        self.sent: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self.port = 0
        self._server: asyncio.Server
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            # Whoever asked may be gone at any time.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self.at_once -= 1
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = request[0].split(" ")[1]
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in request[1:] if line)
        }
        self.asked.append((path, headers))
        self.is_asked.set()
        reply = await self.pages.get(path, page(Reply(404)))(path, headers)
        length = {"Content-Length": str(len(reply.body) * reply.times)}
        if "Content-Length" in reply.headers:
            length = {}
        lines = [f"HTTP/1.1 {reply.status} Said", "Connection: close"]
        lines += [
            f"{name}: {value}" for name, value in {**length, **reply.headers}.items() if value
        ]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        for _ in range(reply.times):
            writer.write(reply.body)
            self.sent[path] += len(reply.body)
            await writer.drain()
            if reply.pause_seconds:
                await asyncio.sleep(reply.pause_seconds)

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, at the same port as before where it listened before."""
        self._server = await asyncio.start_server(self.answer, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def be_there(self, is_there: bool) -> None:
        """Take connections, or refuse them."""
        if is_there and not self._server.is_serving():
            await self.start()
        elif not is_there and self._server.is_serving():
            self._server.close()
            await self._server.wait_closed()

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def local_web(tls: ssl.SSLContext | None = None) -> AsyncIterator[LocalWeb]:
    """Run a server for the time of a test."""
    web = LocalWeb()
    await web.start(tls)
    try:
        yield web
    finally:
        web._server.close()
        await web.stop()
        await web._server.wait_closed()
