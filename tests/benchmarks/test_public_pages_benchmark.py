"""How many public pages a second a server answers that keeps them, over 16 connections.

The measure is an answer of the same size by a bare Starlette application in the same run.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from loads import cpu_seconds, percentiles

from recommender.config import load_settings, write_initial_configuration
from recommender.installation import open_services
from recommender.jobs.services import Services
from recommender.store import digests, papers
from recommender.store.digests import RankedMention
from recommender.store.papers import NewPaper

DAYS, PAPERS_OF_A_DAY, CONNECTIONS, REQUESTS = 420, 119, 16, 2_000
SEARCHES = 600
CLIENTS = 64
"""Of a flood, each with an address of its own."""

FLOOD_SECONDS = 10.0
ROUNDS = 4
KEPT = ("/", "/archive", "/feed.atom")
MOST_TIMES_BARE = 2.5
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
SYLLABLES = ("ba", "ko", "ri", "tem", "sul", "par", "ne", "lo", "vi", "gra", "mon", "dex", "hy")
WORDS = tuple(
    dict.fromkeys(
        "".join(syllables)
        for number in (2, 3, 4)
        for syllables in list(itertools.product(SYLLABLES, repeat=number))[:: 1 + number // 4 * 7]
    )
)
"""Some thousands, of which the first are in most texts, as in any language (Zipf)."""

OFTEN = list(itertools.accumulate(1 / (10 + rank) for rank in range(len(WORDS))))
LOOKED_FOR = 1_000
"""Words that people search for are neither the most frequent nor the rarest."""

DATED = 4
"""One search of so many asks for a date."""


def searches(rng: random.Random, number: int) -> list[str]:
    """Return the addresses of searches for one to three words, of which most find something."""
    looked_for = [rng.sample(WORDS[:LOOKED_FOR], rng.randint(1, 3)) for _ in range(number)]
    return [
        f"/search?q={'+'.join(words)}" + f"&after={1990 + each % 30}" * (each % DATED == 0)
        for each, words in enumerate(looked_for)
    ]


def write_papers(services: Services) -> None:
    """Store days of papers with abstracts of 150 words."""
    rng = random.Random(1)  # noqa: S311, a benchmark's texts
    now = services.clock()
    for day in range(DAYS):
        new = [
            NewPaper(
                title=" ".join(rng.choices(WORDS, cum_weights=OFTEN, k=9)),
                title_key=f"{day} {number}",
                abstract=". ".join(
                    " ".join(rng.choices(WORDS, cum_weights=OFTEN, k=15)) for _ in range(10)
                ),
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


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a configuration and papers."""
    folder = tmp_path_factory.mktemp("installation")
    write_initial_configuration(folder)
    services = open_services(load_settings(folder / "recommender.toml", environ={}))
    write_papers(services)
    services.database.close()
    return folder / "recommender.toml"


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


async def get(port: int, paths: Iterable[str], address: str = "127.0.0.1") -> list[float]:
    """Ask for one path after the other over one connection; seconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    seconds = []
    for path in paths:
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
    return seconds


async def get_all(port: int, paths: Sequence[str]) -> list[float]:
    """Ask for each path, over some connections at once; seconds of each answer."""
    waiting = iter(paths)
    each = await asyncio.gather(*(get(port, waiting) for _ in range(CONNECTIONS)))
    return list(itertools.chain(*each))


@dataclass(frozen=True)
class Rate:
    """What a number of answers took; of a core, in ms for each."""

    a_second: float
    seconds: list[float]
    cpu_ms: float

    def __str__(self) -> str:
        return f"{self.a_second:.0f}/s, {percentiles(self.seconds)}, {self.cpu_ms:.2f} ms of a core"


def rate(server: tuple[int, int], paths: Sequence[str]) -> Rate:
    """Ask for all paths, and measure."""
    port, process = server
    computed, begun = cpu_seconds(process), time.perf_counter()
    seconds = asyncio.run(get_all(port, paths))
    took, computed = time.perf_counter() - begun, cpu_seconds(process) - computed
    return Rate(len(paths) / took, seconds, 1000 * computed / len(paths))


def tell(*lines: str) -> None:
    print(f"\nload {os.getloadavg()[0]:.0f}", *lines, sep="\n")  # noqa: T201, the figures are the benchmark's result


def test_kept_pages_are_answered_nearly_as_fast_as_nothing_at_all(installation: Path) -> None:
    queries = random.Random(2)  # noqa: S311, a benchmark's queries
    first, new = searches(queries, SEARCHES), searches(queries, SEARCHES)
    rates: dict[str, Rate] = {}
    with serving(installation) as server:
        asyncio.run(get_all(server[0], [*KEPT, "/bare"] * 4))  # it has started, and has them
        # By turns, for what else the machine does comes and goes.
        for path in (*KEPT, "/bare") * ROUNDS:
            found = rate(server, [path] * REQUESTS)
            if path not in rates or found.a_second > rates[path].a_second:
                rates[path] = found
        rates["the first searches, while processes for them start"] = rate(server, first)
        rates["searches that nobody made before"] = made = rate(server, new)
        rates["once more"] = again = rate(server, new * 10)
    tell(*(f"{path} {found}" for path, found in rates.items()))

    # By what they compute: on a busy machine, each second belongs to somebody else.
    for path in KEPT:
        assert rates[path].cpu_ms <= MOST_TIMES_BARE * rates["/bare"].cpu_ms, path
    assert made.cpu_ms >= 5 * again.cpu_ms


def test_health_is_answered_as_soon_as_nothing_at_all_while_many_search(
    installation: Path,
) -> None:
    rng = random.Random(3)  # noqa: S311, a benchmark's queries
    answers: dict[str, list[float]] = {"/healthz": [], "/bare": []}

    async def measure(port: int) -> list[float]:
        until = time.perf_counter() + FLOOD_SECONDS

        def new_searches() -> Iterator[str]:
            while time.perf_counter() < until:
                yield f"{searches(rng, 1)[0]}&author={rng.choice(('Roe', 'Ann', 'Wei', 'Zhang'))}"

        async def probe() -> None:
            for path in itertools.cycle(answers):
                if time.perf_counter() > until:
                    return
                answers[path] += await get(port, [path])
                await asyncio.sleep(0.02)

        clients = (get(port, new_searches(), f"127.0.1.{1 + each}") for each in range(CLIENTS))
        *flood, _ = await asyncio.gather(*clients, probe())
        return [seconds for each in flood for seconds in each]

    with serving(installation) as (port, _):
        asyncio.run(get_all(port, list(answers)))  # it has started
        found = asyncio.run(measure(port))
    tell(
        f"{len(found) / FLOOD_SECONDS:.0f} new searches a second for {CLIENTS} clients,"
        f" {percentiles(found)}",
        *(f"meanwhile {path} {percentiles(seconds)}" for path, seconds in answers.items()),
    )

    health, bare = (statistics.median(seconds) for seconds in answers.values())
    assert health <= MOST_TIMES_BARE * bare
