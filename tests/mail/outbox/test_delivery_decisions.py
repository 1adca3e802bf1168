"""What a run makes of each answer, of servers in memory, so that a fault shows at its line."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import Delivery, ServerState
from recommender.errors import StorageError
from recommender.mail.message import Envelope
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail.outbox.worker import worker_name
from recommender.mail.transport.replies import NOT_SENT_AGAIN, Reply, RetryPolicy, Step
from recommender.store import claims, pacing

START = datetime(2026, 3, 11, 7, tzinfo=UTC)
AT_START = "2026-03-11 07:00:00"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)

TAKEN = Reply(250, "2.0.0", "taken", Step.END_OF_DATA)
REFUSED = Reply(550, "5.1.1", "no such user", Step.RCPT)
LATER = Reply(450, "4.2.1", "mailbox busy", Step.RCPT)
LEAVES = Reply(421, "4.3.2", "shutting down", Step.MAIL)
CUT = Reply(None, None, "connection lost (RCPT TO)", Step.RCPT)
LOST = Reply(None, None, "connection lost (end of data)", Step.END_OF_DATA)
BREAKS_OFF = (
    "SMTP server mx.example.org:25 breaks off: {}; what was not sent stays queued, look at the "
    "server's log if it comes again"
)


def answers(replies: dict[int, Reply]) -> Callable[[str], Reply]:
    """Answer messages by their recipients' numbers; all others are taken."""
    return lambda recipient: replies.get(number_of(recipient), TAKEN)


def number_of(recipient: str) -> int:
    return int(recipient.removeprefix("r").partition("@")[0])


def numbers(recipients: list[str]) -> list[int]:
    return [number_of(recipient) for recipient in recipients]


def asked(server: Any) -> list[tuple[int, int]]:
    """Return who was asked for, each with the number of the connection's opening."""
    return [(opening, number_of(recipient)) for opening, recipient in server.asked]


def state_of(queued: Any, server: Any) -> ServerState:
    with queued.database.read() as session:
        return pacing.server_states(session, [server.name])[server.name]


@pytest.fixture
def server(queued: Any, memory_server: Any) -> Any:
    """Return the only server, of one connection."""
    server = memory_server()
    queued.servers = [server.relay()]
    return server


async def test_one_connection_sends_all_in_their_order(queued: Any, server: Any) -> None:
    queued.queue(12)

    assert await queued.deliver() == DeliveryReport(sent=12)
    assert asked(server) == [(1, number) for number in range(12)]
    assert server.open == 0


