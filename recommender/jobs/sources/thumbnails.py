"""Jobs: pictures of new papers are fetched for our pages, where the operator wants that.

Readers' browsers and mail programs then ask nobody but this installation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from recommender.atomic_file import atomic_write
from recommender.errors import FetchError, PictureError, RecommenderError, UnreadableError
from recommender.jobs.issues.offer import offered_since
from recommender.jobs.looking import LOOK_EVERY, Looking
from recommender.jobs.services import Services
from recommender.log_lines import about
from recommender.papers.thumbnails import MOST_BYTES, MadePicture, make_thumbnail
from recommender.store import thumbnails

if TYPE_CHECKING:
    from recommender.fetching.fetcher import Fetcher

AT_ONCE: Final = 8
TRIED_AGAIN_AFTER: Final = timedelta(days=1)
FORGOTTEN_EVERY: Final = timedelta(hours=1)

logger = logging.getLogger(__name__)

OpenFetcher = Callable[..., "Fetcher"]


@dataclass(slots=True)
class ThumbnailFetching:
    """Fetches pictures of the papers that newsletters may have; of one event loop.

    Parameters
    ----------
    services : Services
    opened_by : callable
        Opens what fetches, once there is something to fetch.
    """

    services: Services
    opened_by: OpenFetcher = Services.open_fetcher
    _fetcher: Fetcher | None = field(init=False, default=None)
    _forgot_at: datetime | None = field(init=False, default=None)

    async def run(self, stop: asyncio.Event, *, beat: Callable[[], None]) -> None:
        """Fetch what is missing until told to stop.

        Parameters
        ----------
        stop : asyncio.Event
        beat : callable
            Shows a sign of life.
        """
        try:
            await Looking("thumbnails", self.look).run(stop, beat=beat)
        finally:
            await self.close()

    async def look(self) -> timedelta:
        """Fetch some, where the operator wants that; gives the pause until there may be more."""
        if not self.services.thumbnails.are_shown:
            return LOOK_EVERY
        await asyncio.to_thread(self._forget_old)
        missing = await asyncio.to_thread(self._missing)
        if not missing:
            return LOOK_EVERY
        if self._fetcher is None:
            # A digest names these addresses, so none in the own network is asked.
            self._fetcher = self.opened_by(
                self.services, most_bytes=MOST_BYTES, allow_own_network=False
            )
        tries = [self._fetch(self._fetcher, paper_id, url) for paper_id, url in missing]
        for failed in await asyncio.gather(*tries, return_exceptions=True):
            if failed is not None:
                raise failed
        return timedelta()

    async def close(self) -> None:
        """Close what fetches."""
        if self._fetcher is not None:
            await self._fetcher.close()
            self._fetcher = None

    async def _fetch(self, fetcher: Fetcher, paper_id: int, url: str) -> None:
        made: MadePicture | None = None
        try:
            answer = await fetcher.fetch(url)
            if answer.status == HTTPStatus.OK:
                made = await asyncio.to_thread(
                    self.services.reading.read, make_thumbnail, answer.content
                )
            else:
                logger.info(
                    "no thumbnail of paper %d: HTTP %d",
                    paper_id,
                    answer.status,
                    extra=about(paper=paper_id),
                )
        except (FetchError, PictureError, UnreadableError) as error:
            logger.info(
                "no thumbnail of paper %d: %s", paper_id, error, extra=about(paper=paper_id)
            )
        await asyncio.to_thread(self._keep, paper_id, made)

    def _missing(self) -> list[tuple[int, str]]:
        with self.services.database.read() as session:
            return thumbnails.due(
                session,
                mentioned_since=offered_since(self.services, session),
                tried_before=self.services.clock() - TRIED_AGAIN_AFTER,
                limit=AT_ONCE,
            )

    def _keep(self, paper_id: int, made: MadePicture | None) -> None:
        trouble: RecommenderError | None = None
        if made is not None:
            path = self.services.thumbnails.path_of(made.thumbnail)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic_write(path, made.jpeg)
            except OSError as error:
                trouble = RecommenderError(
                    f"{path.parent} cannot be written ({error.strerror}); let this user write there"
                )
        thumbnail = None if made is None or trouble is not None else made.thumbnail
        with self.services.database.write() as session:
            thumbnails.put(session, paper_id, thumbnail, now=self.services.clock())
        if trouble is not None:
            raise trouble

    def _forget_old(self) -> None:
        """Delete thumbnails of papers that newsletters may not have any more, once an hour."""
        now = self.services.clock()
        if self._forgot_at is not None and now - self._forgot_at < FORGOTTEN_EVERY:
            return
        self._forgot_at = now
        files = {path.stem: path for path in self.services.thumbnails.folder.glob("*.jpg")}
        with self.services.database.write() as session:
            since = offered_since(self.services, session)
            missing = sorted(thumbnails.names(session) - files.keys())
            thumbnails.forget(session, mentioned_since=since, missing=missing)
            kept = thumbnails.names(session)
        for name in files.keys() - kept:
            files[name].unlink(missing_ok=True)
