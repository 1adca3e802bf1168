"""Store: copies of the embedded database, taken and put back while others work with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from recommender.errors import StorageError
from recommender.store.database import SCHEMA_REVISION

PAGES_AT_A_TIME = 1000


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
    if target.exists():
        raise StorageError(f"{target} exists; name a file that does not, nothing is overwritten")
    source = _file_of(url)
    if not source.exists():
        raise StorageError(f"{source} does not exist; there is nothing to copy yet")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        _copy(source, unfinished)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(f"backup of {source} to {target} failed: {error}") from error
    return target.stat().st_size


def restore_database(url: str, backup: Path) -> Path | None:
    """Put a backup in the database's place, in one transaction that other processes see whole.

    Returns
    -------
    Path or None
        Where the former content was kept; None where there was no database.

    Raises
    ------
    StorageError
        If the file is no backup of ours, was written by a newer version, or cannot be read.
    """
    if not backup.is_file():
        raise StorageError(f"{backup} does not exist")
    revision = _revision_of(backup)
    if revision > SCHEMA_REVISION:
        raise StorageError(
            f"{backup} was written by a newer version (schema {revision}, this one knows "
            f"{SCHEMA_REVISION}); install that version first"
        )
    current = _file_of(url)
    kept = None
    try:
        if current.exists():
            kept = _free_name(current.with_name(f"{current.name}.before-restore"))
            _copy(current, kept)
        _copy(backup, current)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"restore of {backup} to {current} failed: {error}") from error
    return kept


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing, pages=PAGES_AT_A_TIME)


def _revision_of(backup: Path) -> str:
    """Read the schema revision of a file without writing to it."""
    try:
        with closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as reading:
            (revision,) = reading.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise StorageError(f"{backup} is no backup of this program: {error}") from error
    return str(revision)


def _file_of(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StorageError("this command copies the embedded database; use your server's own tools")
    return Path(parsed.database)


def _free_name(path: Path) -> Path:
    number = 1
    candidate = path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
