"""Large runs are composed in other processes, which say the same and are gone afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence

import pytest

from recommender.domain import Delivery, Subscriber
from recommender.jobs import messages
from recommender.jobs.composing_pool import ComposingPool
from recommender.jobs.services import Services
from recommender.mail.composing import composed
from recommender.store import claims


@pytest.fixture
def deliveries(
    services: Services,
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., object],
    compose_now: Callable[..., object],
) -> list[Delivery]:
    for name in ("ann", "ben", "eve"):
        subscribe(name)
    ingest(["Sparse graphs", "Dense graphs"])
    compose_now()
    with services.database.write() as session:
        return claims.claim_due(
            session, worker="w", now=services.clock(), lease_seconds=900, limit=9
        )


async def until_up(pool: ComposingPool, batch: Sequence[Delivery], count: int) -> None:
    while pool._up < count:
        await pool(batch)


async def test_processes_compose_the_same_bytes_and_end_with_the_run(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = ComposingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    batches = await asyncio.gather(*(pool(deliveries) for _ in range(4)))
    await pool.close()

    assert [composed(messages.composer(services), deliveries)] * 4 == batches
    assert len(deliveries) == 3
    assert [process.returncode for process in pool._processes] == [0, 0]


async def test_small_run_starts_no_process(services: Services, deliveries: list[Delivery]) -> None:
    pool = ComposingPool(services, processes=2, large_run=3)
    await pool(deliveries)
    await pool.close()

    assert pool._processes == []


async def test_killed_processes_leave_the_work_to_this_one(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = ComposingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    for process in pool._processes:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    batches = await asyncio.gather(*(pool(deliveries) for _ in range(4)))
    await pool.close()

    assert [composed(messages.composer(services), deliveries)] * 4 == batches
