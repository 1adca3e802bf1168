"""Nothing is lost of what a producer replaces, rewrites and extends while the folder is read."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.jobs.services import Services
from recommender.jobs.watched_folder import WatchedFolder
from recommender.papers.files.rejected import all_rejected
from recommender.store import digests

SETTLE_SECONDS = 0.02


def good(number: int) -> bytes:
    return f"Mar 10\n\nTitle {number}\n\nWhat paper {number} does.\n".encode()


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def is_stored(services: Services, content: bytes) -> bool:
    with services.database.read() as session:
        return digests.find_by_hash(session, hashlib.sha256(content).hexdigest()) is not None


def second_name(descriptor: int, path: Path) -> None:
    """Make another name of an open file, wherever its first one is by now."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # With a folder, Python asks for the call that follows the link in /proc.
        os.link(f"/proc/self/fd/{descriptor}", path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


@dataclass
class Producer:
    """Somebody who replaces, rewrites, extends and links digests, with no regard for who reads.

    Each file that it makes has a second name in ``kept``: there its content can be seen at the end,
    wherever the file itself went.
    """

    incoming: Path
    kept: Path
    operations: int
    seed: int
    overwritten: set[int] = field(default_factory=set)
    made: int = 0

    def run(self) -> None:
        """Work until all is done."""
        chance = random.Random(self.seed)  # noqa: S311 - a test's
        self.kept.mkdir()
        for number in range(self.operations):
            path = self.incoming / f"{chance.randrange(6)}.txt"
            content = good(self.seed * 1_000_000 + number)
            act = chance.choice(
                (self.replace, self.replace, self.rewrite, self.append, self.link, self.slowly)
            )
            act(path, content)
            time.sleep(chance.choice((0, 0, 0.002, 2 * SETTLE_SECONDS)))

    def _keep(self, descriptor: int) -> None:
        name = self.kept / str(os.fstat(descriptor).st_ino)
        if not name.exists():
            second_name(descriptor, name)
            self.made += 1

    def replace(self, path: Path, content: bytes) -> None:
        new = path.with_name(".new")
        with new.open("wb") as file:
            file.write(content)
            self._keep(file.fileno())
        self._note_overwritten(path)
        new.replace(path)

    def _note_overwritten(self, path: Path) -> None:
        try:
            self.overwritten.add(path.lstat().st_ino)
        except FileNotFoundError:
            return

    def rewrite(self, path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            self._keep(file.fileno())
            file.write(content)

    def append(self, path: Path, content: bytes) -> None:
        with path.open("ab") as file:
            self._keep(file.fileno())
            file.write(b"\n" + content)

    def link(self, path: Path, content: bytes) -> None:
        new = path.with_name(f"{hashlib.sha256(content).hexdigest()[:8]}.txt")
        with new.open("wb") as file:
            self._keep(file.fileno())
            file.write(content)
            second_name(file.fileno(), new.with_suffix(".2"))

    def slowly(self, path: Path, content: bytes) -> None:
        """Stop in the middle for longer than a file needs to settle."""
        with path.open("wb") as file:
            self._keep(file.fileno())
            file.write(content[:20])
            file.flush()
            time.sleep(2 * SETTLE_SECONDS)
            file.write(content[20:])


def test_of_what_is_replaced_and_rewritten_all_the_time_nothing_is_lost(
    services: Services, incoming: Path, tmp_path: Path
) -> None:
    operations = int(os.environ.get("RECOMMENDER_TEST_REPLACEMENTS", "120"))
    real = replace(services, clock=lambda: datetime.now(UTC))
    watched = WatchedFolder(real, incoming, settle_seconds=SETTLE_SECONDS)
    producer = Producer(incoming, tmp_path / "kept", operations, seed=7)
    thread = threading.Thread(target=producer.run)
    thread.start()
    looks = 0
    while thread.is_alive() or watched.has_waiting_files():
        list(watched.ingest())
        looks += 1
        time.sleep(0.001)
    list(watched.ingest())

    base = incoming.parent
    assert names(incoming) == []
    reasons = {
        each.path.stat().st_ino: each for each in all_rejected(base / "rejected") if each.path
    }
    filed = {each.stat().st_ino for each in (base / "done").iterdir()}
    stored = overwritten = rejected = 0
    lost: list[str] = []
    for kept in producer.kept.iterdir():
        inode, content = kept.stat().st_ino, kept.read_bytes()
        if inode in filed:
            stored += 1
            if not is_stored(services, content):
                lost.append(f"{inode} is filed away and was not read: {content!r}")
        elif inode in reasons:
            rejected += 1
            # The rest of a digest whose beginning was taken by then has no date, or is empty.
            if is_stored(services, content):
                lost.append(f"{inode} is rejected and was read")
        elif inode in producer.overwritten:
            overwritten += 1
        else:
            lost.append(f"{inode} is nowhere: {content!r}")
    print(  # noqa: T201 - the figures, with -s
        f"{operations} operations, {producer.made} files, {looks} looks: {stored} stored, "
        f"{rejected} rejected, {overwritten} overwritten by their producer, {len(lost)} lost"
    )
    assert lost == []
    assert stored > operations / 4
