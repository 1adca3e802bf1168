"""Room mail: writes what became of messages, in batches, and for as long as it takes.

How servers and domains fare is written in the same transactions: after a kill -9 it is as old as
the last recorded message.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from recommender.domain import DomainPace, ServerState
from recommender.errors import StorageError
from recommender.mail.outbox.standing import Standing
from recommender.store import claims, pacing
from recommender.store.database import Database, Session

RECORD_EVERY_SECONDS = 1.0
RECORD_RETRY_SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0)

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")


class Recorder:
    """The one writer of a run.

    Parameters
    ----------
    database : Database
    stop : asyncio.Event
        When set, it gives up after some tries.
    clock : callable
    standing : Standing
        Whose changes are written along.
    """

    def __init__(
        self,
        database: Database,
        stop: asyncio.Event,
        clock: Callable[[], datetime],
        standing: Standing,
    ) -> None:
        self._database = database
        self._stop = stop
        self._clock = clock
        self._standing = standing
        self._attempts: list[claims.Attempt] = []
        self._servers: dict[str, ServerState] = {}
        self._paces: dict[str, DomainPace] = {}
        self._noted = 0
        self._recorded = 0
        self._writing = asyncio.Lock()

    def note(self, attempt: claims.Attempt) -> None:
        """Have an attempt recorded, with whatever is written next."""
        self._attempts.append(attempt)
        self._noted += 1

    async def keep_recording(self) -> None:
        """Record every second, until cancelled.

        A worker has its batch recorded when it is through; a server that hangs must not delay that.
        """
        while True:
            await asyncio.sleep(RECORD_EVERY_SECONDS)
            await self.record()

    async def record(self) -> None:
        """Record what was noted until now, for as long as it takes.

        Nothing is claimed meanwhile: the workers send what they have, and wait.

        Raises
        ------
        StorageError
            If ``stop`` is set and more tries failed than `RECORD_RETRY_SECONDS` has pauses.
        """
        wanted = self._noted
        failures = 0
        while True:
            try:
                async with self._writing:
                    # Others may have written it while this one waited for its turn.
                    if self._recorded < wanted or self._take_unsaved():
                        await self._write(_nothing)
            except StorageError as error:
                if failures >= len(RECORD_RETRY_SECONDS) and self._stop.is_set():
                    raise
                _logger.warning("%d outcomes wait to be recorded: %s", len(self._attempts), error)
                failures += 1
                pause = min(failures, len(RECORD_RETRY_SECONDS)) - 1
                await asyncio.sleep(RECORD_RETRY_SECONDS[pause])
            else:
                return

    async def write_patiently(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        """Do the same as `write`, and try again a few times where that alone cannot be written.

        Raises
        ------
        StorageError
            If more tries failed than `RECORD_RETRY_SECONDS` has pauses, or ``stop`` is set.
        """
        for pause in RECORD_RETRY_SECONDS:
            try:
                return await self.write(change, *args, **kwargs)
            except StorageError as error:
                if self._stop.is_set():
                    raise
                _logger.warning("the outbox is tried again: %s", error)
                await asyncio.sleep(pause)
                await self.record()  # what was sent is waited for, however long it takes
        return await self.write(change, *args, **kwargs)

    async def write(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        """Carry out a change of the store, behind what was noted, in one transaction.

        Raises
        ------
        StorageError
            If neither is written.
        """
        # One at a time: writers of one database would only wait for each other in threads.
        async with self._writing:
            return await self._write(change, *args, **kwargs)

    async def _write(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        self._take_unsaved()
        attempts = tuple(self._attempts)
        result = await asyncio.to_thread(self._write_in_thread, attempts, change, args, kwargs)
        del self._attempts[: len(attempts)]
        self._recorded += len(attempts)
        self._servers.clear()
        self._paces.clear()
        return result

    def _take_unsaved(self) -> bool:
        """Take along how servers and domains fare, and tell whether there is news of that."""
        servers, paces = self._standing.unsaved()
        self._servers.update(servers)
        self._paces.update(paces)
        return bool(self._servers or self._paces)

    def _write_in_thread(
        self,
        attempts: Sequence[claims.Attempt],
        change: Callable[..., _T],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> _T:
        now = self._clock()
        # How servers and domains fare is of all deliveries: who writes that waits for all others.
        has_news = self._servers or self._paces
        begin = self._database.write if has_news else self._database.write_beside_others
        with begin() as session:
            claims.record_attempts(session, attempts)
            pacing.save_server_states(session, self._servers, now=now)
            pacing.save_domain_paces(session, self._paces, now=now)
            return change(session, *args, **kwargs)


def _nothing(session: Session) -> None:
    """Change nothing besides what was noted."""
    del session
