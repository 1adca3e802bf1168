"""Room 6, what they click: a reading list as files, and as a feed; touches `jobs` only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.people.list_export import FORMATS, export_list
from recommender.jobs.people.rated_papers import RatedPaper
from recommender.jobs.people.reading_list import fed_list
from recommender.web.forms import services_of, token_of

ENTRIES_OF_A_FEED: Final = 50

_ATOM: Final = "http://www.w3.org/2005/Atom"
# Characters that no XML 1.0 may hold, not even as references.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    listed = fed_list(services, token_of(request), most=ENTRIES_OF_A_FEED)
    host = urlsplit(services.site.base_url).hostname or "localhost"
    # Ids say nothing of the token: an address that ends is another one's beginning.
    root = ET.Element("feed", xmlns=_ATOM)
    _add(root, "id", f"tag:{host},2026:reading-list")
    _add(root, "title", f"Reading list, {services.site.list_name}")
    newest = max((each.stood_at for each in listed), default=datetime(2026, 1, 1, tzinfo=UTC))
    _add(root, "updated", newest.isoformat())
    for each in listed:
        root.append(_entry(each, host))
    ET.indent(root)
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(content, media_type="application/atom+xml; charset=utf-8")


def _entry(each: RatedPaper, host: str) -> ET.Element:
    entry = ET.Element("entry")
    _add(entry, "id", f"tag:{host},2026:paper-{each.paper_id}")
    _add(entry, "title", each.title)
    _add(entry, "updated", each.stood_at.isoformat())
    ET.SubElement(entry, "link", rel="alternate", href=_NO_XML.sub("", each.url))
    for name in each.paper.authors or ("unknown",):
        _add(ET.SubElement(entry, "author"), "name", name)
    for tag in each.note.tags:
        ET.SubElement(entry, "category", term=_NO_XML.sub("", tag))
    if each.note.note or each.paper.summary or each.paper.abstract:
        _add(entry, "summary", each.note.note or each.paper.summary or each.paper.abstract)
    return entry


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NO_XML.sub("", text)
