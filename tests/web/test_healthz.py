"""`/healthz` is answered at once, whatever the pages have to do, but not with what is long past."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.store import sources
from recommender.web.app import create_app
from recommender.web.healthz import HealthDesk
from recommender.web.page_threads import Lane, PageThreads

PATIENCE = 0.2
SOON = 5.0


class Installation:
    """An installation whose health somebody looks at, for as long as a test has them look."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0
        self.answers = threading.Event()
        self.answers.set()
        self.desk = HealthDesk(
            self.look,
            clock=lambda: self.now,
            waited_for_seconds=0.01,
            patience_seconds=PATIENCE,
        )

    def look(self) -> dict[str, object]:
        self.looks += 1
        number = self.looks
        assert self.answers.wait(SOON)
        return {"status": "ok", "reasons": [str(number)]}

    async def said(self) -> str:
        report = await self.desk.report()
        return str(report["reasons"][0])

    async def has_seen(self, number: int) -> None:
        async with asyncio.timeout(SOON):
            while await self.said() != str(number):  # noqa: ASYNC110, the desk has no event for it
                await asyncio.sleep(0.001)


@pytest.fixture
def installation() -> Iterator[Installation]:
    installation = Installation()
    yield installation
    installation.answers.set()


async def test_a_look_stands_for_a_second(installation: Installation) -> None:
    assert [await installation.said(), await installation.said()] == ["1", "1"]
    installation.now = 1.5
    await installation.has_seen(2)

    assert installation.looks == 2


async def test_what_was_seen_last_is_told_while_somebody_looks(installation: Installation) -> None:
    await installation.said()
    installation.answers.clear()
    installation.now = 1.5
    begun = time.monotonic()
    said = [await installation.said() for _ in range(3)]

    assert said == ["1"] * 3
    assert time.monotonic() - begun < PATIENCE
    assert installation.looks == 2, "one looks for all"


async def test_what_was_seen_long_ago_is_told_to_nobody(installation: Installation) -> None:
    await installation.said()
    installation.now = 1_000.0

    assert await installation.said() == "2"


async def test_a_database_that_does_not_answer_is_a_failure(installation: Installation) -> None:
    await installation.said()
    installation.answers.clear()
    installation.now = 1.5
    assert await installation.said() == "1"
    installation.now += PATIENCE
    report = await installation.desk.report()

    assert report["status"] == "failing"
    assert "does not answer" in report["reasons"][0]
    installation.answers.set()
    await installation.has_seen(2)


async def test_who_asks_first_hears_after_some_time_that_nothing_answers(
    installation: Installation,
) -> None:
    installation.answers.clear()

    assert (await installation.desk.report())["status"] == "failing"


@pytest.mark.usefixtures("reader")
async def test_health_is_told_while_all_threads_of_pages_are_blocked(services: Services) -> None:
    """And whoever asks for a page is told at once when to come again."""
    go_on = threading.Event()
    threads = PageThreads(*(Lane(2, most_waiting=1) for _ in range(4)))
    blocked = [
        asyncio.create_task(lane.run("flood", go_on.wait, SOON))
        for lane in (threads.making, threads.searching, threads.reading, threads.acting)
        for _ in range(3)
    ]
    transport = httpx.ASGITransport(create_app(services, threads))
    async with httpx.AsyncClient(transport=transport, base_url=services.site.base_url) as client:
        health = await client.get("/healthz")
        refused = [
            await client.get("/"),
            await client.get("/search?q=new"),
            await client.get("/me/token"),
            await client.post("/subscribe", data={"email": "new@example.org"}),
        ]
        go_on.set()
        assert await asyncio.gather(*blocked) == [True] * 12
        answered = await client.get("/search?q=new")

    assert (health.status_code, health.json()["status"]) == (200, "ok")
    for answer in refused:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Please try again in a few seconds." in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert answered.status_code == 200


async def test_health_is_degraded_and_still_200_where_a_source_is_broken(
    client: httpx.AsyncClient, services: Services
) -> None:
    source = managing.add(services, "https://example.org/feed", name="journal")
    with services.database.write() as session:
        sources.change(session, source.id, failures=3, last_message="HTTP 500: a fault")
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["reasons"] == ["1 source broken; `recommender sources list` says why"]


async def test_health_is_200_where_all_is_well(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "reasons": [], "held": []})


@pytest.mark.usefixtures("reader")
async def test_health_is_503_with_the_reason_where_work_is_not_done(
    client: httpx.AsyncClient, services: Services, clock: Any
) -> None:
    await client.post("/subscribe", data={"email": "waiting@example.org"})
    subscriptions.decide_requests(services)
    clock.now += timedelta(days=2)
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert "wait in the outbox" in answer.json()["reasons"][0]
