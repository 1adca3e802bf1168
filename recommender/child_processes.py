"""Processes of this program that work for it: started when needed, ended when idle."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Final

logger = logging.getLogger(__name__)

IDLE_SECONDS: Final = 60.0
"""After which a process that has nothing to do ends: it holds some 50 MB."""

# What the daemon was started with: secrets, and whom to tell that it is ready.
_NOT_INHERITED: Final = ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_OUR_SETTINGS: Final = "RECOMMENDER_"


def environ_of_children() -> dict[str, str]:
    """Return what of our environment a process that works for us gets: no settings, no secrets."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OUR_SETTINGS) and name not in _NOT_INHERITED
    }


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """One of the processes, and the line to it."""

    child: subprocess.Popen[bytes]
    line: Connection

    @classmethod
    def start(cls, module: str) -> ChildProcess:
        """Start a process that runs a module of ours, and hand it the number of its line.

        Raises
        ------
        OSError
            If the system has no room for one.
        """
        ours, theirs = Pipe()
        try:
            with theirs:
                child = subprocess.Popen(  # noqa: S603, this program
                    # The folder that we work in holds data, and no modules.
                    [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=environ_of_children(),
                    # What a terminal sends to all processes of a group is not for this one.
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        return cls(child, ours)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.line.close()
        self.child.kill()
        self.child.wait()


@dataclass(slots=True)
class ChildProcesses:
    """A few of a kind, started when needed. May be used from any thread.

    Parameters
    ----------
    start : callable
        Starts another one.
    most : int
        How many at once; who comes while all are busy waits.
    idle_seconds : float
        After which those end that had nothing to do.
    """

    start: Callable[[], ChildProcess]
    most: int
    idle_seconds: float = IDLE_SECONDS
    _changed: threading.Condition = field(init=False, default_factory=threading.Condition)
    _waiting: list[ChildProcess] = field(init=False, default_factory=list)
    _up: int = field(init=False, default=0)
    _is_starting: bool = field(init=False, default=False)
    _start_after: float = field(init=False, default=-math.inf)
    _ending: threading.Timer | None = field(init=False, default=None)
    _used_at: float = field(init=False, default=0.0)

    @contextmanager
    def one(self) -> Iterator[ChildProcess]:
        """Have a process for a block, a new one where none waits; ended where the block fails.

        Raises
        ------
        Exception
            What `start` raises.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._up < self.most)
            process = self._taken()
            self._up += process is None
        if process is None:
            try:
                process = self.start()
            except BaseException:
                self._count_down()
                raise
        with self._in_use(process):
            yield process

    @contextmanager
    def one_that_is_up(self) -> Iterator[ChildProcess | None]:
        """Have a process for a block as `one` does, or None where one has to be started first.

        That is done meanwhile, by another thread.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._is_starting or self._up < self.most
            )
            process = self._taken()
            if process is None and not self._is_starting and time.monotonic() > self._start_after:
                self._is_starting = True
                self._up += 1
                threading.Thread(target=self._start_meanwhile, daemon=True).start()
        if process is None:
            yield None
            return
        with self._in_use(process):
            yield process

    def close(self) -> None:
        """End those that wait."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_starting)
            if self._ending is not None:
                self._ending.cancel()
                self._ending = None
            waiting, self._waiting = self._waiting, []
            self._up -= len(waiting)
        for process in waiting:
            process.end()

    def _taken(self) -> ChildProcess | None:
        while self._waiting:
            process = self._waiting.pop()
            if process.child.poll() is None:
                return process
            # The system ended it for want of memory, perhaps: no fault of what comes next.
            process.end()
            self._up -= 1
        return None

    @contextmanager
    def _in_use(self, process: ChildProcess) -> Iterator[None]:
        try:
            yield
        except BaseException:
            process.end()
            raise
        finally:
            if process.child.returncode is None:
                self._keep(process)
            else:
                self._count_down()

    def _start_meanwhile(self) -> None:
        try:
            self._keep(self.start())
        except OSError as error:
            logger.warning(
                "no process can be started (%s); tried again in %.0f s", error, self.idle_seconds
            )
            self._start_after = time.monotonic() + self.idle_seconds
            self._count_down()
        finally:
            with self._changed:
                self._is_starting = False
                self._changed.notify_all()

    def _count_down(self) -> None:
        with self._changed:
            self._up -= 1
            self._changed.notify_all()

    def _keep(self, process: ChildProcess) -> None:
        with self._changed:
            self._waiting.append(process)
            self._used_at = time.monotonic()
            # Each is a thread: one for every piece of work would take as long as a short one.
            if self._ending is None:
                self._end_after(self.idle_seconds)
            self._changed.notify_all()

    def _end_after(self, seconds: float) -> None:
        self._ending = threading.Timer(seconds, self._end_idle)
        self._ending.daemon = True
        self._ending.start()

    def _end_idle(self) -> None:
        with self._changed:
            left = self._used_at + self.idle_seconds - time.monotonic()
            if left > 0 and self._ending is threading.current_thread():
                self._end_after(left)
            if left > 0:
                return
        self.close()
