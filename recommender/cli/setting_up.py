"""Command line: an installation on a machine with systemd, made, brought up to date, taken away."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from recommender import __version__
from recommender.cli.application import app, print_folded, settings
from recommender.errors import ConfigurationError, MachineError
from recommender.wording import counted, listed

if TYPE_CHECKING:
    from recommender.machine.choices import Choices, Places, Relay, Secrets
    from recommender.machine.plans import Shipped
    from recommender.machine.steps import Plan, Step

STARTING_SOURCE: Final = "huggingface:daily"

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print every step; change nothing.")]


@app.command()
def install(
    *,
    list_address: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The newsletter's one address: papers@…")
    ] = "",
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="Where its pages are reachable from outside.")
    ] = "",
    relay: Annotated[
        str,
        typer.Option(
            metavar="HOST[:PORT]",
            help="The server that takes its mail; else this machine's own.",
        ),
    ] = "",
    relay_user: Annotated[
        str, typer.Option(metavar="NAME", help="Who we are to that server, if it asks.")
    ] = "",
    relay_password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file whose only line is the password.")
    ] = None,
    mail_in: Annotated[
        str,
        typer.Option(
            metavar="WAY",
            help="How mail to the list comes in: lmtp, pipe, none, or the path of a Maildir; else "
            "lmtp where a mail server is on this machine.",
        ),
    ] = "",
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL|PRESET",
            help=f"Where papers are fetched at first, several times if you like; 'none', or else "
            f"{STARTING_SOURCE}.",
        ),
    ] = None,
    operator: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Who is mailed about trouble.")
    ] = "",
    dry_run: DryRunOption = False,
) -> None:
    """Make this machine run it: account, folders, settings, keys, unit; check and start it.

    On a terminal it asks for what is not given. What is there already is kept: typed twice, it
    changes nothing. An existing /etc/recommender/recommender.toml is used as it is.
    """
    from recommender.machine import plans, survey
    from recommender.shipped_files import reference_settings

    _require_machine(dry_run)
    places = _places()
    text, secrets = "", {}
    configured = _existing_settings(places)
    if configured is None:
        asked = _Asking(is_terminal=sys.stdin.isatty(), has_mail_server=bool(survey.mail_server()))
        choices = asked.choices(
            list_address=list_address,
            base_url=base_url,
            relay=relay,
            relay_user=relay_user,
            mail_in=mail_in,
            sources=source,
            operator=operator,
        )
        made = _new_secrets(choices.relay, relay_password_file, asked)
        secrets = made.files()
        text, configured = _settings_tried(choices, made, places, reference_settings())
    else:
        _tell_ignored(
            configured,
            places.settings_file,
            {"list.address": list_address, "web.base_url": base_url, "operator.email": operator},
        )
    plan = plans.install_plan(
        places,
        _shipped(configured),
        settings=text,
        secrets=secrets,
        folders=_folders_elsewhere(places, configured),
    )
    changes = _carry_out(plan, dry_run=dry_run)
    typer.echo(_summed_up(changes, dry_run=dry_run))
    typer.echo("\nThen there is to do:" if dry_run else "\nNext:")
    for number, paragraph in enumerate(_next_steps(configured), start=1):
        first, *lines = paragraph.splitlines()
        print_folded(f"{number}. ", first)
        for line in lines:
            typer.echo(f"   {line}")


@app.command()
def upgrade(*, dry_run: DryRunOption = False) -> None:
    """Bring database and daemon to the version that is installed; a copy is taken before.

    Where the schema changed, the change is first tried on a copy, while the daemon of the former
    version runs: if it fails, nothing was changed.
    """
    from recommender.machine import plans, survey

    _require_machine(dry_run)
    places = _places()
    configured = _existing_settings(places)
    if configured is None:
        raise MachineError(
            f"there is no {places.settings_file}, so nothing to upgrade: `recommender install` "
            "makes an installation, and one by hand, with settings elsewhere, is brought up to "
            "date by its next command"
        )
    now = datetime.now(UTC)
    is_behind = _is_schema_behind(configured.database.url)
    is_older = survey.is_older_running(plans.SERVICE, survey.installed_program())
    backup = rehearsal = None
    if is_behind:
        backup = survey.backup_file(places.state / "backups", __version__, now)
        copy = backup.with_name("rehearsal.db")
        rehearsal = (copy, f"sqlite:///{copy}")
    plan = plans.upgrade_plan(
        places,
        _shipped(configured),
        folders=_folders_elsewhere(places, configured),
        backup=backup,
        rehearsal=rehearsal,
        is_older_running=is_older,
    )
    typer.echo(_summed_up(_carry_out(plan, dry_run=dry_run), dry_run=dry_run))


@app.command()
def uninstall(
    *,
    purge: Annotated[
        bool,
        typer.Option("--purge", help="Delete settings, keys, subscribers and papers, too."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --purge.")] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Stop it and take it off this machine; data and settings stay, unless --purge is given."""
    from recommender.machine import plans

    _require_machine(dry_run)
    places = _places()
    if purge and not yes and not dry_run:
        if not sys.stdin.isatty():
            raise ConfigurationError(["--purge deletes every subscriber and paper; add --yes"])
        typer.confirm(f"Delete {places.settings} and {places.state} for good?", abort=True)
    changes = _carry_out(plans.uninstall_plan(places, _shipped(), is_purge=purge), dry_run=dry_run)
    typer.echo(_summed_up(changes, dry_run=dry_run))
    left = [str(each) for each in (places.settings, places.state) if each.exists()]
    if left:
        typer.echo(
            f"{listed(left)} and the account {places.account} stay; --purge deletes them, "
            "`recommender install` goes on with them"
        )
    typer.echo(f"The program stays, too: sudo rm -r {places.program.parent.parent}")


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema; `upgrade` does it with a copy and a restart."""
    from recommender.store.database import SCHEMA_REVISION, Database, open_database

    url = settings().database.url
    before = Database(url)
    revision = before.schema_revision() if _file_exists(before) else None
    before.close()
    database = open_database(url, must_exist=True)
    database.close()
    if revision == SCHEMA_REVISION:
        typer.echo(f"{database.label} has schema {SCHEMA_REVISION} already")
    else:
        typer.echo(f"{database.label}: from schema {revision} to {SCHEMA_REVISION}")


def _file_exists(database: Any) -> bool:
    return database.folder is None or Path(database.url.database or "").exists()


def _require_machine(dry_run: bool) -> None:
    from recommender.machine import survey

    if dry_run:
        return
    if os.geteuid() != 0:
        raise MachineError(
            "it changes the system, which only root may: put sudo before it, or look first with "
            "--dry-run"
        )
    if not survey.has_systemd():
        raise MachineError(
            "systemd does not run this machine; docs/running.md tells the steps by hand, those to "
            "upgrade and to remove it too, and docs/Containerfile shows a container"
        )


def _places() -> Places:
    from recommender.machine import survey
    from recommender.machine.choices import Places

    return Places(program=survey.installed_program())


def _shipped(configured: Any = None) -> Shipped:
    from recommender.cli.help_files import completion_script, manual_page
    from recommender.machine import survey
    from recommender.machine.plans import Shipped, listening_addresses
    from recommender.shipped_files import systemd_files

    helping = {"man": manual_page()} | {
        shell: completion_script(shell) for shell in ("bash", "zsh")
    }
    addresses = {}
    if configured is not None:
        web = configured.web
        addresses = listening_addresses(web.host, web.port, configured.inbox.lmtp)
    return Shipped(systemd_files(), helping, addresses, survey.is_packaged())


def _existing_settings(places: Places) -> Any:
    """Return the settings of an installation that is there; None where there is none."""
    from recommender.config import load_settings

    if not places.settings_file.exists():
        return None
    return load_settings(places.settings_file, environ={})


def _tell_ignored(configured: Any, file: Path, given: Mapping[str, str]) -> None:
    for key, value in given.items():
        section, _, name = key.partition(".")
        if value and value != getattr(getattr(configured, section), name):
            typer.echo(f"recommender: {file} is there and kept; change {key} in it", err=True)


class _Asking:
    """Takes what was given as options, and asks on a terminal for the rest."""

    def __init__(self, *, is_terminal: bool, has_mail_server: bool) -> None:
        self._is_terminal = is_terminal
        self._has_mail_server = has_mail_server
        self._missing: list[str] = []

    def choices(
        self,
        *,
        list_address: str,
        base_url: str,
        relay: str,
        relay_user: str,
        mail_in: str,
        sources: list[str] | None,
        operator: str,
    ) -> Choices:
        """Return what was chosen.

        Raises
        ------
        ConfigurationError
            With everything that is missing and cannot be asked for, or cannot be used.
        """
        from recommender.machine.choices import NOTHING, Choices, parse_relay

        list_address = list_address or self._ask("--list-address", "The newsletter's address")
        local_part, _, domain = list_address.rpartition("@")
        base_url = base_url or self._ask(
            "--base-url", "The address of its pages", f"https://{local_part}.{domain}"
        )
        here = "localhost" if self._has_mail_server else None
        relay = relay or self._ask(
            "--relay", "The server that takes its mail", here, needed=not here
        )
        usual = "lmtp" if self._has_mail_server else NOTHING
        mail_in = mail_in or self._ask(
            "--mail-in",
            "How mail to it comes in (lmtp, pipe, none, or a Maildir's path)",
            usual,
            needed=False,
        )
        if sources is None:
            asked = "Where papers are fetched (arxiv:cs.LG, biorxiv:neuroscience, an address, none)"
            sources = [self._ask("--source", asked, STARTING_SOURCE, needed=False)]
        if not operator and self._is_terminal:
            operator = typer.prompt("Who is mailed about trouble (empty: nobody)", default="")
        if self._missing:
            raise ConfigurationError(self._missing)
        try:
            chosen = parse_relay(relay, relay_user)
        except ValueError as error:
            raise ConfigurationError([f"--relay: {error}"]) from error
        if mail_in not in ("lmtp", "pipe", NOTHING) and not mail_in.startswith("/"):
            raise ConfigurationError(
                [f"--mail-in: {mail_in!r} is no way in; give lmtp, pipe, none, or a Maildir's path"]
            )
        named = tuple(each for each in sources if each != NOTHING)
        return Choices(list_address, base_url, chosen, mail_in, named, operator)

    def password(self, host: str) -> str:
        """Ask for the password of a server."""
        if not self._is_terminal:
            raise ConfigurationError(
                [f"--relay-password-file: {host} wants a password; give a file with it"]
            )
        return str(typer.prompt(f"Password at {host}", hide_input=True))

    def _ask(self, option: str, what: str, usual: str | None = None, *, needed: bool = True) -> str:
        if self._is_terminal:
            return str(typer.prompt(what, default=usual))
        if needed or usual is None:
            self._missing.append(f"{option}: it is missing; give {what[0].lower()}{what[1:]}")
            return ""
        return usual


def _new_secrets(relay: Relay, password_file: Path | None, asked: _Asking) -> Secrets:
    """Make the keys of a new installation."""
    import secrets

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from recommender.machine.choices import Secrets
    from recommender.tokens import generate_secret_key

    password = None
    if relay.username:
        password = _read_line(password_file) if password_file else asked.password(relay.host)
    dkim_key = None
    if relay.is_here:
        # Who takes mail for others signs it with a key of their own; an MTA of one's own does not.
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        dkim_key = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    return Secrets(generate_secret_key(), secrets.token_urlsafe(32), password, dkim_key)


def _read_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            [f"--relay-password-file: {file} cannot be read ({error}); name another"]
        ) from error


def _settings_tried(
    choices: Choices, made: Secrets, places: Places, reference: str
) -> tuple[str, Any]:
    """Return the text of a new configuration, and what it says.

    It is read as the daemon will read it, from a folder that stands for the later one.

    Raises
    ------
    ConfigurationError
        With everything in it that cannot be used.
    """
    from dataclasses import replace

    from recommender.config import load_settings
    from recommender.machine.choices import settings_of, settings_text

    def text_for(where: Places) -> str:
        return settings_text(reference, settings_of(choices, made, where), choices.sources)

    with tempfile.TemporaryDirectory(prefix="recommender-") as folder:
        trial = replace(places, settings=Path(folder))
        for name, content in made.files().items():
            (trial.settings / name).write_text(content, encoding="utf-8")
        trial.settings_file.write_text(text_for(trial), encoding="utf-8")
        configured = load_settings(trial.settings_file, environ={})
        configured.require_ready()
    return text_for(places), configured


def _folders_elsewhere(places: Places, configured: Any) -> tuple[Path, ...]:
    from recommender.machine.plans import folders_elsewhere
    from recommender.store.database import Database

    database = Database(configured.database.url)
    try:
        file = Path(database.url.database or "") if database.folder is not None else None
    finally:
        database.close()
    return folders_elsewhere(
        places,
        database=file,
        incoming=configured.ingest.folder,
        maildir=configured.inbox.maildir,
    )


def _is_schema_behind(url: str) -> bool:
    from recommender.store.database import SCHEMA_REVISION, Database

    database = Database(url)
    try:
        return _file_exists(database) and database.schema_revision() != SCHEMA_REVISION
    finally:
        database.close()


def _carry_out(plan: Plan, *, dry_run: bool) -> int:
    from recommender.machine.effects import carry_out

    return carry_out(plan, tell=_tell(), is_dry_run=dry_run)


def _tell() -> Callable[[str, Step], None]:
    def tell(outcome: str, step: Step) -> None:
        # What a command printed stands above.
        print_folded(f"{outcome:<7} ", step.says)

    return tell


def _summed_up(changes: int, *, dry_run: bool) -> str:
    if not changes:
        return "Everything is there already; nothing was changed."
    steps = counted(changes, "step")
    return f"{steps} would be done." if dry_run else f"{steps} done."


def _next_steps(configured: Any) -> list[str]:
    from recommender.machine import survey
    from recommender.machine.next_steps import Installed, next_steps
    from recommender.mail.deliverability.dkim_key import public_key_of

    found = survey.mail_server()
    postfix, expanded = survey.postfix_values() if found == "postfix" else ({}, {})
    key = configured.dkim.key
    record = None
    if key is not None:
        name = f"{configured.dkim.selector}._domainkey.{configured.signing_domain}"
        record = (name, public_key_of(key.get_secret_value().encode()).record)
    return next_steps(
        Installed(
            list_address=configured.list.address,
            base_url=configured.web.base_url,
            web_address=f"{configured.web.host}:{configured.web.port}",
            lmtp=configured.inbox.lmtp,
            takes_mail=configured.inbox.takes_mail,
            mail_server=found,
            postfix=postfix,
            postfix_expanded=expanded,
            proxies=survey.web_servers(),
            host_name=survey.host_name(),
            dkim_record=record,
            operator=configured.operator.email or "",
            has_sources=bool(configured.sources),
        )
    )
