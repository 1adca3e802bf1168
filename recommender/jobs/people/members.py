"""Jobs: what an operator does with subscribers: list, show, add, remove, export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from recommender.domain import BounceKind, Preferences, Subscriber, SubscriberState
from recommender.errors import RecommenderError
from recommender.jobs.finding import find_subscriber
from recommender.jobs.people import libraries
from recommender.jobs.people.subscriptions import (
    INTERESTS_MAX_CHARACTERS,
    address_to_mail,
    leave,
    request_subscription,
)
from recommender.jobs.people.term_ratings import rated_words
from recommender.jobs.services import Services
from recommender.membership.addresses import Address
from recommender.membership.preferences import describe_weekdays, parse_preferences
from recommender.membership.subscription import RECEIVING, decide_vouched
from recommender.newsletter.schedule import next_issue_at
from recommender.newsletter.wishes import parse_wishes
from recommender.store import bounces, ratings, subscribers, term_ratings
from recommender.store.database import Session
from recommender.store.erasing import erase_subscriber
from recommender.store.subscribers import NewSubscriber

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
class Member:
    """What came of a row.

    Attributes
    ----------
    subscriber : Subscriber
        As they are afterwards.
    is_new : bool
    is_changed : bool
        They were known, and something of a row of an export is other than it was.
    kept_out : str
        Why they get no issues although the row would have it; empty where they do.
    """

    subscriber: Subscriber
    is_new: bool
    is_changed: bool = False
    kept_out: str = ""

    @property
    def next_issue(self) -> str:
        """When they get an issue, in their own time; empty where they get none."""
        return next_issue_of(self.subscriber)


def next_issue_of(subscriber: Subscriber | NewSubscriber) -> str:
    """Return when they get an issue, in their own time; empty where they get none."""
    if subscriber.next_issue_at is None:
        return ""
    return _in_own_time(subscriber.next_issue_at, subscriber.preferences.timezone)


# Many come at the same hour.
@lru_cache(maxsize=1_000)
def _in_own_time(moment: datetime, timezone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(timezone)):%A, %Y-%m-%d at %H:%M} ({timezone})"


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
        "more_of": [each.words for each in words if each.value == 1],
        "less_of": [each.words for each in words if each.value == -1],
        "forgotten": [each.words for each in words if each.value == 0],
        "library": "" if library is None else library.called,
        "library_papers": 0 if library is None else library.papers,
        "library_synced_at": None if library is None else _moment(library.last_synced_at),
        "library_problem": "" if library is None else library.problem,
    }


def add(services: Services, row: Mapping[str, str], *, ask: bool = False) -> Member:
    """Add a subscriber for whose consent the operator vouches, or change one.

    Parameters
    ----------
    row : mapping
        Of `COLUMNS`; all but ``email`` may be missing or empty.
    ask : bool
        Who is kept out is asked by mail to confirm, as if they had subscribed on the page.

    Raises
    ------
    AddressError, PreferenceError, RecommenderError
        If a value cannot be taken.
    """
    with services.change() as session:
        member = _put(services, session, row)
        if ask and member.kept_out:
            email = member.subscriber.email
            request_subscription(services, session, email, row.get("interests", ""))
        return member


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
            erase_subscriber(session, subscriber.id)
        else:
            leave(session, subscriber.id, now=services.clock())


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


_PLANNED: Final = ("status", "hour", "weekdays", "timezone", "papers")

PlanOfNew = Callable[[tuple[str | None, ...]], tuple[SubscriberState, Preferences, datetime | None]]


def _put(services: Services, session: Session, row: Mapping[str, str]) -> Member:
    address = address_to_mail(services, row.get("email", ""))
    known = subscribers.by_key(session, address.key)
    if known is not None:
        return change(services, session, known, row)
    new = new_subscriber(address, row, partial(plan_of_new, services))
    subscribers.add_all(session, [new], now=services.clock())
    return Member(subscribers.by_keys(session, [address.key])[address.key], is_new=True)


def new_subscriber(address: Address, row: Mapping[str, str], plan_of: PlanOfNew) -> NewSubscriber:
    """Return who is added by a row; `plan_of_new` tells what follows from its settings."""
    state, preferences, due_at = plan_of(tuple(row.get(name) for name in _PLANNED))
    interests, followed, blocked = _words_of(row)
    return NewSubscriber(
        email=address.email,
        email_key=address.key,
        state=state,
        preferences=preferences,
        interests=interests,
        followed=followed,
        blocked=blocked,
        next_issue_at=due_at,
    )


def plan_of_new(
    services: Services, given: tuple[str | None, ...]
) -> tuple[SubscriberState, Preferences, datetime | None]:
    """Return what follows from values that many rows have alike: `_PLANNED`."""
    row = dict(zip(_PLANNED, given, strict=True))
    state = decide_vouched(None, _wanted_state(row["status"] or ""))
    preferences = _preferences_of(row, services.defaults)
    return state, preferences, _due_at(services, None, state, preferences)


def _preferences_of(row: Mapping[str, str | None], current: Preferences) -> Preferences:
    return parse_preferences(
        hour=row.get("hour"),
        weekdays=row.get("weekdays"),
        timezone=row.get("timezone"),
        papers=row.get("papers"),
        current=current,
    )


def _words_of(row: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the interests, and what is followed and blocked."""
    interests = " ".join(row.get("interests", "").split())[:INTERESTS_MAX_CHARACTERS]
    followed = "\n".join(parse_wishes(row.get("followed", ""), field="followed"))
    blocked = "\n".join(parse_wishes(row.get("blocked", ""), field="blocked"))
    return interests, followed, blocked


