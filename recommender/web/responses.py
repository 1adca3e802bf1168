"""Room 6, what they click: answers with the headers that every answer has; touches the renderer.

An answer is private until its handler says otherwise: unless set, the headers of a token page
(``no-store``, ``noindex``) are added to it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.errors import TemplateError
from recommender.languages.negotiation import preferred_language
from recommender.rendering import Renderer

PUBLIC_MAX_AGE_SECONDS: Final = 60

NOTHING_ALLOWED: Final = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# A mail carries its style in attributes, which no hash can name, and so does a plot.
INLINE_STYLE_POLICY: Final = (
    f"{NOTHING_ALLOWED}; form-action 'none'; img-src 'self'; style-src 'unsafe-inline'"
)

OWN_SCRIPT: Final = "script-src 'self'; connect-src 'self'"

DEFAULT_HEADERS: Final = {
    "Content-Security-Policy": f"{NOTHING_ALLOWED}; form-action 'none'",
    # The address of a page is its key, so no other site may learn it.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}

_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pages:
    """What it takes to answer with a page.

    Attributes
    ----------
    policy : str
        The ``Content-Security-Policy`` of our own pages.
    rate_script : str
        What the page of an issue's ratings runs, where JavaScript is allowed.
    """

    renderer: Renderer
    list_name: str
    policy: str
    rate_script: str = ""

    def page(
        self,
        name: str,
        /,
        *,
        root: str,
        tongue: str | None,
        status: int = 200,
        scripts: bool = False,
        **context: object,
    ) -> HTMLResponse:
        """Render ``templates/web/NAME.html`` as an answer.

        Parameters
        ----------
        root : str
            The relative way from the page to the front page.
        tongue : str or None
            Tag of the language that it is in; None: the installation's.
        scripts : bool
            Whether the page may run our script and send what it stores, to us alone.

        Raises
        ------
        TemplateError
            If the template is broken.
        """
        renderer = self.renderer.in_language(tongue)
        html = renderer.page(name, root=root, list_name=self.list_name, **context)
        policy = f"{self.policy}; {OWN_SCRIPT}" if scripts else self.policy
        headers = {
            "Content-Security-Policy": policy,
            "Content-Language": renderer.language.tag,
            # Another browser gets another page at this address.
            "Vary": "Accept-Language",
        }
        return HTMLResponse(html, status_code=status, headers=headers)


def build_pages(renderer: Renderer, list_name: str) -> Pages:
    """Return `Pages` whose policy allows exactly the style sheet of the layout.

    Raises
    ------
    TemplateError
        If the layout is broken or has no style sheet.
    """
    html = renderer.page(
        "message", root="", list_name=list_name, heading="", sentences=(), onward=""
    )
    styles = _STYLE.findall(html)
    if len(styles) != 1:
        raise TemplateError(
            f"template 'web/layout.html' has {len(styles)} <style> elements; give it exactly one"
        )
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    # Of pictures, browsers fetch the icon.
    policy = f"{NOTHING_ALLOWED}; form-action 'self'; img-src 'self'; style-src 'sha256-{digest}'"
    return Pages(renderer, list_name, policy, renderer.asset("web/rate.js"))


def respond(
    request: Request,
    name: str,
    /,
    *,
    status: int = 200,
    scripts: bool = False,
    tongue: str | None = None,
    **context: object,
) -> HTMLResponse:
    """Answer with a page of the application that got the request; see `Pages.page`.

    Where no ``tongue`` is named, it is the one that the browser asks for.
    """
    pages: Pages = request.app.state.pages
    return pages.page(
        name,
        root=root_of(request),
        tongue=tongue or wanted_language(request),
        status=status,
        scripts=scripts,
        **context,
    )


def tongue_of(request: Request, language: str | None) -> str:
    """Return the language of a subscriber's pages: theirs, or else the installation's."""
    pages: Pages = request.app.state.pages
    return pages.renderer.in_language(language).language.tag


def wanted_language(request: Request) -> str | None:
    """Return the language that a browser asks for; None: none that there is."""
    return preferred_language(request.headers.get("Accept-Language", ""))


def rate_script(request: Request) -> Response:
    """Answer with the script of the page that rates an issue."""
    pages: Pages = request.app.state.pages
    answer = Response(pages.rate_script, media_type="text/javascript")
    answer.headers["Content-Security-Policy"] = DEFAULT_HEADERS["Content-Security-Policy"]
    return cached(request, answer)


def root_of(request: Request) -> str:
    """Return the relative way from a page to the front page: ``./`` or ``../`` and so on.

    Links are relative so that the pages also work below a path of somebody's web server.
    """
    return "../" * (request.scope["path"].count("/") - 1) or "./"


def cached(request: Request, response: Response, *, indexed: bool = True) -> Response:
    """Make an answer public, see `make_public`, or say 304 to who has it already."""
    make_public(response, indexed=indexed)
    if not is_known(request.headers.get("If-None-Match", ""), response.headers["ETag"]):
        return response
    return Response(status_code=304, headers=kept_headers(response))


def make_public(response: Response, *, indexed: bool = True) -> None:
    """Make an answer public for a minute.

    Parameters
    ----------
    indexed : bool
        Whether search engines may show it.
    """
    response.headers["ETag"] = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_MAX_AGE_SECONDS}"
    response.headers["X-Robots-Tag"] = "all" if indexed else "noindex"


def is_known(if_none_match: str, etag: str) -> bool:
    """Return whether a client has this version of an answer."""
    known = {tag.strip() for tag in if_none_match.split(",")}
    # A proxy that compresses makes the tag weak; for GET that counts as the same (RFC 9110).
    return not known.isdisjoint({etag, f"W/{etag}", "*"})


def kept_headers(response: Response) -> dict[str, str]:
    """Return the headers that a 304 has too: it replaces those that the browser has stored."""
    names = (
        *("Content-Security-Policy", "Content-Language", "Vary"),
        *("ETag", "Cache-Control", "X-Robots-Tag"),
    )
    return {name: response.headers[name] for name in names if name in response.headers}


def add_default_headers(headers: MutableHeaders) -> None:
    """Add `DEFAULT_HEADERS` where an answer does not say otherwise."""
    for name, value in DEFAULT_HEADERS.items():
        headers.setdefault(name, value)


class DefaultHeaders:
    """ASGI middleware: adds `DEFAULT_HEADERS` to every answer that does not say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_default_headers(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)
