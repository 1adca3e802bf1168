"""Room mail: takes over what workers had claimed that died, on this machine or another.

Each of these messages may have been sent. It is queued again under the same Message-ID, or fails
where the operator does not want that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from recommender.errors import StorageError
from recommender.mail.outbox.recording import Recorder
from recommender.mail.outbox.worker import is_alive, presence_of
from recommender.mail.transport.replies import NOT_SENT_AGAIN
from recommender.store import claims
from recommender.store.database import Database, Session
from recommender.store.several import is_held

LOOK_EVERY_SECONDS: Final = 5.0
"""How soon a run that goes on takes over from a worker that died meanwhile."""

_logger = logging.getLogger(__name__)


class Takeover:
    """What one run takes over.

    Parameters
    ----------
    database : Database
    recorder : Recorder
        The one writer of the run.
    clock : callable
    again : bool
        Whether what may have been sent is sent again.

    Attributes
    ----------
    reclaimed : int
        Messages that were taken over.
    ended : asyncio.Event
        Set it, and `keep_looking` returns when nothing is being written for it.
    """

    def __init__(
        self, database: Database, recorder: Recorder, clock: Callable[[], datetime], *, again: bool
    ) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock
        self._again = again
        self.reclaimed = 0
        self.ended = asyncio.Event()

    async def keep_looking(self) -> None:
        """Take over from whoever dies while the run goes on."""
        while not self.ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), LOOK_EVERY_SECONDS)
                return
            try:
                if await asyncio.to_thread(is_needed, self._database, now=self._clock()):
                    await self.take_over()
            except StorageError as error:
                _logger.warning("what others had claimed is looked at again: %s", error)

    async def take_over(self) -> None:
        """Take over what nobody sends any more.

        Raises
        ------
        StorageError
            If the outbox cannot be written.
        """
        reclaimed = await self._recorder.write(
            _reclaim, now=self._clock(), failed_with=None if self._again else NOT_SENT_AGAIN
        )
        self.reclaimed += reclaimed
        if reclaimed:
            _logger.warning(
                "%d deliveries were claimed by workers that are gone: they may have arrived and "
                "are %s",
                reclaimed,
                "sent again under the same Message-ID" if self._again else "not sent again",
            )


def is_needed(database: Database, *, now: datetime) -> bool:
    """Return whether a worker died that had claimed messages.

    Raises
    ------
    StorageError
        If the outbox cannot be read.
    """
    with database.read() as session:
        may_be_sending = partial(_may_be_sending, session)
        return bool(claims.abandoned(session, now=now, is_alive=may_be_sending))


def _reclaim(session: Session, *, now: datetime, failed_with: str | None) -> int:
    may_be_sending = partial(_may_be_sending, session)
    return claims.reclaim(session, now=now, is_alive=may_be_sending, failed_with=failed_with)


def _may_be_sending(session: Session, worker: str) -> bool:
    return is_alive(worker) and is_held(session, presence_of(worker))
