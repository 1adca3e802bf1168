"""Command line: what came back, how mail to each domain fares, and what comes near a limit."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recommender.cli.application import app, print_json, services
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.domain import Bounce
    from recommender.membership.bouncing import DomainRates

DOMAINS_SHOWN = 20


@app.command()
def bounces(
    *,
    days: Annotated[int, typer.Option(metavar="N", min=1, help="Of the last N days.")] = 7,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="What came back of one reader.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable output.")] = False,
) -> None:
    """Show what came back, by recipient domain, with the limits that providers set."""
    from recommender.jobs.incoming import bouncing

    opened = services()
    if to is not None:
        subscriber, found = bouncing.history(opened, to)
        if as_json:
            print_json({"state": subscriber.state, "bounces": [_as_json(each) for each in found]})
            return
        came_back = "" if found else "; nothing came back of theirs"
        typer.echo(f"{subscriber.email} is {subscriber.state}{came_back}")
        for bounce in found:
            typer.echo(_line(bounce))
        return
    rates = bouncing.rates(opened, days=days)
    recent = bouncing.recent(opened, days=days)
    if as_json:
        print_json(
            {
                "domains": [_rates_as_json(each) for each in rates],
                "recent": [_as_json(each) for each in recent],
            }
        )
        return
    if not rates and not recent:
        typer.echo(f"nothing was sent and nothing came back in the last {counted(days, 'day')}")
        return
    typer.echo(
        f"{'domain':<32} {'sent':>8} {'bounced':>8} {'rate':>7} {'complaints':>10} {'rate':>7}"
    )
    for each in rates[:DOMAINS_SHOWN]:
        typer.echo(
            f"{each.domain[:32]:<32} {each.sent:>8} {each.hard_bounces:>8} "
            f"{each.bounce_rate:>7.2%} {each.complaints:>10} {each.complaint_rate:>7.2%}"
        )
    if len(rates) > DOMAINS_SHOWN:
        typer.echo(f"… and {len(rates) - DOMAINS_SHOWN} more domains (--json shows all)")
    for warning in (line for each in rates for line in each.warnings):
        typer.echo(f"near a limit: {warning}", err=True)
    for bounce in recent:
        typer.echo(_line(bounce))


def _line(bounce: Bounce) -> str:
    return (
        f"{bounce.received_at:%Y-%m-%d %H:%M} {bounce.kind:<9} {bounce.recipient_domain} "
        f"{bounce.enhanced_status_code or '-'} {bounce.diagnostic[:120]}"
    )


def _as_json(bounce: Bounce) -> dict[str, Any]:
    return {**asdict(bounce), "received_at": bounce.received_at.isoformat(timespec="seconds")}


def _rates_as_json(rates: DomainRates) -> dict[str, Any]:
    return {
        **asdict(rates),
        "bounce_rate": rates.bounce_rate,
        "complaint_rate": rates.complaint_rate,
        "warnings": rates.warnings,
    }
