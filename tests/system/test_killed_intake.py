"""Kill -9 at any moment while real days come in ends with the database of an undisturbed run.

As in `test_kills`, real processes are forked from one that has imported it all. `KILLED_DAYS=373`
in the environment takes all days there are, which takes some minutes.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

DAYS = int(os.environ.get("KILLED_DAYS", "40"))
FEWEST_KILLS = 3

# For each line of its input it forks a worker that takes in what there is, and says how it ended.
PARENT = r"""
import asyncio, logging, os, sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from recommender.domain import Preferences
from recommender.jobs.services import (
    WantedSource, RankingSettings, Services, Site, SourcePolicy,
)
from recommender.jobs.sources.polling import Poller
from recommender.jobs.watched_folder import WatchedFolder
from recommender.reading.pool import ReadingPool
from recommender.rendering import Renderer
from recommender.store.database import Database
from recommender.tokens import TokenSigner

logging.disable()
database, folder, *urls = sys.argv[1:]
NOW = datetime(2025, 11, 1, 7, tzinfo=UTC)

def services():
    return Services(
        database=Database(f"sqlite:///{database}"),
        signer=TokenSigner(b"only for tests, and known to everybody"),
        renderer=Renderer(),
        site=Site("Papers", "papers@example.org", "the community", "https://papers.example.org"),
        defaults=Preferences(7, frozenset(range(5)), "UTC", 10),
        ranking=RankingSettings(half_life_days=3.0, window_days=30),
        clock=lambda: NOW,
        reading=ReadingPool(),
        sources=SourcePolicy(
            tuple(WantedSource(url, url, None) for url in urls), allow_private_networks=True
        ),
    )

async def poll(of):
    poller = Poller(of, random=Random(1))
    await poller.round()
    await poller.close()

def work():
    of = services()
    if urls:
        asyncio.run(poll(of))
    else:
        for _ in WatchedFolder(of, Path(folder), settle_seconds=0).ingest():
            pass
    of.reading.close()
    of.database.close()

