"""Store: one daemon at a time works on a database that is one process's; a lock says which."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from recommender.errors import StorageError
from recommender.store.dialects import dialect_of

END: Final = "-daemon"
"""Of the lock's name, behind that of the database's file."""

_MOST_DIGITS: Final = 20


@contextmanager
def only_daemon(url: str) -> Iterator[None]:
    """Keep other daemons from a database, unless it is for several.

    The system lets go of the lock when this process ends, however it ends; processes that it
    started do not hold it.

    Raises
    ------
    StorageError
        If another daemon works on it, or the lock cannot be written.
    """
    parsed = make_url(url)
    dialect = dialect_of(parsed)
    file = None if dialect.is_for_several else dialect.file_of(parsed)
    if file is None:
        yield
        return
    path = Path(f"{file}{END}")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror}; grant the daemon's user access to its folder"
        ) from error
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            number = os.read(descriptor, _MOST_DIGITS).decode("ascii", "replace").strip()
            raise StorageError(
                f"another daemon works on {file} (process {number or 'unknown'}); stop that one "
                "first. Several on one database want PostgreSQL"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
