"""Few threads, each network's turn, and a refusal where too many wait."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from recommender.web.page_threads import Lane, PageThreads


class Work:
    """What threads do until they are let go, and in which order they did it."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun: list[str] = []

    def do(self, name: str) -> str:
        self.begun.append(name)
        assert self.go_on.wait(10)
        return name


@pytest.fixture
def work() -> Any:
    work = Work()
    yield work
    work.go_on.set()


async def begin(lane: Lane, work: Work, *names: str) -> list[asyncio.Task[str]]:
    """Ask for what is called by its network and a number, one after the other."""
    tasks = [asyncio.create_task(lane.run(name[0], work.do, name)) for name in names]
    for _ in range(10):
        await asyncio.sleep(0)
    return tasks


async def test_only_so_many_work_at_once_and_networks_take_turns(work: Work) -> None:
    tasks = await begin(Lane(1), work, "a1", "a2", "a3", "b1")
    work.go_on.set()

    assert await asyncio.gather(*tasks) == ["a1", "a2", "a3", "b1"]
    assert work.begun == ["a1", "a2", "b1", "a3"]


async def test_who_finds_no_room_is_told_when_to_come_again(work: Work) -> None:
    lane = Lane(1, most_waiting=2)
    first, second, gives_way, refused = await begin(lane, work, "a1", "a2", "a3", "a4")
    [other] = await begin(lane, work, "b1")
    work.go_on.set()

    assert [await first, await second, await other] == ["a1", "a2", "b1"]
    for each in (gives_way, refused):
        with pytest.raises(HTTPException) as told:
            await each
        assert (told.value.status_code, told.value.headers) == (503, {"Retry-After": "5"})


async def test_a_thread_comes_back_whatever_came_of_the_work(work: Work) -> None:
    lane = Lane(1)
    with pytest.raises(ZeroDivisionError):
        await lane.run("a", lambda: 1 / 0)
    working, cancelled, last = await begin(lane, work, "a1", "a2", "a3")
    cancelled.cancel()
    work.go_on.set()

    assert (await working, await last) == ("a1", "a3")
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert work.begun == ["a1", "a3"]


async def test_threads_that_never_come_back_are_noticed(work: Work) -> None:
    now = 0.0
    lane = Lane(1, clock=lambda: now)
    threads = PageThreads(reading=lane)
    assert threads.are_turning(within_seconds=9)

    await begin(lane, work, "a1")
    now = 20.0
    assert threads.are_turning(within_seconds=9), "nobody waits"
    await begin(lane, work, "b1")
    assert not threads.are_turning(within_seconds=9)
    work.go_on.set()
