"""Two daemons on one PostgreSQL: each issue once, whichever of them dies or is cut off."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from database_makers import postgresql_server

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


class Cuttable:
    """Passes connections on to a server, until it is cut: then nothing, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._sockets: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        """Let new connections through; those of before are gone, as after so long on a network."""
        for each in self._sockets[1:]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open.set()

    def close(self) -> None:
        self.mend()
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                theirs, _ = self._listener.accept()
                self._open.wait()
                ours = socket.create_connection(("127.0.0.1", self._server))
                self._sockets += [theirs, ours]
                for one, other in ((theirs, ours), (ours, theirs)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(65_536):
                self._open.wait()
                other.sendall(content)
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def server_port(free_port: Callable[[], int]) -> Iterator[int]:
    port = free_port()
    with postgresql_server(port=port):
        yield port


@pytest.fixture
def cuttable(server_port: int) -> Iterator[Cuttable]:
    proxy = Cuttable(server_port)
    yield proxy
    proxy.close()


@pytest.fixture
def machines(
    with_digest: Any,
    free_port: Callable[[], int],
    server_port: int,
    cuttable: Cuttable,
    request: pytest.FixtureRequest,
) -> tuple[Any, Any]:
    """Move an installation to the server, and return it as two machines have it.

    The second one's connections can be cut.
    """
    name = f"test_{abs(hash(request.node.name))}"
    with ExitStack() as stack:
        admin = stack.enter_context(
            psycopg.connect(
                f"host=127.0.0.1 port={server_port} user=recommender dbname=postgres",
                autocommit=True,
            )
        )
        admin.execute(f"CREATE DATABASE {name}".encode())
    url = "postgresql+psycopg://recommender@127.0.0.1:{}/" + name
    with_digest.do("move", "--to", url.format(server_port))
    first = replace(with_digest, settings=dict(with_digest.settings))
    first.settings["DATABASE__URL"] = url.format(server_port)
    port = free_port()
    folder = with_digest.folder.parent / "second"
    folder.mkdir()
    for each in ("recommender.toml", "secret.key"):
        Path(folder / each).write_bytes((with_digest.folder / each).read_bytes())
    second = replace(with_digest, folder=folder, port=port, settings=dict(with_digest.settings))
    second.settings |= {"DATABASE__URL": url.format(cuttable.port), "WEB__PORT": str(port)}
    first.import_subscribers(READERS)
    return first, second


@pytest.fixture
def daemons(machines: tuple[Any, Any], start_daemon: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Start both, and when they are ready let everybody's issue be due."""
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(start_daemon, machines)
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
    cuttable: Cuttable,
    sink: Any,
    eventually: Callable[..., Any],
) -> None:
    eventually(lambda: len(sink.message_ids()) > READERS // 10, "some arrived", PATIENCE)
    cuttable.cut()
    threading.Event().wait(CUT_SECONDS)
    cuttable.mend()

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
