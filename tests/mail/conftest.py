"""A database, and real SMTP servers on loopback that answer, refuse, cut and hang as asked."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from recommender.domain import Delivery, DeliveryKind, Preferences, SubscriberState
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import BuildBatch, in_threads
from recommender.mail.outbox.delivery import DeliveryReport, deliver_due
from recommender.mail.outbox.holds import DeliveryRules, next_delivery_at
from recommender.mail.outbox.relays import Relay, relay_to
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store import outbox, subscribers
from recommender.store.database import Database, Session, open_database

CUT = "cut"
HANG = "hang"
TAKE = "250 2.0.0 taken"


def _take(_subject: str) -> str:
    return TAKE


@dataclass
class Mailbox:
    """What a server does, by step, and what it has accepted.

    Each answer is asked for with the recipient (with the sender for ``mail``) and is a reply,
    `CUT` or `HANG`. ``before_data`` and ``inside_data`` only know `TAKE` and `CUT`.
    """

    pipelining: bool = False
    mail: Callable[[str], str] = _take
    rcpt: Callable[[str], str] = _take
    before_data: Callable[[str], str] = _take
    inside_data: Callable[[str], str] = _take
    data: Callable[[str], str] = _take
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    mail_options: list[list[str]] = field(default_factory=list)
    resets: int = 0
    farewells: int = 0
    open: set[asyncio.BaseTransport] = field(default_factory=set)
    connections: int = 0

    @property
    def recipients(self) -> list[str]:
        """Who has a message, in order of arrival."""
        return [recipient for recipient, _ in self.accepted]

    async def handle_EHLO(  # noqa: N802, aiosmtpd's name
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = ["250-PIPELINING"] if self.pipelining else []
        return [*responses[:-1], *offered, responses[-1]]

    async def handle_MAIL(  # noqa: N802, aiosmtpd's name
        self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.mail_options.append(options)
        answer = await _perform(server, self.mail(address))
        if answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802, aiosmtpd's name
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        answer = await _perform(server, self.rcpt(address))
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802, aiosmtpd's name
        self, server: SMTP, _session: Any, envelope: Any
    ) -> str:
        [recipient] = envelope.rcpt_tos
        answer = self.data(recipient)
        if answer.startswith("2") or answer in {CUT, HANG}:
            self.accepted.append((recipient, envelope.content))
        return await _perform(server, answer)

    async def handle_RSET(self, _server: SMTP, _session: Any, _envelope: Any) -> str:  # noqa: N802, aiosmtpd's name
        self.resets += 1
        return "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Any, _envelope: Any) -> str:  # noqa: N802, aiosmtpd's name
        self.farewells += 1
        return "221 Bye"


async def _perform(server: SMTP, answer: str) -> str:
    if answer == HANG:
        await asyncio.Event().wait()
    if answer == CUT:
        assert server.transport is not None
        server.transport.abort()  # type: ignore[attr-defined]  # aiosmtpd types it too broadly
        await asyncio.Event().wait()  # until connection_lost cancels this connection's task
    return answer


class _Server(SMTP):
    """Adds the faults that aiosmtpd has no hook for, and remembers what is open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        mailbox = self.event_handler
        mailbox.open.add(transport)
        if self.transport is None:
            mailbox.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self.event_handler.open.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802, aiosmtpd's name
        assert self.envelope is not None
        recipient = (self.envelope.rcpt_tos or [""])[0]
        await _perform(self, self.event_handler.before_data(recipient))
        if self.event_handler.inside_data(recipient) == CUT:
            await self.push("354 go on")
            await self._reader.readline()
            await _perform(self, CUT)
        await super().smtp_DATA(arg)


StartServer = Callable[..., Awaitable[int]]


@pytest.fixture
async def start_server() -> AsyncIterator[StartServer]:
    """Start a server for a `Mailbox` and get its port."""
    running: list[tuple[asyncio.Server, Mailbox]] = []

    async def start(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, **options: Any) -> int:
        loop = asyncio.get_running_loop()

        def connection() -> _Server:
            return _Server(mailbox, hostname="localhost", loop=loop, **options)

        server = await loop.create_server(connection, "127.0.0.1", 0, ssl=tls)
        running.append((server, mailbox))
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server, mailbox in running:
        server.close()
        for transport in tuple(mailbox.open):
            transport.abort()  # type: ignore[attr-defined]  # a socket's or TLS's transport
        await server.wait_closed()
    await _settle()


