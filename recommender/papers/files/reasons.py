"""Room 1, papers: why a file was not read, as it is written beside it and read again.

One text, for people and for `recommender rejected`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from recommender.domain import UnreadEntry
from recommender.errors import DigestError
from recommender.papers.files.incoming import read_content
from recommender.wording import one_line

FROM_FOLDER: Final = "the watched folder"
FROM_COMMAND: Final = "the command ingest"
FROM_SOURCE: Final = "the source "

_WHOLE: Final = " was not ingested; nothing of it was stored."
_IN_PART: Final = " was ingested in part; what is named here was left out."
_ORIGIN: Final = re.compile(r"It came from (?P<from>.*) at (?P<at>\S+)\.")
_ALSO: Final = re.compile(r"It also came as (?P<name>.*)\.")
_FIX: Final = "When that is fixed, "
_LONGEST_FAULT: Final = 1_000
_MOST_OF_A_REASON: Final = 2_000_000
_MOST_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a file was not read, or what of it.

    Attributes
    ----------
    file : str
        Its name or path when it came.
    came_from : str
        `FROM_FOLDER`, `FROM_COMMAND`, or `FROM_SOURCE` and a name; empty where it is not known.
    at : datetime
    faults : tuple of UnreadEntry
        Where, and what is wrong there with the fix.
    is_partial : bool
        All the rest of it was read.
    also : tuple of str
        Other names or paths under which the same content came, the newest last.
    """

    file: str
    came_from: str
    at: datetime
    faults: tuple[UnreadEntry, ...]
    is_partial: bool = False
    also: tuple[str, ...] = ()

    @property
    def source(self) -> str | None:
        """The name of the source that it was fetched from; None where it came another way."""
        is_fetched = self.came_from.startswith(FROM_SOURCE)
        return self.came_from.removeprefix(FROM_SOURCE) if is_fetched else None

    def once_more(self, later: Reason) -> Reason:
        """Return the reason of a file whose content came again, perhaps under another name."""
        came_as = one_line(later.file)
        names = dict.fromkeys([*self.also, *later.also])
        if came_as != one_line(self.file):
            names.pop(came_as, None)
            names[came_as] = None
        return replace(later, file=self.file, also=tuple(names)[-_MOST_NAMES:])

    def as_text(self) -> str:
        """Return what lies beside the file."""
        fix = (
            "put the file under its name into the watched folder again; then this note goes"
            if self.is_partial
            else "put the file back into the watched folder, or type `recommender rejected retry`"
        )
        lines = [
            one_line(self.file) + (_IN_PART if self.is_partial else _WHOLE),
            *(one_line(f"{each.where}: {each.message}")[:_LONGEST_FAULT] for each in self.faults),
            f"It came from {one_line(self.came_from)} at {self.at:%Y-%m-%dT%H:%M:%SZ}.",
            *(f"It also came as {one_line(name)}." for name in self.also),
            f"{_FIX}{fix}.",
        ]
        return "\n".join(lines) + "\n"


def read_reason(why: Path) -> Reason | None:
    """Read a reason; None where it is none of ours, or cannot be read."""
    try:
        content = read_content(why, max_bytes=_MOST_OF_A_REASON)
        written_at = datetime.fromtimestamp(why.lstat().st_mtime, UTC)
    except (DigestError, OSError):
        return None
    first, *rest = content.decode("utf-8", "replace").split("\n")
    for ending in (_WHOLE, _IN_PART):
        if first.endswith(ending):
            break
    else:
        return None
    came_from, at = "", written_at
    faults, also = [], []
    for line in rest:
        origin = _ORIGIN.fullmatch(line)
        other = _ALSO.fullmatch(line) if came_from else None
        if origin is not None and not came_from:
            came_from = origin["from"]
            at = _moment(origin["at"]) or written_at
        elif other is not None:
            also.append(other["name"])
        elif came_from or not line or line.startswith(_FIX):
            break  # without origin it is of an earlier version
        else:
            where, _, message = line.partition(": ")
            faults.append(UnreadEntry(where, message))
    file, is_partial = first.removesuffix(ending), ending == _IN_PART
    return Reason(file, came_from, at, tuple(faults), is_partial, tuple(also[:_MOST_NAMES]))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
