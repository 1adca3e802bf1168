"""Command line: the program, its global options, and what its commands share."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from recommender import __version__
from recommender.wording import listed

# By what an operator does with them, in the order of use.
_SECTIONS: Final = {
    "To begin": ("demo", "install", "init", "check-config", "doctor"),
    "Papers": ("sources", "ingest", "rejected", "papers"),
    "Readers": ("subscribers", "preview", "explain"),
    "Mail": ("send", "outbox", "bounces", "inbox", "receive"),
    "To look after it": (
        *("run", "stats", "nightly", "backup", "restore"),
        *("upgrade", "migrate", "move", "uninstall"),
    ),
    "Ranking": ("evaluate", "export"),
    "Help": ("man", "completion"),
}
_PLAIN_TYPES: Final = {
    "str": "TEXT",
    "path": "FILE",
    "file": "FILE",
    "directory": "DIR",
    "int": "N",
    "int range": "N",
    "float": "NUMBER",
    "float range": "NUMBER",
}


_LONGEST_KIND: Final = 24


class _Command(TyperCommand):
    """Shows on its help page what is typed, not the types of our own code."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the name of the command."""
        return ["[OPTIONS]", *(_typed(each) for each in self.get_params(ctx) if _is_typed(each))]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options into a help page."""
        for title, is_wanted in (("Arguments", _is_typed), ("Options", _is_option)):
            rows = [plain_record(each, ctx) for each in self.get_params(ctx) if is_wanted(each)]
            if shown := [row for row in rows if row is not None]:
                with formatter.section(title):
                    formatter.write_dl(shown)


def _is_typed(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _is_option(parameter: Any) -> bool:
    return not _is_typed(parameter)


def _typed(argument: Any) -> str:
    name = _named(argument)
    repeated = "..." if argument.nargs != 1 else ""
    return f"{name}{repeated}" if argument.required else f"[{name}]{repeated}"


def _named(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def plain_record(parameter: Any, ctx: Any) -> tuple[str, str] | None:
    """Return an option or argument as it is typed, and what it is for.

    None for a hidden one, and for an argument of which its name says all.
    """
    record = parameter.get_help_record(ctx)
    if record is None:
        return None
    name, told = record
    # Bounds of numbers are told where they are not kept; whether it is required, the usage tells.
    told = re.sub(r"(?:; )?\bx>=\d+(?=\])|\s*\[(?:x>=\d+|required)\]", "", told)
    if _is_typed(parameter):
        return (_named(parameter), told) if told else None
    typed = re.search(r"<(?:list\[)?([^<>\[\]]+)\]?>", name)
    if typed is None:
        return name, told
    kind = _PLAIN_TYPES.get(typed[1], typed[1])
    if len(kind) > _LONGEST_KIND:
        choices = kind.split("|")
        kind = parameter.name.upper()
        told = f"{told.rstrip('.')}: {listed(choices)}."
    return name.replace(typed[0], kind), told


class _Commands(TyperGroup):
    """Lists commands with all of what their first paragraph says, folded, not cut."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list into a help page: of the program, in sections."""
        left = dict(self.commands)
        if ctx.parent is None:
            for title, names in _SECTIONS.items():
                found = {name: left.pop(name) for name in names if name in left}
                self._format_section(formatter, title, found)
        self._format_section(formatter, "Commands", left)

    def _format_section(self, formatter: Any, title: str, commands: dict[str, Any]) -> None:
        paragraphs = [
            (name, " ".join((command.help or "").partition("\n\n")[0].split()))
            for name, command in commands.items()
            if not command.hidden
        ]
        if paragraphs:
            with formatter.section(title):
                formatter.write_dl(paragraphs)

    def in_order_of_use(self) -> dict[str, Any]:
        """Return the commands as help lists them."""
        names = [name for each in _SECTIONS.values() for name in each if name in self.commands]
        return {name: self.commands[name] for name in dict.fromkeys([*names, *self.commands])}


_Called = TypeVar("_Called", bound=Callable[..., Any])


class _Application(typer.Typer):
    """A program or group whose commands have plain help pages."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[_Called], _Called]:
        """Add a command."""
        return super().command(name, **{"cls": _Command} | options)


def commands_about(what: str) -> typer.Typer:
    """Return a group of commands, such as `subscribers`, and what it is for."""
    return _Application(cls=_Commands, help=what)


app = _Application(
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
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks and debug messages.")
    ] = False,
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
