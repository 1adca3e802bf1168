"""Room 6, what they click: a subscriber's page of what they mean to read; touches `jobs` only."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.people import reading_list as jobs
from recommender.jobs.people.last_change import Kind, undoable
from recommender.jobs.people.preferences import linked_subscriber
from recommender.web.forms import integer, services_of, token_of
from recommender.web.me.frame import Action, Problem, back_to, show_page


def open_list(request: Request) -> Response:
    """Show the papers that they saved."""
    return show(request)


def show(request: Request, problem: Problem | None = None) -> Response:
    """Show the page, perhaps with a problem."""
    page = jobs.open_list(services_of(request), token_of(request))
    return show_page(request, "list", page.subscriber, problem=problem, page=page)


def _remove(request: Request, form: FormData) -> Response:
    services, paper_id = services_of(request), integer(form, "paper")
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        now = services.clock()
        with undoable(session, subscriber.id, Kind.PAPER, str(paper_id), now=now) as change:
            jobs.remove(session, subscriber.id, paper_id, now=now)
    return back_to(request, "list", "removed", change)


ACTIONS: Final[dict[str, Action]] = {"remove": _remove}
