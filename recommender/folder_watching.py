"""What changes in a folder, by watchfiles: the one place that knows it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import watchfiles

logger = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 0.1


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
        Empty too where a name is no UTF-8, which watchfiles cannot tell. It is begun anew then;
        whatever falls into that moment is seen with the next look.
    """
    while not stop.is_set():
        changes = watchfiles.awatch(
            *folders,
            watch_filter=None,
            recursive=False,
            stop_event=stop,
            yield_on_timeout=True,
            rust_timeout=int(look_seconds * 1000),
        )
        try:
            async for changed in changes:
                yield frozenset(Path(path).name for _, path in changed)
        except* RuntimeError as errors:  # as what it raises its own for
            logger.info("watched anew: %s", errors.exceptions[0])
        if not stop.is_set():
            yield frozenset()
            # Somebody who writes such names without end is not to keep us busy.
            await asyncio.sleep(_PAUSE_SECONDS)