@pytest.fixture
async def start_greeter() -> AsyncIterator[Callable[[bytes], Awaitable[int]]]:
    """Start a server that says one thing to whom it meets, and get its port."""
    running: list[asyncio.Server] = []

    async def start(greeting: bytes) -> int:
        class Greeter(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                transport.write(greeting)  # type: ignore[attr-defined]  # a socket's transport

        server = await asyncio.get_running_loop().create_server(Greeter, "127.0.0.1", 0)
        running.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in running:
        server.close()
    await _settle()


async def _settle() -> None:
    # A TLS connection takes a few rounds of the loop to close; nothing here waits for a clock.
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture(params=[False, True], ids=["step by step", "pipelined"])
def mailbox(request: pytest.FixtureRequest) -> Mailbox:
    return Mailbox(pipelining=request.param)


@dataclass(frozen=True)
class Certificates:
    """A throw-away CA, and contexts of servers with certificates of its making."""

    ca_file: Path
    right: ssl.SSLContext
    wrong_name: ssl.SSLContext


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("Test CA", ca_key, issuer=None, issuer_key=ca_key, names=[])
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))

    def context(label: str, names: list[x509.GeneralName]) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(label, key, issuer=ca, issuer_key=ca_key, names=names)
        chain = folder / f"{label}.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server_context.load_cert_chain(chain)
        return server_context

    return Certificates(
        ca_file=ca_file,
        right=context("right", [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
        wrong_name=context("wrong", [x509.DNSName("elsewhere.example.org")]),
    )


def _certificate(
    label: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


MORNING = dt.datetime(2026, 3, 11, 7, tzinfo=dt.UTC)
# How often a run looks at its clock; one that goes round in circles looks more often.
LOOKS, LOOKS_FOR_A_MESSAGE = 100, 20


def queue_for_reader(
    session: Session,
    number: int,
    domain: str,
    *,
    now: dt.datetime,
    kind: DeliveryKind = DeliveryKind.ISSUE,
) -> None:
    """Store an active subscriber, and queue a message for them."""
    email = f"r{number}@{domain}"
    subscriber = subscribers.add(
        session,
        email=email,
        email_key=email,
        state=SubscriberState.ACTIVE,
        preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
        interests="",
        now=now,
    )
    outbox.enqueue(
        session,
        subscriber_id=subscriber.id,
        kind=kind,
        key="1",
        recipient=email,
        message_id=f"<{number}@example.org>",
        now=now,
    )


@pytest.fixture(name="queue_for_reader")
def _queue_for_reader() -> Callable[..., None]:
    """Return `queue_for_reader`."""
    return queue_for_reader


class Outbox:
    """A queue, its servers and its clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = MORNING
        self.servers: list[Relay] = []
        self.rules = DeliveryRules(batch_size=5)
        self.build = build
        self.build_batch: BuildBatch | None = None
        self.number = 0
        # One that tries to record what cannot be recorded would never end.
        self.longest_seconds = 30

    def queue(
        self, number: int, *, kind: DeliveryKind = DeliveryKind.ISSUE, domain: str = "example.org"
    ) -> None:
        with self.database.write() as session:
            for _ in range(number):
                queue_for_reader(session, self.number, domain, now=MORNING, kind=kind)
                self.number += 1

    def add_server(self, port: int, **limits: Any) -> None:
        server = SmtpServer(
            "127.0.0.1",
            port,
            Security.PLAIN,
            timeout_seconds=5,
            local_hostname="client.example.org",
            **{"priority": 0, "connections": 2, **limits},
        )
        self.servers.append(relay_to(server))

    async def deliver(self, **options: Any) -> DeliveryReport:
        looks = count(1)

        def clock() -> dt.datetime:
            assert next(looks) < LOOKS + self.number * LOOKS_FOR_A_MESSAGE, "the run does not end"
            return self.now

        async with asyncio.timeout(self.longest_seconds):
            return await deliver_due(
                self.database,
                self.servers,
                self.build_batch or in_threads(lambda _batch: self.build),
                rules=self.rules,
                clock=clock,
                **options,
            )

    def next_at(self) -> dt.datetime | None:
        return next_delivery_at(self.database, self.servers, self.rules, now=self.now)

    def states(self) -> dict[str, int]:
        with self.database.read() as session:
            rows = session.execute(text("SELECT state, count(*) FROM delivery GROUP BY state"))
            return {state: count for state, count in rows}  # noqa: C416, rows are no pairs to mypy

    def history(self) -> list[Any]:
        return self.rows("SELECT delivery_id, state, server, reply FROM delivery_attempt")

    def execute(self, statement: str) -> None:
        with self.database.write() as session:
            session.execute(text(statement))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read rows in SQL, as SQLite keeps them, in the order of their keys."""
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(f"{statement} ORDER BY id"))]


def build(delivery: Delivery) -> Envelope:
    content = f"Message-ID: {delivery.message_id}\r\n\r\nYour papers.\r\n"
    return Envelope("papers@example.org", delivery.recipient, content.encode())


@pytest.fixture
def queued(database: Database) -> Outbox:
    return Outbox(database)
