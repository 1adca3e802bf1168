"""Several connections, servers and runs: who stops, who goes on, and what goes back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from recommender.domain import Delivery, DeliveryKind, ServerState
from recommender.errors import StorageError
from recommender.mail.message import Envelope
from recommender.mail.outbox.delivery import DeliveryReport, deliver_due
from recommender.mail.outbox.windows import SendingWindow
from recommender.mail.transport.replies import Reply, Step
from recommender.store import pacing
from recommender.store.database import Database

START = datetime(2026, 3, 11, 7, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

TAKEN = Reply(250, "2.0.0", "taken", Step.END_OF_DATA)
LEAVES = Reply(421, "4.3.2", "shutting down", Step.MAIL)
TOO_MANY = Reply(452, "4.7.0", "too many messages", Step.RCPT)
SPAM = Reply(554, "5.7.1", "spam", Step.END_OF_DATA)


def number_of(recipient: str) -> int:
    return int(recipient.removeprefix("r").partition("@")[0])


def numbers(recipients: Sequence[str]) -> list[int]:
    return [number_of(recipient) for recipient in recipients]


def state_of(queued: Any, server: Any) -> ServerState:
    with queued.database.read() as session:
        return pacing.server_states(session, [server.name])[server.name]


class Gate:
    """Holds answers back until a test lets them go."""

    def __init__(self) -> None:
        self.waiting = 0
        self._reached = asyncio.Condition()
        self._open = asyncio.Event()

    async def __call__(self, reply: Reply) -> Reply:
        async with self._reached:
            self.waiting += 1
            self._reached.notify_all()
        await self._open.wait()
        return reply

    async def reached(self, count: int) -> None:
        async with asyncio.timeout(10), self._reached:
            await self._reached.wait_for(lambda: self.waiting >= count)

    def let_go(self) -> None:
        self._open.set()


async def test_server_takes_so_many_messages_over_one_connection(
    queued: Any, memory_server: Any
) -> None:
    server = memory_server()
    queued.servers = [server.relay(messages_per_connection=2)]
    queued.queue(5)

    assert await queued.deliver() == DeliveryReport(sent=5)
    assert [opening for opening, _ in server.asked] == [1, 1, 2, 2, 3]


async def test_only_connection_that_is_turned_away_pauses_the_server(
    queued: Any, memory_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = memory_server(greet=lambda _number: "SMTP server mx turned us away")
    queued.servers = [server.relay()]
    queued.queue(3)

    report = await queued.deliver()

    assert report == DeliveryReport(server_trouble="SMTP server mx turned us away")
    assert report.resume_at == state_of(queued, server).paused_until
    assert queued.states() == {"queued": 3}
    assert not [words for words in caplog.messages if "one connection less" in words]


async def test_connection_turned_away_while_another_is_open_pauses_nothing(
    queued: Any, memory_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = memory_server(greet=lambda number: "too many" if number > 1 else "")
    queued.servers = [server.relay(connections=3)]
    queued.queue(20)

    assert await queued.deliver() == DeliveryReport(sent=20)
    assert state_of(queued, server) == ServerState()
    assert server.opened == 1
    assert set(caplog.messages) == {"one connection less: too many"}


async def test_connection_turned_away_while_another_is_opening_pauses_nothing(
    queued: Any, memory_server: Any
) -> None:
    turned_away = asyncio.Event()

    async def greet(number: int) -> str:
        if number == 1:
            async with asyncio.timeout(10):
                await turned_away.wait()
            return ""
        # The first hears of it once this one is through with it.
        asyncio.get_running_loop().call_soon(turned_away.set)
        return "too many"

    server = memory_server(greet=greet)
    queued.servers = [server.relay(connections=2)]
    queued.queue(10)

    assert await queued.deliver() == DeliveryReport(sent=10)
    assert state_of(queued, server) == ServerState()


async def test_last_of_all_connections_that_are_turned_away_pauses_the_server(
    queued: Any, memory_server: Any
) -> None:
    all_are_opening = asyncio.Barrier(3)

    async def greet(number: int) -> str:
        async with asyncio.timeout(10):
            await all_are_opening.wait()
        return f"no room for {number}"

    server = memory_server(greet=greet)
    queued.servers = [server.relay(connections=3)]
    queued.queue(15)

    report = await queued.deliver()

    assert report.server_trouble is not None
    assert report.server_trouble.startswith("no room for ")
    assert (server.tried, state_of(queued, server).troubles) == (3, 1)


async def test_other_connections_stop_before_their_next_message_where_the_server_is_paused(
    queued: Any, memory_server: Any
) -> None:
    gate = Gate()
    turned_away = 0

    async def answer(recipient: str) -> Reply:
        nonlocal turned_away
        if number_of(recipient) < 5:
            return await gate(TAKEN)
        await gate.reached(1)
        turned_away += 1
        if turned_away == 2:
            # Once that is understood: two such answers convict the server.
            asyncio.get_running_loop().call_soon(gate.let_go)
        return LEAVES

    server = memory_server(answer=answer)
    queued.servers = [server.relay(connections=2)]
    queued.queue(10)

    report = await queued.deliver()

    assert (report.sent, report.deferred, report.failed) == (1, 0, 0)
    assert report.server_trouble is not None
    assert queued.states() == {"sent": 1, "queued": 9}


async def test_second_server_hands_over_where_the_first_is_back(
    queued: Any, memory_server: Any
) -> None:
    first, second = memory_server(name="first:25"), memory_server(name="second:25")
    queued.servers = [first.relay(), second.relay(priority=1)]
    with queued.database.write() as session:
        pause = ServerState(1, START + MINUTE, "gone")
        pacing.save_server_states(session, {"first:25": pause}, now=START)
    queued.queue(15)

    def answer(recipient: str) -> Reply:
        if number_of(recipient) == 4:
            queued.now += MINUTE
        return TAKEN

    second.answer = answer

    assert await queued.deliver() == DeliveryReport(sent=15)
    assert numbers(second.accepted) == [0, 1, 2, 3, 4]
    assert numbers(first.accepted) == list(range(5, 15))


async def test_stop_gives_back_what_was_claimed_and_counts_nothing_as_held(
    queued: Any, memory_server: Any
) -> None:
    stop = asyncio.Event()

    def answer(recipient: str) -> Reply:
        if number_of(recipient) == 6:
            stop.set()
        return TAKEN

    server = memory_server(answer=answer)
    queued.servers = [server.relay()]
    queued.queue(20)

    assert await queued.deliver(stop=stop) == DeliveryReport(sent=7)
    assert queued.states() == {"sent": 7, "queued": 13}
    assert server.open == 0


async def test_stop_before_the_run_sends_nothing_and_takes_back_what_dead_workers_had(
    queued: Any, memory_server: Any
) -> None:
    stop = asyncio.Event()
    stop.set()
    server = memory_server()
    queued.servers = [server.relay()]
    queued.queue(1)

    assert await queued.deliver(stop=stop) == DeliveryReport()
    assert server.tried == 0


async def test_message_that_cannot_be_composed_is_left_where_we_stop(
    queued: Any, memory_server: Any
) -> None:
    """What stops us may be the reason why it cannot."""
    stop = asyncio.Event()

    def build(_delivery: Delivery) -> Envelope:
        stop.set()
        raise ZeroDivisionError("by zero")

    queued.servers = [memory_server().relay()]
    queued.build = build
    queued.queue(2)

    assert await queued.deliver(stop=stop) == DeliveryReport()
    assert queued.states() == {"queued": 2}
    assert queued.history() == []


async def test_worker_that_fails_lets_the_others_finish_and_what_they_did_is_recorded(
    queued: Any, memory_server: Any
) -> None:
    gate = Gate()

    async def answer(recipient: str) -> Reply:
        if number_of(recipient) < 5:
            return await gate(TAKEN)
        await gate.reached(1)
        asyncio.get_running_loop().call_soon(gate.let_go)
        raise ZeroDivisionError("by zero")

    server = memory_server(answer=answer)
    queued.servers = [server.relay(connections=2)]
    queued.queue(15)

    with pytest.raises(ZeroDivisionError):
        await queued.deliver()

    assert numbers(server.accepted) == [0]
    # What the failed one had is taken back later, as if it had been killed.
    assert queued.states() == {"sent": 1, "sending": 5, "queued": 9}
    assert server.open == 0


async def test_run_that_is_cancelled_in_a_message_leaves_its_batch_in_doubt(
    queued: Any, memory_server: Any
) -> None:
    gate = Gate()
    server = memory_server(answer=lambda _recipient: gate(TAKEN))
    queued.servers = [server.relay()]
    queued.queue(8)
    run = asyncio.create_task(queued.deliver())
    await gate.reached(1)

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert server.open == 0
    assert queued.states() == {"sending": 5, "queued": 3}


async def test_run_that_is_cancelled_together_with_an_answer_gives_back_the_rest(
    queued: Any, memory_server: Any
) -> None:
    """Python 3.11's wait_for swallows such a cancellation."""
    gate = Gate()

    async def answer(_recipient: str) -> Reply:
        with contextlib.suppress(asyncio.CancelledError):
            await gate(TAKEN)
        return TAKEN

    server = memory_server(answer=answer)
    queued.servers = [server.relay()]
    queued.queue(8)
    run = asyncio.create_task(queued.deliver())
    await gate.reached(1)

    run.cancel()
    gate.let_go()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert numbers(server.accepted) == [0]
    assert queued.states() == {"sent": 1, "queued": 7}


