"""Demo: the mailbox in the browser, beside the pages of the installation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from recommender.demo.captured_mail import CapturedMail, Mailbox
from recommender.jobs.issues import newsletters
from recommender.jobs.services import Services
from recommender.languages.negotiation import ENGLISH
from recommender.web.app import create_app
from recommender.web.endpoints import accepting_form
from recommender.web.page_threads import PageThreads
from recommender.web.responses import INLINE_STYLE_POLICY, NOTHING_ALLOWED, Pages, root_of

Endpoint = Callable[[Request], Awaitable[Response]]

# The frame that shows a mail may open its links as a mail program does, and nothing else.
MAIL_POLICY = INLINE_STYLE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")


def pages_with_mailbox(mailbox: Mailbox) -> Callable[[Services, PageThreads], ASGIApp]:
    """Return the function that makes the pages of the demo."""

    def create(services: Services, threads: PageThreads) -> Starlette:
        app = create_app(services, threads)
        pages: Pages = app.state.pages
        framing = Pages(
            pages.renderer,
            pages.list_name,
            pages.policy.replace(NOTHING_ALLOWED, f"{NOTHING_ALLOWED}; frame-src 'self'"),
        )

        async def show_all(request: Request) -> Response:
            composed = request.query_params.get("composed", "")[:6]
            return framing.page(
                "mailbox",
                root=root_of(request),
                tongue=ENGLISH,
                mails=mailbox.mails()[::-1],
                composed=int(composed) if composed.isdecimal() else None,
            )

        async def show_one(request: Request) -> Response:
            return framing.page(
                "mailbox-mail",
                root=root_of(request),
                tongue=ENGLISH,
                mail=_mail(mailbox, request),
            )

        async def show_html(request: Request) -> Response:
            html = _mail(mailbox, request).html.replace("<head>", '<head><base target="_blank">', 1)
            # Its contents lead to its papers, which are not elsewhere.
            html = html.replace('href="#', 'target="_self" href="#')
            return HTMLResponse(
                html,
                headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"},
            )

        async def show_source(request: Request) -> Response:
            return PlainTextResponse(_mail(mailbox, request).content)

        def compose_next(request: Request, form: FormData) -> Response:
            del request, form
            report = newsletters.compose_issues(services, now_even_if_not_due=True)
            services.wake()
            return RedirectResponse(f"../mailbox?composed={report.issues}", status_code=303)

        app.router.routes[:0] = [
            Route("/mailbox", show_all),
            Route("/mailbox/next", accepting_form(compose_next), methods=["POST"]),
            Route("/mailbox/{number:int}", show_one),
            Route("/mailbox/{number:int}/html", show_html),
            Route("/mailbox/{number:int}/source", show_source),
        ]
        return app

    return create


def _mail(mailbox: Mailbox, request: Request) -> CapturedMail:
    mail = mailbox.find(request.path_params["number"])
    if mail is None:
        raise HTTPException(404)
    return mail
