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
from recommender.mail.standing import Standing
from recommender.store import outbox, pacing
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
        self._attempts: list[outbox.Attempt] = []
        self._recording = asyncio.Lock()
        self._writing = asyncio.Lock()

    def note(self, attempt: outbox.Attempt) -> None:
        """Have an attempt recorded, with the next batch."""
        self._attempts.append(attempt)

    async def keep_recording(self) -> None:
        """Record every second, until cancelled.

        A worker records its batch when it is through; a server that hangs must not delay that.
        """
        while True:
            await asyncio.sleep(RECORD_EVERY_SECONDS)
            await self.record()

    async def record(self) -> None:
        """Record all outcomes, trying again for as long as it takes: nothing is sent meanwhile.

        Raises
        ------
        StorageError
            If ``stop`` is set and more tries failed than `RECORD_RETRY_SECONDS` has pauses.
        """
        async with self._recording:
            failures = 0
            servers, paces = self._standing.unsaved()
            while self._attempts or servers or paces:
                attempts = tuple(self._attempts)
                try:
                    await self.write(_record, attempts, servers, paces, now=self._clock())
                except StorageError as error:
                    if failures >= len(RECORD_RETRY_SECONDS) and self._stop.is_set():
                        raise
                    _logger.warning("%d outcomes wait to be recorded: %s", len(attempts), error)
                    failures += 1
                    pause = min(failures, len(RECORD_RETRY_SECONDS)) - 1
                    await asyncio.sleep(RECORD_RETRY_SECONDS[pause])
                else:
                    del self._attempts[: len(attempts)]
                    servers, paces = self._standing.unsaved()

    async def write_patiently(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        """Do the same, and try again a few times where the database cannot be written.

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
        return await self.write(change, *args, **kwargs)

    async def write(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        """Carry out a change of the store in a transaction of its own."""
        # One at a time: writers of one database would only wait for each other in threads.
        async with self._writing:
            return await asyncio.to_thread(self._write_in_thread, change, *args, **kwargs)

    def _write_in_thread(self, change: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        with self._database.write() as session:
            return change(session, *args, **kwargs)


def _record(
    session: Session,
    attempts: Sequence[outbox.Attempt],
    servers: Mapping[str, ServerState],
    paces: Mapping[str, DomainPace],
    *,
    now: datetime,
) -> None:
    outbox.record_attempts(session, attempts)
    pacing.save_server_states(session, servers, now=now)
    pacing.save_domain_paces(session, paces, now=now)
