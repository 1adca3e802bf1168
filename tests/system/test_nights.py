"""The work of the night, in a process that the daemon starts: its end, and kills of either."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import insert, update

from recommender.interests.index_file import read_index
from recommender.night_process import MOST_MEMORY_BYTES
from recommender.store import digests, papers, ratings, subscribers
from recommender.store.digests import RankedMention
from recommender.store.tables import RatingRow, SubscriberRow

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads /proc")

TOPICS, READERS = 16, 120
A_NIGHT = 240
"""Seconds, on a machine that is busy: its work leaves the time to all others."""
KNOWN = 12_000
"""Papers whose words are learned in a second or two."""


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def index_folder(installation: Any) -> Path:
    return Path(f"{installation.folder / 'recommender.db'}.index")


def nights_of(pid: int) -> list[int]:
    """Find the processes in which a daemon does the work of the night."""
    return [
        int(stat.parent.name)
        for stat in Path("/proc").glob("[0-9]*/stat")
        if (fields := read(stat).rpartition(")")[2].split())
        and int(fields[1]) == pid
        and "nightly" in read(stat.with_name("cmdline"))
    ]


def read(path: Path) -> str:
    """Read what a process may take away meanwhile."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def nights(installation: Any) -> list[str]:
    """Return what the daemons of an installation said of the work of the night."""
    logs = sorted(installation.folder.glob("daemon-*.log"))
    return [line for log in logs for line in log.read_text().splitlines() if "night: " in line]


def set_last_night(installation: Any, moment: datetime) -> None:
    (index_folder(installation) / "nightly.json").write_text(
        json.dumps({"last_night_at": moment.isoformat()})
    )


