"""An SMTP server is tried as a delivery would use it, and gets no mail."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from recommender.mail.deliverability.checks import Finding, Verdict
from recommender.mail.deliverability.server_check import check_server
from recommender.mail.transport.smtp_server import Security, SmtpServer

NOW = dt.datetime.now(dt.UTC)


def at(port: int, security: Security = Security.PLAIN, **settings: Any) -> SmtpServer:
    settings = {"timeout_seconds": 5, "local_hostname": "client.example.org", **settings}
    return SmtpServer("127.0.0.1", port, security, **settings)


def login(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
    expected = LoginPassword(b"papers", b"secret")
    return AuthResult(success=data == expected, handled=False)


async def test_a_server_on_this_machine_is_well_without_tls(
    start_server: Any, mailbox: Any
) -> None:
    port = await start_server(mailbox, enable_SMTPUTF8=True)

    found = await check_server(at(port), now=NOW)

    offered = "PIPELINING, 8BITMIME, SMTPUTF8" if mailbox.pipelining else "8BITMIME, SMTPUTF8"
    assert found == [
        Finding(
            "smtp",
            Verdict.OK,
            f"SMTP server 127.0.0.1:{port} answers, offers {offered}",
        ),
        Finding("tls", Verdict.OK, f"127.0.0.1:{port} is this machine, mail stays inside"),
    ]
    assert mailbox.accepted == []
    assert mailbox.farewells == 2


@pytest.mark.parametrize("offers", [True, False])
async def test_a_server_that_takes_no_addresses_beyond_ascii_is_told_of_where_it_should(
    start_server: Any, mailbox: Any, offers: bool
) -> None:
    server = at(await start_server(mailbox, enable_SMTPUTF8=offers))

    found = await check_server(replace(server, smtputf8=True), now=NOW)

    problems = [each for each in found if each.verdict is Verdict.PROBLEM]
    assert [each.fix for each in problems] == (
        [] if offers else ["set smtp.smtputf8 = false, or let the server take them"]
    )


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("expected", [(1, Verdict.WARNING), (-20, Verdict.OK)], ids=str)
async def test_a_certificate_is_told_with_its_end(
    start_server: Any,
    mailbox: Any,
    certificates: Any,
    security: Security,
    expected: tuple[int, Verdict],
) -> None:
    """The certificates of these tests end tomorrow: 20 days ago that was far away."""
    days, verdict = expected
    context: ssl.SSLContext = certificates.right
    options = (
        {"tls": context}
        if security is Security.TLS
        else {"tls_context": context, "require_starttls": True}
    )
    port = await start_server(mailbox, **options)

    found = await check_server(
        at(port, security, ca_file=certificates.ca_file),
        now=NOW + dt.timedelta(days=days) - dt.timedelta(hours=36),
    )

    assert [(finding.check, finding.verdict) for finding in found] == [
        ("smtp", Verdict.OK),
        ("tls", verdict),
    ]
    assert f"the certificate of 127.0.0.1:{port} holds until 20" in found[1].message
    assert ("renew" in found[1].fix) == (verdict is Verdict.WARNING)


async def test_a_certificate_that_does_not_hold_is_a_problem(
    start_server: Any, mailbox: Any, certificates: Any
) -> None:
    port = await start_server(mailbox, tls_context=certificates.wrong_name)

    (found,) = await check_server(
        at(port, Security.STARTTLS, ca_file=certificates.ca_file), now=NOW
    )

    assert (found.check, found.verdict) == ("smtp", Verdict.PROBLEM)
    assert "a certificate that does not hold" in found.message
    assert found.fix.startswith("set smtp.host to the name in the certificate")


async def test_a_server_without_starttls_is_a_problem(start_server: Any, mailbox: Any) -> None:
    (found,) = await check_server(at(await start_server(mailbox), Security.STARTTLS), now=NOW)

    assert found.verdict is Verdict.PROBLEM
    assert found.fix.startswith("set smtp.security to 'tls'")


@pytest.mark.parametrize(("password", "expected"), [("secret", "ok"), ("wrong", "problem")])
async def test_the_login_is_tried(
    start_server: Any, mailbox: Any, certificates: Any, password: str, expected: str
) -> None:
    port = await start_server(
        mailbox, tls_context=certificates.right, authenticator=login, auth_required=True
    )

    found = await check_server(
        at(
            port,
            Security.STARTTLS,
            ca_file=certificates.ca_file,
            username="papers",
            password=password,
        ),
        now=NOW,
    )

    assert found[0].verdict == expected
    words = "login as papers" if expected == "ok" else "refused the login"
    assert words in found[0].message
    assert password not in found[0].message


async def test_a_server_that_is_not_there_is_a_problem(unused_tcp_port: int) -> None:
    (found,) = await check_server(at(unused_tcp_port), now=NOW)

    assert (found.check, found.verdict) == ("smtp", Verdict.PROBLEM)
    assert "cannot be reached" in found.message
    assert "check smtp.host and smtp.port" in found.fix


async def test_a_small_limit_is_a_warning(start_server: Any, mailbox: Any) -> None:
    port = await start_server(mailbox, data_size_limit=50_000)

    found = await check_server(at(port), now=NOW)

    assert [finding.verdict for finding in found] == [Verdict.WARNING, Verdict.OK, Verdict.OK]
    assert "at most 50,000 bytes" in found[0].message
