from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recommender.domain import Delivery, DeliveryKind, DeliveryState, Preferences, SubscriberState
from recommender.errors import NotFoundError, StorageError, UndeliverableError
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import in_threads
from recommender.mail.outbox.delivery import DeliveryReport, deliver_due
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import relay_to
from recommender.mail.outbox.worker import presence_of
from recommender.mail.transport.smtp_server import Security, SmtpServer
from recommender.store import claims, outbox, subscribers
from recommender.store.database import Database, open_database
from recommender.store.several import NamedLock

CUT, HANG = "cut", "hang"  # what conftest's servers understand beside replies
START = datetime(2026, 3, 11, 7, tzinfo=UTC)
PREFERENCES = Preferences(hour=7, weekdays=frozenset(range(5)), timezone="UTC", papers=10)

QUEUED, SENDING = DeliveryState.QUEUED, DeliveryState.SENDING
SENT, DEFERRED, FAILED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED

CLAIM_AND_DIE = """
import os, sys
from datetime import datetime
from recommender.mail.outbox.worker import worker_name
from recommender.store import claims
from recommender.store.database import open_database
with open_database(sys.argv[1]).write() as session:
    now = datetime.fromisoformat(sys.argv[2])
    claimed = claims.claim_due(session, worker=worker_name(), now=now, lease_seconds=900, limit=5)
print(len(claimed), flush=True)
os.kill(os.getpid(), 9)
"""


def queue(database: Database, count: int, *, now: datetime = START) -> None:
    """Queue one message each for ``r0@example.org``, ``r1@example.org`` and so on."""
    with database.write() as session:
        for number in range(count):
            subscriber = subscribers.add(
                session,
                email=f"r{number}@example.org",
                email_key=f"r{number}@example.org",
                state=SubscriberState.ACTIVE,
                preferences=PREFERENCES,
                interests="",
                now=now,
            )
            outbox.enqueue(
                session,
                subscriber_id=subscriber.id,
                kind=DeliveryKind.ISSUE,
                key="2026-03-11",
                recipient=subscriber.email,
                message_id=f"<{number}@example.org>",
                now=now,
            )


def build(delivery: Delivery) -> Envelope:
    content = f"Message-ID: {delivery.message_id}\r\n\r\nYour papers.\r\n"
    return Envelope("papers@example.org", delivery.recipient, content.encode())


async def deliver(database: Database, port: int, **options: Any) -> DeliveryReport:
    """Deliver at START, or ``later`` than that."""
    now = START + options.pop("later", timedelta())
    server = SmtpServer(
        "127.0.0.1",
        port,
        Security.PLAIN,
        timeout_seconds=options.pop("timeout_seconds", 5),
        local_hostname="client.example.org",
    )
    relay = relay_to(replace(server, connections=options.pop("connections", 4)))
    compose_one = options.pop("build_envelope", build)
    rules = DeliveryRules(batch_size=options.pop("batch_size", 20))
    options = {"clock": lambda: now, "rules": rules, **options}
    return await deliver_due(database, [relay], in_threads(lambda _batch: compose_one), **options)


def deliveries(database: Database) -> dict[str, Delivery]:
    """All rows of the outbox by recipient, r0 first."""
    with database.read() as session:
        everybody = list(subscribers.every(session))
        return {s.email: outbox.of_subscriber(session, s.id)[0] for s in everybody}


def states(database: Database) -> Counter[DeliveryState]:
    return Counter(delivery.state for delivery in deliveries(database).values())


def number_of(address: str) -> int:
    return int(address.removeprefix("r").partition("@")[0])


def message_ids(mailbox: Any) -> list[bytes]:
    return [content.partition(b"\r\n")[0] for _, content in mailbox.accepted]


