"""Room 6, what they click: the pages behind the links of a mail; touches `jobs` only.

Each handler that shows a page calls a function of `jobs` that only reads. Each that acts sends the
browser back to that page, so that reloading it repeats nothing.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from recommender.domain import SubscriberState, Vote
from recommender.errors import TokenEndedError
from recommender.jobs.issues import reading
from recommender.jobs.outgoing.links import signed
from recommender.jobs.people import new_links, pending_changes, subscriptions, voting
from recommender.jobs.people.returning import undo_leaving
from recommender.jobs.people.voting import RatedEntry
from recommender.tokens import Purpose
from recommender.web.forms import integer, is_one_click, services_of, text, token_of
from recommender.web.responses import ISSUE_POLICY, respond, root_of

SUBSCRIBED: Final = frozenset({SubscriberState.ACTIVE, SubscriberState.PAUSED})


def open_confirmation(request: Request) -> Response:
    """Ask whether papers shall come, or say that they do."""
    page = subscriptions.open_confirmation(services_of(request), token_of(request))
    return respond(request, "confirm", page=page, subscribed=page.state in SUBSCRIBED)


def confirm(request: Request, _form: FormData) -> Response:
    """Start the subscription."""
    services = services_of(request)
    token = signed(services, token_of(request), Purpose.CONFIRM)
    with services.change() as session:
        subscriptions.confirm(services, session, token.read(session))
    return back_to(request, "confirm")


def open_unsubscribe(request: Request) -> Response:
    """Ask whether they want to leave, or say that they have left."""
    page = subscriptions.open_unsubscribe(services_of(request), token_of(request))
    wanted_back = "back" in request.query_params
    return respond(request, "unsubscribe", page=page, wanted_back=wanted_back)


def unsubscribe(request: Request, form: FormData) -> Response:
    """End the subscription, or take that back where the form asks for it.

    A mail service's one click is answered without a page or a redirect.
    """
    wants_back = "undo" in form and not is_one_click(form)
    services = services_of(request)
    token = signed(services, token_of(request), Purpose.UNSUBSCRIBE)
    with services.change() as session:
        try:
            payload = token.read(session)
        except TokenEndedError as ended:
            if not is_one_click(form):
                raise
            new_links.mail_instead(services, session, ended)
            return PlainTextResponse(f"{ended}\n", HTTPStatus.GONE)
        if wants_back:
            undo_leaving(session, payload.subscriber_id, now=services.clock())
        else:
            subscriptions.unsubscribe(session, payload.subscriber_id, now=services.clock())
    if is_one_click(form):
        return PlainTextResponse("You are unsubscribed.\n")
    return back_to(request, "unsubscribe", query="back=yes" if wants_back else "")


def open_pending(request: Request) -> Response:
    """Ask whether a change shall happen, or say that it has."""
    page = pending_changes.open_pending(services_of(request), token_of(request))
    return respond(request, "pending", page=page)


def say_yes_to_pending(request: Request, _form: FormData) -> Response:
    """Carry out a change, once all have said yes whom it takes."""
    services = services_of(request)
    token = signed(services, token_of(request), Purpose.PENDING)
    with services.change() as session:
        outcome = pending_changes.carry_out_pending(services, session, token.read(session))
    if outcome.is_refused:
        return respond(
            request,
            "message",
            status=HTTPStatus.CONFLICT,
            heading="That was not possible",
            sentences=(outcome.sentence,),
            onward="Go to today’s papers",
        )
    return back_to(request, "pending")


def open_rating(request: Request) -> Response:
    """Show the vote that a link stands for as one button, and the rest of its issue below."""
    page = voting.open_rating(services_of(request), token_of(request))
    subject = next(entry for entry in page.entries if entry.paper_id == page.subject_paper_id)
    offered = None if page.vote in said(subject) | {Vote.WITHDRAW} else page.vote
    return respond(
        request,
        "rate",
        page=page,
        subject=subject,
        offered=offered,
        alternatives=[
            vote
            for vote in (Vote.UP, Vote.DOWN, Vote.SAVE)
            if vote is not offered and vote not in said(subject)
        ],
        others=[entry for entry in page.entries if entry is not subject],
    )


def rate(request: Request, form: FormData) -> Response:
    """Record a vote on the paper of the link, or on the named one of the same issue."""
    try:
        vote = Vote(text(form, "vote"))
    except ValueError as error:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, f"A vote is one of {', '.join(Vote)}."
        ) from error
    paper_id = integer(form, "paper") if "paper" in form else None
    voting.vote_linked(services_of(request), token_of(request), vote, paper_id)
    # A redirect without a fragment would inherit the one of the vote before.
    return back_to(request, "rate", "main" if paper_id is None else f"paper-{paper_id}")


def issue(request: Request) -> Response:
    """Show an issue as it was mailed."""
    html = reading.issue_html(services_of(request), token_of(request))
    return HTMLResponse(html, headers={"Content-Security-Policy": ISSUE_POLICY})


def send_new_links(request: Request, form: FormData) -> Response:
    """Mail new links in place of ended ones; the answer is the same for whatever is held out."""
    new_links.ask_for_new_links(services_of(request), text(form, "token"), text(form, "purpose"))
    return respond(
        request,
        "message",
        heading="Check your inbox",
        sentences=(
            "A mail with a new link is on its way, if the link was one of ours.",
            "Nothing after a few minutes? Look among the spam, and try again in an hour.",
        ),
        onward="Go to today’s papers",
    )


def said(entry: RatedEntry) -> set[Vote]:
    """Return the votes that hold for a paper now."""
    votes = {1: {Vote.UP}, 0: set[Vote](), -1: {Vote.DOWN}}[entry.value]
    return votes | {Vote.SAVE} if entry.saved else votes


def back_to(request: Request, page: str, fragment: str = "", query: str = "") -> Response:
    """Send the browser to the page of this token."""
    url = f"{root_of(request)}{page}/{token_of(request)}"
    url += f"?{query}" if query else ""
    url += f"#{fragment}" if fragment else ""
    return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)
