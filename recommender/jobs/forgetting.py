"""Jobs: what is not kept: addresses that nobody confirmed, and requests once they are decided.

Whoever types somebody's address makes us keep it. So it goes again, with all that belongs to it,
where its owner does not want it here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from recommender.jobs.incoming import inbox
from recommender.jobs.people.last_change import UNDONE_WITHIN
from recommender.jobs.services import Services
from recommender.membership import subscription
from recommender.store import last_changes, pendings, requests, stranger_mails, subscribers
from recommender.store.erasing import erase_subscriber
from recommender.wording import counted, listed

REQUESTS_KEPT: Final = timedelta(days=2)
"""The caps look back for one day; the second lets an operator see what happened yesterday."""

PENDINGS_KEPT: Final = timedelta(days=7)
"""After their time was over; until then, their links say that they are over or done."""

ERASED_PER_TRANSACTION: Final = 50


def forget(services: Services, proceed: Callable[[], None] = lambda: None) -> str:
    """Delete what need not be kept, and say what it was.

    Parameters
    ----------
    proceed : callable
        Is called between transactions; may raise to end the work.
    """
    now = services.clock()
    addresses = forget_unconfirmed(services, proceed)
    with services.database.write() as session:
        asked = requests.forget_decided(session, before=now - REQUESTS_KEPT)
        changes = pendings.forget_expired(session, before=now - PENDINGS_KEPT)
        stranger_mails.forget(session, before=now - REQUESTS_KEPT)
        last_changes.forget(session, before=now - UNDONE_WITHIN)
    mails = inbox.purge(services, keep_days=services.inbox_keep_days)
    return listed(
        [
            counted(addresses, "address", "addresses") + " never confirmed",
            counted(asked, "request"),
            counted(changes, "expired change"),
            counted(mails, "mail") + " that came in",
        ]
    )


def forget_unconfirmed(services: Services, proceed: Callable[[], None] = lambda: None) -> int:
    """Erase who never confirmed within a week of asking, and tell how many they were."""
    now = services.clock()
    erased = last_id = 0
    while True:
        proceed()
        with services.database.write() as session:
            some = subscribers.unconfirmed_since(
                session,
                now - subscription.PURGE_AFTER,
                after_id=last_id,
                limit=ERASED_PER_TRANSACTION,
            )
            if not some:
                return erased
            for subscriber in some:
                if subscription.decide_purge(subscriber, now):
                    erase_subscriber(session, subscriber.id)
                    erased += 1
            last_id = some[-1].id
