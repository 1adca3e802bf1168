"""Jobs: what an operator does with subscribers: list, show, add, remove, import, export."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from recommender.domain import Preferences, Subscriber, SubscriberState
from recommender.errors import RecommenderError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.people import libraries
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS, leave
from recommender.jobs.people.term_ratings import rated_words
from recommender.jobs.services import Services
from recommender.membership.addresses import normalise_address
from recommender.membership.preferences import describe_weekdays, parse_preferences
from recommender.newsletter.schedule import next_issue_at
from recommender.newsletter.wishes import parse_wishes
from recommender.spreadsheet_cells import from_cell
from recommender.store import ratings, subscribers, term_ratings
from recommender.store.database import Session

COLUMNS: Final = (
    "email",
    "status",
    "hour",
    "weekdays",
    "timezone",
    "papers",
    "interests",
    "followed",
    "blocked",
)

# In one cell; parse_wishes takes it apart again.
_WISHES_JOINT: Final = "; "


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import brought: counts, and a line for each row that was not taken."""

    added: int
    changed: int
    problems: tuple[str, ...]


def every(services: Services) -> Iterator[Subscriber]:
    """Read all subscribers, the first one first."""
    with services.database.read() as session:
        yield from subscribers.every(session)


def show(services: Services, email: str) -> dict[str, Any]:
    """Return what is known of one subscriber, as a row of an export and what came of it.

    Raises
    ------
    AddressError, NotFoundError
        See `finding.find_subscriber`.
    """
    subscriber = find_subscriber(services, email)
    with services.database.read() as session:
        said = ratings.of_subscriber(session, subscriber.id)
        words = rated_words(term_ratings.of_subscriber(session, subscriber.id))
        library = libraries.shown(session, subscriber.id)
    return {
        **as_row(subscriber),
        "requested_at": _moment(subscriber.requested_at),
        "confirmed_at": _moment(subscriber.confirmed_at),
        "next_issue_at": _moment(subscriber.next_issue_at),
        "issues": subscriber.issues_composed,
        "likes": sum(rating.value > 0 for rating in said),
        "dislikes": sum(rating.value < 0 for rating in said),
        "saved": sum(rating.saved for rating in said),
        "more_of": [each.words for each in words if each.value > 0],
        "less_of": [each.words for each in words if each.value < 0],
        "library": "" if library is None else library.called,
        "library_papers": 0 if library is None else library.papers,
        "library_synced_at": None if library is None else _moment(library.last_synced_at),
        "library_problem": "" if library is None else library.problem,
    }


def add(services: Services, row: Mapping[str, str]) -> bool:
    """Add a subscriber for whose consent the operator vouches, or change one.

    Parameters
    ----------
    row : mapping
        Of `COLUMNS`; all but ``email`` may be missing or empty.

    Returns
    -------
    bool
        True where the address is new.

    Raises
    ------
    AddressError, PreferenceError, RecommenderError
        If a value cannot be taken.
    """
    with services.change() as session:
        return _put(services, session, row)


def remove(services: Services, email: str, *, erase: bool) -> None:
    """Unsubscribe somebody, or delete everything that is kept about them.

    Raises
    ------
    AddressError, NotFoundError
        See `finding.find_subscriber`.
    """
    subscriber = find_subscriber(services, email)
    with services.change() as session:
        if erase:
            subscribers.erase(session, subscriber.id)
        else:
            leave(session, subscriber.id, now=services.clock())


