"""Room 1, papers: RSS and Atom, read by feedparser from bytes that somebody else fetched. Pure.

feedparser opens whatever address or path it is handed, so it is handed a stream and nothing else;
what is in it, `feed_xml` has made small and well-formed.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from time import struct_time
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.feeds.feed_descriptions import read_description
from recommender.papers.feeds.feed_titles import authors_around, read_title
from recommender.papers.feeds.feed_xml import LONGEST_LINK, ReadableFeed, readable_feed
from recommender.papers.feeds.other_kinds import (
    is_of_journals,
    kind_of_entry,
    kind_of_feed,
    papers_listed,
)
from recommender.papers.feeds.zotero_entries import ZoteroFields, is_zotero_entry, zotero_fields
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.text.abstracts import MOST_CHARACTERS, comment_withdraws
from recommender.papers.text.around_abstracts import told_of
from recommender.papers.text.author_lists import authors_of, is_body, named_once
from recommender.papers.text.calendar_dates import says_none
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import clean_line, text_of_html

FORMAT = "feed"

_MOST_DESCRIPTIONS: Final = 5
_BOILERPLATE: Final = 3
_FEWEST_LED: Final = 2
_MOST_LISTED: Final = 3
# arXiv opens each description with this, and ended each title with the other until 2023.
_ADDRESSES = re.compile(r"https?://[^\s<>\"']{4,500}")
_MOST_LOOKED_AT = 100_000
# "Ann DoeMax Roea School of Example"; a Scottish name is written so, too.
_GLUED = re.compile(r"[a-zß-ÿ](?<!\bMc)(?<!\bMac)[A-ZÀ-Þ][a-zß-ÿ]+\s[A-ZÀ-Þ]")
_ARXIV_HEADER = re.compile(
    r"\s*arXiv:\S+\s+Announce Type:\s*(?P<announce>[a-z-]+)\s+(?:Abstract:\s*)?", re.IGNORECASE
)
_ANNOUNCE_TYPES = {
    "updated": AnnounceType.REPLACE,
    "cross listed": AnnounceType.CROSS,
    "new": AnnounceType.NEW,
    "cross": AnnounceType.CROSS,
    "replace": AnnounceType.REPLACE,
    "replace-cross": AnnounceType.REPLACE,
    "withdrawn": AnnounceType.WITHDRAWN,
    "withdrawal": AnnounceType.WITHDRAWN,
}
# A scheme was forgotten there.
# Names that nothing parts from the abstract behind them.
_FIELDS = re.compile(r".{0,200}?\bdoi:?\s?10\.\S{4,200}\s+Authors?:", re.IGNORECASE)
_OF_PLOS = re.compile(r"https?://(?:[a-z]+\.)?plos\.org/", re.IGNORECASE)
_HOST = re.compile(r"(?:www\.|(?:dx\.)?doi\.org/)", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_feed(content: bytes, *, today: date, url: str = "") -> Digest:
    """Read an RSS or Atom document.

    Parameters
    ----------
    content : bytes
        In whatever encoding the document declares.
    today : date
        The newest date that the digest can have, and its date where the feed names none.
    url : str
        Where the feed lay. A relative link begins at ``xml:base``, else at the site that the feed
        names, else here.

    Returns
    -------
    Digest
        The curator is the feed's title, else its author. The date is the feed's own, else its
        newest entry's. Entries without a title cannot be papers, and are named as unread; links
        that do not lead to http or https are left out. A malformed feed counts as far as it can be
        read. A whole feed without any entry is a day without papers.

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
    _refuse_error(items)
    base = _joined(url or _own_address(feed), _without_spaces(str(feed.get("link") or "")))
    entries, unread = _papers(_without_boilerplate(_read(items, base)), readable)
    if items and not entries:
        raise DigestError(unread[0].where, unread[0].message)
    if not items and (readable.fault is not None or not feed):
        raise _unusable(readable.fault)
    days = list(_days(feed)) or [day for item in items for day in _days(item)]
    day = min(max(days, default=today), today)
    return Digest(FORMAT, _curator(feed), day, entries, unread)


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry, and what is known beside it.

    Attributes
    ----------
    is_citation : bool
        It says where it appeared.
    leads_with : int
        How many people lead its description.
    fault : str
        Why it is no paper; empty where it may be one.
    about : str
        The first paper that its description links to or names; empty where there is none.
    left_out : tuple of str
        Lines above its abstract of which nobody knows what they are.
    """

    entry: DigestEntry
    is_citation: bool = False
    leads_with: int = 0
    fault: str = ""
    about: str = ""
    left_out: tuple[str, ...] = ()


def _read(items: list[dict[str, Any]], base: str) -> list[_Read]:
    """Read items; where descriptions begin with several authors, one name alone is one, too."""
    read = [_entry(item, base) for item in items]
    if sum(each.leads_with > 1 for each in read) >= _FEWEST_LED:
        read = [
            _entry(item, base, authors_lead=True) if each.leads_with == 1 else each
            for item, each in zip(items, read, strict=True)
        ]
    parted = authors_around([each.entry.title for each in read])
    if parted and not any(each.entry.authors for each in read):
        read = [
            replace(each, entry=replace(each.entry, title=titled.title, authors=titled.authors))
            for each, titled in zip(read, parted, strict=True)
        ]
    return read


def _without_boilerplate(read: list[_Read]) -> list[_Read]:
    """Empty the abstracts that several entries share: a journal's name, a call to subscribe."""
    counted = Counter(each.entry.abstract for each in read)
    return [
        replace(each, entry=replace(each.entry, abstract=""))
        if counted[each.entry.abstract] >= _BOILERPLATE
        else each
        for each in read
    ]


