"""Reading: a process that parses for another one, see `pool`; run as a module.

It holds itself to its limits, because the system then ends it wherever it is, in a loop of C code
too. It ends with its input: who asked for it may be killed at any time.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import math
import os
import re
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from recommender.errors import RecommenderError
from recommender.reading import answers
from recommender.reading.answers import Answer, Request

MOST_MEMORY_BYTES: Final = 1 << 30
"""Address space, that of the program included (a quarter of it)."""

KEPT_MEMORY_BYTES: Final = 200 << 20
"""Once it has needed more than this, a process gives it back by ending."""

_NICENESS: Final = 5


def answer(request: Request) -> Answer:
    """Parse, and tell what came of it; whatever comes of it."""
    parse, content, options, seconds = request
    _allow_seconds(seconds)
    try:
        return Answer(value=parse(content, **options), is_last=_is_large())
    except RecommenderError as error:
        # Tracebacks hold on to all that was read.
        return Answer(refusal=error.with_traceback(None), is_last=_is_large())
    except MemoryError:
        return Answer(fault="it needs too much memory", is_last=True)
    except RecursionError:
        return Answer(fault="it is nested too deeply", is_last=True)
    except Exception as error:  # noqa: BLE001, a parser's fault is told to who asked, and not here
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f" in {place.tb_frame.f_code.co_qualname}"
        return Answer(fault=f"a fault of this program: {type(error).__name__}{where}", is_last=True)


def serve(line: Connection) -> None:
    """Read until the other end closes, or until memory should go back."""
    # Who asks may be gone before it is answered.
    with line, contextlib.suppress(EOFError, OSError):
        is_last = False
        while not is_last:
            # What is there now stays, and what a parser makes of millions of pieces would be looked
            # through again and again while it grows: that takes most of the time of a large list.
            gc.collect()
            gc.freeze()
            found = answer(line.recv())
            packed = answers.pack(found)
            if len(packed) > answers.LARGEST_BYTES:
                packed = answers.pack(Answer(fault="what it says is too long", is_last=True))
            is_last = found.is_last
            line.send_bytes(packed)


def limit_this_process() -> None:
    """Take only so much memory, write no files, and leave time to who serves."""
    for limit, wanted in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, most = resource.getrlimit(limit)
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(limit, (allowed, allowed))
    os.nice(_NICENESS)


def main(descriptor: str) -> None:
    """Read what comes over a socket of this number."""
    # Who asked for us ends us: a terminal and systemd signal all processes of a group.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    limit_this_process()
    gc.disable()
    # Libraries log what they do not understand, and a stranger decides how much of that there is.
    logging.disable()
    serve(Connection(int(descriptor)))


def _allow_seconds(seconds: int) -> None:
    """Let this process compute so long from now on, and then be ended by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + seconds
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def _is_large() -> bool:
    # `getrusage` knows a peak too, but that of whoever started us counts in it.
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return found is not None and int(found[1]) * 1024 > KEPT_MEMORY_BYTES


if __name__ == "__main__":
    main(*sys.argv[1:])
