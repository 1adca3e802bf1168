"""Jobs: a subscriber's own page: when they want what, their reading list, their data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from recommender.domain import Paper, Preferences, Rating, Subscriber, SubscriberState
from recommender.errors import NotFoundError
from recommender.jobs.issues.learning import words_learned_of
from recommender.jobs.outgoing import links
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.people.term_ratings import (
    ShownWords,
    forget_words,
    rate_words,
    rated_words,
    with_what_was_said,
)
from recommender.jobs.services import Services
from recommender.membership import subscription
from recommender.membership.preferences import parse_preferences
from recommender.newsletter.schedule import next_issue_at
from recommender.newsletter.wishes import parse_wishes
from recommender.papers.identity import reading_url
from recommender.store import issues, outbox, papers, ratings, subscribers, term_ratings
from recommender.store.database import Session
from recommender.tokens import Purpose


@dataclass(frozen=True, slots=True)
class ReadingListEntry:
    """One saved paper."""

    paper_id: int
    title: str
    url: str | None
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """A subscriber's own page.

    Attributes
    ----------
    followed, blocked : str
        What they always and never want to be shown, a line each.
    learned, disliked : tuple of ShownWords
        Words that the model learned to raise and to lower.
    rated_words : tuple of ShownWords
        Words that they want more or less of, the newest first.
    ratings : int
        How many papers they rated or saved.
    """

    email: str
    state: SubscriberState
    preferences: Preferences
    next_issue_at: datetime | None
    interests: str
    followed: str
    blocked: str
    reading_list: tuple[ReadingListEntry, ...]
    learned: tuple[ShownWords, ...]
    disliked: tuple[ShownWords, ...]
    rated_words: tuple[ShownWords, ...]
    ratings: int


def open_preferences(services: Services, token: str) -> PreferencesPage:
    """Show a subscriber's own page. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError
        If the link is none.
    NotFoundError
        If the subscriber was erased.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.read() as session:
        subscriber = _subscriber(session, subscriber_id)
        said = ratings.of_subscriber(session, subscriber_id)
        saved = _saved_papers(session, said)
        rated = rated_words(term_ratings.of_subscriber(session, subscriber_id))
    words = words_learned_of(services, subscriber)
    return PreferencesPage(
        email=subscriber.email,
        state=subscriber.state,
        preferences=subscriber.preferences,
        next_issue_at=subscriber.next_issue_at,
        interests=subscriber.interests,
        followed=subscriber.followed,
        blocked=subscriber.blocked,
        reading_list=tuple(
            ReadingListEntry(paper.id, paper.title, reading_url(paper), paper.authors)
            for paper in saved
        ),
        learned=with_what_was_said(words.liked, rated),
        disliked=with_what_was_said(words.disliked, rated),
        rated_words=rated,
        ratings=len(said),
    )


def change_preferences(
    services: Services,
    token: str,
    *,
    hour: str,
    weekdays: str,
    timezone: str,
    papers: str,
    interests: str,
    followed: str | None = None,
    blocked: str | None = None,
) -> None:
    """Take what a subscriber wants, as a form gives it.

    Parameters
    ----------
    followed, blocked : str or None
        See `parse_wishes`. None leaves them as they are: a form of an older version has no such
        field, and must not unblock anything.

    Raises
    ------
    PreferenceError
        If a field cannot be taken; nothing is changed.
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        subscriber = _subscriber(session, subscriber_id)
        change_preferences_in(
            services,
            session,
            subscriber,
            parse_preferences(
                hour=hour,
                weekdays=weekdays,
                timezone=timezone,
                papers=papers,
                current=subscriber.preferences,
            ),
            interests=interests,
            followed=followed,
            blocked=blocked,
        )
    services.wake()


def change_preferences_in(
    services: Services,
    session: Session,
    subscriber: Subscriber,
    preferences: Preferences,
    *,
    interests: str | None = None,
    followed: str | None = None,
    blocked: str | None = None,
) -> None:
    """Take what a subscriber wants, inside the caller's transaction.

    Parameters
    ----------
    interests, followed, blocked : str or None
        None leaves them as they are; see `change_preferences`.

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


