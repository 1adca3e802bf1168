"""Jobs: what a subscriber changed last is kept for an hour, as it was before, to be undone.

What is undone is compared first: only what still is as the change left it goes back. So a button
in an old tab, or of one who only wants their last tap back, overwrites nothing that came since.
A second tap that says what the first one said is one change with it.
`undoing` puts back; this is what it goes by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from recommender.jobs.people.term_ratings import terms_shown
from recommender.store import (
    kept_interests,
    known_papers,
    last_changes,
    learning_resets,
    paper_notes,
    papers,
    ratings,
    subscribers,
    term_ratings,
)
from recommender.store.database import Session
from recommender.store.last_changes import LastChange

UNDONE_WITHIN: Final = timedelta(hours=1)


class Kind(StrEnum):
    """What can be undone."""

    PAPER = "paper"
    WORDS = "words"
    PREFERENCES = "preferences"
    PAUSE = "pause"
    KNOWN = "known"
    LEARNING = "learning"
    INTERESTS = "interests"
    LEAVING = "leaving"


@dataclass(slots=True)
class Undoable:
    """A change that is being made.

    Attributes
    ----------
    number : int
        What it is undone by, once it is made; 0 where nothing was changed, nor by the tap before.
    """

    number: int = 0


@contextmanager
def undoable(
    session: Session, subscriber_id: int, kind: Kind, subject: str = "", *, now: datetime
) -> Iterator[Undoable]:
    """Remember how something was, and what becomes of it within this context.

    Parameters
    ----------
    subject : str
        Which one: a paper's id, or the words that are rated.
    """
    last = undoable_change(session, subscriber_id, now=now)
    before = state_of(session, subscriber_id, kind, subject)
    change = Undoable()
    yield change
    after = state_of(session, subscriber_id, kind, subject)
    is_of_last = last is not None and (last.kind, last.subject) == (kind, subject)
    if last is not None and is_of_last and _said(kind, before) == _said(kind, after):
        change.number = last.number
        before = last.before if before != after else after
    if before != after:
        change.number = last_changes.put(
            session,
            subscriber_id,
            kind=kind,
            subject=subject,
            before=before,
            after=after,
            now=now,
        )


def undoable_change(session: Session, subscriber_id: int, *, now: datetime) -> LastChange | None:
    """Return what a subscriber changed last, where it can be undone."""
    change = last_changes.of_subscriber(session, subscriber_id)
    if change is None or now - change.changed_at >= UNDONE_WITHIN:
        return None
    state = state_of(session, subscriber_id, Kind(change.kind), change.subject)
    return change if state == change.after else None


def undone_change(session: Session, subscriber_id: int, *, now: datetime) -> LastChange | None:
    """Return what a subscriber changed last, where it was undone and nothing was said since."""
    change = last_changes.of_subscriber(session, subscriber_id)
    if change is None or now - change.changed_at >= UNDONE_WITHIN:
        return None
    kind = Kind(change.kind)
    state = state_of(session, subscriber_id, kind, change.subject)
    return change if _said(kind, state) == _said(kind, change.before) else None


def _said(kind: Kind, state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a state says, without when it was said."""
    match kind:
        case Kind.PAPER:
            rating, (read_at, *written) = state["rating"], state["note"]
            return {"rating": rating and rating[:2], "note": [read_at is not None, *written]}
        case Kind.WORDS | Kind.INTERESTS:
            return {name: said[:-1] for name, said in state.items()}
        case Kind.LEARNING:
            return {**state, "forgotten_at": state["forgotten_at"] is not None}
        case Kind.KNOWN | Kind.PREFERENCES | Kind.PAUSE | Kind.LEAVING:
            return state


def state_of(session: Session, subscriber_id: int, kind: Kind, subject: str) -> dict[str, Any]:
    """Return how something is now, in plain values of JSON."""
    match kind:
        case Kind.PAPER:
            paper_id = papers.standing_id(session, int(subject))
            said = ratings.of_paper(session, subscriber_id, paper_id)
            note = paper_notes.of_paper(session, subscriber_id, paper_id)
            return {
                "rating": said and [said.value, said.saved, said.rated_at.isoformat()],
                "note": [note.read_at and note.read_at.isoformat(), note.note, list(note.tags)],
            }
        case Kind.WORDS:
            terms = set(terms_shown(subject))
            said_of_terms = _said_of_terms(session, subscriber_id)
            return {term: what for term, what in said_of_terms.items() if term in terms}
        case Kind.LEARNING:
            resets = learning_resets.of_subscribers(session, [subscriber_id])
            forgotten_at = resets.get(subscriber_id)
            return {
                "forgotten_at": forgotten_at and forgotten_at.isoformat(),
                "terms": _said_of_terms(session, subscriber_id),
                "interests": _kept_interests(session, subscriber_id),
            }
        case Kind.INTERESTS:
            return _kept_interests(session, subscriber_id)
        case Kind.KNOWN:
            named = known_papers.named(session, subscriber_id)
            return {str(each.paper_id): each.added_at.isoformat() for each in named}
        case Kind.PREFERENCES | Kind.PAUSE | Kind.LEAVING:
            return _state_of_subscription(session, subscriber_id, kind)


def _kept_interests(session: Session, subscriber_id: int) -> dict[str, Any]:
    return {
        str(each.id): [
            each.name,
            each.phrases,
            str(each.state),
            sorted(each.papers),
            each.said_at.isoformat(),
        ]
        for each in kept_interests.of_subscriber(session, subscriber_id)
    }


def _said_of_terms(session: Session, subscriber_id: int) -> dict[str, Any]:
    return {
        each.term: [each.words, each.value, each.rated_at.isoformat()]
        for each in term_ratings.of_subscriber(session, subscriber_id)
    }


def _state_of_subscription(session: Session, subscriber_id: int, kind: Kind) -> dict[str, Any]:
    kept = subscribers.by_id(session, subscriber_id)
    if kept is None:
        return {}
    if kind is Kind.PREFERENCES:
        return {
            "hour": kept.preferences.hour,
            "weekdays": sorted(kept.preferences.weekdays),
            "timezone": kept.preferences.timezone,
            "papers": kept.preferences.papers,
            "interests": kept.interests,
            "followed": kept.followed,
            "blocked": kept.blocked,
            "language": kept.language,
        }
    due_at = kept.next_issue_at
    state: dict[str, Any] = {
        "state": str(kept.state),
        "next_issue_at": due_at and due_at.isoformat(),
    }
    return {**state, "links_epoch": kept.epochs.links} if kind is Kind.LEAVING else state


def moment(text: str | None) -> datetime | None:
    """Return a moment of such a state."""
    return None if text is None else datetime.fromisoformat(text)
