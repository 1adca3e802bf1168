"""Room 1, papers: the watched folder. Only this module and `dataset_files` touch files here.

Nothing here decides what a file is; `formats` does. All is by plain system calls on one file, so
that whatever lies in the folder, the other files are not held up.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import stat
from datetime import datetime
from pathlib import Path

from recommender.domain import Rejection
from recommender.errors import DigestError
from recommender.private_files import make_private

MAX_BYTES = 20_000_000
"""Of a file in the watched folder. `formats.MAX_BYTES` has less for what is dearer to read."""

_BEING_WRITTEN = (".part", ".tmp", ".crdownload", "~")
_LONGEST_NAME_BYTES = 255


def settled_files(folder: Path, *, now: datetime, settle_seconds: float) -> list[Path]:
    """List the files of the watched folder that are complete, in the order of their names.

    A file is taken for complete when it was not modified for ``settle_seconds``. One that is
    stamped as far in the future is too: its clock was wrong, and nobody is writing it now.

    Parameters
    ----------
    folder : Path
    now : datetime
        Timezone-aware.
    settle_seconds : float
        >= 0.

    Returns
    -------
    list of Path
        Regular files only, so no folders, links, pipes or sockets; none that is hidden or has the
        name of a download or copy under way (``.part``, ``.tmp``, ``.crdownload``, ``~``).

    Raises
    ------
    DigestError
        Where the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as listing:
            names = [entry.name for entry in listing]
    except OSError as error:
        raise DigestError(
            "folder", f"'{folder}' cannot be listed ({error.strerror}); create it or grant access"
        ) from error
    settled = []
    for name in sorted(names, key=os.fsencode):
        if name.startswith(".") or name.lower().endswith(_BEING_WRITTEN):
            continue
        try:
            found = (folder / name).lstat()
        except FileNotFoundError:
            continue  # moved or withdrawn since the folder was listed
        except OSError:
            settled.append(folder / name)  # reading it will say what is the matter
            continue
        age_seconds = now.timestamp() - found.st_mtime
        if stat.S_ISREG(found.st_mode) and abs(age_seconds) >= settle_seconds:
            settled.append(folder / name)
    return settled


def read_content(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Read one regular file.

    Raises
    ------
    DigestError
        Where it is larger than ``max_bytes``, no regular file, or cannot be read.
    """
    try:
        # A link or a pipe may have taken the file's place: neither is followed or waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DigestError("file", "no regular file; put a file there")
            content = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise DigestError("file", "there is no such file; check the path") from error
    except OSError as error:
        raise DigestError(
            "file", f"it cannot be read ({error.strerror}); grant access, or copy it here itself"
        ) from error
    if len(content) > max_bytes:
        raise DigestError(
            "file", f"larger than {max_bytes / 1e6:g} MB; split it into one digest a file"
        )
    return content


def file_away(path: Path, folder: Path) -> Path:
    """Move a file into ``folder``, which is made where it is missing, and never over another.

    Returns
    -------
    Path
        Where it lies now. The second ``mar-11.txt`` is called ``mar-11-2.txt``, and so on.

    Raises
    ------
    DigestError
        Where it cannot be moved; it lies where it was.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _reserve(folder, path.name)
        try:
            path.replace(target)
        except OSError:
            target.unlink()
            raise
        # It has the mode that whoever dropped it gave it.
        make_private(target)
    except OSError as error:
        raise DigestError(
            "file",
            f"it cannot be moved to '{folder}' ({error.strerror}); both folders must be writable "
            "and on one file system",
        ) from error
    return target


def copy_away(path: Path, folder: Path) -> Path:
    """Copy a file into ``folder``; one with the same name and content there is good enough.

    Returns
    -------
    Path
        Where the copy lies.

    Raises
    ------
    DigestError
        Where it cannot be copied.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / path.name
        if target.is_file() and filecmp.cmp(path, target, shallow=False):
            return target
        target = _reserve(folder, path.name)
        shutil.copyfile(path, target)
    except OSError as error:
        raise DigestError(
            "file", f"it cannot be copied to '{folder}' ({error.strerror}); grant access"
        ) from error
    return target


def write_away(content: bytes, folder: Path, name: str) -> Path:
    """Write what came by another way into ``folder``, never over another file.

    Raises
    ------
    DigestError
        Where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _reserve(folder, name)
        target.write_bytes(content)
    except OSError as error:
        raise DigestError(
            "file", f"it cannot be kept in '{folder}' ({error.strerror}); grant access"
        ) from error
    return target


def write_rejection(moved_path: Path, rejection: Rejection) -> Path:
    """Write beside a rejected file, as ``NAME.why.txt``, what was wrong with it and the fix.

    Raises
    ------
    DigestError
        Where it cannot be written.
    """
    explanation = (
        f"{rejection.file} was not ingested; nothing of it was stored.\n"
        f"{rejection.where}: {rejection.message}\n"
        "When that is fixed, put the file back into the watched folder.\n"
    )
    try:
        target = _reserve(moved_path.parent, f"{moved_path.name}.why.txt", suffix=".why.txt")
        # The name of a file need not be UTF-8.
        target.write_text(explanation, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DigestError(
            "file", f"why it was rejected cannot be written ({error.strerror}); grant access"
        ) from error
    return target


def _reserve(folder: Path, name: str, *, suffix: str | None = None) -> Path:
    """Create an empty file under this name, or under the first free one with a number.

    Creating it exclusively keeps two processes from taking one name; a rename alone overwrites.
    """
    if suffix is None:
        suffix = Path(name).suffix
    stem = os.fsencode(name.removesuffix(suffix))
    number = 1
    while True:
        ending = os.fsencode(suffix if number == 1 else f"-{number}{suffix}")
        target = folder / os.fsdecode(stem[: _LONGEST_NAME_BYTES - len(ending)] + ending)
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            number += 1
        else:
            return target
