"""Command line: the program, its global options, and what its commands share."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from recommender import __version__


class _Commands(TyperGroup):
    """Lists commands with all of what their first paragraph says, folded, not cut."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list into a help page."""
        del ctx
        paragraphs = [
            (name, " ".join((command.help or "").partition("\n\n")[0].split()))
            for name, command in self.commands.items()
            if not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(paragraphs)


def commands_about(what: str) -> typer.Typer:
    """Return a group of commands, such as `subscribers`, and what it is for."""
    return typer.Typer(cls=_Commands, help=what)


app = typer.Typer(
    name="recommender",
    cls=_Commands,
    help="Trending papers in your inbox: digests in, ranked newsletters out.",
    no_args_is_help=True,
    add_completion=False,
    # Rich takes longer to import than all the rest of a help page.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class _Options:
    """The global options of this run."""

    config: Path | None = None
    debug: bool = False


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"recommender {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="FILE",
            help="Configuration; else $RECOMMENDER_CONFIG, ./recommender.toml, "
            "/etc/recommender/recommender.toml.",
        ),
    ] = None,
    debug: Annotated[bool, typer.Option(help="Show tracebacks and debug messages.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print version."),
    ] = False,
) -> None:
    del version
    _Options.config = config
    _Options.debug = debug
    compute_on_one_core()


def compute_on_one_core() -> None:
    """Leave the other cores to pages and mails; before numpy is imported.

    Where they are busy, OpenBLAS's threads wait for each other in a loop: indexing 1,157 papers
    beside the delivery of 1,000 mails took 6.7 s on two cores, and 0.5 s with one thread.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def debugging() -> bool:
    """Return whether tracebacks were asked for."""
    return _Options.debug


def settings() -> Any:
    """Read the configuration, or end with all of its problems."""
    from recommender.config import load_settings

    return load_settings(_Options.config, environ=os.environ)


def configuration_file() -> Path:
    """Return which file is the configuration."""
    from recommender.config import find_configuration

    return find_configuration(_Options.config, os.environ)


def configuration_options() -> tuple[str, ...]:
    """Return the options with which another process reads the same configuration."""
    return ("--config", str(configuration_file()))


def services(configured: Any = None, *, makes_database: bool = False) -> Any:
    """Open the installation that the configuration describes.

    Parameters
    ----------
    configured : Settings or None
        Where they were read before.
    makes_database : bool
        Make a database where there is none, and say so. Only what brings something for it does:
        anywhere else, an empty one would hide that its address is mistyped.

    Raises
    ------
    StorageError
        If there is none, and it is not to be made.
    """
    from recommender.installation import open_services

    opened = open_services(configured or settings(), must_exist=not makes_database)
    if opened.database.is_new:
        typer.echo(f"recommender: made a new database at {opened.database.label}", err=True)
    return opened


def log_to_standard_error(*, daemon: bool = False, level: str = "info") -> None:
    """Log what happens while a command works, or what the daemon does."""
    from recommender.installation import configure_logging

    configure_logging(daemon=daemon, debug=_Options.debug, level=level)


@contextlib.contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show on a terminal how much is done; yields what is called after each part."""
    if total <= 1 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


def print_json(value: object) -> None:
    """Print machine-readable output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_folded(start: str, words: str) -> None:
    """Print what something is and words about it in a line, folded behind it on a terminal only."""
    line = f"{start}{words}"
    if sys.stdout.isatty():
        line = textwrap.fill(
            line,
            shutil.get_terminal_size().columns,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
    typer.echo(line)
