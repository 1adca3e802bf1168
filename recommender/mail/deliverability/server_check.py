"""Room mail: whether an SMTP server takes us, without sending it mail. Touches the network."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from recommender.errors import DeliveryError
from recommender.mail.deliverability.checks import Finding, Verdict, finding_of
from recommender.mail.deliverability.sending_host import is_loopback
from recommender.mail.transport.smtp import tls_context
from recommender.mail.transport.smtp_server import Security, SmtpServer, Target
from recommender.mail.transport.transports import connect

CERTIFICATE_DAYS: Final = 14
"""Who renews certificates by themselves does so a month before they end."""

SMALLEST_LIMIT_BYTES: Final = 200_000
"""A newsletter has up to 100 kB of HTML, and as much again as text and by its encoding."""

USEFUL: Final = ("PIPELINING", "8BITMIME", "SMTPUTF8")


async def check_server(server: SmtpServer, *, now: datetime) -> list[Finding]:
    """Connect, secure, say EHLO, log in and take leave, as a delivery would; nothing is sent.

    Parameters
    ----------
    server : SmtpServer
    now : datetime
        Timezone-aware.

    Returns
    -------
    list of Finding
        Of the checks ``smtp`` and ``tls``.
    """
    connection = connect(server)
    try:
        await connection.open()
    except DeliveryError as error:
        return [finding_of("smtp", Verdict.PROBLEM, str(error))]
    finally:
        await connection.close()
    if server.target is not Target.SMTP:
        message = f"{server.address} takes our mail, which does not leave this machine by it"
        return [Finding("smtp", Verdict.OK, message)]
    try:
        features, ends_at = await asyncio.to_thread(_look, server)
    except (OSError, smtplib.SMTPException) as error:
        return [
            Finding(
                "smtp",
                Verdict.WARNING,
                f"SMTP server {server.address} took us, and not a second time ({error})",
                "look at its log: it may limit how often one connects",
            )
        ]
    return [*_judge_features(server, features), *_judge_protection(server, features, ends_at, now)]


def _look(server: SmtpServer) -> tuple[dict[str, str], datetime | None]:
    """Read what a server offers, and when its certificate ends; None without one."""
    context = tls_context(server)
    with _connected(server, context) as client:
        client.ehlo()
        if server.security == Security.STARTTLS:
            client.starttls(context=context)
            client.ehlo()
        features = {name.upper(): value for name, value in client.esmtp_features.items()}
        channel = client.sock
        if not isinstance(channel, ssl.SSLSocket):
            return features, None
        certificate = channel.getpeercert() or {}
        ends_at = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        return features, datetime.fromtimestamp(ends_at, UTC)


def _connected(server: SmtpServer, context: ssl.SSLContext | None) -> smtplib.SMTP:
    name, seconds = server.local_hostname, server.timeout_seconds
    if server.security == Security.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=seconds, context=context)
    return smtplib.SMTP(server.host, server.port, name, timeout=seconds)


def _judge_features(server: SmtpServer, features: dict[str, str]) -> Iterator[Finding]:
    limit = features.get("SIZE", "")
    if limit.isdecimal() and 0 < int(limit) < SMALLEST_LIMIT_BYTES:
        yield Finding(
            "smtp",
            Verdict.WARNING,
            f"SMTP server {server.address} takes messages of at most {int(limit):,} bytes",
            f"let it take at least {SMALLEST_LIMIT_BYTES:,}",
        )
    if server.smtputf8 and "SMTPUTF8" not in features:
        yield Finding(
            "smtp",
            Verdict.PROBLEM,
            f"SMTP server {server.address} takes no addresses beyond ASCII (SMTPUTF8), "
            "and smtp.smtputf8 says that it does: who subscribes with one gets nothing",
            "set smtp.smtputf8 = false, or let the server take them",
        )
    logged_in = f", login as {server.username}" if server.username else ""
    offered = [name for name in USEFUL if name in features]
    offers = f", offers {', '.join(offered)}" if offered else ""
    yield Finding("smtp", Verdict.OK, f"SMTP server {server.address} answers{logged_in}{offers}")


def _judge_protection(
    server: SmtpServer, features: dict[str, str], ends_at: datetime | None, now: datetime
) -> Iterator[Finding]:
    if ends_at is not None:
        left = ends_at - now
        until = f"the certificate of {server.address} holds until {ends_at:%Y-%m-%d}"
        if left < timedelta(days=CERTIFICATE_DAYS):
            days = max(0, left // timedelta(days=1))
            yield Finding(
                "tls",
                Verdict.WARNING,
                f"{until}, {days} more day{'' if days == 1 else 's'}",
                "let its operator renew it: when it has ended, nothing is sent any more",
            )
        else:
            yield Finding("tls", Verdict.OK, until)
    elif is_loopback(server.host):
        yield Finding("tls", Verdict.OK, f"{server.address} is this machine, mail stays inside")
    else:
        fix = (
            "set smtp.security to 'starttls', which it offers"
            if "STARTTLS" in features
            else "set smtp.security to 'tls', on its port for that"
        )
        message = f"mail travels to {server.address} in clear text, tokens included"
        yield Finding("tls", Verdict.WARNING, message, fix)
