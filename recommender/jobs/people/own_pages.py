"""Jobs: what a subscriber's own pages show: of all of them, of what they like, of their mails.

Opening them changes nothing: mail scanners open every link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recommender.domain import PendingChange, Subscriber
from recommender.jobs.issues.learning import words_learned_of
from recommender.jobs.issues.readers import still_count
from recommender.jobs.people import libraries
from recommender.jobs.people.libraries import ShownLibrary
from recommender.jobs.people.preferences import linked_subscriber
from recommender.jobs.people.term_ratings import ShownWords, rated_words, with_what_was_said
from recommender.jobs.services import Services
from recommender.store import (
    known_papers,
    learning_resets,
    papers,
    pendings,
    ratings,
    term_ratings,
)

KNOWN_SHOWN: Final = 20
"""Papers that were named as known, which are listed; one is looked for right after a mistake."""


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
    by_interest : tuple of tuple of ShownWords
        The words of each of several interests, that of the most likes first; else empty.
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
    by_interest: tuple[tuple[ShownWords, ...], ...]
    known: int
    known_titles: dict[int, str]
    library: ShownLibrary | None


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
        See `linked_subscriber`.
    """
    with services.database.read() as session:
        subscriber = linked_subscriber(services, session, token)
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
        See `linked_subscriber`.
    """
    with services.database.read() as session:
        subscriber = linked_subscriber(services, session, token)
        said = ratings.of_subscriber(session, subscriber.id)
        rated = rated_words(term_ratings.of_subscriber(session, subscriber.id))
        forgotten = learning_resets.of_subscribers(session, [subscriber.id])
        library = libraries.shown(session, subscriber.id)
        known = known_papers.named(session, subscriber.id)
        shown = [each.paper_id for each in known[:KNOWN_SHOWN]]
        found = papers.by_ids(session, shown)
    words = words_learned_of(services, subscriber)
    return InterestsPage(
        subscriber,
        learned=with_what_was_said(words.liked, rated),
        disliked=with_what_was_said(words.disliked, rated),
        rated_words=rated,
        ratings=len(still_count(said, forgotten.get(subscriber.id))),
        forgotten_at=forgotten.get(subscriber.id),
        by_interest=tuple(with_what_was_said(each, rated) for each in words.by_interest),
        known=len(known),
        known_titles={each: found[each].title for each in shown},
        library=library,
    )


def open_delivery(services: Services, token: str) -> DeliveryPage:
    """Show when how much comes, and where to.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError, NotFoundError
        See `linked_subscriber`.
    """
    with services.database.read() as session:
        subscriber = linked_subscriber(services, session, token)
        move = pendings.live_move(session, subscriber.id, now=services.clock())
    return DeliveryPage(subscriber, move)
