"""Jobs: what a subscriber says of the words that were learned: more of this, less, or forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recommender.domain import TermRating
from recommender.errors import PreferenceError
from recommender.interests.features import AUTHOR_MARK, author_key
from recommender.interests.terms import phrases_of
from recommender.languages.messages import Message
from recommender.store import (
    kept_interests,
    learning_resets,
    term_ratings,
)
from recommender.store.database import Session

# What is shown is a few words of titles, and nobody rates hundreds of them.
WORDS_MAX_CHARACTERS: Final = 200
TERM_RATINGS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class ShownWords:
    """A word or phrase, and what the subscriber says of it.

    Attributes
    ----------
    value : int or None
        +1 more of this, -1 less of this, 0 forget it; None where they said nothing.
    """

    words: str
    value: int | None

    @property
    def is_author(self) -> bool:
        """Whether it is a name, ``by Jane Doe``."""
        return self.words.startswith(AUTHOR_MARK)


def terms_shown(words: str) -> tuple[str, ...]:
    """Return the terms that shown words stand for: each word, and each pair of neighbours.

    ``by Jane Doe`` stands for the author alone.
    """
    if words.startswith(AUTHOR_MARK):
        author = author_key(words.removeprefix(AUTHOR_MARK))
        return () if author is None else (author,)
    return tuple(dict.fromkeys(phrases_of(words)))


def rated_words(said: Sequence[TermRating]) -> tuple[ShownWords, ...]:
    """Return what was rated as it was shown, each phrase once for all its terms, the newest first.

    Parameters
    ----------
    said : sequence of TermRating
        Oldest first.
    """
    newest_first = (ShownWords(rating.words, rating.value) for rating in reversed(said))
    return tuple(dict.fromkeys(newest_first))


def with_what_was_said(words: Sequence[str], rated: Sequence[ShownWords]) -> tuple[ShownWords, ...]:
    """Put beside each word or phrase what was said of exactly its terms."""
    value_of = {terms_shown(each.words): each.value for each in reversed(rated)}
    return tuple(ShownWords(each, value_of.get(terms_shown(each))) for each in words)


def rate_words(
    session: Session, subscriber_id: int, words: str, value: int, *, now: datetime
) -> None:
    """Rate every term that a shown word or phrase stands for; what was said of them is replaced.

    Raises
    ------
    PreferenceError
        If it stands for no term, is too long, or too many terms are rated; nothing is changed.
    """
    shown = " ".join(words.split())
    terms = terms_shown(shown)
    if not terms or len(shown) > WORDS_MAX_CHARACTERS:
        raise PreferenceError(
            "words", Message("no such word was learned; use the buttons of this page")
        )
    rated = {rating.term for rating in term_ratings.of_subscriber(session, subscriber_id)}
    if len(rated.union(terms)) > TERM_RATINGS_MAX:
        raise PreferenceError(
            "words",
            Message(
                "%(most)s words can be rated; forget some of them first", most=TERM_RATINGS_MAX
            ),
        )
    for term in terms:
        term_ratings.put(session, subscriber_id, TermRating(term, shown, value, now))


def forget_learned(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Forget all that was learned of a subscriber, and what they said of words.

    What they said of papers is still known, so that none is sent again, and teaches nothing more;
    a rating that they change from now on does. What they stated, and papers they know, stay.
    """
    kept_interests.erase(session, subscriber_id)
    for rating in term_ratings.of_subscriber(session, subscriber_id):
        term_ratings.take_back(session, subscriber_id, rating.term)
    learning_resets.put(session, subscriber_id, now)


def take_back(session: Session, subscriber_id: int, words: str) -> None:
    """Take back what was said of a word or phrase; terms rated with another phrase stay rated."""
    terms = terms_shown(words)
    for rating in term_ratings.of_subscriber(session, subscriber_id):
        if terms_shown(rating.words) == terms:
            term_ratings.take_back(session, subscriber_id, rating.term)
