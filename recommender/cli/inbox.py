"""Command line: mail that comes in: taken from an MTA's pipe, listed, shown, acted on again."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from recommender.cli.application import (
    app,
    commands_about,
    debugging,
    print_json,
    services,
    settings,
)
from recommender.errors import InboxFullError, RecommenderError
from recommender.wording import counted

if TYPE_CHECKING:
    from recommender.mail.inbox.receiving import ReceiveStatus
    from recommender.store.inbound import NewMail
    from recommender.store.inbound_listing import ListedMail

inbox = commands_about("List and show incoming mail, and act on it again.")
app.add_typer(inbox, name="inbox", no_args_is_help=True)

# sysexits.h: what MTAs understand of the programs that they pipe mail to.
EX_DATAERR: Final = 65
EX_NOUSER: Final = 67
EX_TEMPFAIL: Final = 75

RECEIVE_BUSY_TIMEOUT_SECONDS: Final = 5.0
"""An MTA tries again by itself, and has only so many processes that can wait for ours."""

_BLOCK: Final = 1 << 16

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]


@app.command()
def receive(
    *,
    sender: Annotated[
        str | None,
        typer.Option(metavar="A", help="Envelope sender; else $SENDER or Return-Path."),
    ] = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A",
            help="Envelope recipient; else $ORIGINAL_RECIPIENT, $RECIPIENT or the header.",
        ),
    ] = None,
) -> None:
    """Store a mail from standard input, for an MTA's pipe.

    Exit status: 0 stored, 65 too large, 67 unknown recipient, 75 try again.
    """
    # There is a process for each mail, and it ends before its garbage matters.
    gc.disable()
    try:
        status = _receive(sender, recipient or [])
    except Exception as error:
        if debugging():
            raise
        # Whatever it is: only this status makes an MTA keep the mail instead of bouncing it.
        words = str(error) if isinstance(error, RecommenderError) else repr(error)
        for line in words.splitlines():
            typer.echo(f"recommender: {line}", err=True)
        status = EX_TEMPFAIL
    raise typer.Exit(status)


def _receive(sender: str | None, recipients: list[str]) -> int:
    from recommender.jobs.incoming import inbox as jobs
    from recommender.mail.inbox.receiving import find_envelope
    from recommender.store import inbound
    from recommender.store.database import open_database
    from recommender.waking import wake_daemon

    configured = settings()
    # Not the whole installation: opening it takes longer than a second on a busy machine.
    database = open_database(
        configured.database.url,
        busy_timeout_seconds=RECEIVE_BUSY_TIMEOUT_SECONDS,
        must_exist=True,
    )

    def store(mails: Sequence[NewMail]) -> None:
        try:
            with database.write() as session:
                inbound.add_all(
                    session,
                    mails,
                    now=datetime.now(UTC),
                    most_bytes=configured.inbox.quota_bytes,
                )
        except InboxFullError:
            jobs.make_room(services())
            raise
        wake_daemon(configured.database.index_folder)

    most_bytes = configured.inbox.most_bytes
    list_address = configured.list.address
    found = find_envelope(_read(sys.stdin.buffer, most_bytes), list_address)
    chosen = recipients or _recipients_elsewhere(found.recipient, list_address)
    if sender is None:
        sender = os.environ.get("SENDER", found.sender)
    statuses = jobs.take(
        store,
        list_address,
        source="pipe",
        envelope_sender="" if sender == "<>" else sender.strip("<>"),
        recipients=chosen,
        content=found.content,
        most_bytes=most_bytes,
    )
    return _exit_status(chosen, statuses)


def _recipients_elsewhere(in_header: str | None, list_address: str) -> list[str]:
    """Return the first place's address that is ours, else the first that there is, to refuse it."""
    from recommender.mail.inbox.receiving import judge_recipient

    named = [os.environ.get("ORIGINAL_RECIPIENT"), os.environ.get("RECIPIENT"), in_header]
    given = [each for each in named if each]
    ours = [each for each in given if judge_recipient(each, list_address).is_taken]
    return (ours or given)[:1]


