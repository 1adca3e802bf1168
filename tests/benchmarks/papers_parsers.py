"""The parsers of what is no mail, with their worst known inputs; a table for `linear`."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import Final

from linear import Maker, Parser, numbered, repeated

from recommender.domain.titles import title_key
from recommender.html_text import blocks_of_html
from recommender.papers import (
    formats,
    incoming,
    mail_document,
    polling,
    references,
    zotero,
)
from recommender.papers.feed_xml import MAX_BYTES, MOST_ELEMENTS, MOST_TEXT
from recommender.papers.free_digest import MOST_LINES
from recommender.papers.merging import merge_entries

NOW: Final = datetime(2026, 3, 11, 7, tzinfo=UTC)
TODAY: Final = NOW.date()

RSS: Final = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>'
IN_ITEM: Final = f"{RSS}<item><title>a title</title>"
ATOM: Final = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
DC: Final = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def digest(content: bytes) -> object:
    """Read a digest, and decide which papers its entries are."""
    entries = formats.parse_digest(content, today=TODAY).entries
    return merge_entries([], entries, now=NOW)


def in_item(unit: str, *, before: str = "", after: str = "") -> Maker:
    """Return a maker of RSS whose only item holds the units."""
    return repeated(
        unit,
        before=f"{RSS}<item><title>a title</title>{before}",
        after=f"{after}</item></channel></rss>",
    )


def counted(unit: str, elements: int, *, before: str = RSS, after: str = "") -> Maker:
    """Return a maker of as many units as a feed may have, by its elements and by its size."""

    def make(size: int) -> bytes:
        by_elements = (MOST_ELEMENTS - 100) * size // MAX_BYTES // elements
        # A number takes up to five digits.
        by_size = (size - len((before + after).encode())) // (len(unit.encode()) + 5)
        number = min(by_elements, by_size)
        pieces = (unit.replace("{}", str(each)) for each in range(number))
        return (before + "".join(pieces) + after).encode()

    return make


def in_few_lines(unit: str, lines: int, *, before: str = "", after: str = "") -> Maker:
    """Return a maker of as many units as a digest text may have lines."""

    def make(size: int) -> bytes:
        number = MOST_LINES * size // formats.MAX_BYTES["digest text"] // lines - 10
        number = min(number, (size - len((before + after).encode())) // len(unit.encode()))
        return (before + unit * number + after).encode()

    return make


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

DIGEST_TEXTS: Final[dict[str, Maker]] = {
    "dates": repeated("Mar 11\n", after="\n\na"),
    "dates apart": repeated("Mar 11\n\n"),
    "lines": repeated("a\n", after="\n\na."),
    "paragraphs": repeated("a title\n\nAn abstract.\n\n"),
    "empty lines": repeated("\n", before="a\n", after="a."),
    "white space": repeated(" ", before="a title\n\nAn", after="abstract."),
    "a white line": repeated(" ", before="a title\n", after="\nAn abstract."),
    "white space in a date": repeated(" ", before="a title\n\nMar", after="x 11 abstract."),
    "bylines": repeated("by X\n\n"),
    "banners": repeated("new!\n", after="\n\na"),
    "a banner of points": repeated("!", before="new", after="\n\nAn abstract."),
    "one line": repeated("a ", before="a title\n\n", after="."),
    "one word": repeated("a", before="a title\n\n", after="."),
    "points": repeated(". ", before="a title\n\n", after="."),
    "one paragraph": repeated("a", before=""),
    "angle brackets": repeated("<", before="a title\n\n", after="."),
    "combining accents": repeated("\u0315\u0300", before="a", after="\n\nAn abstract."),
    "many accents": repeated("\u0315\u0300", before="a title\n\n", after="."),
    "one title": repeated("a title\n\nAn abstract of it.\n\n"),
    "headings": in_few_lines("## a title\n\nAn abstract of it.\n\n", 4),
    "numbers": in_few_lines("1. a title\nAn abstract of it.\n", 2),
    "bullets": in_few_lines("- **a title**: An abstract of it.\n", 1),
    "labels": in_few_lines("Title: a\nAuthors: A B, C D\nAbstract: An abstract of it.\n", 3),
    "lines of links": in_few_lines("[pdf](https://example.org/a) | [code](https://x.org)\n", 1),
    "links in a line": repeated("[a](https://example.org) ", before="## a title\n\n", after="."),
    "links behind a text": repeated("[pdf](https://x.org) | ", before="## a title\n\nA text. "),
    "brackets": repeated("[", before="## a title\n\n", after="."),
    "brackets by turns": repeated("[a]", before="## a title\n\n[", after="."),
    "half a link": repeated("[a](https://", before="## a title\n\n", after="."),
    "an address": repeated("a", before="## a title\n\nhttps://"),
    "brackets in an address": repeated("(a)", before="## a title\n\nhttps://a"),
    "stars": repeated("*", before="## a title\n\n", after="a."),
    "bold": repeated("**a** ", before="## a title\n\n", after="."),
    "half bold": repeated("**a ", before="**a title**\n\n", after="."),
    "identifiers": repeated("2401.12345 ", before="## a title\n\n"),
    "emoji": repeated("📄", before="📄 a title\n\n", after="."),
    "keycaps": repeated("1\ufe0f\u20e3", before="## a title\n\n", after="."),
    "quotes": repeated("> ", before="## a title\n\n", after="."),
    "names": repeated("Ann B, ", before="## a title\n\nby "),
    "names in lines": in_few_lines("Ann B, Carl D,\n", 1, before="## a title\n\n"),
    "bars": repeated("|", before="| Title | Abstract |\n|---|---|\n| a |"),
    "rows": in_few_lines(
        "| a title | An abstract of it. |\n", 1, before="| Title | Abstract |\n|---|---|\n"
    ),
    "rows that never end": in_few_lines(
        "| a title\n", 1, before="| Title | Abstract |\n|---|---|\n"
    ),
    "cells that never end": in_few_lines("a\n", 1, before="| Title | Abstract |\n|---|---|\n| a"),
    "delimiters": repeated("---|", before="a | b\n"),
    "rules": in_few_lines("---\n", 1, before="## a title\n\nAn abstract.\n\n"),
    "a rule": repeated("- ", before="## a title\n\n"),
    "underlines": in_few_lines("a title\n----\n", 2),
    "HTML": in_few_lines("<h3>a title</h3>\n<p>An abstract of it.</p>\n", 2),
    "tags": repeated("<b>", before="<h3>a title</h3>\n<p>", after="</p>"),
    "nested lists of HTML": repeated("<ol><li>", before="<h3>a</h3>\n<p>a</p>\n"),
    "tags without end": repeated("<a href=", before="<h3>a</h3>\n<p>a</p>\n"),
    "comments": repeated("<!--", before="<h3>a</h3>\n<p>a</p>\n"),
    "links of HTML": repeated('<a href="https://x.org">', before="<h3>a</h3>\n<p>a</p>\n"),
    "wrapped text": in_few_lines(f"{'word ' * 15}\n", 1, before="## a title\n\n", after="a."),
    "footers": in_few_lines("Unsubscribe\n\n", 2, before="## a title\n\nAn abstract.\n\n"),
    "greetings": in_few_lines("Hi all,\n\n", 2, before="## a title\n\nAn abstract.\n\n"),
    "days": in_few_lines("11/03/2026\n\n", 2),
}

JSON_LISTS: Final[dict[str, Maker]] = {
    "nested lists": repeated("["),
    "nested objects": repeated('{"a":', before="["),
    "lists": repeated("[],", before="[", after="[]]"),
    "objects": repeated("{},", before="[", after="{}]"),
    "entries": numbered(
        '{"paper":{"id":"2401.12345","title":"t{}"}},', before="[", after='{"paper":0}]'
    ),
    "digits": repeated("1", before='[{"paper":{"upvotes":', after="}}]"),
    "numbers": repeated("1,", before="[", after="1]"),
    "backslashes": repeated("\\\\", before='["', after='"]'),
    "a string that never ends": repeated("a", before='["'),
    "surrogates": repeated("\\ud800", before='["', after='"]'),
    "white space": repeated(" ", before="[", after="]"),
    "keys": numbered(
        '"{}":0,', before='[{"paper":{"id":"2401.12345","title":"t",', after='"a":0}}]'
    ),
    "a title of accents": repeated(
        "\u0315\u0300", before='[{"paper":{"id":"2401.12345","title":"a', after='"}}]'
    ),
    "authors": repeated(
        '{"name":"a"},',
        before='[{"paper":{"id":"2401.12345","title":"t","authors":[',
        after='{"name":"a"}]}}]',
    ),
    "an identifier": repeated("arxiv:", before='[{"paper":{"title":"t","id":"', after='"}}]'),
    "commas": repeated(",", before="["),
    "works": numbered('{"DOI":"10.1234/{}","title":["t"]},', before='{"items":[', after="{}]}"),
    "places of words": repeated(
        "1,",
        before='{"meta":0,"results":[{"title":"t","abstract_inverted_index":{"a":[',
        after="1]}}]}",
    ),
    "authors of a work": repeated(
        '{"family":"a b"},', before='{"DOI":"10.1/a","title":["t"],"author":[', after="{}]}"
    ),
}

JSON_LINES: Final[dict[str, Maker]] = {
    "papers": numbered('{"id":"{}","title":"t{}"}\n'),
    "papers of one title": numbered('{"id":"10.1234/{}","title":"t"}\n'),
    "empty lines": repeated("\n", before='{"id":"1","title":"t"}\n'),
    "nested lists": repeated("[", before='{"id":"1","title":"t"}\n'),
    "lists in lines": repeated(f'{{"id":"1","title":"t","a":[{"[]," * 300_000}[]]}}\n'),
    "one long line": repeated("a", before='{"id":"1","title":"', after='"}\n'),
    "accents": repeated("\u0315\u0300", before='{"id":"1","title":"', after='"}\n'),
    "an identifier": repeated("arxiv:", before='{"title":"t","id":"', after='"}\n'),
}

TITLES: Final[dict[str, Maker]] = {
    unit: repeated(unit)
    for unit in (
        *("](", "[a](", "(", "[1] ", "1. ", "#", "*", "a* ", "a+", "_", "2401.01234 ", "arxiv"),
        *("(arxiv:2401.01234) ", "https://a ", "(v2) ", "<a ", "<![cdata[", "&", "&amp;amp;"),
        *("&#1;", "\\", "\\a", "\\texorpdfstring{", "$", "aandnd", "\u03b1", "\ufdfa", "x\u0301"),
    )
}

BIBTEX: Final[dict[str, Maker]] = {
    "braces": repeated("{", before="@a{b, title="),
    "nested braces": lambda size: (
        b"@a{b, title=" + b"{" * (size // 2 - 20) + b"}" * (size // 2 - 20) + b"}"
    ),
    "braces in an author": lambda size: (
        b"@a{b, title={t}, author={"
        + b"{" * min(size // 2 - 30, 45_000)
        + b"}" * min(size // 2 - 30, 45_000)
        + b"}}"
    ),
    "braces unended in an author": repeated("{a", before='@a{b, title={t}, author="', after='"}'),
    "entries": repeated("@a{b,title={t}}\n"),
    "entries that never end": repeated("@a{b,\n"),
    "entries of one line": repeated("@a{b,title={t}} "),
    "fields": numbered("f{}={a},", before="@a{b,", after="title={t}}"),
    "fields of one name": repeated("t={a},", before="@a{b,", after="title={t}}"),
    "quotes": repeated('"', before="@a{b, title="),
    "quotes and braces": repeated('"{', before="@a{b, title="),
    "parentheses": repeated("@a(b,\n"),
    "comments": repeated("@comment{a}\n"),
    "strings": numbered('@string{s{} = "a"}\n', after="@a{b,title=s1}"),
    "strings in strings": numbered("@string{s{} = s1 # s2}\n", after="@a{b,title=s1}"),
    "a string used often": repeated(
        "s # ", before=f'@string{{s = "{"a" * 900}"}}\n@a{{b,title=', after="s}"
    ),
    "at signs": repeated("@", before="@a{b,title={t}}\n"),
    "at signs and spaces": repeated("@a ", before="@a{b,title={t}}\n"),
    "lines": repeated("\n", before="@a{b,title={t}}\n"),
    "white lines": repeated(" \n", before="@a{b,title={t}}\n"),
    "white space before an entry": repeated(" ", before="@a{b,title={t}}\n", after="@a{b}"),
    "dollars": repeated("$ ", before="@a{b,title={", after="}}"),
    "escaped dollars": repeated("\\$", before="@a{b,title={$", after="}}"),
    "backslashes": repeated("\\", before="@a{b,title={", after="}}"),
    "macros": repeated("\\a", before="@a{b,title={", after="}}"),
    "a long macro": repeated("a", before="@a{b,title={\\", after="}}"),
    "accents": repeated("\\'{", before="@a{b,title={", after="}}"),
    "spaced accents": repeated("\\' ", before="@a{b,title={", after="}}"),
    "and": repeated("and ", before="@a{b,title={t},author={", after="}}"),
    "commas": repeated(",", before="@a{b,title={t},author={", after="}}"),
    "names": repeated("A B and ", before="@a{b,title={t},author={", after="C D}}"),
    "angle brackets": repeated("<", before="@a{b,title={", after="}}"),
    "tags": repeated("<a ", before="@a{b,title={", after="}}"),
    "identifiers": repeated("arxiv:", before="@a{b,title={t},note={", after="}}"),
    "identifiers between entries": repeated("10.1234/a,", before="@a{b,title={t}}\n"),
    "a month of words": repeated("j ", before="@a{b,title={t},year=2001,month={", after="}}"),
    "parts of a name": repeated("family=a, ", before="@a{b,title={t},author={", after="}}"),
    "names in parts": repeated(
        "family=a and ", before="@a{b,title={t},author={", after="given=b}}"
    ),
    "joined pieces": repeated('"a" # ', before="@a{b,title=", after='"a"}'),
    "joined strings": repeated(
        "s # ", before='@string{s="' + "a" * 900 + '"}@a{b,title=', after="s}"
    ),
    "pieces that never end": repeated('"{', before="@a{b,title=", after="}"),
    "entries of one collection": repeated(
        "@a{k,title={t},crossref={p}}\n", before="@a{p,title={t},crossref={p},xdata={p,p,p}}\n"
    ),
    "entries without a key": repeated("@a{b=c}\n"),
    "links": repeated("\\href{", before="@a{b,title={", after="}}"),
    "links of links": repeated("\\href{a}{", before="@a{b,title={", after="}}"),
    "footnotes": repeated("\\thanks{a} ", before="@a{b,title={", after="}}"),
    "raised text": repeated("\\textsuperscript{1}", before="@a{b,abstract={", after="}}"),
}

RIS: Final[dict[str, Maker]] = {
    "references": repeated("TY  - JOUR\nTI  - t\nER  -\n"),
    "references that never end": repeated("TY  - JOUR\n"),
    "authors": repeated("AU  - a, b\n", before="TY  - JOUR\nTI  - t\n"),
    "lines of a title": repeated("a\n", before="TY  - JOUR\nTI  - t\n"),
    "empty lines": repeated("\n", before="TY  - JOUR\nTI  - t\n"),
    "one line": repeated("a ", before="TY  - JOUR\nTI  - "),
    "unknown tags": numbered("X1  - {}\n", before="TY  - JOUR\nTI  - t\n"),
    "links": repeated("UR  - http://a;b\n", before="TY  - JOUR\nTI  - t\n"),
    "a link of many": repeated(";", before="TY  - JOUR\nTI  - t\nUR  - "),
    "white space": repeated(" ", before="TY  - JOUR\nTI  - t\n", after="x\nTY  - JOUR\n"),
    "text before": repeated("10.1234/a,", after="\nTY  - JOUR\nTI  - t\n"),
    "identifiers": repeated("DO  - doi doi doi:\n", before="TY  - JOUR\nTI  - t\n"),
    "angle brackets": repeated("<", before="TY  - JOUR\nTI  - t\nAB  - "),
    "dates": repeated("PY  - 1999/\n", before="TY  - JOUR\nTI  - t\n"),
}

TAGGED: Final[dict[str, Maker]] = {
    "citations": numbered("PMID- {}\nTI  - t\n"),
    "citations of one number": repeated("PMID- 1\nTI  - t\n\n"),
    "authors": repeated("FAU - A, B\n", before="PMID- 1\nTI  - t\n"),
    "short authors": repeated("AU  - Doe JA\n", before="PMID- 1\nTI  - t\n"),
    "lines of a title": repeated("      a\n", before="PMID- 1\nTI  - t\n"),
    "tags of nothing": repeated("AB  -\n", before="PMID- 1\nTI  - t\n"),
    "identifiers": repeated("AID - 10.1234/a [doi]\n", before="PMID- 1\nTI  - t\n"),
    "brackets": repeated("[", before="PMID- 1\nTI  - ", after="]."),
    "a date of spaces": repeated(" ", before="PMID- 1\nTI  - t\nDP  - 2001", after="x"),
    "records of Web of Science": repeated("PT J\nTI t\nER\n", before="FN Web of Science\nVR 1.0\n"),
    "people of Web of Science": repeated(
        "   Doe, JA\n", before="FN Web of Science\nVR 1.0\nPT J\nTI t\nAU A\n"
    ),
    "ends of Web of Science": repeated(
        "\nEF", before="FN Web of Science\nVR 1.0\nPT J\nTI t\nER\n"
    ),
    "notes": repeated("N1  - see 10.1234/a\n", before="TY  - JOUR\nTI  - t\n"),
    "a note of words": repeated("references ", before="TY  - JOUR\nTI  - t\nN1  - "),
    "semicolons": repeated(";", before="TY  - JOUR\nTI  - t\nAU  - "),
    "lower case": repeated("ti - a\n", before="ty - JOUR\n"),
    "quote marks": repeated("> a\n"),
}

XML_OF_REFERENCES: Final[dict[str, Maker]] = {
    "records": repeated("<record/>", before="<xml><records>", after="</records></xml>"),
    "records that never end": repeated("<record>", before="<xml><records>"),
    "nested titles": repeated("<titles><title>", before="<xml><records><record>"),
    "titles": repeated(
        "<title>t</title>", before="<xml><records><record><titles>", after="</titles></record>"
    ),
    "nested styles": repeated(
        "<style>", before="<xml><records><record><titles><title>", after="</title>"
    ),
    "styles": repeated(
        "<style face='superscript'>1</style>", before="<xml><records><record><titles><title>"
    ),
    "angle brackets": repeated("&lt;", before="<xml><records><record><abstract>"),
    "angle brackets in CDATA": repeated("<", before="<xml><records><record><abstract><![CDATA["),
    "attributes": numbered(" a{}='b'", before="<xml><records><record", after="/>"),
    "authors": repeated(
        "<author>A, B</author>", before="<xml><records><record><contributors><authors>"
    ),
    "links": repeated(
        "<url>http://x.org/10.1234/</url>", before="<xml><records><record><urls><related-urls>"
    ),
    "a link of DOIs": repeated(
        "/10.1234/", before="<xml><records><record><urls><related-urls><url>http://x.org"
    ),
    "declarations": repeated("<!ELEMENT a ANY>", before="<!DOCTYPE xml ["),
    "comments": repeated("<!-- -->", before="<xml><records>"),
    "white space": repeated(" ", before="<xml>", after="<records>"),
    "long words": repeated("a", before="<xml><records><record><notes>"),
}

SERVICES: Final[dict[str, Maker]] = {
    "updates of a work": repeated(
        '{"type":"retraction","DOI":"10.1234/a"},',
        before='{"DOI":"10.1234/b","title":["t"],"updated-by":[',
        after='{"type":"x"}]}',
    ),
    "titles of notices": repeated(
        "Retraction of ", before='{"DOI":"10.1234/b","title":["', after='"]}'
    ),
    "works that were taken back": numbered(
        '{"title":"RETRACTED: t{}","authorships":[],"is_retracted":true},',
        before='{"meta":{},"results":[',
        after='{"title":"t"}]}',
    ),
    "words of an abstract": numbered(
        '"w{}":[1],',
        before='{"authorships":[],"title":"t","abstract_inverted_index":{',
        after='"w":[2]}}',
    ),
    "kinds of a publication": repeated(
        '"Journal Article",',
        before='{"resultList":{"result":[{"title":"t","pubTypeList":{"pubType":[',
        after='"x"]}}]}}',
    ),
    "keywords": numbered(
        '"k{}",', before='[{"paper":{"id":"2603.00001","title":"t","ai_keywords":[', after='"k"]}}]'
    ),
    "a link of code": repeated(
        "a", before='[{"paper":{"id":"2603.00001","title":"t","githubRepo":"https://', after='"}}]'
    ),
    "a comment": repeated(
        "withdrawn ", before='{"id":"2603.00001","title":"t","comment":"', after='"}'
    ),
    "brackets of a title": repeated(
        "(retracted article ", before='{"id":"2603.00001","title":"', after='"}'
    ),
}

PACKED: Final[dict[str, Maker]] = {
    "members": lambda size: gzip.compress(b"") * (size // 20),
    "members of a letter": lambda size: gzip.compress(b"a") * (size // 21),
    "garbage behind": lambda size: gzip.compress(b"a title\n\nAn abstract.") + b"\0" * (size - 100),
    "a bomb": lambda size: gzip.compress(b"a" * size * 20),
    "a long name": lambda size: b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a" * (size - 10),
}

TAGGED: Final[dict[str, Maker]] = {
    "citations": numbered("PMID- {}\nTI  - t\n"),
    "citations of one number": repeated("PMID- 1\nTI  - t\n\n"),
    "authors": repeated("FAU - A, B\n", before="PMID- 1\nTI  - t\n"),
    "short authors": repeated("AU  - Doe JA\n", before="PMID- 1\nTI  - t\n"),
    "lines of a title": repeated("      a\n", before="PMID- 1\nTI  - t\n"),
    "tags of nothing": repeated("AB  -\n", before="PMID- 1\nTI  - t\n"),
    "identifiers": repeated("AID - 10.1234/a [doi]\n", before="PMID- 1\nTI  - t\n"),
    "brackets": repeated("[", before="PMID- 1\nTI  - ", after="]."),
    "a date of spaces": repeated(" ", before="PMID- 1\nTI  - t\nDP  - 2001", after="x"),
    "records of Web of Science": repeated("PT J\nTI t\nER\n", before="FN Web of Science\nVR 1.0\n"),
    "people of Web of Science": repeated(
        "   Doe, JA\n", before="FN Web of Science\nVR 1.0\nPT J\nTI t\nAU A\n"
    ),
    "ends of Web of Science": repeated(
        "\nEF", before="FN Web of Science\nVR 1.0\nPT J\nTI t\nER\n"
    ),
    "notes": repeated("N1  - see 10.1234/a\n", before="TY  - JOUR\nTI  - t\n"),
    "a note of words": repeated("references ", before="TY  - JOUR\nTI  - t\nN1  - "),
    "semicolons": repeated(";", before="TY  - JOUR\nTI  - t\nAU  - "),
    "lower case": repeated("ti - a\n", before="ty - JOUR\n"),
    "quote marks": repeated("> a\n"),
}

XML_OF_REFERENCES: Final[dict[str, Maker]] = {
    "records": repeated("<record/>", before="<xml><records>", after="</records></xml>"),
    "records that never end": repeated("<record>", before="<xml><records>"),
    "nested titles": repeated("<titles><title>", before="<xml><records><record>"),
    "titles": repeated(
        "<title>t</title>", before="<xml><records><record><titles>", after="</titles></record>"
    ),
    "nested styles": repeated(
        "<style>", before="<xml><records><record><titles><title>", after="</title>"
    ),
    "styles": repeated(
        "<style face='superscript'>1</style>", before="<xml><records><record><titles><title>"
    ),
    "angle brackets": repeated("&lt;", before="<xml><records><record><abstract>"),
    "angle brackets in CDATA": repeated("<", before="<xml><records><record><abstract><![CDATA["),
    "attributes": numbered(" a{}='b'", before="<xml><records><record", after="/>"),
    "authors": repeated(
        "<author>A, B</author>", before="<xml><records><record><contributors><authors>"
    ),
    "links": repeated(
        "<url>http://x.org/10.1234/</url>", before="<xml><records><record><urls><related-urls>"
    ),
    "a link of DOIs": repeated(
        "/10.1234/", before="<xml><records><record><urls><related-urls><url>http://x.org"
    ),
    "declarations": repeated("<!ELEMENT a ANY>", before="<!DOCTYPE xml ["),
    "comments": repeated("<!-- -->", before="<xml><records>"),
    "white space": repeated(" ", before="<xml>", after="<records>"),
    "long words": repeated("a", before="<xml><records><record><notes>"),
}

SERVICES: Final[dict[str, Maker]] = {
    "updates of a work": repeated(
        '{"type":"retraction","DOI":"10.1234/a"},',
        before='{"DOI":"10.1234/b","title":["t"],"updated-by":[',
        after='{"type":"x"}]}',
    ),
    "titles of notices": repeated(
        "Retraction of ", before='{"DOI":"10.1234/b","title":["', after='"]}'
    ),
    "works that were taken back": numbered(
        '{"title":"RETRACTED: t{}","authorships":[],"is_retracted":true},',
        before='{"meta":{},"results":[',
        after='{"title":"t"}]}',
    ),
    "words of an abstract": numbered(
        '"w{}":[1],',
        before='{"authorships":[],"title":"t","abstract_inverted_index":{',
        after='"w":[2]}}',
    ),
    "kinds of a publication": repeated(
        '"Journal Article",',
        before='{"resultList":{"result":[{"title":"t","pubTypeList":{"pubType":[',
        after='"x"]}}]}}',
    ),
    "keywords": numbered(
        '"k{}",', before='[{"paper":{"id":"2603.00001","title":"t","ai_keywords":[', after='"k"]}}]'
    ),
    "a link of code": repeated(
        "a", before='[{"paper":{"id":"2603.00001","title":"t","githubRepo":"https://', after='"}}]'
    ),
    "a comment": repeated(
        "withdrawn ", before='{"id":"2603.00001","title":"t","comment":"', after='"}'
    ),
    "brackets of a title": repeated(
        "(retracted article ", before='{"id":"2603.00001","title":"', after='"}'
    ),
}

PACKED: Final[dict[str, Maker]] = {
    "members": lambda size: gzip.compress(b"") * (size // 20),
    "members of a letter": lambda size: gzip.compress(b"a") * (size // 21),
    "garbage behind": lambda size: gzip.compress(b"a title\n\nAn abstract.") + b"\0" * (size - 100),
    "a bomb": lambda size: gzip.compress(b"a" * size * 20),
    "a long name": lambda size: b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a" * (size - 10),
}

LINES: Final[dict[str, Maker]] = {
    "lines": repeated("a\n"),
    "one word": repeated("a"),
    "commas": repeated(","),
    "commas and letters": repeated(",a"),
    "commas and identifiers": repeated(",10.1234/"),
    "identifiers": numbered("10.1234/{}\n"),
    "one line of identifiers": numbered("10.1234/{} "),
    "old identifiers": repeated("a-b/"),
    "resolvers": repeated("https://doi.org/"),
    "prefixes": repeated("doi:"),
    "brackets": repeated("("),
    "closing brackets": repeated(")"),
    "words of brackets": repeated("(" * 250 + ")" * 250 + " "),
    "points": repeated("."),
    "white space": repeated(" ", before="a", after="a"),
    "arxiv": repeated("arxiv: "),
    "arxiv and letters": repeated("a", before="arxiv:"),
    "percents": repeated("%41", before="https://doi.org/10.1234/"),
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

ITEM: Final = '[{"key": "A", "data": {"itemType": "book", "title": "t", '
ZOTERO: Final = {
    "a long title": repeated("a ", before=ITEM + '"title": "', after='"}}]'),
    "tags in a title": repeated("<i>", before=ITEM + '"title": "', after='"}}]'),
    "angle brackets in an abstract": repeated("<", before=ITEM + '"abstractNote": "', after='"}}]'),
    "lines of extra": repeated("DOI: \\n", before=ITEM + '"extra": "', after='"}}]'),
    "DOIs in extra": repeated("DOI:10.1/a,10.1/", before=ITEM + '"extra": "', after='"}}]'),
    "a DOI of slashes": repeated("10.1234/", before=ITEM + '"DOI": "', after='"}}]'),
    "creators": repeated(
        '{"creatorType": "author", "lastName": "a"},',
        before=ITEM + '"creators": [',
        after="{}]}}]",
    ),
    "nested lists": repeated("[", before=ITEM + '"extra": '),
    "items": repeated(f"{ITEM[1:]}}}}},".replace(", }", "}"), before="[", after="{}]"),
    "unknown fields": numbered('"x{}": 1, ', before=ITEM, after='"y": 1}}]'),
    "backslashes": repeated("\\\\", before=ITEM + '"extra": "', after='"}}]'),
}
ZOTERO_KEYS: Final = {
    "keys": repeated("AAAA1111\n"),
    "one long key": repeated("A"),
    "blanks": repeated(" \n"),
}


def _mail(kind: str, body: str) -> str:
    return (
        "From: a@example.org\nDate: Wed, 11 Mar 2026 06:00:00 +0000\nSubject: x\n"
        f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n{body}"
    )


def in_mail(unit: str, *, kind: str = "plain", before: str = "", after: str = "") -> Maker:
    """Return a maker of mails with many units in their text."""
    return repeated(unit, before=_mail(kind, before), after=after)


ARXIV_RULE: Final = "-" * 78
SCHOLAR_LINK: Final = (
    "<a class=gse_alrt_title href='https://scholar.google.com/scholar_url?url=https://x.org/a'>"
)

MAILS: Final[dict[str, Maker]] = {
    "records of arXiv": numbered(
        "\\\\\narXiv:2603.01234\nTitle: t{}\nAuthors: A B\n\\\\\n  a\n"
        "\\\\ ( https://arxiv.org/abs/2603.01234 , 1kb)\n",
        before=_mail("plain", ""),
    ),
    "records that never end": in_mail("\\\\\narXiv:2603.01234\n"),
    "one record that never ends": in_mail(
        "Title: a\n", before="\\\\\narXiv:2603.01234\n", after="x"
    ),
    "slashes": in_mail("\\\\\n", before="\\\\\narXiv:2603.01234\n"),
    "authors of arXiv": in_mail(
        "A B (", before="\\\\\narXiv:2603.01234\nTitle: t\nAuthors: ", after="\n\\\\ ( https://a"
    ),
    "an abstract of short lines": in_mail(
        "a-\n", before="\\\\\narXiv:2603.01234\nTitle: t\n\\\\\n", after="\\\\ ( https://a"
    ),
    "quotes": in_mail("> "),
    "quotes in lines": in_mail("> > > > a\n"),
    "headers of forwarding": in_mail("From: a\nDate: 10 March 2026\nTo: b\nSubject: c\n\n"),
    "announced forwarding": in_mail("---- Forwarded message ----\nFrom: a\nTo: b\n\n"),
    "rules": in_mail("_" * 40 + "\n"),
    "rules of one line": in_mail("_"),
    "citations of PubMed": numbered(
        "{}. J Ex. 2026 Mar;1:1.\n\nA title.\n\nDoe J, Roe R.\n\nPMID: 1\n\n",
        before=_mail("plain", "PubMed Results\n"),
    ),
    "citations without PMID": in_mail("1. A b. C. 2026;\n", before="PubMed Results\n"),
    "one citation of points": in_mail(
        "a. ", before="PubMed Results\n1. Doe J. ", after="2026;\nPMID: 1\n"
    ),
    "one citation of names": in_mail(
        "Doe J, ", before="PubMed Results\n1. ", after="Roe R. A title. J Ex. 2026;1. PMID: 1\n"
    ),
    "a list of papers": numbered(
        "<p><a href='https://doi.org/10.1234/{}'>A title of number {}</a></p><p>Ann B, Bob C</p>",
        before=_mail("html", ""),
    ),
    "titles of one link": in_mail(
        "<p><a href='https://doi.org/10.1234/a'>A title of it</a></p>", kind="html"
    ),
    "links in one line": in_mail("<a href='https://doi.org/10.1234/a'>A</a> b ", kind="html"),
    "a link around lines": in_mail(
        "<p>a</p>", kind="html", before="<a href='https://doi.org/10.1234/a'>"
    ),
    "links without text": in_mail("<a href='https://x.org/a'></a>", kind="html"),
    "links that lead on": in_mail(
        "<a href='https://x.org/?u=https://x.org/'>A b c d</a>", kind="html"
    ),
    "one long link": in_mail(
        "https://x.org/?u=", kind="html", before="<a href='", after="'>A b</a>"
    ),
    "lines below a title": in_mail(
        "<p>a b</p>", kind="html", before="<p><a href='https://doi.org/10.1234/a'>A title</a></p>"
    ),
    "a word below a title": in_mail(
        "a", kind="html", before="<p><a href='https://doi.org/10.1234/a'>A title</a></p><p>"
    ),
    "headings": in_mail("<h3>A title of it</h3>", kind="html"),
    "hidden elements": in_mail("<b style='display:none'>", kind="html"),
    "nested elements": in_mail("<b><td>", kind="html"),
    "results of Scholar": in_mail(
        f"<h3>{SCHOLAR_LINK}A title</a></h3><p>A B - C, 2026</p>", kind="html"
    ),
    "a line of Scholar": in_mail(" - ", kind="html", before=f"{SCHOLAR_LINK}A title</a><p>A"),
    "dots of Scholar": in_mail("… ", kind="html", before=f"{SCHOLAR_LINK}A title</a><p>A"),
    "links that are never closed": in_mail("[a\n"),
    "one link that is never closed": in_mail("[", before="a\n"),
    "quotes and remarks": in_mail("> a\n\nb\n\n"),
    "a line of marks below a title": in_mail(
        "!",
        kind="html",
        before="<p><a href='https://doi.org/10.1/a'>A title of it</a></p>",
        after="a",
    ),
    "lines of marks below a title": in_mail(
        f"<p>{'!' * 60}a</p>",
        kind="html",
        before="<p><a href='https://doi.org/10.1234/a'>A title of it</a></p>",
    ),
    "headings that lead nowhere": in_mail(
        f"<h3>A title of it</h3><p>{'a ' * 70}.</p>", kind="html"
    ),
    "buttons in one line": in_mail(
        "a <a href='https://doi.org/10.1234/a'>PDF</a> ",
        kind="html",
        before="<h3>A title of it</h3>",
    ),
    "pictures below a heading": in_mail(
        "<p><a href='https://doi.org/10.1234/a'><img></a></p>", kind="html", before="<h3>A b c</h3>"
    ),
    "an address of dots": in_mail(
        "a.", kind="html", before="<h3>A title of it</h3><a href='https://doi.org/10.1234/a'>"
    ),
    "labels": in_mail("view ", kind="html", before="<a href='https://x.org/a'>"),
    "digest text": in_mail("A title\n\nAn abstract of it.\n\n"),
    "base64": repeated(
        "QUJD\n",
        before="From: a\nDate: b\nSubject: c\nContent-Transfer-Encoding: base64\n\n",
    ),
    "parts": repeated(
        "--B\nContent-Type: text/plain\n\na\n\nb.\n",
        before="From: a\nDate: b\nSubject: c\nContent-Type: multipart/mixed; boundary=B\n\n",
    ),
    "a header": repeated("From: a\n", before="Date: b\nSubject: c\n", after="\na\n\nb."),
}

PARSERS: Final = (
    Parser("feed", digest, MAX_BYTES, FEEDS),
    Parser("text of a feed", digest, MOST_TEXT, FEEDS),
    Parser("digest text", digest, formats.MAX_BYTES["digest text"], DIGEST_TEXTS),
    Parser("daily papers", digest, formats.MAX_BYTES["JSON list"], JSON_LISTS),
    Parser("JSON Lines", digest, incoming.MAX_BYTES, JSON_LINES),
    Parser("mails", digest, mail_document.MAX_BYTES // 4, MAILS),
    Parser("BibTeX", references.read_references, references.MAX_BYTES, BIBTEX),
    Parser("RIS", references.read_references, references.MAX_BYTES, RIS),
    Parser("tagged lines", references.read_references, references.MAX_BYTES, TAGGED),
    Parser("EndNote XML", references.read_references, references.MAX_BYTES, XML_OF_REFERENCES),
    Parser("references as digests", digest, references.MAX_BYTES, {**RIS, **TAGGED}),
    Parser("services", digest, formats.MAX_BYTES["JSON list"], SERVICES),
    Parser("gzip", digest, incoming.MAX_BYTES, PACKED),
    Parser("Zotero's items", zotero.read_items, polling.MAX_BYTES, ZOTERO),
    Parser("Zotero's keys", zotero.read_keys, polling.MAX_BYTES, ZOTERO_KEYS),
    Parser("identifiers", references.read_references, references.MAX_BYTES, LINES),
    Parser("HTML", lambda content: blocks_of_html(content.decode()), 2_000_000, HTML),
    Parser("title", lambda content: title_key(content.decode()), 1_000_000, TITLES),
)
