"""Jobs: answers to mails. Nothing of the mail is in them, and nobody gets many of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from recommender.domain import DeliveryKind, InboundMail, Subscriber
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import message_id_for
from recommender.jobs.outgoing.stranger_rations import take_ration
from recommender.jobs.services import Services
from recommender.languages.catalogue import Language
from recommender.mail.inbox.letter import Letter
from recommender.membership.preferences import describe_schedule
from recommender.store import outbox, outbox_listing, papers, ratings
from recommender.store.database import Session

ANSWERS_A_DAY: Final = 5
"""Automatic answers that one subscriber gets within 24 hours, whoever writes in their name.

What goes to strangers has rations of its own, see `jobs.outgoing.stranger_rations`.
"""

LIST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that is acted on, inside an open transaction."""

    services: Services
    session: Session
    mail: InboundMail
    letter: Letter


def answer(
    received: Received,
    subscriber: Subscriber | None,
    name: str,
    values: Mapping[str, Any],
    *,
    once_a_day: bool = False,
) -> bool:
    """Queue an answer, inside the caller's transaction.

    Parameters
    ----------
    subscriber : Subscriber or None
        It goes to their stored address; None: to the sender.
    name : str
        The template is ``answer-NAME``.
    once_a_day : bool
        The same answer was given today: then that is enough.

    Returns
    -------
    bool
        False where they were answered enough.
    """
    now = received.services.clock()
    recipient = received.letter.written.sender if subscriber is None else subscriber.email
    if not _is_due(received, subscriber, name, once_a_day=once_a_day):
        return False
    return outbox.enqueue(
        received.session,
        subscriber_id=None if subscriber is None else subscriber.id,
        kind=DeliveryKind.ANSWER,
        key=f"{name}:{received.mail.id}",
        recipient=recipient,
        # One mail has one answer, however often it is acted on.
        message_id=message_id_for(
            received.services, f"answer:{received.mail.id}:{received.mail.received_at.timestamp()}"
        ),
        now=now,
        content={
            "template": f"answer-{name}",
            "language": _spoken(received, subscriber).tag,
            "values": dict(values),
            "in_reply_to": received.letter.written.message_id or None,
        },
    )


def _is_due(
    received: Received, subscriber: Subscriber | None, name: str, *, once_a_day: bool
) -> bool:
    """Count one more answer, and return whether it may be given."""
    if subscriber is None:
        return take_ration(
            received.services,
            received.session,
            recipient=received.letter.written.sender,
            caused_by=received.letter.envelope_sender,
            name=name,
            once_a_day=once_a_day,
        )
    given = outbox_listing.keys_to(
        received.session,
        subscriber.id,
        DeliveryKind.ANSWER,
        since=received.services.clock() - timedelta(days=1),
    )
    is_known = once_a_day and any(key.partition(":")[0] == name for key in given)
    return len(given) < ANSWERS_A_DAY and not is_known


def _spoken(received: Received, subscriber: Subscriber | None) -> Language:
    """Return the language to answer in: a stranger's is that of their mail."""
    tag = received.letter.written.language if subscriber is None else subscriber.language
    return received.services.renderer.in_language(tag).language


def settings_values(services: Services, subscriber: Subscriber) -> dict[str, Any]:
    """Return what the answer about settings says."""
    spoken = services.renderer.in_language(subscriber.language).language
    return {
        "email": subscriber.email,
        "state": subscriber.state.value,
        "schedule": spoken.told(describe_schedule(subscriber.preferences)),
        "language_name": spoken.name,
        "papers": subscriber.preferences.papers,
        "preferences_url": links.preferences_url(services, subscriber, since=services.clock()),
    }


def list_values(session: Session, subscriber: Subscriber) -> dict[str, Any]:
    """Return what the answer with the reading list says, what was saved last at the top."""
    saved = [each for each in ratings.of_subscriber(session, subscriber.id) if each.saved]
    saved.sort(key=lambda rating: rating.rated_at, reverse=True)
    found = papers.by_ids(session, [each.paper_id for each in saved[:LIST_SHOWN]])
    return {
        "papers": [
            {
                "title": found[each.paper_id].title,
                "url": found[each.paper_id].url,
                "withdrawn": found[each.paper_id].withdrawn_at is not None,
            }
            for each in saved[:LIST_SHOWN]
            if each.paper_id in found
        ],
        "more": max(len(saved) - LIST_SHOWN, 0),
    }
