"""Room 1, papers: what could not be read, and why, in the folder ``rejected/``.

Beside each file lies ``NAME.why.txt``, its reason (`reasons`). Of a file that was read in part
there is only that: the file went its way.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from recommender.domain import UnreadEntry
from recommender.errors import DigestError, NotFoundError
from recommender.log_lines import visible
from recommender.papers.files.incoming import (
    FileState,
    move_as_read,
    numbered,
    put_back,
    put_back_taken,
    read_content,
    state_of,
    unfinished_name,
)
from recommender.papers.files.reasons import Reason, read_reason
from recommender.wording import one_line

_WHY: Final = ".why.txt"
_WITHOUT_NUMBER: Final = 40

_LINES_AROUND: Final = 3
_LONGEST_SHOWN: Final = 200
_LINE: Final = re.compile(r"line ([0-9]{1,9})\b")


@dataclass(frozen=True, slots=True)
class Rejected:
    """What lies in ``rejected/``.

    Attributes
    ----------
    name : str
        Names it to commands.
    path, why : Path or None
        The file, None where it was read in part; and the reason, None where somebody took it away.
    size : int
        Of the file.
    reason : Reason
        Without faults where there is none that can be read.
    """

    name: str
    path: Path | None
    why: Path | None
    size: int
    reason: Reason

    @property
    def faults(self) -> tuple[UnreadEntry, ...]:
        """What is wrong."""
        return self.reason.faults or (
            UnreadEntry("file", "no reason lies beside it; retry it to learn one"),
        )


def reject(
    path: Path,
    folder: Path,
    reason: Reason,
    *,
    state: FileState,
    sha256: str | None,
    is_tried: bool = False,
) -> Path | None:
    """Move a file into ``folder``, with the reason beside it: see `incoming.file_away`.

    Where its content lies there already, only the reason is written anew, and names both.

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
        reserve=lambda: (
            _known(folder, path.name, reason, size=state.size, sha256=sha256)
            or _reserve(folder, path.name, reason)
        ),
        give_up=_forget,
    )


def keep(content: bytes, folder: Path, name: str, reason: Reason) -> Path:
    """Write what came by another way into ``folder``, with the reason beside it.

    Where it lies there already, only the reason is written anew, and names both.

    Raises
    ------
    DigestError
        Where it cannot be written.
    """
    try:
        sha256 = hashlib.sha256(content).hexdigest()
        known = _known(folder, name, reason, size=len(content), sha256=sha256)
        if known is not None:
            return known
        target = _reserve(folder, name, reason)
        try:
            _replace(target, content)
        except OSError:
            _forget(target)
            raise
    except OSError as error:
        raise DigestError(
            "file",
            f"it cannot be kept in '{folder}' ({error.strerror}); grant access, or make room",
        ) from error
    return target


