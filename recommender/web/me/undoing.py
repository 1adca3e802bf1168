"""Room 6, what they click: the button that stands beside what was done; touches `jobs` only."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.people import undoing as jobs
from recommender.jobs.people.last_change import Kind
from recommender.jobs.people.preferences import linked_subscriber
from recommender.web.forms import integer, services_of, token_of
from recommender.web.me import delivery, interests, ratings, reading_list
from recommender.web.me.frame import Action, Problem, Show, back_to

_PAGES: Final[dict[str, Show]] = {
    "list": reading_list.show,
    "ratings": ratings.show,
    "interests": interests.show,
    "delivery": delivery.show,
}
_OF_KIND: Final = {
    Kind.PAPER: "list",
    Kind.WORDS: "interests",
    Kind.KNOWN: "interests",
    Kind.LEARNING: "interests",
    Kind.INTERESTS: "interests",
    Kind.PAUSE: "delivery",
    Kind.PREFERENCES: "delivery",
}
"""Where something is undone that was asked for at another address than that of a page."""


def undo(request: Request, form: FormData) -> Response:
    """Undo what was changed last, where it is what the button stands beside."""
    services, number = services_of(request), integer(form, "change")
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        undone = jobs.undo(services, session, subscriber, number)
    kind = Kind(undone.kind)
    paper = int(undone.subject) if kind is Kind.PAPER else 0
    return back_to(request, _here(request) or _OF_KIND[kind], f"undone-{kind}", paper=paper)


def show(request: Request, problem: Problem) -> Response:
    """Show the page whose button came too late."""
    return _PAGES[_here(request) or "delivery"](request, problem)


ACTIONS: Final[dict[str, Action]] = {"undo": undo}


def _here(request: Request) -> str | None:
    page = request.url.path.rpartition("/")[2]
    return page if page in _PAGES else None
