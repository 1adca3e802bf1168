"""Room 6, what they click: a subscriber's own page; touches `jobs`, knows limits of fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from recommender.errors import AddressError, LibraryError, PreferenceError
from recommender.jobs.people import libraries, new_links, pending_changes
from recommender.jobs.people import preferences as jobs
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.people.term_ratings import forget_words, rate_words
from recommender.membership.preferences import parse_preferences
from recommender.newsletter.wishes import WISH_MAX_CHARACTERS, WISHES_MAX
from recommender.papers.sources.zotero import shown_again
from recommender.web.forms import integer, services_of, text, token_of
from recommender.web.links import back_to
from recommender.web.responses import respond

WEEKDAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PAUSES: Final = {7: "one week", 14: "two weeks", 30: "a month", 90: "three months"}
"""Days of a pause, and what the page calls them."""

DONE: Final = {
    "changed": "Saved.",
    "paused": "Paused.",
    "resumed": "Resumed.",
    "removed": "Removed from your reading list.",
    "more": "More of that from the next mail on.",
    "less": "Less of that from the next mail on.",
    "forgotten": "Forgotten: what you rate decides again.",
    "given": "Taken. It is read now; look again in a minute.",
    "taken-back": "Forgotten: your library, its key, and what followed from it.",
    "asked": "Asked: a mail is on its way to both addresses. Say yes in each.",
}
"""What the page says after an action; only the word stands in its address."""

# Old names of a zone, and areas that nobody lives by, are left out; what is kept already is shown.
_REGIONS: Final = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/"),
    *("Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields show: what is kept, or what was sent where it cannot be kept.

    Attributes
    ----------
    weekdays : frozenset of str
        Digits, Monday is ``0``.
    """

    hour: str
    weekdays: frozenset[str]
    timezone: str
    papers: str
    interests: str
    followed: str
    blocked: str


def open_preferences(request: Request) -> Response:
    """Show when how much comes, the reading list, and what was learned."""
    return _page(request, done=DONE.get(request.query_params.get("done", "")))


def act(request: Request, form: FormData) -> Response:
    """Do what the pressed button stands for."""
    action = ACTIONS.get(text(form, "action"))
    if action is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"An action is one of {', '.join(ACTIONS)}.")
    try:
        return action(request, form)
    except PreferenceError as error:
        return _refused(request, error.message)


def _change(request: Request, form: FormData) -> Response:
    choices = Choices(
        hour=text(form, "hour"),
        weekdays=frozenset(str(day).strip() for day in form.getlist("weekdays")),
        timezone=text(form, "timezone"),
        papers=text(form, "papers"),
        interests=text(form, "interests", default=""),
        followed=text(form, "followed", default=""),
        blocked=text(form, "blocked", default=""),
    )
    services = services_of(request)
    try:
        with services.change() as session:
            subscriber = jobs.linked_subscriber(services, session, token_of(request))
            wanted = parse_preferences(
                hour=choices.hour,
                # An empty word means "as it was" there; here it means that no day is ticked.
                weekdays=" ".join(sorted(choices.weekdays)) or "none",
                timezone=choices.timezone,
                papers=choices.papers,
                current=subscriber.preferences,
            )
            jobs.change_preferences(
                services,
                session,
                subscriber,
                wanted,
                interests=choices.interests,
                followed=choices.followed if "followed" in form else None,
                blocked=choices.blocked if "blocked" in form else None,
            )
    except PreferenceError as error:
        return _refused(request, error.message, choices)
    return back_to(request, "me", query="done=changed")


def _pause(request: Request, form: FormData) -> Response:
    services, days = services_of(request), integer(form, "days")
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        jobs.pause(services, session, subscriber, days)
    return back_to(request, "me", query="done=paused")


