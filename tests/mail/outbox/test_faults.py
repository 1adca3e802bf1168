"""Whatever a server, the network, the disk or the database does, every message is accounted for.

The other end is a real server on loopback that answers, cuts, hangs or trickles at any step.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from recommender.domain import Delivery, DeliveryState
from recommender.errors import StorageError
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import in_threads
from recommender.mail.outbox.delivery import DeliveryReport, deliver_due
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import relay_to
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store.database import Database
from recommender.store.tables import DeliveryAttemptRow, DeliveryRow

START = datetime(2026, 3, 11, 7, tzinfo=UTC)
MESSAGES, CONNECTIONS, BATCH = 30, 2, 5
IN_FLIGHT = CONNECTIONS * BATCH
CUT, HANG, TRICKLE = "cut", "hang", "trickle"
TRICKLE_SECONDS = 0.05

USUAL = {
    "connect": "220 here",
    "ehlo": "250-here\r\n250-PIPELINING\r\n250 8BITMIME",
    "helo": "250 here",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "content": "250 2.0.0 taken",
    "rset": "250 ok",
    "quit": "221 bye",
}
Answer = Callable[[int, str], str]


@dataclass
class FaultyServer:
    """A server with a fault: at one step it does what it is told, by the message's number.

    Attributes
    ----------
    step : str
        ``connect``, ``ehlo``, ``mail``, ``rcpt``, ``data``, ``inside`` (the content) or
        ``content`` (after it).
    answer : callable
        From the number of times that the step was reached and its line to a reply, `CUT`, `HANG`,
        `TRICKLE`, or an empty text for what is usual. A reply of 421 is followed by a cut.
    accepted : list of tuple of str
        Recipient and Message-ID of what is taken, whether the sender hears of it or not.
    """

    step: str = ""
    answer: Answer = lambda _number, _line: ""
    accepted: list[tuple[str, str]] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        if not await self._do(writer, "connect", ""):
            return
        while line := (await reader.readline()).decode():
            step = line[:4].strip().lower()
            if step == "rcpt":
                recipient = line.partition("<")[2].partition(">")[0]
            if not await self._do(writer, step, line):
                return
            if step == "data" and self._reply("data", line, count=False).startswith("354"):
                content = await self._content(reader)
                if content is None:
                    return
                if not content:
                    writer.write(b"554 5.5.1 no valid recipients\r\n")
                    continue
                message_id = content.partition("Message-ID: ")[2].partition("\r\n")[0]
                verdict = self._reply("content", recipient, count=False)
                if verdict.startswith("2") or verdict in {CUT, HANG, TRICKLE}:
                    self.accepted.append((recipient, message_id))
                if not await self._do(writer, "content", recipient):
                    return

    async def _content(self, reader: asyncio.StreamReader) -> str | None:
        """Read what comes before the final dot, which is nothing after a refusal."""
        if self.step == "inside" and self._reply("inside", "") == CUT:
            await reader.readline()
            return None
        lines = []
        while (line := await reader.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        return b"".join(lines).decode() if line else None

    def _reply(self, step: str, line: str, *, count: bool = True) -> str:
        number = self.reached[step]
        self.reached[step] += count
        special = self.answer(number, line) if step == self.step else ""
        return special or USUAL.get(step, "500 what?")

    async def _do(self, writer: asyncio.StreamWriter, step: str, line: str) -> bool:
        reply = self._reply(step, line)
        if reply == CUT:
            return False
        if reply == HANG:
            await asyncio.Event().wait()
        if reply == TRICKLE:
            for byte in USUAL[step].encode() + b"\r\n":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(TRICKLE_SECONDS)
            return True
        writer.write(reply.encode() + b"\r\n")
        await writer.drain()
        return not reply.startswith("421") and step != "quit"


@pytest.fixture
async def faulty() -> AsyncIterator[Any]:
    """Start a `FaultyServer` and get it with its port."""
    running: list[tuple[FaultyServer, asyncio.Server]] = []

    async def start(step: str = "", answer: str | Answer = "") -> tuple[FaultyServer, int]:
        act: Answer = answer if callable(answer) else lambda _number, _line: str(answer)
        server = FaultyServer(step, act)
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 20)
        running.append((server, listener))
        return server, listener.sockets[0].getsockname()[1]

    yield start
    for server, listener in running:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)


@pytest.fixture(autouse=True)
def _queue(database: Database, queue_for_reader: Callable[..., None]) -> None:
    with database.write() as session:
        for number in range(MESSAGES):
            queue_for_reader(session, number, f"d{number % 7}.example.org", now=START)


def build(delivery: Delivery) -> Envelope:
    content = f"Message-ID: {delivery.message_id}\r\n\r\nYour papers.\r\n"
    return Envelope("papers@example.org", delivery.recipient, content.encode())


async def deliver(
    database: Database,
    port: int,
    *,
    later: timedelta = timedelta(),
    fault: str = "",
    **options: Any,
) -> DeliveryReport:
    """Deliver, with a timeout that a busy machine does not meet where the server answers."""
    server = SmtpServer(
        "127.0.0.1",
        port,
        options.pop("security", Security.PLAIN),
        timeout_seconds=0.3 if fault in {HANG, TRICKLE} else 10,
        local_hostname="client.example.org",
        ca_file=options.pop("ca_file", None),
    )
    relay = relay_to(replace(server, connections=CONNECTIONS))
    return await deliver_due(
        database,
        [relay],
        in_threads(lambda _batch: build),
        rules=DeliveryRules(batch_size=BATCH),
        clock=lambda: START + later,
        **options,
    )


def rows(database: Database) -> list[DeliveryRow]:
    with database.read() as session:
        return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.id))))


def check_accounts(
    database: Database, report: DeliveryReport, server: FaultyServer, *, faults: int = 1
) -> None:
    """Hold the outbox against what arrived; a fault finds one message on each connection."""
    stored = rows(database)
    state_of = {row.message_id: row.state for row in stored}
    arrived = Counter(message_id for _, message_id in server.accepted)
    told = Counter(state_of.values())
    assert len(stored) == MESSAGES
    # Nothing is left behind in the hands of nobody.
    assert told.keys() <= {
        DeliveryState.QUEUED,
        DeliveryState.DEFERRED,
        DeliveryState.SENT,
        DeliveryState.FAILED,
    }
    assert (told[DeliveryState.SENT], told[DeliveryState.FAILED]) == (report.sent, report.failed)
    sent = {message_id for message_id, state in state_of.items() if state == DeliveryState.SENT}
    assert sent <= set(arrived)
    in_doubt = {row.message_id for row in stored if row.times_in_doubt}
    assert set(arrived) - sent <= in_doubt
    assert len(in_doubt) == report.in_doubt <= CONNECTIONS * faults
    with database.read() as session:
        history = session.exec(select(DeliveryAttemptRow)).all()
    assert len(history) == report.sent + report.deferred + report.failed
    assert all(row.reply for row in history)


async def check_recovery(database: Database, server: FaultyServer, port: int) -> None:
    """Without the fault, all that was not refused for good arrives, each under its own id.

    The daemon would come back at the very moments that reports name.
    """
    server.step = ""
    report = await deliver(database, port, later=timedelta(hours=1))
    for _ in range(MESSAGES):
        if report.resume_at is not None:
            report = await deliver(database, port, later=report.resume_at - START)
    stored = rows(database)
    assert {row.state for row in stored} <= {DeliveryState.SENT, DeliveryState.FAILED}
    arrived = Counter(message_id for _, message_id in server.accepted)
    wanted = {row.message_id for row in stored if row.state == DeliveryState.SENT}
    assert wanted == set(arrived)
    assert arrived.total() - len(wanted) <= sum(row.times_in_doubt for row in stored)


REFUSALS = [
    (step, reply)
    for step in ("connect", "mail", "rcpt", "data", "content")
    for reply in (
        "421 4.3.2 shutting down",
        "450 4.2.0 not now",
        "451 4.7.1 greylisted",
        "452 4.3.1 no space",
        "550 5.1.1 no",
        "552 5.2.2 full",
        "554 5.7.1 no",
    )
]
BREAKS = [
    (step, fault)
    for step in ("connect", "ehlo", "mail", "rcpt", "data", "content")
    for fault in (CUT, HANG, TRICKLE)
]


@pytest.mark.parametrize(
    ("step", "fault"), [*REFUSALS, ("ehlo", "421 4.3.2 no"), *BREAKS, ("inside", CUT)]
)
async def test_fault_at_every_message_loses_none_and_leaves_few_in_doubt(
    database: Database, faulty: Any, step: str, fault: str
) -> None:
    server, port = await faulty(step, fault)

    report = await deliver(database, port, fault=fault)

    check_accounts(database, report, server)
    # What a server may have taken is in doubt, and nothing else is.
    assert bool(report.in_doubt) == (
        (step, fault)
        in {("content", CUT), ("content", HANG), ("content", TRICKLE), ("inside", CUT)}
    )
    await check_recovery(database, server, port)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        *((step, fault) for step in ("mail", "rcpt", "data", "content") for fault in (CUT, HANG)),
        ("inside", CUT),
        ("rcpt", "421 4.7.0 in the middle of a batch"),
        ("data", "421 4.7.0 in the middle of a batch"),
        ("content", "421 4.7.0 in the middle of a batch"),
    ],
)
async def test_fault_at_every_seventh_message_loses_none(
    database: Database, faulty: Any, step: str, fault: str
) -> None:
    server, port = await faulty(step, lambda number, _: fault if number % 7 == 3 else "")

    report = await deliver(database, port, fault=fault)

    check_accounts(database, report, server, faults=server.reached[step] // 7 + 1)
    await check_recovery(database, server, port)


async def test_refused_recipients_fail_alone(database: Database, faulty: Any) -> None:
    def answer(_number: int, line: str) -> str:
        number = int(line.partition("<r")[2].partition("@")[0])
        if number % 5 == 0:
            return "550 5.1.1 no such user"
        return "450 4.2.1 mailbox busy" if number % 5 == 1 else ""

    server, port = await faulty("rcpt", answer)

    report = await deliver(database, port)

    assert DeliveryReport(sent=18, deferred=6, failed=6) == report
    check_accounts(database, report, server)
    await check_recovery(database, server, port)
    assert len(server.accepted) == 24


async def test_certificate_of_somebody_else_gets_no_message(
    database: Database, start_server: Any, mailbox: Any, certificates: Any
) -> None:
    port = await start_server(mailbox, tls=certificates.wrong_name)

    report = await deliver(database, port, security=Security.TLS, ca_file=certificates.ca_file)

    assert "has a certificate that does not hold" in str(report.server_trouble)
    assert {(DeliveryState.QUEUED, 0)} == {(row.state, row.attempts) for row in rows(database)}
    assert mailbox.accepted == []


class Disk:
    """The disk below a database: full from a moment on, for so many transactions."""

    def __init__(self, database: Database) -> None:
        self.is_full = False
        self.refused = 0
        self.until_refused = 3
        event.listen(database.engine, "checkout", self._checkout)
        event.listen(database.engine, "handle_error", self._count)

    def _checkout(self, connection: Any, *_: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        most = pages if self.is_full else 1_000_000
        connection.execute(f"PRAGMA max_page_count = {most}")

    def _count(self, context: Any) -> None:
        assert "full" in str(context.original_exception)
        self.refused += 1
        if self.refused == self.until_refused:
            self.is_full = False


LONG = f"250 2.0.0 {'taken ' * 150}"


@pytest.mark.sqlite  # its way to have no room, and its lock
async def test_disk_that_is_full_while_recording_delays_and_repeats_nothing(
    database: Database, faulty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_RETRY_SECONDS", (0.0,))
    disk = Disk(database)

    def answer(number: int, _: str) -> str:
        disk.is_full = disk.is_full or number == 8
        return LONG  # takes space in the history

    server, port = await faulty("content", answer)

    report = await deliver(database, port)

    assert disk.refused == 3
    assert DeliveryReport(sent=MESSAGES) == report
    check_accounts(database, report, server)
    assert len(server.accepted) == MESSAGES


@pytest.mark.sqlite  # its way to have no room, and its lock
async def test_disk_that_stays_full_until_we_stop_leaves_in_doubt_what_was_in_flight(
    database: Database, faulty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_RETRY_SECONDS", (0.0,))
    disk, stop = Disk(database), asyncio.Event()
    disk.until_refused = -1

    def answer(number: int, _: str) -> str:
        if number == 8:
            disk.is_full = True
            stop.set()
        return LONG

    server, port = await faulty("content", answer)

    with pytest.raises(StorageError, match="free some space"):
        await deliver(database, port, stop=stop, worker="elsewhere.example.org:1:1")
    held = [row for row in rows(database) if row.state == DeliveryState.SENDING]
    assert 1 <= len(held) <= IN_FLIGHT

    disk.is_full = False
    report = await deliver(database, port, later=timedelta(hours=1))

    assert report.in_doubt_reclaimed == len(held)
    arrived = Counter(message_id for _, message_id in server.accepted)
    assert {row.state for row in rows(database)} == {DeliveryState.SENT}
    assert len(arrived) == MESSAGES
    assert arrived.total() - MESSAGES <= len(held)


@pytest.mark.sqlite  # its way to have no room, and its lock
async def test_database_that_is_locked_while_recording_delays_and_repeats_nothing(
    database: Database, faulty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the write lock, longer than anybody waits for it."""
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_RETRY_SECONDS", (0.0,) * 5)
    refused = 0
    other = sqlite3.connect(
        str(database.url.database), check_same_thread=False, isolation_level=None
    )

    def impatient(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 0")

    def count(context: Any) -> None:
        nonlocal refused
        assert "locked" in str(context.original_exception)
        refused += 1
        if refused == 3:
            other.rollback()

    event.listen(database.engine, "checkout", impatient)
    event.listen(database.engine, "handle_error", count)

    def answer(number: int, _: str) -> str:
        if number == 8 and not other.in_transaction and not refused:
            other.execute("BEGIN IMMEDIATE")
        return ""

    server, port = await faulty("content", answer)
    with contextlib.closing(other):
        report = await deliver(database, port)

    assert refused == 3
    assert DeliveryReport(sent=MESSAGES) == report
    check_accounts(database, report, server)
    assert len(server.accepted) == MESSAGES
