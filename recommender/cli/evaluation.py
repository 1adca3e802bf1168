"""Command line: how good the ranking is, and the data to measure it on: evaluate, export."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from recommender.cli.application import app, print_json, services
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.interests.evaluation import Estimate, Summary
    from recommender.jobs.quality.measuring import Progress, Report

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]

_LABELS: Final = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_50": "recall@50",
    "mrr": "MRR",
    "auc": "AUC",
    "estimated_likes_per_issue": "likes an issue",
}

_COMPARED: Final = ("ndcg_at_10", "recall_at_50", "auc")
"""Differences that fit into 80 columns; `--json` has all."""


@app.command()
def evaluate(
    dataset: Annotated[
        Path | None,
        typer.Argument(
            metavar="DATASET", help="Folder with papers.jsonl and ratings.csv, or their .gz."
        ),
    ] = None,
    *,
    split_at: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Fit on the data set before this day, rank and score what came from then on.",
        ),
    ] = None,
    likes: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Let each subscriber of the data set have only their last N likes before that"
            " day, to see what newcomers get.",
        ),
    ] = None,
    as_json: JsonOption = False,
    rankings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the first 1,000 ranks of each subscriber there, as CSV."
        ),
    ] = None,
    no_baselines: Annotated[
        bool, typer.Option("--no-baselines", help="Measure the production ranking alone.")
    ] = False,
) -> None:
    """Measure the ranking, on a data set or on this installation's own issues and ratings."""
    if (dataset is None) != (split_at is None):
        raise typer.BadParameter("DATASET and --split-at go together; give both or neither")
    if dataset is None and rankings is not None:
        raise typer.BadParameter("--rankings goes with a DATASET; name one, and --split-at")
    if dataset is None and likes is not None:
        raise typer.BadParameter("--likes goes with a DATASET; name one, and --split-at")
    with _progress(quiet=as_json) as progress:
        if dataset is None or split_at is None:
            report = _evaluate_instance(progress, baselines=not no_baselines)
        else:
            report = _evaluate_dataset(
                dataset, split_at, rankings, progress, likes=likes, baselines=not no_baselines
            )
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report)


def _evaluate_instance(progress: Progress, *, baselines: bool) -> Report:
    from recommender.jobs.issues.readers import ranking_parameters
    from recommender.jobs.quality.evaluating import evaluate_instance

    installed = services()
    with installed.database.read() as session:
        parameters = ranking_parameters(installed, session)
    return evaluate_instance(
        installed,
        parameters=parameters.interest,
        half_evidence=parameters.half_evidence,
        baselines=baselines,
        progress=progress,
    )


def _evaluate_dataset(
    folder: Path,
    split_at: datetime,
    rankings: Path | None,
    progress: Progress,
    *,
    likes: int | None,
    baselines: bool,
) -> Report:
    from recommender.jobs.quality.evaluating import evaluate_dataset
    from recommender.papers.datasets.dataset_files import read_dataset, writing

    # Opened first: nobody waits for minutes to learn that it cannot be written.
    with contextlib.nullcontext() if rankings is None else writing(rankings) as file:
        progress("read", 0, None)
        return evaluate_dataset(
            read_dataset(folder),
            split_at.date(),
            likes=likes,
            baselines=baselines,
            rankings=file,
            progress=progress,
        )


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made where it is missing.")],
) -> None:
    """Write papers and ratings as a data set for `evaluate`, with pseudonyms for subscribers."""
    from recommender.jobs.exporting import export_dataset

    report = export_dataset(services(), folder)
    typer.echo(
        f"wrote {folder}: {counted(report.papers, 'paper')}, {counted(report.ratings, 'rating')}"
    )


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """Yield what shows progress: a bar on a terminal, elsewhere a line for each thing begun."""
    if quiet:
        yield lambda _what, _done, _total: None
    elif not sys.stderr.isatty():
        yield _tell_beginnings()
    else:
        from rich.console import Console
        from rich.progress import Progress as Bars

        with Bars(console=Console(stderr=True), transient=True) as bars:
            tasks = {}

            def show(what: str, done: int, total: int | None) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(what, total=total)
                bars.update(tasks[what], completed=done, total=total)

            yield show


def _tell_beginnings() -> Callable[[str, int, int | None], None]:
    told: set[str] = set()

    def tell(what: str, _done: int, total: int | None) -> None:
        if what not in told:
            told.add(what)
            of = "" if total is None else f": {counted(total, 'ranking')}"
            typer.echo(f"{what}{of}", err=True)

    return tell


def _print_report(report: Report) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # Without the edges, the baselines of a data set fit into 80 columns.
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column()
    for heading in ("production", "95 %", *report.baselines):
        table.add_column(heading, justify="right")
    columns = [report.production, *(baseline.summary for baseline in report.baselines.values())]
    for name, estimate in report.production.estimates.items():
        figures = [f"{each.estimates[name].mean:.4f}" for each in columns]
        interval = f"{estimate.low:.3f}–{estimate.high:.3f}"
        table.add_row(_LABELS[name], figures[0], interval, *figures[1:])
    coverages = [f"{each.coverage_at_10:.3f}" for each in columns]
    table.add_row("coverage@10", coverages[0], "", *coverages[1:])
    milliseconds = [f"{each.cpu_ms:.1f}" for each in columns]
    table.add_row("CPU ms", milliseconds[0], "", *milliseconds[1:])
    Console().print(table)
    if report.baselines:
        _print_differences(report)
    _print_notes(report)


def _print_differences(report: Report) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    typer.echo("Production minus each, on the same subscribers, with 95 % intervals:")
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column()
    for name in _COMPARED:
        table.add_column(_LABELS[name], justify="right")
    for name, baseline in report.baselines.items():
        table.add_row(name, *(_signed(baseline.difference[each]) for each in _COMPARED))
    Console().print(table)


def _signed(estimate: Estimate) -> str:
    return f"{estimate.mean:+.3f} {estimate.low:+.3f}…{estimate.high:+.3f}"


def _print_notes(report: Report) -> None:
    if report.likes is not None:
        typer.echo(f"as newcomers, with their last {counted(report.likes, 'like')} alone")
    ranked = "" if report.issues is None else f"{counted(report.issues, 'issue')}, "
    typer.echo(
        f"{counted(report.production.subscribers, 'subscriber')}, {ranked}"
        f"{counted(report.candidates, 'candidate')}; "
        f"{counted(report.left_out, 'subscriber')} with too few ratings left out"
    )
    typer.echo(f"calibration error of the interest scores: {report.calibration_error:.3f}")
    for name, baseline in report.baselines.items():
        if baseline.production is not None:
            typer.echo(
                f"{name}: on a sample of {counted(baseline.summary.subscribers, 'subscriber')}, "
                f"where production has {_in_words(baseline.production)}"
            )


def _in_words(summary: Summary) -> str:
    return ", ".join(
        f"{_LABELS[name]} {estimate.mean:.4f}" for name, estimate in summary.estimates.items()
    )
