"""Demo: a mail server that keeps what it gets, on a free port of the loopback interface."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class CapturedMail:
    """A mail as it arrived.

    Attributes
    ----------
    number : int
        From 1, in the order of arrival.
    sender, recipient : str
        Of the envelope.
    content : bytes
        The message with its headers.
    """

    number: int
    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return "" if part is None else str(part.get_content())


class Mailbox:
    """All mails that arrived, oldest first. Mails come in on the server's own thread."""

    def __init__(self) -> None:
        self._mails: list[CapturedMail] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        with self._lock:
            for recipient in envelope.rcpt_tos:
                self._mails.append(
                    CapturedMail(
                        number=len(self._mails) + 1,
                        sender=envelope.mail_from or "",
                        recipient=recipient,
                        content=content,
                    )
                )
        return "250 2.0.0 taken into the mailbox"

    def mails(self) -> list[CapturedMail]:
        """Return all mails, oldest first."""
        with self._lock:
            return list(self._mails)

    def find(self, number: int) -> CapturedMail | None:
        """Return one mail."""
        return next((mail for mail in self.mails() if mail.number == number), None)

    def last_to(self, recipient: str) -> CapturedMail:
        """Return the newest mail to an address.

        Raises
        ------
        LookupError
            If there is none.
        """
        for mail in reversed(self.mails()):
            if mail.recipient == recipient:
                return mail
        raise LookupError(f"no mail to {recipient} arrived")


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[int]:
    """Run the server on a thread and loop of its own; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mailbox", daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        def connection() -> SMTP:
            return SMTP(mailbox, hostname=LOOPBACK, enable_SMTPUTF8=True, loop=loop)

        return await loop.create_server(connection, LOOPBACK, 0)

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in others:
            connection.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
