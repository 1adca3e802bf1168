"""Command line: setting up and looking after an installation."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from recommender.cli.application import (
    app,
    configuration_file,
    configuration_options,
    debugging,
    log_to_standard_error,
    print_json,
    services,
    settings,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path(),
) -> None:
    """Write a commented recommender.toml and a secret key, and create the database."""
    from recommender.config import load_settings, write_initial_configuration
    from recommender.store.database import open_database

    written = write_initial_configuration(folder)
    for path in written:
        typer.echo(f"wrote {path}")
    configured = load_settings(folder / "recommender.toml", environ=os.environ)
    database = open_database(configured.database.url)
    typer.echo(f"created {database.label}")
    database.close()
    typer.echo(
        f"Next: set list.address, web.base_url, operator.email and smtp in "
        f"{folder / 'recommender.toml'}, then `recommender check-config`."
    )


@app.command("check-config")
def check_config() -> None:
    """Read the configuration and tell every problem of it."""
    from recommender.installation import (
        dkim_signer,
        files_for_others,
        own_templates,
        smtp_servers,
        unit_troubles,
    )
    from recommender.jobs.doctor import closed_folders

    configured = settings()
    configured.require_ready()
    smtp_servers(configured)
    dkim_signer(configured)
    own_templates(configured)
    for warning in (
        *configured.placeholders(),
        *configured.warnings(),
        *files_for_others(configured, configuration_file()),
        *unit_troubles(configured, configuration_file()),
        *closed_folders(configured.ingest.folder),
    ):
        typer.echo(f"warning: {warning}", err=True)
    keys = len(configured.signing_keys())
    if keys > 1:
        typer.echo(f"links are signed by the first of {keys} keys, and work by all of them")
    else:
        typer.echo("links are signed by one key")
    typer.echo("the configuration is complete")


@app.command()
def run(
    roles: Annotated[
        str,
        typer.Option(
            metavar="ROLES",
            help="What this process does, where several share a PostgreSQL: some of web, clock, "
            "learn, deliver, inbox, sources.",
        ),
    ] = "",
) -> None:
    """Run the daemon: pages, clock, watched folder and delivery in one process."""
    # Before all that takes time; the daemon reads its settings anew once it runs.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from recommender import daemon_process
    from recommender.known_keys import refuse_other_keys
    from recommender.night_process import NightProcess
    from recommender.roles import ALL_ROLES, roles_of
    from recommender.store.named_daemon import named_daemon

    chosen = roles_of(roles) if roles else ALL_ROLES

    def read_settings() -> Any:
        configured = settings()
        configured.require_ready()
        refuse_other_keys(
            configured.database.index_folder,
            configured.signing_keys(),
            named=str(configured.secret_key_file),
        )
        return configured

    configured = read_settings()
    log_to_standard_error(daemon=True, level=configured.log.level)
    with named_daemon(configured.database.url):
        daemon_process.run(
            configured,
            NightProcess(configuration_options(), os.environ),
            # A level that was asked for by --debug is not the file's to change.
            read_settings=read_settings,
            keeps_log_level=debugging(),
            roles=chosen,
        )


@app.command()
def nightly(
    *,
    as_json: JsonOption = False,
    background: Annotated[
        str | None,
        typer.Option(
            hidden=True,
            metavar="LEVEL",
            help="As the daemon has it done: within limits, and logged as by itself.",
        ),
    ] = None,
) -> None:
    """Do now what the daemon does every night."""
    is_told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: is_told_to_end.set())

    from recommender.jobs import nightly as jobs
    from recommender.night_process import limit_this_process

    log_to_standard_error(daemon=background is not None)
    if background is not None:
        logging.getLogger().setLevel(background)
        limit_this_process()
    steps = jobs.STEPS if background is None else jobs.STEPS_BESIDE_DAEMON
    report = jobs.run_nightly(services(), is_to_end=is_told_to_end.is_set, steps=steps)
    if as_json:
        print_json(report.as_json())
    else:
        for step in report.steps:
            typer.echo(str(step))
    if not report.is_done:
        raise typer.Exit(1)


@app.command()
def stats(*, as_json: JsonOption = False) -> None:
    """Count papers, ratings, subscribers, requests and deliveries, and say what is held back."""
    from recommender.jobs.issues.offer import read_offer
    from recommender.jobs.outgoing import health

    installation = services()
    counts = asdict(health.count_everything(installation))
    counts["requests"] = health.requests_of_a_day(installation)
    signals = health.signals(installation)
    held = health.held_back(installation)
    if as_json:
        print_json(counts | {"signals": signals, "held": held})
        return
    offer = read_offer(installation)
    explained = _EXPLAINED | {
        "papers": f"{offer.papers:,} of them for newsletters: in digests since {offer.since}, "
        f"newsletter.window_days is {offer.window_days}"
    }
    for name, value in counts.items():
        shown = _by_state(value) if isinstance(value, dict) else f"{value:,}"
        typer.echo(_line(name, shown, explained.get(name, "")))
    shown = f"{signals['measured']:,} measured, {signals['poor']:,} poor"
    typer.echo(_line("signals", shown, explained["signals"]))
    for reason in held:
        typer.echo(_line("held", reason))


_EXPLAINED: Final = {
    "mentions": "how often digests name a paper",
    "digests": "files, mails and days of sources that papers came from",
    "issues": "newsletters that were composed, one for a reader and day",
    "ratings": "papers that readers like, dislike or saved",
    "in_doubt": "times that a message may have arrived although nobody said so, and went out again",
    "requests": "of the last day to be subscribed, by what came of them",
    "signals": "readers of whom it is known whether their interest predicts what they like; where "
    "it is poor, their newsletters lean on what is trending",
}
_STATES: Final = {
    "unconfirmed": "asked, not confirmed",
    "unsubscribed": "left",
    "suspended": "mail came back",
    "queued": "wait for their turn",
    "sending": "being handed over",
    "deferred": "put off, tried again",
    "failed": "given up: `recommender outbox list`",
}


def _by_state(numbers: dict[str, int]) -> str:
    parts = [
        f"{number:,} {state}" + (f" ({_STATES[state]})" if state in _STATES else "")
        for state, number in numbers.items()
        if number
    ]
    return ", ".join(parts) or "none"


def _line(name: str, shown: str, explained: str = "") -> str:
    line = f"{name.replace('_', ' '):<12} {shown}"
    return f"{line}  ({explained})" if explained else line


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    keep: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=10_000,
            help="FILE is a folder: write one named after the moment, and leave the last N.",
        ),
    ] = None,
) -> None:
    """Copy the database to a file, also while the daemon runs."""
    from datetime import UTC, datetime

    from recommender.store.backup import backup_database
    from recommender.store.backup_series import next_backup, remove_old

    url = settings().database.url
    target = file if keep is None else next_backup(file, datetime.now(UTC))
    size = backup_database(url, target)
    typer.echo(f"wrote {target} ({size / 1e6:.1f} MB)")
    if keep is not None:
        for removed in remove_old(file, keep=keep):
            typer.echo(f"removed {removed}, there are {keep} newer ones")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Restore whatever is undone by it, without asking.")
    ] = False,
) -> None:
    """Put a backup in the database's place; what was there is kept beside it.

    Says first who would get an issue twice, who left since and who came, and asks.
    """
    from recommender.store.backup import restore_database

    log_to_standard_error()
    url = settings().database.url
    if not yes:
        _ask_about_loss(url, file)
    kept = restore_database(url, file)
    typer.echo(f"restored {file}" + (f"; the former database is {kept}" if kept else ""))


def _ask_about_loss(url: str, backup: Path) -> None:
    """Have somebody say yes to what a restore undoes, where that harms anybody."""
    from recommender.errors import StorageError
    from recommender.store.backup import check_backup
    from recommender.store.restore_loss import compare

    check_backup(url, backup)
    loss = compare(url, backup)
    for line in loss.lines():
        typer.echo(line, err=True)
    if not loss.is_grave:
        return
    if not sys.stdin.isatty():
        raise StorageError("nothing was restored; where that is what you want, give --yes")
    typer.confirm("Restore all the same?", abort=True, err=True)


@app.command()
def move(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Where to: as database.url.")],
) -> None:
    """Copy the whole installation into another, empty database, and compare both."""
    from contextlib import closing

    from recommender.config.values import database_url
    from recommender.errors import ConfigurationError
    from recommender.store.database import open_database
    from recommender.store.moving import move as move_database

    try:
        target_url = database_url(to, configuration_file().parent)
    except ValueError as error:
        raise ConfigurationError([f"--to: {error}"]) from error
    with (
        closing(open_database(settings().database.url, must_exist=True)) as source,
        closing(open_database(target_url)) as target,
    ):
        rows = 0
        for each in move_database(source, target):
            rows += each.rows
            typer.echo(f"{each.name:<22} {each.rows:>10,} rows  sha256 {each.sha256[:16]}")
        typer.echo(
            f'moved {rows:,} rows; now set database.url = "{to}", then start the daemon: what the '
            "former database is given from now on is missing there"
        )