def note_partial(folder: Path, name: str, reason: Reason) -> Path:
    """Write into ``folder`` what of a file was left out; the file itself went its way.

    What was said of it already, before a kill kept it from being stored, is not said twice.

    Raises
    ------
    DigestError
        Where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            target = folder / numbered(name, number, room=len(_WHY))
            why = _why_of(target)
            said = None if os.path.lexists(target) else read_reason(why)
            is_said = said is not None and replace(said, at=reason.at).as_text() == reason.as_text()
            if is_said or not (os.path.lexists(target) or os.path.lexists(why)):
                _replace(why, reason.as_text().encode(*_ENCODED))
                return why
            number += 1
    except OSError as error:
        raise DigestError(
            "file",
            f"what was left out cannot be kept in '{folder}' ({error.strerror}); grant access, "
            "or make room",
        ) from error


def all_rejected(folder: Path) -> list[Rejected]:
    """List what lies in ``folder``, oldest first; nothing where there is no folder.

    A reason whose file was taken away is none any more. What a kill left on its way out is put back
    before.

    Raises
    ------
    DigestError
        Where the folder cannot be listed, or a file cannot be put back.
    """
    try:
        put_back_taken(folder, is_shared=True)
        names = set(os.listdir(folder))  # noqa: PTH208, names, which need not be UTF-8
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DigestError(
            "folder",
            f"'{folder}' cannot be listed and put in order ({error.strerror}); grant access",
        ) from error
    found = []
    for name in names:
        if name.startswith("."):
            continue
        is_reason = name.endswith(_WHY) and name + _WHY not in names
        if not is_reason:
            found.append(_rejected(folder, name, has_reason=name + _WHY in names))
        elif name.removesuffix(_WHY) not in names:
            found.append(_partial(folder, name))
    return sorted(
        (each for each in found if each is not None), key=lambda each: (each.reason.at, each.name)
    )


def left_out_of(folder: Path, name: str) -> list[Rejected]:
    """List what was left out of files that came under this name and went their way.

    Raises
    ------
    DigestError
        Where the folder cannot be listed.
    """
    # Before the number that it may have, and before where a long name is cut.
    begin = name.partition(".")[0][:_WITHOUT_NUMBER]
    try:
        names = set(os.listdir(folder))  # noqa: PTH208, names, which need not be UTF-8
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DigestError(
            "folder", f"'{folder}' cannot be listed ({error.strerror}); grant access"
        ) from error
    found = (
        _partial(folder, each)
        for each in sorted(names)
        if each.startswith(begin) and each.endswith(_WHY) and each.removesuffix(_WHY) not in names
    )
    shown = one_line(name)
    return [each for each in found if each is not None and Path(each.reason.file).name == shown]


def find_rejected(folder: Path, name: str) -> Rejected:
    """Find one by its name, or by its path.

    Raises
    ------
    NotFoundError
    DigestError
        Where the folder cannot be listed.
    """
    wanted = Path(name).name.removesuffix(_WHY)
    for each in all_rejected(folder):
        if wanted in (each.name, visible(each.name)):
            return each
    raise NotFoundError(
        f"there is no {visible(name)!r} in {visible(str(folder))}; "
        "`recommender rejected list` names what lies there"
    )


def explain_anew(rejected: Rejected, reason: Reason) -> None:
    """Write another reason beside a file that was rejected again.

    Raises
    ------
    DigestError
        Where it cannot be written.
    """
    if rejected.path is None:
        return
    try:
        _replace(_why_of(rejected.path), reason.as_text().encode(*_ENCODED))
    except OSError as error:
        raise DigestError(
            "file", f"why it was rejected cannot be written ({error.strerror}); grant access"
        ) from error


def remove(rejected: Rejected) -> None:
    """Delete a file and its reason.

    Raises
    ------
    DigestError
        Where it cannot be deleted.
    """
    try:
        for path in (rejected.path, rejected.why):
            if path is not None:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise DigestError(
            "file", f"{rejected.name} cannot be deleted ({error.strerror}); grant access"
        ) from error


def forget_reason(path: Path, reason: Reason | None = None) -> None:
    """Delete the reason beside a file that went away, if there is one.

    Parameters
    ----------
    path : Path
    reason : Reason, optional
        It is left if it is not this one: another file may have been rejected under this name.

    Raises
    ------
    OSError
    """
    why = _why_of(path)
    # It is looked at under a name that nobody else uses, as files are that are moved.
    taken = why.with_name(unfinished_name())
    try:
        why.rename(taken)
    except FileNotFoundError:
        return
    if reason in (None, read_reason(taken)) or os.path.lexists(why):
        taken.unlink()
    else:
        put_back(taken, why)


def lines_around(content: bytes, where: str) -> list[str]:
    """Return the lines about a place, numbered and safe to print; the first where it names none."""
    named = _LINE.match(where)
    middle = int(named[1]) if named else 1
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = max(middle - _LINES_AROUND, 1)
    shown = []
    for number, line in enumerate(lines[first - 1 : middle + _LINES_AROUND], start=first):
        mark = ">" if named and number == middle else " "
        cut = visible(line.expandtabs(4)[:_LONGEST_SHOWN])
        shown.append(f"{mark} {number:>6}  {cut}{'…' if len(line) > _LONGEST_SHOWN else ''}")
    return shown


# The name of a file need not be UTF-8.
_ENCODED: Final = ("utf-8", "backslashreplace")


def _reserve(folder: Path, name: str, reason: Reason) -> Path:
    """Create an empty file with the reason beside it, under the first name that is free for both.

    Creating it exclusively keeps two processes from taking one name. A reason whose file was taken
    away is no hindrance.

    Raises
    ------
    OSError
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        number += 1
        target = folder / numbered(name, number, room=len(_WHY))
        why = _why_of(target)
        if os.path.lexists(why) and not _is_left_over(why):
            continue
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            continue
        try:
            _replace(why, reason.as_text().encode(*_ENCODED))
        except OSError:
            target.unlink()
            raise
        return target


