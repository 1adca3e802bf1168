"""Room 6, what they click: the routes, and what stands between them and the world."""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.routing import Route

from recommender.errors import RecommenderError
from recommender.jobs.outgoing import health
from recommender.jobs.outgoing.links import form_stamp
from recommender.jobs.people.list_export import FORMATS
from recommender.jobs.services import Services
from recommender.store.content_state import ContentWatch
from recommender.web import (
    days,
    links,
    metrics,
    papers,
    pictures,
    public,
    responses,
    search,
    search_page,
    status,
)
from recommender.web.clients import client_network
from recommender.web.endpoints import accepting_form, page_route
from recommender.web.failures import FailureLog, answer_failure
from recommender.web.healthz import HealthDesk, healthz
from recommender.web.me import (
    delivery,
    interests,
    list_files,
    naming,
    overview,
    ratings,
    reading_list,
)
from recommender.web.me.actions import act
from recommender.web.page_cache import PageCache, Stamping
from recommender.web.page_threads import PageThreads
from recommender.web.responses import DefaultHeaders, build_pages
from recommender.web.search_desk import SearchDesk
from recommender.web.search_page import SearchPage

ROUTES = [
    page_route("/", public.front),
    page_route("/subscribe", public.to_front, accepting_form(public.subscribe)),
    page_route("/confirm/{token}", links.open_confirmation, accepting_form(links.confirm)),
    page_route("/confirm/{token}/papers", links.open_first_papers),
    page_route("/pending/{token}", links.open_pending, accepting_form(links.say_yes_to_pending)),
    page_route(
        "/rate/{token}",
        links.open_rating,
        accepting_form(links.rate, max_fields=links.FIELDS_LIMIT),
    ),
    page_route("/rate.js", responses.rate_script),
    page_route(
        "/unsubscribe/{token}",
        links.open_unsubscribe,
        accepting_form(links.unsubscribe, one_click=True),
    ),
    page_route("/me/{token}", overview.open_overview, accepting_form(act)),
    page_route("/me/{token}/list", reading_list.open_list, accepting_form(act)),
    *(
        page_route(f"/me/{{token}}/list.{suffix}", list_files.exporting(suffix))
        for suffix in FORMATS
    ),
    page_route("/me/{token}/list.atom", list_files.feed),
    page_route("/me/{token}/ratings", ratings.open_ratings, accepting_form(act)),
    page_route("/me/{token}/interests", interests.open_interests, accepting_form(act)),
    page_route("/me/{token}/interests.svg", interests.plot),
    page_route("/me/{token}/delivery", delivery.open_delivery, accepting_form(act)),
    page_route(
        "/me/{token}/papers",
        naming.to_form,
        accepting_form(naming.save_papers, max_bytes=naming.BODY_LIMIT_BYTES, max_files=1),
    ),
    page_route("/issues/{token}", links.issue),
    page_route("/new-links", public.to_front, accepting_form(links.send_new_links)),
    page_route("/archive", days.archive),
    page_route("/archive/{year:int}-{month:int}", days.month),
    page_route("/archive/{date}", days.day),
    page_route("/papers/{id:int}", papers.paper),
    page_route("/papers/{id:int}.bib", papers.bibtex),
    page_route("/search", search.search),
    page_route("/feed.atom", search.trending_feed),
    page_route("/search.atom", search.search_feed),
    page_route("/author.atom", search.author_feed),
    page_route("/favicon.svg", pictures.icon),
    page_route("/card.svg", pictures.card),
    page_route("/card.png", pictures.card_as_bitmap),
    page_route("/robots.txt", pictures.robots),
    page_route("/thumbnails/{name}.jpg", pictures.thumbnail),
    Route("/healthz", healthz, methods=["GET"]),
    page_route("/metrics", metrics.metrics),
    page_route("/status", status.show, accepting_form(status.act)),
    page_route("/status/plots/{name}.svg", status.plot),
]


KEPT: dict[str, tuple[str, ...]] = {
    "": (),
    "archive": ("page",),
    "papers": (),
    "search": (*search_page.FIELDS, "page"),
    "feed.atom": (),
    "search.atom": search_page.FIELDS,
    "author.atom": ("name",),
    "favicon.svg": (),
    "card.svg": (),
    "card.png": (),
    "robots.txt": (),
    "rate.js": (),
}
"""The first parts of the addresses of what is the same for all, and the fields that they know."""


SEARCHES: Final = frozenset({"search", "search.atom", "author.atom"})
"""The first parts of the addresses under which there is another page for whatever is typed."""


def create_app(services: Services, threads: PageThreads | None = None) -> Starlette:
    """Return the pages as an ASGI application.

    Parameters
    ----------
    services : Services
        What the jobs work with. Stays the caller's: the application neither opens nor closes it.
    threads : PageThreads or None
        In which pages are made; None: its own.

    Raises
    ------
    TemplateError
        If the layout of the pages is missing or broken.
    """
    threads = threads or PageThreads()
    pages = build_pages(services.renderer, services.site.list_name)
    search_desk = SearchDesk(
        SearchPage(services.database, pages, services.site.base_url),
        threads.search_processes,
        services.clock,
    )
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(
                PageCache,
                state=ContentWatch(services.database).name,
                parameters=KEPT,
                stamping={"/": Stamping(services.clock, lambda: form_stamp(services))},
                threads=lambda part: threads.searching if part in SEARCHES else threads.making,
                network_of=lambda scope: client_network(Request(scope)),
                failure_of=lambda scope, error: answer_failure(Request(scope), error),
                makers={search_page.PATH: search_desk.answer},
            ),
            Middleware(DefaultHeaders),
            # A day of 119 abstracts has 270 kB, a third of it compressed.
            Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5),
        ],
        exception_handlers={
            HTTPException: answer_failure,
            RecommenderError: answer_failure,
            Exception: answer_failure,
        },
    )
    # It would redirect to a URL made of the Host header, which anybody may forge.
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.threads = threads
    app.state.health = HealthDesk(lambda: health.check(services))
    app.state.status_desk = status.StatusDesk()
    app.state.pages = pages
    app.state.search_desk = search_desk
    app.state.failure_log = FailureLog()
    return app
