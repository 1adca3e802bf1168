"""Room mail: one connection to an SMTP server. The only module that knows aiosmtplib.

It decides nothing of a message's fate: `replies` does, from the `Reply` that `send` gives back.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import aiosmtplib

from recommender.errors import ConfigurationError, DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.replies import Outcome, Reply, Step, classify, one_line, parse_reply
from recommender.mail.wire import dot_stuffed, local_refusal, mail_command, path

QUIT_TIMEOUT_SECONDS = 5


class Security(StrEnum):
    """How the connection is protected. None of them ever falls back to another."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where messages are handed over, and how.

    Attributes
    ----------
    security : Security
        ``PLAIN`` takes no credentials.
    ca_file : Path or None
        Certificates to trust *instead of* the system's.
    timeout_seconds : float
        For the connection and for each answer, > 0.
    local_hostname : str or None
        What we call ourselves in EHLO; None asks the system.

    Raises
    ------
    ConfigurationError
        If a password would cross the network in clear text, or has no user.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout_seconds: float = 60
    local_hostname: str | None = None

    def __post_init__(self) -> None:
        if self.security == Security.PLAIN and (self.username or self.password):
            problem = (
                "smtp.security is 'plain' and smtp.username is set: the password would cross the "
                "network in clear text; use 'starttls' or 'tls', or remove the credentials"
            )
            raise ConfigurationError([problem])
        if bool(self.username) != bool(self.password):
            problem = "smtp.username and smtp.password_file belong together; set both or neither"
            raise ConfigurationError([problem])

    @property
    def address(self) -> str:
        """``host:port``, as the outbox and messages to the operator name this server."""
        return f"{self.host}:{self.port}"


