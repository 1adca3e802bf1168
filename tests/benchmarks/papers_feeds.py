"""Feeds that are bad for their parser; a table for `papers_parsers`."""

from __future__ import annotations

from typing import Final

from linear import Maker, numbered, repeated
from papers_makers import ATOM, IN_ITEM, RSS, counted, in_item

FEEDS: Final[dict[str, Maker]] = {
    "a long word as author": in_item("a", before="<author>", after="</author>"),
    "dots and an at sign as author": in_item("a.", before="<author>a@", after="</author>"),
    "at signs as author": in_item("a@", before="<author>", after="</author>"),
    "long words as author": in_item("a" * 99 + " ", before="<author>", after="</author>"),
    "authors of one item": counted("<author>a b</author>", 1, before=IN_ITEM),
    "authors with an address": counted("<author>a@example.org (A)</author>", 1, before=IN_ITEM),
    "authors of bad words": counted(
        f"<author>{'a.' * 15}@{'a' * 29} B</author>", 1, before=IN_ITEM
    ),
    "nested authors": counted("<author>", 1, before=IN_ITEM),
    "a link full of DOIs": in_item("/10.1234/", before="<link>http://x.org", after="</link>"),
    "links full of DOIs": counted(
        f"<item><title>t</title><link>http://x.org{'/10.1234/' * 20}</link></item>", 3
    ),
    "a link of versions": in_item("v1", before="<link>http://x.org/10.1/x", after="</link>"),
    "links": counted("<link>http://example.org/a</link>", 1, before=IN_ITEM),
    "nested div, escaped": in_item("&lt;div>", before="<description>", after="</description>"),
    "nested div": in_item("<div>", before="<description>"),
    "nested elements": counted("<x>", 1, before=f"{IN_ITEM}<description>"),
    "nested titles": counted("<title>", 1, before=IN_ITEM),
    "swallowed titles": counted("<title>t</title>", 1, before=IN_ITEM + "<title>" * 90),
    "nested div in XHTML": repeated(
        "<div>", before=f'{ATOM}<entry><title>t</title><content type="xhtml">'
    ),
    "div in XHTML": repeated(
        "<div>a</div>", before=f'{ATOM}<entry><title>t</title><content type="xhtml">'
    ),
    "unended inline elements": in_item("&lt;b>&lt;i>&lt;/p>", before="<description>"),
    "angle brackets": in_item("&lt;", before="<description>", after="</description>"),
    "angle brackets in CDATA": in_item("<", before="<description><![CDATA["),
    "angle brackets in descriptions": counted(
        f"<item><title>t</title><description>{'&lt;' * 60}</description></item>", 3
    ),
    "tags in descriptions": counted(
        f"<item><title>t</title><description>{'&lt;b>' * 38}</description></item>", 3
    ),
    "bare angle brackets": in_item("<"),
    "tags that never end": in_item("&lt;a ", before="<description>", after="</description>"),
    "attributes without a value": in_item("a ", before="<description>&lt;a "),
    "ampersands": in_item("&", before="<description>", after="</description>"),
    "comments": in_item("&lt;!--", before="<description>", after="</description>"),
    "comments in the head": repeated("<!--", before="<?xml version='1.0'?><rss>"),
    "CDATA": in_item("<![CDATA["),
    "CDATA, ended": in_item("<![CDATA[a]]>", before="<description>"),
    "processing instructions": in_item("<?a "),
    "processing instructions, ended": in_item("<?a?>"),
    "entities": in_item("&#x41;", before="<title>", after="</title>"),
    "unknown entities": in_item("&abc;", before="<title>", after="</title>"),
    "entities of HTML": in_item("&nbsp;", before="<title>", after="</title>"),
    "endless number": in_item("1", before="<title>&#", after="</title>"),
    "titles of one item": counted("<title>t</title>", 1, before=f"{RSS}<item>"),
    "descriptions of one item": counted("<description>t</description>", 1, before=IN_ITEM),
    "contents of one item": counted("<content>t</content>", 1, before=IN_ITEM),
    "dates of one item": counted("<pubDate>Feb 30 99999</pubDate>", 1, before=IN_ITEM),
    "categories": counted("<category>c{}</category>", 1, before=IN_ITEM),
    "unknown elements": counted("<x{}>a</x{}>", 1, before=IN_ITEM),
    "unknown elements that never end": counted("<x{}>", 1, before=IN_ITEM),
    "attributes": counted('<x a{}="b"/>', 1, before=IN_ITEM),
    "attributes of one element": numbered(' a{}="b"', before=f"{RSS}<item", after="><title>t"),
    "namespaces": counted('<x{}:a xmlns:x{}="urn:{}"/>', 1, before=IN_ITEM),
    "namespaces of one element": numbered(
        ' xmlns:x{}="urn:{}"', before=f"{RSS}<item", after="><title>t"
    ),
    "tiny items": counted("<item><title>t{}</title></item>", 2),
    "items without a title": counted("<item/>", 1),
    "nested items": counted("<item><title>t{}</title>", 2),
    "items that never end": counted("<item>", 1),
    "items of one title": counted(
        "<item><title>t</title><link>https://doi.org/10.1234/{}</link></item>", 3
    ),
    "dates": counted("<item><title>t{}</title><pubDate>Feb 30 99999</pubDate></item>", 3),
    "days of year 0": counted("<item><title>t{}</title><updated>0000-00-00</updated></item>", 3),
    "long dates": counted(f"<item><title>t</title><pubDate>{'1:' * 49}</pubDate></item>", 3),
    "a long date": in_item("1", before="<pubDate>", after="</pubDate>"),
    "a date of spaces": in_item(" ", before="<pubDate>1", after="1</pubDate>"),
    "white space": in_item(" ", before="<description>x", after="x</description>"),
    "lines": in_item("\n"),
    "a title of accents": in_item("\u0315\u0300", before="<title>a", after="</title>"),
    "titles of accents": counted("<item><title>" + "\u0315\u0300" * 40 + "</title></item>", 2),
    "tags that are not closed": in_item("<a></b>"),
    "elements that are not closed": counted("<x></y>", 1, before=IN_ITEM),
    "an entity used often": repeated(
        "&a;", before=f"<!DOCTYPE rss [<!ENTITY a '{'a' * 1000}'>]><rss><channel><item><title>t"
    ),
    "entities declared": numbered(
        "<!ENTITY a{} 'a'>", before="<!DOCTYPE rss [<!-- <rss> -->", after=f"]>{ATOM}"
    ),
    "entities declared without end": repeated('<!ENTITY a "', before="<?xml?><rss><!DOCTYPE rss ["),
    "entities declared by turns": repeated("<!ENTITY a \"'", before="<?xml?><rss><!DOCTYPE rss ["),
    "a declaration that never ends": repeated("<!ENTITY a ", before="<?xml?><rss><!DOCTYPE rss ["),
    "an encoding of no letters": lambda size: (
        b'<?xml version="1.0" encoding="punycode"?><rss><channel><item><title>'
        + b"a" * (size // 2 - 200)
        + b"-"
        + b"z" * (size // 2 - 200)
    ),
    "bytes that are no UTF-8": lambda size: (
        f"{RSS}<item><title>t</title><description>".encode() + b"\xff" * (size - 200)
    ),
    "teasers": in_item("Volume 1, Issue 2, ", before="<description>", after="</description>"),
    "lines of teasers": in_item(
        "&lt;p>Volume 1, Issue 2.&lt;/p>", before="<description>", after="</description>"
    ),
    "descriptions of teasers": counted(
        f"<item><title>t{{}}</title><description>{'Cells, p. 1, ' * 10}</description></item>", 3
    ),
    "descriptions of names": counted(
        f"<item><title>t{{}}</title><description>{'Ann B, ' * 18}</description></item>", 3
    ),
    "raised text": in_item("&lt;sup>1&lt;/sup>", before="<description>", after="</description>"),
    "raised text that never ends": in_item("&lt;sup>1", before="<description>"),
    "accents of LaTeX": in_item("\\'{", before="<description>", after="</description>"),
    "a link of spaces": in_item(" ", before="<link>http://x.org/a", after="b</link>"),
    "labels": in_item("Abstract ", before="<description>", after="</description>"),
    "NUL": in_item("\0", before="<description>", after="</description>"),
}

MARKUP: Final = (
    *("nested div, escaped", "nested div", "unended inline elements", "angle brackets"),
    *("bare angle brackets", "tags that never end", "ampersands", "comments", "entities"),
    *("unknown entities", "entities of HTML", "tags that are not closed", "raised text"),
)
"""Of which a feed may have as many bytes as it may have at all; of other text it has less."""
