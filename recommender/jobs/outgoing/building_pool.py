"""Jobs: builds the messages of large runs in other processes, for as long as the run goes on.

Rendering takes three quarters of the time in which a newsletter is delivered, and one process only
uses one core for it. Small runs never start another process: they are through before it is up.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Final

from recommender.domain import Delivery
from recommender.jobs.outgoing.building_process import recipe
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.services import Services
from recommender.mail.message import Envelope
from recommender.mail.outbox.building import in_threads
from recommender.mail.transport.replies import Reply

LARGE_RUN: Final = 200
"""Messages of a run from which on other processes are worth their start of about a second."""

_logger = logging.getLogger(__name__)


class BuildingPool:
    """A `mail.outbox.building.BuildBatch` that begins in threads and goes on in processes.

    Parameters
    ----------
    services : Services
    expected : int
        Messages that are known to wait.
    processes : int or None
        How many at most; None: as many as there are cores, none where there is one. To leave out a
        core for the connections would waste most of it: they need a third of the time.
    large_run : int
        Messages, expected or built, after which processes are started.
    """

    def __init__(
        self,
        services: Services,
        *,
        expected: int = 0,
        processes: int | None = None,
        large_run: int = LARGE_RUN,
    ) -> None:
        self._services = services
        self._wanted = _usable_processes() if processes is None else processes
        self._large_run = large_run
        self._expected = expected
        self._in_threads = in_threads(message_builder(services))
        self._built = 0
        self._threads = ThreadPoolExecutor(thread_name_prefix="building")
        self._starting: asyncio.Task[None] | None = None
        self._first: Process | None = None
        self._lines: list[Connection] = []
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        self._up = 0

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Envelope | Reply]:
        """Build the messages of a batch, in its order."""
        self._built += len(batch)
        is_large = max(self._built, self._expected) > self._large_run
        if is_large and self._wanted and self._starting is None:
            self._starting = asyncio.create_task(self._start())
        if not self._up:
            return await self._in_threads(batch)
        line = await self._idle.get()
        try:
            answer = await self._ask(line, batch)
        except (OSError, EOFError):
            # It was killed, for want of memory perhaps.
            if self._up:
                _logger.warning("a process that builds messages is gone; the others go on")
                self._up -= 1
            if not self._up:
                # Whoever waits for one already gets this one, and finds out the same.
                self._idle.put_nowait(line)
            return await self._in_threads(batch)
        self._idle.put_nowait(line)
        return answer

    async def close(self) -> None:
        """End the processes: they have nothing to finish."""
        if self._starting is not None:
            (failed,) = await asyncio.gather(self._starting, return_exceptions=True)
            if failed is not None:
                _logger.error("the processes that build messages did not start", exc_info=failed)
        # What a cancelled run asked for is still being read, and a descriptor that is closed under
        # a reader may be that of another file at its next read.
        await asyncio.to_thread(self._threads.shutdown)
        for line in self._lines:
            line.close()
        if self._first is not None:
            await self._first.wait()

    async def _start(self) -> None:
        """Start one process, which becomes all of them once it has loaded the program."""
        pairs = [Pipe() for _ in range(self._wanted)]
        theirs = [its_end.fileno() for _, its_end in pairs]
        try:
            self._first = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "recommender.jobs.outgoing.building_process",
                    *map(str, theirs),
                ),
                stdin=DEVNULL,
                stdout=DEVNULL,
                pass_fds=theirs,
                # What a terminal sends to all processes of a group is not for these.
                start_new_session=True,
            )
        except OSError as error:
            _logger.warning("no processes to build messages in (%s)", error)
            for our_end, _ in pairs:
                our_end.close()
            return
        finally:
            for _, its_end in pairs:
                its_end.close()
        self._lines = [our_end for our_end, _ in pairs]
        await asyncio.gather(*map(self._join, self._lines))

    async def _join(self, line: Connection) -> None:
        try:
            await self._ask(line, recipe(self._services))
        except (OSError, EOFError):
            _logger.warning("a process to build messages in ended before it began; one less")
            return
        self._up += 1
        self._idle.put_nowait(line)

    # In a thread, which waits without the interpreter lock: through the event loop, megabytes would
    # be read and copied bit by bit, between what goes to the servers.
    async def _ask(self, line: Connection, value: object) -> list[Envelope | Reply]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _answer, line, value)


def _answer(line: Connection, value: object) -> list[Envelope | Reply]:
    line.send(value)
    answer: list[Envelope | Reply] = line.recv()
    return answer


def _usable_processes() -> int:
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return cores if cores > 1 else 0
