"""A month of real days, with holidays, an outage and drifts: what is said at each day's end."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from local_web import Headers, LocalWeb, Reply

from recommender.domain import SourceState
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.source_states import JudgedSource

FIRST, WATCHED_FROM, LAST = date(2024, 9, 16), date(2024, 11, 1), date(2024, 11, 30)

HOLIDAYS = {date(2024, 11, 11): "Veterans Day", date(2024, 11, 28): "Thanksgiving"}
OUTAGE = {date(2024, 11, 13), date(2024, 11, 14)}
CUT_OFF = {date(2024, 11, 19), date(2024, 11, 20)}
"""Abstracts end after a few words."""
EMPTY = {date(2024, 11, 21)}
"""Papers have no abstracts."""
FEW = {date(2024, 11, 25)}
"""All but one paper are missing."""
SILENT = {date(2024, 11, 27)}
"""Nothing comes, and nobody said why."""


def november(day: int) -> date:
    return date(2024, 11, day)


EXPECTED: dict[date, tuple[SourceState, str]] = {
    **dict.fromkeys(map(november, range(1, 31)), (SourceState.OK, "today")),
    **{
        day: (SourceState.QUIET, "nothing new is expected on S")
        for day in map(november, range(1, 31))
        if day.weekday() >= 5
    },
    november(11): (SourceState.QUIET, "nothing new is expected today: Veterans Day"),
    **dict.fromkeys(OUTAGE, (SourceState.BROKEN, "HTTP 502")),
    **dict.fromkeys(CUT_OFF, (SourceState.DRIFTED, "the last abstracts have")),
    **dict.fromkeys(EMPTY, (SourceState.DRIFTED, "only 0 of the last")),
    **dict.fromkeys(FEW, (SourceState.DRIFTED, "1 new paper on 25 November, usually")),
    november(27): (SourceState.LATE, "nothing new since Tuesday, 26 November"),
    # A holiday, but what was missing the day before is missing still.
    november(28): (SourceState.LATE, "nothing new since Tuesday, 26 November"),
}
"""What is to be said at the end of each day."""


def as_served(document: Any, day: date) -> bytes:
    """Return a real day as its server has it in this month."""
    entries = document if isinstance(document, list) else document["data"]
    entries = entries[:1] if day in FEW else entries
    for entry in entries:
        if day in CUT_OFF:
            entry["paper"]["summary"] = entry["paper"]["summary"][:80]
        if day in EMPTY:
            entry["paper"]["summary"] = ""
    return json.dumps(entries).encode()


def real_documents(shared_data: Path) -> dict[date, bytes]:
    archive = shared_data / "digests" / "huggingface-daily-2024-05-to-2025-10.tar.xz"
    served = {}
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes()), mode="r:xz") as days:
        for member in days:
            file = days.extractfile(member)
            if file is not None:
                day = date.fromisoformat(Path(member.name).stem)
                if FIRST <= day <= LAST and day not in HOLIDAYS and day not in SILENT:
                    served[day] = as_served(json.load(file), day)
    return served


async def test_each_day_of_a_month_gets_the_verdict_that_it_deserves(
    services: Services,
    web: LocalWeb,
    open_poller: Callable[..., Poller],
    judged: Callable[[], dict[str, JudgedSource]],
    shared_data: Path,
) -> None:
    clock: Any = services.clock
    documents = real_documents(shared_data)

    async def daily(path: str, headers: Headers) -> Reply:
        del path, headers
        if clock.now.date() in OUTAGE:
            return Reply(502)
        # The day's papers are chosen by five in the morning; until then yesterday's are there.
        chosen = (clock.now - timedelta(hours=5)).date()
        return Reply(200, {}, documents[max(day for day in documents if day <= chosen)])

    web.pages["/daily"] = daily
    clock.now = datetime.combine(FIRST, clock.now.timetz()).replace(hour=5)
    managing.add(services, web.url("/daily"), name="daily", every_minutes=360)
    poller = open_poller()
    told: dict[date, tuple[SourceState, str]] = {}
    while clock.now.date() <= LAST:
        await poller.round()
        if clock.now.hour >= 22 and clock.now.date() >= WATCHED_FROM:
            found = judged()["daily"].verdict
            told[clock.now.date()] = (found.state, found.message)
        clock.now += timedelta(hours=1)

    for day, (state, message) in told.items():
        wanted, words = EXPECTED[day]
        assert (day, state) == (day, wanted), message
        assert words in message, day
    assert told.keys() == EXPECTED.keys()
