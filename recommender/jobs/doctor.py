"""Jobs: looks over an installation and its sending domain, and says what is wrong with the fix.

Changes nothing, sends nothing. The database is looked at as it is: it is not created or migrated.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from recommender.errors import NameServerError, StorageError
from recommender.jobs.issues.offer import first_day_offered
from recommender.jobs.outgoing.health import paused_words
from recommender.mail.deliverability.checks import (
    DkimSigning,
    Finding,
    Verdict,
    check_dkim,
    check_dmarc,
    check_mx,
    check_ptr,
    check_spf,
    finding_of,
    run_check,
)
from recommender.mail.deliverability.name_lookup import Lookup
from recommender.mail.deliverability.sending_host import SendingHost, find_sending_host, is_loopback
from recommender.mail.deliverability.server_check import check_server
from recommender.mail.transport.smtp_server import SmtpServer, Target
from recommender.papers.files.incoming import settled_files
from recommender.papers.files.rejected import all_rejected
from recommender.papers.sources.source_states import judge_all
from recommender.store import sending_pause
from recommender.store.database import MISSING_MEND, SCHEMA_REVISION, Database
from recommender.wording import counted, listed, one_line

DNS_CHECKS: Final = ("mx", "spf", "dkim", "dmarc", "ptr")
CHECKS: Final = (
    *("configuration", "database", "folder", "sources", "web", "inbox", "smtp"),
    *DNS_CHECKS,
)
"""What can be left out by name; ``dns`` leaves out all of `DNS_CHECKS`."""

LITTLE_SPACE_BYTES: Final = 1_000_000_000
NO_SPACE_BYTES: Final = 50_000_000

_SOURCES_NAMED: Final = 5
_FILES_NAMED: Final = 3
_WAITS_SECONDS: Final = 60.0
_WAITS_LONG_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Examined:
    """What is looked over, as plain values.

    Attributes
    ----------
    configuration_problems, configuration_warnings : tuple of str
        What ``check-config`` would say.
    database_url : str
        ``sqlite:////path/to/recommender.db``, or that of a server.
    envelope_sender : str
        An address as bounces come back to.
    base_url : str
    servers : tuple of SmtpServer
        In the order in which they are used; empty where they cannot be used as configured.
    signing : DkimSigning or None
    inbox : tuple of str
        The ways in which mail to the list is read: ``lmtp 127.0.0.1:8024``.
    window_days : int
        The setting ``newsletter.window_days``.
    incoming : Path or None
        The watched folder.
    """

    configuration_problems: tuple[str, ...]
    configuration_warnings: tuple[str, ...]
    database_url: str
    list_address: str
    envelope_sender: str
    base_url: str
    servers: tuple[SmtpServer, ...]
    window_days: int
    signing: DkimSigning | None = None
    inbox: tuple[str, ...] = ()
    incoming: Path | None = None


def examine(
    examined: Examined,
    *,
    open_lookup: Callable[[], Lookup],
    now: datetime,
    sending_addresses: Sequence[IPv4Address | IPv6Address] = (),
    skip: Collection[str] = (),
) -> Iterator[Finding]:
    """Look over everything, one finding after the other, as soon as it is known.

    Parameters
    ----------
    open_lookup : callable
        Gives what asks the name servers; called when they are needed.
    now : datetime
        Timezone-aware.
    sending_addresses : sequence
        From which mail is sent, where the operator knows better.
    skip : collection of str
        Of `CHECKS`, and ``dns``.
    """
    left = [check for check in CHECKS if check not in skip]
    if "configuration" in left:
        yield from _check_configuration(examined)
    if "database" in left:
        yield from _check_database(examined.database_url)
    if "folder" in left and examined.incoming is not None:
        yield from _check_folder(examined.incoming, now)
    if "sources" in left:
        yield from _check_sources(examined.database_url, now, examined.window_days)
    if "web" in left:
        yield from _check_web(examined.base_url)
    if "inbox" in left:
        yield from _check_inbox(examined)
    if "smtp" in left:
        for server in examined.servers:
            yield from asyncio.run(check_server(server, now=now))
    checks = [check for check in DNS_CHECKS if check in left and "dns" not in skip]
    if checks:
        yield from _check_names(examined, checks, open_lookup, tuple(sending_addresses))


def _check_configuration(examined: Examined) -> Iterator[Finding]:
    for problem in examined.configuration_problems:
        yield finding_of("configuration", Verdict.PROBLEM, problem)
    for warning in examined.configuration_warnings:
        yield finding_of("configuration", Verdict.WARNING, warning)
    if not examined.configuration_problems and not examined.configuration_warnings:
        yield Finding("configuration", Verdict.OK, "the configuration is complete")


def _check_database(url: str) -> Iterator[Finding]:
    database = Database(url)
    path = database.file
    if path is not None and not path.is_file():
        yield Finding("database", Verdict.PROBLEM, f"there is no database {path}", MISSING_MEND)
        return
    name = database.label if path is None else str(path)
    paused_at = None
    try:
        revision = database.schema_revision()
        if revision == SCHEMA_REVISION:
            with database.read() as session:
                paused_at = sending_pause.paused_at(session)
    except StorageError as error:
        yield finding_of("database", Verdict.PROBLEM, str(error))
        return
    finally:
        database.close()
    if paused_at is not None:
        yield finding_of("database", Verdict.WARNING, paused_words(paused_at))
    if revision != SCHEMA_REVISION:
        yield Finding("database", *_judge_revision(name, revision))
        return
    yield from (path is not None and list(_judge_space(database, path))) or [
        Finding("database", Verdict.OK, f"{name} can be read, its schema is current")
    ]


def _judge_space(database: Database, path: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(path.parent).free
    if free < LITTLE_SPACE_BYTES:
        yield Finding(
            "database",
            Verdict.PROBLEM if free < NO_SPACE_BYTES else Verdict.WARNING,
            f"{free / 1e6:,.0f} MB are free where {path} lies",
            "free some space: without it nothing can be recorded and nothing is sent",
        )
    elif filling := database.write_probe.filling():
        is_full = database.write_probe.nearly_full() is not None
        yield finding_of("database", Verdict.PROBLEM if is_full else Verdict.WARNING, filling)


def _judge_revision(name: str, revision: str | None) -> tuple[Verdict, str, str]:
    if revision is None:
        return Verdict.PROBLEM, f"{name} has no tables yet", MISSING_MEND
    if revision < SCHEMA_REVISION:
        fix = "the next command brings it up to date; make a backup before"
        return Verdict.WARNING, f"{name} has the schema of an older version ({revision})", fix
    fix = "install that version, or restore a backup of this one"
    return Verdict.PROBLEM, f"{name} has the schema of a newer version ({revision})", fix


def _check_folder(folder: Path, now: datetime) -> Iterator[Finding]:
    """Look whether digests are read and filed away, and what waits for somebody."""
    if not folder.is_dir():
        fix = "'recommender run' makes it; or correct ingest.folder"
        yield Finding("folder", Verdict.WARNING, f"there is no watched folder {folder}", fix)
        return
    closed = closed_folders(folder)
    for each in closed:
        yield finding_of("folder", Verdict.PROBLEM, each)
    if closed:
        return
    waiting = settled_files(folder, now=now, settle_seconds=_WAITS_LONG_SECONDS)
    if waiting:
        files, first = counted(len(waiting), "file"), one_line(waiting[0].name)
        yield Finding(
            "folder",
            Verdict.WARNING,
            f"{files} in {folder} not read or not filed away for an hour: {first}",
            "see that the daemon runs, and what its log says of it",
        )
    kept = all_rejected(folder.parent / "rejected")
    if kept:
        size = sum(each.size for each in kept)
        yield Finding(
            "folder",
            Verdict.WARNING,
            f"{counted(len(kept), 'file')} in rejected/, {size / 1e6:,.1f} MB, could not be read "
            "wholly",
            "'recommender rejected list' says why; mend and retry them, or remove them",
        )
    if waiting or kept:
        return
    fresh = settled_files(folder, now=now, settle_seconds=_WAITS_SECONDS)
    named = listed([one_line(each.name) for each in fresh[:_FILES_NAMED]])
    others = f" and {len(fresh) - _FILES_NAMED} more" if len(fresh) > _FILES_NAMED else ""
    waits = f"{named}{others} not read yet, or held because an end is missing" if fresh else ""
    yield Finding("folder", Verdict.OK, f"{folder} is watched; {waits or 'nothing waits there'}")


def _check_sources(url: str, now: datetime, window_days: int) -> Iterator[Finding]:
    """Look how sources fare, in a database of which the check before says nothing bad."""
    database = Database(url)
    if database.file is not None and not database.file.is_file():
        return
    try:
        if database.schema_revision() != SCHEMA_REVISION:
            return
        with database.read() as session:
            since = first_day_offered(session, today=now.date(), window_days=window_days)
            found = judge_all(session, now=now, offered_since=since)
    except StorageError as error:
        yield finding_of("sources", Verdict.PROBLEM, str(error))
        return
    finally:
        database.close()
    troubles = [each for each in found if each.verdict.is_trouble]
    if troubles:
        named = "; ".join(
            f"{each.source.name} is {each.verdict.state}" for each in troubles[:_SOURCES_NAMED]
        )
        more = f"; and {len(troubles) - _SOURCES_NAMED} more" * (len(troubles) > _SOURCES_NAMED)
        yield Finding(
            "sources",
            Verdict.WARNING,
            f"{len(troubles)} of {counted(len(found), 'source')} in trouble: {named}{more}",
            "'recommender sources list' says why; 'recommender sources check NAME' asks one now",
        )
    old = [each.source.name for each in found if each.is_too_old]
    if old:
        others = [f"{len(old) - _SOURCES_NAMED} more"] if len(old) > _SOURCES_NAMED else []
        yield Finding(
            "sources",
            Verdict.WARNING,
            f"no newsletter has anything of {listed([*old[:_SOURCES_NAMED], *others])}: none of "
            f"their papers is within newsletter.window_days, {counted(window_days, 'day')}",
            "set newsletter.window_days higher, or remove them",
        )
    if found and not troubles and not old:
        yield Finding("sources", Verdict.OK, f"{counted(len(found), 'source')}, none in trouble")


def closed_folders(folder: Path) -> list[str]:
    """Return why the watched folder, or those beside it, cannot be used, and what mends it."""
    return [
        f"{each} cannot be written to{_or_is_apart(each, folder)}: what is read there cannot be "
        "filed away; run doctor as the daemon's user; where that says so too, grant access to "
        f"{each}"
        for each in _folders_of(folder)
        if folder.is_dir() and not _can_be_written(each, like=folder)
    ]


def _or_is_apart(file_or_folder: Path, folder: Path) -> str:
    """Return what else may be wrong with a folder that lies in another one."""
    if file_or_folder == folder:
        return ""
    return f", or lies on another file system than {folder}"


def _folders_of(folder: Path) -> Iterator[Path]:
    """Return the watched folder, and where its files go, or what that is made in."""
    yield folder
    for name in ("done", "rejected"):
        beside = folder.parent / name
        yield beside if os.path.lexists(beside) else folder.parent


def _can_be_written(folder: Path, *, like: Path) -> bool:
    return (
        folder.is_dir()
        and os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        and folder.stat().st_dev == like.stat().st_dev
    )


def _check_web(base_url: str) -> Iterator[Finding]:
    parts = urlsplit(base_url)
    if parts.scheme == "https":
        yield Finding("web", Verdict.OK, f"pages are at {base_url}")
    elif is_loopback(parts.hostname or ""):
        yield Finding(
            "web",
            Verdict.WARNING,
            f"web.base_url {base_url} is this machine: nobody else can open a link",
            "set it to the address at which the pages are reachable from outside",
        )
    else:
        yield Finding(
            "web",
            Verdict.PROBLEM,
            f"web.base_url {base_url} is not encrypted: providers offer no one-click unsubscribe, "
            "and whoever listens can use the links of others",
            "put a server with a certificate before it and write https",
        )


def _check_inbox(examined: Examined) -> Iterator[Finding]:
    local, _, domain = examined.list_address.rpartition("@")
    if examined.inbox:
        ways = " and ".join(examined.inbox)
        words = f"mail to {examined.list_address} and {local}+TAG@{domain} is read by {ways}"
        yield Finding("inbox", Verdict.OK, words)
    else:
        yield Finding(
            "inbox",
            Verdict.WARNING,
            f"mail to {examined.list_address} is not read by the daemon: commands, replies and "
            "bounces wait for 'recommender receive'",
            f"set a way in below [inbox], or let the MTA hand {examined.list_address} and "
            f"{local}+TAG@{domain} to 'recommender receive'",
        )


def _check_names(
    examined: Examined,
    checks: Sequence[str],
    open_lookup: Callable[[], Lookup],
    addresses: tuple[IPv4Address | IPv6Address, ...],
) -> Iterator[Finding]:
    """Look over what receivers find in the DNS."""
    try:
        lookup = open_lookup()
    except NameServerError as error:
        yield finding_of("dns", Verdict.WARNING, f"could not be checked: {error}")
        return
    from_domain = examined.list_address.rpartition("@")[2]
    envelope_domain = examined.envelope_sender.rpartition("@")[2]
    if "mx" in checks:
        yield from run_check("mx", lambda: check_mx(envelope_domain, lookup))
    # A store or a program of this machine hands on what is for others from here.
    hosts = list(
        dict.fromkeys(
            server.host if server.target is Target.SMTP else "localhost"
            for server in examined.servers
        )
    )

    def spf_of(name: str) -> Iterator[Finding]:
        host = _sending_host(name, addresses, lookup)
        return check_spf(envelope_domain, host, lookup, sender=examined.envelope_sender)

    def ptr_of(name: str) -> Iterator[Finding]:
        return check_ptr(_sending_host(name, addresses, lookup), lookup)

    for name in hosts if "spf" in checks else ():
        yield from run_check("spf", partial(spf_of, name))
    if "dkim" in checks:
        yield from run_check("dkim", lambda: check_dkim(from_domain, examined.signing, lookup))
    if "dmarc" in checks:
        yield from run_check(
            "dmarc", lambda: check_dmarc(from_domain, envelope_domain, examined.signing, lookup)
        )
    for name in hosts if "ptr" in checks else ():
        yield from run_check("ptr", partial(ptr_of, name))


def _sending_host(
    name: str, addresses: tuple[IPv4Address | IPv6Address, ...], lookup: Lookup
) -> SendingHost:
    if addresses:
        return SendingHost(name, is_here=True, addresses=addresses)
    return find_sending_host(name, lookup)
