"""Mail: the two directions of an open SMTP connection, commands out and replies in, in order.

Pipelining (RFC 2920) needs what client libraries do not offer: several commands under way at once,
each reply given to the command that it belongs to. Knows bytes and lines, not what they mean.
"""

from __future__ import annotations

import asyncio
from collections import deque

LONGEST_LINE = 8192
"""Bytes of a line of a reply; RFC 5321 allows 512, servers write more."""

LONGEST_REPLY = 65_536
"""Bytes of a reply of many lines, which no memory should be filled with."""

_CODE_LENGTH = 3
_SEPARATORS = (b" ", b"-", b"\r", b"\n")


class DialogueError(Exception):
    """The connection is lost, or what comes is not SMTP; one line, without the server's name."""


class Dialogue(asyncio.Protocol):
    """Replies of a server in the order in which they came.

    May take over a transport from another protocol: ``transport.set_protocol``.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._bytes = bytearray()
        self._lines: list[str] = []
        self._reply_length = 0
        self._replies: deque[tuple[int, str]] = deque()
        self._failure: DialogueError | None = None
        self._changed = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def take_over(self, transport: asyncio.Transport) -> None:
        """Go on with a connection that another protocol has opened, secured and logged in."""
        self._transport = transport
        transport.set_protocol(self)

    @property
    def is_idle(self) -> bool:
        """Whether the connection stands and nothing came that no command asked for."""
        return (
            self._transport is not None
            and not self._transport.is_closing()
            and self._failure is None
            and not self._replies
            and not self._bytes
        )

    def write(self, data: bytes) -> None:
        """Send whole lines, ended by CRLF.

        Raises
        ------
        DialogueError
            If the connection is lost already.
        """
        if self._transport is None or self._transport.is_closing():
            raise self._failure or DialogueError("connection lost")
        self._transport.write(data)

    async def flush(self, timeout_seconds: float) -> None:
        """Wait until the server has taken enough of what was written.

        Raises
        ------
        DialogueError
            If the connection is lost meanwhile, or the server takes nothing for that long.
        """
        if not self._writable.is_set():
            await self._wait(self._writable, timeout_seconds)
        if self._failure is not None and not self._replies:
            raise self._failure

    async def reply(self, timeout_seconds: float) -> tuple[int, str]:
        r"""Return the next reply: its code, and its text with ``\n`` between lines.

        Raises
        ------
        DialogueError
            If the connection is lost, the time runs out, or what came is no reply.
        """
        # Replies to pipelined commands come together: only the first one is waited for.
        if not self._replies and self._failure is None:
            self._changed.clear()
            await self._wait(self._changed, timeout_seconds)
        if self._replies:
            return self._replies.popleft()
        raise self._failure or DialogueError("connection lost")

    async def _wait(self, event: asyncio.Event, timeout_seconds: float) -> None:
        try:
            async with asyncio.timeout(timeout_seconds):
                await event.wait()
        except TimeoutError as error:
            raise DialogueError(f"no answer within {timeout_seconds:g} s") from error

    def close(self) -> None:
        """Close, without a farewell."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport of a connection that is opened for us."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        del exc
        self._fail("connection lost")

    def eof_received(self) -> bool:
        """Let the transport close: a server that says no more takes no more."""
        self._fail("connection lost")
        return False

    def pause_writing(self) -> None:
        """Note that the server takes less than we write."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Note that it takes more again."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Take whole lines out of what came, and whole replies out of the lines."""
        self._bytes += data
        while self._failure is None and (end := self._bytes.find(b"\n")) >= 0:
            line = bytes(self._bytes[: end + 1])
            del self._bytes[: end + 1]
            self._take_line(line)
        if len(self._bytes) > LONGEST_LINE:
            self._fail("an answer that is not SMTP: a line without an end")

    def _take_line(self, line: bytes) -> None:
        code, separator = line[:_CODE_LENGTH], line[_CODE_LENGTH : _CODE_LENGTH + 1]
        self._reply_length += len(line)
        if not (code.isdigit() and len(code) == _CODE_LENGTH and separator in _SEPARATORS):
            words = line.decode("utf-8", "replace").strip()
            self._fail(f"an answer that is not SMTP: {words[:200]}")
            return
        if self._reply_length > LONGEST_REPLY:
            self._fail("an answer that is not SMTP: it has no end")
            return
        text = line[_CODE_LENGTH + 1 :].strip(b" \t\r\n")
        self._lines.append(text.decode("utf-8", "surrogateescape"))
        if separator == b"-":
            return
        self._replies.append((int(code), "\n".join(self._lines)))
        self._lines, self._reply_length = [], 0
        self._changed.set()

    def _fail(self, reason: str) -> None:
        if self._failure is None:
            self._failure = DialogueError(reason)
        self._changed.set()
        self._writable.set()
