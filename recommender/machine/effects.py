"""Machine: carries steps out, once each; looks before whether they are done. Decides nothing."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from recommender.errors import MachineError
from recommender.machine.steps import Absent, Command, File, Folder, Link, Plan, Step

_LONGEST_SECONDS: Final = 3600
_SHOWN_CHARACTERS: Final = 2_000
# Programs of the administrator, who may have come with a user's path.
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def carry_out(plan: Plan, *, tell: Callable[[str, Step], None], is_dry_run: bool = False) -> int:
    """Carry out what is not done yet, in order.

    Parameters
    ----------
    plan : tuple of Step
    tell : callable
        Is handed ``done``, ``kept``, ``would``, ``look`` or ``failed``, and the step.
    is_dry_run : bool
        Only tell; nothing is changed.

    Returns
    -------
    int
        How many steps changed something, or would.

    Raises
    ------
    MachineError
        With the step that failed and why; the steps before it stay done, and the next run goes on
        there.
    """
    changes, must_restart = 0, False
    for step in plan:
        is_forced = isinstance(step, Command) and step.is_redone and must_restart
        if not is_forced and is_done(step):
            tell("kept", step)
            continue
        changes += not isinstance(step, Command) or step.is_change
        must_restart = must_restart or _must_restart(step)
        if is_dry_run:
            tell("would", step)
            continue
        tell("done" if _do(step) else "failed", step)
    return changes


def is_done(step: Step) -> bool:
    """Return whether a step would change nothing."""
    match step:
        case Folder():
            return _is_folder_right(step)
        case File():
            return (step.is_kept and os.path.lexists(step.path)) or _has_content(step)
        case Link():
            return os.path.lexists(step.path)
        case Absent():
            return not os.path.lexists(step.path)
        case Command():
            return _is_needless(step)


def output_of(*words: str) -> str | None:
    """Return what a program prints, without the blanks around; None where it fails or is none."""
    try:
        ended = _run(words, {})
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None


def _must_restart(step: Step) -> bool:
    return isinstance(step, File | Absent) and step.is_restart_needed


def _is_folder_right(step: Folder) -> bool:
    try:
        found = step.path.stat()
    except OSError:
        return False
    return not step.is_ours or found.st_uid == _number_of_user(step.owner)


def _has_content(step: File) -> bool:
    return any(_content_of(path) == step.content for path in (step.path, *step.elsewhere))


def _content_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _is_needless(step: Command) -> bool:
    if step.unless is None:
        return False
    try:
        ended = _run(step.unless.words, {})
    except (OSError, subprocess.TimeoutExpired):
        return False
    if step.unless.lines is None:
        return ended.returncode == 0
    printed = {line for line in ended.stdout.splitlines() if line}
    return (bool(printed) or step.unless.is_silence_enough) and printed <= step.unless.lines


def _do(step: Step) -> bool:
    """Carry out a step; whether it succeeded, where it may fail."""
    try:
        match step:
            case Folder():
                step.path.mkdir(parents=True, exist_ok=True)
                if not step.path.is_symlink():
                    step.path.chmod(step.mode)
                _give(step.path, step.owner, step.group)
            case File():
                _write(step)
            case Link():
                step.path.parent.mkdir(parents=True, exist_ok=True)
                step.path.symlink_to(step.target)
            case Absent():
                _remove(step.path)
            case Command():
                return _run_step(step)
    except OSError as error:
        raise MachineError(
            f"{step.says}: {error.strerror or error}; mend that and run the command again, it goes "
            "on where it ended"
        ) from error
    return True


def _write(step: File) -> None:
    step.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = step.path.with_name(f".{step.path.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(step.content)
            stream.flush()
            os.fsync(stream.fileno())
        _give(unfinished, step.owner, step.group)
        unfinished.chmod(step.mode)
        unfinished.replace(step.path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _give(path: Path, owner: str, group: str) -> None:
    user = _number_of_user(owner)
    try:
        number = grp.getgrnam(group).gr_gid
    except KeyError as error:
        raise MachineError(f"{path}: there is no group {group}; run the command anew") from error
    if user is None:
        raise MachineError(f"{path}: there is no account {owner}; run the command anew")
    os.chown(path, user, number, follow_symlinks=False)


def _number_of_user(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _run_step(step: Command) -> bool:
    try:
        ended = _run(step.words, step.environ, shows=step.is_shown)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(f"{step.says}: {error}; {step.mend or 'install it'}") from error
    if ended.returncode == 0 or step.may_fail:
        return ended.returncode == 0
    printed = "" if step.is_shown else (ended.stderr.strip() or ended.stdout.strip())
    said = f"\n{printed[-_SHOWN_CHARACTERS:]}" if printed else ""
    mend = step.mend or "mend that and run the command again, it goes on where it ended"
    raise MachineError(f"{step.says}: it ended with {ended.returncode}; {mend}{said}")


def _run(
    words: tuple[str, ...], environ: Mapping[str, str], *, shows: bool = False
) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TERM") if name in os.environ}
    return subprocess.run(  # noqa: S603 - the programs of plans, never through a shell
        words,
        env={"PATH": _PATH} | kept | dict(environ),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=None if shows else subprocess.PIPE,
        stderr=None if shows else subprocess.PIPE,
        text=True,
        errors="replace",
        timeout=_LONGEST_SECONDS,
        check=False,
    )
