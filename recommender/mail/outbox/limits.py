"""Room mail: counting against limits: so many at once, so many in a span. No clock, no network."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

BURST_SECONDS = 10.0
"""What a pace allows in so long may go at once: nobody is woken for each single message."""

_ROUNDING = timedelta.resolution / timedelta(minutes=1)


class TokenBucket:
    """A pace: so many a minute, with a burst of what `BURST_SECONDS` allow, one at least.

    Parameters
    ----------
    per_minute : float
        > 0.
    now : datetime
        It is full at the beginning.
    """

    def __init__(self, per_minute: float, now: datetime) -> None:
        self.per_minute = per_minute
        self._tokens = self.burst
        self._at = now

    @property
    def burst(self) -> float:
        """Most that may go at once, >= 1."""
        return max(1.0, self.per_minute * BURST_SECONDS / 60)

    def take(self, now: datetime) -> bool:
        """Take one, where there is one."""
        self._fill(now)
        # Moments are rounded: one that `full_at` named must not come too early.
        if self._tokens < 1 - self.per_minute * _ROUNDING:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Undo a take: nothing was sent for it."""
        self._tokens = min(self.burst, self._tokens + 1)

    def full_at(self, now: datetime) -> datetime:
        """Return when a whole burst may go again."""
        self._fill(now)
        return now + timedelta(minutes=(self.burst - self._tokens) / self.per_minute)

    def _fill(self, now: datetime) -> None:
        # A clock that is set back gives nothing, and takes nothing.
        minutes = max((now - self._at) / timedelta(minutes=1), 0.0)
        self._tokens = min(self.burst, self._tokens + minutes * self.per_minute)
        self._at = max(now, self._at)


class SlidingLimit:
    """At most so many within any span.

    Parameters
    ----------
    most : int
        0: without a limit.
    span : timedelta
    taken_at : iterable of datetime
        What counts already, in any order; of more than ``most``, the newest count.
    """

    def __init__(self, most: int, span: timedelta, taken_at: Iterable[datetime] = ()) -> None:
        self.most = most
        self.span = span
        self._taken_at = deque(sorted(taken_at), maxlen=most)

    def room(self, now: datetime) -> int | None:
        """How many may go now; None without a limit."""
        if not self.most:
            return None
        while self._taken_at and self._taken_at[0] <= now - self.span:
            self._taken_at.popleft()
        return self.most - len(self._taken_at)

    def take(self, count: int, now: datetime) -> None:
        """Count some that go now."""
        self._taken_at.extend([now] * count)

    def give_back(self, count: int) -> None:
        """Undo takes: nothing was sent for them."""
        for _ in range(min(count, len(self._taken_at))):
            self._taken_at.pop()

    def next_at(self, now: datetime) -> datetime:
        """Return when the next one may go."""
        return self._taken_at[0] + self.span if self.room(now) == 0 else now
