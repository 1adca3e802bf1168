"""Jobs: mail that comes in is stored, whatever it says; `acting` reads it later."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from recommender.errors import StorageError
from recommender.mail.inbox.receiving import (
    TAKEN,
    TOO_LARGE,
    TRY_AGAIN,
    ReceiveStatus,
    judge_recipient,
)
from recommender.store import inbound
from recommender.store.inbound import NewMail

if TYPE_CHECKING:
    # All that a mailbox's jobs may need takes longer to import than a pipe has to store a mail.
    from recommender.jobs.services import Services

_logger = logging.getLogger(__name__)


def store_mails(services: Services, mails: Sequence[NewMail]) -> None:
    """Store mails durably, each once, and have them acted on soon.

    Raises
    ------
    StorageError
        If they are not stored; nobody may acknowledge them.
    """
    with services.change() as session:
        inbound.add_all(session, mails, now=services.clock())


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
        except StorageError as error:
            _logger.error("incoming mail is put off: %s", error)  # noqa: TRY400, our errors say enough in a line
            result = TRY_AGAIN
    return [result if status.is_taken else status for status in statuses]


def purge(services: Services, *, keep_days: int) -> int:
    """Drop what old mails said; that they came, and what was done, is kept."""
    with services.database.write() as session:
        return inbound.purge(session, before=services.clock() - timedelta(days=keep_days))
