"""Command line: where papers are fetched, and how each of these sources fares."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recommender.cli.application import (
    app,
    commands_about,
    print_folded,
    print_json,
    services,
    settings,
)
from recommender.errors import DigestError, SourceError
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.domain import Source
    from recommender.jobs.services import Services
    from recommender.papers.sources.source_states import JudgedSource

sources = commands_about("Add, list, check and remove the sources that papers are fetched from.")
app.add_typer(sources, name="sources", no_args_is_help=True)

SHOWN = 10
LONGEST_MESSAGE = 280
"""Of a source in a list for people: four lines of a terminal."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Or the address.")]
_GIVEN = (
    "An address, or arxiv:cs.LG, arxiv:search WORDS, biorxiv:SUBJECT, medrxiv:SUBJECT, "
    "pubmed:SEARCH, huggingface:daily, crossref:ISSN."
)
GivenArgument = Annotated[list[str], typer.Argument(metavar="URL|PRESET|NAME", help=_GIVEN)]
AddedArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="URL|PRESET", help=f"{_GIVEN} With --mail: its name."),
]


def _opened(*, makes_database: bool = False) -> Any:
    """Open the installation, with the sources that the configuration has now."""
    from recommender.jobs.sources import managing

    opened = services(makes_database=makes_database)
    managing.adopt_configured(opened)
    return opened


