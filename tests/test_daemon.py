"""The daemon in this process, made to hang: its watchdog starves, whatever it is that hangs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from recommender.config import load_settings, write_initial_configuration
from recommender.daemon import WORK_JOB, Daemon
from recommender.domain import SubscriberState
from recommender.jobs.services import Services
from recommender.languages.negotiation import LANGUAGES
from recommender.night_process import NightProcess
from recommender.store import subscribers
from recommender.web import pictures
from recommender.web.page_threads import PageThreads
from recommender.web.server import listening_socket

SOON = 30.0
WATCHDOG_SECONDS = 0.1
WORK_SECONDS = 3.0


class Manager(asyncio.DatagramProtocol):
    """A service manager that counts how often its watchdog is fed."""

    meals = 0
    is_ready = False

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.meals += data == b"WATCHDOG=1"
        self.is_ready |= data == b"READY=1"


def no_pages(_services: Services, _threads: PageThreads) -> ASGIApp:
    return Starlette()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110, nothing tells of what does not come
            await asyncio.sleep(0.01)


@pytest.fixture
async def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Manager]:
    address = str(tmp_path / "notify")
    transport, manager = await asyncio.get_running_loop().create_datagram_endpoint(
        Manager, local_addr=address, family=1
    )
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", str(int(WATCHDOG_SECONDS * 1_000_000)))
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    yield manager
    transport.close()


class Ahead:
    """The daemon's clock, which may run ahead."""

    by = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """Start with a clock that is a year ahead."""
    clock = Ahead()
    clock.by = timedelta(days=365)
    monkeypatch.setattr("recommender.daemon.utc_now", clock)
    monkeypatch.setattr("recommender.daemon.LOOK_EVERY_SECONDS", 0.05)
    return clock


@pytest.fixture
async def daemon(tmp_path: Path, manager: Manager) -> AsyncIterator[Daemon]:
    folder = tmp_path / "installation"
    write_initial_configuration(folder)
    (folder / "recommender.db.index").mkdir()
    (folder / "recommender.db.index" / "nightly.json").write_text(
        f'{{"last_night_at": "{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}"}}'
    )
    settings = load_settings(
        folder / "recommender.toml", environ={"RECOMMENDER_SMTP__TIMEOUT_SECONDS": "0.01"}
    )
    stop = asyncio.Event()
    daemon = Daemon(
        settings,
        NightProcess((), {}),
        stop,
        pages=no_pages,
        work_silent_seconds=WORK_SECONDS,
    )
    with listening_socket("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(daemon.serve(listener))
        await until(lambda: manager.is_ready and manager.meals)
        yield daemon
        stop.set()
        await serving


async def is_fed(manager: Manager) -> bool:
    before = manager.meals
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5 * WATCHDOG_SECONDS):
            await until(lambda: manager.meals > before)
    return manager.meals > before


async def wake_until(daemon: Daemon, condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            daemon.wake()
            await asyncio.sleep(0.05)


@pytest.fixture
def no_cards() -> None:
    pictures._drawn.clear()


@pytest.mark.usefixtures("no_cards", "daemon")
async def test_the_card_is_drawn_in_each_language_before_anybody_asks_for_it() -> None:
    async with asyncio.timeout(SOON):
        await until(lambda: len(pictures._drawn) == len(LANGUAGES))


async def test_a_daemon_that_works_feeds_its_watchdog(daemon: Daemon, manager: Manager) -> None:
    begun = asyncio.get_running_loop().time()
    await wake_until(daemon, lambda: asyncio.get_running_loop().time() > begun + WORK_SECONDS)

    assert await is_fed(manager)
    assert daemon.heartbeat.silent() == []


async def test_what_is_warned_of_while_it_runs_is_kept_for_its_operator(daemon: Daemon) -> None:
    logging.getLogger("recommender.anything").warning("look at %s", "this")

    assert daemon.services.recent_lines.newest(1)[0].words == "look at this"


async def test_work_that_waits_for_a_lock_for_ever_starves_it(
    daemon: Daemon, manager: Manager, tmp_path: Path
) -> None:
    path = tmp_path / "installation" / "recommender.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        daemon.wake()
        await until(lambda: "the work" in daemon.heartbeat.silent())
        assert not await is_fed(manager)
        other.execute("ROLLBACK")

    await wake_until(daemon, lambda: not daemon.heartbeat.silent())
    assert await is_fed(manager)


async def test_a_loop_that_is_blocked_starves_it(daemon: Daemon, manager: Manager) -> None:
    before = manager.meals
    time.sleep(5 * WATCHDOG_SECONDS)  # noqa: ASYNC251, what a faulty page might do
    await asyncio.sleep(0)

    assert manager.meals - before <= 1
    assert daemon.heartbeat.silent() == []


async def test_threads_that_are_used_up_starve_it(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    stuck = [asyncio.create_task(asyncio.to_thread(release.wait)) for _ in range(64)]
    [part] = [part for part in daemon.heartbeat._parts if part.name == "the worker threads"]
    monkeypatch.setattr(part, "within_seconds", 0.5)

    await until(lambda: "the worker threads" in daemon.heartbeat.silent())

    release.set()
    await asyncio.gather(*stuck)
    await until(lambda: "the worker threads" not in daemon.heartbeat.silent())


async def test_a_clock_that_was_stopped_starves_it(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    [part] = [part for part in daemon.heartbeat._parts if part.name == "the clock"]
    monkeypatch.setattr(part, "within_seconds", 0.5)
    daemon.scheduler.pause()

    await until(lambda: "the clock" in daemon.heartbeat.silent())

    daemon.scheduler.resume()
    await until(lambda: "the clock" not in daemon.heartbeat.silent())


async def test_a_clock_that_is_put_back_leaves_no_issue_for_next_year(
    ahead: Ahead, daemon: Daemon
) -> None:
    with daemon.services.change() as session:
        reader = subscribers.add(
            session,
            email="ada@example.org",
            email_key="ada@example.org",
            state=SubscriberState.ACTIVE,
            preferences=daemon.services.defaults,
            interests="",
            now=ahead(),
            next_issue_at=ahead() + timedelta(days=1),
        )
    ahead.by = timedelta(0)

    def planned_at() -> datetime:
        with daemon.services.database.read() as session:
            found = subscribers.by_id(session, reader.id)
        assert found is not None
        assert found.next_issue_at is not None
        return found.next_issue_at

    await until(lambda: planned_at() < datetime.now(UTC) + timedelta(days=8))
    await until(lambda: daemon._night_at < datetime.now(UTC) + timedelta(days=2))


async def test_who_wakes_it_at_the_moment_at_which_its_work_ends_does_not_stop_its_clock(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    looked = 0

    async def look_when_next() -> datetime:
        nonlocal looked
        looked += 1
        # A wake that is called in the same round of the loop in which the work ends, behind it.
        loop.call_soon(lambda: loop.call_soon(daemon._schedule_work, None))
        await asyncio.sleep(0)
        return datetime.now(UTC) + timedelta(hours=1)

    await until(lambda: daemon.scheduler.get_job(WORK_JOB) and not daemon._working.locked())
    monkeypatch.setattr(daemon, "_next_work_at", look_when_next)
    daemon.wake()

    await until(lambda: looked > 2)
    assert "the work" not in daemon.heartbeat.silent()
