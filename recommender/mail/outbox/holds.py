"""Room mail: what keeps newsletters, and servers, back for now, and until when.

Confirmations, answers, probes and notices always go; `pacing` keeps back what a recipient domain
does not want yet, whatever its kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from recommender.domain import DeliveryKind, ServerState
from recommender.mail.message import BULK_KINDS
from recommender.mail.outbox.limits import SlidingLimit
from recommender.mail.outbox.relays import Relay
from recommender.mail.outbox.warm_up import LOOK_BACK_DAYS, daily_ceiling
from recommender.mail.outbox.windows import SendingWindow, next_open_at
from recommender.mail.transport.replies import RetryPolicy
from recommender.store import outbox, pacing, sending_pause
from recommender.store.database import Database, Session

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """What the operator decides about delivering.

    Attributes
    ----------
    batch_size : int
        Messages that one connection claims and renders at a time, >= 1; with the connections it
        bounds what a kill -9 leaves in doubt, and the memory.
    lease_seconds : float
        How long claims stand where nobody can tell whether their worker lives.
    retries : RetryPolicy
    content_refusals : int
        Newsletters in a row that a server may refuse for what they say before all others wait.
    domain_per_minute : float
        Messages a minute to any one recipient domain; 0 for no ceiling.
    domain_connections : int
        Messages to any one recipient domain at the same time; 0 for no limit.
    windows : tuple of SendingWindow
        When issues may leave; none: always. The welcome, which somebody just asked for, always
        goes.
    timezone : str
        In which windows are meant and days of the warm-up begin.
    warm_up_first_day : int
        Newsletters on the first day of a new domain; 0: no warm-up.
    warm_up_growth : float
        By which a day may exceed the fullest before.
    """

    batch_size: int = 20
    lease_seconds: float = 900
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    content_refusals: int = 5
    domain_per_minute: float = 0
    domain_connections: int = 0
    windows: tuple[SendingWindow, ...] = ()
    timezone: str = "UTC"
    warm_up_first_day: int = 0
    warm_up_growth: float = 1.5


def held_kinds(
    rules: DeliveryRules,
    states: Mapping[str, ServerState],
    *,
    bulk_left: int | None,
    now: datetime,
) -> dict[DeliveryKind, datetime]:
    """Return which kinds of messages are held back now, and until when.

    Parameters
    ----------
    states : mapping
        Of all servers that are in use.
    bulk_left : int or None
        Newsletters that the warm-up still allows today, >= 0; None without one.
    """
    bulk_until = max([now, *(state.bulk_held_until or now for state in states.values())])
    if bulk_left == 0:
        bulk_until = max(bulk_until, _midnight(now, rules.timezone, days=1))
    held = dict.fromkeys(sorted(BULK_KINDS), bulk_until)
    held[DeliveryKind.ISSUE] = next_open_at(rules.windows, rules.timezone, bulk_until)
    return {kind: until for kind, until in held.items() if until > now}


def bulk_left(session: Session, rules: DeliveryRules, now: datetime) -> int | None:
    """Count how many newsletters the warm-up allows for the rest of the day; None without one."""
    if not rules.warm_up_first_day:
        return None
    kinds = sorted(BULK_KINDS)
    sent_today, *sent_before = (
        pacing.sent_between(session, kinds, begin, end)
        for begin, end in days_until(now, rules.timezone, count=1 + LOOK_BACK_DAYS)
    )
    ceiling = daily_ceiling(rules.warm_up_first_day, rules.warm_up_growth, max(sent_before))
    assert ceiling is not None  # noqa: S101, for the type checker: there is a first day
    return max(ceiling - sent_today, 0)


def days_until(now: datetime, timezone: str, *, count: int) -> list[tuple[datetime, datetime]]:
    """Return the beginning and the end of the last days, today first, by the clock on the wall.

    A day with a change of time has 23 hours, or 25.
    """
    midnights = [_midnight(now, timezone, days=days) for days in range(1, -count, -1)]
    return [(begin, end) for end, begin in pairwise(midnights)]


def _midnight(now: datetime, timezone: str, *, days: int) -> datetime:
    """Return when the day begins that is so many days after today."""
    day = now.astimezone(ZoneInfo(timezone)) + days * DAY
    return day.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def hour_limits(
    session: Session, relays: Sequence[Relay], now: datetime
) -> dict[str, SlidingLimit]:
    """Count what each server was given in the last hour, by this process or another."""
    return {
        relay.name: SlidingLimit(
            relay.server.messages_per_hour,
            HOUR,
            pacing.attempts_since(
                session, relay.name, now - HOUR, most=relay.server.messages_per_hour
            ),
        )
        for relay in relays
    }


def free_at(state: ServerState, hour: SlidingLimit, now: datetime) -> datetime:
    """Return from when on a server may be used: its pause is over, and its hour has room."""
    return max(state.paused_until or now, hour.next_at(now))


def next_delivery_at(
    database: Database, relays: Sequence[Relay], rules: DeliveryRules, *, now: datetime
) -> datetime | None:
    """Return when something may be delivered next, by all that holds it back.

    None where nothing waits, or only for the operator to resume.

    Raises
    ------
    StorageError
        If the outbox cannot be read.
    """
    with database.read() as session:
        if sending_pause.paused_at(session) or outbox.next_attempt_at(session) is None:
            return None
        states = pacing.server_states(session, [relay.name for relay in relays])
        hours = hour_limits(session, relays, now)
        held = held_kinds(rules, states, bulk_left=bulk_left(session, rules, now), now=now)
        soonest = outbox.next_attempt_at(session, held)
    if soonest is None:
        return None
    return max(
        soonest,
        min(free_at(states[relay.name], hours[relay.name], now) for relay in relays),
    )