def _refuse_error(items: list[dict[str, Any]]) -> None:
    """Notice arXiv's way to say that it did not understand the query: an entry of the feed."""
    for number, item in enumerate(items, start=1):
        if "arxiv.org/api/errors" in str(item.get("id") or ""):
            said = text_of_html(str(item.get("summary") or ""))[:200]
            raise DigestError(
                f"entry {number}", f"arXiv answers with an error ({said}); correct the query"
            )


def _papers(
    read: list[_Read], readable: ReadableFeed
) -> tuple[tuple[DigestEntry, ...], tuple[UnreadEntry, ...]]:
    """Part what is a paper from what is none."""
    of_feed = kind_of_feed(len(read), readable.elsewhere)
    is_journal = read and is_of_journals(len(read), readable.elsewhere)
    papers: list[DigestEntry] = []
    unread: list[UnreadEntry] = []
    for number, each in enumerate(read, start=1):
        where, entry = f"entry {number}", each.entry
        is_named = entry.arxiv_id or entry.doi or each.is_citation
        other = None
        if not is_named and not is_journal:
            other = of_feed or kind_of_entry(entry.title, entry.abstract, entry.url)
        if not entry.title:
            unread.append(
                UnreadEntry(where, "an entry without a title; fetch the feed again when it has one")
            )
        elif each.fault:
            unread.append(UnreadEntry(where, each.fault))
        elif other:
            names = f"only writes about {each.about}" if each.about else "names no DOI or arXiv id"
            fix = "take a feed of papers" + (", or add that paper by itself" if each.about else "")
            unread.append(UnreadEntry(where, f"{other} that {names} is no paper; {fix}"))
        else:
            papers.append(entry)
    with_abstract = sum(bool(each.abstract) for each in papers)
    unread += [
        UnreadEntry(f"entry {place + 1}", message)
        for place, message in told_of([each.left_out for each in read], with_abstract)
    ]
    return tuple(papers), tuple(unread)


def _unusable(reason: object) -> DigestError:
    if reason is None:
        return DigestError("file", "no feed is in it; fetch it again")
    said = clean_line(str(reason)) or type(reason).__name__
    return DigestError("file", f"the feed cannot be read ({said}); fetch it again")