async def test_every_tenth_deferred_and_every_twentieth_refused_and_all_others_have_one(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    def answer(address: str) -> str:
        if number_of(address) % 20 == 0:
            return "550 5.1.1 no such user here"
        return "451 4.7.1 greylisted" if number_of(address) % 10 == 0 else "250 ok"

    queue(database, 200)
    mailbox.rcpt = answer
    port = await start_server(mailbox)

    report = await deliver(database, port)

    others = {f"r{n}@example.org" for n in range(200) if n % 10}
    assert DeliveryReport(sent=180, deferred=10, failed=10) == report
    assert dict.fromkeys(others, 1) == Counter(mailbox.recipients)
    refused = deliveries(database)["r20@example.org"]
    assert (
        refused.state,
        refused.attempts,
        refused.last_reply,
    ) == (FAILED, 1, "550 5.1.1 no such user here")

    mailbox.rcpt = lambda _: "250 ok"
    assert DeliveryReport() == await deliver(database, port, later=timedelta(minutes=4))
    assert DeliveryReport(sent=10) == await deliver(database, port, later=timedelta(minutes=7))

    late = {f"r{n}@example.org" for n in range(10, 200, 20)}
    assert dict.fromkeys(others | late, 1) == Counter(mailbox.recipients)
    assert states(database) == {SENT: 190, FAILED: 10}


async def test_history_names_server_codes_and_words(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 1)
    mailbox.rcpt = lambda _: "451 4.7.1 greylisted"
    port = await start_server(mailbox)
    await deliver(database, port)
    mailbox.rcpt = lambda _: "250 ok"
    await deliver(database, port, later=timedelta(hours=1))

    with database.read() as session:
        history = session.execute(
            text(
                "SELECT state, server, reply_code, enhanced_status_code, reply"
                " FROM delivery_attempt ORDER BY id"
            )
        ).all()
    address = f"127.0.0.1:{port}"
    assert [
        ("deferred", address, 451, "4.7.1", "451 4.7.1 greylisted"),
        ("sent", address, 250, "2.0.0", "250 2.0.0 taken"),
    ] == history


async def test_deferral_is_given_up_after_three_days_with_the_servers_last_words(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 1)
    mailbox.rcpt = lambda _: "451 4.7.1 greylisted"

    port = await start_server(mailbox)
    first = await deliver(database, port, later=timedelta(days=7))  # of waiting for our server
    report = await deliver(database, port, later=timedelta(days=10))

    assert DeliveryReport(deferred=1) == first
    words = "gave up after 3 days; the last answer was: 451 4.7.1 greylisted"
    assert DeliveryReport(failed=1) == report
    assert words == deliveries(database)["r0@example.org"].last_reply


async def test_few_messages_open_one_connection(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 20)
    await deliver(database, await start_server(mailbox))

    assert (mailbox.connections, mailbox.farewells) == (1, 1)


async def test_no_message_opens_no_connection(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    assert DeliveryReport() == await deliver(database, await start_server(mailbox))
    assert mailbox.connections == 0


async def test_many_messages_share_the_allowed_connections(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 60)

    report = await deliver(database, await start_server(mailbox), connections=3, batch_size=5)

    assert DeliveryReport(sent=60) == report
    assert 3 == mailbox.connections == mailbox.farewells


async def test_message_that_cannot_be_composed_is_deferred_and_stops_no_other(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    def compose_some(delivery: Delivery) -> Envelope:
        if number_of(delivery.recipient) == 1:
            raise NotFoundError("issue 7 does not exist; build it again")
        if number_of(delivery.recipient) == 2:
            raise ZeroDivisionError("by zero")
        if number_of(delivery.recipient) == 3:
            raise UndeliverableError("its subscriber left")
        return build(delivery)

    queue(database, 5)

    report = await deliver(database, await start_server(mailbox), build_envelope=compose_some)

    rows = deliveries(database)
    assert DeliveryReport(sent=2, deferred=2, failed=1) == report
    assert rows["r3@example.org"].last_reply.endswith("not sent: its subscriber left")
    words = rows["r1@example.org"].last_reply
    assert words == "not built: issue 7 does not exist; build it again"
    assert rows["r2@example.org"].last_reply == "not built: ZeroDivisionError: by zero"
    assert (rows["r2@example.org"].state, rows["r2@example.org"].attempts) == (DEFERRED, 1)


async def test_server_that_is_not_there_leaves_every_message_untouched(database: Database) -> None:
    queue(database, 50)

    report = await deliver(database, 1)  # nothing listens on port 1

    assert report.server_trouble is not None
    assert report.server_trouble.startswith("SMTP server 127.0.0.1:1 cannot be reached")
    assert DeliveryReport(server_trouble=report.server_trouble) == report
    assert {(QUEUED, 0, "")} == {
        (row.state, row.attempts, row.last_reply) for row in deliveries(database).values()
    }


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("mail", "421 4.3.2 shutting down"),
        ("rcpt", "421 4.3.2 shutting down"),
        ("data", "421 4.3.2 shutting down"),
        ("mail", "550 5.7.1 relaying denied"),
        ("mail", CUT),
        ("rcpt", CUT),
        ("before_data", CUT),
    ],
)
async def test_server_in_trouble_ends_the_run_and_no_message_is_blamed(
    database: Database, start_server: Any, mailbox: Any, step: str, answer: str
) -> None:
    queue(database, 50)
    setattr(mailbox, step, lambda _: answer)
    port = await start_server(mailbox)

    report = await deliver(database, port)

    assert report.server_trouble is not None
    assert report.server_trouble.startswith(f"SMTP server 127.0.0.1:{port} breaks off: ")
    assert {(QUEUED, 0)} == {(r.state, r.attempts) for r in deliveries(database).values()}
    setattr(mailbox, step, lambda _: "250 ok")
    assert DeliveryReport(sent=50) == await deliver(database, port, ignore_pauses=True)


@pytest.mark.parametrize("step", ["inside_data", "data"])
async def test_connection_cut_after_the_content_leaves_no_more_in_doubt_than_connections(
    database: Database, start_server: Any, mailbox: Any, step: str
) -> None:
    queue(database, 50)
    setattr(mailbox, step, lambda _: CUT)
    port = await start_server(mailbox)

    report = await deliver(database, port, connections=2)

    assert 1 <= report.in_doubt == report.deferred <= 2
    assert "connection lost (end of data)" in str(report.server_trouble)
    assert {QUEUED: 50 - report.deferred, DEFERRED: report.deferred} == states(database)

    arrived = mailbox.recipients.copy()
    setattr(mailbox, step, lambda _: "250 ok")
    await deliver(database, port, later=timedelta(minutes=10))

    expected = Counter(f"r{n}@example.org" for n in range(50)) + Counter(arrived)
    assert expected == Counter(mailbox.recipients)
    assert len(set(message_ids(mailbox))) == 50


async def test_server_that_takes_a_message_and_hangs_leaves_it_in_doubt(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 3)
    mailbox.data = lambda _: HANG

    report = await deliver(
        database, await start_server(mailbox), connections=1, timeout_seconds=0.2
    )

    assert (report.in_doubt, report.deferred) == (1, 1)
    assert states(database) == {QUEUED: 2, DEFERRED: 1}


async def test_server_that_limits_messages_per_connection_gets_new_connections(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    taken = 0

    def answer(_: str) -> str:
        nonlocal taken
        taken += 1
        return "421 4.7.0 too many messages" if taken % 8 == 0 else "250 ok"

    queue(database, 40)
    mailbox.mail = answer

    report = await deliver(database, await start_server(mailbox), connections=1)

    assert DeliveryReport(sent=40) == report
    assert [f"r{n}@example.org" for n in range(40)] == mailbox.recipients


async def test_message_that_cuts_every_connection_is_deferred_and_the_others_arrive(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 10)
    mailbox.rcpt = lambda address: CUT if address == "r0@example.org" else "250 ok"

    report = await deliver(database, await start_server(mailbox))

    assert DeliveryReport(sent=9, deferred=1) == report
    assert deliveries(database)["r0@example.org"].last_reply == "connection lost (RCPT TO)"


async def test_stop_finishes_the_message_at_hand_and_releases_the_rest(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    stop = asyncio.Event()

    def answer(_: str) -> str:
        if len(mailbox.accepted) == 4:
            stop.set()
        return "250 ok"

    queue(database, 100)
    mailbox.data = answer

    report = await deliver(database, await start_server(mailbox), connections=1, stop=stop)

    assert DeliveryReport(sent=5) == report
    assert states(database) == {SENT: 5, QUEUED: 95}
    assert mailbox.farewells == 1


async def test_killed_worker_s_claims_are_sent_again_under_their_message_ids(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 8)
    killed = subprocess.run(  # noqa: S603, ASYNC221, our own interpreter, and nothing else runs
        [sys.executable, "-c", CLAIM_AND_DIE, database.url.render_as_string(), START.isoformat()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (killed.stdout, killed.returncode) == ("5\n", -9), killed.stderr
    assert states(database) == {SENDING: 5, QUEUED: 3}

    report = await deliver(database, await start_server(mailbox))

    assert DeliveryReport(sent=8, in_doubt_reclaimed=5) == report
    expected = [f"Message-ID: <{n}@example.org>".encode() for n in range(8)]
    assert expected == sorted(message_ids(mailbox))


async def test_claims_of_another_machine_stand_until_their_lease_runs_out(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    queue(database, 3)
    elsewhere = "elsewhere.example.org:1:1"
    presence = NamedLock(database, presence_of(elsewhere))
    assert presence.hold()
    with database.write() as session:
        claims.claim_due(session, worker=elsewhere, now=START, lease_seconds=900, limit=3)
    port = await start_server(mailbox)

    early = await deliver(database, port, later=timedelta(minutes=14))
    late = await deliver(database, port, later=timedelta(minutes=16))
    presence.release()

    assert (DeliveryReport(), DeliveryReport(sent=3, in_doubt_reclaimed=3)) == (early, late)


async def test_run_cut_off_in_the_middle_loses_nothing_and_repeats_only_what_it_held(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    reached = asyncio.Event()

    def answer(_: str) -> str:
        if len(mailbox.accepted) == 30:
            reached.set()
        return HANG if reached.is_set() else "250 ok"

    queue(database, 100)
    mailbox.data = answer
    port = await start_server(mailbox)
    run = asyncio.create_task(
        deliver(
            database,
            port,
            worker="elsewhere.example.org:1:1",
            connections=2,
            batch_size=10,
            timeout_seconds=1,
        )
    )
    await reached.wait()
    run.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await run

    mailbox.data = lambda _: "250 ok"
    report = await deliver(database, port, later=timedelta(hours=1))

    arrived = Counter(message_ids(mailbox))
    assert 1 <= report.in_doubt_reclaimed <= 20
    assert states(database) == {SENT: 100}
    assert len(arrived) == 100
    assert arrived.total() - 100 <= report.in_doubt_reclaimed


@pytest.mark.sqlite  # one lock of its file for all that is written
async def test_outcomes_that_cannot_be_recorded_are_recorded_later_and_not_sent_again(
    database: Database, start_server: Any, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the write lock from the first acceptance until three tries failed."""
    other = sqlite3.connect(str(database.url.database), check_same_thread=False)
    tries = 0

    def lock_once(_: str) -> str:
        if not mailbox.accepted:
            other.execute("BEGIN IMMEDIATE")
        return "250 ok"

    def write_until_locked(self: Database) -> Any:
        nonlocal tries
        tries += other.in_transaction
        if tries == 4:
            other.rollback()
        return original(self)

    original: Callable[[Database], Any] = Database.write_beside_others
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_RETRY_SECONDS", (0.0,))
    impatient = open_database(database.url.render_as_string(), busy_timeout_seconds=0)
    queue(impatient, 6)
    mailbox.data = lock_once
    monkeypatch.setattr(Database, "write_beside_others", write_until_locked)

    with contextlib.closing(other), contextlib.closing(impatient):
        report = await deliver(impatient, await start_server(mailbox), connections=1)

    assert tries == 4
    assert DeliveryReport(sent=6) == report
    assert [f"r{n}@example.org" for n in range(6)] == mailbox.recipients
    assert states(database) == {SENT: 6}


async def test_outbox_that_cannot_be_claimed_from_ends_the_run(
    database: Database, start_server: Any, mailbox: Any
) -> None:
    with database.write() as session:
        session.execute(text("ALTER TABLE delivery RENAME COLUMN leased_until TO gone"))

    with pytest.raises(StorageError):
        await deliver(database, await start_server(mailbox))
