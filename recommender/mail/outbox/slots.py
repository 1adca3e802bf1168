"""Room mail: waits until one more message may be given to a server, or to a recipient domain."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from recommender.mail.outbox.relays import Relay


class Slots:
    """The turns that the connections of a run take.

    Parameters
    ----------
    stop : asyncio.Event
        Ends the waiting.
    domain_connections : int
        Messages to one recipient domain at the same time; 0 for no limit.
    """

    def __init__(self, stop: asyncio.Event, domain_connections: int) -> None:
        self._stop = stop
        self._domain_connections = domain_connections
        self._next: dict[str, float] = {}
        self._domains: dict[str, asyncio.Semaphore] = {}

    @contextlib.asynccontextmanager
    async def of(self, relay: Relay, domain: str) -> AsyncIterator[None]:
        """Hold a turn with a server and a recipient domain."""
        await self._wait_for(relay)
        if not self._domain_connections:
            yield
            return
        connections = self._domains.setdefault(domain, asyncio.Semaphore(self._domain_connections))
        async with connections:
            yield

    async def _wait_for(self, relay: Relay) -> None:
        if not relay.server.messages_per_second:
            return
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next.get(relay.name, now))
        self._next[relay.name] = turn + 1 / relay.server.messages_per_second
        if turn > now:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), turn - now)
