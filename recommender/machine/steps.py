"""Machine: the kinds of steps that plans are made of; pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ADMINISTRATOR = "root"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that must be there.

    Attributes
    ----------
    owner, group : str
    mode : int
        Of a new one. What the operator made of an existing one stays.
    is_ours : bool
        Whether an existing one is given to its owner.
    """

    path: Path
    owner: str
    group: str
    mode: int
    is_ours: bool = True

    @property
    def says(self) -> str:
        """What the step does, for the operator."""
        return f"make the folder {self.path} (of {self.owner}, mode {self.mode:04o})"


@dataclass(frozen=True, slots=True)
class File:
    """A file with content that is known.

    Attributes
    ----------
    content : bytes
        May be a secret: no message shows it.
    is_kept : bool
        Whether one that is there already is left as it is, whatever is in it.
    elsewhere : tuple of Path
        Where the same content does as well, such as in the folder of the system's packages.
    is_restart_needed : bool
        Whether the daemon must start anew once it is written.
    """

    path: Path
    content: bytes = field(repr=False)
    owner: str = ADMINISTRATOR
    group: str = ADMINISTRATOR
    mode: int = 0o644
    is_kept: bool = False
    elsewhere: tuple[Path, ...] = ()
    is_restart_needed: bool = False

    @property
    def says(self) -> str:
        """What the step does, for the operator."""
        return f"write {self.path} (of {self.owner}:{self.group}, mode {self.mode:04o})"


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link; whatever else is at its path is left there."""

    path: Path
    target: Path

    @property
    def says(self) -> str:
        """What the step does, for the operator."""
        return f"link {self.path} to {self.target}"


@dataclass(frozen=True, slots=True)
class Absent:
    """A file, link or folder that must not be there, with all that is in it.

    Attributes
    ----------
    is_restart_needed : bool
        As for `File`.
    """

    path: Path
    is_restart_needed: bool = False

    @property
    def says(self) -> str:
        """What the step does, for the operator."""
        return f"remove {self.path}"


@dataclass(frozen=True, slots=True)
class Unless:
    """When a command need not be run: another one ends with 0.

    Attributes
    ----------
    words : tuple of str
    lines : frozenset of str or None
        Which lines it may print, blank ones aside; None: any. Its exit status is then left alone,
        because systemctl's tells the same in numbers.
    is_silence_enough : bool
        Whether it may print none.
    """

    words: tuple[str, ...]
    lines: frozenset[str] | None = None
    is_silence_enough: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A program that is run.

    Attributes
    ----------
    words : tuple of str
    purpose : str
        What it is for, in a few words.
    unless : Unless or None
        None: it is run each time.
    is_change : bool
        False for what only looks.
    is_redone : bool
        Whether it is run in any case after a step for which the daemon must start anew.
    environ : mapping
        Variables on top of the usual ones.
    may_fail : bool
        Whether the next steps are carried out although it ended with another status than 0.
    is_shown : bool
        Whether what it prints is for the operator; else only where it fails.
    mend : str
        What to tell the operator where it fails, behind its own words.
    """

    words: tuple[str, ...]
    purpose: str
    unless: Unless | None = None
    is_change: bool = True
    is_redone: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)
    may_fail: bool = False
    is_shown: bool = False
    mend: str = ""

    @property
    def says(self) -> str:
        """What the step does, for the operator."""
        variables = [f"{name}={shlex.quote(value)}" for name, value in self.environ.items()]
        return f"{self.purpose}: {' '.join([*variables, shlex.join(self.words)])}"


Step = Folder | File | Link | Absent | Command
Plan = tuple[Step, ...]


def as_account(account: str, *words: str) -> tuple[str, ...]:
    """Return how the administrator has a command run by an account."""
    return ("runuser", "-u", account, "--", *words)
