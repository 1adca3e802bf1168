"""Room 6, what they click: what a subscriber chooses by fields: when how much comes, and of what.

Two pages have a part of the fields each; a form of before has all of them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.people import preferences as jobs
from recommender.jobs.people.last_change import Kind, undoable
from recommender.languages.messages import Message
from recommender.membership.preferences import parse_language, parse_preferences
from recommender.web.forms import services_of, text, token_of
from recommender.web.me import delivery, interests
from recommender.web.me.frame import Action, Problem, back_to


def change(request: Request, form: FormData) -> Response:
    """Take what the fields say; what the form has no field for stays as it is."""
    services = services_of(request)
    schedule = set(delivery.FIELDS) & set(form)
    taste = {name: text(form, name) for name in interests.FIELDS if name in form}
    if not schedule and not taste:
        raise HTTPException(HTTPStatus.BAD_REQUEST, Message("The form came without a field."))
    with services.change() as session:
        subscriber = jobs.linked_subscriber(services, session, token_of(request))
        wanted, language = subscriber.preferences, None
        if text(form, "language", default=""):
            language = parse_language(text(form, "language"))
        if schedule - {"language"}:
            wanted = parse_preferences(
                hour=text(form, "hour"),
                # An empty word means "as it was" there; here it means that no day is ticked.
                weekdays=" ".join(map(str, form.getlist("weekdays"))) or "none",
                timezone=text(form, "timezone"),
                papers=text(form, "papers"),
                current=subscriber.preferences,
            )
        with undoable(session, subscriber.id, Kind.PREFERENCES, now=services.clock()) as made:
            jobs.change_preferences(
                services, session, subscriber, wanted, language=language, **taste
            )
    return back_to(request, "delivery" if schedule else "interests", "changed", made)


def show(request: Request, problem: Problem) -> Response:
    """Show the page that has the field of a problem."""
    show_page = delivery.show if problem.field in delivery.FIELDS else interests.show
    return show_page(request, problem)


ACTIONS: Final[dict[str, Action]] = {"change": change}
