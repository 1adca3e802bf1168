"""LMTP and sendmail take messages as SMTP does; logins and certificates are what was asked for."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import AuthResult, LoginPassword

from recommender.errors import DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.transport.replies import Outcome, Reply, Step, classify
from recommender.mail.transport.smtp_server import Authentication, Security, SmtpServer, Target
from recommender.mail.transport.transports import connect

CONTENT = b"Subject: x\r\n\r\n.body\r\n"
ENVELOPE = Envelope("papers+bounce-1@example.org", "ann@example.org", CONTENT)


async def send(server: SmtpServer, *envelopes: Envelope) -> list[Reply]:
    connection = connect(server)
    await connection.open()
    replies = [await connection.send(envelope) for envelope in envelopes]
    await connection.close()
    return replies


@pytest.fixture
async def start_store(mailbox: Any, tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Start an LMTP server at a Unix socket, and get its path."""
    running: list[asyncio.Server] = []

    async def start() -> str:
        loop = asyncio.get_running_loop()
        path = str(tmp_path / "store.sock")
        server = await loop.create_unix_server(
            lambda: LMTP(mailbox, hostname="store", loop=loop), path
        )
        running.append(server)
        return path

    yield start
    for server in running:
        server.close()
    await asyncio.sleep(0)


async def test_mail_store_takes_messages_at_its_socket(
    start_store: Callable[[], Awaitable[str]], mailbox: Any
) -> None:
    mailbox.rcpt = lambda address: "550 5.1.1 no" if address.startswith("bob") else "250 ok"
    server = SmtpServer(await start_store(), target=Target.LMTP, local_hostname="c.example.org")
    bob = Envelope(ENVELOPE.sender, "bob@example.org", CONTENT)

    replies = await send(server, ENVELOPE, bob, ENVELOPE)

    assert [(reply.code, reply.step) for reply in replies] == [
        (250, Step.END_OF_DATA),
        (550, Step.RCPT),
        (250, Step.END_OF_DATA),
    ]
    assert mailbox.accepted == [("ann@example.org", CONTENT)] * 2
    assert server.address == f"lmtp:{server.host}"


async def test_mail_store_that_is_not_there_is_told_with_the_mend(tmp_path: Path) -> None:
    server = SmtpServer(str(tmp_path / "gone.sock"), target=Target.LMTP)

    with pytest.raises(
        DeliveryError, match=r"LMTP server lmtp:/.*gone\.sock cannot be used .*lets"
    ):
        await connect(server).open()


@pytest.fixture
def sendmail(tmp_path: Path) -> Callable[..., SmtpServer]:
    """Write a program in place of sendmail."""

    def write(script: str, **options: Any) -> SmtpServer:
        path = tmp_path / "sendmail"
        path.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return SmtpServer(str(path), target=Target.SENDMAIL, **options)

    return write


async def test_sendmail_is_given_the_message_and_no_address_as_an_option(
    sendmail: Callable[..., SmtpServer], tmp_path: Path
) -> None:
    server = sendmail('printf "%s\\n" "$@" >arguments; cat >message')
    option = Envelope(ENVELOPE.sender, "-oQ/tmp@example.org", CONTENT)

    (reply,) = await send(server, option)

    assert Reply(250, "2.0.0", "queued by sendmail", Step.END_OF_DATA) == reply
    assert (tmp_path / "arguments").read_text().split() == [
        "-i",
        "-f",
        "papers+bounce-1@example.org",
        "--",
        "-oQ/tmp@example.org",
    ]
    assert (tmp_path / "message").read_bytes() == CONTENT.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        (67, Outcome.FAILED, "5.1.1"),
        (68, Outcome.FAILED, "5.1.2"),
        (65, Outcome.FAILED, "5.6.0"),
        (75, Outcome.DEFERRED, "4.3.0"),
        (71, Outcome.DEFERRED, "4.3.0"),
        (1, Outcome.DEFERRED, "4.3.0"),
    ],
)
async def test_exit_status_of_sendmail_is_told_as_a_reply(
    sendmail: Callable[..., SmtpServer], status: int, outcome: Outcome, code: str
) -> None:
    server = sendmail(f"cat >/dev/null; echo no such place >&2; echo more >&2; exit {status}")

    (reply,) = await send(server, ENVELOPE)

    assert (outcome, code) == (classify(reply), reply.enhanced_status_code)
    assert reply.text == f"no such place (exit status {status})"