def test_night_that_was_missed_is_made_up_once_after_the_start(
    with_digest: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    done = json.loads(with_digest.do("nightly", "--json"))
    assert [step["name"] for step in done["steps"] if step["done"]][:1] == ["index"]
    set_last_night(with_digest, datetime.now(UTC) - timedelta(days=3))

    for _ in range(2):
        daemon = start_daemon(with_digest)
        eventually(lambda: nights(with_digest), "the night is made up", seconds=A_NIGHT)
        with_digest.look_now(1)
        eventually((with_digest.folder / "done" / "1.jsonl").exists, "the daemon has looked")
        daemon.signal_stop()
        assert daemon.wait_until_ended() == 0

    assert sum("night: index: " in line for line in nights(with_digest)) == 1
    assert (index_folder(with_digest) / "papers.npz").exists()


def know_papers(installation: Any) -> None:
    """Have so many papers that learning their words takes a while."""
    words = [f"word{at}" for at in range(1000)]
    with installation.services() as services, services.database.write() as session:
        new = papers.NewPaper("Title", "title", "", (), None, None, None, None, long_ago())
        texts = (" ".join(random.choices(words, k=100)) for _ in range(KNOWN))  # noqa: S311
        papers.add(session, [replace(new, abstract=text) for text in texts])


def test_told_to_stop_at_night_it_ends_at_once_and_the_night_is_made_up(
    with_digest: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    know_papers(with_digest)
    record = index_folder(with_digest) / "nightly.json"
    daemon = start_daemon(with_digest)
    eventually(record.exists, "the night has begun")

    begun = time.monotonic()
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0

    assert time.monotonic() - begun < 5
    assert "told to end; it is made up later" in daemon.log.read_text()
    assert not record.exists()
    assert not (record.parent / "papers.npz").exists()


@pytest.fixture
def night_under_way(
    with_digest: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> tuple[Any, int]:
    """Return a daemon, and the process of its night that has begun and takes a while."""
    know_papers(with_digest)
    daemon = start_daemon(with_digest)
    eventually((index_folder(with_digest) / "nightly.json").exists, "the night has begun")
    [night] = nights_of(daemon.process.pid)
    return daemon, night


def test_night_leaves_memory_and_time_to_the_daemon(night_under_way: tuple[Any, int]) -> None:
    daemon, night = night_under_way

    assert os.getpriority(os.PRIO_PROCESS, night) > os.getpriority(
        os.PRIO_PROCESS, daemon.process.pid
    )
    limits = Path(f"/proc/{night}/limits").read_text()
    [address_space] = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert str(MOST_MEMORY_BYTES) in address_space


def assert_next_daemon_begins_no_night(
    installation: Any, start_daemon: Any, eventually: Callable[..., Any]
) -> None:
    again = start_daemon(installation)
    installation.look_now(1)
    eventually((installation.folder / "done" / "1.jsonl").exists, "the next one has looked")
    assert nights_of(again.process.pid) == []


def test_killed_night_is_told_and_neither_ends_the_daemon_nor_begins_again(
    with_digest: Any,
    night_under_way: tuple[Any, int],
    start_daemon: Any,
    eventually: Callable[..., Any],
) -> None:
    daemon, night = night_under_way
    os.kill(night, signal.SIGKILL)

    eventually(lambda: "the night was killed by SIGKILL" in daemon.log.read_text(), "it is told")
    assert httpx.get(with_digest.base_url, timeout=5).status_code == 200
    daemon.signal_stop()
    assert daemon.wait_until_ended() == 0
    assert_next_daemon_begins_no_night(with_digest, start_daemon, eventually)
    assert nights(with_digest) == []


def test_night_whose_daemon_is_killed_ends_its_work_and_it_is_not_begun_again(
    with_digest: Any,
    night_under_way: tuple[Any, int],
    start_daemon: Any,
    eventually: Callable[..., Any],
) -> None:
    daemon, night = night_under_way
    daemon.kill()
    assert_next_daemon_begins_no_night(with_digest, start_daemon, eventually)

    eventually(lambda: not Path(f"/proc/{night}").exists(), "the night has ended", seconds=A_NIGHT)
    assert [line.split("night: ")[1].split(":")[0] for line in nights(with_digest)] == [
        *("index", "tune", "quality", "forget", "tidy")
    ]
    assert len(read_index(index_folder(with_digest) / "papers.npz").index.papers) >= KNOWN


def know_readers_of_pairs(installation: Any) -> None:
    """Have people who like two topics without a common word each, of ten days of papers."""
    random = np.random.default_rng(0)
    installation.import_subscribers(READERS)
    with installation.services() as services, services.database.write() as session:
        ids = [each.id for each in subscribers.every(session)]
        of_topic: dict[int, list[int]] = {}
        # The community's map is learned from papers that are on offer no more: of the first nine.
        for day, age_days in enumerate([*range(60, 51, -1), 1]):
            topics = [*range(TOPICS)] * 4
            new = papers.add(session, [new_paper(topic, random) for topic in topics])
            for topic, paper_id in zip(topics, new, strict=True):
                of_topic.setdefault(topic, []).append(paper_id)
            digests.add(
                session,
                sha256=f"{day}",
                format="text",
                source="test",
                file_name=f"{day}.txt",
                curator="AK",
                day=(long_ago() - timedelta(days=age_days)).date(),
                ingested_at=long_ago(),
                mentions=[RankedMention(paper_id, rank, 0) for rank, paper_id in enumerate(new, 1)],
            )
        likes = [
            {
                "subscriber_id": subscriber_id,
                "paper_id": paper_id,
                "value": 1,
                "saved": False,
                "rated_at": long_ago(),
            }
            for at, subscriber_id in enumerate(ids)
            for topic in (at % (TOPICS // 2), at % (TOPICS // 2) + TOPICS // 2)
            for paper_id in of_topic[topic]
            # Some come to the second topic after the first.
            if random.random() < 0.75
            and (at % 3 or (topic < TOPICS // 2) == (paper_id < of_topic[topic][32]))
        ]
        session.execute(insert(RatingRow), likes)
        # Whose voice counts whole.
        session.execute(update(SubscriberRow).values(issues_composed=ratings.ISSUES_OF_A_RECORD))


def new_paper(topic: int, random: np.random.Generator) -> papers.NewPaper:
    words = [
        *(f"topic{topic}x{word}" for word in random.choice(8, 4, replace=False)),
        *(f"common{word}" for word in random.choice(300, 8, replace=False)),
    ]
    title = " ".join(words)
    return papers.NewPaper(title, title, "", (), None, None, None, None, long_ago())


def test_daemon_never_loads_what_only_the_night_needs_and_has_what_was_learned(
    with_digest: Any, start_daemon: Any, sink: Any, eventually: Callable[..., Any]
) -> None:
    know_readers_of_pairs(with_digest)
    daemon = start_daemon(with_digest)
    loaded: set[str] = set()

    def is_over() -> bool:
        for night in nights_of(daemon.process.pid):
            loaded.add("sklearn" if "/sklearn/" in read(Path(f"/proc/{night}/maps")) else "")
        return any("night: forget: " in line for line in nights(with_digest))

    eventually(is_over, "the night is over", seconds=A_NIGHT)
    assert any("night: tune: adopted " in line for line in nights(with_digest))
    assert "sklearn" in loaded
    learned = read_index(index_folder(with_digest) / "papers.npz").index
    assert len(learned.community.offset_) == READERS // 4

    with_digest.make_due(long_ago())
    with_digest.look_now(1)
    sink.wait_for(f"reader{READERS}@example.org")
    assert "/sklearn/" not in Path(f"/proc/{daemon.process.pid}/maps").read_text()
    kept = read_index(index_folder(with_digest) / "papers.npz").index
    assert len(kept.papers) > len(learned.papers)
    assert len(kept.community.offset_) == READERS // 4
