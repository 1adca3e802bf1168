"""Reading: a few processes that parse what came from outside; started when needed, ended when idle.

Whoever serves pages, takes mail or holds a transaction never parses what a stranger wrote: a file
that takes a parser minutes, or all memory, would take it from everybody.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Concatenate, Final, ParamSpec, TypeVar, cast

from recommender.errors import NoReaderError, UnreadableError
from recommender.reading import answers
from recommender.reading.answers import Answer, Request

SECONDS: Final = 5
"""Of computing, for each reading ..."""
SECONDS_PER_MEGABYTE: Final = 1
"""... and as many more for each megabyte of it: honest files take a tenth of that."""

PATIENCE: Final = 6.0
"""So many times the seconds of computing may pass by the clock, on a machine that is busy."""

PROCESSES: Final = 2
"""At most. One that is held up by a hostile input leaves the other to everybody else."""

IDLE_SECONDS: Final = 60.0
"""After which a process that has nothing to read ends: it holds some 50 MB."""

GRACE_SECONDS: Final = 60.0
"""So much later than it may end at the latest, a reading is one that hangs."""

# What the daemon was started with: secrets, and whom to tell that it is ready.
_NOT_INHERITED: Final = ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_OUR_SETTINGS: Final = "RECOMMENDER_"

_Options = ParamSpec("_Options")
_Value = TypeVar("_Value")

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ReadingPool:
    """Parses in processes of their own, for the threads of this one.

    Nothing is started before it is needed, and what was needed ends after `IDLE_SECONDS`.

    Parameters
    ----------
    processes : int
        How many at most; who comes while all are busy waits.
    seconds : int
        Of computing, see `SECONDS`.
    patience : float
        See `PATIENCE`.
    idle_seconds : float
    """

    processes: int = PROCESSES
    seconds: int = SECONDS
    patience: float = PATIENCE
    idle_seconds: float = IDLE_SECONDS
    _free: threading.Semaphore = field(init=False)
    _idle: list[_Process] = field(init=False, default_factory=list)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _ending: threading.Timer | None = field(init=False, default=None)
    _used_at: float = field(init=False, default=0.0)
    _due: dict[int, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Start nothing yet."""
        self._free = threading.Semaphore(self.processes)

    def read(
        self,
        parse: Callable[Concatenate[bytes, _Options], _Value],
        content: bytes,
        *args: _Options.args,
        **options: _Options.kwargs,
    ) -> _Value:
        """Parse, and wait for what came of it.

        Parameters
        ----------
        parse : callable
            A function of a module of ours, of bytes and of keyword arguments; what it gives is made
            of plain values, moments and this project's records.
        content : bytes
            What a stranger wrote.

        Raises
        ------
        RecommenderError
            What the parser raised.
        UnreadableError
            If reading it took more time or memory than it may, or ended its process.
        NoReaderError
            If no process can be started.
        """
        if args:
            raise TypeError("options of a parser are named")
        seconds = self.seconds + SECONDS_PER_MEGABYTE * int(len(content) / 1e6)
        with self._free:
            reader = threading.get_ident()
            self._due[reader] = time.monotonic() + seconds * self.patience + GRACE_SECONDS
            try:
                answer = self._ask((parse, content, options, seconds), seconds)
            finally:
                del self._due[reader]
        if answer.refusal is not None:
            raise answer.refusal
        if answer.fault:
            raise UnreadableError(f"it cannot be read: {answer.fault}")
        return cast("_Value", answer.value)

    def is_turning(self) -> bool:
        """Return whether all that is being read comes to an end in its time; for a watchdog."""
        now = time.monotonic()
        return all(now < due for due in tuple(self._due.values()))

    def _ask(self, request: Request, seconds: int) -> Answer:
        process = self._take()
        try:
            answer = process.ask(request, seconds, self.patience)
        except BaseException:
            process.end()
            raise
        self._give_back(process, is_last=answer.is_last)
        return answer

    def close(self) -> None:
        """End the processes that have nothing to read."""
        with self._lock:
            if self._ending is not None:
                self._ending.cancel()
                self._ending = None
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _take(self) -> _Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.child.poll() is None:
                    return process
                # The system ended it for want of memory, perhaps: no fault of what comes next.
                process.end()
        return _Process.start()

    def _give_back(self, process: _Process, *, is_last: bool) -> None:
        if is_last:
            process.end()
            return
        with self._lock:
            self._idle.append(process)
            self._used_at = time.monotonic()
            # Each is a thread: one for every reading would take as long as a short reading.
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


@dataclass(frozen=True, slots=True)
class _Process:
    """One of the processes, and the line to it."""

    child: subprocess.Popen[bytes]
    line: Connection

    @classmethod
    def start(cls) -> _Process:
        """Start a process.

        Raises
        ------
        NoReaderError
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
                    [
                        *(sys.executable, "-P", "-m", "recommender.reading.process"),
                        str(theirs.fileno()),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=environ,
                    # What a terminal sends to all processes of a group is not for this one.
                    start_new_session=True,
                )
        except OSError as error:
            ours.close()
            raise NoReaderError(
                f"no process can be started to read in ({error.strerror}); it is read later"
            ) from error
        return cls(child, ours)

    def ask(self, request: Request, seconds: int, patience: float) -> Answer:
        """Have something read.

        Raises
        ------
        UnreadableError
            If the process does not answer in time, or is gone.
        """
        try:
            self.line.send(request)
            if not self.line.poll(seconds * patience):
                raise UnreadableError(
                    f"reading it took longer than {seconds * patience:.0f} seconds"
                )
            return answers.unpack(self.line.recv_bytes(answers.LARGEST_BYTES))
        except (OSError, EOFError):
            self.line.close()
            raise UnreadableError(_told(self.child.wait(), seconds)) from None
        except pickle.UnpicklingError as error:
            raise UnreadableError(f"what was read of it is none of what may be: {error}") from error

    def end(self) -> None:
        """End the process, whatever it does."""
        self.line.close()
        self.child.kill()
        self.child.wait()


def _told(status: int, seconds: int) -> str:
    if status == -signal.SIGXCPU:
        return f"reading it took more than {seconds} seconds of computing"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"the process that read it was killed by {signal.Signals(-status).name}"
    return f"the process that read it ended with status {status}"
