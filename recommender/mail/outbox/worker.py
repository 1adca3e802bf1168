"""Room mail: the name under which a process claims deliveries, and whether its bearer still lives.

The only module that looks at processes. A name is ``host:pid:start``, so that a process which
was given the number of a dead one is not taken for it: after a kill -9 a restart takes back at
once what the dead process held, and never what a living one holds.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

_PROC = Path("/proc")
_STATE, _START_TICKS = 3 - 3, 22 - 3  # proc(5) counts from 1; the fields after the name begin at 3


def worker_name() -> str:
    """Name this process: ``host:pid:start``; without ``/proc`` just ``host:pid``."""
    pid = os.getpid()
    started = _start_ticks(pid)
    name = f"{_host()}:{pid}"
    return name if started is None else f"{name}:{started}"


def is_alive(worker: str) -> bool:
    """Return whether the process of this name may still be sending.

    True for names of other machines and for names that are not ours: nothing can be seen of them
    from here. Where the database is for several machines, a lock of it tells (`presence_of`).
    """
    host, *numbers = worker.split(":")
    if host != _host() or not 1 <= len(numbers) <= 2 or not all(n.isdecimal() for n in numbers):  # noqa: PLR2004, pid and start
        return True
    pid = int(numbers[0])
    if _PROC.joinpath("self").exists():
        started = _start_ticks(pid)
        return started is not None and (len(numbers) == 1 or started == int(numbers[1]))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def presence_of(worker: str) -> str:
    """Return the name of the lock that a worker has while it sends, where several machines do."""
    return f"worker {worker}"


def _host() -> str:
    return socket.gethostname().replace(":", "-")


def _start_ticks(pid: int) -> int | None:
    """Clock ticks from boot to the start of a process; None where none runs under this number.

    A zombie sends nothing any more and counts as dead: who was killed inside a container often
    stays one.
    """
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may itself hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in {"Z", "X"} else int(fields[_START_TICKS])
