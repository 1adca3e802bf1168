from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from recommender.errors import ConfigurationError, DeliveryError
from recommender.mail.message import Envelope
from recommender.mail.transport.replies import Outcome, Reply, Step, classify
from recommender.mail.transport.smtp import SmtpConnection
from recommender.mail.transport.smtp_server import Security, SmtpServer

CUT, HANG = "cut", "hang"  # what conftest's servers understand beside replies
CONTENT = b"Subject: papers\r\n\r\n.hidden dot\r\n"


def envelope(recipient: str = "ann@example.org") -> Envelope:
    return Envelope("papers@example.org", recipient, CONTENT)


def at(port: int, security: Security = Security.PLAIN, **settings: Any) -> SmtpServer:
    settings = {"timeout_seconds": 5, "local_hostname": "client.example.org", **settings}
    return SmtpServer("127.0.0.1", port, security, **settings)


@asynccontextmanager
async def connected(server: SmtpServer) -> AsyncIterator[SmtpConnection]:
    connection = SmtpConnection(server)
    try:
        await connection.open()
        yield connection
    finally:
        await connection.close()


async def trouble_with(server: SmtpServer) -> str:
    with pytest.raises(DeliveryError) as caught:
        async with connected(server):
            pass
    message = str(caught.value)
    assert message.startswith(f"SMTP server 127.0.0.1:{server.port} ")
    assert "\n" not in message
    return message


async def test_message_arrives_as_it_was_given(start_server: Any, mailbox: Any) -> None:
    async with connected(at(await start_server(mailbox))) as connection:
        reply = await connection.send(envelope())

    assert Reply(250, "2.0.0", "taken", Step.END_OF_DATA) == reply
    assert mailbox.accepted == [("ann@example.org", CONTENT)]


async def test_one_connection_takes_many_messages_and_says_farewell(
    start_server: Any, mailbox: Any
) -> None:
    async with connected(at(await start_server(mailbox))) as connection:
        for number in range(30):
            await connection.send(envelope(f"r{number}@example.org"))

    assert [f"r{number}@example.org" for number in range(30)] == mailbox.recipients
    assert (mailbox.connections, mailbox.farewells) == (1, 1)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
async def test_refusal_carries_the_servers_words_and_step(
    start_server: Any, mailbox: Any, step: str
) -> None:
    setattr(mailbox, step, lambda _: "451 4.3.0 come back")

    async with connected(at(await start_server(mailbox))) as connection:
        reply = await connection.send(envelope())

    steps = {"mail": Step.MAIL, "rcpt": Step.RCPT, "data": Step.END_OF_DATA}
    assert Reply(451, "4.3.0", "come back", steps[step]) == reply


async def test_connection_goes_on_after_a_refused_recipient(
    start_server: Any, mailbox: Any
) -> None:
    mailbox.rcpt = lambda address: "550 5.1.1 no" if address.startswith("bad") else "250 ok"

    async with connected(at(await start_server(mailbox))) as connection:
        for recipient in ("bad1@example.org", "good1@example.org", "bad2@example.org"):
            await connection.send(envelope(recipient))

    assert mailbox.recipients == ["good1@example.org"]
    assert (mailbox.connections, mailbox.resets, mailbox.farewells) == (1, 2, 1)


@pytest.mark.parametrize("step", ["mail", "rcpt", "before_data"])
async def test_connection_cut_before_the_content_leaves_no_doubt(
    start_server: Any, mailbox: Any, step: str
) -> None:
    setattr(mailbox, step, lambda _: CUT)

    async with connected(at(await start_server(mailbox))) as connection:
        reply = await connection.send(envelope())

    assert Outcome.SERVER is classify(reply)
    assert f"connection lost ({reply.step})" == reply.words
    assert not connection.is_open


@pytest.mark.parametrize("step", ["inside_data", "data"])
async def test_connection_cut_while_the_content_is_on_its_way_leaves_a_doubt(
    start_server: Any, mailbox: Any, step: str
) -> None:
    setattr(mailbox, step, lambda _: CUT)

    async with connected(at(await start_server(mailbox))) as connection:
        reply = await connection.send(envelope())

    assert Outcome.IN_DOUBT is classify(reply)
    assert reply.words == "connection lost (end of data)"


@pytest.mark.parametrize(
    ("step", "expected"), [("rcpt", Outcome.SERVER), ("data", Outcome.IN_DOUBT)]
)
async def test_server_that_hangs_is_left_after_the_timeout(
    start_server: Any, mailbox: Any, step: str, expected: Outcome
) -> None:
    setattr(mailbox, step, lambda _: HANG)

    server = at(await start_server(mailbox), timeout_seconds=0.2)
    async with connected(server) as connection:
        reply = await connection.send(envelope())

    assert expected is classify(reply)
    assert f"no answer within 0.2 s ({reply.step})" == reply.words


async def test_421_closes_the_connection_and_says_nothing_of_the_message(
    start_server: Any, mailbox: Any
) -> None:
    mailbox.rcpt = lambda _: "421 4.3.2 shutting down"

    async with connected(at(await start_server(mailbox))) as connection:
        reply = await connection.send(envelope())

    assert Outcome.SERVER is classify(reply)
    assert not connection.is_open


async def test_recipient_beyond_ascii_is_sent_with_smtputf8(
    start_server: Any, mailbox: Any
) -> None:
    port = await start_server(mailbox, enable_SMTPUTF8=True)
    async with connected(at(port)) as connection:
        await connection.send(envelope("josé@example.org"))

    assert mailbox.recipients == ["josé@example.org"]
    assert "SMTPUTF8" in mailbox.mail_options[0]


