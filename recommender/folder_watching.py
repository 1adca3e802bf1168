"""What changes in a folder, by inotify: the one place that knows it, through asyncinotify.

The kernel wakes us, so that a watch of a folder in which nothing happens costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from asyncinotify import Event, Inotify, Mask

logger = logging.getLogger(__name__)

_CHANGES: Final = (
    Mask.CREATE
    | Mask.MODIFY
    | Mask.ATTRIB
    | Mask.CLOSE_WRITE
    | Mask.MOVE
    | Mask.DELETE
    | Mask.DELETE_SELF
    | Mask.MOVE_SELF
)
"""Not that something was read: whoever is told of a change reads, and would be told of that."""

_FOLDER_IS_GONE: Final = Mask.DELETE_SELF | Mask.MOVE_SELF | Mask.IGNORED | Mask.UNMOUNT
_MORE_SECONDS: Final = 0.1
"""So long after the first change, further ones are told with it."""
_MOST_TOGETHER: Final = 10_000
"""Whoever writes names without end keeps nobody from being told of them."""


async def folder_changes(
    *folders: Path, stop: asyncio.Event, look_seconds: float
) -> AsyncIterator[frozenset[str]]:
    """Yield the names of what changed in folders, until ``stop`` is set.

    Parameters
    ----------
    *folders : Path
        Not what is in folders below them.
    stop : asyncio.Event
    look_seconds : float
        Without news for so long, there is an empty set: not every file system tells of changes.

    Yields
    ------
    frozenset of str
        Empty too where a folder is gone, or could not be watched: it is tried again with each look.
    """
    while not stop.is_set():
        with Inotify(sync_timeout=0) as inotify:
            try:
                for folder in folders:
                    inotify.add_watch(folder, _CHANGES)
            except OSError as error:
                logger.info("%s is looked at every %.0f s: %s", error.filename, look_seconds, error)
                await _sleep(look_seconds, stop)
                yield frozenset()
                continue
            async for events in _rounds(inotify, stop, look_seconds):
                yield frozenset(str(event.name) for event in events if event.name is not None)
                if any(event.mask & _FOLDER_IS_GONE for event in events):
                    break


async def _rounds(
    inotify: Inotify, stop: asyncio.Event, look_seconds: float
) -> AsyncIterator[list[Event]]:
    """Yield what happened, as it happens, and nothing after `look_seconds` without news."""
    while not stop.is_set():
        first = asyncio.ensure_future(inotify.get())
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait(
                {first, stopping}, timeout=look_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if stop.is_set():
                return
            if not first.done():
                yield []
                continue
            events = [first.result()]
        finally:
            first.cancel()
            stopping.cancel()
            await asyncio.gather(first, stopping, return_exceptions=True)
        await _sleep(_MORE_SECONDS, stop)
        while len(events) < _MOST_TOGETHER and (event := inotify.sync_get()) is not None:
            events.append(event)
        yield events


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
