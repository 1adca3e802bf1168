"""Whatever an input does to whoever reads it: pages answer, and the next one is read.

What reads is killed the moment it starts, as the system does where memory is short, or as an input
does it that the parsers' authors did not foresee; nothing in the tests knows one that still does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from recommender.store import inbound_listing

LIST = "papers@lists.example.org"
LONGEST_ANSWER_SECONDS = 1.0
DIGEST = "by the reading group\n\nMar 11\n\nA title\n\nAn abstract. It says what is done.\n"


def reading_processes(parent: int) -> list[int]:
    """Find the processes of a daemon that read for it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            of_parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if of_parent == parent and b"recommender.reading" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@contextlib.contextmanager
def killing_whoever_reads(daemon: Any) -> Iterator[None]:
    """Kill what reads for a daemon, as soon as it is there."""
    is_over = threading.Event()

    def kill() -> None:
        while not is_over.wait(0.005):
            for process in reading_processes(daemon.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@contextlib.contextmanager
def asking_for_pages(base_url: str) -> Iterator[list[float]]:
    """Ask for a page again and again; gives how long each answer took."""
    is_over = threading.Event()
    took: list[float] = []

    def ask() -> None:
        with httpx.Client(trust_env=False) as client:
            while not is_over.wait(0.02):
                begun = time.monotonic()
                assert client.get(base_url).status_code == httpx.codes.OK
                took.append(time.monotonic() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        is_over.set()
        thread.join()


def hand_in_by_lmtp(installation: Any, content: bytes) -> None:
    port = int(installation.settings["INBOX__LMTP"].rpartition(":")[2])
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mta") as client:
        client.sendmail("a@example.org", LIST, content)


def put_into_maildir(installation: Any, content: bytes) -> None:
    folder = Path(installation.settings["INBOX__MAILDIR"])
    name = f"{time.monotonic_ns()}.host"
    (folder / "tmp" / name).write_bytes(content)
    (folder / "tmp" / name).rename(folder / "new" / name)


def mails(installation: Any) -> dict[str, int]:
    with installation.services() as services, services.database.read() as session:
        states = inbound_listing.counts(session)
    return {state.value: number for state, number in states.items() if number}


@pytest.fixture
def reached(installation: Any, free_port: Callable[[], int], tmp_path: Path) -> Any:
    """Return an installation with two ways in that a daemon watches."""
    installation.settings["INBOX__LMTP"] = f"127.0.0.1:{free_port()}"
    (tmp_path / "mail").mkdir()
    installation.settings["INBOX__MAILDIR"] = str(tmp_path / "mail")
    return installation


@pytest.mark.parametrize("give", [hand_in_by_lmtp, put_into_maildir])
def test_poison_mail_stops_nobody_and_the_next_is_acted_on(
    reached: Any, start_daemon: Any, eventually: Any, give: Callable[[Any, bytes], None]
) -> None:
    daemon = start_daemon(reached)
    with asking_for_pages(reached.base_url) as took, killing_whoever_reads(daemon):
        give(reached, b"Subject: poison\n\nx\n")
        eventually(lambda: mails(reached).get("failed"), "it is set aside")
    daemon.kill()
    start_daemon(reached)
    give(reached, b"Subject: the next\n\nx\n")
    eventually(lambda: mails(reached).get("done"), "the next one is acted on")
    assert mails(reached) == {"failed": 1, "done": 1}
    assert max(took) < LONGEST_ANSWER_SECONDS


def test_poison_file_is_rejected_and_the_next_is_stored(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    incoming = installation.folder / "incoming"
    daemon = start_daemon(installation)
    with asking_for_pages(installation.base_url) as took, killing_whoever_reads(daemon):
        (incoming / "poison.txt").write_text(DIGEST)
        rejected = installation.folder / "rejected" / "poison.txt.why.txt"
        eventually(rejected.exists, "it is rejected")
    assert max(took) < LONGEST_ANSWER_SECONDS
    assert "killed by SIGKILL; it was tried 2 times" in rejected.read_text()
    (incoming / "good.txt").write_text(DIGEST.replace("A title", "Another title"))
    eventually((installation.folder / "done" / "good.txt").exists, "the next one is stored")


def test_file_is_not_read_for_ever_where_the_daemon_is_killed_each_time(
    installation: Any, start_daemon: Any, eventually: Any
) -> None:
    poison = installation.folder / "incoming" / "poison.txt"
    poison.write_text(DIGEST)
    for _ in range(2):
        daemon = start_daemon(installation)
        stopped = eventually(lambda d=daemon: reading_processes(d.process.pid), "it is read")
        # Held where it is, so that the daemon is killed while it waits for it.
        os.kill(stopped[0], signal.SIGSTOP)
        daemon.kill()
        os.kill(stopped[0], signal.SIGKILL)
    start_daemon(installation)
    eventually(lambda: not poison.exists(), "it is taken away")
