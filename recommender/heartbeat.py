"""Signs of life of the daemon's parts: the watchdog is fed only while all of them show some.

A process whose loop turns may be dead all the same: its work waits for a lock that nobody lets go
of, its threads are used up, its clock lost the job. Who started it sees nothing of that. So every
part shows a sign of life within a time of its own, and where one does not, the service manager is
told nothing any more, and starts the process anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final

from recommender.service_manager import notify, notify_status

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS: Final = 30.0

Question = Callable[[Callable[[], None]], object]
"""Has a part call what it is handed, soon, by whatever it is that the part does."""

_WORKING: ContextVar[Part | None] = ContextVar("working", default=None)


class Part:
    """A part of the daemon; may be used by any thread.

    Parameters
    ----------
    name : str
    within_seconds : float
        How long it may be silent.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, name: str, within_seconds: float, clock: Callable[[], float]) -> None:
        self.name = name
        self.within_seconds = within_seconds
        self._clock = clock
        self._seen_at = clock()

    def beat(self) -> None:
        """Show a sign of life."""
        self._seen_at = self._clock()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Do work that shows signs of life as it goes: see `Heartbeat.sign_of_life`."""
        before = _WORKING.set(self)
        self.beat()
        try:
            yield
        finally:
            self.beat()
            _WORKING.reset(before)

    @property
    def is_silent(self) -> bool:
        """Whether it has shown no sign of life for too long."""
        return self._clock() - self._seen_at > self.within_seconds


class Heartbeat:
    """All parts whose life matters.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parts: list[Part] = []
        self._questions: list[tuple[Part, Question]] = []
        self._conditions: list[tuple[str, Callable[[], bool]]] = []

    def part(self, name: str, *, within_seconds: float) -> Part:
        """Add a part that shows signs of life by itself."""
        part = Part(name, within_seconds, self._clock)
        self._parts.append(part)
        return part

    def ask(self, name: str, question: Question, *, within_seconds: float) -> None:
        """Add a part that is asked for a sign of life whenever `feed` looks."""
        self._questions.append((self.part(name, within_seconds=within_seconds), question))

    def watch(self, name: str, is_alive: Callable[[], bool]) -> None:
        """Add a part of which somebody knows whether it lives, as of a thread."""
        self._conditions.append((name, is_alive))

    def sign_of_life(self, clock: Callable[[], datetime]) -> Callable[[], datetime]:
        """Return a clock that takes it for a sign of life when work under way asks for the time.

        All work that takes long does so again and again: with each batch, mail and message.
        """

        def read() -> datetime:
            part = _WORKING.get()
            if part is not None:
                part.beat()
            return clock()

        return read

    def silent(self) -> list[str]:
        """Return the parts that show no sign of life, by name."""
        return [
            *(part.name for part in self._parts if part.is_silent),
            *(name for name, is_alive in self._conditions if not is_alive()),
        ]

    async def feed(self, watchdog_seconds: float | None) -> None:
        """Feed the service manager's watchdog while no part is silent, until cancelled.

        Parameters
        ----------
        watchdog_seconds : float or None
            How long it waits for food; None: there is none. Silent parts are in the log anyway.
        """
        # Half of it, as sd_watchdog_enabled(3) has it.
        pause = min(LONGEST_PAUSE_SECONDS, (watchdog_seconds or float("inf")) / 2)
        told: list[str] = []
        while True:
            for part, question in self._questions:
                question(part.beat)
            silent = self.silent()
            if silent != told:
                log = logger.error if silent else logger.warning
                notify_status(f"no sign of life of: {', '.join(silent)}" if silent else "ready")
                log("no sign of life of: %s", ", ".join(silent) or "nobody; all parts turn again")
                told = silent
            if watchdog_seconds is not None and not silent:
                notify("WATCHDOG=1")
            await asyncio.sleep(pause)
