"""Command line: the outbox: what waits, what failed and why; trying again, and giving up."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from recommender.cli.application import app, commands_about, print_json, services
from recommender.domain import DeliveryKind, DeliveryState
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.jobs.outgoing.outbox import Change, Summary
    from recommender.store.holds import Holds
    from recommender.store.outbox_listing import DeliveryDetails, ListedDelivery

outbox = commands_about("List, show, retry, cancel, pause and resume outgoing messages.")
app.add_typer(outbox, name="outbox", no_args_is_help=True)

DOMAINS_SHOWN: Final = 10
WIDTH: Final = 80

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
IdsArgument = Annotated[
    list[int] | None, typer.Argument(metavar="ID", help="Numbers as `outbox list` has them.")
]
# What is meant is said in the same words by `list`, `retry` and `cancel`.
StateOption = Annotated[
    list[DeliveryState] | None, typer.Option("--state", help="Only in this state (else: not sent).")
]
DomainOption = Annotated[
    list[str] | None, typer.Option("--domain", metavar="DOMAIN", help="Only to this domain.")
]
ToOption = Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Only to this address.")]
KindOption = Annotated[list[DeliveryKind] | None, typer.Option("--kind", help="Only of this kind.")]


@outbox.command("list")
def list_messages(
    *,
    state: StateOption = None,
    domain: DomainOption = None,
    to: ToOption = "",
    kind: KindOption = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 lists all.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List messages, the newest trouble first, and count them by state and domain."""
    from recommender.jobs.outgoing import outbox as jobs

    installation = services()
    selection = jobs.select(
        states=state or jobs.UNSENT, kinds=kind or (), domains=domain or (), recipient=to
    )
    summary = jobs.summarise(installation, selection)
    rows = jobs.listing(installation, selection, limit=limit or None)
    if as_json:
        _print_listing_as_json(summary, rows)
        return
    shown = 0
    for row in rows:
        _print_row(row)
        shown += 1
    _print_summary(summary, shown)


@outbox.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID|MESSAGE-ID")], *, as_json: JsonOption = False
) -> None:
    """Show everything of one message, with its history."""
    from recommender.jobs.outgoing import outbox as jobs

    details = jobs.show(services(), name)
    if as_json:
        print_json(_details_as_json(details))
    else:
        _print_details(details)


