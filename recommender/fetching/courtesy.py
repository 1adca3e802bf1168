"""Fetching: whose turn it is at which server, so that nobody is asked more than they bear.

arXiv and NCBI state how their services may be used: one connection at a time, and three seconds
between requests (https://info.arxiv.org/help/api/tou.html; NCBI, E-utilities, allows three a
second, and arXiv's rule is within that). Everybody else's hosts are asked one thing at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

PAUSES_SECONDS: Final = {"arxiv.org": 3.0, "ncbi.nlm.nih.gov": 3.0}
"""Between two requests, to any host below the domain."""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class Courtesy:
    """Gives turns; of one event loop.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    sleep : callable
        Waits for so many of them.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, is_ours: bool = False) -> AsyncIterator[None]:
        """Wait for the turn at a host, and hold it.

        Parameters
        ----------
        host : str
        is_ours : bool
            It is in the own network, whose servers are the operator's to burden.
        """
        name, pause = _shared_by(host)
        if is_ours and not pause:
            yield
            return
        state = self._hosts.setdefault(name, _Host())
        async with state.lock:
            wait = state.free_at - self._clock()
            if wait > 0:
                await self._sleep(wait)
            try:
                yield
            finally:
                state.free_at = self._clock() + pause


def _shared_by(host: str) -> tuple[str, float]:
    """Return whose rule a host is under, and how long to wait between requests."""
    host = host.lower().rstrip(".")
    for domain, pause in PAUSES_SECONDS.items():
        if host == domain or host.endswith(f".{domain}"):
            return domain, pause
    return host, 0.0
