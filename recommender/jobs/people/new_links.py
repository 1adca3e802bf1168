"""Jobs: old links are ended, and new ones go by mail to whoever reads the subscriber's address.

A link is a key, and who was forwarded a mail has it. Who ends their links, or presses a button that
an ended one leads to, is shown no new link: it may be the wrong hands. Mail reaches the right ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from recommender.domain import DeliveryKind, Subscriber
from recommender.errors import TokenEndedError, TokenError
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import new_message_id
from recommender.jobs.services import Services
from recommender.membership.subscription import MAIL_INTERVAL, MAILS_A_DAY, RECEIVING
from recommender.store import outbox, subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose

_KINDS: Final = (DeliveryKind.NEW_LINKS,)


def end_links(services: Services, session: Session, subscriber: Subscriber) -> None:
    """End all links that a subscriber was ever mailed, and mail new ones.

    However often: the next time takes a link of this mail.
    """
    subscribers.end_links(session, subscriber.id)
    _enqueue(services, session, subscriber, key=f"after-{subscriber.epochs.links}")


def ask_for_new_links(services: Services, token: str, purpose: str) -> None:
    """Mail new links where an ended one is held out; whoever asks is told the same every time.

    They go to the address of whoever's link it was, also to one who left: by their page alone can
    they fetch and erase what is kept about them. Anything else than an ended link of ours changes
    nothing.

    Parameters
    ----------
    purpose : str
        What the link was for.
    """
    try:
        with services.database.read() as session:
            links.verify(services, session, token, Purpose(purpose))
    except TokenEndedError as ended:
        # Only what is ours may wait for the database to write.
        with services.change() as session:
            subscriber = subscribers.by_id(session, ended.subscriber_id)
            if subscriber is not None:
                _mail(services, session, subscriber)
    except (TokenError, ValueError):
        return


def mail_instead(services: Services, session: Session, ended: TokenEndedError) -> bool:
    """Mail new links to who tried to do something by mail, or with one click, by an ended one.

    They are shown no page that offers it. Who gets no papers is left in peace.

    Returns
    -------
    bool
        False where no mail follows.
    """
    subscriber = subscribers.by_id(session, ended.subscriber_id)
    if subscriber is None or subscriber.state not in RECEIVING:
        return False
    return _mail(services, session, subscriber)


def _mail(services: Services, session: Session, subscriber: Subscriber) -> bool:
    """Mail new links as often as a request to be subscribed is answered; see `decide_request`."""
    now = services.clock()
    number, last_at = outbox.count_recent(
        session, subscriber.id, _KINDS, since=now - timedelta(days=1)
    )
    if number >= MAILS_A_DAY or (last_at is not None and now - last_at < MAIL_INTERVAL):
        return False
    return _enqueue(services, session, subscriber, key=f"{now:%Y-%m-%dT%H}")


def _enqueue(services: Services, session: Session, subscriber: Subscriber, *, key: str) -> bool:
    return outbox.enqueue(
        session,
        subscriber_id=subscriber.id,
        kind=DeliveryKind.NEW_LINKS,
        key=key,
        recipient=subscriber.email,
        message_id=new_message_id(services),
        now=services.clock(),
    )