async def test_messages_are_held_that_were_claimed_before_their_domain_asked_for_less(
    queued: Any, memory_server: Any, writes: Any
) -> None:
    server = memory_server(answer=lambda to: TOO_MANY if number_of(to) == 1 else TAKEN)
    queued.servers = [server.relay()]
    queued.queue(4, domain="busy.example.org")
    queued.queue(1, domain="calm.example.org")
    writes.count = 0

    assert await queued.deliver() == DeliveryReport(sent=2, deferred=1, held_back=2)
    assert numbers(server.accepted) == [0, 4]
    assert queued.states() == {"sent": 2, "deferred": 1, "queued": 2}
    # What dead workers had, a claim, what goes back of it, and the claim that finds nothing more.
    assert writes.count == 4


async def test_messages_beyond_the_pace_of_a_domain_go_back_and_others_are_claimed_instead(
    queued: Any, memory_server: Any
) -> None:
    server = memory_server()
    queued.servers = [server.relay(messages_per_hour=8)]
    queued.rules = replace(queued.rules, domain_per_minute=6)
    queued.queue(10, domain="busy.example.org")
    queued.queue(10, kind=DeliveryKind.ISSUE, domain="calm.example.org")
    for number in range(8):
        queued.queue(1, domain=f"d{number}.example.org")

    assert await queued.deliver() == DeliveryReport(sent=8, held_back=20)
    # The hour has room for eight: none was lost to what went back.
    assert len(server.accepted) == 8
    assert numbers(server.accepted)[:2] == [0, 10]


