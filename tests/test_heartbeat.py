"""The watchdog is fed while every part shows signs of life, and starves when one does not."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.heartbeat import Heartbeat

SOON = 5.0
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


class Seconds:
    """Time that a test lets pass."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def heartbeat(seconds: Seconds) -> Heartbeat:
    return Heartbeat(seconds)


def test_a_part_may_be_silent_for_its_time_and_no_longer(
    heartbeat: Heartbeat, seconds: Seconds
) -> None:
    part = heartbeat.part("the work", within_seconds=60)
    seconds.now += 60
    assert heartbeat.silent() == []
    seconds.now += 1
    assert heartbeat.silent() == ["the work"]
    part.beat()
    assert heartbeat.silent() == []


def test_a_condition_that_holds_no_more_is_silence(heartbeat: Heartbeat) -> None:
    thread = threading.Thread(target=lambda: None)
    heartbeat.watch("the mailbox", thread.is_alive)

    assert heartbeat.silent() == ["the mailbox"]


async def test_work_that_asks_for_the_time_lives_in_threads_and_tasks_too(
    heartbeat: Heartbeat, seconds: Seconds
) -> None:
    part = heartbeat.part("the work", within_seconds=60)
    clock = heartbeat.sign_of_life(lambda: NOON)

    async def ask() -> None:
        assert clock() == NOON

    with part.working():
        for look in (clock, lambda: asyncio.to_thread(clock), lambda: asyncio.create_task(ask())):
            seconds.now += 61
            assert heartbeat.silent() == ["the work"]
            looked = look()
            if not isinstance(looked, datetime):
                await looked
            assert heartbeat.silent() == []


def test_whoever_else_asks_for_the_time_shows_nothing_of_the_work(
    heartbeat: Heartbeat, seconds: Seconds
) -> None:
    part = heartbeat.part("the work", within_seconds=60)
    clock = heartbeat.sign_of_life(lambda: NOON)
    with part.working():
        pass
    seconds.now += 61

    assert clock() == NOON
    assert heartbeat.silent() == ["the work"]


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[bytes]]]:
    """Listen as a service manager does; gives what was heard since it was asked last."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def heard() -> list[bytes]:
            states = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    states.append(channel.recv(100))
            return states

        yield heard


@contextlib.asynccontextmanager
async def feeding(heartbeat: Heartbeat, watchdog_seconds: float | None):  # type: ignore[no-untyped-def]  # noqa: ANN201, a fixture in all but name
    task = asyncio.create_task(heartbeat.feed(watchdog_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110, nothing tells of a datagram that nobody sends
            await asyncio.sleep(0.01)


async def test_the_watchdog_is_fed_again_and_again(
    heartbeat: Heartbeat, manager: Callable[[], list[bytes]]
) -> None:
    async with feeding(heartbeat, 0.02):
        for _ in range(3):
            await until(lambda: manager() == [b"WATCHDOG=1"])


async def test_the_watchdog_starves_while_a_part_is_silent_and_the_log_names_it(
    heartbeat: Heartbeat,
    seconds: Seconds,
    manager: Callable[[], list[bytes]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    part = heartbeat.part("the work", within_seconds=60)
    async with feeding(heartbeat, 0.02):
        await until(manager)
        seconds.now += 61
        await until(lambda: "the work" in caplog.text)
        manager()
        await asyncio.sleep(0.1)
        assert manager() == []
        assert len(caplog.records) == 1

        part.beat()
        await until(manager)
        assert "turn again" in caplog.text


async def test_parts_that_are_asked_answer_or_are_silent(
    heartbeat: Heartbeat, seconds: Seconds, manager: Callable[[], list[bytes]]
) -> None:
    answers = True
    heartbeat.ask("the clock", lambda beat: beat() if answers else None, within_seconds=60)
    async with feeding(heartbeat, 0.02):
        seconds.now += 61
        await until(manager)
        answers = False
        seconds.now += 61
        await until(heartbeat.silent)

    assert heartbeat.silent() == ["the clock"]


async def test_without_a_watchdog_nobody_is_told(
    heartbeat: Heartbeat, seconds: Seconds, manager: Callable[[], list[bytes]]
) -> None:
    asked = threading.Event()
    heartbeat.ask("the clock", lambda beat: (beat(), asked.set()), within_seconds=60)
    async with feeding(heartbeat, None):
        await until(asked.is_set)

    assert manager() == []
    assert seconds.now == 100
