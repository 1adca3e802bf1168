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
from recommender.jobs.people.voting import Choice, RatedEntry
from recommender.languages.messages import Message
from recommender.membership.preferences import PAPERS_MAX
from recommender.tokens import Purpose
from recommender.web.forms import MOST_DIGITS, integer, is_one_click, services_of, text, token_of
from recommender.web.responses import INLINE_STYLE_POLICY, respond, root_of, tongue_of

VALUES: Final = {"up": 1, "none": 0, "down": -1}
"""What a form calls a like, nothing said, and a dislike."""

FIELDS_LIMIT: Final = 4 * PAPERS_MAX
"""Of a form that rates an issue: three fields for each of its papers, and some others."""

SUBSCRIBED: Final = frozenset({SubscriberState.ACTIVE, SubscriberState.PAUSED})


def open_confirmation(request: Request) -> Response:
    """Ask whether papers shall come, or say that they do."""
    page = subscriptions.open_confirmation(services_of(request), token_of(request))
    return respond(
        request,
        "confirm",
        tongue=tongue_of(request, page.language),
        page=page,
        token=token_of(request),
        subscribed=page.state in SUBSCRIBED,
    )


def confirm(request: Request, _form: FormData) -> Response:
    """Start the subscription."""
    services = services_of(request)
    token = signed(services, token_of(request), Purpose.CONFIRM)
    with services.change() as session:
        subscriptions.confirm(services, session, token.read(session))
    return back_to(request, "confirm")


def open_first_papers(request: Request) -> Response:
    """Lead whoever has just confirmed to the papers of their first issue."""
    url = subscriptions.first_papers_url(services_of(request), token_of(request))
    if url is not None:
        return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)
    return respond(request, "first-papers")


def open_unsubscribe(request: Request) -> Response:
    """Ask whether they want to leave, or say that they have left."""
    page = subscriptions.open_unsubscribe(services_of(request), token_of(request))
    wanted_back = "back" in request.query_params
    return respond(
        request,
        "unsubscribe",
        # Who was erased has none.
        tongue=None if page.email is None else tongue_of(request, page.language),
        page=page,
        wanted_back=wanted_back,
    )


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
    return respond(request, "pending", tongue=tongue_of(request, page.language), page=page)


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
            heading=Message("That was not possible"),
            sentences=(outcome.sentence,),
            onward=Message("Go to today’s papers"),
        )
    return back_to(request, "pending")


def open_rating(request: Request) -> Response:
    """Show the vote that a link stands for as one button, and all papers of its issue below."""
    page = voting.open_rating(services_of(request), token_of(request))
    subject = next(entry for entry in page.entries if entry.paper_id == page.subject_paper_id)
    return respond(
        request,
        "rate",
        scripts=True,
        tongue=tongue_of(request, page.language),
        page=page,
        subject=subject,
        is_said=page.vote in said(subject),
        # What the link stands for is chosen in the form, unless something else was said since.
        preselected=None if said(subject) else page.vote,
        leaning=voting.leaning(page.entries),
    )


def rate(request: Request, form: FormData) -> Response:
    """Record what the form says of the papers of an issue, and the vote of a pressed button."""
    pressed = _pressed(form)
    choices = _choices(form)
    if pressed is None and not choices:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, Message("A vote is one of %(votes)s.", votes=", ".join(Vote))
        )
    paper_id = integer(form, "paper") if "paper" in form else None
    services, token = services_of(request), token_of(request)
    voting.rate_linked(services, token, choices, pressed=pressed, paper_id=paper_id)
    if "fragment" in form:
        page = voting.open_rating(services, token)
        return respond(
            request,
            "leaning",
            tongue=tongue_of(request, page.language),
            leaning=voting.leaning(page.entries),
        )
    # A redirect without a fragment would inherit the one of the vote before.
    return back_to(request, "rate", "main" if paper_id is None else f"paper-{paper_id}")


def _pressed(form: FormData) -> Vote | None:
    if "vote" not in form:
        return None
    try:
        return Vote(text(form, "vote"))
    except ValueError as error:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, Message("A vote is one of %(votes)s.", votes=", ".join(Vote))
        ) from error


def _choices(form: FormData) -> dict[int, Choice]:
    """Read what a form says of each paper that it shows; `was-ID` says what it showed."""
    choices = {}
    for name in form:
        field, _, paper = name.partition("-")
        if field != "was":
            continue
        if not paper.isdecimal() or len(paper) > MOST_DIGITS:
            raise HTTPException(
                HTTPStatus.BAD_REQUEST, Message("“%(name)s” names no paper.", name=name)
            )
        was = text(form, name).split()
        value = text(form, f"value-{paper}", default="none")
        if value not in VALUES:
            raise HTTPException(
                HTTPStatus.BAD_REQUEST,
                Message("A choice is one of %(choices)s.", choices=", ".join(VALUES)),
            )
        choices[int(paper)] = Choice(
            value=VALUES[value],
            saved=text(form, f"saved-{paper}", default="") == "1",
            was_value=next((VALUES[each] for each in was if each in VALUES), 0),
            was_saved="save" in was,
        )
    return choices


def issue(request: Request) -> Response:
    """Show an issue as it was mailed."""
    html = reading.issue_html(services_of(request), token_of(request))
    return HTMLResponse(html, headers={"Content-Security-Policy": INLINE_STYLE_POLICY})


def send_new_links(request: Request, form: FormData) -> Response:
    """Mail new links in place of ended ones; the answer is the same for whatever is held out."""
    new_links.ask_for_new_links(services_of(request), text(form, "token"), text(form, "purpose"))
    return respond(
        request,
        "message",
        heading=Message("Check your inbox"),
        sentences=(
            Message("A mail with a new link is on its way, if the link was one of ours."),
            Message("Nothing after a few minutes? Look among the spam, and try again in an hour."),
        ),
        onward=Message("Go to today’s papers"),
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
