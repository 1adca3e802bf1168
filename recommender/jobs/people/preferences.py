"""Jobs: a subscriber's own page: when they want what, their reading list, their data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from recommender.domain import Paper, Preferences, Rating, Subscriber, SubscriberState
from recommender.errors import NotFoundError
from recommender.jobs.issues.learning import words_learned_of
from recommender.jobs.outgoing import links
from recommender.jobs.people import libraries
from recommender.jobs.people.libraries import ShownLibrary
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.people.term_ratings import (
    ShownWords,
    rated_words,
    with_what_was_said,
)
from recommender.jobs.services import Services
from recommender.membership import subscription
from recommender.newsletter.schedule import next_issue_at
from recommender.newsletter.wishes import parse_wishes
from recommender.papers.identity.canonical_ids import reading_url
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
    withdrawn: bool = False


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
    library : ShownLibrary or None
        The library that they let us read.
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
    library: ShownLibrary | None


def open_preferences(services: Services, token: str) -> PreferencesPage:
    """Show a subscriber's own page. Changes nothing.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    NotFoundError
        If the subscriber was erased.
    """
    with services.database.read() as session:
        subscriber = linked_subscriber(services, session, token)
        said = ratings.of_subscriber(session, subscriber.id)
        saved = _saved_papers(session, said)
        rated = rated_words(term_ratings.of_subscriber(session, subscriber.id))
        library = libraries.shown(session, subscriber.id)
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
            ReadingListEntry(
                paper.id,
                paper.title,
                reading_url(paper, services.site.title_search),
                paper.authors,
                withdrawn=paper.withdrawn_at is not None,
            )
            for paper in saved
        ),
        learned=with_what_was_said(words.liked, rated),
        disliked=with_what_was_said(words.disliked, rated),
        rated_words=rated,
        ratings=len(said),
        library=library,
    )


def linked_subscriber(services: Services, session: Session, token: str) -> Subscriber:
    """Return the subscriber behind a link to their own page.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `open_preferences`.
    """
    payload = links.verify(services, session, token, Purpose.PREFERENCES)
    subscriber = subscribers.by_id(session, payload.subscriber_id)
    if subscriber is None:
        raise NotFoundError("this subscription was erased; nothing is kept about it any more")
    return subscriber


def change_preferences(
    services: Services,
    session: Session,
    subscriber: Subscriber,
    preferences: Preferences,
    *,
    interests: str | None = None,
    followed: str | None = None,
    blocked: str | None = None,
) -> None:
    """Take what a subscriber wants.

    Parameters
    ----------
    interests : str or None
        None leaves it as it is, as it does with the next two.
    followed, blocked : str or None
        See `parse_wishes`. A form of an older version has no such field, and must not unblock
        anything.

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


def remove_from_reading_list(
    session: Session, subscriber_id: int, paper_id: int, *, now: datetime
) -> None:
    """Take a paper off the reading list; a like stays."""
    paper_id = papers.standing_id(session, paper_id)
    before = ratings.of_paper(session, subscriber_id, paper_id)
    if before is not None:
        ratings.put(
            session, subscriber_id, Rating(paper_id, before.value, saved=False, rated_at=now)
        )


def export(services: Services, token: str) -> dict[str, Any]:
    """Return everything that is kept about a subscriber, ready for JSON; no key to a library.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `open_preferences`.
    """
    with services.database.read() as session:
        subscriber = linked_subscriber(services, session, token)
        said = ratings.of_subscriber(session, subscriber.id)
        sent = issues.of_subscriber(session, subscriber.id)
        messages = outbox.of_subscriber(session, subscriber.id)
        rated = papers.by_ids(session, [rating.paper_id for rating in said])
        terms = term_ratings.of_subscriber(session, subscriber.id)
        library = libraries.exported(session, subscriber.id)
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
            "library": library,
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
        subscribers.erase(session, signed.read(session).subscriber_id)


def _wishes(text: str | None, field: str, current: str) -> str:
    return current if text is None else "\n".join(parse_wishes(text, field=field))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _saved_papers(session: Session, said: list[Rating]) -> list[Paper]:
    """Return the reading list, the last saved paper first."""
    saved = [rating.paper_id for rating in reversed(said) if rating.saved]
    found = papers.by_ids(session, saved)
    return [found[paper_id] for paper_id in saved]
