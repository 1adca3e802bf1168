"""The parsers of what is no mail, with their worst known inputs; a table for `linear`."""

from __future__ import annotations

from typing import Final

from linear import Maker, Parser, numbered, repeated
from papers_digest_texts import DIGEST_TEXTS
from papers_feeds import FEEDS, MARKUP
from papers_libraries import ZOTERO, ZOTERO_KEYS
from papers_mails import MAILS
from papers_makers import digest
from papers_references import BIBTEX, LINES, RIS, TAGGED, XML_OF_REFERENCES
from papers_services import JSON_LINES, JSON_LISTS, PACKED, SERVICES

from recommender.domain.titles import title_key
from recommender.html_text import blocks_of_html
from recommender.papers import formats
from recommender.papers.feeds.feed_xml import MAX_BYTES, MOST_TEXT
from recommender.papers.files import incoming
from recommender.papers.mails import mail_document
from recommender.papers.references import references
from recommender.papers.sources import polling, zotero

TITLES: Final[dict[str, Maker]] = {
    unit: repeated(unit)
    for unit in (
        *("](", "[a](", "(", "[1] ", "1. ", "#", "*", "a* ", "a+", "_", "2401.01234 ", "arxiv"),
        *("(arxiv:2401.01234) ", "https://a ", "(v2) ", "<a ", "<![cdata[", "&", "&amp;amp;"),
        *("&#1;", "\\", "\\a", "\\texorpdfstring{", "$", "aandnd", "\u03b1", "\ufdfa", "x\u0301"),
    )
}

HTML: Final[dict[str, Maker]] = {
    "nested": repeated("<div>"),
    "inline elements and ends": repeated("<b><i><u></p>"),
    "ends of what is not open": lambda size: b"<b>" * (size // 7) + b"</i>" * (size // 7),
    "lists": repeated("<ul><li>"),
    "tables": repeated("<table><td><form>"),
    "attributes": numbered(" a{}=b", before="<a"),
    "names": numbered("<x{}>"),
    "angle brackets": repeated("<"),
    "tags that never end": repeated("<a "),
    "ends that never end": repeated("</"),
    "comments": repeated("<!--"),
    "scripts": repeated("<script></"),
    "ampersands": repeated("&"),
    "entities": repeated("&amp;"),
    "an endless number": repeated("1", before="&#"),
    "an endless name": repeated("a", before="&"),
    "declarations": repeated("<![x]>"),
    "lines": repeated("a\n", before="<pre>"),
    "breaks": repeated("<br>a"),
    "NUL": repeated("\0"),
}

PARSERS: Final = (
    Parser("feed", digest, MAX_BYTES, {name: FEEDS[name] for name in MARKUP}),
    Parser("text of a feed", digest, MOST_TEXT, FEEDS),
    Parser("digest text", digest, formats.MAX_BYTES["digest text"], DIGEST_TEXTS),
    Parser("daily papers", digest, formats.MAX_BYTES["JSON list"], JSON_LISTS),
    Parser("JSON Lines", digest, incoming.MAX_BYTES, JSON_LINES),
    Parser("mails", digest, mail_document.MAX_BYTES // 4, MAILS),
    Parser("BibTeX", references.read_references, references.MAX_BYTES, BIBTEX),
    Parser("RIS", references.read_references, references.MAX_BYTES, RIS),
    Parser("tagged lines", references.read_references, references.MAX_BYTES, TAGGED),
    Parser("EndNote XML", references.read_references, references.MAX_XML_BYTES, XML_OF_REFERENCES),
    Parser("references as digests", digest, references.MAX_BYTES, {**RIS, **TAGGED}),
    Parser("services", digest, formats.MAX_BYTES["JSON list"], SERVICES),
    Parser("gzip", digest, incoming.MAX_BYTES, PACKED),
    Parser("Zotero's items", zotero.read_items, polling.MAX_BYTES, ZOTERO),
    Parser("Zotero's keys", zotero.read_keys, polling.MAX_BYTES, ZOTERO_KEYS),
    Parser("identifiers", references.read_references, references.MAX_BYTES, LINES),
    Parser("HTML", lambda content: blocks_of_html(content.decode()), 2_000_000, HTML),
    Parser("title", lambda content: title_key(content.decode()), 1_000_000, TITLES),
)