async def test_sendmail_that_hangs_is_ended_and_its_message_in_doubt(
    sendmail: Callable[..., SmtpServer],
) -> None:
    server = sendmail("cat >/dev/null; exec sleep 600", timeout_seconds=0.3)

    (reply,) = await send(server, ENVELOPE)

    assert Outcome.IN_DOUBT is classify(reply)


async def test_sendmail_that_is_not_there_is_told_with_the_mend(tmp_path: Path) -> None:
    server = SmtpServer(str(tmp_path / "none"), target=Target.SENDMAIL)

    with pytest.raises(DeliveryError, match="is no program that this user may run; install an MTA"):
        await connect(server).open()


def check_password(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (b"papers", b"open sesame"))


@pytest.mark.parametrize(
    ("authentication", "excluded"),
    [
        (Authentication.PLAIN, ["LOGIN"]),
        (Authentication.LOGIN, ["PLAIN"]),
        (Authentication.AUTO, ["PLAIN"]),
    ],
)
async def test_login_goes_the_way_that_was_asked_for(
    start_server: Any,
    mailbox: Any,
    certificates: Any,
    authentication: Authentication,
    excluded: list[str],
) -> None:
    port = await start_server(
        mailbox,
        tls_context=certificates.right,
        authenticator=check_password,
        auth_required=True,
        auth_exclude_mechanism=excluded,
    )
    server = SmtpServer(
        "127.0.0.1",
        port,
        Security.STARTTLS,
        "papers",
        "open sesame",
        certificates.ca_file,
        auth=authentication,
    )

    (reply,) = await send(server, ENVELOPE)

    assert reply.code == 250


async def test_oauth2_token_is_read_anew_for_each_login(
    start_server: Any, mailbox: Any, certificates: Any, tmp_path: Path
) -> None:
    seen: list[bytes] = []

    class Tokens(type(mailbox)):  # type: ignore[misc]  # the fixture's class
        async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802
            data = await server.challenge_auth("") if len(args) == 1 else args[1]
            seen.append(data if isinstance(data, bytes) else data.encode())
            return AuthResult(success=True)

    port = await start_server(Tokens(), tls_context=certificates.right)
    token_file = tmp_path / "token"
    server = SmtpServer(
        "127.0.0.1",
        port,
        Security.STARTTLS,
        "papers",
        ca_file=certificates.ca_file,
        oauth2_token_file=token_file,
    )
    for token in ("first", "second"):
        token_file.write_text(f"{token}\n")
        await send(server, ENVELOPE)

    assert len(set(seen)) == 2


async def test_client_shows_its_certificate_to_a_server_that_asks(
    start_server: Any, mailbox: Any, certificates: Any
) -> None:
    asking = certificates.right
    asking.verify_mode = ssl.CERT_REQUIRED
    asking.load_verify_locations(certificates.ca_file)
    port = await start_server(mailbox, tls=asking)
    chain = certificates.ca_file.parent / "right.pem"

    def server(certificate: Path | None) -> SmtpServer:
        return SmtpServer(
            "127.0.0.1",
            port,
            Security.TLS,
            ca_file=certificates.ca_file,
            client_cert_file=certificate,
            timeout_seconds=5,
        )

    try:
        (reply,) = await send(server(chain), ENVELOPE)
        assert reply.code == 250
        with pytest.raises(DeliveryError):
            await send(server(None), ENVELOPE)
        with pytest.raises(DeliveryError, match=r"smtp\.client_cert_file .*gone.pem"):
            await send(server(chain.parent / "gone.pem"), ENVELOPE)
    finally:
        asking.verify_mode = ssl.CERT_NONE
