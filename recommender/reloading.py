"""SIGHUP has the settings read anew: what can be is taken over, and the rest is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from recommender.config import Settings
from recommender.config.reloading import reload
from recommender.errors import ConfigurationError, RecommenderError
from recommender.service_manager import notify, notify_reloading, notify_status

logger = logging.getLogger(__name__)


class Reloading:
    """Reads settings anew whenever it is asked to, one time after the other.

    Parameters
    ----------
    in_force : Settings
    read : callable
        Reads them, or raises `ConfigurationError`; called in a thread.
    take_over : callable
        Has settings take effect; raises `RecommenderError`, and nothing has changed then.
    """

    def __init__(
        self,
        in_force: Settings,
        *,
        read: Callable[[], Settings],
        take_over: Callable[[Settings], None],
    ) -> None:
        self._in_force = in_force
        self._read = read
        self._take_over = take_over
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have them read; in the event loop's thread."""
        self._asked.set()

    async def run(self) -> None:
        """Read them each time that somebody asks, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self._reload()

    async def _reload(self) -> None:
        notify_reloading()
        try:
            come = reload(self._in_force, await asyncio.to_thread(self._read))
            self._take_over(come.settings)
        except RecommenderError as error:
            problems = error.problems if isinstance(error, ConfigurationError) else [str(error)]
            for problem in problems:
                logger.error("%s", problem)  # noqa: TRY400, our errors say enough in a line
            logger.error("the settings from before stay in force; correct them, and reload again")  # noqa: TRY400, our errors say enough in a line
            notify_status("the changed settings cannot be used, those from before are in force")
        except Exception:
            logger.exception("unexpected error; the settings from before stay in force")
        else:
            self._in_force = come.settings
            (logger.warning if come.waiting else logger.info)("%s", come)
            notify_status(str(come))
        finally:
            # Whatever came of it: who reloads waits for the word.
            notify("READY=1")
