"""Room 6, what they click: a reading list as files, and as a feed; touches `jobs` only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.pages.feed import FeedEntry
from recommender.jobs.people.list_export import FORMATS, export_list
from recommender.jobs.people.reading_list import fed_list
from recommender.languages.messages import Message
from recommender.web.atom import MEDIA_TYPE, feed_xml
from recommender.web.forms import services_of, token_of

ENTRIES_OF_A_FEED: Final = 50


def exporting(suffix: str) -> Callable[[Request], Response]:
    """Return a handler that answers with the whole list in one of `FORMATS`."""

    def export(request: Request) -> Response:
        content = export_list(services_of(request), token_of(request), suffix)
        return Response(
            content.encode(),
            media_type=f"{FORMATS[suffix].media_type}; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="reading-list.{suffix}"'},
        )

    return export


def feed(request: Request) -> Response:
    """Return what was saved last as an Atom feed, for a program that asks again and again."""
    services = services_of(request)
    listed, language = fed_list(services, token_of(request), most=ENTRIES_OF_A_FEED)
    spoken = services.renderer.in_language(language).language
    content = feed_xml(
        spoken.told(Message("Reading list, %(list)s", list=services.site.list_name)),
        [FeedEntry(each.paper, each.stood_at, each.note.note, each.note.tags) for each in listed],
        author=services.site.list_name,
        base_url=services.site.base_url,
        name="reading-list",
        language=spoken.tag,
    )
    return Response(content, media_type=f"{MEDIA_TYPE}; charset=utf-8")
