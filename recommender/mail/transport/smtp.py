"""Room mail: one connection to an SMTP server. The only module that knows aiosmtplib.

It decides nothing of a message's fate: `replies` does, from the `Reply` that `send` gives back.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import Collection

import aiosmtplib

from recommender.errors import DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.transport.dialogue import Dialogue, DialogueError
from recommender.mail.transport.replies import (
    Outcome,
    Reply,
    Step,
    bounded_line,
    classify,
    parse_reply,
)
from recommender.mail.transport.smtp_server import Authentication, Security, SmtpServer
from recommender.mail.transport.wire import dot_stuffed, local_refusal, mail_command, path

QUIT_TIMEOUT_SECONDS = 5

_CLOSING_CHANNEL = 421


class SmtpConnection:
    """A connection that is opened when needed and takes many messages, one after the other.

    aiosmtplib connects, secures and logs in; from then on the `Dialogue` is ours, which lets all
    commands of a message be under way at once where the server offers PIPELINING.

    Attributes
    ----------
    answered : int
        Messages that got an answer of their own since the connection was opened.
    """

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.answered = 0
        self._dialogue: Dialogue | None = None
        self._extensions: Collection[str] = ()
        self._is_sending = False
        self._step = Step.CONNECT

    @property
    def is_open(self) -> bool:
        """Whether the next message can go out without a new connection."""
        # In the middle of a message there may be replies that nobody has taken yet.
        return self._dialogue is not None and (self._is_sending or self._dialogue.is_idle)

    async def open(self) -> None:
        """Connect, secure, say EHLO and log in.

        Raises
        ------
        DeliveryError
            If any of that fails: one line with the server and the fix.
        """
        server = self.server
        self.answered = 0
        self._abandon()
        client: aiosmtplib.SMTP | None = None
        try:
            # Built per connection: renewed certificates are used without a restart.
            context = await asyncio.to_thread(tls_context, server)
            name = server.local_hostname or await asyncio.to_thread(own_hostname)
            client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                local_hostname=name,
                timeout=server.timeout_seconds,
                use_tls=server.security == Security.TLS,
                start_tls=server.security == Security.STARTTLS,
                tls_context=context,
            )
            await client.connect()
            await _greet(client)
            await _log_in(client, server)
            transport = client.transport
            if not isinstance(transport, asyncio.Transport) or transport.is_closing():
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if client is not None:
                client.close()
            raise DeliveryError(
                f"SMTP server {server.address} {_trouble(server, error)}"
            ) from error
        except asyncio.CancelledError:
            if client is not None:
                client.close()
            raise
        self._extensions = frozenset(client.esmtp_extensions)
        self._dialogue = Dialogue()
        self._dialogue.take_over(transport)

    async def send(self, envelope: Envelope) -> Reply:
        """Hand over one message on an open connection.

        Returns
        -------
        Reply
            The server's last word on it. Where the connection was lost or the time ran out, the
            code is None and the step says whether the server may have the message: only from
            `Step.END_OF_DATA` on. After such an answer, or a 421, the connection is closed.
        """
        dialogue = self._dialogue
        if dialogue is None:
            raise DeliveryError(f"SMTP server {self.server.address}: send before open")
        refusal = local_refusal(envelope, self._extensions)
        if refusal is not None:
            return refusal
        self._is_sending = True
        try:
            reply = await self._transaction(dialogue, envelope)
        except DialogueError as error:
            reply = Reply(None, None, bounded_line(f"{error} ({self._step})"), self._step)
        except asyncio.CancelledError:
            self._abandon()  # in the middle of the dialogue there is no place for a farewell
            raise
        finally:
            self._is_sending = False
        if classify(reply) in {Outcome.SERVER, Outcome.IN_DOUBT}:
            self._abandon()
            return reply
        self.answered += 1
        if reply.step is not Step.END_OF_DATA:
            await self._reset(dialogue)
        return reply

    async def close(self) -> None:
        """Take leave where the server still listens, and close."""
        if self._dialogue is not None and self._dialogue.is_idle:
            # All messages have their answers, a lost farewell costs nothing.
            with contextlib.suppress(DialogueError):
                self._dialogue.write(b"QUIT\r\n")
                await self._dialogue.reply(QUIT_TIMEOUT_SECONDS)
        self._abandon()
        await asyncio.sleep(0)  # lets the transport close before the loop may end

    async def _transaction(self, dialogue: Dialogue, envelope: Envelope) -> Reply:
        content = dot_stuffed(envelope.content)
        commands = (
            (Step.MAIL, b" ".join(mail_command(envelope, self._extensions)), 2),
            (Step.RCPT, b"RCPT TO:" + path(envelope.recipient), 2),
            (Step.DATA, b"DATA", 3),
        )
        is_pipelined = "pipelining" in self._extensions
        if is_pipelined:
            self._step = Step.MAIL
            dialogue.write(b"".join(command + b"\r\n" for _, command, _ in commands))
        refusal: Reply | None = None
        for step, command, expected in commands:
            self._step = step
            if not is_pipelined:
                dialogue.write(command + b"\r\n")
            try:
                code, text = await dialogue.reply(self.server.timeout_seconds)
            except DialogueError:
                if refusal is None:
                    raise
                self._abandon()  # what was refused before the connection broke stays refused
                return refusal
            is_refused = code // 100 != expected
            if is_refused and refusal is None:
                refusal = parse_reply(code, text, step)
            if is_refused and (not is_pipelined or code == _CLOSING_CHANNEL):
                break
            if step is Step.DATA and refusal is not None and not is_refused:
                # It waits for content in spite of the refusal (RFC 2920, section 3.1).
                await self._send_nothing(dialogue)
        if refusal is not None:
            return refusal
        dialogue.write(content + b".\r\n")
        self._step = Step.END_OF_DATA  # not before: where it raises, nothing was handed over
        await dialogue.flush(self.server.timeout_seconds)
        code, text = await dialogue.reply(self.server.timeout_seconds)
        return parse_reply(code, text, Step.END_OF_DATA)

    async def _send_nothing(self, dialogue: Dialogue) -> None:
        try:
            dialogue.write(b".\r\n")
            await dialogue.reply(self.server.timeout_seconds)
        except DialogueError:
            self._abandon()  # nobody's message: there was no recipient

    async def _reset(self, dialogue: Dialogue) -> None:
        try:
            dialogue.write(b"RSET\r\n")
            await dialogue.reply(self.server.timeout_seconds)
        except DialogueError:
            self._abandon()  # the answer stands; the next message opens a new connection

    def _abandon(self) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
            self._dialogue = None


def tls_context(server: SmtpServer) -> ssl.SSLContext | None:
    """Build what checks the server's certificate and its host name; None for ``PLAIN``.

    Raises
    ------
    OSError
        If ``ca_file`` or the client's certificate cannot be read or is none.
    """
    if server.security == Security.PLAIN:
        return None
    context = ssl.create_default_context(cafile=server.ca_file)
    if server.client_cert_file is not None:
        context.load_cert_chain(server.client_cert_file, server.client_key_file)
    return context


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


async def _log_in(client: aiosmtplib.SMTP, server: SmtpServer) -> None:
    if server.username is None:
        return
    if server.oauth2_token_file is not None:
        token = await asyncio.to_thread(server.oauth2_token_file.read_text, encoding="utf-8")
        await client.auth_xoauth2(server.username, token.strip())
        return
    log_in = {
        Authentication.AUTO: client.login,
        Authentication.PLAIN: client.auth_plain,
        Authentication.LOGIN: client.auth_login,
    }[server.auth]
    await log_in(server.username, server.password or "")


@functools.cache
def own_hostname() -> str:
    """Return the name of this machine; kept, for where the resolver is slow it takes seconds."""
    return socket.getfqdn()


def _trouble(server: SmtpServer, error: Exception) -> str:  # noqa: PLR0911, one per kind of trouble
    """Return what went wrong with a connection and the fix, to follow ``SMTP server host:port``."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"has a certificate that does not hold ({bounded_line(cause.verify_message)}); set "
            "smtp.host to the name in the certificate, or smtp.ca_file to the CA that signed it"
        )
    if isinstance(cause, ssl.SSLError):
        return (
            f"failed in the TLS handshake ({bounded_line(cause.reason or str(cause))}); check that "
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
    if isinstance(cause, FileNotFoundError | PermissionError) and _files(server):
        return f"cannot be used: {_files(server)}: {cause.strerror}"
    reason = bounded_line(str(cause)) or "connection lost"
    return f"cannot be reached ({reason}); check smtp.host and smtp.port, and that it is running"


def _files(server: SmtpServer) -> str:
    """Name the files that are read for a connection: which of them is wrong, the system hides."""
    files = {
        "smtp.ca_file": server.ca_file,
        "smtp.client_cert_file": server.client_cert_file,
        "smtp.client_key_file": server.client_key_file,
        "smtp.oauth2_token_file": server.oauth2_token_file,
    }
    return ", ".join(f"{key} {str(file)!r}" for key, file in files.items() if file is not None)
