"""Two processes deliver at once: what a domain asks of one holds for the other from its next claim.

What the other one does is done here by hand, while a run of ours is answered by a server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import DomainPace
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail.transport.replies import Reply, Step
from recommender.store import pacing
from recommender.store.database import Database, open_database
from recommender.store.several import NamedLock

START = datetime(2026, 3, 11, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BUSY, CALM = "busy.example.org", "calm.example.org"
WORDS = "452 4.7.0 too many messages"
PACED = DomainPace(18.0, None, WORDS, START - 5 * MINUTE)
"""Three at once, and the next ones later."""


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """Open the database as another process has it."""
    opened = open_database(database.url.render_as_string(hide_password=False))
    yield opened
    opened.close()


def keep(database: Database, pace: DomainPace) -> None:
    with database.write() as session:
        pacing.save_domain_paces(session, {BUSY: pace}, now=START)


def doing_first(act: Callable[[], None]) -> Callable[[str], str]:
    """Answer that all is well, and act before the first answer."""
    acts = [act]

    def answer(_recipient: str) -> str:
        if acts:
            acts.pop()()
        return "250 ok"

    return answer


async def test_domain_that_asked_another_process_for_less_is_paced_from_the_next_claim_on(
    queued: Any, start_server: Any, mailbox: Any, other: Database
) -> None:
    queued.rules = replace(queued.rules, batch_size=1)
    queued.queue(20, domain=BUSY)
    queued.queue(20, domain=CALM)
    mailbox.rcpt = doing_first(lambda: keep(other, PACED))
    queued.add_server(await start_server(mailbox), connections=1)

    report = await queued.deliver()

    # One before anybody asked, and the three that may go at once.
    assert report == DeliveryReport(sent=1 + 3 + 20, held_back=16)
    assert queued.now < report.resume_at <= queued.now + MINUTE


async def test_what_is_claimed_already_goes_back_once_another_process_heard_that_it_is_too_much(
    queued: Any, memory_server: Callable[..., Any], other: Database
) -> None:
    """One connection has all that goes to the domain; the other one claims meanwhile, twice."""
    queued.queue(5, domain=BUSY)
    queued.queue(10, domain=CALM)
    calm, has_claimed_again = 0, asyncio.Event()

    async def answer(recipient: str) -> Reply:
        nonlocal calm
        if BUSY in recipient:
            keep(other, DomainPace(18.0, START + MINUTE, WORDS, START))
            await has_claimed_again.wait()
        else:
            calm += 1
            if calm > queued.rules.batch_size:
                has_claimed_again.set()
        return Reply(250, "2.0.0", "taken", Step.END_OF_DATA)

    queued.servers = [memory_server(answer=answer).relay(connections=2)]

    report = await queued.deliver()

    assert report == DeliveryReport(sent=1 + 10, held_back=4)
    assert queued.next_at() == START + MINUTE


async def test_what_this_process_learned_meanwhile_is_not_forgotten_for_what_is_kept(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    """A pace of its own: it is claimed by, written and read again, for each message."""
    keep(queued.database, PACED)
    queued.rules = replace(queued.rules, batch_size=1)
    queued.queue(3, domain=BUSY)
    queued.add_server(await start_server(mailbox), connections=1)

    assert await queued.deliver() == DeliveryReport(sent=3)
    with queued.database.read() as session:
        (pace,) = pacing.domain_paces(session).values()
    assert pace.messages_per_minute is not None
    assert pace.messages_per_minute == pytest.approx(18 + 3 * 6 / 18, abs=0.02)


async def test_one_process_at_a_time_sends_to_paced_domains_and_the_others_pass_them_by(
    queued: Any, start_server: Any, mailbox: Any, other: Database
) -> None:
    keep(other, PACED)
    queued.queue(2, domain=BUSY)
    queued.queue(20, domain=CALM)
    queued.add_server(await start_server(mailbox))
    turn = NamedLock(other, "paced domains")
    assert turn.hold()

    report = await queued.deliver()
    turn.release()

    passed_by = 2 if other.dialect.is_for_several else 0
    assert report == DeliveryReport(sent=22 - passed_by, held_back=passed_by)
    assert await queued.deliver() == DeliveryReport(sent=passed_by)
    # Whoever had its turn lets go of it with the run; the server hears of it in its own time.
    while not turn.hold():
        pass
    turn.release()
