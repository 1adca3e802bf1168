"""Store: copies of the embedded database, taken while others work with it, and put back.

A copy is a database that any SQLite reads, and behind it the SHA-256 of all before: SQLite's own
checks do not see a flipped bit within a text.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import make_url

from recommender.errors import StorageError
from recommender.store.backup_checks import check_copy
from recommender.store.dialects import dialect_of
from recommender.store.dialects.sqlite import files_of

PAGES_AT_A_TIME: Final = 1000

_logger = logging.getLogger(__name__)

_BYTES_AT_A_TIME: Final = 1_000_000
_SEAL: Final = b"\nsha256 of all before: "
_SEAL_BYTES: Final = len(_SEAL) + hashlib.sha256().digest_size * 2 + 1
_SQLITE_FILE: Final = b"SQLite format 3\0"


def backup_database(url: str, target: Path) -> int:
    """Copy the database to a file that appears when it is complete.

    Parameters
    ----------
    url : str
        Of the database.
    target : Path
        Must not exist.

    Returns
    -------
    int
        Size of the copy in bytes.

    Raises
    ------
    StorageError
        If the target exists, or the copy cannot be made.
    """
    if os.path.lexists(target):
        raise StorageError(f"{target} exists; name a file that does not, nothing is overwritten")
    source = file_of(url)
    if not source.exists():
        raise StorageError(f"{source} does not exist; there is nothing to copy yet")
    try:
        _copy_sealed(source, target)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"backup of {source} to {target} failed ({error}); see that its folder exists, has "
            "room, and may be written"
        ) from error
    return target.stat().st_size


def restore_database(url: str, backup: Path) -> Path | None:
    """Put a backup in the database's place, in one transaction; the backup is not touched.

    What replaces the database is a copy that was looked over: whole by its seal and by SQLite's
    checks, and with the schema that this program makes. It is SQLite that replaces the content, so
    that a kill at any moment leaves the one or the other, and a process that opens the database
    meanwhile waits.

    Returns
    -------
    Path or None
        Where the former content was kept; None where there was no database.

    Raises
    ------
    StorageError
        If the file is no backup of ours, is damaged, was written by a newer version, or cannot be
        read; or if something works with the database, the daemon for example.
    """
    current = _refuse_missing(url, backup)
    kept = None
    try:
        with _looked_over(backup, beside=current) as copy:
            if current.exists() and current.stat().st_size:
                _refuse_in_use(current)
                kept = _free_name(current.with_name(f"{current.name}.before-restore"))
                _copy_sealed(current, kept)
            with closing(sqlite3.connect(current)) as writing:
                copy.backup(writing)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"restore of {backup} to {current} failed ({error}); what was there is there"
        ) from error
    return kept


def check_backup(url: str, backup: Path) -> None:
    """Look a backup over as `restore_database` does, which it raises the same errors for."""
    current = _refuse_missing(url, backup)
    try:
        with _looked_over(backup, beside=current):
            pass
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"{backup} cannot be looked over ({error}); nothing was done") from error


def _refuse_missing(url: str, backup: Path) -> Path:
    """Return the database's file once it is seen that there is something to restore, and where."""
    current = file_of(url)
    try:
        if not backup.is_file():
            raise StorageError(
                f"{backup} does not exist; name a file that 'recommender backup' wrote"
            )
        if not current.parent.is_dir():
            raise StorageError(f"the folder {current.parent} does not exist; create it")
        _refuse_unfinished(backup)
    except OSError as error:
        raise StorageError(
            f"{error.filename}: {error.strerror}; run this as a user who may read it"
        ) from error
    return current


def copies_beside(url: str) -> list[Path]:
    """List the files in the database's folder that are databases too: backups, former content."""
    file = dialect_of(make_url(url)).file_of(make_url(url))
    if file is None:
        return []
    path = file.resolve()
    return [
        each
        for each in sorted(path.parent.iterdir())
        if each not in files_of(path) and each.is_file() and _begins_as_database(each)
    ]


def _begins_as_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE_FILE)) == _SQLITE_FILE
    except OSError:
        return False  # what this user may not read, others may not either


