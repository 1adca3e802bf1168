"""One process: pages, clock, watched folder, sources, delivery; starts, drains and stops.

Nothing is kept in memory that the database does not have, so a kill at any moment loses nothing.
One job of the clock does all the work that has a time: it decides what was asked, composes what is
due, delivers what waits, begins the work of the night, and sets itself for the next moment at which
there is something to do. The night's work goes on beside the other, in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from recommender.clock_watch import LOOK_EVERY_SECONDS, ClockWatch
from recommender.config import Settings
from recommender.errors import DaemonError, RecommenderError
from recommender.fetching.courtesy import Courtesy
from recommender.folder_watching import folder_changes
from recommender.heartbeat import Heartbeat
from recommender.installation import delivery_rules, open_services, relays, utc_now
from recommender.jobs import intake, nightly
from recommender.jobs.incoming import bouncing
from recommender.jobs.issues import future_moments, newsletters
from recommender.jobs.outgoing import delivering
from recommender.jobs.people import subscriptions
from recommender.jobs.people.library_sync import LibrarySync
from recommender.jobs.services import Services
from recommender.jobs.sources.polling import Poller
from recommender.jobs.watched_folder import WatchedFolder
from recommender.mail.outbox.delivery import LEASE_TIMEOUTS, DeliveryReport
from recommender.mail_intake import MailIntake
from recommender.night_process import NightProcess
from recommender.private_files import make_all_private, make_shared_folder
from recommender.process_memory import give_back_memory, share_one_arena
from recommender.roles import ALL_ROLES, Role, Turns
from recommender.service_manager import notify, watchdog_seconds
from recommender.store.several import Listener
from recommender.waking import WAKE_FILE
from recommender.web.app import create_app
from recommender.web.server import PageServer, listening_socket, raise_descriptor_limit

logger = logging.getLogger(__name__)

# Other processes may queue work too (`recommender subscribers add`, a second daemon).
LONGEST_SLEEP = timedelta(seconds=60)
SHORTEST_SLEEP = timedelta(seconds=1)
# A file that is written slowly is looked at ever more rarely, but others may come meanwhile.
LONGEST_SETTLE_SECONDS = 10.0
DRAIN_SECONDS = 60.0
# So long after a process is gone that had a role alone, another one has it.
TURN_SECONDS = 2.0
WORK_JOB = "work"
# The lock has them work one after the other. With a single one, APScheduler drops the next job, for
# good, where somebody wakes us in the round of the loop in which the last one has just ended.
WORK_INSTANCES = 10
SIGN_OF_LIFE_JOB = "sign of life"
# Longer than all threads are busy at once, or anything of the work takes, on a busy machine too.
SILENT_SECONDS = 300.0
WORK_SILENT_SECONDS = 900.0


def run(
    settings: Settings, night_process: NightProcess, *, roles: frozenset[Role] = ALL_ROLES
) -> None:
    """Run until SIGTERM or SIGINT.

    Parameters
    ----------
    settings : Settings
    night_process : NightProcess
        Reads the same settings.
    roles : frozenset of Role
        What this process does.

    Raises
    ------
    RecommenderError
        If it cannot start: the port is taken, the database or the folder cannot be used.
    """
    share_one_arena()
    raise_descriptor_limit()
    # The watchdog of systemd ends a process by SIGABRT: the journal shows where each thread was.
    faulthandler.enable()
    asyncio.run(_run(settings, night_process, roles))


async def _run(settings: Settings, night_process: NightProcess, roles: frozenset[Role]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _tell_of_restart)
    with listening_socket(settings.web.host, settings.web.port) as listener:
        daemon = Daemon(settings, night_process, stop, roles=roles)
        await daemon.serve(listener)


def _tell_of_restart() -> None:
    logger.warning(
        "SIGHUP changes nothing: settings are read at the start, so restart for new ones"
    )


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
    """

    def __init__(
        self,
        settings: Settings,
        night_process: NightProcess,
        stop: asyncio.Event,
        *,
        pages: Callable[[Services], ASGIApp] = create_app,
        roles: frozenset[Role] = ALL_ROLES,
        work_silent_seconds: float = WORK_SILENT_SECONDS,
    ) -> None:
        self.night_process = night_process
        self.stop = stop
        self.pages = pages
        self.incoming = settings.ingest.folder
        self.filed = (settings.ingest.done_folder, settings.ingest.rejected_folder)
        self.wakes = settings.database.index_folder
        self.heartbeat = Heartbeat()
        self.services = open_services(
            settings, clock=self.heartbeat.sign_of_life(utc_now), wake=self.wake
        )
        self.roles = roles
        self._turns = Turns(self.services.database, roles)
        self._listener = Listener(self.services.database, self.wake)
        if self.services.database.is_new:
            logger.warning("made a new database at %s", self.services.database.label)
        self.folder = WatchedFolder(
            self.services, self.incoming, settle_seconds=settings.ingest.settle_seconds
        )
        self.relays = relays(settings)
        self.delivery_rules = delivery_rules(settings)
        self.mail_intake = MailIntake(
            self.services,
            settings.inbox,
            stop,
            part=self.heartbeat.part("incoming mail", within_seconds=work_silent_seconds),
        )
        # Nobody's server is to be asked twice at once, whatever for.
        opened_by = partial(Services.open_fetcher, courtesy=Courtesy())
        random = Random()  # noqa: S311, it spreads fetches, and nobody gains by guessing when
        self.poller = Poller(self.services, random=random, opened_by=opened_by)
        self.libraries = LibrarySync(self.services, random=random, opened_by=opened_by)
        self._library_part = self.heartbeat.part("libraries", within_seconds=WORK_SILENT_SECONDS)
        self._polling_part = self.heartbeat.part("sources", within_seconds=WORK_SILENT_SECONDS)
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        self._loop = asyncio.get_running_loop()
        self._working = asyncio.Lock()
        timeouts = [LEASE_TIMEOUTS * relay.server.timeout_seconds for relay in self.relays]
        self._work_part = self.heartbeat.part(
            "the work", within_seconds=max(work_silent_seconds, *timeouts)
        )
        self._woken = False
        self._folder_trouble = ""
        self._night_at = nightly.next_night_at(self.services)
        self._night: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket) -> None:
        """Start everything, say that it is ready, and end when told to."""
        logging.getLogger().addHandler(self.services.recent_lines)
        self._prepare_folders()
        if Role.INBOX in self.roles:
            await self.mail_intake.start()
        self._listener.start()
        server = PageServer(
            self.pages(self.services), trusted_proxies=self.services.requests.trusted_proxies
        )
        pages = asyncio.create_task(server.serve(sockets=[listener]))
        folder = asyncio.create_task(self._watch_folder())
        stopping = asyncio.create_task(self.stop.wait())
        self._watch_parts()
        feeding = asyncio.create_task(self.heartbeat.feed(watchdog_seconds()))
        clock = asyncio.create_task(self._watch_clock())
        sources = asyncio.create_task(self._fetch())
        try:
            ready = asyncio.create_task(server.accepting.wait())
            await asyncio.wait({pages, ready}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            self.scheduler.start()
            self.wake()
            host, port = listener.getsockname()[:2]
            logger.info("ready: pages on http://%s:%d, watching %s", host, port, self.incoming)
            notify("READY=1")
            await asyncio.wait({pages, folder, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            notify("STOPPING=1")
            logger.info("stopping: no new work, what is under way is finished")
            self.stop.set()
            await self._drain(server, pages, folder, sources)
            feeding.cancel()
            clock.cancel()
        for task in (pages, folder):
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    def wake(self) -> None:
        """Do the work that is due, now. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._schedule_work, None)
        self._loop.call_soon_threadsafe(self.mail_intake.wake)
        self._loop.call_soon_threadsafe(self.poller.wake)
        self._loop.call_soon_threadsafe(self.libraries.wake)

    async def _fetch(self) -> None:
        """Fetch sources and libraries, once no other process does."""
        if Role.SOURCES not in self.roles:
            return
        while not await self._turns.has(Role.SOURCES):
            self._polling_part.beat()
            self._library_part.beat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), TURN_SECONDS)
            if self.stop.is_set():
                return
        await asyncio.gather(
            self.poller.run(self.stop, beat=self._polling_part.beat),
            self.libraries.run(self.stop, beat=self._library_part.beat),
        )

    def _watch_parts(self) -> None:
        """Have the watchdog starve where the loop turns, but something else does not."""
        self.heartbeat.ask("the clock", self._ask_scheduler, within_seconds=SILENT_SECONDS)
        self.heartbeat.ask(
            "the worker threads",
            lambda beat: self._loop.run_in_executor(None, beat),
            within_seconds=SILENT_SECONDS,
        )
        self.heartbeat.ask("the threads of pages", self._ask_pages, within_seconds=SILENT_SECONDS)
        self.heartbeat.watch("the mailbox", self.mail_intake.is_alive)
        self.heartbeat.watch("what reads foreign input", self.services.reading.is_turning)

    async def _watch_clock(self) -> None:
        watch = ClockWatch()
        while True:
            if watch.has_to_look(utc_now(), self._loop.time()):
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

    def _ask_pages(self, beat: Callable[[], None]) -> None:
        asking = self._loop.create_task(run_in_threadpool(beat))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

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
        moment = at or self.services.clock()
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
                composed = await self._succeeds(
                    asyncio.to_thread(newsletters.compose_issues, self.services)
                )
            if Role.DELIVER in self.roles:
                delivered = await self._succeeds(self._deliver())
            if has_clock:
                await self._succeeds(
                    asyncio.to_thread(bouncing.count_refusals_and_warn, self.services)
                )
                self._begin_night_if_due()
            await asyncio.to_thread(give_back_memory)
            at = await self._next_work_at()
        now = self.services.clock()
        if not (decided and composed and delivered):
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

    async def _deliver(self) -> None:
        report = await delivering.deliver(
            self.services, self.relays, self.delivery_rules, stop=self.stop
        )
        if report != DeliveryReport():
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

    async def _watch_folder(self) -> None:
        """Ingest what lies in the folder, and what is put there from now on."""
        reads = Role.SOURCES in self.roles
        changes = folder_changes(
            self.incoming,
            self.wakes,
            stop=self.stop,
            look_seconds=LONGEST_SLEEP.total_seconds(),
        )
        if reads:
            await self._ingest()
        async for names in changes:
            if WAKE_FILE in names:
                self.wake()
            if reads:
                await self._ingest()

    async def _ingest(self) -> None:
        """Ingest complete files, waiting for those that are being written as long as they grow."""
        pause = max(self.folder.settle_seconds, 0.1)
        while not self.stop.is_set():
            try:
                ingested, waiting = await asyncio.to_thread(self._ingest_in_thread)
            except RecommenderError as error:
                # It is looked at each minute, and said once.
                if str(error) != self._folder_trouble:
                    logger.warning("%s", error)
                self._folder_trouble = str(error)
                return
            except Exception:
                # The files stay where they are, and the pages and the mails go on.
                logger.exception("unexpected error; the watched folder is looked at again later")
                return
            self._folder_trouble = ""
            if not waiting:
                return
            if ingested:
                # Those that wait came since: nobody has waited for them yet.
                pause = max(self.folder.settle_seconds, 0.1)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), pause)
            pause = min(pause * 1.5, LONGEST_SETTLE_SECONDS)

    def _ingest_in_thread(self) -> tuple[bool, bool]:
        """Return whether files were ingested, and whether others wait."""
        outcomes = list(self.folder.ingest())
        if intake.summary(outcomes).digests:
            self.wake()
        return bool(outcomes), self.folder.has_waiting_files()

    async def _drain(
        self,
        server: PageServer,
        pages: asyncio.Task[None],
        *others: asyncio.Task[None],
    ) -> None:
        server.should_exit = True
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
        self.services.database.close()