def change(
    services: Services, session: Session, known: Subscriber, row: Mapping[str, str]
) -> Member:
    """Change a known subscriber to what a row has; an empty value leaves theirs."""
    wanted = _wanted_state(row.get("status", ""))
    state = decide_vouched(known, wanted)
    preferences = _preferences_of(row, known.preferences)
    interests, followed, blocked = _words_of(row)
    due_at = _due_at(services, known, state, preferences)
    if state is SubscriberState.UNSUBSCRIBED:
        leave(session, known.id, now=services.clock())
    else:
        subscribers.set_state(session, known.id, state, next_issue_at=due_at)
    changed = replace(
        known,
        state=state,
        preferences=preferences,
        interests=interests or known.interests,
        followed=followed or known.followed,
        blocked=blocked or known.blocked,
        next_issue_at=due_at,
    )
    subscribers.set_preferences(
        session,
        known.id,
        preferences,
        interests=changed.interests,
        followed=changed.followed,
        blocked=changed.blocked,
        next_issue_at=due_at,
    )
    is_kept_out = state not in RECEIVING and wanted in (None, *RECEIVING)
    kept_out = _why_kept_out(session, changed) if is_kept_out else ""
    is_changed = as_row(changed) != as_row(known)
    return Member(changed, is_new=False, is_changed=is_changed, kept_out=kept_out)


def _why_kept_out(session: Session, subscriber: Subscriber) -> str:
    """Return why somebody gets no issues, and what brings them back."""
    if subscriber.state is SubscriberState.SUSPENDED:
        why = "is suspended, because mail came back"
    elif complained_at := _complained_at(session, subscriber):
        why = f"complained on {complained_at:%Y-%m-%d}"
    else:
        why = "left"
    return (
        f"{subscriber.email} {why}, and only their own yes brings them back; "
        f"`recommender subscribers add {subscriber.email} --ask` asks them by mail"
    )


def _complained_at(session: Session, subscriber: Subscriber) -> datetime | None:
    """Return when they complained of what was sent to them since they last confirmed."""
    confirmed_at = subscriber.confirmed_at
    return max(
        (
            each.received_at
            for each in bounces.of_subscriber(session, subscriber.id)
            if each.kind is BounceKind.COMPLAINT
            and (confirmed_at is None or each.received_at >= confirmed_at)
        ),
        default=None,
    )


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


def _wanted_state(text: str) -> SubscriberState | None:
    """Read a status, if there is one."""
    if not text.strip():
        return None
    try:
        state = SubscriberState(text.strip().lower())
    except ValueError:
        names = ", ".join(SubscriberState)
        raise RecommenderError(f"status {text!r} is none of {names}") from None
    return state


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")