async def test_messages_to_one_domain_go_one_by_one_and_to_several_at_once(
    queued: Any, memory_server: Any
) -> None:
    """One connection is at the first domain until the other was at the second, and comes back."""
    second_domain_reached = asyncio.Event()
    under_way: list[str] = []

    async def answer(recipient: str) -> Reply:
        domain = recipient.partition("@")[2]
        assert domain not in under_way
        under_way.append(domain)
        if number_of(recipient) == 0:
            async with asyncio.timeout(10):
                await second_domain_reached.wait()
            for _ in range(10):
                await asyncio.sleep(0)
        elif domain == "b.example.org":
            second_domain_reached.set()
        under_way.remove(domain)
        return TAKEN

    queued.servers = [memory_server(answer=answer).relay(connections=2)]
    queued.rules = replace(queued.rules, domain_connections=1)
    queued.queue(5, domain="a.example.org")
    queued.queue(1, domain="b.example.org")
    queued.queue(4, domain="a.example.org")

    assert await queued.deliver() == DeliveryReport(sent=10)


async def test_stop_ends_the_waiting_for_a_turn(queued: Any, memory_server: Any) -> None:
    stop = asyncio.Event()

    def answer(_recipient: str) -> Reply:
        asyncio.get_running_loop().call_soon(stop.set)
        return TAKEN

    queued.servers = [memory_server(answer=answer).relay(messages_per_second=0.2)]
    queued.queue(2)

    assert await queued.deliver(stop=stop) == DeliveryReport(sent=1)


