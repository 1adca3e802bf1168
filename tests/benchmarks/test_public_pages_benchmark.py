"""How many public pages a second a server answers that keeps them, over 16 connections.

The measure is an answer of the same size by a bare Starlette application in the same run.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from recommender.config import load_settings, write_initial_configuration
from recommender.installation import open_services
from recommender.jobs.services import Services
from recommender.store import digests, papers
from recommender.store.digests import RankedMention
from recommender.store.papers import NewPaper

DAYS, PAPERS_OF_A_DAY, CONNECTIONS, REQUESTS = 100, 119, 16, 2_000
ROUNDS = 4
KEPT = ("/", "/archive", "/feed.atom")
LEAST_SHARE_OF_BARE = 0.4
SERVER = """
import asyncio, socket, sys
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from recommender.config import load_settings
from recommender.installation import open_services
from recommender.web.app import create_app
from recommender.web.server import PageServer
listener = socket.socket(fileno=int(sys.argv[2]))
async def bare(request):
    return Response(b"x" * 15_000)
app = Starlette(routes=[Route("/bare", bare)])
app.mount("/", create_app(open_services(load_settings(Path(sys.argv[1]), environ={}))))
asyncio.run(PageServer(app).serve(sockets=[listener]))
"""
WORDS = tuple(
    re.findall(
        r"\w+",
        "graph attention sparse model learning pruning speech vision agents reward long context"
        " scaling training data small benchmark method protein folding retrieval memory planning",
    )
)


def write_papers(services: Services) -> None:
    """Store days of papers with abstracts of 150 words."""
    rng = random.Random(1)  # noqa: S311, a benchmark's texts
    now = services.clock()
    for day in range(DAYS):
        new = [
            NewPaper(
                title=" ".join(rng.choices(WORDS, k=9)),
                title_key=f"{day} {number}",
                abstract=". ".join(" ".join(rng.choices(WORDS, k=15)) for _ in range(10)),
                authors=("Ann Roe", "Wei Zhang"),
                arxiv_id=None,
                doi=None,
                url=f"https://papers.example.org/{day}/{number}",
                published_at=None,
                first_seen_at=now,
            )
            for number in range(PAPERS_OF_A_DAY)
        ]
        with services.database.write() as session:
            ids = papers.add(session, new)
            digests.add(
                session,
                sha256=f"{day}",
                format="digest-text",
                source="folder",
                file_name="day.txt",
                curator="AK",
                day=(now - timedelta(days=day)).date(),
                ingested_at=now,
                mentions=[RankedMention(each, rank, 1) for rank, each in enumerate(ids, start=1)],
            )


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """Write a configuration and papers."""
    write_initial_configuration(tmp_path)
    services = open_services(load_settings(tmp_path / "recommender.toml", environ={}))
    write_papers(services)
    services.database.close()
    return tmp_path / "recommender.toml"


@contextmanager
def serving(configuration: Path) -> Iterator[int]:
    """Serve the pages in a process of their own, at a free port."""
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as listener:
        command = [sys.executable, "-c", SERVER, str(configuration), str(listener.fileno())]
        with subprocess.Popen(command, pass_fds=[listener.fileno()]) as process:  # noqa: S603, our interpreter and the script above
            try:
                yield listener.getsockname()[1]
            finally:
                process.terminate()


async def get(port: int, paths: Sequence[str]) -> list[float]:
    """Ask for each path, over some connections at once; seconds of each answer."""
    waiting = iter(paths)
    seconds: list[float] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in waiting:
            begun = time.perf_counter()
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: papers.example.org\r\n"
                "Accept-Encoding: gzip\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            seconds.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return seconds


def rate(port: int, paths: Sequence[str]) -> tuple[float, float]:
    """Return answers a second, and the time of the slowest but one in a hundred in ms."""
    begun = time.perf_counter()
    seconds = sorted(asyncio.run(get(port, paths)))
    return len(paths) / (time.perf_counter() - begun), 1000 * seconds[len(seconds) * 99 // 100]


def test_kept_pages_are_answered_nearly_as_fast_as_nothing_at_all(installation: Path) -> None:
    rng = random.Random(2)  # noqa: S311, a benchmark's queries
    searches = [f"/search?q={'+'.join(rng.sample(WORDS, 3))}+{number}" for number in range(300)]
    told = []
    fastest: dict[str, float] = {}
    slowest: dict[str, float] = {}
    with serving(installation) as port:
        asyncio.run(get(port, [*KEPT, "/bare"] * 4))  # it has started, and has them
        # By turns, for what else the machine does comes and goes.
        for path in (*KEPT, "/bare") * ROUNDS:
            answers, late = rate(port, [path] * REQUESTS)
            fastest[path] = max(fastest.get(path, 0.0), answers)
            slowest[path] = min(slowest.get(path, late), late)
        told += [f"{path} {fastest[path]:.0f}/s, p99 {slowest[path]:.0f} ms" for path in fastest]
        found, late = rate(port, searches)
        told.append(f"searches that nobody made before {found:.0f}/s, p99 {late:.0f} ms")
        again, late = rate(port, searches * 10)
        told.append(f"once more {again:.0f}/s, p99 {late:.0f} ms")
    print("\n" + "; ".join(told))  # noqa: T201, the figures are the benchmark's result

    for path in KEPT:
        assert fastest[path] >= LEAST_SHARE_OF_BARE * fastest["/bare"], path
    assert again >= 5 * found