def import_rows(services: Services, lines: Iterable[str]) -> ImportReport:
    """Import subscribers from CSV with a header; a row that cannot be taken stops no other.

    Raises
    ------
    RecommenderError
        If it is no CSV in UTF-8, or there is no ``email`` column, or one that is not known; nobody
        is imported then.
    """
    rows = csv.DictReader(lines, skipinitialspace=True)
    try:
        return _import_rows(services, rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise RecommenderError(
            f"line {rows.line_num}: no CSV in UTF-8 ({error}); save it as that, nobody was imported"
        ) from error


def _import_rows(services: Services, rows: csv.DictReader[str]) -> ImportReport:
    columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    unknown = [name for name in columns if name not in COLUMNS]
    if "email" not in columns or unknown:
        raise RecommenderError(
            f"the first line must name columns of {', '.join(COLUMNS)}, email among them"
            + (f"; not known: {', '.join(map(repr, unknown))}" if unknown else "")
        )
    added = changed = 0
    problems = []
    with services.change() as session:
        for row in rows:
            if None in row:
                problems.append(f"line {rows.line_num}: more values than columns; quote commas")
                continue
            try:
                is_new = _put(
                    services,
                    session,
                    {key: from_cell(_storable(value or "")) for key, value in row.items()},
                )
            except RecommenderError as error:
                problems.append(f"line {rows.line_num}: {error}")
                continue
            added, changed = added + is_new, changed + (not is_new)
    return ImportReport(added, changed, tuple(problems))


def _storable(text: str) -> str:
    """Replace halves of surrogate pairs, which no database takes."""
    return text.encode("utf-8", "replace").decode()


def as_row(subscriber: Subscriber) -> dict[str, str]:
    """Return a subscriber as a row that `import_rows` reads back."""
    preferences = subscriber.preferences
    return {
        "email": subscriber.email,
        "status": subscriber.state,
        "hour": str(preferences.hour),
        "weekdays": describe_weekdays(preferences.weekdays),
        "timezone": preferences.timezone,
        "papers": str(preferences.papers),
        "interests": subscriber.interests,
        "followed": _WISHES_JOINT.join(subscriber.followed.splitlines()),
        "blocked": _WISHES_JOINT.join(subscriber.blocked.splitlines()),
    }


def export(services: Services) -> list[dict[str, Any]]:
    """Return everybody as rows that `import_rows` reads back, with what they say of terms."""
    with services.database.read() as session:
        everybody = list(subscribers.every(session))
        said = term_ratings.of_subscribers(session, [each.id for each in everybody])
    return [
        {
            **as_row(subscriber),
            "term_ratings": [
                {**asdict(rating), "rated_at": _moment(rating.rated_at)}
                for rating in said.get(subscriber.id, ())
            ],
        }
        for subscriber in everybody
    ]


def _put(services: Services, session: Session, row: Mapping[str, str]) -> bool:
    address = normalise_address(row.get("email", ""))
    known = subscribers.by_key(session, address.key)
    state = _state(row.get("status", ""), known)
    preferences = parse_preferences(
        hour=row.get("hour"),
        weekdays=row.get("weekdays"),
        timezone=row.get("timezone"),
        papers=row.get("papers"),
        current=services.defaults if known is None else known.preferences,
    )
    interests = " ".join(row.get("interests", "").split())[:INTERESTS_MAX_CHARACTERS]
    followed = "\n".join(parse_wishes(row.get("followed", ""), field="followed"))
    blocked = "\n".join(parse_wishes(row.get("blocked", ""), field="blocked"))
    due_at = _due_at(services, known, state, preferences)
    if known is None:
        subscribers.add(
            session,
            email=address.email,
            email_key=address.key,
            state=state,
            preferences=preferences,
            interests=interests,
            followed=followed,
            blocked=blocked,
            now=services.clock(),
            next_issue_at=due_at,
        )
        return True
    if state is SubscriberState.UNSUBSCRIBED:
        leave(session, known.id, now=services.clock())
    else:
        subscribers.set_state(session, known.id, state, next_issue_at=due_at)
    subscribers.set_preferences(
        session,
        known.id,
        preferences,
        interests=interests or known.interests,
        followed=followed or known.followed,
        blocked=blocked or known.blocked,
        next_issue_at=due_at,
    )
    return False


def _due_at(
    services: Services,
    known: Subscriber | None,
    state: SubscriberState,
    preferences: Preferences,
) -> datetime | None:
    """Return when the next issue is due; a row that changes nothing ends no pause."""
    if state not in (SubscriberState.ACTIVE, SubscriberState.PAUSED):
        return None
    if known is not None and known.state is state:
        is_awaited = state is SubscriberState.PAUSED or known.welcome_due
        if is_awaited or known.preferences == preferences:
            return known.next_issue_at
    return next_issue_at(
        preferences,
        after=services.clock(),
        last_issue_date=None if known is None else known.last_issue_date,
    )


def _state(text: str, known: Subscriber | None) -> SubscriberState:
    """Read a status. Without one, who is new is active, and who is known stays what they are."""
    if not text.strip():
        return SubscriberState.ACTIVE if known is None else known.state
    try:
        state = SubscriberState(text.strip().lower())
    except ValueError:
        names = ", ".join(SubscriberState)
        raise RecommenderError(f"status {text!r} is none of {names}") from None
    return state


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")
