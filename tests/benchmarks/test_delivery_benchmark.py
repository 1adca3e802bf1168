"""How fast the outbox is delivered, beside bare smtplib with the same messages and sink."""

from __future__ import annotations

import asyncio
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.domain import Delivery, DeliveryKind, Preferences, SubscriberState
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import in_threads
from recommender.mail.outbox.delivery import DeliveryReport, deliver_due
from recommender.mail.outbox.relays import relay_to
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store import outbox, subscribers
from recommender.store.database import Database, open_database

MESSAGES = 1000
NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
# As large as a newsletter of ten papers with its text and HTML parts.
BODY = b"<p>" + b"Ten papers that are worth an evening, shortened. " + b"</p>\r\n"
CONTENT = b"Subject: Trending papers\r\n\r\n" + BODY * 700

# A process of its own, so that the sink takes none of the sender's time on two cores.
SINK = r"""
import asyncio, sys

class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.lines, self.in_data, self.tail = transport, b"", False, b""
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        if self.in_data:
            self.tail = (self.tail + data)[-5:]
            if self.tail == b"\r\n.\r\n":
                self.in_data = False
                self.transport.write(b"250 2.0.0 taken\r\n")
            return
        self.lines += data
        while b"\r\n" in self.lines:
            line, _, self.lines = self.lines.upper().partition(b"\r\n")
            if line == b"DATA":
                self.in_data, self.tail = True, b""
                self.transport.write(b"354 go on\r\n")
            elif line == b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            else:
                self.transport.write(b"250 ok\r\n")

async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@pytest.fixture
def sink_port() -> Iterator[int]:
    with subprocess.Popen(  # noqa: S603, our own interpreter
        [sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'recommender.db'}")
    preferences = Preferences(hour=7, weekdays=frozenset({0}), timezone="UTC", papers=10)
    with database.write() as session:
        for number in range(MESSAGES):
            email = f"r{number}@example.org"
            subscriber = subscribers.add(
                session,
                email=email,
                email_key=email,
                state=SubscriberState.ACTIVE,
                preferences=preferences,
                interests="",
                now=NOW,
            )
            outbox.enqueue(
                session,
                subscriber_id=subscriber.id,
                kind=DeliveryKind.ISSUE,
                key="2026-03-11",
                recipient=email,
                message_id=f"<{number}@example.org>",
                now=NOW,
            )
    yield database
    database.close()


def compose(delivery: Delivery) -> Envelope:
    header = f"Message-ID: {delivery.message_id}\r\n".encode()
    return Envelope("papers@example.org", delivery.recipient, header + CONTENT)


def seconds_with_smtplib(port: int) -> float:
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.org") as client:
        for number in range(MESSAGES):
            content = f"Message-ID: <{number}@example.org>\r\n".encode() + CONTENT
            client.sendmail("papers@example.org", [f"r{number}@example.org"], content)
    return time.perf_counter() - begun


def test_outbox_is_delivered_beside_bare_smtplib(database: Database, sink_port: int) -> None:
    server = SmtpServer("127.0.0.1", sink_port, Security.PLAIN, local_hostname="client.example.org")
    bare_seconds = seconds_with_smtplib(sink_port)

    begun = time.perf_counter()
    report = asyncio.run(
        deliver_due(database, [relay_to(server)], in_threads(lambda _: compose), clock=lambda: NOW)
    )
    outbox_seconds = time.perf_counter() - begun

    assert DeliveryReport(sent=MESSAGES) == report
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{MESSAGES} messages of {len(CONTENT) / 1024:.0f} kB:"
        f" deliver_due {MESSAGES / outbox_seconds:.0f}/s with claims and records,"
        f" bare smtplib {MESSAGES / bare_seconds:.0f}/s,"
        f" ratio {bare_seconds / outbox_seconds:.2f}"
    )
