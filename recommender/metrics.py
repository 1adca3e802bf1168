"""What this process counts and times while it works, for Prometheus; the daemon has one of these.

What the database tells is read from there whenever somebody asks: see `jobs.gauges`.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

OUTCOMES: Final = ("sent", "deferred", "failed", "in_doubt")

_RUN_SECONDS: Final = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900)
_LATE_SECONDS: Final = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)


class Metrics:
    """Counters and histograms of one process.

    Attributes
    ----------
    registry : CollectorRegistry
        Of all of them.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "recommender_messages",
            "Attempts at messages by what came of them.",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in OUTCOMES:
            self.messages.labels(outcome)
        self.issues = Counter(
            "recommender_issues_composed", "Issues that were composed.", registry=self.registry
        )
        self.failures = Counter(
            "recommender_work_failures",
            "Rounds of work of which a part failed.",
            registry=self.registry,
        )
        self.compose_seconds = self._seconds(
            "compose", "A run that composed issues, from reading to freezing."
        )
        self.fit_seconds = self._seconds(
            "fit", "The part of such a run that learns interests and ranks papers."
        )
        self.deliver_seconds = self._seconds("deliver", "A run that delivered messages.")
        self.late_seconds = Histogram(
            "recommender_scheduler_late_seconds",
            "How much later than planned the clock began a round of work.",
            buckets=_LATE_SECONDS,
            registry=self.registry,
        )

    def _seconds(self, what: str, words: str) -> Histogram:
        return Histogram(
            f"recommender_{what}_seconds", words, buckets=_RUN_SECONDS, registry=self.registry
        )
