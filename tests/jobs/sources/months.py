"""A source is polled by the hour through months, and what is said at each day's end is kept."""

from __future__ import annotations

import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from local_web import Headers, LocalWeb, Reply
from sqlmodel import select

from recommender.domain import DeliveryState, SourceState
from recommender.jobs.outgoing import health
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.sources.rhythm import Verdict
from recommender.store.tables import DeliveryRow

from .conftest import feed

OK, QUIET, LATE = SourceState.OK, SourceState.QUIET, SourceState.LATE
BROKEN, DRIFTED = SourceState.BROKEN, SourceState.DRIFTED


class Event(Enum):
    """What is not as usual on a day: what it deserves, and words that say why."""

    HOLIDAY = (QUIET, "nothing new is expected today: ")
    FAILS = (BROKEN, "HTTP 500: its server has a fault")
    AWAY = (BROKEN, "cannot be reached")
    CUT = (DRIFTED, "the last abstracts have 80 characters, usually ")
    EMPTY = (DRIFTED, "only 0 of the last")
    FEW = (DRIFTED, ", usually ")
    """Nine of ten papers are missing."""
    UNTITLED = (BROKEN, "it cannot be read: ")
    SILENT = (LATE, "nothing new since ")
    """Nothing comes, and nobody said why."""


AN_ORDINARY_DAY = (OK, " today")
NO_DAY_OF_ITS = (QUIET, "nothing new is expected ")
PUBLISHED_AT = time(5)
"""Of the day, in UTC."""


@dataclass(frozen=True)
class Span:
    """From ``first`` on it is polled; what is said from ``watched_from`` to ``last`` is looked at.

    ``publishes``: whether something new usually comes on a day.
    """

    first: date
    watched_from: date
    last: date
    events: Mapping[date, Event]
    publishes: Callable[[date], bool] = lambda day: day.weekday() < 5

    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]

    def brings(self, day: date) -> bool:
        return self.publishes(day) and self.events.get(day) not in (Event.HOLIDAY, Event.SILENT)

    def deserved(self) -> dict[date, tuple[SourceState, str]]:
        """Return what is to be said at the end of each day that is looked at."""
        deserved = {}
        stands, is_missed = AN_ORDINARY_DAY, False
        for day in self.days():
            event = self.events.get(day)
            if event in (Event.FAILS, Event.AWAY):
                deserved[day], stands = event.value, AN_ORDINARY_DAY
                is_missed = is_missed or self.brings(day)
                continue
            was_missed, is_missed = is_missed, False
            if self.publishes(day) and event is not Event.HOLIDAY:
                stands = event.value if event else AN_ORDINARY_DAY
                deserved[day] = stands
            elif was_missed:
                # What came while nobody could fetch it.
                deserved[day] = AN_ORDINARY_DAY
            elif stands is not AN_ORDINARY_DAY:
                # What was wrong is so until something better comes.
                deserved[day] = stands
            else:
                deserved[day] = event.value if event else NO_DAY_OF_ITS
        return {day: each for day, each in deserved.items() if day >= self.watched_from}


@dataclass(frozen=True)
class Told:
    """What is said at a day's end, and how many mails told the operator that day."""

    state: SourceState
    message: str
    mails: int
    health: str


async def drive(
    services: Services,
    web: LocalWeb,
    poller: Poller,
    span: Span,
    documents: Mapping[date, bytes],
) -> dict[date, Told]:
    """Poll one source by the hour, and return what is told of each day."""
    clock: Any = services.clock

    async def send(path: str, headers: Headers) -> Reply:
        del path, headers
        if span.events.get(clock.now.date()) is Event.FAILS:
            return Reply(500)
        # Until the hour at which something comes, there is what came before.
        published = (clock.now - timedelta(hours=PUBLISHED_AT.hour)).date()
        return Reply(200, {}, documents[max(day for day in documents if day <= published)])

    web.pages["/feed"] = send
    clock.now = datetime.combine(span.first, PUBLISHED_AT, clock.now.tzinfo)
    managing.add(services, web.url("/feed"), name="watched", every_minutes=360)
    said: dict[date, tuple[Verdict, str]] = {}
    while clock.now.date() <= span.last:
        await web.be_there(span.events.get(clock.now.date()) is not Event.AWAY)
        await poller.round()
        poller._tell_of_trouble()
        deliver(services)
        if clock.now.hour == 22:
            [judged] = managing.every(services)
            said[clock.now.date()] = judged.verdict, health.check(services)["status"]
        clock.now += timedelta(hours=1)
    mails = mails_to_the_operator(services)
    return {
        day: Told(verdict.state, verdict.message, mails[day], status)
        for day, (verdict, status) in said.items()
        if day >= span.watched_from
    }


