"""Room 6, what they click: the operator's page; touches `jobs` and the plots.

What was read is shown for up to `KEPT_FOR`, so that the plots show the numbers of their page, and
reading costs little however often somebody looks; each operation has it read anew.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommender.domain import DeliveryState
from recommender.errors import (
    AddressError,
    NotFoundError,
    RecommenderError,
    SourceError,
    TokenError,
)
from recommender.jobs import operating
from recommender.jobs.issues import newsletters
from recommender.jobs.operating import Operation
from recommender.jobs.services import Services
from recommender.jobs.status import Status, read_status
from recommender.languages.catalogue import language
from recommender.languages.negotiation import ENGLISH
from recommender.plotting import (
    BAD,
    DOUBTFUL,
    GOOD,
    bars_against_a_limit,
    line_with_intervals,
    stacked_bars,
)
from recommender.web.clients import client_network
from recommender.web.forms import services_of, text
from recommender.web.operator_access import WrongTokens, is_at_this_machine
from recommender.web.responses import INLINE_STYLE_POLICY, respond, root_of

KEPT_FOR: Final = timedelta(seconds=30)
COOKIE: Final = "operator"
SIGN_IN, SIGN_OUT, PREVIEW = "sign-in", "sign-out", "preview"
ASKED: Final = "asked"
"""What is answered to who adds somebody who left; they are asked by mail."""

_LABEL_CHARACTERS: Final = 22

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class StatusDesk:
    """What the application keeps for the operator's page, in memory only."""

    wrong_tokens: WrongTokens = field(default_factory=WrongTokens)
    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: Status | None = None

    def read(self, services: Services) -> Status:
        """Return the status, as it is now or was a moment ago."""
        # One reads, the others wait for it: each plot of a page asks at the same time.
        with self.lock:
            kept = self.kept
            if kept is None or not timedelta() <= services.clock() - kept.at < KEPT_FOR:
                kept = self.kept = read_status(services)
            return kept

    def forget(self) -> None:
        """Have it read anew."""
        with self.lock:
            self.kept = None


def show(request: Request) -> Response:
    """Show how everything stands, or ask for the token."""
    if (refusal := _refusal(request)) is not None:
        return refusal
    return _page(request, done=request.query_params.get("done", ""))


def plot(request: Request) -> Response:
    """Answer with one of the plots of the page."""
    if _refusal(request) is not None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    draw = PLOTS.get(request.path_params["name"])
    if draw is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    drawn = draw(desk_of(request).read(services_of(request)))
    answer = Response(drawn, media_type="image/svg+xml")
    answer.headers["Content-Security-Policy"] = INLINE_STYLE_POLICY
    return answer


def act(request: Request, form: FormData) -> Response:
    """Sign in or out, show an issue, or an operation: first what it will do, then do it."""
    action = text(form, "action")
    if action == SIGN_IN:
        return _sign_in(request, text(form, "token"))
    if (refusal := _refusal(request)) is not None:
        return refusal
    if action == SIGN_OUT:
        return _sign_out(request)
    try:
        if action == PREVIEW:
            return _preview(request, form)
        return _operate(request, form, _operation(action))
    except (AddressError, NotFoundError, SourceError, TokenError) as error:
        return _page(request, problem=str(error), problem_of=action, typed=form)


def _operation(action: str) -> Operation:
    try:
        return Operation(action)
    except ValueError as error:
        actions = ", ".join([*Operation, PREVIEW, SIGN_OUT])
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"An action is one of {actions}.") from error


def _operate(request: Request, form: FormData, operation: Operation) -> Response:
    services = services_of(request)
    values = {name: text(form, name) for name in operating.names_of_values(operation)}
    if "confirmation" not in form:
        foreseen = operating.foresee(services, operation, values)
        return respond(request, "status-confirm", tongue=ENGLISH, foreseen=foreseen)
    is_asked = operating.carry_out(services, operation, values, text(form, "confirmation"))
    desk_of(request).forget()
    return _back(request, done=ASKED if is_asked else operation)


def _preview(request: Request, form: FormData) -> Response:
    try:
        mail = newsletters.preview(services_of(request), text(form, "email"))
    except (AddressError, NotFoundError):
        raise
    except RecommenderError as error:
        return _page(request, problem=str(error), problem_of=PREVIEW, typed=form)
    answer = respond(request, "status-preview", tongue=ENGLISH, mail=mail)
    # A mail carries its style in attributes, and a frame of text inherits the policy of its page.
    answer.headers["Content-Security-Policy"] = INLINE_STYLE_POLICY
    return answer


