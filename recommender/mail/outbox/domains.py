"""Room mail: what may go to each recipient domain now, and what is kept of it for later runs.

No network and no SQL: who owns one reads and saves the paces. Not for several threads at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from recommender.domain import DomainPace
from recommender.mail.outbox import pacing
from recommender.mail.outbox.limits import TokenBucket

_MINUTE = timedelta(minutes=1)


class DomainLimits:
    """The paces of recipient domains during a run.

    Parameters
    ----------
    paces : mapping
        As they were kept.
    ceiling : float
        Messages a minute that the operator allows any domain; 0 for no ceiling.
    """

    def __init__(self, paces: Mapping[str, DomainPace], *, ceiling: float) -> None:
        self._paces = dict(paces)
        self._ceiling = ceiling
        self._buckets: dict[str, TokenBucket] = {}
        self._unsaved: set[str] = set()
        self._sent: Counter[str] = Counter()
        self._sent_before: Counter[str] = Counter()
        self._minute_begun: datetime | None = None

    def admit(self, domain: str, now: datetime) -> bool:
        """Whether one more message may go to a domain; where not, it is paused from now on."""
        pace = self._paces.get(domain, DomainPace())
        if pace.paused_until is not None and now < pace.paused_until:
            return False
        limit = pacing.per_minute(pace, ceiling=self._ceiling)
        if limit is None:
            return True
        bucket = self._buckets.get(domain)
        if bucket is None:
            bucket = self._buckets[domain] = TokenBucket(limit, now)
        bucket.per_minute = limit
        if bucket.take(now):
            return True
        self._keep(domain, replace(pace, paused_until=bucket.full_at(now)))
        return False

    def give_back(self, domain: str) -> None:
        """Undo an admission: nothing was sent for it."""
        if domain in self._buckets:
            self._buckets[domain].give_back()

    def accepted(self, domain: str, now: datetime) -> None:
        """Note that a domain took a message."""
        self._turn(now)
        self._sent[domain] += 1
        pace = self._paces.get(domain)
        if pace is not None and pace.messages_per_minute is not None:
            self._keep(domain, pacing.accepted(pace))

    def slowed(self, domain: str, reply: str, now: datetime) -> DomainPace:
        """Note that a domain asked to be sent less, and give its new pace."""
        self._turn(now)
        before = self._paces.get(domain, DomainPace())
        sent = self._sent[domain] + self._sent_before[domain]
        pace = pacing.slowed(before, reply, sent_last_minute=sent, now=now)
        self._keep(domain, pace)
        return pace

    def has_slowed(self, domain: str, now: datetime) -> bool:
        """Whether a domain asked just now to be sent less: nothing goes there for a while."""
        pace = self._paces.get(domain)
        return (
            pace is not None
            and pace.slowed_at is not None
            and pace.slowed_at <= now < pace.slowed_at + pacing.PAUSE
        )

    def learn(self, kept: Mapping[str, DomainPace]) -> None:
        """Take over what any process knows of domains that asked to be sent less.

        What was learned here since it was last saved is newer, and stays.

        Parameters
        ----------
        kept : mapping
            The paces of all domains that asked, as they are kept now.
        """
        forgotten = {name for name, pace in self._paces.items() if pace.slowed_at} - kept.keys()
        for domain in forgotten - self._unsaved:
            del self._paces[domain]
        for domain in kept.keys() - self._unsaved:
            self._paces[domain] = kept[domain]

    def unsaved(self) -> dict[str, DomainPace]:
        """Return what changed since it was last called."""
        changed = {domain: self._paces[domain] for domain in self._unsaved}
        self._unsaved = set()
        return changed

    def _keep(self, domain: str, pace: DomainPace) -> None:
        self._paces[domain] = pace
        self._unsaved.add(domain)

    def _turn(self, now: datetime) -> None:
        """Begin a new minute, and forget all domains that nothing is to be known of."""
        if self._minute_begun is None or now >= self._minute_begun + _MINUTE:
            is_next = self._minute_begun is not None and now < self._minute_begun + 2 * _MINUTE
            self._sent_before = self._sent if is_next else Counter()
            self._sent = Counter()
            self._minute_begun = now
            full = [name for name, each in self._buckets.items() if each.full_at(now) <= now]
            for domain in full:
                del self._buckets[domain]