@outbox.command()
def retry(
    ids: IdsArgument = None,
    *,
    state: StateOption = None,
    domain: DomainOption = None,
    to: ToOption = "",
    kind: KindOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that failed or are deferred; implies --servers.")
    ] = False,
    servers: Annotated[
        bool,
        typer.Option("--servers", help="Lift pauses of servers, holds and slowed domains."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Try messages again now; those that failed are queued again under their Message-ID."""
    from recommender.jobs.outgoing import outbox as jobs
    from recommender.store.holds import Holds

    chosen = bool(state or domain or to or kind)
    if bool(ids) + chosen + everything > 1 or not (ids or chosen or everything or servers):
        raise typer.BadParameter(
            "name messages by their numbers, or by --state, --domain, --to and --kind, or all by "
            "--all"
        )
    installation = services()
    change = jobs.Change()
    if ids:
        change = jobs.retry_by_id(installation, ids)
    elif chosen or everything:
        waits_or_failed = jobs.PUT_OFF_STATES if everything else jobs.RETRIED_STATES
        selection = jobs.select(
            states=state or waits_or_failed,
            kinds=kind or (),
            domains=domain or (),
            recipient=to,
        )
        change = jobs.retry(installation, selection)
    if servers or everything:
        change.lifted = jobs.lift(installation)
    held = jobs.held_now(installation)
    if as_json:
        print_json(
            {
                "due": change.changed,
                "left": dict(change.left),
                "lifted": _holds_as_json(change.lifted),
                "holds": _holds_as_json(held),
            }
        )
    else:
        _print_change(change, f"{counted(change.changed, 'message')} due now")
        for line in _told_holds(change.lifted):
            typer.echo(f"no longer: {line}")
        for line in _told_holds(replace(held, paused_at=None)):
            typer.echo(f"still held: {line}; --servers lifts it")
        for line in _told_holds(Holds(paused_at=held.paused_at)):
            typer.echo(f"still held: {line}")
    _end(change)


@outbox.command()
def cancel(
    ids: IdsArgument = None,
    *,
    state: StateOption = None,
    domain: DomainOption = None,
    to: ToOption = "",
    kind: KindOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give up messages that wait; what is being sent is left."""
    from recommender.jobs.outgoing import outbox as jobs

    chosen = bool(state or domain or to or kind)
    if bool(ids) + chosen + everything != 1:
        raise typer.BadParameter(
            "name messages by their numbers, or by --state, --domain, --to and --kind, or all by "
            "--all"
        )
    installation = services()
    if ids:
        change = jobs.cancel_by_id(installation, ids)
    else:
        selection = jobs.select(
            states=state or jobs.CANCELLED_STATES,
            kinds=kind or (),
            domains=domain or (),
            recipient=to,
        )
        change = jobs.cancel(installation, selection)
    if as_json:
        print_json({"cancelled": change.changed, "left": dict(change.left)})
    else:
        _print_change(change, f"{counted(change.changed, 'message')} cancelled")
    _end(change)


@outbox.command()
def pause() -> None:
    """Send nothing, and compose nothing, until it is resumed; what is under way is finished."""
    from recommender.jobs.outgoing import outbox as jobs

    since = jobs.pause(services())
    typer.echo(f"sending is paused since {_moment(since)} UTC; `recommender outbox resume` goes on")


@outbox.command()
def resume() -> None:
    """Send again, now, what waited for it."""
    from recommender.jobs.outgoing import outbox as jobs

    since = jobs.resume(services())
    if since is None:
        typer.echo("sending was not paused")
    else:
        typer.echo(f"sending goes on; it was paused since {_moment(since)} UTC")


def _end(change: Change) -> None:
    """End with 1 where something that was named was left as it is."""
    if change.left_ids:
        raise typer.Exit(1)


def _print_change(change: Change, words: str) -> None:
    for number, why in change.left_ids.items():
        typer.echo(f"recommender: message {number} is left: {why}", err=True)
    if not change.left_ids:
        for why, number in change.left.most_common():
            typer.echo(f"left as it was, {counted(number, 'message')}: {why}")
    typer.echo(words)


def _print_row(row: ListedDelivery) -> None:
    typer.echo(_cut(f"{row.id:>8} {row.state:<8} {row.kind:<18} {row.recipient}"))
    typer.echo(_cut(f"{'':>8} {_told(row)}"))


def _told(row: ListedDelivery) -> str:
    """Return when something happened last and what, in a line."""
    if row.last_event_at is None:
        words = f"{_moment(row.created_at)} queued"
    else:
        words = f"{_moment(row.last_event_at)} {row.last_reply or 'no answer'}"
    if row.state is DeliveryState.DEFERRED:
        words = f"{words[:16]} (again {row.next_attempt_at:%H:%M}){words[16:]}"
    return words


def _print_summary(summary: Summary, shown: int) -> None:
    states = ", ".join(f"{number:,} {state}" for state, number in summary.states.items() if number)
    typer.echo(
        f"{shown:,} of {counted(summary.meant, 'message')} shown, times in UTC; "
        f"{states or 'no message'}"
    )
    domains = list(summary.domains.items())
    if len(domains) > 1:
        for domain, numbers in domains[:DOMAINS_SHOWN]:
            told = ", ".join(f"{number:,} {state}" for state, number in sorted(numbers.items()))
            typer.echo(_cut(f"{domain:<36} {told}"))
        if len(domains) > DOMAINS_SHOWN:
            typer.echo(f"and {len(domains) - DOMAINS_SHOWN:,} more domains")
    for line in _told_holds(summary.holds):
        typer.echo(f"held: {line}")


def _told_holds(holds: Holds) -> Iterable[str]:
    from recommender.jobs.outgoing.health import hold_reasons

    return hold_reasons(holds)


def _print_details(details: DeliveryDetails) -> None:
    listed = details.listed
    shown: dict[str, Any] = {
        "message": listed.id,
        "state": listed.state,
        "kind": listed.kind,
        "to": listed.recipient,
        "subscriber": details.subscriber_email
        and f"{details.subscriber_email} ({details.subscriber_state})",
        "issue": details.issue_number,
        "Message-ID": listed.message_id,
        "key": details.key,
        "queued": _moment(listed.created_at),
        "next try": _moment(listed.next_attempt_at)
        if listed.state in {DeliveryState.QUEUED, DeliveryState.DEFERRED}
        else None,
        "held by": details.worker
        and f"{details.worker} until {details.leased_until and _moment(details.leased_until)}",
        "attempts": listed.attempts,
        "in doubt": listed.times_in_doubt
        and f"{counted(listed.times_in_doubt, 'time')}: it may have arrived",
        "last reply": listed.last_reply,
    }
    for name, value in shown.items():
        if value not in (None, "", 0) or name == "attempts":
            typer.echo(f"{name:<11} {value}")
    for entry in details.history:
        server = f" {entry.server}" if entry.server else ""
        typer.echo(f"{_moment(entry.attempted_at)} {entry.state:<8}{server} {entry.reply}")
    for bounce in details.bounces:
        code = f" {bounce.enhanced_status_code}" if bounce.enhanced_status_code else ""
        typer.echo(
            f"{_moment(bounce.received_at)} {bounce.kind} bounce by {bounce.source}{code}: "
            f"{bounce.diagnostic}"
        )


def _print_listing_as_json(summary: Summary, rows: Iterable[ListedDelivery]) -> None:
    """Print one object, row by row: nobody has to wait for the last of 100,000."""
    from recommender.store.outbox_listing import ListedDelivery

    head = {
        "states": summary.states,
        "domains": summary.domains,
        "holds": _holds_as_json(summary.holds),
    }
    sys.stdout.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "deliveries": [')
    separator = "\n"
    names = [each.name for each in fields(ListedDelivery)]
    for row in rows:
        # Not `asdict`, which copies as deep as it can: most of the time, for 100,000 rows.
        values = {name: _as_json(getattr(row, name)) for name in names}
        line = json.dumps(values, ensure_ascii=False)
        sys.stdout.write(f"{separator}{line}")
        separator = ",\n"
    sys.stdout.write("\n]}\n")


def _details_as_json(details: DeliveryDetails) -> dict[str, Any]:
    found: dict[str, Any] = _as_json(asdict(details))
    return {**found.pop("listed"), **found}


def _holds_as_json(holds: Holds) -> dict[str, Any]:
    found: dict[str, Any] = _as_json(asdict(holds))
    return found


def _as_json(value: Any) -> Any:
    """Return moments as ISO 8601, the rest as it is."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return value


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _cut(line: str) -> str:
    """Shorten a line to a terminal's width; a file or a pipe gets all of it."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    return line if len(line) <= width else f"{line[: width - 1]}…"
