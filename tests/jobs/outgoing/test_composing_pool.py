"""Large runs are composed in other processes, which say the same and are gone afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence

import pytest

from recommender.domain import Delivery, Subscriber
from recommender.jobs.outgoing import messages
from recommender.jobs.outgoing.composing_pool import ComposingPool
from recommender.jobs.services import Services
from recommender.mail.outbox.composing import composed
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
    assert pool._first is not None
    assert pool._first.returncode == 0
    # It waited for the other, and nobody is left of their group.
    with pytest.raises(ProcessLookupError):
        os.killpg(pool._first.pid, 0)


async def test_small_run_starts_no_process(services: Services, deliveries: list[Delivery]) -> None:
    pool = ComposingPool(services, processes=2, large_run=3)
    await pool(deliveries)
    await pool.close()

    assert pool._first is None


async def test_run_that_is_known_to_be_large_starts_them_at_once(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = ComposingPool(services, expected=4, processes=2, large_run=3)
    await pool(deliveries[:1])
    await pool.close()

    assert pool._up == 2


@pytest.mark.parametrize("victims", ["the first", "all"])
async def test_killed_processes_leave_the_work_to_the_others(
    services: Services, deliveries: list[Delivery], victims: str
) -> None:
    """The first has begotten the other, which lives on without it."""
    pool = ComposingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    assert pool._first is not None
    kill = os.kill if victims == "the first" else os.killpg
    kill(pool._first.pid, signal.SIGKILL)
    await pool._first.wait()
    batches = await asyncio.gather(*(pool(deliveries) for _ in range(4)))
    up = pool._up
    await pool.close()

    assert [composed(messages.composer(services), deliveries)] * 4 == batches
    assert up == (1 if victims == "the first" else 0)


async def test_killed_pool_takes_its_processes_along(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = ComposingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    assert pool._first is not None
    for line in pool._lines:  # what the kernel does for a process that was killed
        line.close()
    await pool._first.wait()

    with pytest.raises(ProcessLookupError):
        os.killpg(pool._first.pid, 0)