def _entry(item: Mapping[str, Any], base: str, *, authors_lead: bool = False) -> _Read:
    if is_zotero_entry(str(item.get("id") or "")):
        return _of_zotero(item)
    headless, announced = zip(*map(_without_header, _descriptions(item)), strict=True)
    link, name = (_without_spaces(str(item.get(key, ""))) for key in ("link", "id"))
    # A guid that is no path, such as a number, is no link below the feed's either.
    is_link = item.get("links") or link.startswith("/")
    address = _web_address(link, base if is_link else "") or _web_address(name, "")
    titled = read_title(str(item.get("title") or ""))
    title = titled.title
    described = [
        read_description(text, title=title, authors_lead=authors_lead) for text in headless
    ]
    about = next((each.about for each in described if each.about), "")
    identifiers = [address or link, name, about]
    arxiv_id = next(filter(None, map(arxiv_id_of, identifiers)), None)
    abstract = _best(_without_fields(each.abstract, title) for each in described)
    # Some feeds name them as authors, and once more as creators.
    authors = named_once(authors_of(_stated_authors(item, address), inverted=arxiv_id is None))
    dois = (titled.doi, *(each.doi for each in described))
    doi = _doi(item, identifiers) or next(filter(None, dois), None)
    published_at = next(_instants(item), None)
    stated = str(item.get("arxiv_announce_type") or "").strip().lower()
    announce_type = next(
        filter(None, map(_ANNOUNCE_TYPES.get, (stated, *announced, titled.announced))), None
    )
    comment = text_of_html(str(item.get("arxiv_comment") or ""))
    if comment_withdraws(comment):
        announce_type = AnnounceType.WITHDRAWN
    entry = DigestEntry(
        title=title,
        abstract=abstract,
        authors=_all_named(authors, [each.authors for each in described]) or titled.authors,
        arxiv_id=arxiv_id,
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else address,
        published_at=published_at
        or next((each.published_at for each in described if each.published_at), None),
        announce_type=announce_type or AnnounceType.NEW,
        summary=next((each.summary for each in described if each.summary), ""),
    )
    is_citation = titled.is_citation or any(each.is_citation for each in described)
    leads_with = max(each.leads_with for each in described)
    left_out = next((each.left_out for each in described if each.abstract == abstract), ())
    fault = "" if _own_name(item, identifiers) else _why_a_list(headless)
    return _Read(entry, is_citation, leads_with, fault, _first_named(headless), left_out)


def _own_name(item: Mapping[str, Any], identifiers: list[str]) -> str | None:
    """Return what an entry's own fields name it by, if they do."""
    return _doi(item, identifiers) or next(filter(None, map(arxiv_id_of, identifiers)), None)


def _why_a_list(descriptions: Iterable[str]) -> str:
    """Return why a post that lists several papers is none; empty where it does not."""
    listed = max(map(papers_listed, descriptions), key=len, default=())
    if not listed:
        return ""
    return (
        f"a post that lists {len(listed)} papers ({', '.join(listed[:_MOST_LISTED])}"
        f"{', …' if len(listed) > _MOST_LISTED else ''}) is none; add those papers by themselves"
    )


