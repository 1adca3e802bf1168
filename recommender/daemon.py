"""One process: pages, clock, watched folder and delivery; starts, drains and stops.

Nothing is kept in memory that the database does not have, so a kill at any moment loses nothing.
One job of the clock does all the work that has a time: it decides what was asked, composes what is
due, delivers what waits, begins the work of the night, and sets itself for the next moment at which
there is something to do. The night's work goes on beside the other, in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
import watchfiles
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.types import ASGIApp

from recommender.config import Settings
from recommender.errors import DaemonError, RecommenderError
from recommender.installation import delivery_rules, open_services, relays
from recommender.jobs import intake, nightly
from recommender.jobs.incoming import bouncing
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import delivering
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail_intake import MailIntake
from recommender.night_process import NightProcess
from recommender.private_files import make_all_private, make_shared_folder
from recommender.process_memory import give_back_memory, share_one_arena
from recommender.service_manager import notify
from recommender.waking import WAKE_FILE
from recommender.web.app import create_app

logger = logging.getLogger(__name__)

# Other processes may queue work too (`recommender subscribers add`, a second daemon).
LONGEST_SLEEP = timedelta(seconds=60)
SHORTEST_SLEEP = timedelta(seconds=1)
# A file that is written slowly is looked at ever more rarely, but others may come meanwhile.
LONGEST_SETTLE_SECONDS = 10.0
DRAIN_SECONDS = 60.0
WORK_JOB = "work"


def run(settings: Settings, night_process: NightProcess) -> None:
    """Run until SIGTERM or SIGINT.

    Parameters
    ----------
    settings : Settings
    night_process : NightProcess
        Reads the same settings.

    Raises
    ------
    RecommenderError
        If it cannot start: the port is taken, the database or the folder cannot be used.
    """
    share_one_arena()
    asyncio.run(_run(settings, night_process))


async def _run(settings: Settings, night_process: NightProcess) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with listening_socket(settings.web.host, settings.web.port) as listener:
        daemon = Daemon(settings, night_process, stop)
        await daemon.serve(listener)


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
    """

    def __init__(
        self,
        settings: Settings,
        night_process: NightProcess,
        stop: asyncio.Event,
        *,
        pages: Callable[[Services], ASGIApp] = create_app,
    ) -> None:
        self.night_process = night_process
        self.stop = stop
        self.pages = pages
        self.incoming = settings.ingest.folder
        self.filed = (settings.ingest.done_folder, settings.ingest.rejected_folder)
        self.wakes = settings.database.index_folder
        self.settle_seconds = settings.ingest.settle_seconds
        self.services = open_services(settings, wake=self.wake)
        self.relays = relays(settings)
        self.delivery_rules = delivery_rules(settings)
        self.mail_intake = MailIntake(self.services, settings.inbox, stop)
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        self._loop = asyncio.get_running_loop()
        self._working = asyncio.Lock()
        self._woken = False
        self._night_at = nightly.next_night_at(self.services)
        self._night: asyncio.Task[None] | None = None

    async def serve(self, listener: socket.socket) -> None:
        """Start everything, say that it is ready, and end when told to."""
        self._prepare_folders()
        await self.mail_intake.start()
        server = PageServer(self.pages(self.services))
        pages = asyncio.create_task(server.serve(sockets=[listener]))
        folder = asyncio.create_task(self._watch_folder())
        stopping = asyncio.create_task(self.stop.wait())
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
            await self._drain(server, pages, folder)
        for task in (pages, folder):
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    def wake(self) -> None:
        """Do the work that is due, now. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._schedule_work, None)

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
            self._work,
            "date",
            run_date=moment,
            id=WORK_JOB,
            replace_existing=True,
            misfire_grace_time=None,
        )

    async def _work(self) -> None:
        """Compose what is due, deliver what waits, and come back when there is more."""
        async with self._working:
            if self.stop.is_set():
                return
            # Not later: what comes in while the rest is done has missed its part of the work.
            self._woken = False
            received = await self._succeeds(asyncio.to_thread(self.mail_intake.act))
            # What strangers asked for keeps back nobody's newsletter, and the other way round.
            decided = await self._succeeds(
                asyncio.to_thread(subscriptions.decide_requests, self.services)
            )
            # What cannot be composed keeps back nothing that is composed already.
            composed = await self._succeeds(
                asyncio.to_thread(newsletters.compose_issues, self.services)
            )
            delivered = await self._succeeds(self._deliver())
            await self._succeeds(asyncio.to_thread(bouncing.count_refusals_and_warn, self.services))
            await asyncio.to_thread(give_back_memory)
            self._begin_night_if_due()
            at = await self._next_work_at()
        now = self.services.clock()
        if not (received and decided and composed and delivered):
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
        changes = watchfiles.awatch(
            self.incoming,
            self.wakes,
            watch_filter=None,
            recursive=False,
            stop_event=self.stop,
            yield_on_timeout=True,
            # Without news the folder is looked at anyway: not every file system tells of changes.
            rust_timeout=int(LONGEST_SLEEP.total_seconds() * 1000),
        )
        await self._ingest()
        async for changed in changes:
            if any(Path(path).name == WAKE_FILE for _, path in changed):
                self.wake()
            await self._ingest()

    async def _ingest(self) -> None:
        """Ingest complete files, waiting for those that are being written as long as they grow."""
        pause = max(self.settle_seconds, 0.1)
        while not self.stop.is_set():
            try:
                waiting = await asyncio.to_thread(self._ingest_in_thread)
            except RecommenderError as error:
                logger.warning("%s", error)
                return
            except Exception:
                # The files stay where they are, and the pages and the mails go on.
                logger.exception("unexpected error; the watched folder is looked at again later")
                return
            if not waiting:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), pause)
            pause = min(pause * 1.5, LONGEST_SETTLE_SECONDS)

    def _ingest_in_thread(self) -> bool:
        outcomes = intake.ingest_incoming(
            self.services, self.incoming, settle_seconds=self.settle_seconds
        )
        if intake.summary(outcomes).digests:
            self.wake()
        return intake.has_waiting_files(self.services, self.incoming)

    async def _drain(
        self,
        server: PageServer,
        pages: asyncio.Task[None],
        folder: asyncio.Task[None],
    ) -> None:
        server.should_exit = True
        await self.mail_intake.stop()
        tasks = {pages, folder} if self._night is None else {pages, folder, self._night}
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
        self.services.database.close()


class PageServer(uvicorn.Server):
    """Uvicorn inside our loop: it leaves the signals to us.

    Parameters
    ----------
    app : ASGI application

    Attributes
    ----------
    accepting : asyncio.Event
        Set when connections are accepted.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                # Paths hold tokens, and nobody's clicks are to be kept.
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=10,
                proxy_headers=False,
            )
        )
        self.accepting = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the daemon."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections, and say so."""
        await super().startup(sockets)
        self.accepting.set()


@contextlib.contextmanager
def listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    """Open the socket that the pages are served on.

    Raises
    ------
    DaemonError
        If the address is taken or not of this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise DaemonError(
            f"web.host {host}, web.port {port} cannot be listened on ({_reason(error)}); stop "
            "what uses it, or choose another port"
        ) from error
    with listener:
        yield listener


def _reason(error: OSError) -> str:
    """Return the system's own words: `socket.create_server` adds the address to them."""
    return os.strerror(error.errno) if error.errno else str(error)
