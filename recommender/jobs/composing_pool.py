"""Jobs: builds the messages of large runs in other processes, for as long as the run goes on.

Rendering takes three quarters of the time in which a newsletter is delivered, and one process only
uses one core for it. Small runs never start another process: they are through before it is up.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Final

from recommender.domain import Delivery
from recommender.jobs.composing_process import LENGTH, packed, recipe
from recommender.jobs.messages import composer
from recommender.jobs.services import Services
from recommender.mail.composing import in_threads
from recommender.mail.message import Envelope
from recommender.mail.replies import Reply

LARGE_RUN: Final = 200
"""Messages of a run after which other processes are worth their start of about a second."""

_BUFFER_BYTES: Final = 1 << 22

_logger = logging.getLogger(__name__)


class ComposingPool:
    """A `mail.composing.ComposeBatch` that begins in threads and goes on in processes.

    Parameters
    ----------
    services : Services
    processes : int or None
        How many at most; None: as many as there are cores, none where there is one. To leave out a
        core for the connections would waste most of it: they need a third of the time.
    large_run : int
        Messages after which they are started.
    """

    def __init__(
        self, services: Services, *, processes: int | None = None, large_run: int = LARGE_RUN
    ) -> None:
        self._services = services
        self._wanted = _usable_processes() if processes is None else processes
        self._large_run = large_run
        self._in_threads = in_threads(composer(services))
        self._composed = 0
        self._starting: list[asyncio.Task[None]] = []
        self._processes: list[Process] = []
        self._idle: asyncio.Queue[Process] = asyncio.Queue()
        self._up = 0

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Envelope | Reply]:
        """Build the messages of a batch, in its order."""
        self._composed += len(batch)
        if self._composed > self._large_run and len(self._starting) < self._wanted:
            self._starting += [asyncio.create_task(self._start()) for _ in range(self._wanted)]
        if not self._up:
            return await self._in_threads(batch)
        process = await self._idle.get()
        try:
            answer = await _ask(process, batch)
        except (OSError, EOFError, asyncio.IncompleteReadError):
            # It was killed, for want of memory perhaps.
            if self._up:
                _logger.warning("a process that composes messages is gone; the others go on")
                self._up -= 1
            if not self._up:
                # Whoever waits for one already gets this one, and finds out the same.
                self._idle.put_nowait(process)
            return await self._in_threads(batch)
        self._idle.put_nowait(process)
        return answer

    async def close(self) -> None:
        """End the processes: they have nothing to finish."""
        for failed in await asyncio.gather(*self._starting, return_exceptions=True):
            if failed is not None:
                _logger.error("a process that composes messages did not start", exc_info=failed)
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
        for process in self._processes:
            await process.wait()

    async def _start(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "recommender.jobs.composing_process",
                stdin=PIPE,
                stdout=PIPE,
                limit=_BUFFER_BYTES,
                # What a terminal sends to all processes of a group is not for this one.
                start_new_session=True,
            )
            self._processes.append(process)
            await _ask(process, recipe(self._services))
        except (OSError, asyncio.IncompleteReadError) as error:
            _logger.warning("no process to compose messages in (%s); one less", error)
            return
        self._up += 1
        self._idle.put_nowait(process)


async def _ask(process: Process, value: object) -> list[Envelope | Reply]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(packed(value))
    await process.stdin.drain()
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    content = await process.stdout.readexactly(length)
    answer: list[Envelope | Reply] = pickle.loads(content)  # noqa: S301, from our own process
    return answer


def _usable_processes() -> int:
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return cores if cores > 1 else 0
