"""Reading: a few processes that parse what came from outside; started when needed, ended when idle.

Whoever serves pages, takes mail or holds a transaction never parses what a stranger wrote: a file
that takes a parser minutes, or all memory, would take it from everybody.
"""

from __future__ import annotations

import contextlib
import pickle
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Concatenate, Final, ParamSpec, TypeVar, cast

from recommender.child_processes import IDLE_SECONDS, ChildProcess, ChildProcesses
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

GRACE_SECONDS: Final = 60.0
"""So much later than it may end at the latest, a reading is one that hangs."""

_Options = ParamSpec("_Options")
_Value = TypeVar("_Value")


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
    _processes: ChildProcesses = field(init=False)
    _due: dict[int, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Start nothing yet."""
        self._processes = ChildProcesses(
            _start, most=self.processes, idle_seconds=self.idle_seconds
        )

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
        with self._processes.one() as process:
            reader = threading.get_ident()
            self._due[reader] = time.monotonic() + seconds * self.patience + GRACE_SECONDS
            try:
                request = (parse, content, options, seconds)
                answer = _answer_of(process, request, seconds, self.patience)
            finally:
                del self._due[reader]
            if answer.is_last:
                process.end()
        if answer.refusal is not None:
            raise answer.refusal
        if answer.fault:
            raise UnreadableError(f"it cannot be read: {answer.fault}")
        return cast("_Value", answer.value)

    def is_turning(self) -> bool:
        """Return whether all that is being read comes to an end in its time; for a watchdog."""
        now = time.monotonic()
        return all(now < due for due in tuple(self._due.values()))

    def close(self) -> None:
        """End the processes that have nothing to read."""
        self._processes.close()


def _start() -> ChildProcess:
    """Start a process that reads.

    Raises
    ------
    NoReaderError
        If the system has no room for one.
    """
    try:
        return ChildProcess.start("recommender.reading.process")
    except OSError as error:
        raise NoReaderError(
            f"no process can be started to read in ({error.strerror}); it is read later"
        ) from error


def _answer_of(process: ChildProcess, request: Request, seconds: int, patience: float) -> Answer:
    """Have something read.

    Raises
    ------
    UnreadableError
        If the process does not answer in time, or is gone.
    """
    try:
        process.line.send(request)
        if not process.line.poll(seconds * patience):
            raise UnreadableError(f"reading it took longer than {seconds * patience:.0f} seconds")
        return answers.unpack(process.line.recv_bytes(answers.LARGEST_BYTES))
    except (OSError, EOFError):
        process.line.close()
        raise UnreadableError(_told(process.child.wait(), seconds)) from None
    except pickle.UnpicklingError as error:
        raise UnreadableError(f"what was read of it is none of what may be: {error}") from error


def _told(status: int, seconds: int) -> str:
    if status == -signal.SIGXCPU:
        return f"reading it took more than {seconds} seconds of computing"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"the process that read it was killed by {signal.Signals(-status).name}"
    return f"the process that read it ended with status {status}"
