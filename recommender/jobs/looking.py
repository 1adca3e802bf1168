"""Jobs: work is looked for again and again until told to stop, in the daemon's event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from recommender.errors import RecommenderError

LOOK_EVERY: Final = timedelta(seconds=60)
"""The longest pause between two looks."""

logger = logging.getLogger(__name__)


class Looking:
    """Looks for work, and again when it is woken or its pause is over.

    Parameters
    ----------
    what : str
        What is looked at, in the plural, for the log.
    look : callable
        Begins what is due, and returns the pause until the next look.
    """

    def __init__(self, what: str, look: Callable[[], Awaitable[timedelta]]) -> None:
        self._what = what
        self._look = look
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once; in the event loop's thread."""
        self._woken.set()

    async def run(self, stop: asyncio.Event, *, beat: Callable[[], None]) -> None:
        """Look until told to stop; what goes wrong is logged, and looked at again in a minute.

        Parameters
        ----------
        stop : asyncio.Event
        beat : callable
            Shows a sign of life.
        """
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                beat()
                pause = LOOK_EVERY
                try:
                    pause = await self._look()
                except RecommenderError as error:
                    logger.error("%s; %s are looked at again in a minute", error, self._what)  # noqa: TRY400, our errors say enough in a line
                except Exception:
                    logger.exception(
                        "unexpected error; %s are looked at again in a minute", self._what
                    )
                await self._wait(stopping, pause)
        finally:
            stopping.cancel()

    async def _wait(self, stopping: asyncio.Task[bool], pause: timedelta) -> None:
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait(
            {stopping, woken},
            timeout=pause.total_seconds(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        woken.cancel()
        self._woken.clear()