def deliver(services: Services) -> None:
    """Have all mails sent: what waits for long is a failure of its own."""
    with services.database.write() as session:
        for row in session.exec(select(DeliveryRow).where(DeliveryRow.state != "sent")):
            row.state = DeliveryState.SENT


def mails_to_the_operator(services: Services) -> Counter[date]:
    """Count the mails of each day."""
    with services.database.read() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.kind == "notice")).all()
        return Counter(row.created_at.date() for row in rows)


def wrong_verdicts(span: Span, told: Mapping[date, Told]) -> list[str]:
    """Print a table of all days, and return the days of which something else is said."""
    wrong = []
    print(f"\n{'day':<10} {'event':<8} {'said':<8} mails health")  # noqa: T201, a table by -s
    for day, (state, words) in span.deserved().items():
        event, said = span.events.get(day), told[day]
        row = (
            f"{day:%a %d %b} {event.name.lower() if event else '':<8} {said.state:<8} "
            f"{said.mails:>5} {said.health:<8} {said.message}"
        )
        if said.state is not state or words not in said.message:
            row = f"{row}  (deserved: {state}, '{words}')"
            wrong.append(row)
        print(row)  # noqa: T201, a table by -s
    return wrong


def assert_that_the_operator_was_told(told: Mapping[date, Told]) -> None:
    """Check that trouble shows in the check of health, and is one mail on each of its days."""
    was_trouble = False
    for day, said in told.items():
        is_trouble = said.state in (BROKEN, DRIFTED)
        assert said.health == ("degraded" if is_trouble else "ok"), day
        # In the night behind a bad day all is as it was, so that the next one has a mail too.
        assert said.mails <= (is_trouble or was_trouble), day
        assert said.mails or not is_trouble, day
        was_trouble = is_trouble


def real_days(shared_data: Path, span: Span) -> dict[date, bytes]:
    """Return the daily papers as their server has them in this time."""
    archive = shared_data / "digests" / "huggingface-daily-2024-05-to-2025-10.tar.xz"
    served = {}
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes()), mode="r:xz") as days:
        for member in days:
            file, day = days.extractfile(member), date.fromisoformat(Path(member.name).stem)
            if file is not None and span.first <= day <= span.last and span.brings(day):
                entries = json.load(file)
                entries = entries if isinstance(entries, list) else entries["data"]
                # What is empty is a day without papers, and not another one that is served.
                if entries:
                    served[day] = _as_served(entries, span.events.get(day))
    return served


def _as_served(entries: list[Any], event: Event | None) -> bytes:
    if event is Event.FEW:
        entries = entries[: max(len(entries) // 10, 1)]
    for entry in entries:
        paper = entry["paper"]
        if event is Event.CUT:
            paper["summary"] = paper["summary"][:80]
        if event is Event.EMPTY:
            paper["summary"] = entry["summary"] = ""
        if event is Event.UNTITLED:
            paper["title"] = entry["title"] = ""
    return json.dumps(entries).encode()


def invented_feeds(span: Span, sizes: Callable[[Random], int], *, seed: int) -> dict[date, bytes]:
    """Write the feed of each day on which something comes: what is new, and nothing else."""
    random = Random(seed)  # noqa: S311, an example
    served = {}
    for day in filter(span.brings, span.days()):
        event, papers = span.events.get(day), sizes(random)
        length = 80 if event is Event.CUT else random.randint(500, 1900)
        served[day] = feed(
            [
                "" if event is Event.UNTITLED else f"Work {day:%y%m%d} number {n}"
                for n in range(max(papers // 10, 1) if event is Event.FEW else papers)
            ],
            day=day.isoformat(),
            abstract="" if event is Event.EMPTY else partial(_abstract, length=length),
        )
    return served


def _abstract(title: str, *, length: int) -> str:
    return (f"{title}, and why it is so. " * length)[:length]