@sources.command()
def add(
    given: AddedArgument = None,
    *,
    mail: Annotated[
        bool, typer.Option("--mail", help="Make an address to which mail brings papers.")
    ] = False,
    name: Annotated[
        str, typer.Option(help="What it is called; else its own title, or as given.")
    ] = "",
    every: Annotated[
        int | None, typer.Option(metavar="MINUTES", help="How often it is fetched; else hourly.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Have the daemon fetch a feed, a list or a search from now on, or take mail for it."""
    from recommender.domain import MAIL_SCHEME
    from recommender.jobs.sources import checking, managing

    opened = _opened(makes_database=True)
    words = " ".join(given or ())
    if mail:
        if "://" in words:
            raise typer.BadParameter("--mail makes an address by itself; give a name, or nothing")
        source = managing.add_mail(opened, name=name or words)
        location = managing.location_of(opened, source)
        _print_added(source.name, location, as_json=as_json)
        if not as_json:
            typer.echo("Subscribe this address to lists and alerts, or forward them to it.")
        if not settings().inbox.ways_in:
            typer.echo(
                "recommender: no mail comes in yet: set inbox.lmtp, inbox.maildir or "
                "inbox.imap_host, or have the mail server hand what comes for "
                f"{location.removeprefix(MAIL_SCHEME)} to `recommender receive`",
                err=True,
            )
        return
    if not words:
        raise typer.BadParameter("give an address or a preset, or --mail")
    added, too_old = checking.add(opened, words, name=name, every_minutes=every)
    _print_added(added.source.name, added.source.url, as_json=as_json)
    if too_old:
        typer.echo(f"recommender: {too_old}", err=True)
    if added.source.failures or added.source.paused_because:
        typer.echo(
            f"recommender: {added.source.name} was added, and is {added.verdict.state}: "
            f"{added.verdict.message}",
            err=True,
        )
        raise typer.Exit(1)


def _print_added(name: str, url: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"name": name, "url": url})
    else:
        typer.echo(f"added {name}: {url}")


@sources.command("list")
def list_all(*, as_json: JsonOption = False) -> None:
    """List the sources, how each fares, and why."""
    from recommender.jobs.sources import managing

    opened = _opened()
    found = managing.every(opened)
    if as_json:
        print_json([_as_json(each, managing.location_of(opened, each.source)) for each in found])
        return
    if not found:
        typer.echo("no sources; `recommender sources add` names the first")
        return
    for each in found:
        _print_fare(each, managing.location_of(opened, each.source))
    states = Counter(each.verdict.state.value for each in found)
    told = ", ".join(f"{number} {state}" for state, number in states.most_common())
    typer.echo(f"{counted(len(found), 'source')}: {told}; times in UTC")
    if states["broken"]:
        typer.echo(
            "`recommender sources check NAME` asks one now, says what is wrong in full, and has "
            "it fetched at once if nothing is"
        )


def _print_fare(each: JudgedSource, location: str) -> None:
    from recommender.papers.sources.presets import says_where

    source, message = each.source, each.verdict.message
    if source.last_fetched_at is None:
        done = "nothing read yet"
    else:
        done = f"{counted(each.papers, 'paper')}, read {source.last_fetched_at:%Y-%m-%d %H:%M}"
    print_folded(f"{each.verdict.state:<8} ", f"{source.name}: {done}")
    if not says_where(source.name, location):
        typer.echo(f"{'':<8} {location}")
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[:LONGEST_MESSAGE].rstrip()}… (--json has all of it)"
    print_folded(f"{'':<8} ", message)


@sources.command()
def rename(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What it is called then.")],
) -> None:
    """Call a source something else."""
    from recommender.jobs.sources import managing

    before = managing.rename(_opened(), name, new_name)
    typer.echo(f"{before.name} is called {managing.find(_opened(), before.url).name} now")


@sources.command()
def remove(name: NameArgument) -> None:
    """Forget a source; the papers that it brought stay."""
    from recommender.jobs.sources import managing

    typer.echo(f"removed {managing.remove(_opened(), name).name}")


@sources.command()
def pause(name: NameArgument) -> None:
    """Fetch a source no more, and take no mail for it, until it is resumed."""
    from recommender.jobs.sources import managing

    typer.echo(f"paused {managing.pause(_opened(), name).name}")


@sources.command()
def resume(name: NameArgument) -> None:
    """Fetch a source again, now, or take its mail again."""
    from recommender.jobs.sources import managing

    opened = _opened()
    source = managing.resume(opened, name)
    kept = managing.fetched_for(opened, source)
    happens = (
        "takes mail again; what came meanwhile is in `recommender inbox list`, and is read by "
        "`recommender inbox retry ID`"
        if source.is_by_mail
        else "is fetched within a minute"
        if kept.id == source.id
        else f"has the address of {kept.name}, and is fetched as that"
    )
    typer.echo(f"{source.name} {happens}")


@sources.command()
def check(given: GivenArgument, *, as_json: JsonOption = False) -> None:
    """Fetch a source or an address now and show what would be read; no paper is stored."""
    from recommender.jobs.sources import checking, managing

    opened = _opened()
    words = " ".join(given)
    source = managing.found(opened, words)
    if source is not None and source.is_by_mail:
        _print_waiting(opened, source, as_json=as_json)
        return
    checked = checking.check(opened, words)
    digest = checked.digest
    if as_json:
        print_json(
            {
                "url": checked.location,
                "format": digest.format,
                "date": digest.date.isoformat(),
                "papers": [
                    {
                        "title": entry.title,
                        "authors": list(entry.authors),
                        "abstract": entry.abstract,
                        "url": entry.url,
                        "arxiv_id": entry.arxiv_id,
                        "doi": entry.doi,
                    }
                    for entry in digest.entries
                ],
                "left_out": [asdict(each) for each in digest.unread],
            }
        )
        return
    typer.echo(
        f"{checked.location}: {digest.format} of {digest.date}, "
        f"{counted(len(digest.entries), 'paper')}, {checked.size / 1e3:.1f} kB"
    )
    for entry in digest.entries[:SHOWN]:
        typer.echo(f"- {entry.title}")
        typer.echo(
            f"  {', '.join(entry.authors[:3]) or 'no authors'}; "
            f"{counted(len(entry.abstract), 'character')} of abstract; {entry.url or 'no link'}"
        )
    if len(digest.entries) > SHOWN:
        typer.echo(f"… and {len(digest.entries) - SHOWN} more (--json shows all)")
    for each in digest.unread[:SHOWN]:
        typer.echo(f"left out: {each.where}: {each.message}")
    if len(digest.unread) > SHOWN:
        typer.echo(f"… and {len(digest.unread) - SHOWN} more left out (--json shows all)")
    if checked.too_old:
        typer.echo(checked.too_old)
    if checked.is_fetched_soon:
        typer.echo("it failed before, and is fetched within a minute")


@sources.command("import")
def import_opml(file: Annotated[Path, typer.Argument(metavar="FILE.opml")]) -> None:
    """Add the feeds of a feed reader's OPML file."""
    from recommender.jobs.sources import managing
    from recommender.papers.files.incoming import read_content

    try:
        content = read_content(file)
    except DigestError as error:
        raise SourceError(f"{file}: {error.message}") from error
    added, renamed, left = managing.import_opml(_opened(makes_database=True), content)
    for each in renamed:
        typer.echo(f"recommender: {each}", err=True)
    for reason in left:
        typer.echo(f"recommender: left: {reason}", err=True)
    typer.echo(f"{counted(len(added), 'source')} added, {len(left)} left")
    if not added:
        raise typer.Exit(1)


@sources.command("export")
def export_opml() -> None:
    """Print the sources as OPML, for feed readers and other installations."""
    from recommender.jobs.sources import managing

    opml, left = managing.export_opml(_opened())
    for each in left:
        typer.echo(
            f"recommender: left: {each.name}; it is brought by mail, to an address of ours",
            err=True,
        )
    sys.stdout.write(opml)


def _print_waiting(opened: Services, source: Source, *, as_json: bool) -> None:
    """Print that a source waits for mail, and what came last."""
    from recommender.jobs.sources import by_mail, managing

    address = managing.location_of(opened, source)
    last = by_mail.last_mail(opened, source)
    if as_json:
        came = None
        if last is not None:
            came = {
                "id": last.id,
                "received_at": last.received_at.isoformat(),
                "state": last.state,
                "outcome": last.outcome,
            }
        print_json({"url": address, "last_mail": came})
        return
    typer.echo(f"{source.name} waits for mail to {address.partition(':')[2]}")
    if last is None:
        typer.echo("none came yet")
    else:
        done = last.outcome or "it waits to be read"
        typer.echo(f"the last came on {last.received_at:%Y-%m-%d %H:%M} UTC ({last.id}): {done}")


def _as_json(each: JudgedSource, location: str) -> dict[str, Any]:
    source = each.source
    is_fetched = each.verdict.state != "paused" and not source.is_by_mail
    next_at = source.next_fetch_at if is_fetched else None
    return {
        "name": source.name,
        "url": location,
        "added_as": location if source.is_by_mail else source.url,
        "state": each.verdict.state,
        "message": each.verdict.message,
        "last_fetched_at": source.last_fetched_at and source.last_fetched_at.isoformat(),
        "next_fetch_at": next_at and next_at.isoformat(),
        "papers": each.papers,
        "failures": source.failures,
        "is_configured": source.is_configured,
    }
