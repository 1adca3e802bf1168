"""One process: pages, clock, watched folder, sources, delivery; starts, drains and stops.

Nothing is kept in memory that the database does not have, so a kill at any moment loses nothing.
One job of the clock does all the work that has a time: it decides what was asked, composes what is
due, delivers what waits, begins the work of the night, and sets itself for the next moment at which
there is something to do. The night's work goes on beside the other, in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.types import ASGIApp

from recommender.clock_watch import LOOK_EVERY_SECONDS, ClockWatch
from recommender.config import Settings
from recommender.errors import DaemonError, RecommenderError, StorageError
from recommender.fetching.courtesy import Courtesy
from recommender.folder_intake import FolderIntake
from recommender.heartbeat import Heartbeat
from recommender.installation import (
    delivery_rules,
    open_services,
    reconfigured,
    relays,
    set_log_level,
    utc_now,
)
from recommender.jobs import nightly
from recommender.jobs.incoming import bouncing
from recommender.jobs.issues import future_moments, newsletters
from recommender.jobs.outgoing import delivering
from recommender.jobs.people import subscriptions
from recommender.jobs.people.library_sync import LibrarySync
from recommender.jobs.services import Services
from recommender.jobs.sources.polling import Poller
from recommender.jobs.sources.thumbnails import ThumbnailFetching
from recommender.mail.outbox.delivery import LEASE_TIMEOUTS, DeliveryReport
from recommender.mail_intake import MailIntake
from recommender.metrics import OUTCOMES, Metrics
from recommender.night_process import NightProcess
from recommender.private_files import make_all_private, make_shared_folder
from recommender.process_memory import give_back_memory
from recommender.roles import ALL_ROLES, TURN_SECONDS, Role, Turns
from recommender.service_manager import notify, notify_status, watchdog_seconds
from recommender.store.several import Listener
from recommender.web.app import create_app
from recommender.web.page_threads import PageThreads
from recommender.web.pictures import draw_cards
from recommender.web.server import PageServer

logger = logging.getLogger(__name__)

# Other processes may queue work too (`recommender subscribers add`, a second daemon).
LONGEST_SLEEP = timedelta(seconds=60)
SHORTEST_SLEEP = timedelta(seconds=1)
DRAIN_SECONDS = 60.0
WORK_JOB = "work"
# The lock has them work one after the other. With a single one, APScheduler drops the next job, for
# good, where somebody wakes us in the round of the loop in which the last one has just ended.
WORK_INSTANCES = 10
SIGN_OF_LIFE_JOB = "sign of life"
# Longer than all threads are busy at once, or anything of the work takes, on a busy machine too.
SILENT_SECONDS = 300.0
WORK_SILENT_SECONDS = 900.0


class Daemon:
    """The parts of the process, and how they end.

    Parameters
    ----------
    settings : Settings
    night_process : NightProcess
        Reads the same settings.
    stop : asyncio.Event
        Set it to drain and stop.
    pages : callable
        Makes the pages that are served.
    roles : frozenset of Role
        What this process does; pages of health are there in any case.
    work_silent_seconds : float
        How long the work may show no sign of life; more where servers have longer timeouts.
    lmtp_listener : socket or None
        Where mail comes in by LMTP, if somebody opened it for us.

    Attributes
    ----------
    keeps_log_level : bool
        What is logged follows from something else than settings.
    """

    def __init__(
        self,
        settings: Settings,
        night_process: NightProcess,
        stop: asyncio.Event,
        *,
        pages: Callable[[Services, PageThreads], ASGIApp] = create_app,
        roles: frozenset[Role] = ALL_ROLES,
        work_silent_seconds: float = WORK_SILENT_SECONDS,
        lmtp_listener: socket.socket | None = None,
    ) -> None:
        self.night_process = night_process
        self.stop = stop
        self.pages = pages
        self.page_threads = PageThreads()
        self.incoming = settings.ingest.folder
        self.filed = (settings.ingest.done_folder, settings.ingest.rejected_folder)
        self.wakes = settings.database.index_folder
        self.heartbeat = Heartbeat()
        self.metrics = Metrics()
        opened = open_services(settings, clock=self.heartbeat.sign_of_life(utc_now), wake=self.wake)
        self.services = replace(opened, metrics=self.metrics)
        self.roles = roles
        self._turns = Turns(self.services.database, roles)
        self._listener = Listener(self.services.database, self.wake)
        if self.services.database.is_new:
            logger.warning("made a new database at %s", self.services.database.label)
        self.folder_intake = FolderIntake(
            self.services,
            self.incoming,
            self.wakes,
            stop,
            settle_seconds=settings.ingest.settle_seconds,
            reads=Role.SOURCES in roles,
        )
        self.relays = relays(settings)
        self.delivery_rules = delivery_rules(settings)
        self.mail_intake = MailIntake(
            self.services,
            settings.inbox,
            stop,
            part=self.heartbeat.part("incoming mail", within_seconds=work_silent_seconds),
            listener=lmtp_listener,
        )
        self.keeps_log_level = False
        self._server: PageServer | None = None
        # Nobody's server is to be asked twice at once, whatever for.
        opened_by = partial(Services.open_fetcher, courtesy=Courtesy())
        random = Random()  # noqa: S311, it spreads fetches, and nobody gains by guessing when
        self.poller = Poller(self.services, random=random, opened_by=opened_by)
        self.libraries = LibrarySync(self.services, random=random, opened_by=opened_by)
        self.thumbnails = ThumbnailFetching(self.services, opened_by=opened_by)
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        self._loop = asyncio.get_running_loop()
        self._working = asyncio.Lock()
        timeouts = [LEASE_TIMEOUTS * relay.server.timeout_seconds for relay in self.relays]
        self._work_part = self.heartbeat.part(
            "the work", within_seconds=max(work_silent_seconds, *timeouts)
        )
        self._woken = False
        self._planned_at = utc_now()
        self._night_at = nightly.next_night_at(self.services)
        self._night: asyncio.Task[None] | None = None

    async def serve(self, listener: socket.socket) -> None:
        """Start everything, say that it is ready, and end when told to."""
        logging.getLogger().addHandler(self.services.recent_lines)
        self._prepare_folders()
        if Role.INBOX in self.roles:
            await self.mail_intake.start()
        self._listener.start()
        server = self._server = PageServer(
            self.pages(self.services, self.page_threads),
            trusted_proxies=self.services.requests.trusted_proxies,
        )
        pages = asyncio.create_task(server.serve(sockets=[listener]))
        folder = asyncio.create_task(self.folder_intake.run())
        stopping = asyncio.create_task(self.stop.wait())
        self._watch_parts()
        feeding = asyncio.create_task(self.heartbeat.feed(watchdog_seconds()))
        clock = asyncio.create_task(self._watch_clock())
        sources = asyncio.create_task(self._fetch())
        others = asyncio.create_task(self._watch_others())
        try:
            ready = asyncio.create_task(server.accepting.wait())
            await asyncio.wait({pages, ready}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            self.scheduler.start()
            self.wake()
            host, port = listener.getsockname()[:2]
            logger.info("ready: pages on http://%s:%d, watching %s", host, port, self.incoming)
            notify("READY=1")
            notify_status("ready")
            if Role.WEB in self.roles:
                self._loop.run_in_executor(None, draw_cards, self.services)
            await asyncio.wait({pages, folder, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            notify("STOPPING=1")
            notify_status("stopping: what is under way is finished")
            logger.info("stopping: no new work, what is under way is finished")
            self.stop.set()
            await self._drain(server, pages, folder, sources)
            for beside in (feeding, clock, others):
                beside.cancel()
        for task in (pages, folder):
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    def wake(self) -> None:
        """Do the work that is due, now. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._schedule_work, None)
        for part in (self.mail_intake, self.poller, self.libraries):
            self._loop.call_soon_threadsafe(part.wake)

    def take_over(self, settings: Settings) -> None:
        """Go on with other settings, all but those of `config.reloading.NEEDS_RESTART`.

        Raises
        ------
        ConfigurationError
            If they cannot be used; nothing has changed then.
        """
        services, servers = reconfigured(self.services, settings), relays(settings)
        pages = self.pages(services, self.page_threads)
        self.services, self.relays = services, servers
        self.delivery_rules = delivery_rules(settings)
        for part in (
            *(self.folder_intake.folder, self.mail_intake),
            *(self.poller, self.libraries, self.thumbnails),
        ):
            part.services = services
        self.folder_intake.folder.settle_seconds = settings.ingest.settle_seconds
        if self._server is not None:
            self._server.show(pages)
        if not self.keeps_log_level:
            set_log_level(settings.log.level)
        self._night_at = nightly.next_night_at(services)
        self.wake()

    async def _fetch(self) -> None:
        """Fetch sources, libraries and thumbnails, once no other process does."""
        if Role.SOURCES not in self.roles:
            return
        # Only now: a part that is another process's would be silent here for ever.
        polling, libraries, thumbnails = parts = [
            self.heartbeat.part(name, within_seconds=WORK_SILENT_SECONDS)
            for name in ("sources", "libraries", "thumbnails")
        ]

        def beat() -> None:
            for part in parts:
                part.beat()

        while await self._turns.wait_for(Role.SOURCES, self.stop, beat=beat):
            ended = asyncio.Event()
            await asyncio.gather(
                self._turns.end_with(Role.SOURCES, self.stop, ended),
                self.poller.run(ended, beat=polling.beat),
                self.libraries.run(ended, beat=libraries.beat),
                self.thumbnails.run(ended, beat=thumbnails.beat),
            )

    async def _watch_others(self) -> None:
        """Do at once what another process had to do that died, on this machine or another."""
        if not self.services.database.dialect.is_for_several:
            return
        had_clock = False
        while True:
            await asyncio.sleep(TURN_SECONDS)
            has_clock = await self._turns.has(Role.CLOCK)
            with contextlib.suppress(StorageError):
                if (has_clock and not had_clock) or (
                    Role.DELIVER in self.roles
                    and not self._working.locked()
                    and await asyncio.to_thread(delivering.is_anything_abandoned, self.services)
                ):
                    self.wake()
            had_clock = has_clock

    def _watch_parts(self) -> None:
        """Have the watchdog starve where the loop turns, but something else does not."""
        self.heartbeat.ask("the clock", self._ask_scheduler, within_seconds=SILENT_SECONDS)
        self.heartbeat.ask(
            "the worker threads",
            lambda beat: self._loop.run_in_executor(None, beat),
            within_seconds=SILENT_SECONDS,
        )
        self.heartbeat.watch(
            "the threads of pages",
            lambda: self.page_threads.are_turning(within_seconds=SILENT_SECONDS),
        )
        if Role.INBOX in self.roles:
            self.heartbeat.watch("the mailbox", self.mail_intake.is_alive)
        self.heartbeat.watch("what reads foreign input", self.services.reading.is_turning)

    async def _watch_clock(self) -> None:
        watch = ClockWatch()
        while True:
            has_to_look = watch.has_to_look(utc_now(), self._loop.time())
            if watch.step_seconds:
                logger.warning(
                    "the clock was put %s by %s; what waits follows it",
                    "forward" if watch.step_seconds > 0 else "back",
                    timedelta(seconds=round(abs(watch.step_seconds))),
                )
            if has_to_look:
                await self._correct_moments()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _correct_moments(self) -> None:
        """Have nothing wait for a moment that was planned while the clock ran ahead."""
        longest_retry = timedelta(seconds=self.delivery_rules.retries.longest_seconds)
        await self._succeeds(
            asyncio.to_thread(future_moments.correct, self.services, longest_retry=longest_retry)
        )
        # The next look for work, too, may have been planned by that clock.
        self._night_at = min(self._night_at, nightly.night_after(self.services, utc_now()))
        self.wake()

    def _ask_scheduler(self, beat: Callable[[], None]) -> None:
        self.scheduler.add_job(
            beat,
            "date",
            run_date=utc_now(),
            id=SIGN_OF_LIFE_JOB,
            replace_existing=True,
            misfire_grace_time=None,
        )

    def _prepare_folders(self) -> None:
        try:
            make_shared_folder(self.incoming)
            self.wakes.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DaemonError(
                f"ingest.folder {self.incoming} cannot be made ({error.strerror}); create it, "
                "writable for this user"
            ) from error
        # Of an installation that an older version, or a wider umask, made.
        for folder in (self.wakes, *self.filed):
            make_all_private(folder)

    def _schedule_work(self, at: datetime | None) -> None:
        if self.stop.is_set() or not self.scheduler.running:
            return
        if self._working.locked():
            self._woken = True
            return
        moment = self._planned_at = at or self.services.clock()
        planned = self.scheduler.get_job(WORK_JOB)
        # A later moment never puts off an earlier one.
        if planned is not None and planned.next_run_time <= moment:
            return
        self.scheduler.add_job(
            self._work_showing_life,
            "date",
            run_date=moment,
            id=WORK_JOB,
            replace_existing=True,
            misfire_grace_time=None,
            max_instances=WORK_INSTANCES,
        )

    async def _work_showing_life(self) -> None:
        late = self.services.clock() - self._planned_at
        self.metrics.late_seconds.observe(max(late.total_seconds(), 0.0))
        with self._work_part.working():
            await self._work()

    async def _work(self) -> None:
        """Compose what is due, deliver what waits, and come back when there is more."""
        async with self._working:
            if self.stop.is_set():
                return
            # Not later: what comes in while the rest is done has missed its part of the work.
            self._woken = False
            # What strangers asked for keeps back nobody's newsletter, and the other way round.
            decided = composed = delivered = True
            has_clock = await self._turns.has(Role.CLOCK)
            if has_clock:
                decided = await self._succeeds(
                    asyncio.to_thread(subscriptions.decide_requests, self.services)
                )
            # What cannot be composed keeps back nothing that is composed already.
            if Role.LEARN in self.roles:
                composed = await self._succeeds(asyncio.to_thread(self._compose))
            if Role.DELIVER in self.roles:
                delivered = await self._succeeds(self._deliver())
            if has_clock:
                await self._succeeds(
                    asyncio.to_thread(bouncing.count_refusals_and_warn, self.services)
                )
                self._begin_night_if_due()
            await asyncio.to_thread(give_back_memory)
            at = await self._next_work_at()
            if not self.stop.is_set():
                notify_status(
                    f"waits; looks for work at {at:%H:%M:%S} UTC"
                    if decided and composed and delivered
                    else "the last work failed, as the log says; it is tried again in a minute"
                )
        now = self.services.clock()
        if not (decided and composed and delivered):
            self.metrics.failures.inc()
            at = now + LONGEST_SLEEP
        # Who woke us while we looked may have come after we had looked.
        self._schedule_work(now + SHORTEST_SLEEP if self._woken else at)

    async def _succeeds(self, work: Awaitable[object]) -> bool:
        """Do a part of the work, and tell whether it went well; the clock goes on anyway."""
        try:
            await work
        except RecommenderError as error:
            logger.error("%s; it is tried again in a minute", error)  # noqa: TRY400, our errors say enough in a line
        except Exception:
            logger.exception("unexpected error; it is tried again in a minute")
        else:
            return True
        return False

    def _compose(self) -> None:
        begun = time.monotonic()
        report = newsletters.compose_issues(self.services)
        if report != newsletters.ComposeReport(0, 0):
            self.metrics.compose_seconds.observe(time.monotonic() - begun)
            self.metrics.fit_seconds.observe(report.fit_seconds)
            self.metrics.issues.inc(report.issues)

    async def _deliver(self) -> None:
        begun = time.monotonic()
        report = await delivering.deliver(
            self.services, self.relays, self.delivery_rules, stop=self.stop
        )
        if report != DeliveryReport():
            self.metrics.deliver_seconds.observe(time.monotonic() - begun)
            figures = delivering.figures(report)
            for outcome in OUTCOMES:
                self.metrics.messages.labels(outcome).inc(figures[outcome])
            logger.info("%s", delivering.summary(report))

    def _begin_night_if_due(self) -> None:
        now = self.services.clock()
        is_under_way = self._night is not None and not self._night.done()
        if now < self._night_at or is_under_way or self.stop.is_set():
            return
        # Before the work, so that a night that fails is not begun again at the next look.
        self._night_at = nightly.night_after(self.services, now)
        self._night = asyncio.create_task(self._do_night())

    async def _do_night(self) -> None:
        try:
            due_at = await asyncio.to_thread(nightly.next_night_at, self.services)
            # Somebody else may have done it by now: `recommender nightly`, a second daemon.
            if due_at <= self.services.clock():
                await self.night_process.run(self.stop)
        except Exception:
            logger.exception("unexpected error; the work of the night waits for the next one")

    async def _next_work_at(self) -> datetime:
        """Return when to look again: at the next due moment, and after `LONGEST_SLEEP` anyway."""
        now = self.services.clock()
        try:
            issue_at = await asyncio.to_thread(newsletters.next_issue_due_at, self.services)
            delivery_at = await asyncio.to_thread(
                delivering.next_delivery_at, self.services, self.relays, self.delivery_rules
            )
        except Exception:
            logger.exception("cannot tell when the next work is due; looking in a minute")
            issue_at = delivery_at = None
        soonest, latest = now + SHORTEST_SLEEP, now + LONGEST_SLEEP
        moments = (issue_at, delivery_at, self._night_at)
        return min(latest, *(max(moment, soonest) for moment in moments if moment is not None))

    async def _drain(
        self,
        server: PageServer,
        pages: asyncio.Task[None],
        *others: asyncio.Task[None],
    ) -> None:
        server.end()
        await self.mail_intake.stop()
        await asyncio.to_thread(self._listener.stop)
        tasks = {pages, *others} if self._night is None else {pages, *others, self._night}
        _, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in late:
            logger.warning("%s does not end within %d s and is cut off", task, DRAIN_SECONDS)
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS), self._working:
                logger.info("stopped")
        if self.scheduler.running:
            # Not before: it cancels what is under way, in the middle of a message.
            self.scheduler.shutdown(wait=False)
        logging.getLogger().removeHandler(self.services.recent_lines)
        self._turns.release()
        self.services.reading.close()
        self.page_threads.close()
        self.services.database.close()
