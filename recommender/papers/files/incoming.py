"""Room 1, papers: the watched folder. `dataset_files` and `rejected` touch files here too.

Nothing here decides what a file is; `formats` does. All is by plain system calls on one file, so
that whatever lies in the folder, the other files are not held up.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from recommender.errors import DigestError
from recommender.private_files import make_private

MAX_BYTES = 20_000_000
"""Of a file in the watched folder. `formats.MAX_BYTES` has less for what is dearer to read."""

_BEING_WRITTEN: Final = (
    *(".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".opdownload", ".download"),
    *(".!ut", ".!qb", ".aria2", ".swp", ".swo", ".swx", ".bak", "~"),
)
_NO_DIGESTS: Final = frozenset({"thumbs.db", "desktop.ini"})
# Of hidden files, those that are under way in or out of the folder; what follows is their name.
_TAKEN: Final = re.compile(r"\.filing-[0-9a-f]{16}-")
_UNDER_WAY: Final = ".filing-"
_UNFINISHED: Final = ".part"
_ABANDONED_AFTER_SECONDS: Final = 3_600
_MOVED_WITHIN_SECONDS: Final = 60
_ROOM_FOR_A_REASON: Final = 4_096
_LONGEST_NAME_BYTES: Final = 255
# What stands behind the last dot of a sentence is no ending.
_LONGEST_SUFFIX_BYTES: Final = 16


class FileChangedError(DigestError):
    """What lay there was replaced, or written to, while it was read."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What lies under a name: it differs as soon as somebody replaces it or writes to it.

    Attributes
    ----------
    changed_ns : int
        When anything of it changed, its names and rights too.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> FileState:
        """Take it from what the system says of a file."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def has_content_of(self, other: FileState) -> bool:
        """Whether it is the same file with the same content, whatever it is called."""
        return replace(self, changed_ns=0) == replace(other, changed_ns=0)

    def last_changed_before(self, now: datetime) -> timedelta | None:
        """Return for how long it has lain there as it is; None where its clock is ahead of ours."""
        moments = (ns / 1e9 for ns in (self.modified_ns, self.changed_ns))
        ages = [now.timestamp() - moment for moment in moments if moment <= now.timestamp()]
        return timedelta(seconds=min(ages)) if ages else None


def state_of(path: Path) -> FileState | None:
    """Look what lies under a name; None where nothing does, or nobody may look."""
    try:
        return FileState.of(path.lstat())
    except OSError:
        return None


def is_left(name: str) -> bool:
    """Whether a file of this name is none to read: hidden, under way, a backup of an editor's."""
    folded = name.lower()
    return (
        name.startswith((".", "~$"))
        or folded.endswith(_BEING_WRITTEN)
        or folded in _NO_DIGESTS
        or (len(name) > 1 and name[0] == name[-1] == "#")
    )


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
        Regular files only, so no folders, links, pipes or sockets; none that `is_left`.

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
        if is_left(name):
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


def read_content(
    path: Path, *, max_bytes: int = MAX_BYTES, expected: FileState | None = None
) -> bytes:
    """Read one regular file, as it lies there from the beginning to the end of reading.

    Parameters
    ----------
    path : Path
    max_bytes : int
        Of a larger one nothing is read.
    expected : FileState or None
        What is to be read; None: whatever lies there.

    Raises
    ------
    FileChangedError
        Where it is not, or no more, what was to be read.
    DigestError
        Where it is larger than ``max_bytes``, no regular file, or cannot be read.
    """
    try:
        # A link or a pipe may have taken the file's place: neither is followed or waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise DigestError("file", "no regular file; put a file there")
            if found.st_size > max_bytes:
                raise DigestError(
                    "file",
                    f"larger than {max_bytes / 1e6:g} MB; split it into one digest a file",
                )
            content = file.read(found.st_size + 1)
            after = FileState.of(os.fstat(descriptor))
    except FileNotFoundError as error:
        raise DigestError("file", "there is no such file; check the path") from error
    except OSError as error:
        raise DigestError(
            "file", f"it cannot be read ({error.strerror}); grant access, or copy it here itself"
        ) from error
    if after != (expected or FileState.of(found)) or len(content) != after.size:
        raise FileChangedError("file", "it changed while it was read; wait until it is written")
    return content


def file_away(
    path: Path,
    folder: Path,
    *,
    state: FileState,
    sha256: str | None = None,
    is_tried: bool = False,
) -> Path | None:
    """Move a file that was read into ``folder``, which is made where it is missing.

    Never over another file, and never anything else than what was read.

    Parameters
    ----------
    path : Path
    folder : Path
    state : FileState
        What was read.
    sha256 : str or None
        Of what was read; None where nothing could be.
    is_tried : bool
        Just now another file could be moved there.

    Returns
    -------
    Path or None
        Where it lies now: the second ``mar-11.txt`` is called ``mar-11-2.txt``, and so on. None
        where something else lies under its name by now, which stays there.

    Raises
    ------
    DigestError
        Where it cannot be moved; it lies where it was.
    """
    return move_as_read(
        path,
        folder,
        state=state,
        sha256=sha256,
        is_tried=is_tried,
        reserve=lambda: _reserve(folder, path.name),
        give_up=Path.unlink,
    )


