"""Jobs: the libraries of subscribers are read when they are due, each by itself.

A new one soon after it was given, all of them every night. What one waits for, the others do not.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from recommender.domain import Library
from recommender.jobs.looking import LOOK_EVERY, Looking
from recommender.jobs.people.library_reading import Reading, SyncReport
from recommender.jobs.people.zotero import Zotero
from recommender.jobs.services import Services
from recommender.store import libraries

if TYPE_CHECKING:
    from recommender.fetching.fetcher import Fetcher

NIGHT: Final = timedelta(hours=20)
"""What was read within it was read in this night; somewhat less than a day."""

LEASE: Final = timedelta(minutes=30)
"""Whoever reads a library and is killed has it read again after so long."""

SECONDS_IN_ALL: Final = 3_600.0
"""Of one night without a daemon; what is not read by then is read in the next one."""

MOST_AT_ONCE: Final = 8
PROCEED_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


class LibrarySync:
    """Reads libraries when they are due; of one event loop.

    Parameters
    ----------
    services : Services
    random : Random
        Spreads what is tried again.
    opened_by : callable
        Opens what fetches, once there is something to fetch.
    clock, sleep : callable
        Seconds that only grow, and how to wait for some.
    """

    def __init__(
        self,
        services: Services,
        *,
        random: Random,
        opened_by: Callable[[Services], Fetcher] = Services.open_fetcher,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.report = SyncReport()
        self.services = services
        self._random = random
        self._open_fetcher = opened_by
        self._clock, self._sleep = clock, sleep
        self._asked: Zotero | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._looking = Looking("libraries", self._look)

    async def run(self, stop: asyncio.Event, *, beat: Callable[[], None]) -> None:
        """Read what is due until told to stop; what is under way then is given up, and due again.

        Parameters
        ----------
        stop : asyncio.Event
        beat : callable
            Shows a sign of life.
        """
        try:
            await self._looking.run(stop, beat=beat)
        finally:
            await self.close()

    async def round(self) -> SyncReport:
        """Read all that is due now, and return when that is done."""
        await self._begin_due()
        while self._under_way:
            await asyncio.wait(self._under_way)
            await self._begin_due()
        return self.report

    def wake(self) -> None:
        """Look at once what is due; in the event loop's thread."""
        self._looking.wake()

    async def close(self) -> None:
        """Give up what is under way, and close what fetches."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._asked is not None:
            await self._asked.fetcher.close()
            self._asked = None

    async def _look(self) -> timedelta:
        await self._begin_due()
        return await asyncio.to_thread(self._until_next)

    async def _begin_due(self) -> None:
        for library in await asyncio.to_thread(self._claim, MOST_AT_ONCE - len(self._under_way)):
            if self._asked is None:
                fetcher = self._open_fetcher(self.services)
                self._asked = Zotero(fetcher, self._clock, self._sleep)
            reading = Reading(self.services, self._asked, self._random, self.report)
            task = asyncio.create_task(reading.read(library))
            self._under_way.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s; the library is read again within the hour", error)
        # There is room for another one.
        self._looking.wake()

    def _claim(self, most: int) -> list[Library]:
        """Take what is due: new ones first, whose owners wait for it."""
        services, now = self.services, self.services.clock()
        if most <= 0 or not services.libraries.is_offered:
            return []
        with services.database.read() as session:
            # Most installations, and most looks, have nothing to take, and write nothing.
            at = libraries.next_due_at(session)
        if at is None or at > now:
            return []
        with services.database.write() as session:
            claimed = libraries.claim_due(
                session, now=now, until=now + LEASE, limit=most, only_new=True
            )
            left = services.libraries.per_night - libraries.synced_since(session, now - NIGHT)
            room = min(most - len(claimed), left)
            if room > 0:
                claimed += libraries.claim_due(session, now=now, until=now + LEASE, limit=room)
        return claimed

    def _until_next(self) -> timedelta:
        with self.services.database.read() as session:
            at = libraries.next_due_at(session)
        if at is None:
            return LOOK_EVERY
        pause = at - self.services.clock()
        # What is due and not begun waits for room, or for another night.
        return min(pause, LOOK_EVERY) if pause > timedelta() else LOOK_EVERY


def sync_all(services: Services, proceed: Callable[[], None] = lambda: None) -> str:
    """Read the libraries that are due now, and say what came of it.

    Parameters
    ----------
    proceed : callable
        Is called again and again meanwhile; may raise to end the work.
    """
    report = asyncio.run(_round(services, proceed))
    return str(report)


async def _round(services: Services, proceed: Callable[[], None]) -> SyncReport:
    sync = LibrarySync(services, random=Random())  # noqa: S311, it spreads what is tried again
    reading = asyncio.create_task(sync.round())
    try:
        async with asyncio.timeout(SECONDS_IN_ALL):
            while not reading.done():
                proceed()
                await asyncio.wait({reading}, timeout=PROCEED_SECONDS)
    except TimeoutError:
        logger.warning("libraries take longer than the night; the others are read later")
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await sync.close()
    return sync.report
