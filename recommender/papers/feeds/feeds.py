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
from recommender.papers.feeds.feed_xml import LONGEST_LINK, ReadableFeed, readable_feed
from recommender.papers.feeds.other_kinds import is_of_journals, kind_of_entry, kind_of_feed
from recommender.papers.feeds.zotero_entries import ZoteroFields, is_zotero_entry, zotero_fields
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.identity.identifiers import find_identifiers
from recommender.papers.text.abstracts import MOST_CHARACTERS, comment_withdraws
from recommender.papers.text.author_lists import authors_of, is_body, named_once, names_alone
from recommender.papers.text.calendar_dates import says_none
from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, clean_line, text_of_html

FORMAT = "feed"

_MOST_DESCRIPTIONS: Final = 5
_BOILERPLATE: Final = 3
_FEWEST_LED: Final = 2
# arXiv opens each description with this, and ended each title with the other until 2023.
_ADDRESSES = re.compile(r"https?://[^\s<>\"']{4,500}")
_MOST_LOOKED_AT = 100_000
# "Ann DoeMax Roea School of Example"; a Scottish name is written so, too.
_GLUED = re.compile(r"[a-zß-ÿ](?<!\bMc)(?<!\bMac)[A-ZÀ-Þ][a-zß-ÿ]+\s[A-ZÀ-Þ]")
_ARXIV_HEADER = re.compile(
    r"\s*arXiv:\S+\s+Announce Type:\s*(?P<announce>[a-z-]+)\s+(?:Abstract:\s*)?", re.IGNORECASE
)
_ARXIV_TITLE_END = re.compile(
    r"\.?\s*\(arXiv:[^()]{1,60}?(?P<announce>\s(?:UPDATED|CROSS LISTED))?\)"
    r"(?P<behind>\s(?:UPDATED|CROSS LISTED))?\s*$"
)
_TITLE_START = re.compile(
    r"\A(?:\[(?:ASAP|HTML|PDF|BOOK|CITATION|B|C|R|P|D|N|Research|Project"
    # The Lancet's sections, and HAL's numbers.
    r"|(?:original\s)?(?:research|articles?|reviews?)|comment|correspondence|editorial|seminar|series"
    r"|world\sreport|perspectives?|viewpoint|personal\sview|health\spolicy|clinical\spicture"
    r"|case\sreport|news|spotlight|essay|feature|letters?|hypothesis|commission|in\scontext"
    r"|[a-z]{3,12}-\d{7,9}(?:v\d{1,2})?"
    r"|graphical abstract[^\[\]]{0,20}|just accepted"
    r"|in press|accepted|open access|early view|new|updated?)\]\s+)+",
    re.IGNORECASE,
)
# As NBER has them: "Title -- by Ann Bee, Max Roe".
_BY_BEHIND = re.compile(r"\s--\sby\s(?P<names>[^\W\d_].{2,2000})\Z")
_TITLE_END = re.compile(
    r"(?:\s\[(?:pdf|video|ps|html|slides|early\sposting|early\saccess|just\saccepted"
    r"|invited(?:\s(?:review|paper|article|tutorial|perspective|letter|talk))?"
    r"|(?:author|editor)[’']?s?[’']?\s(?:choice|pick)|feature\sissue\b[^\[\]]{0,80})\]"
    r"|\s\(invited(?:\s(?:review|paper|article))?\))+\s*\Z",
    re.IGNORECASE,
)
# Where it appeared: "[Opt. Lett. 51, 700 (2026)]". A comment names there what it is on.
_CITATION_END = re.compile(
    r"\s\[[A-Z][^\[\]]{1,80}\s\d{1,4}(?:\s?\(\d{1,4}\))?,?\s[\w–-]{1,20}\s\((?:19|20)\d\d\)\]\s*\Z"
)
_ON_ANOTHER = re.compile(
    r"\b(?:comments?|commentary|repl(?:y|ies)|response|rejoinder|errat(?:um|a)|corrigend(?:um|a)"
    r"|corrections?|retraction|addendum|publisher[’']?s[’']?\snote)\b",
    re.IGNORECASE,
)
# "Sensors, Vol. 25, Pages 1234: " and the like, as MDPI has it.
_PERIODICAL_FIRST = re.compile(
    r"[A-ZÀ-Þ][^:]{0,120}?,\s(?:Vol(?:ume)?\.?\s\d{1,5}(?:\s?\(\d{1,5}\))?)"
    r"(?:,\s(?:No\.?|Nr\.?|Iss(?:ue|\.)?|Number)\s?[\w.-]{1,10})?"
    r",\s(?:Pages?|pp?\.|Article(?:\sID)?|Art\.|Paper)\s?[\w.–-]{1,30}(?:\s?\(\d{4}\))?:\s+(?=\S)"
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
    """

    entry: DigestEntry
    is_citation: bool = False
    leads_with: int = 0
    fault: str = ""
    about: str = ""


def _read(items: list[dict[str, Any]], base: str) -> list[_Read]:
    """Read items; where descriptions begin with several authors, one name alone is one, too."""
    read = [_entry(item, base) for item in items]
    if sum(each.leads_with > 1 for each in read) >= _FEWEST_LED:
        read = [
            _entry(item, base, authors_lead=True) if each.leads_with == 1 else each
            for item, each in zip(items, read, strict=True)
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
    title, in_title = _title(item)
    title, in_title_by = _without_authors(title)
    described = [
        read_description(text, title=title, authors_lead=authors_lead) for text in headless
    ]
    about = next((each.about for each in described if each.about), "")
    identifiers = [address or link, name, about]
    arxiv_id = next(filter(None, map(arxiv_id_of, identifiers)), None)
    abstract = _best(each.abstract for each in described)
    # Some feeds name them as authors, and once more as creators.
    authors = named_once(
        authors_of(
            (
                name
                for author in item.get("authors") or ()
                if not _has_places_within(name := str(author.get("name") or ""))
            ),
            inverted=arxiv_id is None,
        )
    )
    doi = _doi(item, identifiers) or next((each.doi for each in described if each.doi), None)
    published_at = next(_instants(item), None)
    stated = str(item.get("arxiv_announce_type") or "").strip().lower()
    announce_type = next(
        filter(None, map(_ANNOUNCE_TYPES.get, (stated, *announced, in_title))), None
    )
    comment = text_of_html(str(item.get("arxiv_comment") or ""))
    if comment_withdraws(comment):
        announce_type = AnnounceType.WITHDRAWN
    entry = DigestEntry(
        title=title,
        abstract=abstract,
        authors=authors
        or next((each.authors for each in described if each.authors), ())
        or in_title_by,
        arxiv_id=arxiv_id,
        doi=doi,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else address,
        published_at=published_at
        or next((each.published_at for each in described if each.published_at), None),
        announce_type=announce_type or AnnounceType.NEW,
    )
    is_citation = any(each.is_citation for each in described)
    leads_with = max(each.leads_with for each in described)
    return _Read(entry, is_citation, leads_with, about=_first_named(headless))


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
    title, _ = _title(item)
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


def _has_places_within(names: str) -> bool:
    """Whether names and where people work are written without a gap, as Taylor & Francis does."""
    return "," in names and is_body(names) and _GLUED.search(names) is not None


def _without_header(description: str) -> tuple[str, str]:
    header = _ARXIV_HEADER.match(description)
    if header is None:
        return description, ""
    return description[header.end() :], header["announce"].lower()


def _title(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return the title without what sites write around it, and what arXiv announces there."""
    title = text_of_html(str(item.get("title") or ""))[:MOST_TITLE_CHARACTERS]
    title = _TITLE_START.sub("", mended(with_accents(title)))
    title = _PERIODICAL_FIRST.sub("", _without_end(title)) or title
    end = _ARXIV_TITLE_END.search(title)
    if end is None:
        return title, ""
    return title[: end.start()], (end["announce"] or end["behind"] or "").strip().lower()


def _without_end(title: str) -> str:
    """Take away brackets behind a title that say where it appeared, or what kind it is."""
    title = _TITLE_END.sub("", title)
    if _ON_ANOTHER.search(title) is None:
        title = _TITLE_END.sub("", _CITATION_END.sub("", title))
    return title


def _without_authors(title: str) -> tuple[str, tuple[str, ...]]:
    """Part a title and the authors behind it."""
    found = _BY_BEHIND.search(title)
    names = names_alone(found["names"]) if found is not None else ()
    return (title[: found.start()], names) if found is not None and names else (title, ())


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
