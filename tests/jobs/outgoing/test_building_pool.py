"""Large runs are built in other processes, which say the same and are gone afterwards."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from recommender.domain import Delivery, Subscriber
from recommender.jobs.outgoing import messages
from recommender.jobs.outgoing.building_pool import BuildingPool
from recommender.jobs.outgoing.building_process import recipe
from recommender.jobs.services import Services
from recommender.mail.outbox.building import build_batch
from recommender.store import claims

# Has two processes, says so, and is killed while they are at work.
KILLED_AT_WORK = """
import asyncio, os, pickle, signal, sys
from datetime import UTC, datetime
from recommender.jobs.outgoing.building_pool import BuildingPool
from recommender.jobs.services import Services
from recommender.store.database import Database

with open(sys.argv[1], "rb") as file:
    (url, renderer, others), deliveries = pickle.load(file)
services = Services(
    database=Database(url),
    renderer=renderer.made(),
    clock=lambda: datetime.now(UTC),
    **others,
)

async def run():
    pool = BuildingPool(services, processes=2, large_run=0)
    while pool._up < 2:
        await pool(deliveries)
    print(pool._first.pid, flush=True)
    work = [asyncio.create_task(pool(deliveries)) for _ in range(9)]
    await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(run())
"""


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


async def until_up(pool: BuildingPool, batch: Sequence[Delivery], count: int) -> None:
    while pool._up < count:
        await pool(batch)


async def test_processes_compose_the_same_bytes_and_end_with_the_run(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = BuildingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    batches = await asyncio.gather(*(pool(deliveries) for _ in range(4)))
    await pool.close()

    assert [build_batch(messages.message_builder(services), deliveries)] * 4 == batches
    assert len(deliveries) == 3
    assert pool._first is not None
    assert pool._first.returncode == 0
    # It waited for the other, and nobody is left of their group.
    with pytest.raises(ProcessLookupError):
        os.killpg(pool._first.pid, 0)


async def test_small_run_starts_no_process(services: Services, deliveries: list[Delivery]) -> None:
    pool = BuildingPool(services, processes=2, large_run=3)
    await pool(deliveries)
    await pool.close()

    assert pool._first is None


async def test_run_that_is_known_to_be_large_starts_them_at_once(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = BuildingPool(services, expected=4, processes=2, large_run=3)
    await pool(deliveries[:1])
    await pool.close()

    assert pool._up == 2


async def test_processes_of_a_cancelled_run_end(
    services: Services, deliveries: list[Delivery]
) -> None:
    pool = BuildingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    batches = [asyncio.create_task(pool(deliveries)) for _ in range(4)]
    await asyncio.sleep(0)  # lets them ask
    for batch in batches:
        batch.cancel()
    await asyncio.gather(*batches, return_exceptions=True)
    await pool.close()

    assert all(batch.cancelled() for batch in batches)
    assert pool._first is not None
    assert pool._first.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(pool._first.pid, 0)


@pytest.mark.parametrize("victims", ["the first", "all"])
async def test_killed_processes_leave_the_work_to_the_others(
    services: Services, deliveries: list[Delivery], victims: str
) -> None:
    """The first has begotten the other, which lives on without it."""
    pool = BuildingPool(services, processes=2, large_run=0)
    await until_up(pool, deliveries, 2)
    assert pool._first is not None
    kill = os.kill if victims == "the first" else os.killpg
    kill(pool._first.pid, signal.SIGKILL)
    await pool._first.wait()
    batches = await asyncio.gather(*(pool(deliveries) for _ in range(4)))
    up = pool._up
    await pool.close()

    assert [build_batch(messages.message_builder(services), deliveries)] * 4 == batches
    assert up == (1 if victims == "the first" else 0)


def test_processes_of_a_killed_parent_end(
    services: Services, deliveries: list[Delivery], tmp_path: Path
) -> None:
    work = tmp_path / "work.pickle"
    work.write_bytes(pickle.dumps((recipe(services), deliveries)))
    with subprocess.Popen(  # noqa: S603, our interpreter and the script above
        [sys.executable, "-c", KILLED_AT_WORK, work], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        first = int(parent.stdout.readline())
        try:
            # All of them write to one standard error, so that it ends with the last of them.
            _, complaints = parent.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(first, signal.SIGKILL)
            raise

    assert parent.returncode == -signal.SIGKILL
    assert complaints == b""