def move_as_read(
    path: Path,
    folder: Path,
    *,
    state: FileState,
    sha256: str | None,
    is_tried: bool,
    reserve: Callable[[], Path],
    give_up: Callable[[Path], None],
) -> Path | None:
    """Move a file into ``folder`` if it is what was read, else leave it where it is.

    It is looked at under a name that nobody else uses: under its own, somebody could put another
    one between the look and the move. A kill in between leaves it under that name, from which
    `put_back_taken` takes it.

    Parameters
    ----------
    path, folder : Path
    state : FileState
    sha256 : str or None
    is_tried : bool
        As of `file_away`.
    reserve : callable
        Gives the name in ``folder``, on which an empty file lies then.
    give_up : callable
        Takes that away again.

    Returns
    -------
    Path or None
        Where it lies now; None where it is not what was read.

    Raises
    ------
    DigestError
        Where it cannot be moved; it lies where it was.
    """
    if state_of(path) != state:
        return None
    try:
        if not is_tried:
            _require_way(path.parent, folder)
        taken = path.with_name(_cut(path.name, before=f"{_UNDER_WAY}{secrets.token_hex(8)}-"))
        try:
            path.rename(taken)
        except FileNotFoundError:
            return None
        target = None
        try:
            if _is_as_read(taken, state, sha256):
                target = reserve()
                taken.replace(target)
        except OSError:
            if target is not None:
                give_up(target)
            put_back(taken, path)
            raise
        if target is None:
            put_back(taken, path)
            return None
        # It has the mode that whoever dropped it gave it.
        make_private(target)
    except OSError as error:
        raise DigestError(
            "file",
            f"it cannot be moved to '{folder}' ({error.strerror}); both folders must be writable "
            "and on one file system, with room on it",
        ) from error
    return target


def _require_way(source: Path, folder: Path) -> None:
    """Make the folder, and see that a file can be moved there, before one is moved to and fro.

    Raises
    ------
    OSError
    """
    folder.mkdir(parents=True, exist_ok=True)
    probe = source / unfinished_name()
    moved = folder / probe.name
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(_ROOM_FOR_A_REASON))
        probe.rename(moved)
    finally:
        for each in (probe, moved):
            with contextlib.suppress(OSError):
                each.unlink()


def _is_as_read(path: Path, state: FileState, sha256: str | None) -> bool:
    if not FileState.of(path.lstat()).has_content_of(state):
        return False
    if sha256 is None:
        return True
    # Clocks of file systems stand still for some milliseconds: two writings can have one time.
    try:
        return hashlib.sha256(read_content(path)).hexdigest() == sha256
    except DigestError:
        return False


def put_back(taken: Path, path: Path) -> Path:
    """Rename a file to ``path``, or to a new name like it where another one lies there by now.

    Raises
    ------
    OSError
        Where it cannot be renamed.
    """
    try:
        os.link(taken, path, follow_symlinks=False)
    except OSError:
        # Something lies there; or the system makes no second names for files of other people,
        # for folders, or on this file system.
        found = state_of(path)
        if found is None or found != state_of(taken):
            path = path.with_name(_cut(path.name, after=f"-{secrets.token_hex(4)}"))
            taken.rename(path)
            return path
    taken.unlink()
    return path


def put_back_taken(folder: Path, *, is_shared: bool = False) -> list[Path]:
    """Put back what a kill left under way; whoever reads it again finds out whether it was stored.

    Parameters
    ----------
    folder : Path
    is_shared : bool
        Somebody else may be moving files out of it: what was taken just now is left to them.

    Returns
    -------
    list of Path
        Where they lie now.

    Raises
    ------
    OSError
        Where one cannot be put back, or the folder cannot be listed.
    """
    if not folder.is_dir():
        return []
    names = sorted(each.name for each in folder.iterdir() if _TAKEN.match(each.name))
    return [
        put_back(folder / name, folder / _TAKEN.sub("", name, count=1))
        for name in names
        if not is_shared or _is_older(folder / name, _MOVED_WITHIN_SECONDS)
    ]


def unfinished_name() -> str:
    """Return a name for what is under way: hidden, and nobody else's."""
    return f"{_UNDER_WAY}{secrets.token_hex(8)}{_UNFINISHED}"


def clear_abandoned(folder: Path) -> None:
    """Take away what kills left unfinished, once nobody can be at work on it.

    Raises
    ------
    OSError
        Where something cannot be taken away.
    """
    if not folder.is_dir():
        return
    for path in folder.glob(f"{_UNDER_WAY}*{_UNFINISHED}"):
        if _is_older(path, _ABANDONED_AFTER_SECONDS):
            path.unlink(missing_ok=True)


def _is_older(path: Path, seconds: float) -> bool:
    state = state_of(path)
    return state is not None and time.time() - state.changed_ns / 1e9 > seconds


def _suffix_of(name: str) -> str:
    suffix = Path(name).suffix
    return suffix if len(os.fsencode(suffix)) <= _LONGEST_SUFFIX_BYTES else ""


def _cut(name: str, *, before: str = "", after: str = "") -> str:
    """Put something before a name and before its ending, within what a name may have."""
    suffix = _suffix_of(name)
    ending = os.fsencode(f"{after}{suffix}")
    stem = os.fsencode(f"{before}{name.removesuffix(suffix)}")
    return os.fsdecode(stem[: _LONGEST_NAME_BYTES - len(ending)] + ending)


def numbered(name: str, number: int, *, room: int = 0) -> str:
    """Return the so-manieth name like this one, with so many bytes left for more behind it."""
    suffix = _suffix_of(name)
    stem = os.fsencode(name.removesuffix(suffix))
    ending = os.fsencode(suffix if number == 1 else f"-{number}{suffix}")
    return os.fsdecode(stem[: _LONGEST_NAME_BYTES - room - len(ending)] + ending)


def _reserve(folder: Path, name: str) -> Path:
    """Create an empty file under this name, or under the first free one with a number.

    Creating it exclusively keeps two processes from taking one name; a rename alone overwrites.
    """
    number = 1
    while True:
        target = folder / numbered(name, number)
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            number += 1
        else:
            return target