def pause(services: Services, token: str, days: int) -> None:
    """Send no issue for some days; the first one afterwards comes at the usual hour.

    Raises
    ------
    PreferenceError
        If that many days are not possible, or they are not subscribed.
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        pause_in(services, session, _subscriber(session, subscriber_id), days)
    services.wake()


def pause_in(services: Services, session: Session, subscriber: Subscriber, days: int) -> None:
    """Send no issue for some days, inside the caller's transaction.

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


def resume(services: Services, token: str) -> None:
    """End a pause now.

    Raises
    ------
    PreferenceError
        If they are not subscribed.
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        resume_in(services, session, _subscriber(session, subscriber_id))
    services.wake()


def resume_in(services: Services, session: Session, subscriber: Subscriber) -> bool:
    """End a pause inside the caller's transaction; False where there was none.

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
    return plan.changes


def remove_from_reading_list(services: Services, token: str, paper_id: int) -> None:
    """Take a paper off the reading list; a like stays.

    Raises
    ------
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        before = ratings.of_paper(session, subscriber_id, paper_id)
        if before is not None:
            after = Rating(paper_id, before.value, saved=False, rated_at=services.clock())
            ratings.put(session, subscriber_id, after)


def rate_learned_words(services: Services, token: str, words: str, value: int) -> None:
    """Take that a subscriber wants more (+1) or less (-1) of a word or phrase that was learned.

    Raises
    ------
    PreferenceError
        If it stands for no term, or they rated too many.
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        _subscriber(session, subscriber_id)
        rate_words(session, subscriber_id, words, value, now=services.clock())


def forget_rated_words(services: Services, token: str, words: str) -> None:
    """Take back what a subscriber said of a word or phrase. Twice changes nothing more.

    Raises
    ------
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        _subscriber(session, subscriber_id)
        forget_words(session, subscriber_id, words, now=services.clock())


def export(services: Services, token: str) -> dict[str, Any]:
    """Give everything that is kept about a subscriber, ready for JSON.

    Raises
    ------
    TokenError, TokenExpiredError, NotFoundError
        See `open_preferences`.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.read() as session:
        subscriber = _subscriber(session, subscriber_id)
        said = ratings.of_subscriber(session, subscriber_id)
        sent = issues.of_subscriber(session, subscriber_id)
        messages = outbox.of_subscriber(session, subscriber_id)
        rated = papers.by_ids(session, [rating.paper_id for rating in said])
        terms = term_ratings.of_subscriber(session, subscriber_id)
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
                {**asdict(rating), "title": rated[rating.paper_id].title} for rating in said
            ],
            "term_ratings": [asdict(rating) for rating in terms],
            "issues": [asdict(issue) for issue in sent],
            "messages": [asdict(message) for message in messages],
        }
    )
    return exported


def erase(services: Services, token: str) -> None:
    """Delete a subscriber and everything that is kept about them. Twice changes nothing more.

    Raises
    ------
    TokenError, TokenExpiredError
        If the link is none.
    """
    subscriber_id = _subscriber_id(services, token)
    with services.database.write() as session:
        subscribers.erase(session, subscriber_id)


def _wishes(text: str | None, field: str, current: str) -> str:
    return current if text is None else "\n".join(parse_wishes(text, field=field))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _saved_papers(session: Session, said: list[Rating]) -> list[Paper]:
    """Give the reading list, the last saved paper first."""
    saved = [rating.paper_id for rating in reversed(said) if rating.saved]
    found = papers.by_ids(session, saved)
    return [found[paper_id] for paper_id in saved]


def _subscriber_id(services: Services, token: str) -> int:
    return links.verify(services, token, Purpose.PREFERENCES).subscriber_id


def _subscriber(session: Session, subscriber_id: int) -> Subscriber:
    subscriber = subscribers.by_id(session, subscriber_id)
    if subscriber is None:
        raise NotFoundError("this subscription was erased; nothing is kept about it any more")
    return subscriber
