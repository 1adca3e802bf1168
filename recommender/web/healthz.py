"""Room 6, what they click: `/healthz`, which is answered at once, whatever the pages have to do.

To look at the installation's health takes some questions to the database. They have a thread of
their own, and whoever asks meanwhile is told what was seen the last time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

STANDS_SECONDS: Final = 1.0
"""So long nobody looks again."""

WAITED_FOR_SECONDS: Final = 0.02
"""A look takes some thousandths of a second where the machine has little to do."""

REMEMBERED_SECONDS: Final = 90.0
"""Who watches over a service asks at least once a minute; what is older says nothing of now."""

PATIENCE_SECONDS: Final = 12.0
"""Longer than a try to write may take (`WriteProbe`)."""

Report = Mapping[str, Any]


class HealthDesk:
    """Knows how the installation is, and has somebody look again when it is asked.

    Parameters
    ----------
    look : callable
        Returns what there is to say, as `health.check`; may take long.
    clock : callable
        Seconds that only grow.
    waited_for_seconds, patience_seconds : float
        How long a look is waited for where another one is remembered, and where there is none.
    """

    def __init__(
        self,
        look: Callable[[], Report],
        *,
        clock: Callable[[], float] = time.monotonic,
        waited_for_seconds: float = WAITED_FOR_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._look = look
        self._clock = clock
        self._waited_for_seconds = waited_for_seconds
        self._patience_seconds = patience_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._looking: asyncio.Task[Report] | None = None
        self._begun_at = 0.0
        self._seen: Report | None = None
        self._seen_at = 0.0

    async def report(self) -> Report:
        """Return what was seen last, or just now where that takes no time."""
        now = self._clock()
        seen, age = self._seen, now - self._seen_at
        if seen is not None and age < STANDS_SECONDS:
            return seen
        if self._looking is None or self._looking.done():
            self._begun_at = now
            self._looking = asyncio.create_task(self._look_again())
        left = self._begun_at + self._patience_seconds - now
        is_remembered = seen is not None and age < REMEMBERED_SECONDS and left > 0
        patience = self._waited_for_seconds if is_remembered else left
        await asyncio.wait({self._looking}, timeout=max(patience, 0.0))
        if self._looking.done():
            return self._looking.result()
        if seen is not None and is_remembered:
            return seen
        return {
            "status": "failing",
            "reasons": [f"the database does not answer within {self._patience_seconds:.0f} s"],
            "held": [],
        }

    async def _look_again(self) -> Report:
        seen = await asyncio.get_running_loop().run_in_executor(self._thread, self._look)
        self._seen, self._seen_at = seen, self._clock()
        return seen


async def healthz(request: Request) -> Response:
    """Answer 503 with reasons where this program fails; sources in trouble are no such reason."""
    desk: HealthDesk = request.app.state.health
    report = await desk.report()
    is_failing = report["status"] == "failing"
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_failing else HTTPStatus.OK
    return JSONResponse(report, status_code=status)
