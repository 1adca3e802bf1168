"""The parsers of what is no mail, with their worst known inputs; a table for `linear`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from linear import Maker, Parser, numbered, repeated

from recommender.html_text import blocks_of_html
from recommender.papers import formats, incoming, references
from recommender.papers.feed_xml import MAX_BYTES, MOST_ELEMENTS, MOST_TEXT
from recommender.papers.intake import merge_entries

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

PARSERS: Final = (
    Parser("feed", digest, MAX_BYTES, FEEDS),
    Parser("text of a feed", digest, MOST_TEXT, FEEDS),
    Parser("digest text", digest, formats.MAX_BYTES["digest text"], DIGEST_TEXTS),
    Parser("daily papers", digest, formats.MAX_BYTES["JSON list"], JSON_LISTS),
    Parser("JSON Lines", digest, incoming.MAX_BYTES, JSON_LINES),
    Parser("BibTeX", references.read_references, references.MAX_BYTES, BIBTEX),
    Parser("RIS", references.read_references, references.MAX_BYTES, RIS),
    Parser("identifiers", references.read_references, references.MAX_BYTES, LINES),
    Parser("HTML", lambda content: blocks_of_html(content.decode()), 2_000_000, HTML),
)
