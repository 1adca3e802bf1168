"""Jobs: everything that is kept about a subscriber, for them to take along or to erase."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from recommender.jobs.outgoing import links
from recommender.jobs.people import libraries
from recommender.jobs.people.preferences import own_page
from recommender.jobs.services import Services
from recommender.store import (
    issues,
    kept_interests,
    known_papers,
    last_changes,
    learning_resets,
    outbox,
    paper_notes,
    papers,
    ratings,
    term_ratings,
)
from recommender.store.erasing import erase_subscriber
from recommender.tokens import Purpose


def export(services: Services, token: str) -> dict[str, Any]:
    """Return everything that is kept about a subscriber, ready for JSON; no key to a library.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        said = ratings.of_subscriber(session, subscriber.id)
        sent = issues.of_subscriber(session, subscriber.id)
        messages = outbox.of_subscriber(session, subscriber.id)
        terms = term_ratings.of_subscriber(session, subscriber.id)
        notes = paper_notes.of_subscriber(session, subscriber.id).values()
        interests = kept_interests.of_subscriber(session, subscriber.id)
        forgotten = learning_resets.of_subscribers(session, [subscriber.id])
        named = known_papers.named(session, subscriber.id)
        library = libraries.exported(session, subscriber.id)
        change = last_changes.of_subscriber(session, subscriber.id)
        rated = papers.by_ids(
            session, [*(each.paper_id for each in said), *(each.paper_id for each in named)]
        )
    exported: dict[str, Any] = _plain(
        {
            "subscriber": {
                **asdict(subscriber),
                "preferences": {
                    **asdict(subscriber.preferences),
                    "weekdays": sorted(subscriber.preferences.weekdays),
                },
            },
            "ratings": [
                {
                    **asdict(rating),
                    "title": rated[rating.paper_id].title,
                    "withdrawn": rated[rating.paper_id].withdrawn_at is not None,
                }
                for rating in said
            ],
            "term_ratings": [asdict(rating) for rating in terms],
            "notes": [asdict(note) for note in notes],
            "interests": [
                {**asdict(each), "state": str(each.state), "papers": sorted(each.papers)}
                for each in interests
            ],
            "learning_forgotten_at": forgotten.get(subscriber.id),
            "known_papers": [
                {**asdict(each), "title": rated[each.paper_id].title} for each in named
            ],
            "library": library,
            "last_change": change and asdict(change),
            "issues": [asdict(issue) for issue in sent],
            "messages": [asdict(message) for message in messages],
        }
    )
    return exported


def erase(services: Services, token: str) -> None:
    """Delete a subscriber and everything that is kept about them. Twice changes nothing more.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    """
    signed = links.signed(services, token, Purpose.PREFERENCES)
    with services.change() as session:
        erase_subscriber(session, signed.read(session).subscriber_id)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
