"""Command line: files of papers that could not be read: listed, shown, read again, removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from recommender.cli.application import app, commands_about, print_json, services, settings
from recommender.errors import DigestError, RecommenderError
from recommender.log_lines import visible
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.papers.files.rejected import Rejected

rejected = commands_about("List and show what could not be read and why, and read it again.")
app.add_typer(rejected, name="rejected", no_args_is_help=True)

_FAULTS_LISTED: Final = 3
_FAULTS_WITH_LINES: Final = 10
_WAITING_LISTED: Final = 10

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="NAME...")]
AllOption = Annotated[bool, typer.Option("--all", help="All that lie there.")]


@rejected.command("list")
def list_all(*, as_json: JsonOption = False) -> None:
    """List what could not be read, when, from where and why."""
    from recommender.papers.files.rejected import all_rejected
    from recommender.papers.formats import READ_FORMATS, SEE_FORMATS

    ingest = settings().ingest
    found = all_rejected(ingest.rejected_folder)
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    for each in found:
        origin = f" from {each.reason.came_from}" if each.reason.came_from else ""
        kind = "in part" if each.reason.is_partial else f"{each.size / 1e3:,.1f} kB"
        typer.echo(visible(f"{each.name}  {each.reason.at:%Y-%m-%d %H:%M}{origin}, {kind}"))
        for name in each.reason.also:
            typer.echo(visible(f"    also as {name}"))
        for fault in each.faults[:_FAULTS_LISTED]:
            # It stands below.
            message = fault.message.removesuffix(f"; {SEE_FORMATS}")
            typer.echo(visible(f"    {fault.where}: {message}"))
        more = len(each.faults) - _FAULTS_LISTED
        if more > 0:
            typer.echo(f"    and {more} more (`recommender rejected show` names them)")
    _print_waiting(ingest.folder, ingest.settle_seconds)
    typer.echo(f"{counted(len(found), 'file')}, times in UTC; {READ_FORMATS}")


def _print_waiting(folder: Path, settle_seconds: float) -> None:
    """Print what lies in the watched folder and is not read, perhaps because its end is missing."""
    from recommender.jobs.watched_folder import HELD_FOR
    from recommender.papers.files.incoming import settled_files

    if not folder.is_dir():
        return
    waiting = settled_files(folder, now=datetime.now(UTC), settle_seconds=settle_seconds)
    for path in waiting[:_WAITING_LISTED]:
        typer.echo(visible(f"{path.name}  waits in {folder}"))
    more = len(waiting) - _WAITING_LISTED
    if more > 0:
        typer.echo(f"and {more} more wait there")
    if waiting:
        typer.echo(
            "what waits is read within a minute while the daemon runs; a file whose end is missing "
            f"is held for {HELD_FOR // timedelta(minutes=1)} minutes, and the log says what is "
            "missing; `recommender ingest` reads it now"
        )


@rejected.command()
def show(name: NameArgument) -> None:
    """Show why a file could not be read, and the lines around the place."""
    from recommender.papers.files.incoming import read_content
    from recommender.papers.files.rejected import find_rejected, lines_around

    each = find_rejected(settings().ingest.rejected_folder, name)
    also = "".join(f", and {name}" for name in each.reason.also)
    typer.echo(visible(f"{each.name}: it was {each.reason.file}{also}"))
    if each.path is not None:
        typer.echo(visible(f"now {each.path}: correct it there, then `recommender rejected retry`"))
    else:
        typer.echo("the rest of it was read; ingest it corrected under that name, and this goes")
    origin = f" from {each.reason.came_from}" if each.reason.came_from else ""
    typer.echo(visible(f"{each.reason.at:%Y-%m-%d %H:%M} UTC{origin}"))
    content = None
    trouble = ""
    if each.path is not None:
        try:
            content = read_content(each.path)
        except DigestError as error:
            trouble = error.message
    for number, fault in enumerate(each.faults):
        typer.echo(visible(f"{fault.where}: {fault.message}"))
        if content is not None and number < _FAULTS_WITH_LINES:
            for line in lines_around(content, fault.where):
                typer.echo(f"  {line}")
    if trouble:
        typer.echo(f"the file cannot be shown: {trouble}")


@rejected.command()
def retry(names: NamesArgument = None, *, every: AllOption = False) -> None:
    """Read files again; what can be read now moves to done/."""
    from recommender.jobs import rejecting

    chosen = _chosen(names, every=every)
    opened = services()
    failed = left = in_part = 0
    for each in chosen:
        try:
            retried = rejecting.retry(opened, each)
        except RecommenderError as error:
            if every and each.path is None:
                left += 1
            else:
                failed += 1
            typer.echo(visible(f"recommender: {each.name}: {error}"), err=True)
            continue
        failed += not retried.is_read
        in_part += bool(retried.left_out)
        typer.echo(visible(str(retried)), err=not retried.is_read)
    read = counted(len(chosen) - failed - left, "file")
    some = f" ({in_part} in part: `recommender rejected list` says what is missing)"
    total = f"{read} read{some if in_part else ''}, {failed} still rejected"
    typer.echo(total + (f", {left} read in part and left" if left else ""))
    if failed:
        raise typer.Exit(1)


@rejected.command()
def remove(names: NamesArgument = None, *, every: AllOption = False) -> None:
    """Delete files and their reasons; nothing else ever does."""
    from recommender.papers.files import rejected as papers

    chosen = _chosen(names, every=every)
    for each in chosen:
        papers.remove(each)
        typer.echo(visible(f"removed {each.name}"))
    typer.echo(f"{counted(len(chosen), 'file')} removed")


def _chosen(names: list[str] | None, *, every: bool) -> list[Rejected]:
    from recommender.papers.files.rejected import all_rejected, find_rejected

    if bool(names) == every:
        raise typer.BadParameter("give names, or --all")
    folder = settings().ingest.rejected_folder
    if names:
        return [find_rejected(folder, name) for name in dict.fromkeys(names)]
    return all_rejected(folder)


def _as_json(each: Rejected) -> dict[str, Any]:
    return {
        "name": each.name,
        "file": each.reason.file,
        "also": list(each.reason.also),
        "came_from": each.reason.came_from,
        "at": each.reason.at.isoformat(),
        "size": each.size,
        "is_partial": each.reason.is_partial,
        "faults": [{"where": fault.where, "message": fault.message} for fault in each.faults],
    }
