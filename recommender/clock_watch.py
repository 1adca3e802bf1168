"""Whether to look for moments that cannot be: at the start, daily, and when the clock is set.

Pure: compares the clock that people and the network set with one that nobody sets.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

LOOK_EVERY_SECONDS: Final = 5.0
STEP_SECONDS: Final = 30.0
"""Smaller steps are those by which a clock is kept right."""

DAY_SECONDS: Final = 86_400.0


class ClockWatch:
    """Remembers by how much the two clocks differed, and when it last had somebody look.

    Attributes
    ----------
    step_seconds : float
        By how much the clock was set when that was last asked, forward or, below 0, back; 0 where
        it was not.
    """

    def __init__(self) -> None:
        self.step_seconds = 0.0
        self._difference: float | None = None
        self._looked_at = 0.0

    def has_to_look(self, now: datetime, seconds: float) -> bool:
        """Whether what is stored has to be looked at now; asked every few seconds.

        Parameters
        ----------
        now : datetime
            Timezone-aware.
        seconds : float
            Of a clock that only grows.
        """
        before, self._difference = self._difference, now.timestamp() - seconds
        step = 0.0 if before is None else self._difference - before
        self.step_seconds = step if abs(step) > STEP_SECONDS else 0.0
        if before is None or self.step_seconds or seconds >= self._looked_at + DAY_SECONDS:
            self._looked_at = seconds
            return True
        return False
