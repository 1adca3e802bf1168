"""Jobs: the work of the night: derived data made anew, and what is not to be kept forgotten.

`recommender nightly` does it, for the daemon too, which starts a process for it.
Each step stands alone: one that fails is told, and the others are done. A night begins at the
installation's hour, and one that was missed is made up when somebody next looks.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from recommender.atomic_file import atomic_write
from recommender.errors import RecommenderError
from recommender.jobs import forgetting
from recommender.jobs.issues import corpus
from recommender.jobs.people import library_sync
from recommender.jobs.quality import subscriber_quality, tuning
from recommender.jobs.services import Services
from recommender.newsletter.schedule import next_issue_at
from recommender.store import tidying
from recommender.wording import counted

logger = logging.getLogger(__name__)

FILE_NAME: Final = "nightly.json"

Proceed = Callable[[], None]
"""Is called again and again while a step works; raises `NightEndedError` when it is to end."""

Step = Callable[[Services, Proceed], str]
"""Does a part of the night's work and says in words what came of it."""


class NightEndedError(RecommenderError):
    """The night's work was told to end."""


def refit(services: Services, proceed: Proceed) -> str:
    """Learn the words of the papers that came since the last night."""
    index = corpus.refit_index(services, proceed=proceed)
    corpus.require_kept_index(services)
    return f"{counted(len(index.papers), 'paper')}, {counted(index.space.n_terms_, 'term')}"


def tidy(services: Services, proceed: Proceed) -> str:
    """Have the database give back what it needs no more."""
    return tidying.tidy(services.database, proceed)


STEPS: Final[Mapping[str, Step]] = {
    "index": refit,
    "tune": tuning.tune,
    "quality": subscriber_quality.measure,
    "forget": forgetting.forget,
    "tidy": tidy,
    "libraries": library_sync.sync_all,
}
"""In the order in which they are done."""

STEPS_BESIDE_DAEMON: Final = {
    name: step for name, step in STEPS.items() if step is not library_sync.sync_all
}
"""The daemon reads libraries itself: two processes would ask arXiv more often than one may."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """What came of one step.

    Attributes
    ----------
    result : str
        What it did, or why it failed.
    """

    name: str
    seconds: float
    is_done: bool
    result: str

    def __str__(self) -> str:
        """Return all of it in one line."""
        outcome = self.result if self.is_done else f"failed: {self.result}"
        return f"{self.name}: {outcome} ({self.seconds:.1f} s)"


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """What came of a night.

    Attributes
    ----------
    began_at : datetime
    steps : tuple of StepReport
        Those that were begun.
    is_ended_early : bool
        It was told to end before all was done.
    """

    began_at: datetime
    steps: tuple[StepReport, ...]
    is_ended_early: bool = False

    @property
    def is_done(self) -> bool:
        """Whether every step went well."""
        return not self.is_ended_early and all(step.is_done for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return {
            "began_at": self.began_at.isoformat(),
            "ended_early": self.is_ended_early,
            "steps": [
                {
                    "name": step.name,
                    "done": step.is_done,
                    "result": step.result,
                    "seconds": round(step.seconds, 3),
                }
                for step in self.steps
            ],
        }


def run_nightly(
    services: Services,
    *,
    is_to_end: Callable[[], bool] = lambda: False,
    steps: Mapping[str, Step] = STEPS,
) -> NightlyReport:
    """Do the work of the night now.

    Parameters
    ----------
    is_to_end : callable
        Is asked while the steps work. Once it says yes, the step under way is given up, no other
        one is begun, and the night counts as missed.
    steps : mapping of str to Step
        What is done, by name and in order.
    """
    began_at = services.clock()
    before = last_night_at(services)
    # Before the work: a night that kills the daemon must not be made up at each of its starts.
    _record(services, began_at)

    def proceed() -> None:
        if is_to_end():
            raise NightEndedError("the work of the night was told to end")

    reports: list[StepReport] = []
    try:
        for name, step in steps.items():
            proceed()
            reports.append(_done(name, step, services, proceed))
    except NightEndedError as error:
        logger.info("%s; it is made up later", error)
        _record(services, before)
        return NightlyReport(began_at, tuple(reports), is_ended_early=True)
    return NightlyReport(began_at, tuple(reports))


def next_night_at(services: Services) -> datetime:
    """Return when the next night's work is due; a moment that is past is that of a missed night."""
    before = last_night_at(services)
    return services.clock() if before is None else night_after(services, before)


def night_after(services: Services, moment: datetime) -> datetime:
    """Return the first instant after a moment, or after now, at which a night begins."""
    after = min(moment, services.clock())
    return next_issue_at(services.nights, after=after, last_issue_date=None)


def last_night_at(services: Services) -> datetime | None:
    """Return when the last night's work began; None where nothing says so."""
    path = _file_of(services)
    if path is None:
        return None
    try:
        return datetime.fromisoformat(json.loads(path.read_bytes())["last_night_at"]).astimezone(
            UTC
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, OverflowError) as error:
        logger.warning("%s: %s; the work of the night is done anew", path, error)
        return None


def _done(name: str, step: Step, services: Services, proceed: Proceed) -> StepReport:
    """Do one step, and tell what came of it."""
    begun = time.monotonic()
    is_done = False
    try:
        result = step(services, proceed)
        is_done = True
    except NightEndedError:
        raise
    except RecommenderError as error:
        result = str(error)
    except Exception as error:
        logger.exception("unexpected error in the work of the night")
        result = f"{type(error).__name__}: {error}"
    report = StepReport(name, time.monotonic() - begun, is_done, result)
    logger.log(logging.INFO if is_done else logging.ERROR, "night: %s", report)
    return report


def _record(services: Services, last_night_at: datetime | None) -> None:
    """Write down when the last night's work began."""
    path = _file_of(services)
    if path is None:
        return
    try:
        if last_night_at is None:
            path.unlink(missing_ok=True)
        else:
            atomic_write(path, json.dumps({"last_night_at": last_night_at.isoformat()}).encode())
    except OSError as error:
        logger.warning("%s: %s; the next start does the night again", path, error.strerror)


def _file_of(services: Services) -> Path | None:
    return None if services.index_folder is None else services.index_folder / FILE_NAME
