"""Jobs: mail that came in is read apart and acted on, once; one that cannot be stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from recommender.domain import InboundMail
from recommender.errors import NoReaderError, UnreadableError
from recommender.jobs.outgoing.notices import notify_operator
from recommender.jobs.services import Services
from recommender.log_lines import about
from recommender.mail.inbox.letter import Letter, read_letter
from recommender.mail.transport.replies import bounded_line
from recommender.store import inbound
from recommender.store.database import Session

ATTEMPTS_ALLOWED: Final = 3
"""Of reading a mail and acting on it, those included that a kill of this program ended."""

READINGS_ALLOWED: Final = 2
"""Of reading it, where that took too long or ended the process that read."""

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


Dispatch = Callable[[Services, Session, InboundMail, Letter], Handled]
"""Acts on a mail inside the transaction that writes that it was acted on."""

TakeIn = Callable[[Services, InboundMail, Letter], Dispatch | None]
"""Reads a mail that is for no reader of ours but brings papers, outside any transaction.

What it returns stores them, inside that transaction; None where the mail is another one.
"""


def process_stored(
    services: Services,
    dispatch: Dispatch,
    *,
    take_in: TakeIn | None = None,
    is_to_end: Callable[[], bool] = lambda: False,
) -> int:
    """Act on all mails that wait, in the order in which they came.

    Those that `take_in` takes are acted on by what it returns, all others by `dispatch`.

    Each is read in another process, outside any transaction. What is done and that it is done are
    one transaction, so a kill at any moment leaves a mail either untouched or done. What fails is
    undone, and tried again with the next call; after `ATTEMPTS_ALLOWED` it is kept with the reason.
    What cannot be read is read once more, behind all others, and then kept.

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
    tried: set[int] = set()
    while not is_to_end():
        with services.database.read() as session:
            ids = [each for each in inbound.waiting(session) if each not in tried]
        if not ids:
            break
        for mail_id in ids:
            if is_to_end():
                break
            outcome = _process_one(services, dispatch, take_in, mail_id)
            done += outcome is _Outcome.DONE
            if outcome is not _Outcome.READ_AGAIN:
                tried.add(mail_id)
    return done


class _Outcome(Enum):
    DONE = auto()
    LEFT = auto()
    """Somebody else has acted on it, or it failed: for now, or for good."""
    READ_AGAIN = auto()


def _process_one(
    services: Services, dispatch: Dispatch, take_in: TakeIn | None, mail_id: int
) -> _Outcome:
    with services.database.write() as session:
        mail = inbound.begin(session, mail_id)
    if mail is None:
        return _Outcome.LEFT
    if mail.attempts > ATTEMPTS_ALLOWED:
        _give_up(services, mail, "this program ended each time while it was read or acted on")
        return _Outcome.LEFT
    try:
        letter = services.reading.read(
            read_letter,
            mail.content,
            envelope_sender=mail.envelope_sender,
            recipient=mail.recipient,
            list_address=services.site.list_address,
            list_name=services.site.list_name,
        )
        acts = (take_in and take_in(services, mail, letter)) or dispatch
        return _act(services, acts, mail, letter)
    except NoReaderError as error:
        _logger.warning("incoming mail %d waits: %s", mail.id, error, extra=about(mail=mail.id))
        with services.database.write() as session:
            inbound.give_back(session, mail_id)
    except UnreadableError as error:
        if mail.attempts < READINGS_ALLOWED:
            _note_failure(services, mail, str(error), is_last=False)
            return _Outcome.READ_AGAIN
        _give_up(services, mail, str(error))
    except Exception as error:
        _logger.exception("incoming mail %d cannot be acted on", mail_id, extra=about(mail=mail_id))
        reason = f"{type(error).__name__}: {error}"
        if mail.attempts < ATTEMPTS_ALLOWED:
            _note_failure(services, mail, reason, is_last=False)
        else:
            _give_up(services, mail, reason)
    return _Outcome.LEFT


def _act(services: Services, dispatch: Dispatch, mail: InboundMail, letter: Letter) -> _Outcome:
    """Act on a mail, unless somebody has done so meanwhile."""
    with services.change() as session:
        if not inbound.is_waiting(session, mail.id):
            return _Outcome.LEFT
        handled = dispatch(services, session, mail, letter)
        inbound.finish(
            session,
            mail.id,
            envelope_sender=letter.envelope_sender,
            recipient=letter.recipient,
            outcome=bounded_line(handled.outcome),
            subscriber_id=handled.subscriber_id,
            now=services.clock(),
        )
    return _Outcome.DONE


def _note_failure(services: Services, mail: InboundMail, reason: str, *, is_last: bool) -> None:
    with services.database.write() as session:
        inbound.note_failure(
            session, mail.id, reason=bounded_line(reason), is_last=is_last, now=services.clock()
        )


def _give_up(services: Services, mail: InboundMail, reason: str) -> None:
    """Set a mail aside for good, and tell the operator: once a day, for there may be thousands."""
    _note_failure(services, mail, reason, is_last=True)
    _logger.error(
        "incoming mail %d is given up: %s",
        mail.id,
        bounded_line(reason),
        extra=about(mail=mail.id),
    )
    notify_operator(
        services,
        key=f"mails-set-aside:{services.clock():%Y-%m-%d}",
        subject="Incoming mail cannot be acted on",
        lines=[
            f"Mail {mail.id}, and perhaps others of today: {reason}.",
            "Which: `recommender inbox list --state failed`.",
            "Once the reason is gone: `recommender inbox retry --failed`.",
        ],
    )
