"""Turns are taken in the loop's own time, which jumps to whatever is next: nothing waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from recommender.mail.outbox.relays import Relay
from recommender.mail.outbox.slots import Slots
from recommender.mail.transport.smtp_server import SmtpServer


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer, once all that is ready is done."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self.now = max(self.now, self._scheduled[0].when())
        super()._run_once()


def relay(name: str = "mx:25", per_second: float = 0) -> Relay:
    def connect() -> Any:
        raise AssertionError("nothing is sent here")

    return Relay(SmtpServer(name, messages_per_second=per_second), connect)


def run(test: Callable[[], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(asyncio.wait_for(test(), 1_000))


def seconds() -> float:
    return asyncio.get_running_loop().time() - 1_000


async def moments(slots: Slots, server: Relay, count: int) -> list[float]:
    """Return when so many messages get their turn, all of them asked for at once."""

    async def take(number: int) -> float:
        async with slots.of(server, f"d{number}.example.org"):
            return seconds()

    return await asyncio.gather(*map(take, range(count)))


def test_messages_to_a_server_are_spread_over_the_second() -> None:
    async def test() -> None:
        slots = Slots(asyncio.Event(), 0)

        assert await moments(slots, relay(per_second=4), 4) == [0, 0.25, 0.5, 0.75]

    run(test)


def test_servers_take_turns_of_their_own() -> None:
    async def test() -> None:
        slots = Slots(asyncio.Event(), 0)

        both = await asyncio.gather(
            moments(slots, relay("one:25", 4), 3), moments(slots, relay("two:25", 2), 3)
        )

        assert both == [[0, 0.25, 0.5], [0, 0.5, 1.0]]

    run(test)


def test_idle_time_gives_no_turns_in_advance() -> None:
    async def test() -> None:
        slots = Slots(asyncio.Event(), 0)
        await moments(slots, relay(per_second=4), 1)
        await asyncio.sleep(10)

        assert await moments(slots, relay(per_second=4), 3) == [10, 10.25, 10.5]

    run(test)


def test_stop_ends_the_waiting() -> None:
    async def test() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.3125, stop.set)

        taken_at = await moments(Slots(stop, 0), relay(per_second=4), 4)

        assert taken_at == [0, 0.25, 0.3125, 0.3125]

    run(test)


@pytest.mark.parametrize(("most", "expected"), [(1, 1), (2, 2), (0, 5)])
def test_messages_to_a_domain_at_the_same_time_are_limited(most: int, expected: int) -> None:
    async def test() -> None:
        slots = Slots(asyncio.Event(), most)
        under_way = {"a.example.org": 0, "b.example.org": 0}
        seen = dict(under_way)

        async def take(domain: str) -> None:
            async with slots.of(relay(), domain):
                under_way[domain] += 1
                seen[domain] = max(seen[domain], under_way[domain])
                await asyncio.sleep(1)
                under_way[domain] -= 1

        await asyncio.gather(*(take(domain) for domain in [*under_way] * 5))

        assert seen == {"a.example.org": expected, "b.example.org": expected}
        assert seconds() == -(-5 // expected)

    run(test)


def test_turn_at_a_server_is_waited_for_before_a_place_at_the_domain_is_held() -> None:
    """Else one slow server would keep a domain from all others."""

    async def test() -> None:
        slots = Slots(asyncio.Event(), 1)
        slow, quick = relay("slow:25", 0.1), relay("quick:25")
        await moments(slots, slow, 1)

        async def take(server: Relay) -> float:
            async with slots.of(server, "example.org"):
                return seconds()

        assert await asyncio.gather(take(slow), take(quick)) == [10, 0]

    run(test)
