"""Room mail: how fast a recipient domain is sent to: additive increase, multiplicative decrease.

Pure. A domain is without a limit until it asks for one; then half of what it was sent in the last
minute is tried, and a little more with each message that it takes, as TCP does (RFC 5681 §3.1).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from recommender.domain import DomainPace

DECREASE = 0.5
INCREASE_PER_MINUTE = 6.0
"""Messages a minute that are gained by each minute of sending at the full pace."""

SLOWEST, FASTEST_PACED = 1.0, 600.0
"""Messages a minute: never less, and past the second there is no limit any more."""

FIRST_PACE = 60.0
"""Most messages a minute after the first answer that asks us to slow down."""

PAUSE = timedelta(minutes=1)
"""Nothing is sent to a domain for so long after it asked."""


def slowed(pace: DomainPace, reply: str, *, sent_last_minute: float, now: datetime) -> DomainPace:
    """Halve the pace, and pause: a domain said that we send too fast.

    What else it says of messages that were under way when it said so changes nothing: it is one
    wish, however many connections heard it.

    Parameters
    ----------
    reply : str
        Its words.
    sent_last_minute : float
        Messages given to it in the last minute; tells where to begin where there was no limit.
    """
    if pace.slowed_at is not None and now < pace.slowed_at + PAUSE:
        return replace(pace, last_reply=reply)
    before = pace.messages_per_minute
    if before is None:
        before = min(sent_last_minute, FIRST_PACE / DECREASE)
    paused_until = now + PAUSE
    if pace.paused_until is not None:
        paused_until = max(paused_until, pace.paused_until)
    return DomainPace(max(before * DECREASE, SLOWEST), paused_until, reply, now)


def accepted(pace: DomainPace) -> DomainPace:
    """Raise the pace a little: a domain took a message."""
    if pace.messages_per_minute is None:
        return pace
    faster = pace.messages_per_minute + INCREASE_PER_MINUTE / pace.messages_per_minute
    return replace(pace, messages_per_minute=None if faster >= FASTEST_PACED else faster)


def per_minute(pace: DomainPace, *, ceiling: float) -> float | None:
    """Messages a minute that may go to a domain; None without a limit.

    Parameters
    ----------
    ceiling : float
        What the operator allows every domain; 0 for no ceiling.
    """
    limits = [limit for limit in (pace.messages_per_minute, ceiling or None) if limit is not None]
    return min(limits, default=None)
