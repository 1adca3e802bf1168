"""Jobs: incoming mail in an operator's hands: listed, shown, acted on again."""

from __future__ import annotations

from collections.abc import Sequence

from recommender.errors import NotFoundError
from recommender.jobs.services import Services
from recommender.store import inbound_listing
from recommender.store.inbound import InboundState
from recommender.store.inbound_listing import ListedMail


def listing(
    services: Services, states: Sequence[InboundState], *, limit: int | None
) -> tuple[dict[InboundState, int], list[ListedMail]]:
    """Count the mails in each state, and list those in some, the newest first."""
    with services.database.read() as session:
        mails = list(inbound_listing.newest(session, states, limit=limit))
        return inbound_listing.counts(session), mails


def show(services: Services, mail_id: int) -> ListedMail:
    """Return one mail.

    Raises
    ------
    NotFoundError
        If there is none of that number.
    """
    with services.database.read() as session:
        mail = inbound_listing.by_id(session, mail_id)
    if mail is None:
        raise NotFoundError(f"there is no mail {mail_id}; `recommender inbox list` has the numbers")
    return mail


def content(services: Services, mail_id: int) -> bytes:
    """Return what a mail says.

    Raises
    ------
    NotFoundError
        If it is dropped, as inbox.keep_days has it.
    """
    with services.database.read() as session:
        found = inbound_listing.content(session, mail_id)
    if found is None:
        raise NotFoundError(f"what mail {mail_id} said is dropped; inbox.keep_days keeps it longer")
    return found


def retry(services: Services, mail_ids: Sequence[int] | None) -> list[int]:
    """Let failed mails be acted on again, all (None), or named ones that were not read too."""
    with services.change() as session:
        return inbound_listing.put_back(session, mail_ids)
