"""Store: whether the database can be written, tried for real, but not at every question.

A disk that is full or read-only, a quota that is used up, a lock that nobody lets go of: what is
read of the database looks well all the while.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlmodel import Session

from recommender.errors import StorageError

PROBE_SECONDS: Final = 10.0
"""A try stands for so long; so long after a disk is full, it is known at the latest."""

PATIENCE_SECONDS: Final = 10.0
"""A try that takes longer than any transaction of ours is one that failed."""

LEAST_FREE_BYTES: Final = 64 * 2**20
"""Of the file system: the write-ahead log, the index of papers and a few large mails fit in."""

FILLING_SHARE: Final = 0.8
FILLING_BYTES: Final = 20 * 10**9
"""A disk with so much of it used, and no more than so much free, is told to the operator."""

FULL_SHARE: Final = 0.95
FULL_BYTES: Final = 2 * 10**9
"""From here on nothing new is begun; what is left is for what readers do, and what is queued."""


class WriteProbe:
    """Whether a database can be written.

    Parameters
    ----------
    write : callable
        Opens a transaction, as `Database.write`.
    probe : callable
        Writes something in it, as `Dialect.try_to_write`.
    folder : Path or None
        Where the database's file is; None: nowhere on this machine.
    probe_seconds, patience_seconds : float
        How long a try stands, and how long it may take.
    statvfs : callable
        Looks at the file system of a folder.
    """

    def __init__(
        self,
        write: Callable[[], AbstractContextManager[Session]],
        probe: Callable[[Connection], None],
        folder: Path | None,
        *,
        probe_seconds: float = PROBE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        statvfs: Callable[[Path], os.statvfs_result] = os.statvfs,
    ) -> None:
        self._write = write
        self._probe = probe
        self._folder = folder
        self._probe_seconds = probe_seconds
        self._patience_seconds = patience_seconds
        self._statvfs = statvfs
        self._lock = threading.Lock()
        # Of its own: whoever asks is answered in time, however long a lock is waited for.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="write-probe")
        self._attempt: Future[str | None] | None = None
        self._begun_at = 0.0

    def trouble(self) -> str | None:
        """Return why the database cannot be written, or soon cannot; None where it can."""
        return self._space_trouble() or self._write_trouble()

    def filling(self) -> str | None:
        """Return that the disk fills up, or is nearly full; None where it has room."""
        return self.nearly_full() or self._used(FILLING_SHARE, FILLING_BYTES, "free some")

    def nearly_full(self) -> str | None:
        """Return that nothing new is to be begun for want of room; None where there is some.

        Issues are not composed, sources not fetched, the watched folder not read. What is queued
        leaves, and what readers and mails say is kept.
        """
        return self._used(
            FULL_SHARE,
            FULL_BYTES,
            "nothing is composed or taken in until you free some; what is queued leaves",
        )

    def _used(self, share: float, most_free: int, mend: str) -> str | None:
        if self._folder is None:
            return None
        try:
            found = self._statvfs(self._folder)
        except OSError:
            return None  # which `trouble` tells
        used = found.f_blocks - found.f_bfree
        free = found.f_bavail * found.f_frsize
        # As df has it: what only root may use is neither.
        used_share = used / max(used + found.f_bavail, 1)
        if used_share < share or free > most_free:
            return None
        return (
            f"the disk of the database is {100 * used_share:.0f} % full, {free / 1e9:.1f} GB are "
            f"free; {mend}"
        )

    def _space_trouble(self) -> str | None:
        if self._folder is None:
            return None
        try:
            return space_trouble(self._statvfs(self._folder))
        except OSError as error:
            return f"the folder of the database cannot be looked at ({error.strerror})"

    def _write_trouble(self) -> str | None:
        with self._lock:
            now = time.monotonic()
            attempt = self._attempt
            if attempt is None or (attempt.done() and now - self._begun_at >= self._probe_seconds):
                attempt = self._attempt = self._thread.submit(self._try_to_write)
                self._begun_at = now
            left = self._begun_at + self._patience_seconds - now
        try:
            return attempt.result(max(left, 0))
        except TimeoutError:
            return f"nothing can be written to the database within {self._patience_seconds:.0f} s"

    def _try_to_write(self) -> str | None:
        try:
            with self._write() as session:
                self._probe(session.connection())
        except StorageError as error:
            return str(error)
        return None


def space_trouble(file_system: os.statvfs_result) -> str | None:
    """Return what a file system has too little of; None where it has enough."""
    free = file_system.f_bavail * file_system.f_frsize
    if free < LEAST_FREE_BYTES:
        return (
            f"the disk of the database has {free // 2**20} MB free; below "
            f"{LEAST_FREE_BYTES // 2**20} MB, free some"
        )
    # Some file systems have no such number, and say 0 of 0.
    if file_system.f_files and not file_system.f_favail:
        return "the disk of the database can hold no more files; remove some"
    return None