async def test_recipient_beyond_ascii_is_refused_here_where_the_server_lacks_smtputf8(
    start_server: Any, mailbox: Any
) -> None:
    async with connected(at(await start_server(mailbox))) as connection:
        reply = await connection.send(envelope("josé@example.org"))
        await connection.send(envelope())

    assert Outcome.FAILED is classify(reply)
    assert mailbox.recipients == ["ann@example.org"]


async def test_starttls_encrypts_and_logs_in(
    start_server: Any, mailbox: Any, certificates: Any
) -> None:
    port = await start_server(
        mailbox, tls_context=certificates.right, require_starttls=True, **LOGIN
    )
    server = at(
        port,
        Security.STARTTLS,
        ca_file=certificates.ca_file,
        username="ann",
        password="secret",
    )

    async with connected(server) as connection:
        reply = await connection.send(envelope())

    assert Outcome.SENT is classify(reply)


# aiosmtpd does not see that a connection is encrypted when it was so from the first byte.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
async def test_tls_from_the_first_byte_logs_in(
    start_server: Any, mailbox: Any, certificates: Any
) -> None:
    port = await start_server(mailbox, tls=certificates.right, auth_require_tls=False, **LOGIN)
    server = at(port, Security.TLS, ca_file=certificates.ca_file, username="ann", password="secret")

    async with connected(server) as connection:
        reply = await connection.send(envelope())

    assert Outcome.SENT is classify(reply)


async def test_wrong_password_is_told_with_the_mend_and_not_shown(
    start_server: Any, mailbox: Any, certificates: Any
) -> None:
    port = await start_server(mailbox, tls_context=certificates.right, **LOGIN)
    server = at(
        port, Security.STARTTLS, ca_file=certificates.ca_file, username="ann", password="wrong-one"
    )

    message = await trouble_with(server)

    assert "refused the login (535 5.7.8" in message
    assert "smtp.password_file" in message
    assert "wrong-one" not in message + repr(server)


async def test_server_without_starttls_gets_no_message_in_clear_text(
    start_server: Any, mailbox: Any
) -> None:
    message = await trouble_with(at(await start_server(mailbox), Security.STARTTLS))

    assert "does not offer STARTTLS, and nothing is sent in clear text" in message
    assert mailbox.mail_options == []


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_certificate_of_an_unknown_ca_is_refused(
    start_server: Any, mailbox: Any, certificates: Any, security: Security
) -> None:
    port = await start_server(mailbox, **tls_options(security, certificates.right))

    message = await trouble_with(at(port, security))

    assert "has a certificate that does not hold" in message
    assert "smtp.ca_file" in message


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_certificate_for_another_name_is_refused(
    start_server: Any, mailbox: Any, certificates: Any, security: Security
) -> None:
    port = await start_server(mailbox, **tls_options(security, certificates.wrong_name))

    message = await trouble_with(at(port, security, ca_file=certificates.ca_file))

    assert "certificate is not valid for '127.0.0.1'" in message
    assert mailbox.mail_options == []


async def test_tls_at_a_port_that_speaks_starttls_is_told_with_the_mend(
    start_server: Any, mailbox: Any
) -> None:
    message = await trouble_with(at(await start_server(mailbox), Security.TLS))

    assert "check that smtp.security fits the port" in message


async def test_server_that_is_not_there_is_told_with_the_mend(free_port: Any) -> None:
    message = await trouble_with(at(free_port()))

    assert "cannot be reached" in message
    assert "check smtp.host and smtp.port" in message


async def test_missing_ca_file_is_told_by_its_name(tmp_path: Path, free_port: Any) -> None:
    message = await trouble_with(at(free_port(), Security.TLS, ca_file=tmp_path / "missing.pem"))

    assert "missing.pem': No such file or directory" in message


async def test_server_that_never_greets_is_left_after_the_timeout(start_greeter: Any) -> None:
    message = await trouble_with(at(await start_greeter(b""), timeout_seconds=0.2))

    assert "did not answer within 0.2 s" in message


@pytest.mark.parametrize("greeting", ["554 5.7.1 not you", "421 4.3.2 full"])
async def test_server_that_turns_us_away_is_told_in_its_words(
    start_greeter: Any, greeting: str
) -> None:
    message = await trouble_with(at(await start_greeter(f"{greeting}\r\n".encode())))

    assert f"turned us away ({greeting})" in message


async def test_port_that_does_not_speak_smtp_is_told(start_greeter: Any) -> None:
    message = await trouble_with(at(await start_greeter(b"HTTP/1.1 400 Bad Request\r\n")))

    assert "turned us away (-1 Malformed SMTP response line: HTTP/1.1 400 Bad Request)" in message


def test_password_never_crosses_the_network_in_clear_text() -> None:
    with pytest.raises(ConfigurationError, match=r"use 'starttls' or 'tls'"):
        SmtpServer("127.0.0.1", 25, Security.PLAIN, username="ann", password="secret")


def test_username_without_password_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="belong together"):
        SmtpServer("127.0.0.1", 25, username="ann")


def only_ann(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann", b"secret")
    return AuthResult(success=right, handled=False)


LOGIN = {"auth_required": True, "authenticator": only_ann}


def tls_options(security: Security, context: ssl.SSLContext) -> dict[str, Any]:
    return {"tls": context} if security is Security.TLS else {"tls_context": context}
