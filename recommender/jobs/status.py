"""Jobs: what an operator wants to know at a glance, read together; changes nothing.

With 20,000 readers it takes about two seconds, most of it for what was sent in a fortnight:
whoever shows it keeps it for a while.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from recommender.domain import DeliveryState
from recommender.jobs.incoming import bouncing
from recommender.jobs.outgoing import health, outbox
from recommender.jobs.services import Services
from recommender.membership.bouncing import (
    BOUNCE_RATE_LIMIT,
    COMPLAINT_RATE_LIMIT,
    FEWEST_SENT,
    DomainRates,
)
from recommender.papers.sources.source_states import JudgedSource, judge_all
from recommender.recent_log import RecentLine
from recommender.store import activity, counts, qualities
from recommender.store.activity import Day
from recommender.store.holds import Holds
from recommender.wording import counted

DAYS: Final = 14
DOMAINS_SHOWN: Final = 12
LINES_SHOWN: Final = 20

_NORMAL_95: Final = 1.96
"""So many standard errors to either side hold a mean with 95 %."""


@dataclass(frozen=True, slots=True)
class DomainMail:
    """How mail to one recipient domain fares.

    Attributes
    ----------
    rates : DomainRates
        Of the last `bouncing.RATE_DAYS` days.
    waiting, failed : int
        Messages in the outbox now.
    """

    rates: DomainRates
    waiting: int = 0
    failed: int = 0

    @property
    def share_of_limit(self) -> float | None:
        """How near bounces or complaints come to what providers allow; None: too few were sent."""
        if self.rates.sent < FEWEST_SENT:
            return None
        return max(
            self.rates.bounce_rate / BOUNCE_RATE_LIMIT,
            self.rates.complaint_rate / COMPLAINT_RATE_LIMIT,
        )


@dataclass(frozen=True, slots=True)
class RankingQuality:
    """How well the papers of issues were ranked, as measured in one night.

    Attributes
    ----------
    ndcg : float
        Mean NDCG at 10 of the subscribers who were measured.
    low, high : float
        The interval that holds the mean with 95 %, within [0, 1].
    """

    measured_on: date
    subscribers: int
    ndcg: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Status:
    """All of it, as it is at ``at``.

    Attributes
    ----------
    health : str
        ``ok``, ``degraded`` or ``failing``; see `health.check`.
    steps : tuple of str
        What is wrong, and what to do about it.
    queue : dict of str to int
        Messages that are not sent, by state.
    days : tuple of Day
        The last `DAYS`, in UTC, the oldest first.
    domains : tuple of DomainMail
        At most `DOMAINS_SHOWN`, those with most trouble first.
    more_domains : int
        How many others there are.
    lines : tuple of RecentLine
        What this process warned of last.
    """

    at: datetime
    health: str
    steps: tuple[str, ...]
    holds: Holds
    queue: dict[str, int]
    days: tuple[Day, ...]
    domains: tuple[DomainMail, ...]
    more_domains: int
    sources: tuple[JudgedSource, ...]
    subscribers: dict[str, int]
    qualities: tuple[RankingQuality, ...]
    lines: tuple[RecentLine, ...]


def read_status(services: Services) -> Status:
    """Read all of it.

    Raises
    ------
    StorageError
        If the database cannot be read.
    """
    now = services.clock()
    checked = health.check(services)
    waiting = outbox.summarise(services, outbox.select())
    domains = _domains(bouncing.rates(services), waiting.domains)
    with services.database.read() as session:
        days = activity.days(session, now.date(), count=DAYS)
        sources = judge_all(session, now=now)
        people = counts.subscribers_by_state(session)
        nights = [_quality(each) for each in qualities.means(session, DAYS)]
    queue = {
        state.value: sum(numbers.get(state, 0) for numbers in waiting.domains.values())
        for state in outbox.UNSENT
    }
    steps = [
        *checked["reasons"],
        *health.hold_reasons(waiting.holds),
        *_failed(queue[DeliveryState.FAILED]),
        *(f"{line}; see what came back below" for each in domains for line in each.rates.warnings),
    ]
    return Status(
        at=now,
        health=checked["status"],
        steps=tuple(dict.fromkeys(steps)),
        holds=waiting.holds,
        queue=queue,
        days=tuple(days),
        domains=tuple(domains[:DOMAINS_SHOWN]),
        more_domains=max(len(domains) - DOMAINS_SHOWN, 0),
        sources=tuple(sources),
        subscribers=people,
        qualities=tuple(reversed(nights)),
        lines=tuple(services.recent_lines.newest(LINES_SHOWN)),
    )


def _failed(number: int) -> Iterator[str]:
    if number:
        yield (
            f"{counted(number, 'message')} failed; `recommender outbox list --state failed` says "
            "why, and “Try again” queues what can be"
        )


def _domains(rates: list[DomainRates], unsent: dict[str, dict[str, int]]) -> list[DomainMail]:
    of_domain = {each.domain: each for each in rates}
    found = []
    for domain in {*of_domain, *unsent}:
        numbers = unsent.get(domain, {})
        failed = numbers.get(DeliveryState.FAILED, 0)
        found.append(
            DomainMail(
                of_domain.get(domain) or DomainRates(domain, 0, 0, 0),
                waiting=sum(numbers.values()) - failed,
                failed=failed,
            )
        )
    return sorted(
        found,
        key=lambda each: (
            -(each.share_of_limit or 0),
            -each.failed,
            -each.rates.sent,
            each.rates.domain,
        ),
    )


def _quality(mean: qualities.MeanQuality) -> RankingQuality:
    return RankingQuality(
        mean.measured_on,
        mean.subscribers,
        mean.ndcg_at_10,
        *interval_of_mean(mean.ndcg_at_10, mean.ndcg_variance, mean.subscribers),
    )


def interval_of_mean(mean: float, variance: float, count: int) -> tuple[float, float]:
    """Return the interval that holds a mean of values in [0, 1] with 95 %, by the normal law.

    Parameters
    ----------
    mean, variance : float
        Of the values; the variance divides by their number.
    count : int
        How many there are, >= 1. Of a single one nothing is known: [0, 1].
    """
    if count <= 1:
        return 0.0, 1.0
    error = _NORMAL_95 * math.sqrt(max(variance, 0.0) / (count - 1))
    return max(mean - error, 0.0), min(mean + error, 1.0)
