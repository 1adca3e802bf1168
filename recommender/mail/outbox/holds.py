"""Room mail: what keeps newsletters, and servers, back for now, and until when.

Confirmations, answers, probes and notices always go; `pacing` keeps back what a recipient domain
does not want yet, whatever its kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recommender.domain import DeliveryKind, ServerState
from recommender.mail.message import BULK_KINDS
from recommender.mail.outbox.limits import SlidingLimit
from recommender.mail.outbox.servers import Relay
from recommender.mail.outbox.warm_up import LOOK_BACK_DAYS, daily_ceiling
from recommender.mail.outbox.windows import SendingWindow, next_open_at
from recommender.mail.transport.replies import RetryPolicy
from recommender.store import outbox, pacing
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
        Newsletters that the warm-up allows today; None without one.
    """
    bulk_until = max(
        (state.bulk_held_until or now for state in states.values()),
        default=now,
    )
    if bulk_left is not None and bulk_left <= 0:
        bulk_until = max(bulk_until, _next_midnight(now, rules.timezone))
    held = dict.fromkeys(sorted(BULK_KINDS), bulk_until)
    held[DeliveryKind.ISSUE] = max(
        bulk_until, next_open_at(rules.windows, rules.timezone, max(bulk_until, now))
    )
    return {kind: until for kind, until in held.items() if until > now}


def bulk_left(session: Session, rules: DeliveryRules, now: datetime) -> int | None:
    """Count how many newsletters the warm-up allows for the rest of the day; None without one."""
    if not rules.warm_up_first_day:
        return None
    midnight = _next_midnight(now, rules.timezone) - DAY
    kinds = sorted(BULK_KINDS)
    most = max(
        pacing.sent_between(session, kinds, midnight - days * DAY, midnight - (days - 1) * DAY)
        for days in range(1, LOOK_BACK_DAYS + 1)
    )
    ceiling = daily_ceiling(rules.warm_up_first_day, rules.warm_up_growth, most)
    assert ceiling is not None  # noqa: S101, for the type checker: there is a first day
    return ceiling - pacing.sent_between(session, kinds, midnight, midnight + DAY + HOUR)


def _next_midnight(now: datetime, timezone: str) -> datetime:
    local = now.astimezone(ZoneInfo(timezone))
    tomorrow = (local + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow.astimezone(now.tzinfo)


def hour_limits(
    session: Session, relays: Sequence[Relay], now: datetime
) -> dict[str, SlidingLimit]:
    """Count what each server was given in the last hour, by this process or another."""
    return {
        relay.name: SlidingLimit(
            relay.messages_per_hour,
            HOUR,
            pacing.attempts_since(session, relay.name, now - HOUR, most=relay.messages_per_hour)
            if relay.messages_per_hour
            else (),
        )
        for relay in relays
    }


def free_at(state: ServerState, hour: SlidingLimit, now: datetime) -> datetime:
    """Return from when on a server may be used: its pause is over, and its hour has room."""
    return max(state.paused_until or now, hour.next_at(now))


def next_delivery_at(
    database: Database, relays: Sequence[Relay], rules: DeliveryRules, *, now: datetime
) -> datetime | None:
    """Return when something may be delivered next, by all that holds it back; None: nothing waits.

    Raises
    ------
    StorageError
        If the outbox cannot be read.
    """
    with database.read() as session:
        if outbox.next_attempt_at(session) is None:
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