def _is_left_over(why: Path) -> bool:
    """Whether this is the reason of a file, which the caller knows not to be there any more."""
    reason = None if os.path.lexists(_why_of(why)) else read_reason(why)
    return reason is not None and not reason.is_partial


def _why_of(path: Path) -> Path:
    return path.with_name(path.name + _WHY)


def _forget(target: Path) -> None:
    """Take away what reserves a name."""
    target.unlink(missing_ok=True)
    _why_of(target).unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there, also where it has the longest name there is."""
    unfinished = path.with_name(unfinished_name())
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _known(
    folder: Path, name: str, reason: Reason, *, size: int, sha256: str | None
) -> Path | None:
    """Find what has this content already, and write the reason beside it anew.

    First under this name, then under any other. What sources sent is known of one source alone, for
    it is read again as what that source brought. Nothing is found of an empty file, which may be a
    name that another process has just reserved.

    Raises
    ------
    OSError
    """
    if not size or sha256 is None:
        return None
    for target in _that_may_hold(folder, name, size):
        if not _holds(target, size, sha256):
            continue
        before = read_reason(_why_of(target)) or replace(reason, file=target.name)
        if before.source == reason.source:
            _replace(_why_of(target), before.once_more(reason).as_text().encode(*_ENCODED))
            return target
    return None


def _that_may_hold(folder: Path, name: str, size: int) -> Iterator[Path]:
    """Yield the files of this size: those of this name, which a number may part, before others."""
    number = 1
    tried: set[str] = set()
    while True:
        target = folder / numbered(name, number, room=len(_WHY))
        if not os.path.lexists(target) and not os.path.lexists(_why_of(target)):
            break
        tried.add(target.name)
        yield target
        number += 1
    with suppress(FileNotFoundError), os.scandir(folder) as files:
        for file in files:
            is_other = not (file.name in tried or file.name.endswith(_WHY) or file.name[:1] == ".")
            state = state_of(folder / file.name) if is_other else None
            if state is not None and state.size == size:
                yield folder / file.name


def _holds(path: Path, size: int, sha256: str) -> bool:
    state = state_of(path)
    if state is None or state.size != size:
        return False
    try:
        return hashlib.sha256(read_content(path, max_bytes=size)).hexdigest() == sha256
    except DigestError:
        return False


def _rejected(folder: Path, name: str, *, has_reason: bool) -> Rejected | None:
    path = folder / name
    try:
        found = path.lstat()
    except OSError:
        return None  # taken away since the folder was listed
    if not (has_reason or found.st_size):
        return None  # a name that was reserved when the process was killed
    why = _why_of(path) if has_reason else None
    reason = read_reason(why) if why else None
    if reason is None:
        reason = Reason(name, "", datetime.fromtimestamp(found.st_mtime, UTC), ())
    return Rejected(name, path, why, found.st_size, reason)


def _partial(folder: Path, name: str) -> Rejected | None:
    why = folder / name
    reason = read_reason(why)
    if reason is None or not reason.is_partial:
        return None
    return Rejected(name.removesuffix(_WHY), None, why, 0, reason)
