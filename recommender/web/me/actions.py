"""Room 6, what they click: what the buttons of a subscriber's own pages do.

Each page takes every action, and so does ``/me/{token}``, where all of them once were: tabs stay
open for weeks, and programs rely on that address.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.errors import PreferenceError
from recommender.languages.messages import Message
from recommender.web.forms import text
from recommender.web.me import choices, delivery, interests, ratings, reading_list, undoing
from recommender.web.me.frame import Action, Problem, Show


def _of(actions: Mapping[str, Action], show: Show) -> dict[str, tuple[Action, Show]]:
    return {name: (action, show) for name, action in actions.items()}


ACTIONS: Final = {
    **_of(choices.ACTIONS, choices.show),
    **_of(delivery.ACTIONS, delivery.show),
    **_of(interests.ACTIONS, interests.show),
    **_of(ratings.ACTIONS, ratings.show),
    **_of(reading_list.ACTIONS, reading_list.show),
    **_of(undoing.ACTIONS, undoing.show),
}
"""Each action, and what shows its page where it cannot be done."""


def act(request: Request, form: FormData) -> Response:
    """Do what the pressed button stands for."""
    name = text(form, "action")
    if name not in ACTIONS:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST,
            Message("An action is one of %(actions)s.", actions=", ".join(ACTIONS)),
        )
    action, show = ACTIONS[name]
    try:
        return action(request, form)
    except PreferenceError as error:
        return show(request, Problem(error.field, error.message, form))
