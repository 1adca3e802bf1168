"""A hundred times kill -9 in the middle of a run: nothing is lost, and every repetition is known.

Real processes of the real program are killed. They are forked from one that has imported it all:
a hundred cold starts would take longer than all the rest.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert
from sqlmodel import col, select

from recommender.domain import DeliveryKind, DeliveryState, Preferences, SubscriberState
from recommender.mail.outbox.holds import DeliveryRules
from recommender.store import subscribers
from recommender.store.database import open_database
from recommender.store.tables import DeliveryAttemptRow, DeliveryRow

MESSAGES, KILLS = 5_000, 100
CONNECTIONS, BATCH = 4, DeliveryRules().batch_size
IN_FLIGHT = CONNECTIONS * BATCH
TAKEN_BACK = "its worker is gone%"
NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)

# Stands by to be killed: for each line of its input it forks a worker, says its process id, and
# tells how it ended.
PARENT = r"""
import asyncio, os, sys
from dataclasses import replace
from recommender.mail.outbox.building import in_threads
from recommender.mail.outbox.delivery import deliver_due
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.message import Envelope
from recommender.mail.outbox.relays import relay_to
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store.database import Database

url, port, connections, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

def compose(delivery):
    content = f"Message-ID: {delivery.message_id}\r\n\r\n{'Your papers. ' * 200}\r\n"
    return Envelope("papers@example.org", delivery.recipient, content.encode())

def deliver():
    server = SmtpServer("127.0.0.1", port, Security.PLAIN, local_hostname="client.example.org")
    relay = relay_to(replace(server, connections=connections))
    report = asyncio.run(
        deliver_due(
            Database(url), [relay], in_threads(lambda _: compose),
            rules=DeliveryRules(batch_size=batch),
        )
    )
    assert report.server_trouble is None, report

for _ in sys.stdin:
    pid = os.fork()
    if not pid:
        status = 1
        try:
            deliver()
            status = 0
        finally:
            os._exit(status)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class RecordingSink:
    """An SMTP server on a thread of its own that remembers the Message-ID of all it took.

    An id is remembered before the answer leaves: a sender that is killed then has sent it.
    """

    def __init__(self) -> None:
        self.message_ids: Counter[bytes] = Counter()
        self.grew = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._stop = asyncio.Event()
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._talk, sock=self._listener, limit=1 << 20)
        await self._stop.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        try:
            while line := await reader.readline():
                command = line[:4].upper().strip()
                if command == b"DATA":
                    writer.write(b"354 go on\r\n")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    self._note(content.partition(b"\r\n")[0])
                    writer.write(b"250 2.0.0 taken\r\n")
                elif command == b"QUIT":
                    break
                else:
                    writer.write(b"250 ok\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender was killed: what it had not sent whole counts for nothing
        writer.close()

    def _note(self, message_id: bytes) -> None:
        with self.grew:
            self.message_ids[message_id] += 1
            self.grew.notify_all()

    def wait_for(self, total: int, seconds: float) -> None:
        """Return when so many messages were taken in all, or after the time."""
        with self.grew:
            self.grew.wait_for(lambda: self.message_ids.total() >= total, seconds)


@pytest.fixture
def sink() -> Iterator[RecordingSink]:
    sink = RecordingSink()
    yield sink
    sink.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Queue the messages."""
    url = f"sqlite:///{tmp_path / 'recommender.db'}"
    database = open_database(url)
    with database.write() as session:
        subscriber = subscribers.add(
            session,
            email="ann@example.org",
            email_key="ann@example.org",
            state=SubscriberState.ACTIVE,
            preferences=Preferences(7, frozenset(range(5)), "UTC", 10),
            interests="",
            now=NOW,
        )
        session.execute(
            insert(DeliveryRow),
            [
                {
                    "subscriber_id": subscriber.id,
                    "kind": DeliveryKind.ISSUE,
                    "key": str(number),
                    "recipient": f"r{number}@example.org",
                    "recipient_domain": "example.org",
                    "message_id": f"<{number}@example.org>",
                    "state": DeliveryState.QUEUED,
                    "priority": 1,
                    "created_at": NOW,
                    "next_attempt_at": NOW,
                }
                for number in range(MESSAGES)
            ],
        )
    database.close()
    return url


@pytest.mark.system
async def test_a_hundred_kills_lose_nothing_and_every_repetition_is_reported(
    url: str, sink: RecordingSink
) -> None:
    rng = random.Random(int(time.time()))  # noqa: S311, each run kills at other moments
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        *(url, str(sink.port), str(CONNECTIONS), str(BATCH)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdin is not None
    assert parent.stdout is not None

    ended = Counter[int]()
    kills = 0
    while kills < KILLS:
        parent.stdin.write(b"go\n")
        pid = int(await parent.stdout.readline())
        # Somewhere within the share of messages that leaves some for the last kill.
        share = (MESSAGES - sink.message_ids.total()) // (KILLS - kills + 1)
        so_many = sink.message_ids.total() + rng.randint(0, max(share, 1))
        await asyncio.to_thread(sink.wait_for, so_many, 5)
        await asyncio.to_thread(time.sleep, rng.uniform(0, 0.02))
        os.kill(pid, signal.SIGKILL)
        status = int(await parent.stdout.readline())
        ended[status] += 1
        kills += status == -signal.SIGKILL
    parent.stdin.write(b"go\n")
    await parent.stdout.readline()
    ended[int(await parent.stdout.readline())] += 1
    parent.stdin.close()
    await parent.wait()

    assert ended == {-signal.SIGKILL: KILLS, 0: 1}
    expected = {f"Message-ID: <{number}@example.org>".encode() for number in range(MESSAGES)}
    assert expected == set(sink.message_ids)
    repeated = sink.message_ids.total() - MESSAGES
    database = open_database(url)
    with database.read() as session:
        states = session.exec(
            select(DeliveryRow.state, func.count()).group_by(col(DeliveryRow.state))
        ).all()
        in_doubt = session.exec(select(func.sum(DeliveryRow.times_in_doubt))).one()
        told = session.exec(
            select(func.count()).where(col(DeliveryAttemptRow.reply).like(TAKEN_BACK))
        ).one()
    database.close()
    assert [tuple(row) for row in states] == [(DeliveryState.SENT, MESSAGES)]
    assert repeated <= in_doubt == told <= KILLS * IN_FLIGHT
    print(f"\n{KILLS} kills: {repeated} repeated, {in_doubt} in doubt")  # noqa: T201, the figures
