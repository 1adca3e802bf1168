"""Membership: whether an address still takes mail, from what came back. Pure.

Each bounce counts what it says against the address when it is new, and half as much after each half
life; of one day, only the strongest counts. Where the sum reaches the threshold, one more mail
asks: a probe. Only if that one comes back too, nothing more is sent: at once where nobody is there,
and where a host cannot be reached, only after weeks in which it could not. A full mailbox and a
refusal of what we send count nothing; a complaint ends the subscription at once.

Where most readers at one domain fail with the same words, that is about us, whatever the words say:
nobody there is asked or given up for `HOLD_DAYS`, and the operator is told. A company that has shut
down looks the same as long as its name is served; after the hold, the probes decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from recommender.domain import Bounce, BounceKind, Subscriber, SubscriberState
from recommender.membership.subscription import RECEIVING

HARD_WEIGHT = 1.0

BOUNCE_RATE_LIMIT = 0.02
COMPLAINT_RATE_LIMIT = 0.001
"""Shares of sent mail beyond which large providers stop taking it."""

WARN_AT = 0.5
"""The operator is told at this share of a limit."""

UNREACHABLE_DAYS = 14.0
"""How long mail must have come back from a host in trouble before its addresses are given up."""

FAILING_DAYS = 7
"""Within so many days, readers of a domain fail together."""

FEWEST_FAILING = 3
"""Fewer than these with the same words may each have left."""

HOLD_DAYS = 28
"""For so long, what most of a domain's readers get back is held against none of them."""

MOST_WORDS = 12

FEWEST_SENT = 100
"""Of fewer messages, no share tells anything."""


@dataclass(frozen=True, slots=True)
class BouncePolicy:
    """When an address is doubted.

    Attributes
    ----------
    half_life_days : float
        > 0.
    threshold : float
        Sum of the decayed weights from which a probe is sent, > 0.
    soft_weight : float
        Weight of a bounce that is not for good, in [0, 1]; of a hard one it is 1.
    probe_interval_days : float
        Least time between two probes.
    """

    half_life_days: float = 14.0
    threshold: float = 2.5
    soft_weight: float = 0.25
    probe_interval_days: float = 7.0


class Consequence(StrEnum):
    """What a bounce brings about."""

    NOTHING = "nothing"
    PROBE = "probe"
    SUSPEND = "suspend"
    UNSUBSCRIBE = "unsubscribe"
    HOLD = "hold"
    """It would be asked or given up, but its whole domain fails: that is about us."""


def bounce_weight(kind: BounceKind, *, says_of_address: bool, policy: BouncePolicy) -> float:
    """How much a bounce says against an address when it is new.

    Parameters
    ----------
    says_of_address : bool
        False for a full mailbox, and where who sends or what was refused.
    """
    if not says_of_address or kind is BounceKind.COMPLAINT:
        return 0.0
    return HARD_WEIGHT if kind is BounceKind.HARD else policy.soft_weight


def bounce_score(bounces: Iterable[Bounce], *, now: datetime, half_life_days: float) -> float:
    """Sum of the weights, ``weight * 0.5 ** (age / half_life)``, the strongest of each day.

    Returns
    -------
    float
        >= 0; 0.0 where there are no bounces.
    """
    strongest: dict[date, float] = {}
    for bounce in bounces:
        age_days = max((now - bounce.received_at) / timedelta(days=1), 0.0)
        decayed = bounce.weight * 0.5 ** (age_days / half_life_days)
        day = bounce.received_at.date()
        strongest[day] = max(strongest.get(day, 0.0), decayed)
    return sum(strongest.values())


