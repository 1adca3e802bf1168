"""Jobs: what a subscriber changed last goes back to what it was; see `last_change`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recommender.domain import (
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
from recommender.jobs.people.last_change import Kind, moment, undoable_change
from recommender.jobs.people.term_ratings import terms_shown
from recommender.jobs.services import Services
from recommender.store import known_papers, paper_notes, papers, ratings, subscribers, term_ratings
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
        If it is not their last change, is older than `last_change.UNDONE_WITHIN`, was undone, or
        if what it changed is another today; nothing is changed.
    """
    change = undoable_change(session, subscriber.id, now=services.clock())
    if change is None or change.number != number or change.kind == Kind.LEAVING:
        raise PreferenceError("undo", "this cannot be taken back any more")
    match Kind(change.kind):
        case Kind.PAPER:
            paper_id = papers.standing_id(session, int(change.subject))
            ratings.put(session, subscriber.id, _rating(paper_id, change.before, services.clock()))
            read_at, note, tags = change.before["note"]
            written = PaperNote(paper_id, moment(read_at), note, tuple(tags))
            paper_notes.put(session, subscriber.id, written)
        case Kind.WORDS:
            for rating in _term_ratings(change, services.clock()):
                term_ratings.put(session, subscriber.id, rating)
        case Kind.KNOWN:
            _put_known(session, subscriber.id, change.before)
        case Kind.PREFERENCES:
            _put_preferences(services, session, subscriber, change.before)
        case Kind.PAUSE:
            subscribers.set_state(
                session,
                subscriber.id,
                SubscriberState(change.before["state"]),
                next_issue_at=moment(change.before["next_issue_at"]),
            )
        case Kind.LEAVING:
            raise AssertionError("what only another link may undo")
    return change


def _rating(paper_id: int, before: Mapping[str, Any], now: datetime) -> Rating:
    if before["rating"] is None:
        return Rating(paper_id, 0, saved=False, rated_at=now)
    value, saved, rated_at = before["rating"]
    return Rating(paper_id, value, saved, datetime.fromisoformat(rated_at))


def _term_ratings(change: LastChange, now: datetime) -> list[TermRating]:
    before = {
        term: TermRating(term, words, value, datetime.fromisoformat(rated_at))
        for term, (words, value, rated_at) in change.before.items()
    }
    return [
        before.get(term, TermRating(term, change.subject, 0, now))
        for term in terms_shown(change.subject)
    ]


def _put_known(session: Session, subscriber_id: int, before: Mapping[str, str]) -> None:
    """Put back what was named; a paper that turned out to be another one since is that."""
    known = {
        papers.standing_id(session, int(paper_id)): datetime.fromisoformat(added_at)
        for paper_id, added_at in before.items()
    }
    known_papers.put_all(session, subscriber_id, [KnownPaper(*pair) for pair in known.items()])


def _put_preferences(
    services: Services, session: Session, subscriber: Subscriber, before: Mapping[str, Any]
) -> None:
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
