"""Room 6, what they click: routes of functions that answer, each in a thread when it has a turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from recommender.web.clients import client_network
from recommender.web.forms import (
    BODY_LIMIT_BYTES,
    FIELDS_LIMIT,
    is_one_click,
    read_form,
    refuse_cross_site,
)
from recommender.web.page_threads import HAS_TURN, PageThreads

SyncHandler = Callable[[Request], Response]
FormHandler = Callable[[Request, FormData], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def page_route(path: str, show: SyncHandler, act: Endpoint | None = None) -> Route:
    """Return the route of a page: GET and HEAD show it, POST acts where there is something to do.

    Handlers are plain functions and run in a thread, where the database may be waited for.
    """

    async def endpoint(request: Request) -> Response:
        if act is not None and request.method == "POST":
            return await act(request)
        if HAS_TURN in request.scope:
            return await run_in_threadpool(show, request)
        return await threads_of(request).reading.run(client_network(request), show, request)

    return Route(path, endpoint, methods=["GET"] if act is None else ["GET", "POST"])


def accepting_form(
    handler: FormHandler,
    *,
    one_click: bool = False,
    max_bytes: int = BODY_LIMIT_BYTES,
    max_files: int = 0,
    max_fields: int = FIELDS_LIMIT,
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that hands ``handler`` the form, in a thread.

    Parameters
    ----------
    handler : callable
        Gets the request and its form.
    one_click : bool
        Whether the one-click body of RFC 8058 is also taken from other sites: mail services send
        it in their own name.
    max_bytes, max_files, max_fields : int
        See `read_form`.
    """

    async def endpoint(request: Request) -> Response:
        try:
            form = await read_form(
                request, max_bytes=max_bytes, max_files=max_files, max_fields=max_fields
            )
        except ClientDisconnect:
            # Nobody reads an answer, and a page for each would keep those waiting who do.
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        try:
            if not (one_click and is_one_click(form)):
                refuse_cross_site(request)
            acting = threads_of(request).acting
            return await acting.run(client_network(request), handler, request, form)
        finally:
            await form.close()

    return endpoint


def threads_of(request: Request) -> PageThreads:
    """Return the threads in which pages are made."""
    threads: PageThreads = request.app.state.threads
    return threads
