"""Jobs: mail that comes in is stored, whatever it says; `acting` reads it later."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from recommender.errors import InboxFullError, StorageError
from recommender.mail.inbox.receiving import (
    FULL,
    TAKEN,
    TOO_LARGE,
    TRY_AGAIN,
    ReceiveStatus,
    judge_recipient,
)
from recommender.store import inbound
from recommender.store.inbound import NewMail
from recommender.wording import counted

if TYPE_CHECKING:
    # All that a mailbox's jobs may need takes longer to import than a pipe has to store a mail.
    from recommender.jobs.services import Services

KEPT_WHEN_FULL: Final = 0.75
"""Which part of the quota stays in use where it was reached: the next mails find room."""

_logger = logging.getLogger(__name__)


def store_mails(services: Services, mails: Sequence[NewMail]) -> None:
    """Store mails durably, each once, and have them acted on soon.

    Raises
    ------
    StorageError
        If they are not stored; nobody may acknowledge them.
    """
    try:
        with services.change() as session:
            inbound.add_all(
                session, mails, now=services.clock(), most_bytes=services.inbox_quota_bytes
            )
    except InboxFullError:
        make_room(services)
        raise


def make_room(services: Services) -> None:
    """Drop what old mails said, because the quota is reached, and tell the operator once a day.

    Who sent what did not fit is asked to try again, and then finds room, unless it is mails that
    nobody acted on yet that fill the quota: those are never dropped.
    """
    # Only this needs it: see above.
    from recommender.jobs.outgoing import notices  # noqa: PLC0415

    quota = services.inbox_quota_bytes
    with services.database.write() as session:
        dropped = inbound.make_room(session, most_bytes=int(quota * KEPT_WHEN_FULL))
    notices.notify_operator(
        services,
        key=f"inbox-full:{services.clock():%Y-%m-%d}",
        subject="mail that came in fills its quota",
        lines=(
            f"inbox.quota_megabytes ({quota / 1e6:,.0f} MB) is reached: what comes is put off.",
            f"What {counted(dropped, 'old mail')} said was dropped to make room for what follows.",
            "`recommender inbox list` shows who sends so much; raise the quota, or limit the mail.",
        ),
    )


def receive(
    services: Services,
    *,
    source: str,
    envelope_sender: str,
    recipients: Sequence[str],
    content: bytes,
    most_bytes: int,
) -> list[ReceiveStatus]:
    """Take one mail, and tell for each recipient what became of it."""
    return take(
        lambda mails: store_mails(services, mails),
        services.site.list_address,
        source=source,
        envelope_sender=envelope_sender,
        recipients=recipients,
        content=content,
        most_bytes=most_bytes,
    )


def take(
    store: Callable[[Sequence[NewMail]], None],
    list_address: str,
    *,
    source: str,
    envelope_sender: str,
    recipients: Sequence[str],
    content: bytes,
    most_bytes: int,
) -> list[ReceiveStatus]:
    """Do what `receive` does, for whoever has only a place to store mails."""
    statuses = [judge_recipient(each, list_address) for each in recipients]
    ours = [each for each, status in zip(recipients, statuses, strict=True) if status.is_taken]
    result = TAKEN
    if len(content) > most_bytes:
        result = TOO_LARGE
    elif ours:
        try:
            store([NewMail(source, envelope_sender, to, content) for to in ours])
        except InboxFullError as error:
            _logger.error("incoming mail is put off: %s", error)  # noqa: TRY400, our errors say enough in a line
            result = FULL
        except StorageError as error:
            _logger.error("incoming mail is put off: %s", error)  # noqa: TRY400, our errors say enough in a line
            result = TRY_AGAIN
    return [result if status.is_taken else status for status in statuses]


def purge(services: Services, *, keep_days: int) -> int:
    """Drop what old mails said; that they came, and what was done, is kept."""
    with services.database.write() as session:
        return inbound.purge(session, before=services.clock() - timedelta(days=keep_days))
