"""Processes of this program that work for it: started when needed, ended when idle."""

from __future__ import annotations

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

IDLE_SECONDS: Final = 60.0
"""After which a process that has nothing to do ends: it holds some 50 MB."""

# What the daemon was started with: secrets, and whom to tell that it is ready.
_NOT_INHERITED: Final = ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_OUR_SETTINGS: Final = "RECOMMENDER_"


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
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_OUR_SETTINGS) and name not in _NOT_INHERITED
        }
        try:
            with theirs:
                child = subprocess.Popen(  # noqa: S603, this program
                    # The folder that we work in holds data, and no modules.
                    [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=environ,
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
    _free: threading.Semaphore = field(init=False)
    _waiting: list[ChildProcess] = field(init=False, default_factory=list)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _ending: threading.Timer | None = field(init=False, default=None)
    _used_at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Start nothing yet."""
        self._free = threading.Semaphore(self.most)

    @contextmanager
    def one(self) -> Iterator[ChildProcess]:
        """Have a process for a block, a new one where none waits; ended where the block fails.

        Raises
        ------
        Exception
            What `start` raises.
        """
        with self._free:
            process = self._taken()
            try:
                yield process
            except BaseException:
                process.end()
                raise
            if process.child.returncode is None:
                self._keep(process)

    def close(self) -> None:
        """End those that wait."""
        with self._lock:
            if self._ending is not None:
                self._ending.cancel()
                self._ending = None
            waiting, self._waiting = self._waiting, []
        for process in waiting:
            process.end()

    def _taken(self) -> ChildProcess:
        with self._lock:
            while self._waiting:
                process = self._waiting.pop()
                if process.child.poll() is None:
                    return process
                # The system ended it for want of memory, perhaps: no fault of what comes next.
                process.end()
        return self.start()

    def _keep(self, process: ChildProcess) -> None:
        with self._lock:
            self._waiting.append(process)
            self._used_at = time.monotonic()
            # Each is a thread: one for every piece of work would take as long as a short one.
            if self._ending is None:
                self._end_after(self.idle_seconds)

    def _end_after(self, seconds: float) -> None:
        self._ending = threading.Timer(seconds, self._end_idle)
        self._ending.daemon = True
        self._ending.start()

    def _end_idle(self) -> None:
        with self._lock:
            left = self._used_at + self.idle_seconds - time.monotonic()
            if left > 0 and self._ending is threading.current_thread():
                self._end_after(left)
            if left > 0:
                return
        self.close()
