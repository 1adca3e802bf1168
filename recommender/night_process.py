"""The night's work in a process of its own: the daemon starts it, waits for it, and ends it.

What the night takes, hundreds of megabytes at worst and scikit-learn, goes back to the system with
the process. Its results are in the database and in the file of the index when it has ended, each
written whole: a kill of either process at any moment loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

logger = logging.getLogger(__name__)

LONGEST_SECONDS: Final = 3 * 3600.0
"""A night that takes longer is killed, and is not made up before the next one."""

ENDING_SECONDS: Final = 20.0
"""So long may it take to end when it is told to."""

MOST_MEMORY_BYTES: Final = 4 << 30
"""Address space of the process. 26,000 papers and 992 dimensions take a fifth of it."""

_NICENESS: Final = 10


@dataclass(frozen=True, slots=True)
class NightProcess:
    """How ``recommender nightly`` is started for this installation.

    Attributes
    ----------
    options : sequence of str
        Before the command: which configuration it reads.
    environ : mapping
        What overrides the configuration is there.
    """

    options: Sequence[str]
    environ: Mapping[str, str]

    async def run(self, stop: asyncio.Event) -> None:
        """Do the work of the night now, and wait until it has ended.

        It writes to our standard error, as we do.

        Parameters
        ----------
        stop : asyncio.Event
            Once it is set, the process is told to end, and killed if it does not.

        Raises
        ------
        OSError
            If no process can be started.
        """
        level = logging.getLevelName(logging.getLogger().getEffectiveLevel())
        child = await asyncio.create_subprocess_exec(
            # The folder that we work in holds data, and no modules.
            *(sys.executable, "-P", "-m", "recommender", *self.options),
            *("nightly", "--background", level),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env=self.environ,
        )
        ended = asyncio.create_task(child.wait())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait(
                {ended, stopping}, timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if stop.is_set() and not ended.done():
                child.terminate()
                await asyncio.wait({ended}, timeout=ENDING_SECONDS)
        finally:
            stopping.cancel()
            if child.returncode is None:
                logger.warning("the work of the night does not end, and is killed")
                child.kill()
            status = await ended
        if status and not stop.is_set():
            logger.error("the work of the night %s; it waits for the next one", _told(status))


def limit_this_process() -> None:
    """Take no more memory than `MOST_MEMORY_BYTES`, and only the time that others leave.

    A system that does not allow that, such as a stricter sandbox than ours, is told and obeyed.
    """
    try:
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        allowed = MOST_MEMORY_BYTES if most == resource.RLIM_INFINITY else most
        resource.setrlimit(resource.RLIMIT_AS, (min(MOST_MEMORY_BYTES, allowed), most))
        os.nice(_NICENESS)
    except (OSError, ValueError) as error:
        logger.warning("the work of the night is not held back: %s", error)


def _told(status: int) -> str:
    if status < 0:
        name = signal.Signals(-status).name
        return f"was killed by {name}, which the system does where memory is short"
    return f"failed, see above (exit status {status})"
