"""Mail: takes mail from an MTA by LMTP (RFC 2033), and stores it before it says so.

The only module that listens for mail. Mails of all connections that arrive while a transaction is
written share the next one, so that an acknowledgement is durable and yet costs no fsync of its own.

Content is read in blocks, not line by line as aiosmtpd does it: 6 MB of empty lines became three
million objects in 485 MB, and kept the pages of the same process waiting for two seconds at a time.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from recommender.errors import DaemonError, InboxFullError, StorageError
from recommender.mail.inbox.receiving import (
    FULL,
    TAKEN,
    TOO_LARGE,
    TRY_AGAIN,
    ReceiveStatus,
    judge_recipient,
)
from recommender.mail.transport.replies import bounded_line
from recommender.store.inbound import NewMail

StoreMails = Callable[[Sequence[NewMail]], None]
"""Stores all of them durably, or raises `StorageError`; called in a thread."""

_Waiting = tuple[list[NewMail], asyncio.Future[ReceiveStatus]]

MOST_RECIPIENTS: Final = 100
MOST_MAILS_A_TRANSACTION: Final = 500
IDLE_SECONDS: Final = 300
MOST_CONNECTIONS: Final = 50
"""An MTA opens some ten or twenty to one destination, and comes again where it is turned away."""
LARGE_MAILS_AT_ONCE: Final = 4
"""How many mails of the largest size may be in memory at once, being received or stored."""

_WHOLE_BUFFER: Final = 1 << 30
_END_OF_CONTENT: Final = b"\r\n.\r\n"

_SYSTEM_ADDRESS = "unix:"

_logger = logging.getLogger(__name__)


class GroupCommit:
    """Store what many connections hand in, as few transactions as they need.

    Parameters
    ----------
    store : callable
        See `StoreMails`.
    """

    def __init__(self, store: StoreMails) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, mails: list[NewMail]) -> ReceiveStatus:
        """Store mails, and return what became of them, when they are on disk or cannot be."""
        stored: asyncio.Future[ReceiveStatus] = asyncio.get_running_loop().create_future()
        self._waiting.append((mails, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def finish(self) -> None:
        """Wait until everything that was handed in has its answer."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        while self._waiting:
            group: list[_Waiting] = []
            while self._waiting and len(group) < MOST_MAILS_A_TRANSACTION:
                group.append(self._waiting.pop(0))
            try:
                status = await self._stored([mail for mails, _ in group for mail in mails])
            except Exception:
                _logger.exception("incoming mail is stored one by one")
                await self._store_apart(group)
                continue
            for _, future in group:
                _answer(future, status)

    async def _store_apart(self, group: list[_Waiting]) -> None:
        """Store the mails of a group by themselves: whichever is at fault holds up no other."""
        for mails, future in group:
            try:
                status = await self._stored(mails)
            except Exception:
                _logger.exception("incoming mail is put off")
                status = TRY_AGAIN
            _answer(future, status)

    async def _stored(self, mails: list[NewMail]) -> ReceiveStatus:
        try:
            await asyncio.to_thread(self._store, mails)
        except StorageError as error:
            _logger.error("incoming mail is put off: %s", error)  # noqa: TRY400, our errors say enough in a line
            return FULL if isinstance(error, InboxFullError) else TRY_AGAIN
        return TAKEN


def _answer(waiting: asyncio.Future[ReceiveStatus], status: ReceiveStatus) -> None:
    # Whose connection is gone waits no more.
    if not waiting.done():
        waiting.set_result(status)


class LmtpServer:
    """Listens at a socket or port, and takes mail for the list's addresses.

    Parameters
    ----------
    address : str
        ``unix:/path`` or ``host:port``.
    list_address : str
    store : callable
        See `StoreMails`.
    most_bytes : int
        Of one mail; larger ones are refused with 552.
    listener : socket or None
        In place of the address, where somebody else opened it, and keeps it when we end.
    """

    def __init__(
        self,
        address: str,
        *,
        list_address: str,
        store: StoreMails,
        most_bytes: int,
        listener: socket.socket | None = None,
    ) -> None:
        self.address = address
        self._list_address = list_address
        self._most_bytes = most_bytes
        self._listener = listener
        self._commits = GroupCommit(store)
        self._memory = _Memory(LARGE_MAILS_AT_ONCE * most_bytes)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()

    @property
    def port(self) -> int:
        """The port that it listens at; 0 for a socket."""
        if self._server is None or self.address.startswith(_SYSTEM_ADDRESS):
            return 0
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        DaemonError
            If the address is taken, or may not be used.
        """
        loop = asyncio.get_running_loop()
        if self._listener is not None:
            serve = (
                loop.create_unix_server
                if self._listener.family == socket.AF_UNIX
                else loop.create_server
            )
            self._server = await serve(self._connection, sock=self._listener)
            return
        try:
            if self.address.startswith(_SYSTEM_ADDRESS):
                path = Path(self.address.removeprefix(_SYSTEM_ADDRESS))
                await asyncio.to_thread(_remove_stale, path)
                self._server = await loop.create_unix_server(self._connection, str(path))
                # Whoever may reach the folder may hand mail in, as they could at any port 25;
                # nothing that comes by it is trusted. The MTA runs as another user.
                await asyncio.to_thread(os.chmod, path, 0o666)
            else:
                host, _, port = self.address.rpartition(":")
                self._server = await loop.create_server(
                    self._connection, host.strip("[]"), int(port)
                )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise DaemonError(
                f"inbox.lmtp {self.address} cannot be listened on ({bounded_line(reason)}); stop "
                "what uses it, or choose another path that this user may write to"
            ) from error

    async def stop(self) -> None:
        """Take no new mail, and answer what was handed in whole."""
        if self._server is None:
            return
        self._server.close()
        await self._commits.finish()
        await asyncio.sleep(0)  # lets the answers go out
        for transport in tuple(self._open):
            transport.close()
        if self.address.startswith(_SYSTEM_ADDRESS) and self._listener is None:
            path = Path(self.address.removeprefix(_SYSTEM_ADDRESS))
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _connection(self) -> asyncio.Protocol:
        if len(self._open) >= MOST_CONNECTIONS:
            return _TurnedAway()
        return _LmtpConnection(
            _Handler(self._list_address, self._commits.add),
            open_transports=self._open,
            memory=self._memory,
            data_size_limit=self._most_bytes,
        )


@dataclass(slots=True)
class _Memory:
    """How many bytes of mails all connections hold, and may hold."""

    most: int
    held: int = 0

    def take(self, number: int) -> bool:
        """Hold so many more, and return whether there was room for them."""
        if self.held + number > self.most:
            return False
        self.held += number
        return True


class _TurnedAway(asyncio.Protocol):
    """A connection beyond those that there may be."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 too many connections, try again\r\n")
        transport.close()


