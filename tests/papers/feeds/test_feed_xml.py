"""What feedparser is handed of a feed: bounded and well-formed, and no paper is lost for it."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.feeds.feed_xml import (
    LONGEST_LINK,
    MAX_BYTES,
    MOST_ELEMENTS,
    readable_feed,
)
from recommender.papers.feeds.feeds import parse_feed

TODAY = date(2026, 3, 11)


def feed(items: str, head: str = "") -> Digest:
    document = f"{head}<rss><channel><title>A journal</title>{items}</channel></rss>"
    return parse_feed(document.encode(), today=TODAY)


def item(inside: str, title: str = "A title") -> str:
    return f"<item><title>{title}</title>{inside}</item>"


def titles(digest: Digest) -> list[str]:
    return [entry.title for entry in digest.entries]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("R&D", "R&D"),
        ("R&amp;D", "R&D"),
        ("A&nbsp;B &eacute; &unknown; &#8364;", "A B é &unknown; €"),
        ("x < y and $a<1$", "x < y and $a<1$"),
        ("x << y && z <<< w", "x << y && z <<< w"),
        ("an <i>italic</i> word", "an italic word"),
        ("an &lt;i&gt;italic&lt;/i&gt; word", "an italic word"),
        ("<![CDATA[A <b>bold</b> & R&amp;D]]>", "A bold & R&D"),
        ("before<!-- not this -->after", "beforeafter"),
        ("con\x01trol \x00and", "control and"),
        ("no &#xD800;&#0;&#x1F;&#1114112;characters, &#8364;&#x20ac;", "no characters, €€"),
        ("<m:math><m:mi>x</m:mi></m:math> is", "x is"),
    ],
)
def test_titles_are_read_as_they_are_meant(written: str, read: str) -> None:
    assert titles(feed(item("", written)))[:1] == [read]


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("<title>A <br> title</title>", "A title"),
        ("<title>A <i>title</title>", "A title"),
        ("<title>A title<category/><odd>x</odd>", "A title"),
        ("<title>R&amp;D", "R&D"),
    ],
)
def test_what_is_not_ended_swallows_nothing_of_its_paper(title: str, read: str) -> None:
    inside = f"{title}<author><name>Ann B</name></author><description>a &lt; b</description>"
    first, second = feed(f"<item>{inside}</item>" + item("", "Second &amp; last")).entries

    assert (first.title, first.authors, first.abstract) == (read, ("Ann B",), "a < b")
    assert second.title == "Second & last"


def test_markup_in_xhtml_is_read_as_text() -> None:
    [entry] = feed(
        "<entry><title>A</title><summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
        "<p>x &lt; y</p><h:p xmlns:h='http://www.w3.org/1999/xhtml'>and <title>more</title></h:p>"
        "</div></summary></entry>"
    ).entries

    assert entry.abstract == "x < y and more"


def test_blanks_before_the_declaration_and_a_wrong_byte_spoil_nothing_else() -> None:
    title = item("", "Müller, Köhler &amp; X")
    document = f"\n <?xml version='1.0' encoding='utf-8'?><rss><channel>{title}</channel>"

    found = parse_feed(document.encode().replace(b"X", b"\xff"), today=TODAY)

    assert titles(found) == ["Müller, Köhler & \N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize(
    "start",
    ["<rdf:RDF rdf:about='x'>", "<x:feed x:href='y' rdf:type='z'>", "<rss rdf:about='x' :='y'>"],
)
def test_a_root_of_prefixes_that_are_not_declared_is_read(start: str) -> None:
    name = start.partition(" ")[0][1:]
    found = parse_feed(f"{start}{item('')}</{name}>".encode(), today=TODAY)

    assert titles(found) == ["A title"]


@pytest.mark.parametrize("name", ["dc:", "dc:creator:x", "dc:odd", ":title", "a:b:title"])
def test_any_name_of_an_element_is_read(name: str) -> None:
    assert titles(feed(item(f"<{name}>x</{name}><{name}>"))) == ["A title"]


def test_usual_prefixes_that_are_not_declared_are_read() -> None:
    [entry] = feed(
        item("<dc:creator>Ann B</dc:creator><prism:doi>10.1234/a</prism:doi><odd:x>y</odd:x>")
    ).entries

    assert (entry.authors, entry.doi) == (("Ann B",), "10.1234/a")


@pytest.mark.parametrize("start", ["<title>Second", "<title><![CDATA[Second", "<title>Second</ti"])
def test_a_document_that_breaks_off_is_unfinished(start: str) -> None:
    document = f"<rss><channel>{item('<description>x</description>')}<item>{start}"

    with pytest.raises(UnfinishedDigestError, match=r"ends in the middle.*fetch it again"):
        parse_feed(document.encode(), today=TODAY)


@pytest.mark.parametrize("start", ["<title>Second", "<title><![CDATA[Second", "<title>Second</ti"])
def test_an_entry_that_breaks_off_is_read_as_far_as_it_goes(start: str) -> None:
    found = feed(f"{item('<description>x</description>')}<item>{start}")

    assert titles(found)[0] == "A title"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "é"),
        ("iso-8859-1", "é"),
        ("utf-16", "é"),
        ("windows-1251", "ж"),
        ("gb18030", "论"),
    ],
)
def test_the_declared_encoding_is_read(encoding: str, written: str) -> None:
    document = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss><channel>{item("", written)}</channel>'
    )

    assert titles(parse_feed(document.encode(encoding), today=TODAY)) == [written]


@pytest.mark.parametrize(
    "encoding", ["punycode", "idna", "utf-7", "unicode_escape", "rot13", "zlib", "no-such", "x"]
)
def test_an_encoding_that_is_none_of_documents_is_not_used(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><rss><channel>{item("", "é")}</channel>'

    assert titles(parse_feed(document.encode(), today=TODAY)) == ["é"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<author>ann@example.org (Ann B)</author>", "Ann B"),
        ("<author>Ann B &lt;ann@example.org&gt;</author>", "Ann B"),
        ("<author><name>Ann B</name><email>ann@example.org</email></author>", "Ann B"),
        ("<author>@ann</author>", "@ann"),
        (f"<author>{'a' * 500} B</author>", f"{'a' * 60} B"),
    ],
)
def test_names_of_authors_are_read_without_addresses_and_long_words(
    written: str, read: str
) -> None:
    [entry] = feed(item(written)).entries

    assert entry.authors == (read,)


def test_a_link_that_is_too_long_is_none() -> None:
    long_link = "https://example.org/10.1234/" + "a" * LONGEST_LINK
    [entry] = feed(item(f"<link>{long_link}</link><guid>{long_link}</guid>")).entries

    assert (entry.url, entry.doi) == (None, None)


def test_text_after_deep_nesting_is_read() -> None:
    deep = "&lt;div>" * 5_000
    first, second = feed(item(f"<description>{deep}the end</description>") + item("", "B")).entries

    assert (first.abstract, second.title) == ("the end", "B")


def test_nothing_but_what_papers_are_read_from_is_left() -> None:
    readable = readable_feed(
        b'<rss a="b" version="2.0"><channel>text<image><title>no</title></image>'
        b"<item c='d'><media>no</media><title e='f'>A <b g=1>title</b></title></item></channel>"
    )

    assert readable.xml.partition(b"?>\n")[2].decode() == (
        '<rss version="2.0"><channel><item><title><![CDATA[A <b g=1>title</b>]]></title></item>'
        "</channel></rss>"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<rss>" + b" " * MAX_BYTES, "larger than 8 MB; split it"),
        (b"<rss>" + b"<x/>" * MOST_ELEMENTS, "more than 60,000 elements; split it"),
        (
            b"<rss><item>" + (b"<title>" + b"a" * 9_000 + b"</title>") * 400 + b"</item></rss>",
            "more than 3 million characters; split it",
        ),
        (b"<!DOCTYPE rss [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><rss/>", "entities by entities"),
    ],
)
def test_what_no_feed_is_like_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DigestError, match=reason):
        readable_feed(content)


def test_an_entity_of_the_document_is_read_as_often_as_it_is_used() -> None:
    digest = feed(item("", "&a; and &a;"), head="<!DOCTYPE rss [<!ENTITY a 'one'>]>")

    assert titles(digest) == ["one and one"]
