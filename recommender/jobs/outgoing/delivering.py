"""Jobs: delivers what waits, with the messages that the other rooms' rows make."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from recommender.jobs.outgoing import notices
from recommender.jobs.outgoing.building_pool import BuildingPool
from recommender.jobs.outgoing.building_process import GARBAGE_THRESHOLD
from recommender.jobs.outgoing.health import paused_words
from recommender.jobs.services import Services
from recommender.mail.outbox import holds, takeover
from recommender.mail.outbox.delivery import DeliveryReport, deliver_due
from recommender.mail.outbox.holds import DeliveryRules
from recommender.mail.outbox.relays import Relay
from recommender.store import outbox
from recommender.store.several import NamedLock
from recommender.wording import counted

TROUBLES_OF_AN_HOUR: Final = 8
"""Pauses of 30 s that double, up to half an hour: at so many, a server was away for an hour."""


async def deliver(
    services: Services,
    relays: Sequence[Relay],
    rules: DeliveryRules,
    *,
    stop: asyncio.Event | None = None,
    ignore_pauses: bool = False,
) -> DeliveryReport:
    """Deliver what waits. Parameters and errors are those of `mail.outbox.delivery.deliver_due`.

    Where a server, every domain or the warm-up is limited, one process of all delivers: each counts
    what it sends itself, and what is limited is no faster with two. On SQLite several processes
    may, as ever.
    """
    turn = NamedLock(services.database, "limited delivery")
    if _is_limited(relays, rules) and not await asyncio.to_thread(turn.hold):
        return DeliveryReport()
    try:
        return await _deliver_in_turn(
            services, relays, rules, stop=stop, ignore_pauses=ignore_pauses
        )
    finally:
        turn.release()


def _is_limited(relays: Sequence[Relay], rules: DeliveryRules) -> bool:
    """Return whether every domain, a server or the warm-up takes only so much in a time."""
    return bool(
        rules.domain_per_minute or rules.domain_connections or rules.warm_up_first_day
    ) or any(relay.server.messages_per_hour or relay.server.messages_per_second for relay in relays)


async def _deliver_in_turn(
    services: Services,
    relays: Sequence[Relay],
    rules: DeliveryRules,
    *,
    stop: asyncio.Event | None,
    ignore_pauses: bool,
) -> DeliveryReport:
    pool = BuildingPool(services, expected=await asyncio.to_thread(_count_due, services))
    try:
        with _little_garbage():
            report = await deliver_due(
                services.database,
                relays,
                pool,
                rules=rules,
                stop=stop,
                ignore_pauses=ignore_pauses,
                clock=services.clock,
            )
    finally:
        await pool.close()
    await asyncio.to_thread(tell_operator, services, report)
    return report


def _count_due(services: Services) -> int:
    with services.database.read() as session:
        return outbox.count_due(session, now=services.clock())


@contextlib.contextmanager
def _little_garbage() -> Iterator[None]:
    """Look for garbage more rarely: each look goes through all that the process holds."""
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE_THRESHOLD, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def tell_operator(services: Services, report: DeliveryReport) -> None:
    """Notify the operator of what a run met that needs a human; each trouble once a day.

    Servers that are away for a moment are nobody's business: only after an hour of pauses, which
    is so many troubles in a row, and only where no other server is left.

    Raises
    ------
    StorageError
        If a notice cannot be queued. It stands in the log then.
    """
    today = f"{services.clock():%Y-%m-%d}"
    if report.content_trouble is not None:
        notices.notify_operator(
            services,
            key=f"content-refused:{today}",
            subject="Newsletters are refused for what they say, and wait",
            lines=[report.content_trouble],
        )
    if report.server_trouble is not None and report.troubles >= TROUBLES_OF_AN_HOUR:
        notices.notify_operator(
            services,
            key=f"servers-down:{today}",
            subject="No server takes our messages",
            lines=[report.server_trouble],
        )


def is_anything_abandoned(services: Services) -> bool:
    """Return whether a worker died that had claimed messages, here or on another machine."""
    return takeover.is_needed(services.database, now=services.clock())


def next_delivery_at(
    services: Services, relays: Sequence[Relay], rules: DeliveryRules
) -> datetime | None:
    """Return when something may be delivered next; None: nothing waits."""
    return holds.next_delivery_at(services.database, relays, rules, now=services.clock())


def summary(report: DeliveryReport) -> str:
    """Return in a line what a run came to."""
    said = [
        f"{counted(report.sent, 'message')} sent",
        f"{report.deferred} deferred",
        f"{report.failed} refused",
    ]
    in_doubt = report.in_doubt + report.in_doubt_reclaimed
    if in_doubt:
        said.append(f"{in_doubt} in doubt")
    if report.held_back:
        until = "" if report.resume_at is None else f" until {report.resume_at:%Y-%m-%d %H:%M} UTC"
        said.append(f"{report.held_back} held back{until}")
    if report.paused_at is not None:
        said.append(paused_words(report.paused_at))
    return ", ".join(said)


def figures(report: DeliveryReport) -> dict[str, int]:
    """Return what a run came to, by what became of messages."""
    return {
        "sent": report.sent,
        "deferred": report.deferred,
        "failed": report.failed,
        "in_doubt": report.in_doubt + report.in_doubt_reclaimed,
        "held_back": report.held_back,
    }


def is_any(report: DeliveryReport) -> bool:
    """Whether there was any message that was to go."""
    return any(figures(report).values())


def expedite(services: Services) -> None:
    """Make every deferred message due now."""
    with services.database.write() as session:
        outbox.expedite(session, now=services.clock())
