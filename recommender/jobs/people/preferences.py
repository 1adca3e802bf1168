"""Jobs: when a subscriber wants how much of what, and what a change of that brings about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from recommender.domain import Preferences, Subscriber, SubscriberState
from recommender.errors import NotFoundError
from recommender.jobs.outgoing import links
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.services import Services
from recommender.membership import subscription
from recommender.newsletter.schedule import next_issue_at
from recommender.newsletter.wishes import parse_wishes
from recommender.store import subscribers
from recommender.store.database import Session
from recommender.tokens import Purpose


def linked_subscriber(services: Services, session: Session, token: str) -> Subscriber:
    """Return the subscriber behind a link to their own pages.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    NotFoundError
        If they were erased.
    """
    payload = links.verify(services, session, token, Purpose.PREFERENCES)
    subscriber = subscribers.by_id(session, payload.subscriber_id)
    if subscriber is None:
        raise NotFoundError("this subscription was erased; nothing is kept about it any more")
    return subscriber


@contextmanager
def own_page(services: Services, token: str) -> Iterator[tuple[Session, Subscriber]]:
    """Read for a page of the subscriber behind a link to their own pages. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `linked_subscriber`.
    """
    with services.database.read() as session:
        yield session, linked_subscriber(services, session, token)


def change_preferences(
    services: Services,
    session: Session,
    subscriber: Subscriber,
    preferences: Preferences,
    *,
    interests: str | None = None,
    followed: str | None = None,
    blocked: str | None = None,
    language: str | None = None,
) -> None:
    """Take what a subscriber wants.

    Parameters
    ----------
    interests : str or None
        None leaves it as it is, as it does with the next two.
    followed, blocked : str or None
        See `parse_wishes`. A form of an older version has no such field, and must not unblock
        anything.
    language : str or None
        Tag of the language that they are told things in.

    Raises
    ------
    PreferenceError
        If a wish cannot be taken; nothing is changed.
    """
    due_at = subscriber.next_issue_at
    if subscriber.state is SubscriberState.ACTIVE and not subscriber.welcome_due:
        due_at = next_issue_at(
            preferences, after=services.clock(), last_issue_date=subscriber.last_issue_date
        )
    stated = subscriber.interests
    if interests is not None:
        stated = " ".join(interests.split())[:INTERESTS_MAX_CHARACTERS]
    subscribers.set_preferences(
        session,
        subscriber.id,
        preferences,
        interests=stated,
        followed=_wishes(followed, "followed", subscriber.followed),
        blocked=_wishes(blocked, "blocked", subscriber.blocked),
        next_issue_at=due_at,
    )
    if language is not None:
        subscribers.set_language(session, subscriber.id, language)


def pause(services: Services, session: Session, subscriber: Subscriber, days: int) -> None:
    """Send no issue for some days; the first one afterwards comes at the usual hour.

    Raises
    ------
    PreferenceError
        If that many days are not possible, or they are not subscribed.
    """
    plan = subscription.decide_pause(subscriber, days, services.clock())
    due_at = next_issue_at(
        subscriber.preferences,
        after=plan.resumes_at,
        last_issue_date=subscriber.last_issue_date,
    )
    subscribers.set_state(session, subscriber.id, plan.state, next_issue_at=due_at)


def resume(services: Services, session: Session, subscriber: Subscriber) -> None:
    """End a pause now; nothing happens where there is none.

    Raises
    ------
    PreferenceError
        If they are not subscribed.
    """
    plan = subscription.decide_resume(subscriber)
    if plan.changes:
        due_at = next_issue_at(
            subscriber.preferences,
            after=services.clock(),
            last_issue_date=subscriber.last_issue_date,
        )
        subscribers.set_state(session, subscriber.id, plan.state, next_issue_at=due_at)


def _wishes(text: str | None, field: str, current: str) -> str:
    return current if text is None else "\n".join(parse_wishes(text, field=field))
