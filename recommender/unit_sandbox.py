"""What the daemon's unit may not do although the operator may: told before the daemon meets it.

Whoever types `check-config` is outside of the unit, and often root. So systemd is asked what the
unit may write and as whom it runs, and the settings are held against that.
"""

from __future__ import annotations

import grp
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

UNIT: Final = "recommender.service"
ANSWER_SECONDS: Final = 10.0

_PROPERTIES: Final = (
    *("LoadState", "ExecStart", "User", "ProtectSystem", "ProtectHome", "PrivateTmp"),
    *("NoNewPrivileges", "ReadWritePaths", "BindPaths", "StateDirectory", "RuntimeDirectory"),
    "LoadCredential",
)
_HOMES: Final = (Path("/home"), Path("/root"), Path("/run/user"))
_TEMPORARY: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - compared, not written to
_POSTDROP: Final = Path("/usr/sbin/postdrop")
_SET_ID: Final = stat.S_ISUID | stat.S_ISGID


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a unit may do.

    Attributes
    ----------
    user : str
        As whom it runs.
    writable : tuple of Path or None
        Below which it may write; None: wherever its user may.
    hides_homes, has_own_temporary, keeps_privileges : bool
        ``ProtectHome=``, ``PrivateTmp=`` and ``NoNewPrivileges=``.
    credentials : frozenset of str
        Secrets that systemd reads for it.
    """

    user: str
    writable: tuple[Path, ...] | None
    hides_homes: bool = False
    has_own_temporary: bool = False
    keeps_privileges: bool = False
    credentials: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Needs:
    """What settings have the daemon do.

    Attributes
    ----------
    written : mapping of str to Path
        Folders that it writes to, by the key that says so.
    secrets : mapping of str to (Path, str)
        Files that it reads, by their key, with the name of the credential in their place.
    programs : mapping of str to str
        What it starts to hand mail over.
    """

    written: Mapping[str, Path]
    secrets: Mapping[str, tuple[Path, str]]
    programs: Mapping[str, str]


def unit_sandbox(configuration: Path) -> Sandbox | None:
    """Ask systemd for the unit that runs the daemon with a configuration; None: there is none."""
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return None
    asked = (systemctl, "show", UNIT, f"--property={','.join(_PROPERTIES)}")
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the system, and names of ours
            asked, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_sandbox(answer.stdout, configuration)


def parse_sandbox(shown: str, configuration: Path) -> Sandbox | None:
    """Read what ``systemctl show`` prints; None where that unit has another configuration."""
    found = dict(line.partition("=")[::2] for line in shown.splitlines())
    if found.get("LoadState") != "loaded" or str(configuration) not in found["ExecStart"].split():
        return None
    written = [entry.lstrip("-+") for entry in found["ReadWritePaths"].split()]
    written += [entry.split(":")[1] for entry in found["BindPaths"].split() if ":" in entry]
    written += [f"/var/lib/{name}" for name in found["StateDirectory"].split()]
    written += [f"/run/{name}" for name in found["RuntimeDirectory"].split()]
    return Sandbox(
        user=found["User"] or "root",
        writable=tuple(map(Path, written)) if found["ProtectSystem"] == "strict" else None,
        hides_homes=found["ProtectHome"] not in {"no", ""},
        has_own_temporary=found["PrivateTmp"] == "yes",
        keeps_privileges=found["NoNewPrivileges"] == "yes",
        credentials=frozenset(each.split(":")[0] for each in found["LoadCredential"].split()),
    )


def troubles(sandbox: Sandbox, needs: Needs) -> Iterator[str]:
    """Yield what the settings have the unit do that it may not, one line each with the fix."""
    for key, path in needs.written.items():
        if (why := _why_not_written(sandbox, path)) is not None:
            yield f"{key}: {UNIT} {why}"
    for key, (path, credential) in needs.secrets.items():
        if credential in sandbox.credentials:
            continue
        if sandbox.hides_homes and _is_below(path, _HOMES):
            yield f"{key}: {path} is hidden from {UNIT} (ProtectHome=); move it to /etc/recommender"
        elif not may_be_read(path, sandbox.user):
            yield (
                f"{key}: {sandbox.user}, as whom {UNIT} runs, may not read {path}; "
                f"chgrp {sandbox.user} and chmod 640 it, or use LoadCredential="
            )
    for key, program in needs.programs.items():
        risen = _rising_program(program)
        if sandbox.keeps_privileges and risen is not None:
            yield (
                f"{key}: {program} needs {risen}, which takes on another identity, and {UNIT} has "
                'NoNewPrivileges=yes; set target = "smtp", host = "localhost", port = 25 and '
                'security = "plain"'
            )


def _why_not_written(sandbox: Sandbox, path: Path) -> str | None:
    if sandbox.hides_homes and _is_below(path, _HOMES):
        return f"does not see {path} (ProtectHome=); move it below /var/lib/recommender or /srv"
    if sandbox.has_own_temporary and _is_below(path, _TEMPORARY):
        return f"has a /tmp of its own, so not {path}; move it below /var/lib/recommender"
    if sandbox.writable is not None and not _is_below(path, sandbox.writable):
        return (
            f"may not write to {path}; `systemctl edit {UNIT}` and put below [Service] "
            f"ReadWritePaths={path}"
        )
    return None


def _is_below(path: Path, folders: tuple[Path, ...]) -> bool:
    places = {path, path.resolve()}
    return any(place.is_relative_to(folder) for place in places for folder in folders)


def may_be_read(path: Path, user: str) -> bool:
    """Whether a user may read a file, as far as modes tell; True where there is no such user."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return True
    if account.pw_uid == 0:
        return True
    groups = {account.pw_gid} | {each.gr_gid for each in grp.getgrall() if user in each.gr_mem}
    try:
        folders = [each for each in path.resolve().parents if not _has(each, 1, account, groups)]
        return not folders and _has(path, 4, account, groups)
    except OSError:
        # Whoever asks may not look, or it is not there: that is told elsewhere.
        return True


def _has(path: Path, right: int, account: pwd.struct_passwd, groups: set[int]) -> bool:
    found = path.stat()
    if found.st_uid == account.pw_uid:
        return bool(found.st_mode & right << 6)
    if found.st_gid in groups:
        return bool(found.st_mode & right << 3)
    return bool(found.st_mode & right)


def _rising_program(program: str) -> str | None:
    """Return the program that is set-user-id or set-group-id on the way of a mail; None: none."""
    found = shutil.which(program)
    ways = [Path(found).resolve()] if found else []
    ways.append(_POSTDROP)
    for each in ways:
        try:
            if each.stat().st_mode & _SET_ID:
                return str(each)
        except OSError:
            continue
    return None