def _resume(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        jobs.resume(services, session, subscriber)
    return back_to(request, "me", query="done=resumed")


def _remove(request: Request, form: FormData) -> Response:
    services, paper_id = services_of(request), integer(form, "paper")
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        jobs.remove_from_reading_list(session, subscriber.id, paper_id, now=services.clock())
    return back_to(request, "me", query="done=removed")


def _more(request: Request, form: FormData) -> Response:
    return _rate_words(request, form, 1, done="more")


def _less(request: Request, form: FormData) -> Response:
    return _rate_words(request, form, -1, done="less")


def _rate_words(request: Request, form: FormData, value: int, *, done: str) -> Response:
    services, words = services_of(request), text(form, "words")
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        rate_words(session, subscriber.id, words, value, now=services.clock())
    return back_to(request, "me", "learned", query=f"done={done}")


def _forget(request: Request, form: FormData) -> Response:
    services, words = services_of(request), text(form, "words")
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        forget_words(session, subscriber.id, words, now=services.clock())
    return back_to(request, "me", "learned", query="done=forgotten")


def _address(request: Request, form: FormData) -> Response:
    services, new_email = services_of(request), text(form, "new_email")
    try:
        with services.change() as session:
            subscriber = jobs.linked_subscriber(services, session, token_of(request))
            pending_changes.ask_for_address(services, session, subscriber, new_email)
    except AddressError as error:
        return _refused(request, str(error))
    return back_to(request, "me", "address", query="done=asked")


def _give_library(request: Request, form: FormData) -> Response:
    services = services_of(request)
    place, key = text(form, "library", default=""), text(form, "key", default="")
    try:
        with services.change() as session:
            subscriber = jobs.linked_subscriber(services, session, token_of(request))
            libraries.give(services, session, subscriber, place, key)
    except LibraryError as error:
        return _refused(request, str(error), library_given=shown_again(place))
    return back_to(request, "me", "library", query="done=given")


def _remove_library(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        libraries.remove(session, subscriber.id)
    return back_to(request, "me", "library", query="done=taken-back")


def _end_links(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        new_links.end_links(services, session, subscriber)
    # This page's own link is one of them: who reads the mails gets another, and nobody else.
    return respond(
        request,
        "message",
        heading="All old links are ended",
        sentences=(
            f"A mail with new ones is on its way to {subscriber.email}.",
            "The links in older mails open nothing any more; those in the next ones work.",
        ),
        onward="Go to today’s papers",
    )


def _export(request: Request, _form: FormData) -> Response:
    return JSONResponse(
        jobs.export(services_of(request), token_of(request)),
        headers={"Content-Disposition": 'attachment; filename="trending-papers.json"'},
    )


def _erase(request: Request, form: FormData) -> Response:
    if text(form, "sure", default="") != "yes":
        return _refused(request, "nothing was erased; tick “Yes, erase all of it” first")
    jobs.erase(services_of(request), token_of(request))
    # There is no page left to go back to, so this answer is the page.
    return respond(
        request,
        "message",
        heading="Everything is erased",
        sentences=("Your address, your ratings and your reading list are gone.",),
        onward="Go to today’s papers",
    )


ACTIONS: Final[dict[str, Callable[[Request, FormData], Response]]] = {
    "change": _change,
    "pause": _pause,
    "resume": _resume,
    "remove": _remove,
    "more": _more,
    "less": _less,
    "forget": _forget,
    "library": _give_library,
    "remove-library": _remove_library,
    "address": _address,
    "end-links": _end_links,
    "export": _export,
    "erase": _erase,
}


def _refused(
    request: Request,
    problem: str,
    choices: Choices | None = None,
    library_given: str | None = None,
) -> Response:
    return _page(
        request,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        problem=problem,
        choices=choices,
        library_given=library_given,
    )


def _page(
    request: Request,
    *,
    status: int = HTTPStatus.OK,
    done: str | None = None,
    problem: str | None = None,
    choices: Choices | None = None,
    library_given: str | None = None,
) -> Response:
    page = jobs.open_preferences(services_of(request), token_of(request))
    kept = page.preferences
    choices = choices or Choices(
        hour=str(kept.hour),
        weekdays=frozenset(map(str, kept.weekdays)),
        timezone=kept.timezone,
        papers=str(kept.papers),
        interests=page.interests,
        followed=page.followed,
        blocked=page.blocked,
    )
    next_mail = page.next_issue_at and page.next_issue_at.astimezone(ZoneInfo(kept.timezone))
    return respond(
        request,
        "preferences",
        status=status,
        page=page,
        token=token_of(request),
        next_mail=next_mail,
        choices=choices,
        done=done,
        problem=problem,
        weekday_names=WEEKDAY_NAMES,
        timezones=sorted(timezone_names() | {kept.timezone}),
        pauses=PAUSES,
        library_given=library_given,
        library_offered=services_of(request).libraries.is_offered,
        library_synced=page.library
        and page.library.last_synced_at
        and page.library.last_synced_at.astimezone(ZoneInfo(kept.timezone)),
        library_most=libraries.MOST_ITEMS,
        interests_limit=INTERESTS_MAX_CHARACTERS,
        wishes_limit=WISHES_MAX,
        # Each in a line of its own, which a browser ends with two characters.
        wishes_characters=WISHES_MAX * (WISH_MAX_CHARACTERS + 2),
    )


@cache
def timezone_names() -> frozenset[str]:
    """Return the zones that people know by a city, and UTC."""
    return frozenset(name for name in available_timezones() if name.startswith(_REGIONS)) | {"UTC"}
