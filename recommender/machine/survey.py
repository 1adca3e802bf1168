"""Machine: looks at what is on this machine; changes nothing."""

from __future__ import annotations

import socket
import sysconfig
from datetime import datetime
from pathlib import Path

from recommender.machine.effects import output_of
from recommender.machine.mail_servers import POSTFIX_KEYS, PROGRAMS
from recommender.machine.next_steps import PROXIES


def installed_program() -> Path:
    """Return the file by which the program of this process is run."""
    return Path(sysconfig.get_path("scripts")) / "recommender"


def is_packaged() -> bool:
    """Return whether the system's packages brought the program."""
    return Path("/usr/bin/recommender").exists()


def has_systemd() -> bool:
    """Return whether systemd runs this machine (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def mail_server() -> str:
    """Return which mail server is here, a key of `PROGRAMS`; empty where none is known."""
    return next((name for name, program in PROGRAMS.items() if Path(program).exists()), "")


def postfix_values() -> tuple[dict[str, str], dict[str, str]]:
    """Read what Postfix has set for `POSTFIX_KEYS`: as it stands there, and with names resolved."""
    return tuple(_postconf(*options) for options in ((), ("-x",)))  # type: ignore[return-value]


def _postconf(*options: str) -> dict[str, str]:
    printed = output_of(PROGRAMS["postfix"], *options, *POSTFIX_KEYS) or ""
    pairs = (line.partition(" = ") for line in printed.splitlines())
    return {key.rstrip(" ="): value.strip() for key, _, value in pairs}


def web_servers() -> tuple[str, ...]:
    """Return which web servers are here, keys of `PROXIES`."""
    return tuple(name for name, program in PROXIES.items() if Path(program).exists())


def host_name() -> str:
    """Return the name of this machine, with its domain where it knows one."""
    return socket.getfqdn()


def is_older_running(service: str, program: Path) -> bool:
    """Return whether a service was started before the installed program was written.

    Parameters
    ----------
    service : str
    program : Path
        A file that each installation of the program writes anew.
    """
    started = output_of("systemctl", "show", "--property=ActiveEnterTimestamp", "--value", service)
    if not started or output_of("systemctl", "is-active", service) != "active":
        return False
    seconds = output_of("date", "--date", started, "+%s")
    written = program.stat().st_ctime
    return seconds is not None and int(seconds) < int(written)


def backup_file(folder: Path, version: str, now: datetime) -> Path:
    """Return how the copy of the database is called that is taken before an upgrade."""
    return folder / f"before-{version}-{now:%Y%m%dT%H%M%S}.db"
