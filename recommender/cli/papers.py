"""Command line: papers that were taken back, and the operator's word on that."""

from __future__ import annotations

from typing import Annotated

import typer

from recommender.cli.application import app, commands_about, print_json, services
from recommender.log_lines import visible
from recommender.wording import counted

papers = commands_about("List what was taken back, take papers back, or have them offered again.")
app.add_typer(papers, name="papers", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
PaperArgument = Annotated[
    str, typer.Argument(metavar="PAPER", help="Its arXiv id, DOI, id, or words of its title.")
]


@papers.command()
def withdrawn(*, as_json: JsonOption = False) -> None:
    """List the papers that were taken back, the last one first."""
    from recommender.jobs import withdrawing

    found = withdrawing.withdrawn_papers(services())
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "title": each.title,
                    "arxiv_id": each.arxiv_id,
                    "doi": each.doi,
                    "withdrawn_at": each.withdrawn_at and each.withdrawn_at.isoformat(),
                }
                for each in found
            ]
        )
        return
    for each in found:
        named = each.arxiv_id or each.doi or ""
        typer.echo(visible(f"{each.id:>6}  {each.withdrawn_at:%Y-%m-%d}  {each.title}  {named}"))
    typer.echo(f"{counted(len(found), 'paper')}, times in UTC")


@papers.command()
def withdraw(paper: PaperArgument) -> None:
    """Take a paper out of every list."""
    from recommender.jobs import withdrawing

    typer.echo(visible(f"in no list any more: {withdrawing.withdraw(services(), paper).title}"))


@papers.command()
def reinstate(paper: PaperArgument) -> None:
    """Have a paper offered again; nothing that is read takes it back any more."""
    from recommender.jobs import withdrawing

    typer.echo(visible(f"offered again: {withdrawing.reinstate(services(), paper).title}"))
