"""A daemon whose readers hang and are killed, and somebody who asks for its pages meanwhile.

They are held the moment they start, as an input does it that the parsers' authors did not foresee;
nothing in the tests knows one that still does. Then they are killed, as they are at their limits.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from recommender.store import inbound_listing

PAGES = 20
"""So many are asked for while a reader hangs."""

MEDIAN_SECONDS = 1.0
LONGEST_SECONDS = 10.0
"""Of an answer, on a machine that may be busy with other tests."""


@contextlib.contextmanager
def holding_readers(installation: Any) -> Iterator[Callable[[], set[int]]]:
    """Stop what reads for the daemon of an installation as it starts, before it reads.

    Gives a function that names those that were stopped so far; none of them is left at the end.
    """
    folder = installation.folder / "held"
    folder.mkdir()

    def held() -> set[int]:
        return {int(each.name) for each in folder.iterdir()}

    try:
        yield held
    finally:
        for process in held():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(folder)


@contextlib.contextmanager
def hanging_readers(installation: Any, eventually: Any) -> Iterator[list[float]]:
    """Let what is handed in meanwhile hang its reader, twice, and kill that one once pages came.

    Gives how long each page took while one hung.
    """
    with asking_for_pages(installation.base_url) as took, holding_readers(installation) as held:
        yield took
        killed: set[int] = set()
        for _ in range(2):
            eventually(lambda: held() - killed, "somebody begins to read")
            so_far = len(took)
            eventually(lambda so_far=so_far: len(took) >= so_far + PAGES, "pages answer")
            for process in held() - killed:
                os.kill(process, signal.SIGKILL)
                killed.add(process)


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


def assert_pages_answered(took: list[float]) -> None:
    """See that answers came as usual, and none of them waited for what was read."""
    assert statistics.median(took) < MEDIAN_SECONDS
    assert max(took) < LONGEST_SECONDS


def mails(installation: Any) -> dict[str, int]:
    """Count the mails that came in, by state."""
    with installation.services() as services, services.database.read() as session:
        states = inbound_listing.counts(session)
    return {state.value: number for state, number in states.items() if number}
