"""Two daemons on one PostgreSQL: each issue once, whichever of them dies or is cut off."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from database_makers import postgresql_server
from separate_network import HERE, SeparateNetwork, reached_from_there, separate_network

from recommender.config import load_settings
from recommender.daemon import Daemon
from recommender.night_process import NightProcess
from recommender.roles import Role
from recommender.web.server import listening_socket

READERS = 300
IN_FLIGHT = 4 * 20 * 4
"""Connections, messages of a batch, and the batches that are claimed, sent and recorded."""
PATIENCE = 240
CUT_SECONDS = 30

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def network() -> Iterator[SeparateNetwork]:
    """Lay the network of the second machine."""
    with separate_network() as network:
        yield network


@pytest.fixture(scope="module")
def server_port(network: SeparateNetwork, free_port: Callable[[], int]) -> Iterator[int]:
    del network
    port = free_port()
    with postgresql_server(port=port, also_at=HERE):
        yield port


@pytest.fixture
def sink_from_there(sink: Any, network: SeparateNetwork) -> Iterator[int]:
    """Have the mail server reached from the second machine."""
    del network
    with reached_from_there(sink.port) as port:
        yield port


@pytest.fixture
def machines(
    with_digest: Any,
    free_port: Callable[[], int],
    server_port: int,
    sink_from_there: int,
    request: pytest.FixtureRequest,
) -> tuple[Any, Any]:
    """Move an installation to the server, and return it as two machines have it."""
    name = f"test_{abs(hash(request.node.name))}"
    with ExitStack() as stack:
        admin = stack.enter_context(
            psycopg.connect(
                f"host=127.0.0.1 port={server_port} user=recommender dbname=postgres",
                autocommit=True,
            )
        )
        admin.execute(f"CREATE DATABASE {name}".encode())
    url = f"postgresql+psycopg://recommender@{{}}:{server_port}/{name}"
    with_digest.do("move", "--to", url.format("127.0.0.1"))
    first = replace(with_digest, settings=dict(with_digest.settings))
    first.settings["DATABASE__URL"] = url.format("127.0.0.1")
    port = free_port()
    folder = with_digest.folder.parent / "second"
    folder.mkdir()
    for each in ("recommender.toml", "secret.key"):
        Path(folder / each).write_bytes((with_digest.folder / each).read_bytes())
    second = replace(with_digest, folder=folder, port=port, settings=dict(with_digest.settings))
    second.settings |= {
        "DATABASE__URL": url.format(HERE),
        "SMTP__HOST": HERE,
        "SMTP__PORT": str(sink_from_there),
        "WEB__PORT": str(port),
    }
    first.import_subscribers(READERS)
    return first, second


@pytest.fixture
def daemons(
    machines: tuple[Any, Any], start_daemon: Callable[[Any], Any], network: SeparateNetwork
) -> tuple[Any, Any]:
    """Start both, and when they are ready let everybody's issue be due."""
    first = start_daemon(machines[0])
    second = network.do(partial(start_daemon, machines[1]))
    machines[0].make_due(datetime.now(UTC))
    with machines[0].services() as services, services.change():
        """Nothing: that something changed is announced."""
    return first, second


def times_received(sink: Any) -> list[int]:
    """Return how often each message came that came at all."""
    ids = [message_id for ids in sink.message_ids().values() for message_id in ids]
    assert len(ids) == len(set(ids))
    return [len(sink.to(each)) for each in sink.message_ids()]


@pytest.mark.usefixtures("daemons")
def test_each_issue_goes_out_once(machines: tuple[Any, Any], sink: Any) -> None:
    machines[0].wait_until_sent(READERS)

    assert times_received(sink) == [1] * READERS


def test_a_daemon_that_is_killed_loses_nothing_and_doubles_what_was_in_flight(
    machines: tuple[Any, Any],
    daemons: tuple[Any, Any],
    sink: Any,
    eventually: Callable[..., Any],
) -> None:
    eventually(lambda: len(sink.message_ids()) > READERS // 10, "some arrived", PATIENCE)
    daemons[0].kill()

    machines[0].wait_until_sent(READERS)

    times = times_received(sink)
    assert len(times) == READERS
    assert sum(times) - READERS <= IN_FLIGHT


def test_a_daemon_that_is_cut_off_loses_nothing_and_doubles_what_was_in_flight(
    machines: tuple[Any, Any],
    daemons: tuple[Any, Any],
    network: SeparateNetwork,
    sink: Any,
    eventually: Callable[..., Any],
) -> None:
    eventually(lambda: len(sink.message_ids()) > READERS // 10, "some arrived", PATIENCE)
    network.cut()
    threading.Event().wait(CUT_SECONDS)
    network.mend()

    machines[0].wait_until_sent(READERS)

    times = times_received(sink)
    assert len(times) == READERS
    assert sum(times) - READERS <= IN_FLIGHT
    assert [each.process.poll() for each in daemons] == [None, None]


async def test_work_of_other_processes_is_no_silence_of_this_one(
    machines: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its watchdog ends it, for what it never was to do."""
    monkeypatch.setattr("recommender.daemon.WORK_SILENT_SECONDS", 1.0)
    settings = load_settings(
        machines[0].configuration,
        environ={f"RECOMMENDER_{key}": value for key, value in machines[0].settings.items()},
    )
    stop = asyncio.Event()
    daemon = Daemon(settings, NightProcess((), {}), stop, roles=frozenset({Role.WEB}))
    with listening_socket("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(daemon.serve(listener))
        await asyncio.sleep(3)
        silent = daemon.heartbeat.silent()
        stop.set()
        await serving

    assert silent == []
