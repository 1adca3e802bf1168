"""Store: which daemon works on a database that is one machine's, so that a second one says so."""

from __future__ import annotations

import fcntl
import logging
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
_logger = logging.getLogger(__name__)


@contextmanager
def named_daemon(url: str) -> Iterator[None]:
    """Leave word of this daemon beside a database, and warn of another one there.

    Where the database is for several there is nothing to say. They do nothing twice, but a second
    settings file that names the same database is hardly meant. The system lets go of the lock when
    this process ends, however it ends; processes that it started do not hold it.

    Raises
    ------
    StorageError
        If word cannot be left.
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
        except OSError:
            number = os.read(descriptor, _MOST_DIGITS).decode("ascii", "replace").strip()
            _logger.warning(
                "another daemon works on %s too (process %s); stop one of them, if that is not "
                "meant",
                file,
                number or "unknown",
            )
        else:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
