"""Files that are whole or not there: what is read is what somebody wrote to the end."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Final

_ABANDONED_AFTER_SECONDS: Final = 3600


def atomic_write(path: Path, content: bytes | memoryview) -> None:
    """Put content in a file's place, on the disk; who reads meanwhile sees the one before or this.

    Of several processes that write at once, whoever comes last wins. What a process leaves behind
    that is killed while it writes is taken away by a later one. The folder is made where there is
    none.

    Raises
    ------
    OSError
        If it cannot be written; the file that was there stays.
    """
    path.parent.mkdir(exist_ok=True)
    _clear_abandoned(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{time.monotonic_ns()}.part")
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _clear_abandoned(path: Path) -> None:
    for part in path.parent.glob(f".{path.name}.*.part"):
        # Another process may take it away, or finish it, while we look.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                part.unlink()
