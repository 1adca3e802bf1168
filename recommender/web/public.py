"""Room 6, what they click: the pages that anybody may see; touches `jobs` only."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommender.errors import AddressError, TokenError, TokenExpiredError
from recommender.jobs.outgoing import links
from recommender.jobs.pages import days
from recommender.jobs.people import subscriptions
from recommender.languages.messages import Message
from recommender.membership import subscription
from recommender.web.clients import client_network
from recommender.web.forms import services_of, text
from recommender.web.page_cache import STAMP_PLACE
from recommender.web.responses import cached, respond, wanted_language

HONEYPOT: Final = "website"
"""A field that people do not see. Programs that fill every field are told what people are told."""


STAMP: Final = "shown"
"""A field that says, signed, when the form was shown."""

ANSWERED_EARLY: Final = Message("that was very quick: press Subscribe once more, and it is taken")
ANSWERED_LATE: Final = Message(
    "this page lay open for so long that the form is no longer taken; press Subscribe once more"
)


def front(request: Request) -> Response:
    """Today's trending papers under the invitation.

    The page is kept; whoever answers with it puts in when the form was shown.
    """
    return cached(request, _front(request, stamp=STAMP_PLACE))


def subscribe(request: Request, form: FormData) -> Response:
    """Ask for a subscription; the answer is the same whether the address is known or not.

    It is also the same for programs that fill in what people do not see: nothing is stored for
    them. Who is done before anybody can have read the form is asked to press once more. A form
    without a stamp is taken, for a program of its owner may send one; the caps hold for it like for
    any other.
    """
    services = services_of(request)
    email = text(form, "email")
    interests = text(form, "interests", default="")
    stamp = text(form, STAMP, default="")
    if text(form, HONEYPOT, default=""):
        return _check_your_inbox(request, email)
    try:
        if stamp and links.form_age_seconds(services, stamp) < services.requests.form_seconds:
            return _again(request, ANSWERED_EARLY, email, interests)
        network = client_network(request)
        with services.change() as session:
            subscriptions.request_subscription(
                services,
                session,
                email,
                interests,
                network=network,
                language=wanted_language(request),
            )
    except TokenExpiredError:
        return _again(request, ANSWERED_LATE, email, interests)
    except TokenError:
        return _again(request, ANSWERED_EARLY, email, interests)
    except AddressError as error:
        return _again(request, error.words, email, interests, is_of_address=True)
    return _check_your_inbox(request, email)


def to_front(_request: Request) -> Response:
    """Send whoever opens the form's address to the form."""
    return RedirectResponse("./", status_code=HTTPStatus.SEE_OTHER)


def _again(
    request: Request, problem: str, email: str, interests: str, *, is_of_address: bool = False
) -> Response:
    """Show the form once more, with what was written and a sentence on what is wrong with it."""
    return _front(
        request,
        stamp=links.form_stamp(services_of(request)),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        problem=problem,
        is_of_address=is_of_address,
        email=email,
        interests=interests,
    )


def _front(
    request: Request,
    *,
    stamp: str,
    status: int = HTTPStatus.OK,
    problem: str | None = None,
    is_of_address: bool = False,
    email: str = "",
    interests: str = "",
) -> Response:
    return respond(
        request,
        "front",
        status=status,
        front=days.newest_day(services_of(request)),
        site_url=services_of(request).site.base_url,
        stamp=stamp,
        problem=problem,
        is_of_address=is_of_address,
        email=email,
        interests=interests,
        interests_limit=subscriptions.INTERESTS_MAX_CHARACTERS,
    )


def _check_your_inbox(request: Request, email: str) -> Response:
    return respond(
        request,
        "subscribed",
        email=email,
        sender=services_of(request).site.list_address,
        again_after_hours=subscription.MAIL_INTERVAL // timedelta(hours=1),
    )
