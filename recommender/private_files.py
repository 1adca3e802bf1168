"""Who may read what lies on disk: this program's user, and whoever may drop files.

Addresses, ratings, stored mail and keys are nobody else's. So what the program makes has no rights
for others, whatever the umask that it was started with. The watched folder alone is for others too:
they put digests there.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_OF_GROUP_AND_OTHERS: Final = 0o077
_OF_OTHERS: Final = 0o007
_READ_OR_WRITTEN_BY_OTHERS: Final = 0o006


@dataclass(slots=True)
class _Caller:
    """With which umask this process was started; None where it still has that."""

    umask: int | None = None


_caller = _Caller()


def keep_new_files_private() -> None:
    """Have this process, and those that it starts, make files and folders for its user only.

    SQLite makes its WAL, libraries make files of their own: the umask reaches all of them.
    """
    umask = os.umask(_OF_GROUP_AND_OTHERS)
    if _caller.umask is None:
        _caller.umask = umask


def make_shared_folder(path: Path) -> None:
    """Make a folder with the rights that whoever started this process gives; nothing if there.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    if path.is_dir():
        return
    path.mkdir(parents=True, exist_ok=True)
    if _caller.umask is not None:
        path.chmod(0o777 & ~_caller.umask)


def make_private(path: Path) -> None:
    """Take the rights of group and others away where others have any, if the file is ours.

    Whoever shares a file with a group alone did so by hand, and keeps it so. A link stays a link.
    What cannot be changed stays as it is: ``check-config`` and ``doctor`` name it.
    """
    # SQLite takes its files away when the last one leaves; a file system may know no modes.
    with contextlib.suppress(OSError):
        found = path.lstat()
        is_plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if is_plain and found.st_mode & _OF_OTHERS and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OF_GROUP_AND_OTHERS)


def make_all_private(folder: Path) -> None:
    """Do the same for a folder and for what lies in it; nothing where there is none."""
    make_private(folder)
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            make_private(path)


def mode_for_others(path: Path) -> str | None:
    """Return the mode of a file that others may read or write, as ``0644``; else None."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return None  # there is none, or nobody but its owner may look
    return f"{stat.S_IMODE(mode):04o}" if mode & _READ_OR_WRITTEN_BY_OTHERS else None
