"""Room 6, what they click: pages that are the same for all, kept until what they show changes.

A page that is kept is answered by the event loop alone, with its headers and compressed body ready:
it waits for no thread, no database and no template.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.errors import RecommenderError, StorageError
from recommender.languages.negotiation import preferred_language
from recommender.web.answers import Answer, ready_answer
from recommender.web.page_threads import HAS_TURN, Lane
from recommender.web.responses import is_known

STAMP_PLACE: Final = "shown-when-this-is-answered"
"""Where a form says when it was shown: of all that its page says, only that is never the same."""

CACHE_MAX_BYTES: Final = 32_000_000
_LONGEST_QUERY: Final = 2_000
_LONGEST_PATH: Final = 200
_MOST_FIELDS: Final = 20
_NO_GZIP: Final = re.compile(rb"gzip\s*;\s*q=0(?:\.0{0,3})?\s*(?:,|\Z)")
_OF_THE_ASKER: Final = frozenset({b"accept-encoding", b"accept-language", b"if-none-match"})
_ABOUT_THE_BODY: Final = frozenset({b"content-length", b"content-type", b"content-disposition"})

Key = tuple[str, str, str]
"""Path, query, and the language that is asked for: the same page in another one is another page."""


@dataclass(slots=True)
class _Making:
    """A page that somebody waits for."""

    page: asyncio.Future[Answer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    is_begun: bool = False
    waiting: int = 0


@dataclass(slots=True)
class Stamping:
    """How the pages of one path are told when they are shown, a second at a time.

    Attributes
    ----------
    clock : callable
    stamp : callable
        Returns what a form says of the present second.
    """

    clock: Callable[[], datetime]
    stamp: Callable[[], str]
    _second: int = -1
    _stamped: dict[str, Answer] = field(default_factory=dict)

    def stamped(self, page: Answer) -> Answer:
        """Return a page with its stamp; its ETag is another one each day.

        A browser that is told for a whole day that its copy holds sends a stamp of that day, which
        is taken.
        """
        now = self.clock()
        second = int(now.timestamp())
        if second != self._second:
            self._second, self._stamped = second, {}
        # One for each language, and another where the content changed.
        if page.etag not in self._stamped:
            body = page.body.replace(STAMP_PLACE.encode(), self.stamp().encode())
            self._stamped[page.etag] = page.saying(body, f'{page.etag[:-1]}-{now:%Y%m%d}"')
        return self._stamped[page.etag]


class PageCache:
    """ASGI middleware: keeps the public pages, and answers with them as long as they are true.

    Parameters
    ----------
    app : ASGI application
    state : callable
        Returns the name of the state that the content is in; raises `StorageError` where that
        cannot be read.
    parameters : mapping of str to tuple of str
        The first parts of the paths of public pages, and which fields of a query they know. Others
        make no other page.
    stamping : mapping of str to Stamping
        By path.
    threads : callable
        Returns in which threads the pages are made whose paths have this first part.
    network_of : callable
        Returns whose request of a scope is, whose turn it takes.
    failure_of : callable
        Returns the answer where there is no room to wait for a turn, or a maker failed.
    makers : mapping of str to callable
        By path, what returns a page of its query, its language and the state, without the rest of
        the application.
    max_bytes : int
        What all pages together may take; those go that were not asked for for longest.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        state: Callable[[], int],
        parameters: Mapping[str, tuple[str, ...]],
        stamping: Mapping[str, Stamping],
        threads: Callable[[str], Lane],
        network_of: Callable[[Scope], str],
        failure_of: Callable[[Scope, Exception], Awaitable[Response]],
        makers: Mapping[str, Callable[[str, str, int], Answer]],
        max_bytes: int = CACHE_MAX_BYTES,
    ) -> None:
        self._app = app
        self._state = state
        self._parameters = parameters
        self._stamping = stamping
        self._max_bytes = max_bytes
        self._pages: OrderedDict[Key, Answer] = OrderedDict()
        self._bytes = 0
        self._threads = threads
        self._network_of = network_of
        self._failure_of = failure_of
        self._makers = makers
        self._making: dict[tuple[Key, int], _Making] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a page that is kept, or have it made and keep it."""
        key = self._key(scope)
        try:
            state = self._state() if key is not None else 0
        except StorageError:
            key = None  # whoever makes the page says what is wrong
        if key is None:
            await self._app(scope, receive, send)
            return
        page = self._pages.get(key)
        if page is None or page.state != state:
            try:
                page = await self._made(key, state, scope, receive)
            except (HTTPException, RecommenderError) as error:
                answer = await self._failure_of(scope, error)
                await answer(scope, receive, send)
                return
        else:
            self._pages.move_to_end(key)
        stamping = self._stamping.get(key[0])
        if stamping is not None and page.etag:
            page = stamping.stamped(page)
        await _send(page, scope, send)

    def _key(self, scope: Scope) -> Key | None:
        """Return what tells pages apart; None where this is none of them."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path: str = scope["path"]
        known = self._parameters.get(path.split("/", 2)[1])
        query: bytes = scope["query_string"]
        if known is None or len(path) > _LONGEST_PATH or len(query) > _LONGEST_QUERY:
            return None
        asked = dict(scope["headers"]).get(b"accept-language", b"")
        language = preferred_language(asked.decode("latin-1")) or ""
        if not known or not query:
            return path, "", language
        try:
            fields = dict(reversed(parse_qsl(query.decode("latin-1"), max_num_fields=_MOST_FIELDS)))
        except ValueError:
            return None
        kept = urlencode([(name, fields[name]) for name in known if name in fields])
        return path, kept, language

    async def _made(self, key: Key, state: int, scope: Scope, receive: Receive) -> Answer:
        """Make a page once, however many wait for it.

        Each waits for a turn of their own network, and whose turn comes first makes the page for
        all: nobody waits behind a network that has a thousand others made.

        Raises
        ------
        HTTPException
            503 where too many wait.
        """
        making = self._making.setdefault((key, state), _Making())
        making.waiting += 1
        try:
            if not making.is_begun:
                threads = self._threads(key[0].split("/", 2)[1])
                turn = threads.ask(self._network_of(scope))
                either: set[asyncio.Future[Any]] = {turn.come, making.page}
                try:
                    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                    if not making.is_begun:
                        turn.come.result()
                        await self._make_for_all(making, key, state, scope, receive)
                finally:
                    threads.leave(turn)
            return await asyncio.shield(making.page)
        finally:
            making.waiting -= 1
            if not making.waiting:
                self._making.pop((key, state), None)

    async def _make_for_all(
        self, making: _Making, key: Key, state: int, scope: Scope, receive: Receive
    ) -> None:
        making.is_begun = True
        try:
            page = await self._make(key, state, scope, receive)
        except BaseException as error:
            making.page.set_exception(error)
            making.page.exception()  # it is raised here, whether somebody waits or not
            raise
        else:
            making.page.set_result(page)
            if page.etag:
                self._keep(key, page)

    async def _make(self, key: Key, state: int, scope: Scope, receive: Receive) -> Answer:
        if (make := self._makers.get(key[0])) is not None:
            return await run_in_threadpool(make, key[1], key[2], state)
        start: Message = {}
        parts: list[bytes] = []

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        asked = {
            **scope,
            HAS_TURN: True,
            "method": "GET",
            "query_string": key[1].encode(),
            # Whoever asks next may have none of them, and may ask for the language otherwise.
            "headers": [
                *((n, v) for n, v in scope["headers"] if n not in _OF_THE_ASKER),
                (b"accept-language", key[2].encode()),
            ],
        }
        await self._app(asked, receive, take)
        # Compressing takes a thousandth of a second, for which the event loop has other use.
        return await run_in_threadpool(
            ready_answer, state, start["status"], tuple(start["headers"]), b"".join(parts)
        )

    def _keep(self, key: Key, page: Answer) -> None:
        before = self._pages.pop(key, None)
        self._bytes += page.size - (before.size if before is not None else 0)
        self._pages[key] = page
        while self._bytes > self._max_bytes:
            _, oldest = self._pages.popitem(last=False)
            self._bytes -= oldest.size


async def _send(page: Answer, scope: Scope, send: Send) -> None:
    asked = dict(scope["headers"])
    headers = list(page.headers)
    status, body = page.status, page.body
    if page.etag:
        headers.append((b"etag", page.etag.encode()))
    if page.compressed is not None:
        headers.append((b"vary", b"Accept-Encoding"))
    if page.etag and is_known(asked.get(b"if-none-match", b"").decode("latin-1"), page.etag):
        status, body = HTTPStatus.NOT_MODIFIED, b""
        headers = [each for each in headers if each[0] not in _ABOUT_THE_BODY]
    else:
        if page.compressed is not None and _takes_gzip(asked):
            body = page.compressed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(body)).encode()))
    if scope["method"] == "HEAD":
        body = b""
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _takes_gzip(asked: dict[bytes, bytes]) -> bool:
    accepted = asked.get(b"accept-encoding", b"").lower()
    return b"gzip" in accepted and not _NO_GZIP.search(accepted)
