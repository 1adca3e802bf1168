"""Jobs: what a subscriber's own pages show: of all of them, of what they like, of their mails.

Opening them changes nothing: mail scanners open every link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recommender.domain import InterestState, KeptInterest, PendingChange, Subscriber
from recommender.jobs.issues.course import Course
from recommender.jobs.issues.learning import course_learned_of, taste_learned_of
from recommender.jobs.issues.readers import still_count
from recommender.jobs.issues.taste import LearnedInterest
from recommender.jobs.people import libraries
from recommender.jobs.people.libraries import ShownLibrary
from recommender.jobs.people.preferences import own_page
from recommender.jobs.people.term_ratings import ShownWords, rated_words, with_what_was_said
from recommender.jobs.services import Services
from recommender.store import (
    kept_interests,
    known_papers,
    learning_resets,
    papers,
    pendings,
    ratings,
    term_ratings,
)

KNOWN_SHOWN: Final = 20
"""Papers that were named as known, which are listed; one is looked for right after a mistake."""

_PAPERS_OF_A_BUTTON: Final = 9


@dataclass(frozen=True, slots=True)
class Overview:
    """Where a subscriber's own pages begin.

    Attributes
    ----------
    saved, liked, disliked : int
        How many papers stand on their reading list, and how many they want more and less of.
    """

    subscriber: Subscriber
    saved: int
    liked: int
    disliked: int


@dataclass(frozen=True, slots=True)
class ShownInterest:
    """One of a subscriber's interests, with what can be said of it.

    Attributes
    ----------
    words : tuple of ShownWords
        Its strongest words, and after them its authors.
    papers : tuple of int
        Some of its papers, by which a button says which interest it means.
    """

    learned: LearnedInterest
    words: tuple[ShownWords, ...]
    papers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InterestsPage:
    """What a subscriber likes, as they said it and as it was learned.

    Attributes
    ----------
    learned, disliked : tuple of ShownWords
        Words that the model learned to raise and to lower.
    rated_words : tuple of ShownWords
        Words that they want more or less of, the newest first.
    ratings : int
        How many papers they rated or saved, as far as that counts.
    forgotten_at : datetime or None
        When all was forgotten that had been learned before.
    interests : tuple of ShownInterest
        That of the most likes first.
    not_told_apart, removed : tuple of KeptInterest
        What they named or paused and is no interest of its own today, and what they removed.
    course : Course
        Of their issues by ``interests``.
    known : int
        How many papers they named as known.
    known_titles : dict of int to str
        The last named of these, by id.
    library : ShownLibrary or None
        The library that they let us read.
    """

    subscriber: Subscriber
    learned: tuple[ShownWords, ...]
    disliked: tuple[ShownWords, ...]
    rated_words: tuple[ShownWords, ...]
    ratings: int
    forgotten_at: datetime | None
    interests: tuple[ShownInterest, ...]
    not_told_apart: tuple[KeptInterest, ...]
    removed: tuple[KeptInterest, ...]
    course: Course
    known: int
    known_titles: dict[int, str]
    library: ShownLibrary | None


@dataclass(frozen=True, slots=True)
class CoursePage:
    """How much of a subscriber's issues each of their interests was."""

    subscriber: Subscriber
    course: Course


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """When how much comes, and where to.

    Attributes
    ----------
    move : PendingChange or None
        The change of address that waits for a yes.
    """

    subscriber: Subscriber
    move: PendingChange | None


def open_overview(services: Services, token: str) -> Overview:
    """Show how much there is on each of a subscriber's own pages.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        said = ratings.of_subscriber(session, subscriber.id)
    return Overview(
        subscriber,
        saved=sum(rating.saved for rating in said),
        liked=sum(rating.value > 0 for rating in said),
        disliked=sum(rating.value < 0 for rating in said),
    )


def open_interests(services: Services, token: str) -> InterestsPage:
    """Show what a subscriber likes.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        said = ratings.of_subscriber(session, subscriber.id)
        rated = rated_words(term_ratings.of_subscriber(session, subscriber.id))
        forgotten = learning_resets.of_subscribers(session, [subscriber.id])
        kept = kept_interests.of_subscriber(session, subscriber.id)
        library = libraries.shown(session, subscriber.id)
        known = known_papers.named(session, subscriber.id)
        shown = [each.paper_id for each in known[:KNOWN_SHOWN]]
        found = papers.by_ids(session, shown)
    taste = taste_learned_of(services, subscriber)
    return InterestsPage(
        subscriber,
        learned=with_what_was_said(taste.words.liked, rated),
        disliked=with_what_was_said(taste.words.disliked, rated),
        rated_words=rated,
        ratings=len(still_count(said, forgotten.get(subscriber.id), kept)),
        forgotten_at=forgotten.get(subscriber.id),
        interests=tuple(
            ShownInterest(
                each,
                with_what_was_said(each.words, rated),
                tuple(sorted(each.papers))[:_PAPERS_OF_A_BUTTON],
            )
            for each in taste.interests
        ),
        not_told_apart=taste.not_told_apart,
        removed=tuple(each for each in kept if each.state is InterestState.REMOVED),
        course=taste.course,
        known=len(known),
        known_titles={each: found[each].title for each in shown},
        library=library,
    )


def open_course(services: Services, token: str) -> CoursePage:
    """Show how much of a subscriber's issues each of their interests was.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (_session, subscriber):
        return CoursePage(subscriber, course_learned_of(services, subscriber))


def open_delivery(services: Services, token: str) -> DeliveryPage:
    """Show when how much comes, and where to.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `own_page`.
    """
    with own_page(services, token) as (session, subscriber):
        move = pendings.live_move(session, subscriber.id, now=services.clock())
    return DeliveryPage(subscriber, move)
