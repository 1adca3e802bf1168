"""Command line: the manual page and shell completion, made of what the program itself knows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from recommender import __version__
from recommender.cli.application import app, plain_record

PROGRAM: Final = "recommender"
COMPLETION_VARIABLE: Final = "_RECOMMENDER_COMPLETE"


class Shell(StrEnum):
    """Shells that completion is written for."""

    BASH = "bash"
    ZSH = "zsh"


@app.command()
def completion(
    shell: Annotated[Shell, typer.Argument(help="The shell.")],
) -> None:
    """Print what completes commands and options, for a shell to read."""
    typer.echo(completion_script(shell))


@app.command()
def man() -> None:
    """Print the manual page; `recommender man | man -l -` shows it."""
    typer.echo(manual_page(), nl=False)


def answer_shell() -> None:
    """Get ready for a shell that asks what may come next; nothing otherwise."""
    if COMPLETION_VARIABLE in os.environ:
        from typer.completion import (  # type: ignore[attr-defined]  # it says nothing of exports
            completion_init,
        )

        completion_init()


def completion_script(shell: str) -> str:
    """Return the script by which a shell asks the program what may come next."""
    from typer.completion import (  # type: ignore[attr-defined]  # it says nothing of exports
        get_completion_script,
    )

    script = get_completion_script(prog_name=PROGRAM, complete_var=COMPLETION_VARIABLE, shell=shell)
    return f"{script}\n"


def manual_page() -> str:
    """Return all help pages as one manual page, in the macros of man(7)."""
    from typer.main import get_command

    root: Any = get_command(app)
    context = root.make_context(PROGRAM, [], resilient_parsing=True)
    lines = [
        f'.TH RECOMMENDER 1 "" "{PROGRAM} {__version__}" "Trending papers in your inbox"',
        ".SH NAME",
        rf"{PROGRAM} \- {_roff(root.help.partition(': ')[2])}",
        ".SH SYNOPSIS",
        rf".B {PROGRAM}",
        _roff("[OPTIONS] COMMAND [ARGUMENTS]"),
        ".SH OPTIONS",
        *_parameters(root, context),
        ".SH COMMANDS",
        *_commands(root, context),
        ".SH FILES",
        ".TP",
        ".I /etc/recommender/recommender.toml",
        "Every setting, with what it is for.",
        ".TP",
        ".I /var/lib/recommender",
        "The database, and the folders incoming, done, rejected and backups.",
        ".SH EXIT STATUS",
        "0: done. 1: failed. 2: wrong usage or configuration.",
    ]
    return "\n".join(lines) + "\n"


def _commands(group: Any, context: Any, *before: str) -> Iterator[str]:
    for name, command in group.in_order_of_use().items():
        if command.hidden:
            continue
        path = (*before, name)
        below = command.make_context(name, [], parent=context, resilient_parsing=True)
        if hasattr(command, "commands"):
            yield from _commands(command, below, *path)
            continue
        usage = " ".join(command.collect_usage_pieces(below)).replace("[OPTIONS]", "").strip()
        yield f".SS {_roff(' '.join([PROGRAM, *path, usage]).strip())}"
        for number, paragraph in enumerate((command.help or "").split("\n\n")):
            yield from [".PP"] * bool(number)
            yield _roff(" ".join(paragraph.split()))
        yield from _parameters(command, below)


def _parameters(command: Any, context: Any) -> Iterator[str]:
    for each in command.get_params(context):
        record = plain_record(each, context)
        if record is not None and record[1]:
            yield from (".TP", rf"\fB{_roff(record[0])}\fR", _roff(" ".join(record[1].split())))


def _roff(text: str) -> str:
    """Return text as it is written for troff: no line of it is taken for a command."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    escaped = re.sub(r"[^\x00-\x7f]", lambda found: rf"\[u{ord(found[0]):04X}]", escaped)
    return re.sub(r"^(?=[.'])", r"\\&", escaped)