def _exit_status(recipients: list[str], statuses: list[ReceiveStatus]) -> int:
    from recommender.mail.inbox.receiving import FULL, TOO_LARGE, TRY_AGAIN
    from recommender.mail.transport.replies import bounded_line

    for each, status in zip(recipients, statuses, strict=True):
        if not status.is_taken:
            typer.echo(f"recommender: {bounded_line(each)}: {status}", err=True)
    if not statuses:
        typer.echo("recommender: no recipient is named; give --recipient", err=True)
    if TRY_AGAIN in statuses or FULL in statuses:
        return EX_TEMPFAIL
    if TOO_LARGE in statuses:
        return EX_DATAERR
    return 0 if any(status.is_taken for status in statuses) else EX_NOUSER


def _read(stream: BinaryIO, most_bytes: int) -> bytes:
    """Read a mail to its end, for its MTA must not see a broken pipe; keep a byte too many."""
    kept = bytearray()
    while block := stream.read(_BLOCK):
        kept += block[: most_bytes + 1 - len(kept)]
    return bytes(kept)


@inbox.command("list")
def list_mails(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only `stored` (waiting), `done` or `failed`; else all."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 lists all.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List incoming mails, the newest first, and count them by state."""
    from recommender.jobs.incoming import inbox_listing as jobs
    from recommender.store.inbound import InboundState

    try:
        states = [InboundState(each) for each in state or InboundState]
    except ValueError as error:
        raise typer.BadParameter("a state is `stored`, `done` or `failed`") from error
    counts, mails = jobs.listing(services(), states, limit=limit or None)
    if as_json:
        print_json({"states": counts, "mails": [_as_json(each) for each in mails]})
        return
    for each in mails:
        typer.echo(f"{each.id:>8} {each.state:<6} {each.source:<7} {each.recipient}")
        words = each.outcome or "waits"
        typer.echo(f"{'':>8} {each.received_at:%Y-%m-%d %H:%M} {words}")
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    typer.echo(f"{counted(len(mails), 'mail')} shown, times in UTC; {told or 'no mail'}")


@inbox.command()
def show(
    mail_id: Annotated[int, typer.Argument(metavar="ID")],
    *,
    content: Annotated[
        bool, typer.Option("--content", help="Print the mail itself, byte for byte.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what is known of one mail, and what was done about it."""
    from recommender.jobs.incoming import inbox_listing as jobs

    mail = jobs.show(services(), mail_id)
    if content:
        sys.stdout.buffer.write(jobs.content(services(), mail_id))
        return
    if as_json:
        print_json(_as_json(mail))
        return
    shown: dict[str, Any] = {
        "mail": mail.id,
        "state": mail.state,
        "to": mail.recipient,
        "from": mail.envelope_sender or "<> (null sender)",
        "came": f"{mail.received_at:%Y-%m-%d %H:%M} by {mail.source}",
        "size": f"{counted(mail.size, 'byte')}{'' if mail.is_kept else ', dropped since'}",
        "tries": mail.attempts,
        "acted on": mail.processed_at and f"{mail.processed_at:%Y-%m-%d %H:%M}",
        "outcome": mail.outcome,
        "subscriber": mail.subscriber_id,
    }
    for name, value in shown.items():
        if value not in (None, "", 0):
            typer.echo(f"{name:<11} {value}")


@inbox.command()
def retry(
    ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="ID", help="Numbers of mails that failed or were not read."),
    ] = None,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let mails be acted on again that failed, or were not read while their source was paused."""
    from recommender.jobs.incoming import inbox_listing as jobs

    if bool(ids) == failed:
        raise typer.BadParameter("name mails by their numbers, or choose --failed")
    done = jobs.retry(services(), ids or None)
    left = sorted(set(ids or ()) - set(done))
    for each in left:
        typer.echo(
            f"recommender: mail {each} is left: it is none that failed or was not read", err=True
        )
    if as_json:
        print_json({"waiting": done, "left": left})
    else:
        typer.echo(f"{counted(len(done), 'mail')} acted on within a minute")
    if left:
        raise typer.Exit(1)


def _as_json(mail: ListedMail) -> dict[str, Any]:
    found = asdict(mail)
    for name in ("received_at", "processed_at"):
        found[name] = found[name] and found[name].isoformat()
    return found
