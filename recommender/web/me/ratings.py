"""Room 6, what they click: a subscriber's page of all that they said; touches `jobs` only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.domain import Vote
from recommender.jobs.people import corrections as jobs
from recommender.jobs.people.last_change import Kind, undoable
from recommender.jobs.people.preferences import linked_subscriber
from recommender.languages.messages import Message
from recommender.web.forms import integer, services_of, text, token_of
from recommender.web.me.frame import Action, Problem, back_to, change_in, show_page
from recommender.web.me.searching import number_in, query_of


def open_ratings(request: Request) -> Response:
    """Show all that they said of papers."""
    return show(request)


def show(request: Request, problem: Problem | None = None) -> Response:
    """Show the page, perhaps with a problem."""
    query = query_of(request)
    page = jobs.open_ratings(
        services_of(request), token_of(request), query, change=change_in(request)
    )
    return show_page(
        request,
        "ratings",
        page.subscriber,
        problem=problem,
        page=page,
        query=query,
        about=number_in(request.query_params, "paper"),
    )


def _rate(request: Request, form: FormData) -> Response:
    services, paper_id = services_of(request), integer(form, "paper")
    try:
        vote = Vote(text(form, "vote"))
    except ValueError as error:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, Message("A vote is one of %(votes)s.", votes=", ".join(Vote))
        ) from error
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        now = services.clock()
        with undoable(session, subscriber.id, Kind.PAPER, str(paper_id), now=now) as change:
            jobs.correct(session, subscriber.id, paper_id, vote, now=now)
    return back_to(request, "ratings", vote, change, paper=paper_id)


ACTIONS: Final[dict[str, Action]] = {"rate": _rate}