def decide_consequence(
    subscriber: Subscriber,
    newest: Bounce,
    bounces: Iterable[Bounce],
    *,
    of_probe: bool,
    last_probe_at: datetime | None,
    now: datetime,
    policy: BouncePolicy,
) -> Consequence:
    """Decide what a bounce brings about.

    Parameters
    ----------
    newest : Bounce
        The one that just came.
    bounces : iterable of Bounce
        All of theirs, the newest included. Those from before their last confirmation do not count:
        it has shown that mail arrives.
    of_probe : bool
        The newest is of a probe.
    last_probe_at : datetime or None
        When the last probe was queued.
    """
    if newest.kind is BounceKind.COMPLAINT:
        has_left = subscriber.state is SubscriberState.UNSUBSCRIBED
        return Consequence.NOTHING if has_left else Consequence.UNSUBSCRIBE
    if subscriber.state not in RECEIVING or newest.weight == 0:
        return Consequence.NOTHING
    confirmed_at = subscriber.confirmed_at
    counted = [
        bounce for bounce in bounces if confirmed_at is None or bounce.received_at >= confirmed_at
    ]
    if of_probe:
        is_of_now = confirmed_at is None or (last_probe_at or now) >= confirmed_at
        is_for_good = newest.kind is BounceKind.HARD or _is_given_up(counted, now)
        return Consequence.SUSPEND if is_for_good and is_of_now else Consequence.NOTHING
    score = bounce_score(counted, now=now, half_life_days=policy.half_life_days)
    interval = timedelta(days=policy.probe_interval_days)
    may_probe = last_probe_at is None or now - last_probe_at >= interval
    return Consequence.PROBE if score >= policy.threshold and may_probe else Consequence.NOTHING


def _is_given_up(counted: Iterable[Bounce], now: datetime) -> bool:
    """Return whether mail has come back for weeks, by what weighs."""
    oldest = min((each.received_at for each in counted if each.weight > 0), default=now)
    return now - oldest >= timedelta(days=UNREACHABLE_DAYS)


@dataclass(frozen=True, slots=True)
class DomainFailures:
    """How readers at one recipient domain fared within `FAILING_DAYS`, by one wording.

    Attributes
    ----------
    failing : int
        Readers whose mail came back with these words.
    failing_before : int
        The same, `HOLD_DAYS` earlier.
    taking : int
        Readers whose mail was taken, and of whom nothing came back; counted up to ``failing``.
    """

    failing: int
    failing_before: int
    taking: int

    @property
    def is_about_us(self) -> bool:
        """Whether a domain refuses us, and not each reader has left.

        Single dead addresses at a large domain all say the same, too: but most of its readers
        take their mail in the same days.
        """
        return self.failing >= FEWEST_FAILING and self.failing > self.taking

    @property
    def is_held(self) -> bool:
        """Whether it is about us, and was not already `HOLD_DAYS` ago."""
        return self.is_about_us and 2 * self.failing_before < self.failing


def held_back(consequence: Consequence, failures: DomainFailures) -> Consequence:
    """Return what a bounce brings about where the whole domain may be failing."""
    would_doubt = consequence in (Consequence.PROBE, Consequence.SUSPEND)
    return Consequence.HOLD if would_doubt and failures.is_held else consequence


def wording_of(diagnostic: str, *, recipient: str) -> str:
    """Return the words of a server without what differs by reader and message.

    Addresses, hosts, numbers and the reader's own name are left out.
    """
    local = recipient.rpartition("@")[0].lower()
    words = (each.strip(".,;:!?()[]<>{}'\"-=#*") for each in diagnostic.lower().split())
    kept = [each for each in words if each.replace("-", "").isalpha() and each != local]
    return " ".join(kept[:MOST_WORDS])


@dataclass(frozen=True, slots=True)
class DomainRates:
    """How mail to one recipient domain fared.

    Attributes
    ----------
    sent, hard_bounces, complaints : int
        Messages that a server took, and what came back of them, or was refused for good.
    """

    domain: str
    sent: int
    hard_bounces: int
    complaints: int

    @property
    def bounce_rate(self) -> float:
        """Hard bounces by messages, in [0, 1]: refused ones were messages too."""
        return self.hard_bounces / max(self.sent, self.hard_bounces, 1)

    @property
    def complaint_rate(self) -> float:
        """Complaints by messages, in [0, 1]."""
        return self.complaints / max(self.sent, self.complaints, 1)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know before a provider acts on it; in words with the limit."""
        if max(self.sent, self.hard_bounces) < FEWEST_SENT:
            return ()
        found = []
        if self.complaint_rate >= COMPLAINT_RATE_LIMIT * WARN_AT:
            found.append(
                f"{self.domain}: complaints of {self.complaint_rate:.2%}, providers allow "
                f"{COMPLAINT_RATE_LIMIT:.1%}"
            )
        if self.bounce_rate >= BOUNCE_RATE_LIMIT * WARN_AT and self.hard_bounces > 1:
            found.append(
                f"{self.domain}: bounces of {self.bounce_rate:.2%}, providers allow "
                f"{BOUNCE_RATE_LIMIT:.0%}"
            )
        return tuple(found)
