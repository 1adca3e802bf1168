"""Mail: takes what an MTA put into a Maildir; stores it before it is moved from new/ to cur/."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from recommender.errors import DaemonError
from recommender.store.inbound import NewMail

SEEN: Final = ":2,S"
UNSEEN: Final = ":2,"
LONGEST_NAME_BYTES: Final = 255

_logger = logging.getLogger(__name__)


def prepare(folder: Path) -> None:
    """Make what a Maildir consists of, where it is missing.

    Raises
    ------
    DaemonError
        If it cannot be used.
    """
    try:
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise DaemonError(
            f"inbox.maildir {folder} cannot be used ({error.strerror}); let this user write to it"
        ) from error


def take_new(
    folder: Path,
    *,
    store: Callable[[Sequence[NewMail]], None],
    most_bytes: int,
) -> int:
    """Store what lies in new/, the oldest name first, and move each mail to cur/ afterwards.

    A kill in between leaves a mail in new/ that is known already: it is moved, not stored twice.
    A mail that is too large is moved without the mark of one that was seen.

    Returns
    -------
    int
        How many were stored.

    Raises
    ------
    StorageError
        If one cannot be stored; it stays in new/, and so do those behind it.
    """
    stored = 0
    for path in sorted((folder / "new").iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        try:
            is_taken = _take(path, store, most_bytes)
            _move(path, folder / "cur", SEEN if is_taken else UNSEEN)
        except OSError as error:
            # Somebody else's mail program may have moved it, or it is not readable for us.
            _logger.warning("inbox.maildir: %s is left: %s", path, error.strerror)
            continue
        stored += is_taken
    return stored


def _move(path: Path, folder: Path, flags: str) -> None:
    """Move a mail into a folder, with flags where its name has room, and over no other mail.

    Names are unique by the rules of Maildir; not everybody who writes into one keeps to them.
    """
    base = path.name.partition(":")[0]
    flagged = f"{base}{flags}"
    name = flagged if len(os.fsencode(flagged)) <= LONGEST_NAME_BYTES else path.name
    number = 1
    while os.path.lexists(folder / name):
        number += 1
        name = f"{os.fsencode(base)[:200].decode('ascii', 'replace')}-{number}{flags}"
    path.rename(folder / name)


def _take(path: Path, store: Callable[[Sequence[NewMail]], None], most_bytes: int) -> bool:
    size = path.stat().st_size
    if size > most_bytes:
        _logger.warning("inbox.maildir: %s is too large: %d bytes", path, size)
        return False
    # Nothing of it is looked at before it is stored: whom it is for is read with the rest.
    store([NewMail("maildir", "", "", path.read_bytes())])
    return True
