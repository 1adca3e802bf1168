"""Command line: subscribers."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from recommender.cli.application import app, commands_about, print_json, services
from recommender.errors import DigestError, RecommenderError
from recommender.spreadsheet_cells import as_cell
from recommender.wording import counted

subscribers = commands_about("List, show, add, remove, import and export subscribers.")
app.add_typer(subscribers, name="subscribers", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]


@subscribers.command("list")
def list_all(*, as_json: JsonOption = False) -> None:
    """List everybody with their status."""
    from recommender.jobs.people import members

    rows = [members.as_row(subscriber) for subscriber in members.every(services())]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        when = f"{row['weekdays']} at {row['hour']}:00 ({row['timezone']})"
        typer.echo(f"{row['email']:<40} {row['status']:<13} {row['papers']:>2} papers  {when}")
    typer.echo(counted(len(rows), "subscriber"))


@subscribers.command()
def show(address: AddressArgument, *, as_json: JsonOption = False) -> None:
    """Show what is known of one subscriber."""
    from recommender.jobs.people import members

    known = members.show(services(), address)
    if as_json:
        print_json(known)
        return
    width = max(map(len, known))
    for name, value in known.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        words = name.replace("_", " ")
        typer.echo(f"{words:<{width}} {'–' if shown in (None, '') else shown}")


@subscribers.command()
def add(
    address: AddressArgument,
    *,
    hour: Annotated[str, typer.Option(help="Hour of day, 0 to 23.")] = "",
    weekdays: Annotated[str, typer.Option(help="Such as 'mon wed fri'.")] = "",
    timezone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "",
    papers: Annotated[str, typer.Option(help="Papers in an issue.")] = "",
    interests: Annotated[str, typer.Option(help="What they like to read.")] = "",
    ask: Annotated[
        bool,
        typer.Option("--ask", help="Ask who left or complained, or whose mail came back, by mail."),
    ] = False,
) -> None:
    """Add somebody who asked you to: you vouch for their consent. Who left needs --ask."""
    from recommender.jobs.people import members

    row = {
        "email": address,
        "hour": hour,
        "weekdays": weekdays,
        "timezone": timezone,
        "papers": papers,
        "interests": interests,
    }
    member = members.add(services(makes_database=True), row, ask=ask)
    if member.kept_out and not ask:
        raise RecommenderError(member.kept_out)
    if member.kept_out:
        typer.echo(f"{address} is asked by mail; issues come once they confirm")
        return
    number = "first" if member.is_new else "next"
    comes = f"; their {number} issue comes on {member.next_issue}" if member.next_issue else ""
    typer.echo(f"{'added' if member.is_new else 'changed'} {address}{comes}")


@subscribers.command()
def remove(
    address: AddressArgument,
    *,
    erase: Annotated[
        bool, typer.Option("--erase", help="Delete everything that is kept about them.")
    ] = False,
) -> None:
    """Unsubscribe somebody."""
    from recommender.jobs.people import members

    members.remove(services(), address, erase=erase)
    typer.echo(f"{'erased' if erase else 'unsubscribed'} {address}")


@subscribers.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8 with a header line.")],
) -> None:
    """Import subscribers from CSV, and set what it gives of those who are known.

    Columns are email, and if you like status, hour, weekdays, timezone, papers, interests, followed
    and blocked. What a cell gives replaces what a known subscriber has, their own choice too; an
    empty cell leaves it. Of an address that stands there twice, the first line is taken.
    """
    from recommender.jobs.people import importing

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            report = importing.import_rows(services(makes_database=True), lines)
    except OSError as error:
        raise RecommenderError(f"{file} cannot be read: {error.strerror}") from error
    for line in (*report.problems, *report.kept_out):
        typer.echo(f"{file} {line}", err=True)
    typer.echo(str(report))
    if first_issues := report.describe_first_issues():
        typer.echo(f"first issues come on {first_issues}")
    if report.problems:
        raise typer.Exit(1)


@subscribers.command()
def seed(
    address: AddressArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="BibTeX, RIS, nbib, EndNote XML, or arXiv ids and DOIs by line."
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Save the papers that a file names to somebody's reading list, at most 500 at a time."""
    from recommender.jobs.finding import find_subscriber
    from recommender.jobs.people import seeding
    from recommender.papers.files.incoming import read_content

    installation = services()
    subscriber = find_subscriber(installation, address)
    try:
        content = read_content(file.resolve())
        report = seeding.seed(installation, subscriber.id, content)
    except DigestError as error:
        where = file if error.where == "file" else f"{file} {error.where}"
        raise RecommenderError(f"{where}: {error.message}; nothing was saved") from error
    if as_json:
        print_json(report.as_json())
        return
    for each in report.unread:
        typer.echo(f"{file} {each.where}: {each.message}", err=True)
    for identifier in report.waiting:
        typer.echo(f"{identifier} is not known yet; it counts once a digest brings it")
    for identifier in report.no_room:
        typer.echo(f"{identifier} is not known, and their interests have no room for it", err=True)
    typer.echo(str(report))


@subscribers.command()
def export(*, as_json: JsonOption = False) -> None:
    """Write all subscribers as CSV that `import` reads back."""
    from recommender.jobs.people import members

    if as_json:
        print_json(members.export(services()))
        return
    rows = [members.as_row(subscriber) for subscriber in members.every(services())]
    writer = csv.DictWriter(sys.stdout, fieldnames=members.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: as_cell(text) for name, text in row.items()} for row in rows)
