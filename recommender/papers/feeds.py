"""Room 1, papers: RSS and Atom, read by feedparser from bytes that somebody else fetched. Pure.

feedparser opens whatever address or path it is handed, so it is handed a stream and nothing else;
what is in it, `feed_xml` has made small and well-formed.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from time import struct_time
from typing import Any
from urllib.parse import urlsplit

import feedparser

from recommender.domain import AnnounceType, Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.feed_xml import LONGEST_LINK, readable_feed
from recommender.papers.identity import arxiv_id_of, normalise_doi
from recommender.papers.plain_text import MOST_TITLE_CHARACTERS, clean_line, text_of_html

FORMAT = "feed"

# arXiv opens each description with this, and ended each title with the other until 2023.
_ARXIV_HEADER = re.compile(
    r"\s*arXiv:\S+\s+Announce Type:\s*(?P<announce>[a-z-]+)\s+(?:Abstract:\s*)?", re.IGNORECASE
)
_ARXIV_TITLE_END = re.compile(r"\s*\(arXiv:[^()]*\)\s*$")
_ANNOUNCE_TYPES = {
    "new": AnnounceType.NEW,
    "cross": AnnounceType.CROSS,
    "replace": AnnounceType.REPLACE,
    "replace-cross": AnnounceType.REPLACE,
}
_INITIALS = re.compile(r"(?:[^\W\d_]\.[ -]?)+|[A-Z]{1,3}")
_DOI_IN_LINK = re.compile(r"/(?P<doi>10\.[0-9]{4,9}/[^\s?#]+?)(?:v[0-9]+)?(?:[?#]|$)")


def parse_feed(content: bytes, *, today: date) -> Digest:
    """Read an RSS or Atom document.

    Parameters
    ----------
    content : bytes
        In whatever encoding the document declares.
    today : date
        The newest date that the digest can have, and its date where the feed names none.

    Returns
    -------
    Digest
        The curator is the feed's title, else its author. The date is the feed's own, else its
        newest entry's. Entries without a title cannot be papers and are left out, and so are
        links that are not http or https. A malformed feed counts as far as it can be read.

    Raises
    ------
    DigestError
        Where nothing in it can be read as a paper, with the reason.
    """
    readable = readable_feed(content)
    try:
        parsed = feedparser.parse(
            io.BytesIO(readable.xml), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # its parsers raise anything on hostile markup
        raise _unusable(error) from error
    # Plain dictionaries: feedparser's own answer for one key with the value of another.
    feed: dict[str, Any] = dict(parsed.get("feed", {}))
    items: list[dict[str, Any]] = [dict(item) for item in parsed.get("entries", [])]
    entries = tuple(entry for entry in map(_entry, items) if entry.title)
    if not entries:
        raise _unusable(readable.fault)
    days = list(_days(feed)) or [day for item in items for day in _days(item)]
    return Digest(FORMAT, _curator(feed), min(max(days, default=today), today), entries)


def _unusable(reason: object) -> DigestError:
    if reason is None:
        return DigestError(
            "file", "the feed has no entry with a title; fetch it again when it has some"
        )
    said = clean_line(str(reason)) or type(reason).__name__
    return DigestError("file", f"the feed cannot be read ({said}); fetch it again")


def _entry(item: Mapping[str, Any]) -> DigestEntry:
    description = str(item.get("summary") or "") or next(_contents(item), "")
    header = _ARXIV_HEADER.match(description)
    announced = str(item.get("arxiv_announce_type") or (header["announce"] if header else ""))
    identifiers = [str(item.get(key, "")) for key in ("link", "id")]
    arxiv_id = next(filter(None, map(arxiv_id_of, identifiers)), None)
    url = next(filter(None, map(_web_address, identifiers)), None)
    title = text_of_html(str(item.get("title") or ""))[:MOST_TITLE_CHARACTERS]
    return DigestEntry(
        title=_ARXIV_TITLE_END.sub("", title),
        abstract=text_of_html(description[header.end() :] if header else description),
        authors=_authors(item, comma_separated=arxiv_id is not None),
        arxiv_id=arxiv_id,
        doi=_doi(item, identifiers),
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else url,
        published_at=next(_instants(item), None),
        announce_type=_ANNOUNCE_TYPES.get(announced.strip().lower(), AnnounceType.NEW),
    )


def _contents(item: Mapping[str, Any]) -> Iterator[str]:
    for content in item.get("content") or ():
        yield str(content.get("value") or "")


def _curator(feed: Mapping[str, Any]) -> str | None:
    named = (text_of_html(str(feed.get(key) or "")) for key in ("title", "author"))
    return next(filter(None, named), None)


def _doi(item: Mapping[str, Any], identifiers: list[str]) -> str | None:
    stated = [str(item.get(key, "")) for key in ("prism_doi", "arxiv_doi", "dc_identifier")]
    # The pattern begins anew at each DOI of a link.
    in_links = (_DOI_IN_LINK.search(link[:LONGEST_LINK]) for link in identifiers)
    candidates = [*stated, *identifiers, *(found["doi"] for found in in_links if found)]
    return next(filter(None, map(normalise_doi, candidates)), None)


def _authors(item: Mapping[str, Any], *, comma_separated: bool) -> tuple[str, ...]:
    """List authors in order; names in one field are parted where that is certain."""
    named = [text_of_html(str(author.get("name") or "")) for author in item.get("authors") or ()]
    names = [name for name in named if name]
    if len(names) != 1:
        return tuple(names)
    parts = [part for part in re.split(r",\s+|;\s*", names[0].rstrip(", ")) if part]
    surnames, initials = parts[::2], parts[1::2]
    if len(surnames) == len(initials) and all(map(_INITIALS.fullmatch, initials)):
        # bioRxiv writes surnames and initials by turns, all in one field.
        pairs = zip(initials, surnames, strict=True)
        return tuple(f"{initial} {surname}" for initial, surname in pairs)
    if comma_separated or all(" " in part for part in parts):
        return tuple(parts)
    return tuple(names)


def _web_address(link: str) -> str | None:
    """Return the link where it is http or https and names a host, else None."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and parts.netloc and len(link) <= LONGEST_LINK
    return link if usable and link.isprintable() and " " not in link else None


def _days(stamped: Mapping[str, Any]) -> Iterator[date]:
    for instant in _instants(stamped):
        yield instant.date()


def _instants(stamped: Mapping[str, Any]) -> Iterator[datetime]:
    """Yield the times of publication and update that feedparser understood."""
    for key in ("published_parsed", "updated_parsed"):
        moment = stamped.get(key)
        if isinstance(moment, struct_time):
            try:
                yield datetime.fromtimestamp(timegm(moment), UTC)
            except (ValueError, OverflowError, OSError):
                continue
