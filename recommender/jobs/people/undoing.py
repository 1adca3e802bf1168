"""Jobs: what a subscriber changed last goes back to what it was; see `last_change`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from recommender.domain import (
    InterestState,
    KeptInterest,
    KnownPaper,
    PaperNote,
    Preferences,
    Rating,
    Subscriber,
    SubscriberState,
    TermRating,
)
from recommender.errors import PreferenceError
from recommender.jobs.people import preferences
from recommender.jobs.people.last_change import Kind, moment, undoable_change, undone_change
from recommender.jobs.people.term_ratings import terms_shown
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.store import (
    kept_interests,
    known_papers,
    learning_resets,
    paper_notes,
    papers,
    ratings,
    subscribers,
    term_ratings,
)
from recommender.store.database import Session
from recommender.store.last_changes import LastChange


def undo(services: Services, session: Session, subscriber: Subscriber, number: int) -> LastChange:
    """Undo what a subscriber changed last; gives what that was.

    Parameters
    ----------
    number : int
        Which change is meant.

    Raises
    ------
    PreferenceError
        If it is not their last change, is older than `last_change.UNDONE_WITHIN`, or if what it
        changed is another today; nothing is changed. What was undone is, by a second tap.
    """
    now = services.clock()
    undone = undone_change(session, subscriber.id, now=now)
    change = undoable_change(session, subscriber.id, now=now)
    if undone is not None and change is None and undone.number == number:
        return undone
    if change is None or change.number != number or change.kind not in _RESTORE:
        raise PreferenceError("undo", Message("this cannot be taken back any more"))
    _RESTORE[Kind(change.kind)](services, session, subscriber, change)
    return change


def _restore_paper(
    services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    paper_id = papers.standing_id(session, int(change.subject))
    ratings.put(session, subscriber.id, _rating(paper_id, change.before, services.clock()))
    read_at, note, tags = change.before["note"]
    written = PaperNote(paper_id, moment(read_at), note, tuple(tags))
    paper_notes.put(session, subscriber.id, written)


def _restore_words(
    _services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    before = _term_ratings(change.before)
    for term in terms_shown(change.subject):
        if term in before:
            term_ratings.put(session, subscriber.id, before[term])
        else:
            term_ratings.take_back(session, subscriber.id, term)


def _restore_learning(
    _services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    learning_resets.put(session, subscriber.id, moment(change.before["forgotten_at"]))
    for rating in _term_ratings(change.before["terms"]).values():
        term_ratings.put(session, subscriber.id, rating)
    _put_interests(session, subscriber, change.before["interests"])


def _restore_interests(
    _services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    _put_interests(session, subscriber, change.before)


def _put_interests(session: Session, subscriber: Subscriber, before: Mapping[str, Any]) -> None:
    kept_interests.put_all(
        session,
        subscriber.id,
        [
            KeptInterest(
                id=int(interest_id),
                name=name,
                phrases=phrases,
                state=InterestState(state),
                papers=frozenset(papers.standing_id(session, each) for each in known_by),
                said_at=datetime.fromisoformat(said_at),
            )
            for interest_id, (name, phrases, state, known_by, said_at) in before.items()
        ],
    )


def _restore_pause(
    _services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    state, due_at = change.before["state"], moment(change.before["next_issue_at"])
    subscribers.set_state(session, subscriber.id, SubscriberState(state), next_issue_at=due_at)


def _rating(paper_id: int, before: Mapping[str, Any], now: datetime) -> Rating:
    if before["rating"] is None:
        return Rating(paper_id, 0, saved=False, rated_at=now)
    value, saved, rated_at = before["rating"]
    return Rating(paper_id, value, saved, datetime.fromisoformat(rated_at))


def _term_ratings(before: Mapping[str, Any]) -> dict[str, TermRating]:
    return {
        term: TermRating(term, words, value, datetime.fromisoformat(rated_at))
        for term, (words, value, rated_at) in before.items()
    }


def _restore_known(
    _services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    # A paper that turned out to be another one since is that.
    known = {
        papers.standing_id(session, int(paper_id)): datetime.fromisoformat(added_at)
        for paper_id, added_at in change.before.items()
    }
    known_papers.put_all(session, subscriber.id, [KnownPaper(*pair) for pair in known.items()])


def _restore_preferences(
    services: Services, session: Session, subscriber: Subscriber, change: LastChange
) -> None:
    before = change.before
    preferences.change_preferences(
        services,
        session,
        subscriber,
        Preferences(
            hour=before["hour"],
            weekdays=frozenset(before["weekdays"]),
            timezone=before["timezone"],
            papers=before["papers"],
        ),
        interests=before["interests"],
        followed=before["followed"],
        blocked=before["blocked"],
    )
    subscribers.set_language(session, subscriber.id, before["language"])


_RESTORE: Final = {
    Kind.PAPER: _restore_paper,
    Kind.WORDS: _restore_words,
    Kind.LEARNING: _restore_learning,
    Kind.INTERESTS: _restore_interests,
    Kind.KNOWN: _restore_known,
    Kind.PREFERENCES: _restore_preferences,
    Kind.PAUSE: _restore_pause,
}
"""What puts back each kind of change; leaving is undone by another link, see `returning`."""
