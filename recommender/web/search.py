"""Room 6, what they click: what a search finds, as a page and as feeds; and the feed of all."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from recommender.domain.searches import MOST_CHARACTERS
from recommender.jobs.pages import feed
from recommender.jobs.pages.feed import FeedEntry
from recommender.jobs.pages.searching import read_search
from recommender.web.atom import MEDIA_TYPE, feed_xml
from recommender.web.forms import services_of
from recommender.web.responses import DEFAULT_HEADERS, cached, wanted_language
from recommender.web.search_page import AskedSearch, fields_of, query_of


def search(request: Request) -> Response:
    """Show some of the papers that a search finds, where its address is none that is kept."""
    services, desk = services_of(request), request.app.state.search_desk
    language = wanted_language(request) or ""
    asked = AskedSearch(request.url.query, language, 0, services.clock())
    page: HTMLResponse = desk.page.response(asked)
    return page


def trending_feed(request: Request) -> Response:
    """Answer with the papers of the newest days, for programs that read feeds."""
    services = services_of(request)
    return _feed(request, services.site.list_name, feed.trending(services), page="/")


def search_feed(request: Request) -> Response:
    """Answer with the newest papers that a search finds."""
    services = services_of(request)
    asked = fields_of(request.query_params)
    wanted = read_search(
        asked["q"], author=asked["author"], after=asked["after"], before=asked["before"]
    )
    said = " ".join(filter(None, asked.values()))
    title = f"{services.site.list_name}: {said}" if said else services.site.list_name
    page = f"/search?{query_of(asked)}"
    return _feed(request, title, feed.newest_found(services, wanted), page=page, indexed=False)


def author_feed(request: Request) -> Response:
    """Answer with the newest papers of an author."""
    services = services_of(request)
    name = request.query_params.get("name", "")[:MOST_CHARACTERS]
    return _feed(
        request,
        f"{services.site.list_name}: {name}",
        feed.newest_found(services, read_search("", author=name)),
        page=f"/search?{urlencode({'author': name})}",
        indexed=False,
    )


def _feed(
    request: Request, title: str, entries: Sequence[FeedEntry], *, page: str, indexed: bool = True
) -> Response:
    path, query = request.url.path, request.url.query
    address = f"{path}?{query}" if query else path
    content = feed_xml(
        title,
        entries,
        author=services_of(request).site.list_name,
        base_url=services_of(request).site.base_url,
        name=address,
        path=address,
        page=page,
    )
    answer = Response(content, media_type=f"{MEDIA_TYPE}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = DEFAULT_HEADERS["Content-Security-Policy"]
    return cached(request, answer, indexed=indexed)
