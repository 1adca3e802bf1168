"""The daemon's way in for files: the watched folder is looked at when something changes in it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Final

from recommender.errors import RecommenderError
from recommender.folder_watching import folder_changes
from recommender.jobs import intake
from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.waking import WAKE_FILE

LOOK_SECONDS: Final = 60.0
"""The folder is looked at so often without news: not every file system tells of changes."""

LONGEST_SETTLE_SECONDS: Final = 10.0
"""A file that is written slowly is looked at ever more rarely, but others may come meanwhile."""

_logger = logging.getLogger(__name__)


class FolderIntake:
    """Ingests what lies in the watched folder, and what is put there.

    Parameters
    ----------
    services : Services
    incoming : Path
        The watched folder.
    wakes : Path
        Where commands touch a file to wake the daemon.
    stop : asyncio.Event
    settle_seconds : float
        A file is complete when it was not modified for so long.
    reads : bool
        Whether files are this process's to read; it is woken in any case.
    """

    def __init__(
        self,
        services: Services,
        incoming: Path,
        wakes: Path,
        stop: asyncio.Event,
        *,
        settle_seconds: float,
        reads: bool = True,
    ) -> None:
        self.folder = WatchedFolder(services, incoming, settle_seconds=settle_seconds)
        self._watched = (incoming, wakes)
        self._stop = stop
        self._reads = reads
        self._trouble = ""

    async def run(self) -> None:
        """Ingest what lies in the folder, and what is put there from now on, until told to stop."""
        changes = folder_changes(*self._watched, stop=self._stop, look_seconds=LOOK_SECONDS)
        await self._ingest()
        async for names in changes:
            if WAKE_FILE in names:
                self.folder.services.wake()
            await self._ingest()

    async def _ingest(self) -> None:
        """Ingest complete files, waiting for those that are being written as long as they grow."""
        pause = max(self.folder.settle_seconds, 0.1)
        while self._reads and not self._stop.is_set():
            try:
                ingested, waiting = await asyncio.to_thread(self._ingest_in_thread)
            except RecommenderError as error:
                # It is looked at each minute, and said once.
                if str(error) != self._trouble:
                    _logger.warning("%s", error)
                self._trouble = str(error)
                return
            except Exception:
                # The files stay where they are, and the pages and the mails go on.
                _logger.exception("unexpected error; the watched folder is looked at again later")
                return
            self._trouble = ""
            if not waiting:
                return
            if ingested:
                # Those that wait came since: nobody has waited for them yet.
                pause = max(self.folder.settle_seconds, 0.1)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            pause = min(pause * 1.5, LONGEST_SETTLE_SECONDS)

    def _ingest_in_thread(self) -> tuple[bool, bool]:
        """Return whether files were ingested, and whether others wait."""
        outcomes = list(self.folder.ingest())
        if intake.summary(outcomes).digests:
            self.folder.services.wake()
        return bool(outcomes), self.folder.has_waiting_files()