async def test_outcomes_are_recorded_with_the_next_claim(
    queued: Any, memory_server: Any, writes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued.queue(20)
    queued.servers.append(memory_server().relay())
    writes.count = 0
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_EVERY_SECONDS", 3600.0)

    assert DeliveryReport(sent=20) == await queued.deliver()
    # To take back what dead workers had, four claims of five, and the one that finds nothing more.
    assert writes.count == 1 + 4 + 1


async def test_refused_messages_are_recorded_one_by_one(queued: Any, server: Any) -> None:
    queued.queue(4)
    server.answer = answers({1: REFUSED, 2: LATER})

    assert await queued.deliver() == DeliveryReport(sent=2, deferred=1, failed=1)
    assert Counter(
        (delivery, state, host, reply) for delivery, state, host, reply in queued.history()
    ) == Counter(
        [
            (1, "sent", server.name, "250 2.0.0 taken"),
            (2, "failed", server.name, "550 5.1.1 no such user"),
            (3, "deferred", server.name, "450 4.2.1 mailbox busy"),
            (4, "sent", server.name, "250 2.0.0 taken"),
        ]
    )


async def test_history_and_outbox_hold_all_that_a_server_said(queued: Any, server: Any) -> None:
    queued.queue(3)
    server.answer = answers({1: LATER, 2: LOST})

    await queued.deliver()

    attempts = queued.rows(
        "SELECT attempted_at, reply_code, enhanced_status_code FROM delivery_attempt"
    )
    assert {f"{attempted_at}"[:19] for attempted_at, *_ in attempts} == {AT_START}
    assert [codes for _, *codes in attempts] == [[250, "2.0.0"], [450, "4.2.1"], [None, None]]
    rows = queued.rows("SELECT next_attempt_at, times_in_doubt, worker FROM delivery")
    assert [(doubts, worker) for _, doubts, worker in rows] == [(0, None), (0, None), (1, None)]
    assert [f"{next_at}" > "2026-03-11 07:05" for next_at, _, _ in rows] == [False, True, True]


async def test_used_connection_that_breaks_is_replaced_and_the_message_tried_again(
    queued: Any, server: Any, writes: Any
) -> None:
    broken = [CUT]
    queued.queue(4)
    writes.count = 0
    server.answer = lambda to: broken.pop() if number_of(to) == 2 and broken else TAKEN

    assert await queued.deliver() == DeliveryReport(sent=4)
    assert asked(server) == [(1, 0), (1, 1), (1, 2), (2, 2), (2, 3)]
    # Nothing went back: what dead workers had, a claim, and the one that finds nothing more.
    assert writes.count == 3
    assert state_of(queued, server) == ServerState()


async def test_new_connection_that_breaks_makes_a_suspect_and_the_next_message_tells(
    queued: Any, server: Any
) -> None:
    queued.queue(4)
    server.answer = answers({0: CUT})

    assert await queued.deliver() == DeliveryReport(sent=3, deferred=1)
    assert asked(server) == [(1, 0), (2, 1), (2, 2), (2, 3)]
    assert state_of(queued, server) == ServerState()
    assert (1, "deferred", server.name, "connection lost (RCPT TO)") in queued.history()


@pytest.mark.parametrize("verdict", [TAKEN, REFUSED, LATER])
async def test_any_answer_about_another_message_clears_the_server(
    queued: Any, server: Any, verdict: Reply
) -> None:
    queued.queue(2)
    server.answer = answers({0: CUT, 1: verdict})

    report = await queued.deliver()

    assert (report.server_trouble, report.sent + report.deferred + report.failed) == (None, 2)


async def test_two_messages_in_a_row_that_break_new_connections_convict_the_server(
    queued: Any, server: Any
) -> None:
    queued.queue(5)
    server.answer = answers({0: CUT, 1: LEAVES})

    report = await queued.deliver()

    trouble = BREAKS_OFF.format("421 4.3.2 shutting down")
    assert report == DeliveryReport(server_trouble=trouble)
    assert report.troubles == 1
    assert asked(server) == [(1, 0), (2, 1)]
    assert queued.states() == {"queued": 5}
    assert queued.history() == []
    assert state_of(queued, server).last_trouble == trouble


async def test_suspect_of_the_end_of_a_batch_convicts_the_server_alone(
    queued: Any, server: Any
) -> None:
    queued.queue(1)
    server.answer = answers({0: CUT})

    report = await queued.deliver()

    assert report == DeliveryReport(server_trouble=BREAKS_OFF.format(CUT.words))
    assert queued.states() == {"queued": 1}


async def test_message_that_cannot_be_composed_clears_no_server(queued: Any, server: Any) -> None:
    usual = queued.build

    def build(delivery: Delivery) -> Envelope:
        if number_of(delivery.recipient) == 1:
            raise ZeroDivisionError("by zero")
        return usual(delivery)

    queued.queue(3)
    queued.build = build
    server.answer = answers({0: CUT, 2: CUT})

    report = await queued.deliver()

    assert report == DeliveryReport(deferred=1, server_trouble=BREAKS_OFF.format(CUT.words))
    assert queued.history() == [(2, "deferred", "", "not built: ZeroDivisionError: by zero")]


async def test_message_in_doubt_clears_no_server(queued: Any, server: Any) -> None:
    queued.queue(3)
    server.answer = answers({0: CUT, 1: LOST})

    report = await queued.deliver()

    assert (report.in_doubt, report.deferred, report.sent) == (1, 1, 0)
    assert report.server_trouble == BREAKS_OFF.format(LOST.words)
    assert queued.states() == {"queued": 2, "deferred": 1}


async def test_message_in_doubt_on_a_used_connection_blames_no_server(
    queued: Any, server: Any
) -> None:
    queued.queue(5)
    server.answer = answers({2: LOST})

    assert await queued.deliver() == DeliveryReport(sent=4, deferred=1, in_doubt=1)
    assert asked(server) == [(1, 0), (1, 1), (1, 2), (2, 3), (2, 4)]
    assert state_of(queued, server) == ServerState()


async def test_message_in_doubt_on_a_new_connection_ends_the_use_of_the_server(
    queued: Any, server: Any
) -> None:
    queued.queue(5)
    server.answer = answers({0: LOST})

    report = await queued.deliver()

    trouble = BREAKS_OFF.format("connection lost (end of data)")
    assert report == DeliveryReport(deferred=1, in_doubt=1, server_trouble=trouble)
    assert asked(server) == [(1, 0)]


async def test_message_in_doubt_is_not_sent_again_where_the_operator_does_not_want_it(
    queued: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    queued.rules = replace(queued.rules, retries=RetryPolicy(resend_in_doubt=False))
    queued.queue(3)
    with queued.database.write() as session:
        claims.claim_due(session, worker="gone:1:1", now=START, lease_seconds=60, limit=1)
    queued.now += HOUR
    server.answer = answers({2: LOST})

    report = await queued.deliver()

    assert report == DeliveryReport(sent=1, failed=1, in_doubt=1, in_doubt_reclaimed=1)
    assert (1, "failed", "", NOT_SENT_AGAIN) in queued.history()
    assert caplog.messages[0] == (
        "1 deliveries were claimed by workers that are gone: they may have arrived and are not "
        "sent again"
    )


async def test_claims_that_are_taken_back_are_told(
    queued: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    queued.queue(3)
    with queued.database.write() as session:
        claims.claim_due(session, worker="gone:1:1", now=START, lease_seconds=60, limit=2)
    queued.now += HOUR

    assert await queued.deliver() == DeliveryReport(sent=3, in_doubt_reclaimed=2)
    assert sorted(numbers(server.accepted)) == [0, 1, 2]
    (words,) = caplog.messages
    assert words == (
        "2 deliveries were claimed by workers that are gone: they may have arrived and are sent "
        "again under the same Message-ID"
    )


async def test_nothing_that_is_taken_back_is_not_told(
    queued: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    queued.queue(1)

    assert await queued.deliver() == DeliveryReport(sent=1)
    assert numbers(server.accepted) == [0]
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("seconds", "openings"),
    [
        (45, [1, 1, 2, 2, 3, 3]),  # the second before half of the lease, the third past it
        (51, [1, 2, 3, 4, 5, 6]),
        (24, [1, 1, 1, 2, 2, 2]),
    ],
)
async def test_nothing_is_sent_past_half_the_lease_of_its_claim(
    queued: Any, server: Any, loop_clock: Any, seconds: float, openings: list[int]
) -> None:
    def answer(_recipient: str) -> Reply:
        loop_clock.advance(seconds)
        return TAKEN

    queued.longest_seconds += 6 * seconds
    queued.rules = replace(queued.rules, batch_size=6, lease_seconds=100)
    queued.servers = [server.relay(timeout_seconds=1)]
    queued.queue(6)
    server.answer = answer

    assert await queued.deliver() == DeliveryReport(sent=6)
    assert asked(server) == list(zip(openings, range(6), strict=True))


@pytest.mark.parametrize(("lease", "timeouts", "expected"), [(900, (1, 2), 900), (9, (1, 2), 24)])
async def test_claims_stand_for_the_lease_and_for_twelve_timeouts_of_any_server_at_least(
    queued: Any, memory_server: Any, lease: float, timeouts: tuple[float, ...], expected: float
) -> None:
    held: list[tuple[Any, ...]] = []

    def answer(_recipient: str) -> Reply:
        held.extend(queued.rows("SELECT worker, leased_until FROM delivery"))
        return TAKEN

    queued.rules = replace(queued.rules, lease_seconds=lease)
    queued.servers = [
        memory_server(name=f"mx{number}:25", answer=answer).relay(timeout_seconds=seconds)
        for number, seconds in enumerate(timeouts)
    ]
    queued.queue(1)

    await queued.deliver()

    until = (START + expected * SECOND).strftime("%Y-%m-%d %H:%M:%S")
    assert [(worker_name(), until)] == [(worker, f"{moment}"[:19]) for worker, moment in held]


async def test_claims_bear_the_name_that_is_given(queued: Any, server: Any) -> None:
    held: list[tuple[Any, ...]] = []

    def answer(_recipient: str) -> Reply:
        held.extend(queued.rows("SELECT worker FROM delivery"))
        return TAKEN

    queued.queue(1)
    server.answer = answer

    await queued.deliver(worker="mine:1:1")

    assert held == [("mine:1:1",)]


async def test_composer_that_loses_a_message_fails_the_run(queued: Any, server: Any) -> None:
    async def build(batch: Sequence[Delivery]) -> list[Envelope]:
        return [queued.build(delivery) for delivery in batch[:-1]]

    queued.queue(3)
    queued.build_batch = build

    with pytest.raises(ValueError, match="shorter"):
        await queued.deliver()

    assert numbers(server.accepted) == [0, 1]
    assert queued.states() == {"sent": 2, "sending": 1}


async def test_recording_is_given_up_once_we_stop(
    queued: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.mail.outbox.recording.RECORD_RETRY_SECONDS", (0.0,))
    stop = asyncio.Event()

    def answer(_recipient: str) -> Reply:
        queued.execute("ALTER TABLE delivery RENAME COLUMN last_reply TO gone")
        stop.set()
        return TAKEN

    queued.queue(2)
    server.answer = answer

    with pytest.raises(StorageError):
        await queued.deliver(stop=stop)

    assert numbers(server.accepted) == [0]
