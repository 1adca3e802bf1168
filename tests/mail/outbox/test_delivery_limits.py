"""What keeps messages back, over which server they go, and that what waits is known."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recommender.domain import DeliveryKind, DeliveryState
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail.outbox.windows import parse_window
from recommender.mail.transport.replies import NOT_SENT_AGAIN, RetryPolicy
from recommender.store import claims, pacing, sending_pause

START = datetime(2026, 3, 11, 7, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
CUT = "cut"  # what conftest's servers understand beside replies
NOWHERE = 1  # nothing listens on port 1


def always(answer: str) -> Callable[[str], str]:
    return lambda _: answer


async def test_memory_holds_only_what_is_claimed(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    claimed_at_once = 0

    def count_claims(_recipient: str) -> str:
        nonlocal claimed_at_once
        claimed_at_once = max(claimed_at_once, queued.states().get("sending", 0))
        return "250 ok"

    queued.queue(40)
    mailbox.rcpt = count_claims
    queued.add_server(await start_server(mailbox))

    await queued.deliver()

    assert 5 <= claimed_at_once <= 10


async def test_next_server_takes_over_within_the_run_and_no_message_is_blamed(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.queue(30)
    queued.add_server(NOWHERE)
    queued.add_server(await start_server(mailbox), priority=10)

    report = await queued.deliver()

    assert report == DeliveryReport(sent=30)
    assert {(state, reply) for _, state, _, reply in queued.history()} == {
        ("sent", "250 2.0.0 taken")
    }


async def test_server_that_breaks_off_in_the_middle_is_replaced(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    first = type(mailbox)()
    first.mail = lambda _: CUT if len(first.accepted) >= 7 else "250 ok"
    queued.queue(30)
    queued.add_server(await start_server(first))
    queued.add_server(await start_server(mailbox), priority=1)

    assert await queued.deliver() == DeliveryReport(sent=30)
    assert len(first.accepted) + len(mailbox.accepted) == 30
    assert len(first.accepted) >= 7


async def test_servers_of_equal_priority_share(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    other = type(mailbox)()
    queued.queue(60)
    queued.add_server(await start_server(mailbox))
    queued.add_server(await start_server(other))

    assert await queued.deliver() == DeliveryReport(sent=60)
    assert len(mailbox.accepted) >= 10
    assert len(other.accepted) >= 10


async def test_server_without_which_nothing_goes_is_paused_across_restarts(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    mailbox.mail = always("421 4.3.2 shutting down")
    queued.queue(3)
    queued.add_server(await start_server(mailbox))
    first = await queued.deliver()
    assert first.server_trouble is not None
    assert first.resume_at is not None
    assert START + 30 * SECOND <= first.resume_at <= START + MINUTE

    mailbox.mail = always("250 ok")
    assert await queued.deliver() == DeliveryReport(held_back=3)
    assert first.resume_at == queued.next_at()
    queued.now = first.resume_at
    assert await queued.deliver() == DeliveryReport(sent=3)


async def test_pauses_of_a_server_grow_until_it_answers(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    mailbox.mail = always("421 4.3.2 shutting down")
    queued.queue(3)
    queued.add_server(await start_server(mailbox))
    pauses = []
    for _ in range(4):
        report = await queued.deliver()
        assert report.resume_at is not None
        pauses.append(report.resume_at - queued.now)
        queued.now = report.resume_at

    assert pauses == sorted(pauses)
    mailbox.mail = always("250 ok")
    await queued.deliver()
    with queued.database.read() as session:
        (state,) = pacing.server_states(session, [queued.servers[0].name]).values()
    assert (state.troubles, state.paused_until) == (0, None)


async def test_server_that_wants_fewer_connections_gets_fewer(
    queued: Any, start_greeter: Any, start_server: Any, mailbox: Any
) -> None:
    """The first connection works, any other is turned away: no trouble of the server."""
    queued.queue(40)
    queued.add_server(await start_server(mailbox), connections=3)
    turned_away = await start_greeter(b"421 4.7.0 too many connections\r\n")
    queued.add_server(turned_away)
    made = Counter[str]()

    def connect() -> Any:
        made["all"] += 1
        return (works if made["all"] == 1 else refuses).connect()

    works, refuses = queued.servers
    queued.servers = [replace(works, connect=connect)]

    assert await queued.deliver() == DeliveryReport(sent=40)


async def test_greylisting_defers_and_slows_down_nobody(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    mailbox.rcpt = always("451 4.7.1 greylisted")
    queued.queue(20)
    queued.add_server(await start_server(mailbox))

    assert await queued.deliver() == DeliveryReport(deferred=20)
    with queued.database.read() as session:
        assert pacing.domain_paces(session) == {}


async def test_domain_that_asks_for_less_is_paused_and_paced_across_restarts(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    taken = 0

    def answer(address: str) -> str:
        nonlocal taken
        if "calm" in address:
            return "250 ok"
        taken += 1
        return "452 4.7.0 too many messages" if taken == 8 else "250 ok"

    mailbox.rcpt = answer
    queued.queue(20, domain="busy.example.org")
    queued.queue(20, domain="calm.example.org")
    queued.add_server(await start_server(mailbox), connections=1)

    report = await queued.deliver()

    assert report == DeliveryReport(sent=27, deferred=1, held_back=12)
    assert report.resume_at == START + MINUTE == queued.next_at()
    calm = [address for address in mailbox.recipients if "calm" in address]
    assert len(calm) == 20
    # Half of the seven of the last minute, so one at once, and another 17 s later.
    queued.now = START + MINUTE
    again = await queued.deliver()
    assert (again.sent, again.held_back) == (1, 11)
    assert again.resume_at is not None
    assert 10 * SECOND < again.resume_at - queued.now < 18 * SECOND


async def test_ceiling_of_a_domain_is_kept_by_waiting_and_others_go_on(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.rules = replace(queued.rules, domain_per_minute=60)
    queued.queue(25, domain="a.example.org")
    queued.queue(5, domain="b.example.org")
    queued.add_server(await start_server(mailbox))

    report = await queued.deliver()

    assert report == DeliveryReport(sent=15, held_back=15)
    assert report.resume_at == START + 10 * SECOND == queued.next_at()
    assert await queued.deliver() == DeliveryReport(held_back=15)
    queued.now = START + 10 * SECOND
    assert await queued.deliver() == DeliveryReport(sent=10, held_back=5)


async def test_messages_to_a_domain_at_the_same_time_are_limited(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    open_now, most = 0, 0

    def began(_: str) -> str:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        return "250 ok"

    def ended(_: str) -> str:
        nonlocal open_now
        open_now -= 1
        return "250 ok"

    mailbox.rcpt, mailbox.data = began, ended
    queued.rules = replace(queued.rules, domain_connections=1)
    queued.queue(30)
    queued.add_server(await start_server(mailbox), connections=4)

    assert await queued.deliver() == DeliveryReport(sent=30)
    assert most == 1


async def test_connection_takes_so_many_messages(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.queue(20)
    queued.add_server(await start_server(mailbox), connections=1, messages_per_connection=6)

    assert await queued.deliver() == DeliveryReport(sent=20)
    assert mailbox.connections == mailbox.farewells == 4


async def test_limit_of_an_hour_counts_what_was_sent_before_a_restart(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.queue(25)
    queued.add_server(await start_server(mailbox), messages_per_hour=12)

    report = await queued.deliver()
    assert report == DeliveryReport(sent=12, held_back=13)
    assert report.resume_at == START + HOUR == queued.next_at()
    queued.now = START + 59 * MINUTE
    assert await queued.deliver() == DeliveryReport(held_back=13)
    queued.now = START + HOUR
    assert await queued.deliver() == DeliveryReport(sent=12, held_back=1)


async def test_full_hour_of_a_server_sends_the_rest_over_the_next(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    other = type(mailbox)()
    queued.queue(25)
    queued.add_server(await start_server(mailbox), messages_per_hour=10)
    queued.add_server(await start_server(other), priority=1)

    assert await queued.deliver() == DeliveryReport(sent=25)
    assert (len(mailbox.accepted), len(other.accepted)) == (10, 15)


async def test_messages_of_a_second_are_spread(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    arrived: list[float] = []
    queued.queue(6)
    queued.add_server(await start_server(mailbox), messages_per_second=20)
    loop = asyncio.get_running_loop()
    mailbox.mail = lambda _: arrived.append(loop.time()) or "250 ok"

    assert await queued.deliver() == DeliveryReport(sent=6)
    assert arrived[-1] - arrived[0] >= 0.2


async def test_newsletters_wait_for_their_window_and_everything_else_goes(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.rules = replace(
        queued.rules, windows=(parse_window("10:00-12:00"),), timezone="Europe/Berlin"
    )
    queued.queue(3)
    queued.queue(1, kind=DeliveryKind.CONFIRMATION)
    queued.queue(1, kind=DeliveryKind.WELCOME)
    queued.add_server(await start_server(mailbox))

    report = await queued.deliver()

    assert report == DeliveryReport(sent=2, held_back=3)
    assert report.resume_at == START + 2 * HOUR == queued.next_at()
    queued.now = START + 2 * HOUR
    assert await queued.deliver() == DeliveryReport(sent=3)


async def test_newsletters_that_are_refused_for_what_they_say_stop_and_the_rest_goes_on(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    mailbox.data = always("554 5.7.1 spam")
    queued.queue(40)
    queued.add_server(await start_server(mailbox), connections=1)

    report = await queued.deliver()

    assert report.content_trouble is not None
    assert "refused 5 newsletters in a row for what they say: 554 5.7.1 spam" in (
        report.content_trouble
    )
    assert (report.failed, report.held_back) == (5, 35)
    assert report.resume_at == START + HOUR == queued.next_at()
    assert queued.states() == {"failed": 5, "queued": 35}

    queued.queue(1, kind=DeliveryKind.CONFIRMATION)
    mailbox.data = always("250 ok")
    assert await queued.deliver() == DeliveryReport(sent=1, held_back=35)

    mailbox.data = always("554 5.7.1 spam")
    queued.now = START + HOUR
    again = await queued.deliver()
    assert (again.failed, again.held_back) == (1, 34)
    assert again.resume_at == queued.now + 2 * HOUR
    queued.now += 2 * HOUR
    mailbox.data = always("250 ok")
    assert await queued.deliver() == DeliveryReport(sent=34)


async def test_refusals_with_an_acceptance_in_between_stop_nothing(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    seen = 0

    def answer(_: str) -> str:
        nonlocal seen
        seen += 1
        return "250 ok" if seen % 5 == 0 else "554 5.7.1 spam"

    mailbox.data = answer
    queued.queue(20)
    queued.add_server(await start_server(mailbox), connections=1)

    assert await queued.deliver() == DeliveryReport(sent=4, failed=16)


async def test_new_domain_sends_a_little_more_each_day(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.rules = replace(queued.rules, warm_up_first_day=10, warm_up_growth=1.5)
    queued.queue(60)
    queued.queue(2, kind=DeliveryKind.CONFIRMATION)
    queued.add_server(await start_server(mailbox))

    report = await queued.deliver()
    assert report == DeliveryReport(sent=12, held_back=50)
    midnight = datetime(2026, 3, 12, tzinfo=UTC)
    assert report.resume_at == midnight == queued.next_at()
    assert await queued.deliver() == DeliveryReport(held_back=50)
    queued.now = midnight
    assert await queued.deliver() == DeliveryReport(sent=15, held_back=35)
    # Two days without mail raise nothing.
    queued.now += timedelta(days=3)
    assert await queued.deliver() == DeliveryReport(sent=23, held_back=12)


async def test_what_is_in_doubt_is_not_sent_again_where_the_operator_does_not_want_it(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.rules = replace(queued.rules, retries=RetryPolicy(resend_in_doubt=False))
    queued.queue(4)
    with queued.database.write() as session:
        claims.claim_due(session, worker="elsewhere:1:1", now=START, lease_seconds=60, limit=1)
    queued.now = START + HOUR
    mailbox.data = lambda address: CUT if address.startswith("r1@") else "250 ok"
    queued.add_server(await start_server(mailbox), connections=1)

    await queued.deliver(ignore_pauses=True)
    report = await queued.deliver(ignore_pauses=True)

    assert report == DeliveryReport(sent=2)
    assert queued.states() == {"sent": 2, "failed": 2}
    assert Counter(mailbox.recipients).total() == 3
    failed = [reply for _, state, _, reply in queued.history() if state == "failed"]
    assert failed == [NOT_SENT_AGAIN, f"{NOT_SENT_AGAIN}; connection lost (end of data)"]


async def test_claim_that_is_taken_back_stands_in_the_history(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.queue(1)
    with queued.database.write() as session:
        claims.claim_due(session, worker="elsewhere:1:1", now=START, lease_seconds=60, limit=1)
    queued.now = START + HOUR
    queued.add_server(await start_server(mailbox))

    assert await queued.deliver() == DeliveryReport(sent=1, in_doubt_reclaimed=1)
    assert [
        (1, "queued", "", claims.TAKEN_BACK),
        (1, "sent", queued.servers[0].name, mailbox.data("")),
    ] == queued.history()
    assert queued.states() == {DeliveryState.SENT: 1}


async def test_pause_in_the_middle_of_a_run_leaves_what_is_not_claimed(
    queued: Any, start_server: Any, mailbox: Any
) -> None:
    queued.queue(40)

    def pause_at_first(_recipient: str) -> str:
        with queued.database.write() as session:
            sending_pause.pause(session, now=START)
        return "250 ok"

    mailbox.rcpt = pause_at_first
    queued.add_server(await start_server(mailbox), connections=1)
    report = await queued.deliver()

    assert report.sent == queued.rules.batch_size
    assert (report.held_back, report.paused_at) == (40 - report.sent, START)
    assert queued.states() == {"sent": report.sent, "queued": 40 - report.sent}
