"""Room 6, what they click: papers as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from recommender.formulas import readable
from recommender.jobs.pages.feed import FeedEntry
from recommender.languages.negotiation import ENGLISH
from recommender.uris import as_uri

MEDIA_TYPE: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_OWNED_SINCE: Final = "2026"
"""A tag URI names a day on which its host belonged to who made it (RFC 4151)."""
_NOTHING_YET: Final = datetime(2026, 1, 1, tzinfo=UTC)
# What XML 1.0 cannot hold, not even escaped.
_NO_CHARACTER: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_xml(
    title: str,
    entries: Sequence[FeedEntry],
    *,
    author: str,
    base_url: str,
    name: str,
    path: str | None = None,
    page: str | None = None,
    language: str = ENGLISH,
) -> bytes:
    """Return a feed.

    Parameters
    ----------
    title : str
    entries : sequence of FeedEntry
        The newest first.
    author : str
        Who brings them, where they name nobody: the list.
    base_url : str
        Where the pages are, without a slash at the end.
    name : str
        What its id names; of a private feed nothing of its address.
    path, page : str or None
        Where the feed is, and the page that shows the same, where all may know; both begin with a
        slash.
    language : str
        Tag of the language of its title; papers are written in whichever.
    """
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": language})
    updated_at = max((entry.updated_at for entry in entries), default=_NOTHING_YET)
    _add(feed, "id", _tag(base_url, name))
    _add(feed, "title", title)
    _add(feed, "updated", _moment(updated_at))
    if path is not None:
        SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=_xml_text(base_url + path))
    if page is not None:
        SubElement(feed, "link", rel="alternate", type="text/html", href=_xml_text(base_url + page))
    _add(SubElement(feed, "author"), "name", author)
    for entry in entries:
        _add_entry(feed, entry, base_url)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="unicode").encode()


def _add_entry(feed: Element, entry: FeedEntry, base_url: str) -> None:
    paper = entry.paper
    address = f"/papers/{paper.id}"
    element = SubElement(feed, "entry")
    _add(element, "id", _tag(base_url, address))
    _add(element, "title", readable(paper.title))
    _add(element, "updated", _moment(entry.updated_at))
    if paper.published_at is not None:
        _add(element, "published", _moment(paper.published_at))
    SubElement(element, "link", rel="alternate", type="text/html", href=base_url + address)
    if paper.url:
        SubElement(element, "link", rel="related", href=as_uri(paper.url))
    for name in paper.authors:
        _add(SubElement(element, "author"), "name", name)
    for tag in entry.tags:
        SubElement(element, "category", term=_xml_text(tag))
    _add(element, "summary", entry.note or readable(paper.abstract or paper.summary))


def _add(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = _xml_text(words)


def _xml_text(words: str) -> str:
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", words)


def _tag(base_url: str, path: str) -> str:
    host = urlsplit(base_url).hostname or "localhost"
    return f"tag:{host},{_OWNED_SINCE}:{path.removeprefix('/')}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
