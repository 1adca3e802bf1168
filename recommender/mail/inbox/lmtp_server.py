"""Mail: takes mail from an MTA by LMTP (RFC 2033), and stores it before it says so.

The only module that listens for mail. Mails of all connections that arrive while a transaction is
written share the next one, so that an acknowledgement is durable and yet costs no fsync of its own.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from recommender.errors import DaemonError, StorageError
from recommender.mail.inbox.receiving import TAKEN, TOO_LARGE, TRY_AGAIN, judge_recipient
from recommender.mail.transport.replies import bounded_line
from recommender.store.inbound import NewMail

StoreMails = Callable[[Sequence[NewMail]], None]
"""Stores all of them durably, or raises `StorageError`; called in a thread."""

MOST_RECIPIENTS: Final = 100
MOST_MAILS_A_TRANSACTION: Final = 500
IDLE_SECONDS: Final = 300
LONGEST_LINE: Final = 1 << 20
"""RFC 5321 allows 1,000 bytes; mail with longer lines exists, and its MTA has taken it already."""

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
        self._waiting: list[tuple[list[NewMail], asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, mails: list[NewMail]) -> bool:
        """Store mails, and tell whether they are; returns when they are on disk."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
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
            group: list[tuple[list[NewMail], asyncio.Future[bool]]] = []
            while self._waiting and len(group) < MOST_MAILS_A_TRANSACTION:
                group.append(self._waiting.pop(0))
            try:
                await asyncio.to_thread(self._store, [mail for mails, _ in group for mail in mails])
                stored = True
            except StorageError as error:
                _logger.error("incoming mail is put off: %s", error)  # noqa: TRY400, our errors say enough in a line
                stored = False
            except Exception:
                _logger.exception("incoming mail is put off")
                stored = False
            for _, future in group:
                # Whose connection is gone waits no more.
                if not future.done():
                    future.set_result(stored)


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
    """

    def __init__(
        self, address: str, *, list_address: str, store: StoreMails, most_bytes: int
    ) -> None:
        self.address = address
        self._list_address = list_address
        self._most_bytes = most_bytes
        self._commits = GroupCommit(store)
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
        if self.address.startswith(_SYSTEM_ADDRESS):
            path = Path(self.address.removeprefix(_SYSTEM_ADDRESS))
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _connection(self) -> _LmtpConnection:
        return _LmtpConnection(
            _Handler(self._list_address, self._commits.add),
            open_transports=self._open,
            data_size_limit=self._most_bytes,
        )


class _Handler:
    """What aiosmtpd asks at each step."""

    def __init__(
        self, list_address: str, store: Callable[[list[NewMail]], Awaitable[bool]]
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

    async def handle_DATA(  # noqa: N802, aiosmtpd's name
        self, _server: LMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        sender = (envelope.mail_from or "").removeprefix("<>")
        mails = [NewMail("lmtp", sender, each, content) for each in envelope.rcpt_tos]
        status = TAKEN if await self._store(mails) else TRY_AGAIN
        # One for each recipient, in their order (RFC 2033, section 4.2).
        return "\r\n".join(f"{status} for <{bounded_line(each)}>" for each in envelope.rcpt_tos)


class _LmtpConnection(LMTP):
    """Adds to aiosmtpd what RFC 2033 wants of a refusal: one for each recipient."""

    line_length_limit = LONGEST_LINE

    def __init__(
        self, handler: _Handler, *, open_transports: set[asyncio.Transport], **options: Any
    ) -> None:
        super().__init__(
            handler,
            hostname=socket.gethostname(),
            ident="LMTP",
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
            **options,
        )
        self._open_transports = open_transports
        self._recipients_of_data = 0

    def connection_made(self, transport: Any) -> None:
        self._open_transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_transports.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802, aiosmtpd's name
        self._recipients_of_data = len(self.envelope.rcpt_tos) if self.envelope else 0
        await super().smtp_DATA(arg)
        self._recipients_of_data = 0

    async def push(self, status: Any) -> None:
        refused = status.startswith(("552 Error: Too much", "500 Line too long"))
        if refused and self._recipients_of_data:
            status = "\r\n".join([str(TOO_LARGE)] * self._recipients_of_data)
        await super().push(status)


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
