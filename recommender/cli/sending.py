"""Command line: delivers what waits, with a progress bar on a terminal, and drains on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence

from recommender.domain import DeliveryState
from recommender.jobs.issues import newsletters
from recommender.jobs.outgoing import delivering
from recommender.jobs.services import Services
from recommender.mail.outbox.delivery import DeliveryReport
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import Relay

PROGRESS_SECONDS = 0.5


def deliver_with_progress(
    services: Services,
    relays: Sequence[Relay],
    rules: DeliveryRules,
    *,
    quiet: bool,
) -> DeliveryReport:
    """Deliver what waits; SIGTERM and SIGINT finish what is under way and leave the rest queued.

    Raises
    ------
    StorageError
        If the outbox cannot be read or written.
    """
    return asyncio.run(
        _deliver(
            services,
            relays,
            rules,
            show=not quiet and sys.stderr.isatty(),
        )
    )


async def _deliver(
    services: Services,
    relays: Sequence[Relay],
    rules: DeliveryRules,
    *,
    show: bool,
) -> DeliveryReport:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with _progress(services, loop) if show else contextlib.nullcontext():
        # Who sends by hand has fixed a server that is paused, or wants to see how it fares.
        return await delivering.deliver(services, relays, rules, stop=stop, ignore_pauses=True)


@contextlib.contextmanager
def _progress(services: Services, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Show how many of the waiting messages are through."""
    from rich.console import Console
    from rich.progress import Progress

    total = _waiting(services)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("delivering", total=total or None)

        async def follow() -> None:
            while True:
                await asyncio.sleep(PROGRESS_SECONDS)
                waiting = await asyncio.to_thread(_waiting, services)
                progress.update(task, completed=total - waiting)

        following = loop.create_task(follow())
        try:
            yield
        finally:
            following.cancel()


def _waiting(services: Services) -> int:
    states = newsletters.deliveries_by_state(services)
    return states[DeliveryState.QUEUED] + states[DeliveryState.SENDING]
