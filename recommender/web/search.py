"""Room 6, what they click: what a search finds, as a page and as feeds; and the feed of all."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from recommender.domain.searches import MOST_CHARACTERS, misread_days
from recommender.jobs.pages import feed
from recommender.jobs.pages.feed import FeedEntry
from recommender.jobs.pages.searching import found_page, read_search
from recommender.web.atom import MEDIA_TYPE, feed_xml
from recommender.web.forms import page_number, services_of
from recommender.web.responses import DEFAULT_HEADERS, cached, respond

FIELDS = ("q", "author", "after", "before")


def search(request: Request) -> Response:
    """Show some of the papers that a search finds, under its form."""
    services = services_of(request)
    asked = _asked(request)
    wanted = read_search(
        asked["q"], author=asked["author"], after=asked["after"], before=asked["before"]
    )
    found = found_page(services, wanted, page_number(request))
    page = respond(
        request,
        "search",
        asked=asked,
        query=_query(asked),
        is_asked=not wanted.is_empty,
        is_backwards=wanted.is_backwards,
        misread=misread_days(asked["q"], after=asked["after"], before=asked["before"]),
        found=found,
        site_url=services.site.base_url,
        longest=MOST_CHARACTERS,
    )
    return cached(request, page, indexed=False)


def trending_feed(request: Request) -> Response:
    """Answer with the papers of the newest days, for programs that read feeds."""
    services = services_of(request)
    return _feed(request, services.site.list_name, feed.trending(services), page="/")


def search_feed(request: Request) -> Response:
    """Answer with the newest papers that a search finds."""
    services = services_of(request)
    asked = _asked(request)
    wanted = read_search(
        asked["q"], author=asked["author"], after=asked["after"], before=asked["before"]
    )
    said = " ".join(filter(None, asked.values()))
    title = f"{services.site.list_name}: {said}" if said else services.site.list_name
    page = f"/search?{_query(asked)}"
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


def _asked(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "")[:MOST_CHARACTERS] for name in FIELDS}


def _query(asked: dict[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


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
