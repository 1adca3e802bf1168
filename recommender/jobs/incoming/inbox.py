"""Jobs: mail that comes in is stored, then acted on, once; one that cannot be stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from recommender.domain import InboundMail
from recommender.errors import InboxFullError, StorageError
from recommender.mail.inbox.receiving import (
    FULL,
    TAKEN,
    TOO_LARGE,
    TRY_AGAIN,
    ReceiveStatus,
    judge_recipient,
)
from recommender.mail.transport.replies import bounded_line
from recommender.store import inbound
from recommender.store.database import Session
from recommender.store.inbound import NewMail
from recommender.wording import counted

if TYPE_CHECKING:
    # All that a mailbox's jobs may need takes longer to import than a pipe has to store a mail.
    from recommender.jobs.services import Services

ATTEMPTS_ALLOWED: Final = 3

KEPT_WHEN_FULL: Final = 0.75
"""Which part of the quota stays in use where it was reached: the next mails find room."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handled:
    """What was done about a mail.

    Attributes
    ----------
    outcome : str
        In words, for the operator; never a word of the mail.
    subscriber_id : int or None
        Whom it concerned: with them, what is kept of the mail is erased.
    """

    outcome: str
    subscriber_id: int | None = None


Dispatch: TypeAlias = "Callable[[Services, Session, InboundMail], Handled]"
"""Acts on a mail inside the transaction that writes that it was acted on."""


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


def process_stored(
    services: Services,
    dispatch: Dispatch,
    *,
    is_to_end: Callable[[], bool] = lambda: False,
) -> int:
    """Act on all mails that wait, in the order in which they came.

    What is done and that it is done are one transaction, so a kill at any moment leaves a mail
    either untouched or done. What fails is undone, counted, and tried again with the next call;
    after `ATTEMPTS_ALLOWED` it is kept with the reason.

    Returns
    -------
    int
        How many were acted on.

    Raises
    ------
    StorageError
        If the database cannot be read.
    """
    done = 0
    seen = 0
    while not is_to_end():
        with services.database.read() as session:
            ids = [each for each in inbound.waiting(session) if each > seen]
        if not ids:
            break
        for mail_id in ids:
            if is_to_end():
                break
            seen = mail_id
            done += _process_one(services, dispatch, mail_id)
    return done


def purge(services: Services, *, keep_days: int) -> int:
    """Drop what old mails said; that they came, and what was done, is kept."""
    with services.database.write() as session:
        return inbound.purge(session, before=services.clock() - timedelta(days=keep_days))


def _process_one(services: Services, dispatch: Dispatch, mail_id: int) -> bool:
    try:
        with services.change() as session:
            mail = inbound.take(session, mail_id)
            if mail is None:
                return False
            handled = dispatch(services, session, mail)
            inbound.finish(
                session,
                mail_id,
                outcome=bounded_line(handled.outcome),
                subscriber_id=handled.subscriber_id,
                now=services.clock(),
            )
    except Exception as error:
        _logger.exception("incoming mail %d cannot be acted on", mail_id)
        _note_failure(services, mail_id, error)
        return False
    return True


def _note_failure(services: Services, mail_id: int, error: Exception) -> None:
    reason = bounded_line(f"{type(error).__name__}: {error}")
    try:
        with services.database.write() as session:
            is_last = inbound.note_failure(
                session,
                mail_id,
                reason=reason,
                attempts_allowed=ATTEMPTS_ALLOWED,
                now=services.clock(),
            )
    except StorageError as storage_error:
        # It waits as it was; a database that cannot be written is told of elsewhere too.
        _logger.error("%s", storage_error)  # noqa: TRY400, our errors say enough in a line
        return
    if is_last:
        _logger.error(
            "incoming mail %d is given up after %d tries: %s", mail_id, ATTEMPTS_ALLOWED, reason
        )