class SmtpConnection:
    """A connection that is opened when needed and takes many messages, one after the other.

    Attributes
    ----------
    answered : int
        Messages that got an answer of their own since the connection was opened.
    """

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.answered = 0
        self._client: aiosmtplib.SMTP | None = None
        self._step = Step.CONNECT

    @property
    def is_open(self) -> bool:
        """Whether the next message can go out without a new connection."""
        return self._client is not None and self._client.is_connected

    async def open(self) -> None:
        """Connect, secure, say EHLO and log in.

        Raises
        ------
        DeliveryError
            If any of that fails: one line with the server and the mend.
        """
        server = self.server
        self.answered = 0
        try:
            # Built per connection: a renewed CA file is used without a restart.
            context = await asyncio.to_thread(tls_context, server)
            name = server.local_hostname or await asyncio.to_thread(_own_hostname)
            client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                local_hostname=name,
                timeout=server.timeout_seconds,
                use_tls=server.security == Security.TLS,
                start_tls=server.security == Security.STARTTLS,
                tls_context=context,
            )
            self._client = client
            await client.connect()
            await _greet(client)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._abandon()
            trouble = _trouble(server, error)
            raise DeliveryError(f"SMTP server {server.address} {trouble}") from error

    async def send(self, envelope: Envelope) -> Reply:
        """Hand over one message on an open connection.

        Returns
        -------
        Reply
            The server's last word on it. Where the connection was lost or the time ran out, the
            code is None and the step says whether the server may have the message: only from
            `Step.END_OF_DATA` on. After such an answer, or a 421, the connection is closed.
        """
        client = self._client
        if client is None:
            raise DeliveryError(f"SMTP server {self.server.address}: send before open")
        refusal = local_refusal(envelope, client.esmtp_extensions)
        if refusal is not None:
            return refusal
        try:
            reply = await self._transaction(client, envelope)
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = _reason(error, self.server.timeout_seconds)
            reply = Reply(None, None, one_line(f"{reason} ({self._step})"), self._step)
        except asyncio.CancelledError:
            self._abandon()  # in the middle of the dialogue there is no place for a farewell
            raise
        if classify(reply) in {Outcome.SERVER, Outcome.IN_DOUBT}:
            self._abandon()
            return reply
        self.answered += 1
        if reply.step is not Step.END_OF_DATA:
            await self._reset(client)
        return reply

    async def close(self) -> None:
        """Take leave where the server still listens, and close."""
        if self._client is not None and self.is_open:
            try:
                await self._client.quit(timeout=QUIT_TIMEOUT_SECONDS)
            except (aiosmtplib.SMTPException, OSError):
                self._abandon()  # all messages have their answers, a lost farewell costs nothing
        self._abandon()
        await asyncio.sleep(0)  # lets the transport close before the loop may end

    async def _transaction(self, client: aiosmtplib.SMTP, envelope: Envelope) -> Reply:
        content = dot_stuffed(envelope.content)
        for step, command, expected in (
            (Step.MAIL, mail_command(envelope, client.esmtp_extensions), 2),
            (Step.RCPT, (b"RCPT", b"TO:" + path(envelope.recipient)), 2),
            (Step.DATA, (b"DATA",), 3),
        ):
            self._step = step
            response = await client.execute_command(*command)
            if response.code // 100 != expected:
                return parse_reply(response.code, response.message, step)
        # client.data() would not tell a connection lost before the content from one lost after it.
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._step = Step.END_OF_DATA
        protocol.write(content + b".\r\n")
        response = await protocol.read_response(timeout=self.server.timeout_seconds)
        return parse_reply(response.code, response.message, Step.END_OF_DATA)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._abandon()  # the answer stands; the next message opens a new connection

    def _abandon(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def tls_context(server: SmtpServer) -> ssl.SSLContext | None:
    """Build what checks the server's certificate and its host name; None for ``PLAIN``.

    Raises
    ------
    OSError
        If ``ca_file`` cannot be read or holds no certificates.
    """
    if server.security == Security.PLAIN:
        return None
    return ssl.create_default_context(cafile=server.ca_file)


async def _greet(client: aiosmtplib.SMTP) -> None:
    # STARTTLS makes the client forget what it heard in clear text (RFC 3207 §4.2).
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


@functools.cache
def _own_hostname() -> str:
    # Cached: where the resolver is slow this takes seconds.
    return socket.getfqdn()


def _reason(error: Exception, timeout_seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_seconds:g} s"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"an answer that is not SMTP: {error.message}"
    return "connection lost"


def _trouble(server: SmtpServer, error: Exception) -> str:  # noqa: PLR0911, one per kind of trouble
    """Say what went wrong with a connection and the mend, to follow ``SMTP server host:port``."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"has a certificate that does not hold ({one_line(cause.verify_message)}); set "
            "smtp.host to the name in the certificate, or smtp.ca_file to the CA that signed it"
        )
    if isinstance(cause, ssl.SSLError):
        return (
            f"failed in the TLS handshake ({one_line(cause.reason or str(cause))}); check that "
            "smtp.security fits the port: 'starttls' is usual on 587 and 25, 'tls' on 465"
        )
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        words = parse_reply(error.code, error.message, Step.CONNECT).words
        return f"refused the login ({words}); check smtp.username and smtp.password_file"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        words = parse_reply(error.code, error.message, Step.CONNECT).words
        return f"turned us away ({words}); ask its operator, or wait if it is being restarted"
    if isinstance(error, TimeoutError):
        return (
            f"did not answer within {server.timeout_seconds:g} s; check smtp.host and smtp.port, "
            "and that no firewall is between"
        )
    if isinstance(error, aiosmtplib.SMTPException) and "STARTTLS" in error.message:
        return (
            "does not offer STARTTLS, and nothing is sent in clear text; set smtp.security to "
            "'tls' if the port speaks TLS at once, or to 'plain' only where the network is trusted"
        )
    if isinstance(error, aiosmtplib.SMTPException) and "AUTH" in error.message.upper():
        return "offers no login that we know; remove smtp.username or use its submission port"
    if isinstance(cause, FileNotFoundError | PermissionError) and server.ca_file is not None:
        return f"cannot be checked: smtp.ca_file {str(server.ca_file)!r}: {cause.strerror}"
    reason = one_line(str(cause)) or "connection lost"
    return f"cannot be reached ({reason}); check smtp.host and smtp.port, and that it is running"
