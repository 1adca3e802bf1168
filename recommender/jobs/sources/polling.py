"""Jobs: fetches what is due, each source by itself, and has it read.

A slow server holds up its own sources only: each fetch is a task, and what waits for one's turn at
a host waits for nobody else. What was fetched is stored at once, and read one after the other.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from recommender.domain import Source, SourceDay, WebAnswer
from recommender.errors import FetchError, RecommenderError
from recommender.jobs.looking import LOOK_EVERY, Looking
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.taking_in import note_failure, read_fetched, why_not_fetched
from recommender.log_lines import about
from recommender.papers.sources.one_feed import fetched, fetched_as, how_to_remove
from recommender.papers.sources.polling import (
    Judgement,
    Meaning,
    judge_answer,
    next_fetch_at,
    validators,
)
from recommender.store import sources

if TYPE_CHECKING:
    from recommender.fetching.fetcher import Fetcher

MOST_AT_ONCE: Final = 64
"""Fetches under way. More of them only wait for each other's answers."""

TOLD_AFTER_FAILURES: Final = 3
"""In a row, before the operator is mailed: many servers are away for a quarter of an hour."""

_SHORTEST_PAUSE: Final = timedelta(seconds=1)

logger = logging.getLogger(__name__)


class Poller:
    """Fetches sources when they are due; of one event loop.

    Parameters
    ----------
    services : Services
    random : Random
        Spreads fetches.
    opened_by : callable
        Opens what fetches, once there is something to fetch.
    """

    def __init__(
        self,
        services: Services,
        *,
        random: Random,
        opened_by: Callable[[Services], Fetcher] = Services.open_fetcher,
    ) -> None:
        self.services = services
        self._open_fetcher = opened_by
        self._fetcher: Fetcher | None = None
        self._random = random
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._reading = asyncio.Lock()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._fetching: set[int] = set()
        self._looking = Looking("sources", self._look)
        self._told_on: date | None = None
        self._told_of: set[tuple[int, int]] = set()
        self._is_news = True

    async def run(self, stop: asyncio.Event, *, beat: Callable[[], None]) -> None:
        """Fetch what is due until told to stop; what is under way then is given up, and due again.

        Parameters
        ----------
        stop : asyncio.Event
        beat : callable
            Shows a sign of life.
        """
        try:
            await self._looking.run(stop, beat=beat)
        finally:
            await self._end()

    async def round(self) -> None:
        """Fetch all that is due now, and return when all of it was read."""
        await self._read_what_waits()
        await self._begin_due()
        while self._under_way:
            await asyncio.wait(self._under_way.values())

    def wake(self) -> None:
        """Look at once what is due; in the event loop's thread."""
        self._looking.wake()

    async def _look(self) -> timedelta:
        await self._read_what_waits()
        await self._begin_due()
        await asyncio.to_thread(self._tell_of_trouble)
        await asyncio.to_thread(self._tell_of_one_feed)
        return await asyncio.to_thread(self._until_next)

    async def _end(self) -> None:
        for source_id in self._fetching:
            self._under_way[source_id].cancel()
        # What is being read is read to its end, while the database is still there.
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        await self.close()

    async def close(self) -> None:
        """Close what fetches."""
        if self._fetcher is not None:
            await self._fetcher.close()
            self._fetcher = None

    async def _begin_due(self) -> None:
        for source in await asyncio.to_thread(self._due):
            if source.id not in self._under_way:
                task = asyncio.create_task(self._poll(source))
                self._under_way[source.id] = task
                task.add_done_callback(partial(self._forget, source.id))

    def _forget(self, source_id: int, _: asyncio.Task[None]) -> None:
        del self._under_way[source_id]
        self._is_news = True

    def _due(self) -> list[Source]:
        managing.adopt_configured(self.services)
        if self.services.database.write_probe.nearly_full():
            return []
        now = self.services.clock()
        return [each for each in self._fetched() if each.next_fetch_at <= now]

    def _fetched(self) -> list[Source]:
        with self.services.database.read() as session:
            return fetched(sources.every(session))

    def _until_next(self) -> timedelta:
        waiting = self._fetched()
        if not waiting or self.services.database.write_probe.nearly_full():
            return LOOK_EVERY
        pause = max(waiting[0].next_fetch_at - self.services.clock(), _SHORTEST_PAUSE)
        # What is under way is due until it is done.
        return min(pause, LOOK_EVERY) if not self._under_way else LOOK_EVERY

    async def _poll(self, source: Source) -> None:
        """Fetch one source and have it read, whatever comes of it."""
        try:
            self._fetching.add(source.id)
            try:
                async with self._slots:
                    await self._fetch(source)
            finally:
                self._fetching.discard(source.id)
            await self._read(source.id)
        except RecommenderError as error:
            logger.error("%s: %s; it is fetched again in a minute", source.name, error)  # noqa: TRY400, our errors say enough in a line
        except Exception:
            logger.exception("%s: unexpected error", source.name)

    async def _fetch(self, source: Source) -> None:
        if self._fetcher is None:
            self._fetcher = self._open_fetcher(self.services)
        try:
            answer = await self._fetcher.fetch(
                source.location, etag=source.etag, last_modified=source.last_modified
            )
        except FetchError as error:
            message = why_not_fetched(error, source.location)
            await asyncio.to_thread(self._note_no_answer, source, message)
        else:
            await asyncio.to_thread(self._note_answer, source, answer)

    def _note_no_answer(self, source: Source, message: str) -> None:
        logger.warning("%s: %s", source.name, message, extra=about(source=source.id))
        with self.services.database.write() as session:
            note_failure(
                self.services, session, source, message, random=self._random, last_status=None
            )

    def _note_answer(self, source: Source, answer: WebAnswer) -> None:
        sha256 = hashlib.sha256(answer.content).hexdigest()
        judged = judge_answer(
            answer,
            last_sha256=source.content_sha256,
            sha256=sha256,
            is_conditional=bool(source.etag or source.last_modified),
        )
        if judged.meaning is Meaning.FAILED:
            self._note_refusal(source, answer, judged)
        elif judged.meaning is Meaning.GONE:
            self._note_gone(source, judged)
        else:
            self._note_usable(source, answer, judged)

    def _note_refusal(self, source: Source, answer: WebAnswer, judged: Judgement) -> None:
        logger.warning("%s: %s", source.name, judged.message, extra=about(source=source.id))
        with self.services.database.write() as session:
            note_failure(
                self.services,
                session,
                source,
                judged.message,
                random=self._random,
                headers=answer.headers,
                last_status=answer.status,
            )

    def _note_gone(self, source: Source, judged: Judgement) -> None:
        with self.services.database.write() as session:
            sources.change(session, source.id, paused_because=judged.message)
        notify_operator(
            self.services,
            key=f"source-gone:{source.url}:{self.services.clock():%Y-%m-%d}",
            subject=f"The source {source.name} is gone for good",
            lines=[
                f"{source.location} answers 410: nobody should ask again. It is paused.",
                "Remove it by `recommender sources remove`, or add its new address.",
            ],
        )

    def _note_usable(self, source: Source, answer: WebAnswer, judged: Judgement) -> None:
        now = self.services.clock()
        values = validators(answer.headers)
        if not answer.content:
            # A server that answers "unchanged" need not say again with what it is asked.
            values = {name: value for name, value in values.items() if value}
        next_at = next_fetch_at(
            now,
            every_minutes=source.every_minutes,
            failures=0,
            headers=answer.headers,
            random=self._random,
        )
        with self.services.database.write() as session:
            sources.change(
                session, source.id, last_status=answer.status, next_fetch_at=next_at, **values
            )
            if judged.meaning is Meaning.CONTENT:
                sources.keep_document(session, source.id, answer, now=now)
                return
            moved = {"moved_to": answer.moved_to} if answer.moved_to else {}
            sources.change(
                session,
                source.id,
                failures=0,
                # As it was: it is the answer of which something was left out.
                last_message=source.left_out,
                last_fetched_at=now,
                **moved,
            )
            sources.note_day(session, source.id, SourceDay(now.date(), answers=1))

    async def _read_what_waits(self) -> None:
        """Read what was fetched before this process was started, or could not be read then."""
        for source_id in await asyncio.to_thread(self._unread):
            if source_id not in self._under_way:
                await self._read(source_id)

    def _unread(self) -> list[int]:
        with self.services.database.read() as session:
            return sources.unread(session)

    async def _read(self, source_id: int) -> None:
        async with self._reading:
            await asyncio.to_thread(read_fetched, self.services, source_id, random=self._random)

    def _tell_of_trouble(self) -> None:
        """Mail the operator which sources are broken or drifted, once a day."""
        today = self.services.clock().date()
        if self._told_on == today or not self._is_news:
            return
        self._is_news = False
        troubles = [
            each
            for each in managing.every(self.services)
            if each.verdict.is_trouble and not 0 < each.source.failures < TOLD_AFTER_FAILURES
        ]
        if not troubles:
            return
        self._told_on = today
        notify_operator(
            self.services,
            key=f"sources:{today}",
            subject="Sources of papers need a look",
            lines=[
                *(
                    f"{each.source.name} is {each.verdict.state}: {each.verdict.message}"
                    for each in troubles
                ),
                "`recommender sources list` shows all, `recommender sources check NAME` asks one.",
            ],
        )

    def _tell_of_one_feed(self) -> None:
        """Mail the operator which sources are another one since their address moved, once each."""
        with self.services.database.read() as session:
            known = {each.id: each for each in sources.every(session)}
        for source_id, kept in fetched_as(known.values()).items():
            if (source_id, kept.id) in self._told_of:
                continue
            self._told_of.add((source_id, kept.id))
            source = known[source_id]
            notify_operator(
                self.services,
                key=f"source-moved:{source.url}:{kept.url}",
                subject=f"The sources {kept.name} and {source.name} are one feed",
                lines=[
                    f"Both have the address {kept.location} for good.",
                    f"It is fetched once, as {kept.name}; what {source.name} brought stays.",
                    f"{source.name} is not needed any more: {how_to_remove(source)}.",
                ],
            )
