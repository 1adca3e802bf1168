"""Room 6, what they click: a subscriber's page of when and where mails come; touches `jobs`."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import available_timezones

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from recommender.domain import Subscriber
from recommender.errors import AddressError, PreferenceError, UnfitAddressError
from recommender.jobs.outgoing import links
from recommender.jobs.people import new_links, own_data, own_pages, pending_changes, subscriptions
from recommender.jobs.people import preferences as jobs
from recommender.jobs.people.last_change import Kind, undoable
from recommender.languages.catalogue import language
from recommender.languages.messages import Message
from recommender.languages.negotiation import LANGUAGES
from recommender.membership.preferences import PAPERS_MAX
from recommender.web.forms import integer, services_of, text, token_of
from recommender.web.me.frame import Action, Problem, back_to, show_page
from recommender.web.responses import respond, root_of, tongue_of

FIELDS: Final = ("hour", "weekdays", "timezone", "papers", "language")

# Old names of a zone, and areas that nobody lives by, are left out; what is kept already is shown.
_REGIONS: Final = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/"),
    *("Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"),
)


def open_delivery(request: Request) -> Response:
    """Show when how much comes, where to, and how to leave."""
    return show(request)


def show(request: Request, problem: Problem | None = None) -> Response:
    """Show the page, perhaps with a problem at the field that it is about."""
    page = own_pages.open_delivery(services_of(request), token_of(request))
    kept = page.subscriber.preferences
    return show_page(
        request,
        "delivery",
        page.subscriber,
        problem=problem,
        page=page,
        fields=_fields(page.subscriber, problem),
        languages=[(tag, language(tag).name) for tag in LANGUAGES],
        new_email="" if problem is None else text(problem.typed, "new_email", default=""),
        papers_most=PAPERS_MAX,
        timezones=sorted(timezone_names() | {kept.timezone}),
    )


def _pause(request: Request, form: FormData) -> Response:
    services, days = services_of(request), integer(form, "days")
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        with undoable(session, subscriber.id, Kind.PAUSE, now=services.clock()) as change:
            jobs.pause(services, session, subscriber, days)
    return back_to(request, "delivery", "paused", change)


def _resume(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        with undoable(session, subscriber.id, Kind.PAUSE, now=services.clock()) as change:
            jobs.resume(services, session, subscriber)
    return back_to(request, "delivery", "resumed", change)


def _address(request: Request, form: FormData) -> Response:
    services, new_email = services_of(request), text(form, "new_email")
    try:
        with services.change() as session:
            subscriber = jobs.linked_subscriber(services, session, token_of(request))
            pending_changes.ask_for_address(services, session, subscriber, new_email)
    except UnfitAddressError as error:
        return show(request, Problem("address", error.words, form))
    except AddressError:
        return show(request, Problem("new_email", "", form))
    return back_to(request, "delivery", "asked")


def _leave(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        subscriptions.unsubscribe(session, subscriber.id, now=services.clock())
    # Leaving ends the links to this page, but none that unsubscribes.
    url = links.unsubscribe_url(services, subscriber, since=services.clock())
    page = f"{root_of(request)}unsubscribe/{url.rpartition('/')[2]}"
    return RedirectResponse(page, status_code=HTTPStatus.SEE_OTHER)


def _end_links(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        new_links.end_links(services, session, subscriber)
    # This page's own link is one of them: who reads the mails gets another, and nobody else.
    return respond(
        request,
        "message",
        tongue=tongue_of(request, subscriber.language),
        heading=Message("All old links are ended"),
        sentences=(
            Message("A mail with new ones is on its way to %(email)s.", email=subscriber.email),
            Message("The links in older mails open nothing any more; those in the next ones work."),
        ),
        onward=Message("Go to today’s papers"),
    )


def _export(request: Request, _form: FormData) -> Response:
    return JSONResponse(
        own_data.export(services_of(request), token_of(request)),
        headers={"Content-Disposition": 'attachment; filename="trending-papers.json"'},
    )


def _erase(request: Request, form: FormData) -> Response:
    if text(form, "sure", default="") != "yes":
        raise PreferenceError("sure", Message("nothing was erased"))
    own_data.erase(services_of(request), token_of(request))
    # There is no page left to go back to, so this answer is the page.
    return respond(
        request,
        "message",
        heading=Message("Everything is erased"),
        sentences=(Message("Your address, your ratings and your reading list are gone."),),
        onward=Message("Go to today’s papers"),
    )


ACTIONS: Final[dict[str, Action]] = {
    "pause": _pause,
    "resume": _resume,
    "address": _address,
    "leave": _leave,
    "end-links": _end_links,
    "export": _export,
    "erase": _erase,
}


@cache
def timezone_names() -> frozenset[str]:
    """Return the zones that people know by a city, and UTC."""
    return frozenset(name for name in available_timezones() if name.startswith(_REGIONS)) | {"UTC"}


def _fields(subscriber: Subscriber, problem: Problem | None) -> dict[str, Any]:
    """Return what the fields show: what is kept, or what was sent where it cannot be kept."""
    typed = FormData() if problem is None else problem.typed
    kept = subscriber.preferences
    if not set(FIELDS) & set(typed):
        return {
            "language": subscriber.language or "",
            "hour": str(kept.hour),
            "weekdays": {str(day) for day in kept.weekdays},
            "timezone": kept.timezone,
            "papers": str(kept.papers),
        }
    return {
        "weekdays": {str(day).strip() for day in typed.getlist("weekdays")},
        **{name: text(typed, name, default="") for name in FIELDS if name != "weekdays"},
    }
