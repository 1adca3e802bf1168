"""Whatever is put into a watched folder, the watch goes on."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from pathlib import Path

from recommender.folder_watching import folder_changes

# Long enough that nothing here comes from a look without news.
LOOK_SECONDS = 60


async def test_a_name_that_is_no_utf_8_does_not_end_the_watch(tmp_path: Path) -> None:
    stop = asyncio.Event()
    seen = []
    async with (
        asyncio.timeout(20),
        aclosing(folder_changes(tmp_path, stop=stop, look_seconds=LOOK_SECONDS)) as changes,
    ):
        # Names come until the watch sees them: it begins when it is first asked.
        writing = asyncio.create_task(_write_until(stop, Path(os.fsdecode(b"\xff.txt")), tmp_path))
        seen.append(await anext(changes))
        stop.set()
        await writing
        stop.clear()
        writing = asyncio.create_task(_write_until(stop, Path("good.txt"), tmp_path))
        while seen[-1] != {"good.txt"}:
            seen.append(await anext(changes))
        stop.set()
        await writing

    assert seen[0] == {"\udcff.txt"}
    assert seen[-1] == {"good.txt"}


async def _write_until(stop: asyncio.Event, name: Path, folder: Path) -> None:
    while not stop.is_set():
        (folder / name).write_bytes(b"x")
        await asyncio.sleep(0.05)
        (folder / name).unlink()


async def test_the_watch_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stop = asyncio.Event()
    stop.set()

    assert [each async for each in folder_changes(tmp_path, stop=stop, look_seconds=1)] == []


async def test_without_news_there_is_a_look(tmp_path: Path) -> None:
    stop = asyncio.Event()
    async with aclosing(folder_changes(tmp_path, stop=stop, look_seconds=0.1)) as changes:
        assert await anext(changes) == frozenset()
        stop.set()


async def test_a_folder_that_comes_back_is_watched_again(tmp_path: Path) -> None:
    folder, stop = tmp_path / "incoming", asyncio.Event()
    folder.mkdir()
    async with (
        asyncio.timeout(20),
        aclosing(folder_changes(folder, stop=stop, look_seconds=0.2)) as changes,
    ):
        assert await anext(changes) == frozenset()
        folder.rmdir()
        await anext(changes)
        folder.mkdir()
        writing = asyncio.create_task(_write_until(stop, Path("good.txt"), folder))
        while await anext(changes) != {"good.txt"}:
            pass
        stop.set()
        await writing


async def test_who_reads_what_changed_is_not_told_of_it(tmp_path: Path) -> None:
    stop = asyncio.Event()
    (tmp_path / "paper.txt").write_text("x")
    async with (
        asyncio.timeout(20),
        aclosing(folder_changes(tmp_path, stop=stop, look_seconds=0.3)) as changes,
    ):
        assert await anext(changes) == frozenset()
        await asyncio.to_thread((tmp_path / "paper.txt").read_text)
        assert await anext(changes) == frozenset()
        stop.set()
