"""Room 1, papers: lists of feeds as feed readers exchange them (OPML), and feeds of pages. Pure.

OPML 2.0: http://opml.org/spec2.opml. What is read here somebody else wrote, so it is walked like
HTML, whose parser takes anything in time that grows with the size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin
from xml.sax.saxutils import escape, quoteattr

from recommender.errors import SourceError
from recommender.html_text import walk_html
from recommender.wording import one_line

MOST_FEEDS: Final = 1_000
"""Of one list, or of one page."""
_LONGEST_URL: Final = 2_000
_LONGEST_NAME: Final = 100

_FEED_TYPES: Final = frozenset(
    {
        *("application/rss+xml", "application/atom+xml", "application/rdf+xml"),
        *("application/feed+json", "application/xml", "text/xml"),
    }
)


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """A feed that somebody else's document names; ``name`` may be empty."""

    url: str
    name: str


def parse_opml(content: bytes) -> tuple[NamedFeed, ...]:
    """Read the feeds of an OPML document, in its order, folders or not, each once.

    Raises
    ------
    SourceError
        If it names none.
    """
    outlines = _Elements("outline")
    walk_html(_text_of(content), outlines)
    feeds = [
        _feed(each["xmlurl"], each.get("title") or each.get("text") or "")
        for each in outlines.found
        if each.get("xmlurl", "").strip()
    ]
    if not feeds:
        raise SourceError(
            "the file names no feed; export one as OPML: <outline xmlUrl=…> for each feed"
        )
    return _each_once(feeds)


def write_opml(feeds: Iterable[NamedFeed], *, title: str) -> str:
    """Print a list of feeds as OPML 2.0."""
    outlines = "".join(
        f'    <outline type="rss" text={quoteattr(each.name)} xmlUrl={quoteattr(each.url)}/>\n'
        for each in feeds
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
        f"  <head><title>{escape(title)}</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n"
    )


def feeds_of_page(content: bytes, *, url: str) -> tuple[NamedFeed, ...]:
    """Find the feeds that a web page names by ``<link rel="alternate">``.

    Parameters
    ----------
    content : bytes
        Anything; what is no page names none.
    url : str
        Where the page lies: links are relative to it.
    """
    links = _Elements("link")
    walk_html(_text_of(content), links)
    return _each_once(
        _feed(urljoin(url, each["href"].strip()), each.get("title", ""))
        for each in links.found
        if "alternate" in each.get("rel", "").lower().split()
        and each.get("type", "").partition(";")[0].strip().lower() in _FEED_TYPES
        and each.get("href", "").strip()
    )


class _Elements:
    """Collects the attributes of the elements of one name."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.found: list[Mapping[str, str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == self.tag and len(self.found) < MOST_FEEDS:
            self.found.append({name.lower(): value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        """Take the end of an element, which says nothing here."""

    def data(self, text: str) -> None:
        """Take text, which says nothing here."""


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Addresses are ASCII; only a name may lose a letter.
        return content.decode("latin-1")


def _feed(url: str, name: str) -> NamedFeed:
    return NamedFeed(one_line(url)[:_LONGEST_URL], one_line(name)[:_LONGEST_NAME])


def _each_once(feeds: Iterable[NamedFeed]) -> tuple[NamedFeed, ...]:
    found: dict[str, NamedFeed] = {}
    for each in feeds:
        found.setdefault(each.url, each)
    return tuple(found.values())