for _ in sys.stdin:
    pid = os.fork()
    if not pid:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def documents(shared_data: Path) -> Mapping[str, bytes]:
    """Read real days, those that are broken at the source among them, evenly over the archive."""
    archive = shared_data / "digests" / "huggingface-daily-2024-05-to-2025-10.tar.xz"
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes()), mode="r:xz") as days:
        every = {
            Path(member.name).name: file.read()
            for member in days
            if (file := days.extractfile(member)) is not None
        }
    names = sorted(every)
    return {name: every[name] for name in names[:: max(1, len(names) // DAYS)][:DAYS]}


class _Days(BaseHTTPRequestHandler):
    """Each day has an address; whoever has it is told so."""

    def do_GET(self) -> None:
        etag, body = f'"{self.path}"', self.server.documents[self.path[1:]]  # type: ignore[attr-defined]  # set where it is started
        is_known = self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", "0" if is_known else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if is_known else body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing."""


@pytest.fixture
def urls(documents: Mapping[str, bytes]) -> Iterator[list[str]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Days) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked was killed
        server.documents = documents  # type: ignore[attr-defined]  # for its handler
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield [f"http://127.0.0.1:{server.server_port}/{name}" for name in documents]
        server.shutdown()
        thread.join()


class Killed:
    """An installation whose workers are killed."""

    def __init__(self, home: Path, migrated: Path, documents: Mapping[str, bytes]) -> None:
        self.folder = home / "incoming"
        self.folder.mkdir(parents=True)
        self.last_life = 0.0
        """Seconds that the worker took that came to its end."""
        self.database = shutil.copyfile(migrated, home / "recommender.db")
        for name, content in documents.items():
            (self.folder / name).write_bytes(content)

    async def run(
        self, urls: list[str], *, rng: random.Random | None = None, longest_life: float = 0.0
    ) -> int:
        """Start workers until one comes to its end, and kill all before; gives the kills."""
        parent = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PARENT, str(self.database), str(self.folder), *urls),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert parent.stdin is not None
        assert parent.stdout is not None
        kills, life, stored = 0, longest_life, 0
        status = None
        while status != 0:
            parent.stdin.write(b"go\n")
            pid, begun = int(await parent.stdout.readline()), time.monotonic()
            ended = asyncio.ensure_future(parent.stdout.readline())
            if rng is not None:
                await asyncio.wait({ended}, timeout=rng.uniform(0, life))
                if not ended.done():
                    os.kill(pid, signal.SIGKILL)
            status = int(await ended)
            self.last_life = time.monotonic() - begun
            assert status in (0, -signal.SIGKILL)
            kills += status != 0
            # On a machine that is busy a worker may need longer for anything to come of it.
            now_stored = self.count()
            life = longest_life if now_stored > stored else 1.5 * life
            stored = now_stored
        parent.stdin.close()
        await parent.wait()
        return kills

    async def run_killed(self, urls: list[str], *, undisturbed: float) -> int:
        """Do the same, and kill at other moments each time; gives the kills.

        A worker lives for a quarter of what an undisturbed one took, at most; longer where nothing
        came of the last ones.
        """
        rng = random.Random(int(time.time()))  # noqa: S311, it spreads kills
        return await self.run(urls, rng=rng, longest_life=undisturbed / 4)

    def count(self) -> int:
        with sqlite3.connect(self.database) as connection:
            found: int = connection.execute("SELECT count(*) FROM digest").fetchone()[0]
        connection.close()
        return found

    def rows(self) -> list[tuple[Any, ...]]:
        """Return all that was stored, but for the numbers of rows and when they were read."""
        connection = sqlite3.connect(self.database)
        queries = (
            """SELECT title, title_key, abstract, authors, arxiv_id, doi, url, published_at, summary
            FROM paper""",
            """SELECT identifier, paper.title
            FROM paper_identifier JOIN paper ON paper.id = paper_id""",
            "SELECT sha256, format, source, file_name, curator, date FROM digest",
            """SELECT digest.sha256, rank, upvotes, paper.title FROM mention
            JOIN digest ON digest.id = digest_id JOIN paper ON paper.id = paper_id""",
            "SELECT sha256, attempts FROM reading_attempt",
            "SELECT url, etag, failures, content_sha256, last_message FROM source",
            """SELECT source.url, day, papers, abstracts, abstract_characters
            FROM source_day JOIN source ON source.id = source_id""",
        )
        found = [row for query in queries for row in sorted(map(repr, connection.execute(query)))]
        connection.close()
        return found


@pytest.fixture
def installation(tmp_path: Path, migrated_database: Path, documents: Mapping[str, bytes]) -> Any:
    return lambda name, **given: Killed(
        tmp_path / name, migrated_database, given.get("files", documents)
    )


@pytest.mark.system
async def test_kills_while_files_are_ingested_change_nothing(
    installation: Any, documents: Mapping[str, bytes]
) -> None:
    quiet, killed = installation("quiet"), installation("killed")
    begun = time.monotonic()
    await quiet.run([])
    kills = await killed.run_killed([], undisturbed=quiet.last_life)

    assert kills >= FEWEST_KILLS
    assert killed.rows() == quiet.rows()
    assert quiet.count() > 0.8 * len(documents)
    # What a kill left unfinished is cleared when nobody can be at work on it, after an hour.
    left = [
        path
        for path in killed.folder.iterdir()
        if not re.fullmatch(r"\.filing-[0-9a-f]{16}\.part", path.name)
    ]
    assert not left
    print(f"\n{kills} kills in {time.monotonic() - begun:.0f} s, {killed.count()} digests")  # noqa: T201, the figures


@pytest.mark.system
async def test_kills_while_sources_are_fetched_change_nothing(
    installation: Any, urls: list[str]
) -> None:
    quiet, killed = installation("quiet", files={}), installation("killed", files={})
    await quiet.run(urls)
    kills = await killed.run_killed(urls, undisturbed=quiet.last_life)

    assert kills >= FEWEST_KILLS
    assert killed.rows() == quiet.rows()
    assert quiet.count() > 0.8 * len(urls)
    print(f"\n{kills} kills, {killed.count()} digests of {len(urls)} sources")  # noqa: T201, the figures