def _sign_in(request: Request, token: str) -> Response:
    services, desk = services_of(request), desk_of(request)
    if services.status_token is None:
        return _refusal(request) or _back(request)
    network, now = client_network(request), services.clock()
    if seconds := desk.wrong_tokens.seconds_to_wait(network, now):
        answer = _ask(request, "too-many", HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    held = operating.sign_in(services, token)
    if held is None:
        desk.wrong_tokens.note(network, now)
        _logger.warning("a wrong token was typed on the operator's page, from %s", network)
        return _ask(request, "wrong", HTTPStatus.FORBIDDEN)
    answer = _back(request)
    answer.set_cookie(
        COOKIE,
        held,
        max_age=int(operating.SIGNED_IN_FOR.total_seconds()),
        path=_cookie_path(services),
        secure=services.site.base_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    _logger.info("the operator signed in, from %s", network)
    return answer


def _sign_out(request: Request) -> Response:
    answer = _back(request)
    answer.delete_cookie(COOKIE, path=_cookie_path(services_of(request)))
    return answer


def is_operator(request: Request) -> bool:
    """Whether somebody signed in with the token, or is at this machine where there is none."""
    services = services_of(request)
    if services.status_token is not None:
        return operating.is_signed_in(services, request.cookies.get(COOKIE, ""))
    return is_at_this_machine(
        "" if request.client is None else request.client.host,
        request.headers.get("Host", ""),
        request.headers.keys(),
        base_url=services.site.base_url,
    )


def _refusal(request: Request) -> Response | None:
    """Return what is answered to whoever may not see the page; None to who may."""
    if is_operator(request):
        return None
    if services_of(request).status_token is not None:
        return _ask(request)
    return _ask(request, "closed", HTTPStatus.FORBIDDEN)


def _ask(request: Request, why: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    return respond(request, "status-sign-in", tongue=ENGLISH, status=status, why=why)


def _page(
    request: Request,
    *,
    done: str = "",
    problem: str = "",
    problem_of: str = "",
    typed: FormData | None = None,
) -> Response:
    return respond(
        request,
        "status",
        tongue=ENGLISH,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        page=desk_of(request).read(services_of(request)),
        is_signed_in=services_of(request).status_token is not None,
        done=done,
        problem=problem,
        problem_of=problem_of,
        typed=typed or FormData(),
    )


def _back(request: Request, *, done: str = "") -> Response:
    url = f"{root_of(request)}status" + (f"?done={done}#actions" if done else "")
    return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)


def _cookie_path(services: Services) -> str:
    return f"{urlsplit(services.site.base_url).path}/status"


def desk_of(request: Request) -> StatusDesk:
    """Return what is kept for the operator's page."""
    desk: StatusDesk = request.app.state.status_desk
    return desk


def _deliveries_plot(page: Status) -> str:
    names = {
        DeliveryState.SENT: "sent",
        DeliveryState.DEFERRED: "put off",
        DeliveryState.FAILED: "refused",
    }
    return stacked_bars(
        _labels(page),
        {name: [day.outcomes.get(state, 0) for day in page.days] for state, name in names.items()},
        [GOOD, DOUBTFUL, BAD],
    )


def _ratings_plot(page: Status) -> str:
    values = [day.ratings / day.issues if day.issues else 0.0 for day in page.days]
    return stacked_bars(_labels(page), {"ratings an issue": values}, [GOOD])


def _quality_plot(page: Status) -> str:
    return line_with_intervals(
        [language(ENGLISH).short_date(night.measured_on) for night in page.qualities],
        [(night.ndcg, night.low, night.high) for night in page.qualities],
    )


def _limits_plot(page: Status) -> str:
    shares = [
        (_cut(each.rates.domain), 100 * each.share_of_limit)
        for each in page.domains
        if each.share_of_limit is not None
    ]
    return bars_against_a_limit(shares, limit=100)


def _labels(page: Status) -> list[str]:
    return [language(ENGLISH).short_date(day.day) for day in page.days]


def _cut(domain: str) -> str:
    return domain if len(domain) <= _LABEL_CHARACTERS else f"…{domain[-_LABEL_CHARACTERS:]}"


PLOTS: Final = {
    "deliveries": _deliveries_plot,
    "ratings": _ratings_plot,
    "quality": _quality_plot,
    "limits": _limits_plot,
}
