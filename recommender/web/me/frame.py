"""Room 6, what they click: what a subscriber's own pages share; touches `jobs` only.

Each action sends the browser back to the page and the card that it changed, and the word ``done``
in the address says which sentence stands there. An action that cannot be done shows that page
again, with what was typed and the problem at its field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommender.domain import Subscriber
from recommender.jobs.people.last_change import Undoable
from recommender.web.forms import token_of
from recommender.web.me.searching import number_in
from recommender.web.responses import respond, root_of, tongue_of

ANSWER: Final = "answer"
"""The fragment of the sentence that says what was done, where the browser goes."""

_OF_A_LIST: Final = ("q", "sort", "show", "tag", "page")

Action = Callable[[Request, FormData], Response]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not done.

    Attributes
    ----------
    field : str
        The field, or the card, at which it stands.
    message : str
        In a reader's words, without a full stop; templates have words of their own for fields
        that a browser checks as well.
    typed : FormData
        What was sent, to be shown again.
    """

    field: str
    message: str
    typed: FormData


Show = Callable[[Request, Problem], Response]


def show_page(
    request: Request,
    name: str,
    subscriber: Subscriber,
    *,
    problem: Problem | None = None,
    **context: Any,
) -> Response:
    """Answer with one of the pages of a subscriber, or with it and a problem."""
    due = subscriber.next_issue_at
    zone = ZoneInfo(subscriber.preferences.timezone)
    return respond(
        request,
        f"me/{name}",
        tongue=tongue_of(request, subscriber.language),
        status=HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        here=name,
        subscriber=subscriber,
        next_mail=due and due.astimezone(zone),
        me=f"{root_of(request)}me/{token_of(request)}",
        done=request.query_params.get("done", ""),
        change=change_in(request),
        problem=problem,
        **context,
    )


def change_in(request: Request) -> int:
    """Return which change the button is to undo that stands beside what was done; 0: there is none.

    Whether that can still be undone is seen when the button is pressed.
    """
    return number_in(request.query_params, "change")


def back_to(
    request: Request, page: str, done: str, change: Undoable | None = None, *, paper: int = 0
) -> Response:
    """Send the browser to a page of this token, to the sentence that says what was done.

    Parameters
    ----------
    page : str
        What stands behind the token in the address.
    done : str
        Which sentence.
    change : Undoable, optional
        What the button beside it undoes.
    paper : int
        At which paper of a list it stands; 0: at none. What of the list was asked for stays so.
    """
    given = request.query_params
    kept = {name: given[name] for name in _OF_A_LIST if given.get(name)} if paper else {}
    query: dict[str, str | int] = {**kept, "done": done}
    if paper:
        query["paper"] = paper
    if change is not None and change.number:
        query["change"] = change.number
    url = f"{root_of(request)}me/{token_of(request)}/{page}?{urlencode(query)}#{ANSWER}"
    return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)
