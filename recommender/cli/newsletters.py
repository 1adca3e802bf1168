"""Command line: from digests to newsletters: ingest, send, preview, explain, demo."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from recommender.cli.application import (
    app,
    log_to_standard_error,
    print_json,
    progress_bar,
    services,
    settings,
)
from recommender.errors import RecommenderError
from recommender.wording import counted

MANY_FILES: Final = 200
"""So many at once are rather a folder that was named by mistake."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Run the loop once, print what happened, and exit.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the mails there, as .eml and .html."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=65_535, help="Port of the pages, else 8000 or a free one."
        ),
    ] = None,
) -> None:
    """Show the whole loop with nothing to set up: no network, no SMTP server, no account."""
    from recommender.demo import show

    show.run(once=once, out=out, port=port)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files or folders.")],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ingest however many files there are, without asking.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ingest digest files or folders now; what is hidden in a folder is passed over."""
    from recommender.jobs import intake
    from recommender.jobs.issues.offer import tell_too_old
    from recommender.papers.formats import READ_FORMATS, SEE_FORMATS

    configured = settings()
    files = intake.files_named(paths)
    if len(files) >= MANY_FILES and not yes:
        _ask_about(len(files))
    opened = services(configured, makes_database=True)
    outcomes = []
    with progress_bar("ingesting", len(files)) as advance:
        for outcome in intake.ingest_paths(
            opened, files, rejected_folder=configured.ingest.rejected_folder
        ):
            outcomes.append(outcome)
            if not as_json:
                typer.echo(str(outcome), err=outcome.rejection is not None)
            advance()
    total = intake.summary(outcomes)
    if as_json:
        print_json(asdict(total))
    else:
        if any(SEE_FORMATS in each.message for each in total.rejected):
            typer.echo(READ_FORMATS, err=True)
        typer.echo(str(total))
        if too_old := tell_too_old(opened, intake.papers_named(outcomes)):
            typer.echo(too_old, err=True)
    if total.rejected:
        raise typer.Exit(1)


def _ask_about(number: int) -> None:
    """Have somebody say yes to so many files; where nobody can be asked, say how to.

    Raises
    ------
    RecommenderError
        If nobody said so.
    """
    found = f"{number:,} files were found"
    if not sys.stdin.isatty():
        raise RecommenderError(f"{found}; where all of them are digests, give --yes")
    question = f"{found}. Copies of those that are no digests are kept in rejected/. Go on?"
    typer.confirm(question, abort=True, err=True)


@app.command()
def send(
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Only this subscriber.")
    ] = None,
    now: Annotated[
        bool,
        typer.Option(
            "--now",
            help="Due or not: an issue for everybody for whom there is something new since "
            "their last one, and another try of what was deferred.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; store and send nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compose and deliver what is due; ends with 1 where something was to go and nothing went."""
    from recommender.cli.sending import deliver_with_progress
    from recommender.installation import delivery_rules, relays
    from recommender.jobs.incoming import bouncing
    from recommender.jobs.issues import newsletters
    from recommender.jobs.issues.nobody import why_nobody_served
    from recommender.jobs.outgoing import delivering
    from recommender.jobs.people import subscriptions

    configured = settings()
    configured.require_ready()
    servers = relays(configured)
    log_to_standard_error()
    opened = services(configured)
    if dry_run:
        plans = list(newsletters.plan_issues(opened, only=to, now_even_if_not_due=now))
        if as_json:
            print_json([newsletters.plan_as_json(plan) for plan in plans])
            return
        for plan in plans:
            typer.echo(newsletters.describe_plan(plan))
        if not any(plan.is_sent for plan in plans):
            typer.echo(why_nobody_served(opened, only=to, is_now=now, without_news=len(plans)))
        return
    # What waits to be sent may be a confirmation that somebody waits for.
    subscriptions.decide_requests(opened)
    composed = newsletters.compose_issues(opened, only=to, now_even_if_not_due=now)
    if now:
        delivering.expedite(opened)
    report = deliver_with_progress(
        opened,
        servers,
        delivery_rules(configured),
        quiet=as_json,
    )
    # Who sends by hand, or from cron, may have no daemon that counts what servers refused.
    bouncing.count_refusals_and_warn(opened)
    if as_json:
        print_json({"issues": composed.issues, "deliveries": delivering.figures(report)})
    else:
        typer.echo(
            f"{counted(composed.issues, 'issue')} composed, "
            f"{counted(composed.nothing_new, 'subscriber')} without news; "
            f"{delivering.summary(report)}"
        )
        if not composed.issues:
            typer.echo(
                "no issue: "
                + why_nobody_served(opened, only=to, is_now=now, without_news=composed.nothing_new)
            )
    # The log has said what is wrong with a server; whoever asks for mails wants to know by the
    # status that none went. Where nothing was due, all is well: cron asks every hour.
    is_asked_for = now or to is not None or bool(composed.issues) or delivering.is_any(report)
    if report.server_trouble is not None or (is_asked_for and not report.sent):
        raise typer.Exit(1)


@app.command()
def preview(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there; .txt is the text part."),
    ] = None,
) -> None:
    """Show the next issue of a subscriber as HTML, without sending it."""
    from recommender.jobs.issues import newsletters

    mail = newsletters.preview(services(), address)
    if output is None:
        typer.echo(mail.html, nl=False)
        return
    try:
        output.write_text(mail.text if output.suffix == ".txt" else mail.html, encoding="utf-8")
    except OSError as error:
        raise RecommenderError(
            f"{output} cannot be written ({error.strerror}); name another file"
        ) from error
    typer.echo(f"wrote {output}: {mail.subject}")


@app.command()
def explain(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    paper: Annotated[
        str | None,
        typer.Argument(metavar="PAPER", help="Its arXiv id, DOI, id, or words of its title."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show what was learned of a subscriber, or why a paper ranks where it does for them."""
    from recommender.jobs.issues import learning

    explanation = (
        learning.explain_subscriber(services(), address)
        if paper is None
        else learning.explain_paper(services(), address, paper)
    )
    if as_json:
        print_json(explanation.as_json())
    else:
        typer.echo(str(explanation))
