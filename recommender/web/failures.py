"""Room 6, what they click: what a person reads when something cannot be done."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.errors import (
    NotFoundError,
    RecommenderError,
    TokenEndedError,
    TokenError,
    TokenExpiredError,
)
from recommender.languages.messages import Message
from recommender.web.forms import token_of
from recommender.web.responses import add_default_headers, respond
from recommender.wording import counted

logger = logging.getLogger(__name__)

TOLD_EVERY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What is told, and where to go from there."""

    status: int
    heading: str
    sentences: tuple[str, ...]
    onward: str = Message("Go to today’s papers")


EXPIRED: Final = Failure(
    HTTPStatus.GONE,
    Message("This link has expired"),
    (
        Message(
            "Links in our mails work for a while only. The same link in the newest mail works."
        ),
        Message("Is there no newer mail? Then subscribe again with your address."),
    ),
    onward=Message("Subscribe again"),
)
BAD_LINK: Final = Failure(
    HTTPStatus.NOT_FOUND,
    Message("This link does not work"),
    (
        Message(
            "Perhaps a mail program cut it in two. Open it from the mail again, or copy all of it."
        ),
        Message("If that does not help, use the newest mail, or subscribe again."),
    ),
    onward=Message("Subscribe"),
)
NOT_HERE: Final = Failure(
    HTTPStatus.NOT_FOUND,
    Message("There is nothing here"),
    (Message("The page does not exist, or not any more."),),
)
NOT_NOW: Final = Failure(
    HTTPStatus.SERVICE_UNAVAILABLE,
    Message("That did not work"),
    (Message("The fault is ours, and it is recorded. Please try again in a minute."),),
)
BROKEN: Final = Failure(HTTPStatus.INTERNAL_SERVER_ERROR, NOT_NOW.heading, NOT_NOW.sentences)

NOT_THAT_WAY: Final = Failure(
    HTTPStatus.METHOD_NOT_ALLOWED,
    Message("That does not work here"),
    (Message("This page cannot be used that way."),),
)
_BY_STATUS: Final = {failure.status: failure for failure in (NOT_HERE, NOT_THAT_WAY)}
_BY_KIND: Final[tuple[tuple[type[Exception], Failure], ...]] = (
    (TokenExpiredError, EXPIRED),
    (TokenError, BAD_LINK),
    (NotFoundError, NOT_HERE),
    (RecommenderError, NOT_NOW),
    (Exception, BROKEN),
)


def failure_of(error: Exception) -> Failure:
    """Return what a person is told of an error. Says nothing of the inside."""
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(
            error.status_code,
            Failure(error.status_code, Message("Please look again"), (error.detail,)),
        )
    return next(failure for kind, failure in _BY_KIND if isinstance(error, kind))


@dataclass(slots=True)
class FailureLog:
    """Logs what is our own fault, each a line a minute: a database that is away fails all requests.

    Belongs to the event loop's thread.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    """

    clock: Callable[[], float] = time.monotonic
    _told_at: dict[str, float] = field(init=False, default_factory=dict)
    _unsaid: dict[str, int] = field(init=False, default_factory=dict)

    def note(self, request: str, error: Exception) -> None:
        """Log an error, or count it where the same was logged within a minute."""
        words, now = str(error), self.clock()
        if now - self._told_at.get(words, -math.inf) < TOLD_EVERY_SECONDS:
            self._unsaid[words] = self._unsaid.get(words, 0) + 1
            return
        for each in [each for each, at in self._told_at.items() if now - at >= TOLD_EVERY_SECONDS]:
            del self._told_at[each]
            if unsaid := self._unsaid.pop(each, 0):
                logger.error("%s more: %s", counted(unsaid, "request"), each)
        self._told_at[words] = now
        logger.error("%s: %s", request, words)


async def answer_failure(request: Request, error: Exception) -> Response:
    """Answer any error with a page, and log what is our own fault."""
    if isinstance(error, TokenEndedError):
        # The offer holds the link out again, so that its reader need not be named.
        return respond(
            request,
            "ended",
            status=HTTPStatus.GONE,
            purpose=error.purpose,
            token=token_of(request),
        )
    failure = failure_of(error)
    if failure is NOT_NOW:
        log: FailureLog = request.app.state.failure_log
        log.note(f"{request.method} {_route_of(request)}", error)
    response = respond(
        request,
        "message",
        status=failure.status,
        heading=failure.heading,
        sentences=failure.sentences,
        onward=failure.onward,
    )
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    # An unforeseen error is answered outside of all middleware.
    add_default_headers(response.headers)
    return response


def _route_of(request: Request) -> str:
    """Return the first part of the path: the rest may be a token, which no log may hold."""
    path: str = request.scope["path"]
    return "/" + path.split("/")[1]
