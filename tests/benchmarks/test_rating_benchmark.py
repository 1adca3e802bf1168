"""How many votes a second a server takes over HTTP, each on disk before it is answered.

The measure is a transaction for each vote, in threads of the same machine in the same run.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from loads import cpu_seconds, percentiles
from sqlalchemy import func
from sqlmodel import select

from recommender.config import load_settings, write_initial_configuration
from recommender.domain import Vote
from recommender.installation import open_services
from recommender.jobs.outgoing import links
from recommender.jobs.people import voting
from recommender.jobs.services import Services
from recommender.store import issues, subscribers
from recommender.store.tables import RatingRow

READERS, CONNECTIONS, ALONE = 400, 16, 500
VOTES_A_SECOND = 500
SERVER = """
import asyncio, socket, sys
from pathlib import Path
from recommender.config import load_settings
from recommender.installation import open_services
from recommender.web.app import create_app
from recommender.web.server import PageServer
listener = socket.socket(fileno=int(sys.argv[2]))
services = open_services(load_settings(Path(sys.argv[1]), environ={}))
asyncio.run(PageServer(create_app(services)).serve(sockets=[listener]))
"""


@pytest.fixture
def installation(tmp_path: Path, write_newsletters: Callable[..., None]) -> Path:
    """Write a configuration, readers, and an issue of ten papers for each."""
    write_initial_configuration(tmp_path)
    services = open_services(load_settings(tmp_path / "recommender.toml", environ={}))
    write_newsletters(services, READERS, composed_at=services.clock())
    services.database.close()
    return tmp_path / "recommender.toml"


@contextmanager
def serving(configuration: Path) -> Iterator[tuple[int, int]]:
    """Serve the pages in a process of their own; gives a free port, and the process's number."""
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as listener:
        command = [sys.executable, "-c", SERVER, str(configuration), str(listener.fileno())]
        with subprocess.Popen(command, pass_fds=[listener.fileno()]) as process:  # noqa: S603, our interpreter and the script above
            try:
                yield listener.getsockname()[1], process.pid
            finally:
                process.terminate()


def rating_paths(services: Services) -> list[str]:
    """Return the path of a link to each paper of each issue."""
    with services.database.read() as session:
        found = issues.by_ids(session, range(1, READERS + 1)).values()
        readers = subscribers.by_ids(session, {issue.subscriber_id for issue in found})
    base = len(services.site.base_url)
    return [
        links.rating_url(services, readers[issue.subscriber_id], issue, entry.paper_id, Vote.UP)[
            base:
        ]
        for issue in found
        for entry in issue.entries
    ]


async def vote_over_http(
    port: int, paths: Sequence[str], *, votes_a_second: float | None = None
) -> list[float]:
    """Vote on each path, over some connections at once; seconds of each vote.

    Parameters
    ----------
    votes_a_second : float or None
        How fast votes come; a vote that begins late, because others take long, is counted from when
        it was to begin. None: each as soon as the one before is answered.
    """
    waiting = iter(enumerate(paths))
    seconds: list[float] = []
    begun_at = time.perf_counter()

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number, path in waiting:
            begun = time.perf_counter()
            if votes_a_second is not None:
                await asyncio.sleep(begun_at + number / votes_a_second - begun)
                begun = begun_at + number / votes_a_second
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 7\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\nvote=up".encode()
            )
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 303"), answer
            seconds.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return seconds


def seconds_in_threads(vote: Callable[[str], None], tokens: Sequence[str]) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(vote, tokens))
    return time.perf_counter() - begun


def count_ratings(services: Services) -> int:
    with services.database.read() as session:
        return session.exec(select(func.count()).select_from(RatingRow)).one()


def test_votes_share_transactions_and_none_is_lost(installation: Path) -> None:
    services = open_services(load_settings(installation, environ={}))
    paths = rating_paths(services)
    with serving(installation) as (port, process):
        asyncio.run(vote_over_http(port, paths[:CONNECTIONS]))  # it has started, and is warm
        some, others = paths[: 3 * VOTES_A_SECOND], paths[3 * VOTES_A_SECOND :]
        steady = asyncio.run(vote_over_http(port, some, votes_a_second=VOTES_A_SECOND))
        computed = cpu_seconds(process)
        begun = time.perf_counter()
        latencies = asyncio.run(vote_over_http(port, others))
        seconds = time.perf_counter() - begun
        computed = cpu_seconds(process) - computed
    assert count_ratings(services) == len(paths)

    tokens = [path.rpartition("/")[2] for path in paths[:ALONE]]

    def vote_alone(token: str) -> None:
        with services.database.write() as session:
            payload = links.verify(services, session, token, links.Purpose.RATE)
            voting.vote(
                session, payload.subscriber_id, payload.values[1], Vote.UP, now=services.clock()
            )

    alone = seconds_in_threads(vote_alone, tokens)
    together = seconds_in_threads(
        lambda token: voting.vote_linked(services, token, Vote.UP), tokens
    )
    services.database.close()
    print(  # noqa: T201, the figures are the benchmark's result
        f"\n{len(others) / seconds:.0f} votes a second over HTTP, {percentiles(latencies)},"
        f" {1000 * computed / len(others):.2f} ms of a core each; at {VOTES_A_SECOND}/s"
        f" {percentiles(steady)}; load {os.getloadavg()[0]:.0f}; without HTTP"
        f" {ALONE / together:.0f}/s, {ALONE / alone:.0f}/s with a transaction each"
    )
