"""Command line: what is wrong with an installation and its sending domain, and the fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from recommender.cli.application import (
    app,
    configuration_file,
    print_folded,
    print_json,
    settings,
)
from recommender.errors import ConfigurationError, RecordError
from recommender.wording import counted, listed

if TYPE_CHECKING:
    from recommender.jobs.doctor import Examined
    from recommender.mail.deliverability.checks import DkimSigning, Finding
    from recommender.mail.transport.smtp_server import SmtpServer

# Named here too, because what they are of takes longer to import than help may take.
SKIPPABLE: Final = (
    *("configuration", "database", "folder", "sources", "web", "inbox", "smtp"),
    *("dns", "mx", "spf", "dkim", "dmarc", "ptr"),
)

_Parsed = TypeVar("_Parsed")


@app.command()
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable output.")] = False,
    nameserver: Annotated[
        str | None,
        typer.Option(metavar="HOST[:PORT]", help="Ask this name server, not the system's."),
    ] = None,
    sending_address: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS", help="From which mail leaves, where this machine cannot tell."
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help=f"Leave out a check: {', '.join(SKIPPABLE)}."),
    ] = None,
) -> None:
    """Check configuration, database, SMTP server and the DNS of the sending domain, with fixes."""
    from recommender.installation import files_for_others, unit_troubles
    from recommender.jobs.doctor import examine
    from recommender.mail.deliverability.checks import Verdict
    from recommender.mail.deliverability.name_lookup import NameServer, open_lookup

    unknown = sorted(set(skip or ()) - set(SKIPPABLE))
    if unknown:
        raise typer.BadParameter(
            f"--skip knows no {listed(unknown)}; there are {listed(SKIPPABLE)}"
        )
    server = None if nameserver is None else _parsed("--nameserver", nameserver, NameServer.parse)
    addresses = [_parsed("--sending-address", each, ip_address) for each in sending_address or ()]
    configured = settings()
    findings = []
    for finding in examine(
        _examined(
            configured,
            files_for_others(configured, configuration_file()),
            unit_troubles(configured, configuration_file()),
        ),
        open_lookup=lambda: open_lookup(server),
        now=datetime.now(UTC),
        sending_addresses=addresses,
        skip=skip or (),
    ):
        findings.append(finding)
        if not as_json:
            _print(finding)
    numbers = Counter(finding.verdict for finding in findings)
    if as_json:
        worst = next((each for each in reversed(Verdict) if numbers[each]), Verdict.OK)
        print_json({"status": worst, "findings": [asdict(finding) for finding in findings]})
    else:
        typer.echo(
            f"{counted(numbers[Verdict.PROBLEM], 'problem')}, "
            f"{counted(numbers[Verdict.WARNING], 'warning')}, {numbers[Verdict.OK]} ok"
        )
    if numbers[Verdict.PROBLEM]:
        raise typer.Exit(1)


def _parsed(option: str, text: str, parse: Callable[[str], _Parsed]) -> _Parsed:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{option} takes an IP address such as 192.0.2.53; {text!r} is none"
        ) from error


def _print(finding: Finding) -> None:
    """Print a finding in one line, and its fix in another."""
    print_folded(f"{finding.verdict:<8} {finding.check:<13} ", finding.message)
    if finding.fix:
        print_folded(f"{'':<8} {'':<13} ", f"→ {finding.fix}")


def _examined(
    configured: Any, warned_files: Iterable[str] = (), of_unit: Iterable[str] = ()
) -> Examined:
    from recommender.installation import smtp_servers
    from recommender.jobs.doctor import Examined

    problems = list(of_unit)
    servers: tuple[SmtpServer, ...] = ()
    try:
        configured.require_ready()
    except ConfigurationError as error:
        problems += error.problems
    try:
        servers = smtp_servers(configured)
    except ConfigurationError as error:
        problems += error.problems
    signing = None
    try:
        signing = _signing(configured)
    except RecordError as error:
        problems.append(f"dkim.key_file: {error}")
    local_part, _, domain = configured.list.address.rpartition("@")
    return Examined(
        configuration_problems=tuple(dict.fromkeys(problems)),
        # What there is to say of the pages' address, a check of its own says.
        configuration_warnings=(
            *configured.placeholders(),
            *(warning for warning in configured.warnings() if not warning.startswith("web.")),
            *warned_files,
        ),
        database_url=configured.database.url,
        list_address=configured.list.address,
        envelope_sender=f"{local_part}+bounce-x@{domain}",
        base_url=configured.web.base_url,
        servers=servers,
        window_days=configured.newsletter.window_days,
        signing=signing,
        inbox=configured.inbox.ways_in,
        incoming=configured.ingest.folder,
    )


def _signing(configured: Any) -> DkimSigning | None:
    """Return how mail is signed, with the public half of the key; None where it is not."""
    from recommender.mail.deliverability.checks import DkimSigning
    from recommender.mail.deliverability.dkim_key import public_key_of

    key = configured.dkim.key
    if key is None:
        return None
    public_key = public_key_of(key.get_secret_value().encode())
    return DkimSigning(configured.signing_domain, configured.dkim.selector, public_key)