class _Handler:
    """What aiosmtpd asks at each step."""

    def __init__(
        self, list_address: str, store: Callable[[list[NewMail]], Awaitable[ReceiveStatus]]
    ) -> None:
        self._list_address = list_address
        self._store = store

    async def handle_LHLO(self, hostname: str) -> str:  # noqa: N802, aiosmtpd's name
        return hostname

    async def handle_EHLO(  # noqa: N802, aiosmtpd's name
        self,
        _server: LMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(  # noqa: N802, aiosmtpd's name
        self,
        _server: LMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        status = judge_recipient(address, self._list_address)
        if status.is_taken:
            envelope.rcpt_tos.append(address)
        return str(status)

    async def store(self, envelope: Envelope, content: bytes) -> ReceiveStatus:
        """Store a mail for each of its recipients, and return what became of it."""
        sender = (envelope.mail_from or "").removeprefix("<>")
        mails = [NewMail("lmtp", sender, each, content) for each in envelope.rcpt_tos]
        return await self._store(mails)


class _LmtpConnection(LMTP):
    """Reads content in its own way, and answers it with one status for each recipient."""

    def __init__(
        self,
        handler: _Handler,
        *,
        open_transports: set[asyncio.Transport],
        memory: _Memory,
        data_size_limit: int,
    ) -> None:
        super().__init__(
            handler,
            hostname=socket.gethostname(),
            ident="LMTP",
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
            data_size_limit=data_size_limit,
        )
        self._mails = handler
        self._open_transports = open_transports
        self._memory = memory
        self._most_bytes = data_size_limit

    def connection_made(self, transport: Any) -> None:
        self._open_transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_transports.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802, aiosmtpd's name
        if await self.check_helo_needed():
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        with _Content(self._memory, self._most_bytes) as content:
            await content.read(self._reader)
            status = content.refusal
            if status is None:
                status = await self._mails.store(envelope, content.as_sent())
        recipients = envelope.rcpt_tos
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        # One for each recipient, in their order (RFC 2033, section 4.2).
        await self.push("\r\n".join(f"{status} for <{bounded_line(to)}>" for to in recipients))


class _Content:
    """The content of one mail while it comes in; beyond a limit, it is read and not kept.

    What it holds counts among what all connections hold until it is left.
    """

    def __init__(self, memory: _Memory, most_bytes: int) -> None:
        self._memory = memory
        self._most_bytes = most_bytes
        # As if a line ended before it: a dot on the first line ends an empty mail.
        self._received = bytearray(b"\r\n")
        self._counted = 0
        self._size = 0
        self.refusal: ReceiveStatus | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._received.clear()
        self._memory.held -= self._counted

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Read to the dot on a line of its own; what comes after it is left to be read."""
        while True:
            block = await reader.read(_WHOLE_BUFFER)
            if not block:
                # aiosmtpd ends the coroutine of a connection that is lost; not to go on for ever
                # where it does not.
                raise ConnectionResetError("lost in the content of a mail")
            searched = max(len(self._received) - len(_END_OF_CONTENT) + 1, 0)
            self._received += block
            end = self._received.find(_END_OF_CONTENT, searched)
            if end >= 0:
                rest = bytes(self._received[end + len(_END_OF_CONTENT) :])
                self._size += len(block) - len(rest)
                del self._received[end + 2 :]
                # Nothing is behind it: the whole buffer was taken, and nobody else ran since.
                reader.feed_data(rest)
                self._refuse_beyond_limits(0)
                return
            self._size += len(block)
            self._refuse_beyond_limits(len(block))

    def _refuse_beyond_limits(self, number: int) -> None:
        if self._size > self._most_bytes + len(_END_OF_CONTENT) - 2:
            self.refusal = TOO_LARGE
        elif self.refusal is None and not self._memory.take(number):
            self.refusal = FULL
        elif self.refusal is None:
            self._counted += number
        if self.refusal is not None:
            del self._received[: -len(_END_OF_CONTENT)]

    def as_sent(self) -> bytes:
        """Return the content without the dots that were put before dots (RFC 5321, 4.5.2)."""
        content = self._received.replace(b"\r\n.", b"\r\n")
        self._received.clear()
        return bytes(memoryview(content)[2:])


def _remove_stale(path: Path) -> None:
    """Remove a socket that nobody listens at any more; what else is there stays."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    # asyncio would take the place of whoever listens there.
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
