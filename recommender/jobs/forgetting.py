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
from recommender.papers.files import rejected
from recommender.store import (
    last_changes,
    pendings,
    requests,
    retention,
    stranger_mails,
    subscribers,
)
from recommender.store.erasing import erase_subscriber
from recommender.store.retention import Forgotten
from recommender.wording import counted, listed

STRANGERS_KEPT: Final = timedelta(days=2)
"""The caps look back for one day; the second lets an operator see what happened yesterday."""

PENDINGS_KEPT: Final = timedelta(days=7)
"""After their time was over; until then, their links say that they are over or done."""

ERASED_PER_TRANSACTION: Final = 50

FORGOTTEN_PER_TRANSACTION: Final = 500
"""Whoever rates a paper meanwhile waits some hundredths of a second."""

_Step = Callable[..., Forgotten]


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
        asked = requests.forget_decided(session, before=now - services.retention.requests)
        changes = pendings.forget_expired(session, before=now - PENDINGS_KEPT)
        stranger_mails.forget(session, before=now - STRANGERS_KEPT)
        last_changes.forget(session, before=now - UNDONE_WITHIN)
    mails = inbox.purge(services, keep_days=services.inbox_keep_days)
    return listed(
        [
            counted(addresses, "address", "addresses") + " never confirmed",
            counted(asked, "request"),
            counted(changes, "expired change"),
            counted(mails, "mail") + " that came in",
            *(each for each in forget_old(services, proceed) if not each.startswith("0 ")),
        ]
    )


def forget_old(services: Services, proceed: Callable[[], None] = lambda: None) -> list[str]:
    """Delete what is older than it is kept, some at a time, and say how many of each were.

    Messages go before issues, for an issue stays as long as a message of it.
    """
    kept = services.retention
    steps: tuple[tuple[_Step, timedelta, str], ...] = (
        (retention.forget_deliveries, kept.deliveries, "old message"),
        (retention.forget_issues, kept.issues, "old issue"),
        (retention.forget_mails, kept.mails, "old note of a mail"),
    )
    said = []
    for step, span, noun in steps:
        plural = "old notes of mails" if step is retention.forget_mails else ""
        said.append(counted(_in_steps(services, step, span, proceed), noun, plural))
    folder = services.sources.rejected_folder
    before = services.clock() - kept.rejected
    old = (
        []
        if folder is None
        else [each for each in rejected.all_rejected(folder) if each.reason.at < before]
    )
    for each in old:
        proceed()
        rejected.remove(each)
    return [*said, counted(len(old), "rejected file")]


def _in_steps(services: Services, step: _Step, span: timedelta, proceed: Callable[[], None]) -> int:
    before = services.clock() - span
    number = 0
    after_id: int | None = 0
    while after_id is not None:
        proceed()
        with services.database.write() as session:
            forgotten = step(
                session, before=before, after_id=after_id, limit=FORGOTTEN_PER_TRANSACTION
            )
        number += forgotten.number
        after_id = forgotten.last_id
    return number


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