async def test_refused_newsletters_hold_those_that_are_claimed_and_no_answer(
    queued: Any, memory_server: Any
) -> None:
    server = memory_server(answer=lambda to: SPAM if number_of(to) == 0 else TAKEN)
    queued.servers = [server.relay()]
    queued.rules = replace(queued.rules, content_refusals=1)
    queued.queue(3)
    queued.queue(1, kind=DeliveryKind.CONFIRMATION)
    queued.queue(1)

    report = await queued.deliver()

    assert (report.sent, report.failed, report.held_back) == (1, 1, 3)
    assert report.content_trouble is not None
    assert numbers(server.accepted) == [3]


async def test_report_says_when_something_may_go_next(queued: Any, memory_server: Any) -> None:
    queued.servers = [memory_server().relay()]
    assert (await queued.deliver()).resume_at is None

    queued.rules = replace(queued.rules, windows=(SendingWindow(8 * 60, 9 * 60),))
    queued.queue(2)
    report = await queued.deliver()

    assert report == DeliveryReport(held_back=2)
    assert report.resume_at == START + HOUR


async def test_troubles_are_those_of_the_server_that_fares_best(
    queued: Any, memory_server: Any
) -> None:
    queued.servers = [memory_server(name=f"mx{number}:25").relay() for number in range(3)]
    later = START + HOUR
    with queued.database.write() as session:
        states = {
            f"mx{number}:25": ServerState(troubles, later, "gone")
            for number, troubles in enumerate((4, 2, 3))
        }
        pacing.save_server_states(session, states, now=START)
    queued.queue(1)

    report = await queued.deliver()

    assert (report.troubles, report.resume_at) == (2, later)
    assert report.server_trouble is None  # nothing new: it was told when they were paused


async def test_operator_who_sends_by_hand_asks_paused_servers(
    queued: Any, memory_server: Any
) -> None:
    server = memory_server()
    queued.servers = [server.relay()]
    with queued.database.write() as session:
        pause = ServerState(1, START + MINUTE, "gone")
        pacing.save_server_states(session, {server.name: pause}, now=START)
    queued.queue(2)

    assert await queued.deliver() == DeliveryReport(held_back=2)
    assert await queued.deliver(ignore_pauses=True) == DeliveryReport(sent=2)
    assert state_of(queued, server) == ServerState(last_trouble="gone")


async def test_outbox_that_cannot_be_read_is_an_error(queued: Any, memory_server: Any) -> None:
    queued.servers = [memory_server().relay()]
    with queued.database.write() as session:
        session.execute(text("DROP TABLE domain_pace"))

    with pytest.raises(StorageError):
        await queued.deliver()


async def test_defaults_send_now_and_without_a_stop(
    database: Database, queued: Any, memory_server: Any
) -> None:
    server = memory_server()
    queued.queue(3)

    async def build(batch: Sequence[Delivery]) -> list[Envelope]:
        return [queued.build(delivery) for delivery in batch]

    report = await deliver_due(database, [server.relay()], build)

    assert report == DeliveryReport(sent=3)
    with database.read() as session:
        moments = session.scalars(text("SELECT attempted_at FROM delivery_attempt")).all()
    assert all(f"{moment}"[:4] >= "2026" for moment in moments)
