"""Machine: which steps make an installation, bring it up to date, and take it away; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from recommender.errors import MachineError
from recommender.machine.choices import Places
from recommender.machine.steps import (
    ADMINISTRATOR,
    Absent,
    Command,
    File,
    Folder,
    Link,
    Plan,
    Step,
    Unless,
    as_account,
)

SERVICE: Final = "recommender.service"
UNITS: Final = Path("/etc/systemd/system")
PACKAGED_UNITS: Final = Path("/usr/lib/systemd/system")
SYSUSERS: Final = Path("/etc/sysusers.d/recommender.conf")
PACKAGED_SYSUSERS: Final = Path("/usr/lib/sysusers.d/recommender.conf")
LINK: Final = Path("/usr/local/bin/recommender")
FOLDERS_DROP_IN: Final = UNITS / f"{SERVICE}.d" / "folders.conf"

# Where the units of the package expect the program.
_USUAL_PROGRAM: Final = "/opt/recommender/bin/recommender"
_ACCOUNT_FILE: Final = "recommender.sysusers.conf"
# What the unit hides from the daemon: ProtectHome= and PrivateTmp=.
_HIDDEN: Final = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))  # noqa: S108 - names of folders
_HELP_FILES: Final = {
    "man": Path("/usr/local/share/man/man1/recommender.1"),
    "bash": Path("/usr/local/share/bash-completion/completions/recommender"),
    "zsh": Path("/usr/local/share/zsh/site-functions/_recommender"),
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """What comes with the program, and fits the settings of this machine.

    Attributes
    ----------
    systemd : mapping
        Units and the file of the account, by name.
    help_files : mapping
        The manual page (``man``), and completion for ``bash`` and ``zsh``.
    addresses : mapping
        Where systemd may listen for the daemon: an address with its port, or the path of a socket,
        by the name of the socket unit. Without an entry, the daemon listens by itself.
    is_packaged : bool
        Whether the system's packages brought the program, with its help files and on the path.
    """

    systemd: Mapping[str, str]
    help_files: Mapping[str, str]
    addresses: Mapping[str, str] = field(default_factory=dict)
    is_packaged: bool = False

    @property
    def units(self) -> dict[str, str]:
        """The units as they are written, by name."""
        texts = {name: text for name, text in self.systemd.items() if name != _ACCOUNT_FILE}
        for name, address in self.addresses.items():
            if name in texts:
                listens = f"ListenStream={address}".replace("\\", r"\\")
                texts[name] = re.sub(r"(?m)^ListenStream=.*$", listens, texts[name])
        return texts

    @property
    def enabled(self) -> tuple[str, ...]:
        """Which units are started with the machine: those that say by what."""
        return tuple(
            name
            for name, text in self.units.items()
            if "\n[Install]\n" in text and (name in self.addresses or not _is_socket(name))
        )


def listening_addresses(web_host: str, web_port: int, lmtp: str) -> dict[str, str]:
    """Return where systemd may listen in the daemon's place, by the name of the socket unit.

    Parameters
    ----------
    web_host, web_port, lmtp
        The settings of these names. systemd knows addresses, no names of hosts.
    """
    addresses = {}
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]+", web_host):
        host = f"[{web_host}]" if ":" in web_host else web_host
        addresses["recommender-web.socket"] = f"{host}:{web_port}"
    if lmtp:
        addresses["recommender-lmtp.socket"] = lmtp.removeprefix("unix:")
    return addresses


def _is_socket(name: str) -> bool:
    return name.endswith(".socket")


def install_plan(
    places: Places,
    shipped: Shipped,
    *,
    settings: str,
    secrets: Mapping[str, str],
    folders: Sequence[Path] = (),
) -> Plan:
    """Return the steps from a program to a running daemon.

    Parameters
    ----------
    places : Places
    shipped : Shipped
    settings : str
        The text of the configuration, where there is none yet.
    secrets : mapping
        Texts of the files beside it, by name; each where there is none yet.
    folders : sequence of Path
        What the daemon writes to elsewhere, see `folders_elsewhere`.

    Raises
    ------
    MachineError
        If the daemon cannot reach the program, or one of the folders.
    """
    account = places.account
    for path in (places.program, *folders):
        refuse_hidden(path)
    own = [
        Folder(places.settings, ADMINISTRATOR, account, 0o750),
        Folder(places.state, account, account, 0o750),
        Folder(places.state / "incoming", account, account, 0o755),
        Folder(places.state / "done", account, account, 0o700),
        Folder(places.state / "rejected", account, account, 0o700),
        Folder(places.state / "backups", account, account, 0o700),
        *(Folder(each, account, account, 0o750, is_ours=False) for each in folders),
    ]
    kept = [
        File(places.settings / name, text.encode(), ADMINISTRATOR, account, 0o640, is_kept=True)
        for name, text in secrets.items()
    ]
    configuration = File(
        places.settings_file,
        settings.encode(),
        ADMINISTRATOR,
        account,
        0o640,
        is_kept=True,
        is_restart_needed=True,
    )
    return (
        *_account(places, shipped),
        *own,
        *kept,
        configuration,
        *program_files(places, shipped, folders),
        _of_recommender(places, "check the settings", "check-config", is_shown=True),
        *_start(shipped),
        Command(
            ("systemctl", "restart", SERVICE),
            "start the daemon and wait until it serves",
            unless=Unless(("systemctl", "is-active", SERVICE), frozenset({"active"})),
            is_redone=True,
            mend=_SEE_LOG,
        ),
        _of_recommender(
            places,
            "look at the installation and at what receivers will see",
            "doctor",
            is_shown=True,
            may_fail=True,
        ),
    )


def program_files(places: Places, shipped: Shipped, folders: Sequence[Path]) -> Plan:
    """Return the steps by which this machine knows the program of this version."""
    units: list[Step] = [
        File(
            UNITS / name,
            text.replace(_USUAL_PROGRAM, str(places.program)).encode(),
            elsewhere=(PACKAGED_UNITS / name,),
            is_restart_needed=True,
        )
        for name, text in shipped.units.items()
    ]
    drop_in: Step = Absent(FOLDERS_DROP_IN, is_restart_needed=True)
    if folders:
        drop_in = File(FOLDERS_DROP_IN, _drop_in(folders).encode(), is_restart_needed=True)
    if shipped.is_packaged:
        return (*units, drop_in)
    helping = [File(_HELP_FILES[name], text.encode()) for name, text in shipped.help_files.items()]
    return (*units, drop_in, Link(LINK, places.program), *helping)


def upgrade_plan(
    places: Places,
    shipped: Shipped,
    *,
    folders: Sequence[Path],
    backup: Path | None,
    rehearsal: tuple[Path, str] | None,
    is_older_running: bool,
) -> Plan:
    """Return the steps from what a former version left to a daemon of this one.

    Parameters
    ----------
    backup : Path or None
        Where the database is copied to before anything is done to it; None: nothing is done to it.
    rehearsal : tuple or None
        Of a copy on which the migration is tried, its path and the ``database.url`` of it.
    is_older_running : bool
        Whether the daemon was started before this version was installed.
    """
    account = places.account
    steps: list[Step] = [*_account(places, shipped)]
    if backup is not None:
        steps.append(Folder(backup.parent, account, account, 0o700))
    if rehearsal is not None:
        copy, url = rehearsal
        untouched = (
            "nothing was changed, and the daemon of the former version still runs: install that "
            "version again before it is restarted, and tell its authors what stands here"
        )
        steps += [
            Absent(copy),
            _of_recommender(places, "copy the database, to try on the copy", "backup", str(copy)),
            _of_recommender(
                places,
                "try to bring the copy up to date",
                "migrate",
                environ={"RECOMMENDER_DATABASE__URL": url},
                mend=untouched,
            ),
            *(Absent(copy.with_name(copy.name + end)) for end in ("-wal", "-shm", "")),
        ]
    if backup is not None:
        put_back = (
            f"the database is as it was, and a copy of it is {backup}; the daemon is stopped. "
            "Install the former version again, then: systemctl start recommender"
        )
        steps += [
            Command(("systemctl", "stop", SERVICE), "stop the daemon"),
            _of_recommender(places, "copy the database", "backup", str(backup), mend=put_back),
            _of_recommender(places, "bring the database up to date", "migrate", mend=put_back),
        ]
    is_fresh = Unless(("systemctl", "is-active", SERVICE), frozenset({"active"}))
    return (
        *steps,
        *program_files(places, shipped, folders),
        *_start(shipped),
        Command(
            ("systemctl", "restart", SERVICE),
            "start the daemon of this version and wait until it serves",
            unless=None if is_older_running or backup is not None else is_fresh,
            is_redone=True,
            mend=_SEE_LOG,
        ),
    )


def uninstall_plan(places: Places, shipped: Shipped, *, is_purge: bool) -> Plan:
    """Return the steps that take an installation away: its data only if that is wanted.

    The program itself stays, because it is what runs.
    """
    no_longer = Unless(
        ("systemctl", "is-enabled", *shipped.enabled),
        frozenset({"disabled", "masked", "not-found"}),
        is_silence_enough=True,
    )
    inactive = Unless(
        ("systemctl", "is-active", *shipped.units),
        frozenset({"inactive", "failed", "unknown"}),
    )
    steps: list[Step] = [
        Command(
            ("systemctl", "disable", *shipped.enabled),
            "have the machine start without it",
            unless=no_longer,
        ),
        Command(("systemctl", "stop", *shipped.units), "stop the daemon", unless=inactive),
        Absent(FOLDERS_DROP_IN.parent),
        *(Absent(UNITS / name) for name in shipped.units),
        *(Absent(path) for path in _HELP_FILES.values()),
        Absent(LINK),
        _reload(shipped),
    ]
    if is_purge:
        steps += [
            Absent(places.settings),
            Absent(places.state),
            Absent(SYSUSERS),
            Command(
                ("userdel", places.account),
                f"remove the account {places.account}",
                unless=Unless(
                    ("getent", "passwd", places.account), frozenset(), is_silence_enough=True
                ),
            ),
        ]
    return tuple(steps)


def folders_elsewhere(
    places: Places, *, database: Path | None, incoming: Path, maildir: Path | None
) -> tuple[Path, ...]:
    """Return the folders that the daemon writes to and that its unit would show as read-only.

    Parameters
    ----------
    database : Path or None
        The file; None where it is on a server.
    incoming : Path
        The watched folder; files are moved from it to those beside it.
    maildir : Path or None
    """
    wanted = [incoming.parent]
    if database is not None:
        wanted.append(database.parent)
    if maildir is not None:
        wanted.append(maildir)
    outside = sorted({each for each in wanted if not each.is_relative_to(places.state)})
    return tuple(
        each
        for each in outside
        if not any(each != other and each.is_relative_to(other) for other in outside)
    )


def refuse_hidden(path: Path) -> None:
    """See that the sandbox of the unit shows a path to the daemon.

    Raises
    ------
    MachineError
        If it does not.
    """
    if any(path.is_relative_to(folder) for folder in _HIDDEN):
        raise MachineError(
            f"{path}: the daemon's unit hides what lies there from it; choose a place such as /srv "
            "or /var/lib for data, and /opt/recommender for the program"
        )


_LOOKING: Final = ("check-config", "doctor")
_SEE_LOG: Final = "`journalctl -u recommender` says why"


def _account(places: Places, shipped: Shipped) -> Plan:
    text = shipped.systemd[_ACCOUNT_FILE]
    return (
        File(SYSUSERS, text.encode(), elsewhere=(PACKAGED_SYSUSERS,)),
        Command(
            ("systemd-sysusers", SYSUSERS.name),
            f"make the account {places.account}",
            unless=Unless(("getent", "passwd", places.account)),
        ),
    )


def _start(shipped: Shipped) -> Plan:
    others = tuple(name for name in shipped.enabled if name != SERVICE)
    sockets = tuple(filter(_is_socket, others))
    are_active = Unless(("systemctl", "is-active", *sockets), frozenset({"active"}))
    steps: list[Step] = [
        _reload(shipped),
        Command(
            ("systemctl", "enable", *shipped.enabled),
            "have it started with the machine",
            unless=Unless(("systemctl", "is-enabled", *shipped.enabled), frozenset({"enabled"})),
        ),
    ]
    if sockets:
        # systemd takes no port that the daemon itself listens at.
        stop = ("systemctl", "stop", SERVICE)
        steps.append(Command(stop, "let systemd take over its ports", unless=are_active))
    for name in others:
        is_active = Unless(("systemctl", "is-active", name), frozenset({"active"}))
        steps.append(Command(("systemctl", "start", name), f"start {name}", unless=is_active))
    return tuple(steps)


def _reload(shipped: Shipped) -> Command:
    return Command(
        ("systemctl", "daemon-reload"),
        "have systemd read its files",
        unless=Unless(
            ("systemctl", "show", "--property=NeedDaemonReload", "--value", *shipped.units),
            frozenset({"no"}),
        ),
        is_redone=True,
    )


def _of_recommender(
    places: Places,
    purpose: str,
    *words: str,
    is_shown: bool = False,
    may_fail: bool = False,
    environ: Mapping[str, str] | None = None,
    mend: str = "",
) -> Command:
    options = ("--config", str(places.settings_file))
    return Command(
        as_account(places.account, str(places.program), *options, *words),
        purpose,
        is_change=words[0] not in _LOOKING,
        is_shown=is_shown,
        may_fail=may_fail,
        environ=environ or {},
        mend=mend,
    )


def _drop_in(folders: Sequence[Path]) -> str:
    # systemd.exec(5): a path in quotes, with backslashes and % doubled.
    escaped = (str(each).replace("\\", "\\\\").replace("%", "%%") for each in folders)
    quoted = " ".join('"' + each.replace('"', '\\"') + '"' for each in escaped)
    return (
        "# Written by `recommender install`: what the settings name outside of the usual folders.\n"
        f"[Service]\nReadWritePaths={quoted}\n"
    )
