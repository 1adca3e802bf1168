"""The process's memory: what was freed goes back to the system. Touches the C library."""

from __future__ import annotations

import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8  # malloc.h


def share_one_arena() -> None:
    """Let all threads take memory from one place, before they are started.

    glibc gives each thread an arena of its own, and what one of them freed no other one uses. Our
    threads wait for the database and for each other, so that they gain nothing by it.
    """
    _call("mallopt", _M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Hand free pages back to the system, which glibc does by itself at the end of its heap only.

    Takes milliseconds; for the end of work that took much for a while.
    """
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    # Other C libraries than glibc have neither the functions nor the trouble.
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)