def _copy_sealed(source: Path, target: Path) -> None:
    """Copy a database to a file that appears when it is complete, and seal it."""
    unfinished = target.with_name(f".{target.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(source)) as reading,
            closing(sqlite3.connect(unfinished)) as writing,
        ):
            reading.backup(writing, pages=PAGES_AT_A_TIME)
        with unfinished.open("r+b") as file:
            digest = _digest(file, unfinished.stat().st_size)
            file.write(_SEAL + digest.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _digest(file: BinaryIO, size: int) -> str:
    """Return the SHA-256 of the next bytes, behind which the file stands then."""
    summed = hashlib.sha256()
    while size > 0:
        block = file.read(min(size, _BYTES_AT_A_TIME))
        if not block:
            break
        summed.update(block)
        size -= len(block)
    return summed.hexdigest()


@contextlib.contextmanager
def _looked_over(backup: Path, *, beside: Path) -> Iterator[sqlite3.Connection]:
    """Copy a backup next to the database, and open the copy once it has been looked over.

    A copy, because whoever still writes the backup, or writes it again, changes what was seen.
    """
    copy = beside.with_name(f".{beside.name}.restoring")
    copy.unlink(missing_ok=True)  # of a restore that was killed
    try:
        with backup.open("rb") as reading, copy.open("x+b") as writing:
            _copy_seal_checked(reading, writing, backup)
        # Nobody else has it: no locks, and no WAL beside it.
        address = f"{copy.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            check_copy(connection, backup)
            yield connection
    finally:
        copy.unlink(missing_ok=True)


def _copy_seal_checked(reading: BinaryIO, writing: BinaryIO, backup: Path) -> None:
    """Copy a backup without its seal; one without a seal is of an older version, or another tool.

    Raises
    ------
    StorageError
        If the file is not what was sealed.
    """
    size = os.fstat(reading.fileno()).st_size
    reading.seek(max(size - _SEAL_BYTES, 0))
    seal = reading.read()
    reading.seek(0)
    page_bytes = _page_bytes(reading)
    is_sealed = seal.startswith(_SEAL)
    if is_sealed:
        size -= _SEAL_BYTES
    elif page_bytes:
        _logger.warning(
            "%s has no checksum, so damage within texts is not seen: an older version wrote it, "
            "or another tool",
            backup,
        )
    # A database has whole pages: what is behind them was a seal once.
    is_cut = page_bytes and size % page_bytes
    reading.seek(0)
    summed = hashlib.sha256()
    while size > 0 and (block := reading.read(min(size, _BYTES_AT_A_TIME))):
        summed.update(block)
        writing.write(block)
        size -= len(block)
    if is_cut or (is_sealed and seal[len(_SEAL) :] != summed.hexdigest().encode() + b"\n"):
        raise StorageError(
            f"{backup} is damaged: it is not what 'recommender backup' wrote; take another backup"
        )
    writing.flush()


def _page_bytes(file: BinaryIO) -> int:
    """Return the size of a page as the header of a database has it; 0 where it is none."""
    header = file.read(18)
    if not header.startswith(_SQLITE_FILE):
        return 0
    return {1: 65536}.get(size := int.from_bytes(header[16:18], "big"), size)


def _refuse_unfinished(backup: Path) -> None:
    """Refuse a file that is only a part of a database: the rest is in a file beside it."""
    for end in ("-wal", "-journal"):
        rest = backup.with_name(backup.name + end)
        if rest.exists() and rest.stat().st_size:
            raise StorageError(
                f"{backup} is not whole without {rest.name} beside it: somebody works with it, or "
                "it is a copy of a database in use; take a copy by 'recommender backup'"
            )


def _refuse_in_use(current: Path) -> None:
    """See that nobody has the database open: SQLite leaves the WAL for its last user only.

    Raises
    ------
    StorageError
        If somebody has.
    """
    try:
        with closing(sqlite3.connect(current, timeout=1.0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise StorageError(
                f"{current} is in use; stop the daemon and every other command, then restore again"
            ) from error
        raise StorageError(
            f"{current} cannot be opened ({error}); stop the daemon, move it away together with "
            f"{current.name}-wal and {current.name}-shm, then restore again"
        ) from error


def file_of(url: str) -> Path:
    """Return the file of an embedded database.

    Raises
    ------
    StorageError
        If it is none.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StorageError(
            "this command copies SQLite's database; for PostgreSQL's, pg_dump --format=custom "
            "makes a backup while the daemon runs, and pg_restore puts it back"
        )
    return Path(parsed.database)


def _free_name(path: Path) -> Path:
    number = 1
    candidate = path
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
