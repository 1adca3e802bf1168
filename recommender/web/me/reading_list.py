"""Room 6, what they click: a subscriber's page of what they mean to read; touches `jobs` only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.people import reading_list as jobs
from recommender.jobs.people.last_change import Kind, undoable
from recommender.jobs.people.preferences import linked_subscriber
from recommender.jobs.people.rated_papers import Order, Shown
from recommender.membership.paper_notes import (
    NOTE_MAX_CHARACTERS,
    TAG_MAX_CHARACTERS,
    TAGS_MAX,
    parse_note,
    parse_tags,
)
from recommender.store.database import Session
from recommender.web.forms import integer, services_of, text, token_of
from recommender.web.me.frame import Action, Problem, back_to, change_in, show_page
from recommender.web.me.searching import number_in, query_of

_Work = Callable[[Session, int, int], None]


def open_list(request: Request) -> Response:
    """Show the papers that they saved."""
    return show(request)


def show(request: Request, problem: Problem | None = None) -> Response:
    """Show the page, perhaps with a problem at the paper that it is about."""
    query = query_of(request)
    about = number_in(request.query_params if problem is None else problem.typed, "paper")
    page = jobs.open_list(
        services_of(request), token_of(request), query, change=change_in(request), answered=about
    )
    return show_page(
        request,
        "list",
        page.subscriber,
        problem=problem,
        page=page,
        query=query,
        about=about,
        orders=list(Order),
        choices=list(Shown),
        note_characters=NOTE_MAX_CHARACTERS,
        # With a comma and a space between them.
        tags_characters=TAGS_MAX * (TAG_MAX_CHARACTERS + 2),
    )


def _remove(request: Request, form: FormData) -> Response:
    now = services_of(request).clock()
    return _changed(
        request,
        form,
        "removed",
        lambda session, whose, paper_id: jobs.remove(session, whose, paper_id, now=now),
    )


def _read(request: Request, form: FormData) -> Response:
    now = services_of(request).clock()
    return _changed(
        request,
        form,
        "read",
        lambda session, whose, paper_id: jobs.mark_read(session, whose, paper_id, now),
    )


def _unread(request: Request, form: FormData) -> Response:
    return _changed(
        request,
        form,
        "unread",
        lambda session, whose, paper_id: jobs.mark_read(session, whose, paper_id, None),
    )


def _note(request: Request, form: FormData) -> Response:
    note, tags = parse_note(text(form, "note")), parse_tags(text(form, "tags"))
    return _changed(
        request,
        form,
        "noted",
        lambda session, whose, paper_id: jobs.write_note(
            session, whose, paper_id, note=note, tags=tags
        ),
    )


def _changed(request: Request, form: FormData, done: str, work: _Work) -> Response:
    services, paper_id = services_of(request), integer(form, "paper")
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        now = services.clock()
        with undoable(session, subscriber.id, Kind.PAPER, str(paper_id), now=now) as change:
            work(session, subscriber.id, paper_id)
    return back_to(request, "list", done, change, paper=paper_id)


ACTIONS: Final[dict[str, Action]] = {
    "remove": _remove,
    "read": _read,
    "unread": _unread,
    "note": _note,
}