def _all_named(stated: tuple[str, ...], described: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the authors that an entry states, or more where its description names them, too."""
    more = next((names for names in described if names), ())
    is_longer = more[: len(stated)] == stated or set(stated) < set(more)
    return more if is_longer else stated


def _first_named(descriptions: Iterable[str]) -> str:
    """Return the first paper that descriptions link to or name, ``arXiv:…`` or a DOI."""
    for text in descriptions:
        linked = " ".join(_ADDRESSES.findall(text[:_MOST_LOOKED_AT]))
        for said in (linked, text_of_html(text[:_MOST_LOOKED_AT])):
            named = find_identifiers(said)
            for arxiv_id in named.arxiv_ids:
                return f"arXiv:{arxiv_id}"
            for doi in named.dois:
                return doi
    return ""


def _of_zotero(item: Mapping[str, Any]) -> _Read:
    """Read an entry of a library; its own author and day are of who put it there, and when."""
    said = next((each for each in map(zotero_fields, _descriptions(item)) if each.kind), None)
    if said is None:
        fault = "an entry of Zotero's without its fields; ask for `content=html`"
        said = ZoteroFields()
    else:
        fault = "" if said.is_paper else "a file or note of Zotero's; ask for `/items/top`"
    title = read_title(str(item.get("title") or "")).title
    found = read_description(said.abstract, title=title)
    address = _web_address(_without_spaces(said.address), "")
    address = address or _web_address(_without_spaces(str(item.get("link", ""))), "")
    entry = DigestEntry(
        title=title,
        abstract=found.abstract,
        authors=said.authors,
        arxiv_id=said.arxiv_id,
        doi=said.doi,
        url=f"https://arxiv.org/abs/{said.arxiv_id}" if said.arxiv_id else address,
        published_at=said.published_at,
        announce_type=AnnounceType.NEW,
    )
    return _Read(entry, fault=fault)


def _descriptions(item: Mapping[str, Any]) -> list[str]:
    """All that an item says of itself; feedparser has one summary and any number of contents."""
    return [str(item.get("summary") or ""), *_contents(item)][:_MOST_DESCRIPTIONS]


def _stated_authors(item: Mapping[str, Any], address: str | None) -> list[str]:
    """Return the names in an entry's own fields; PLOS has all but the first as contributors."""
    stated = list(item.get("authors") or ())
    if address is not None and _OF_PLOS.match(address):
        stated += item.get("contributors") or ()
    names = (str(author.get("name") or "") for author in stated)
    return [name for name in names if not _has_places_within(name)]


def _has_places_within(names: str) -> bool:
    """Whether names and where people work are written without a gap, as Taylor & Francis does."""
    return "," in names and is_body(names) and _GLUED.search(names) is not None


def _without_header(description: str) -> tuple[str, str]:
    header = _ARXIV_HEADER.match(description)
    if header is None:
        return description, ""
    return description[header.end() :], header["announce"].lower()


def _without_fields(abstract: str, title: str) -> str:
    """Return an abstract, or nothing where all that MDPI says of a paper stands on one line."""
    is_all = bool(title) and abstract.startswith(title)
    return "" if is_all and _FIELDS.match(abstract, len(title)) else abstract


def _best(abstracts: Iterable[str]) -> str:
    """Return the longest that is no whole article, else the shortest article."""
    ordered = sorted(abstracts, key=len)
    within = [each for each in ordered if len(each) <= MOST_CHARACTERS]
    return next((each for each in [*reversed(within), *ordered] if each), "")


def _contents(item: Mapping[str, Any]) -> Iterator[str]:
    for content in item.get("content") or ():
        yield str(content.get("value") or "")


def _curator(feed: Mapping[str, Any]) -> str | None:
    named = (text_of_html(str(feed.get(key) or "")) for key in ("title", "author"))
    return next((mended(name) for name in named if name), None)


def _doi(item: Mapping[str, Any], identifiers: list[str]) -> str | None:
    stated = [str(item.get(key, "")) for key in ("prism_doi", "arxiv_doi", "dc_identifier")]
    return next(filter(None, map(normalise_doi, [*stated, *identifiers])), None)


def _without_spaces(link: str) -> str:
    """Take out of a link the line ends and what surrounds it, and write its spaces as ``%20``."""
    joined = "".join(piece.strip() for piece in link.splitlines())
    return _SPACES.sub("%20", joined)


def _own_address(feed: Mapping[str, Any]) -> str:
    """Return where a feed says that it lies itself."""
    own = (link.get("href") for link in feed.get("links") or () if link.get("rel") == "self")
    return _without_spaces(str(next(own, None) or ""))


def _joined(base: str, link: str) -> str:
    """Write a relative link as a whole one, as far as the base allows it."""
    try:
        return urljoin(base, f"//{link}" if _HOST.match(link) else link)
    except ValueError:
        return ""


def _web_address(link: str, base: str) -> str | None:
    """Return where a link leads if that is http or https and names a host, else None."""
    if not link:
        return None
    link = _joined(base, link)
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and parts.netloc and len(link) <= LONGEST_LINK
    return link if usable and link.isprintable() and "%20" not in parts.netloc else None


def _days(stamped: Mapping[str, Any]) -> Iterator[date]:
    for instant in _instants(stamped):
        yield instant.date()


def _instants(stamped: Mapping[str, Any]) -> Iterator[datetime]:
    """Yield the times of publication and update that feedparser understood."""
    for key in ("published_parsed", "updated_parsed"):
        moment = stamped.get(key)
        if isinstance(moment, struct_time):
            stated = _ISO_DAY.match(str(stamped.get(key.removesuffix("_parsed"), "")))
            try:
                if stated is not None:
                    date.fromisoformat(stated[0])  # feedparser takes 30 February for 2 March
                instant = datetime.fromtimestamp(timegm(moment), UTC)
            except (ValueError, OverflowError, OSError):
                continue
            if not says_none(instant):
                yield instant
