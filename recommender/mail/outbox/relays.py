"""Room mail: which server messages go to, and when one is paused. Pure, but for `Relay`.

Servers are taken by priority, the lowest number first; equal ones share the work. One in trouble is
paused and the others take over, and no message is blamed.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recommender.domain import ServerState
from recommender.mail.transport.replies import server_pause
from recommender.mail.transport.smtp_server import SmtpServer
from recommender.mail.transport.transports import Connection, connect

FIRST_BULK_HOLD, LONGEST_BULK_HOLD = timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Relay:
    """A server that takes our messages, and how it is connected to.

    Attributes
    ----------
    server : SmtpServer
        With its priority and its limits.
    connect : callable
        Makes a connection that is not open yet.
    """

    server: SmtpServer
    connect: Callable[[], Connection]

    @property
    def name(self) -> str:
        """How the outbox's history names it: ``host:port``."""
        return self.server.address


def relay_to(server: SmtpServer) -> Relay:
    """Return the relay that hands messages to a server."""
    return Relay(server, functools.partial(connect, server))


def is_paused(state: ServerState, now: datetime) -> bool:
    """Whether a server is paused."""
    return state.paused_until is not None and now < state.paused_until


def is_bulk_held(state: ServerState, now: datetime) -> bool:
    """Whether newsletters wait because this server refused some for what they say."""
    return state.bulk_held_until is not None and now < state.bulk_held_until


def in_charge(
    relays: Sequence[Relay], free_at: Mapping[str, datetime], now: datetime
) -> list[Relay]:
    """Return the servers that messages go to now: of those that are free, all of the best priority.

    Parameters
    ----------
    free_at : mapping
        From when on each may be used, by its name.
    """
    free = [relay for relay in relays if free_at[relay.name] <= now]
    best = min((relay.server.priority for relay in free), default=None)
    return [relay for relay in free if relay.server.priority == best]


def after_trouble(
    state: ServerState, trouble: str, *, now: datetime, rng: random.Random
) -> ServerState:
    """Pause a server, longer each time in a row."""
    troubles = state.troubles + 1
    return replace(
        state,
        troubles=troubles,
        paused_until=now + server_pause(troubles, rng=rng),
        last_trouble=trouble,
    )


def after_answer(state: ServerState) -> ServerState:
    """Forget what was wrong: the server answers."""
    if not state.troubles and state.paused_until is None:
        return state
    return replace(state, troubles=0, paused_until=None)


def after_content_refusal(
    state: ServerState, words: str, *, most: int, now: datetime
) -> ServerState:
    """Count a newsletter that was refused for what it says, and hold all others after ``most``.

    After a hold a single refusal is enough for the next, twice as long. What the server said is
    the hold's cause, and no longer what was wrong with it before.
    """
    refusals = state.bulk_refusals + 1
    if refusals < most:
        return replace(state, bulk_refusals=refusals)
    hold = min(FIRST_BULK_HOLD * 2 ** min(refusals - most, 10), LONGEST_BULK_HOLD)
    # Others were under way when the hold began: they are one refusal with it.
    if state.bulk_held_until is not None and now < state.bulk_held_until:
        return state
    return replace(state, bulk_refusals=refusals, bulk_held_until=now + hold, last_trouble=words)


def after_bulk_acceptance(state: ServerState) -> ServerState:
    """Forget the refusals: a newsletter was taken."""
    if not state.bulk_refusals and state.bulk_held_until is None:
        return state
    return replace(state, bulk_refusals=0, bulk_held_until=None)
