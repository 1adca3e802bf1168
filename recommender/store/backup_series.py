"""Store: backups of which each has its moment in its name, and the oldest of them go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from recommender.errors import StorageError

_NAME: Final = re.compile(r"recommender-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db")


def next_backup(folder: Path, now: datetime) -> Path:
    """Return the name of a backup that is made at a moment, in UTC.

    Raises
    ------
    StorageError
        If the folder is none.
    """
    try:
        is_folder = folder.is_dir()
    except OSError as error:
        raise StorageError(f"{folder} cannot be looked at ({error.strerror})") from error
    if not is_folder:
        raise StorageError(f"{folder} is no folder; make it, or leave out --keep to name a file")
    return folder / f"recommender-{now:%Y-%m-%dT%H-%M-%S}Z.db"


def remove_old(folder: Path, *, keep: int) -> list[Path]:
    """Remove all backups of the series but the last ones; whatever has another name stays.

    Parameters
    ----------
    keep : int
        How many stay, >= 1.

    Returns
    -------
    list of Path
        What was removed.

    Raises
    ------
    StorageError
        If one cannot be removed.
    """
    try:
        old = old_names((each.name for each in folder.iterdir() if each.is_file()), keep=keep)
        removed = [folder / name for name in old]
        for path in removed:
            path.unlink()
    except OSError as error:
        raise StorageError(
            f"old backups in {folder} cannot be removed ({error.strerror}); remove them by hand, "
            "the new one is written"
        ) from error
    return removed


def old_names(names: Iterable[str], *, keep: int) -> list[str]:
    """Return the names of a series but the last ones, the oldest first."""
    return sorted(name for name in names if _NAME.fullmatch(name))[:-keep]
