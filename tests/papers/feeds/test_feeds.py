"""RSS and Atom of arXiv, bioRxiv and journals give clean papers, and nothing is ever fetched."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recommender.domain import AnnounceType, Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.feeds.feeds import parse_feed
from recommender.papers.formats import SEE_FORMATS, parse_digest

TODAY = date(2026, 3, 20)
NAMESPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:prism="http://purl.org/rss/1.0/modules/prism/"'
)


def rss(*items: str, head: str = "<title>A journal</title>") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMESPACES}><channel>{head}{body}</channel></rss>'.encode()


def atom(*entries: str, head: str = "<title>A journal</title>") -> bytes:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{head}{body}</feed>'.encode()


def read(content: bytes) -> Digest:
    return parse_digest(content, today=TODAY)


def only(content: bytes) -> DigestEntry:
    (entry,) = read(content).entries
    return entry


def refusal(content: bytes) -> str:
    with pytest.raises(DigestError) as caught:
        read(content)
    assert caught.value.where == "file"
    return caught.value.message


ARXIV_ITEM = """<title>On $a &lt; b$ graphs</title>
<link>https://arxiv.org/abs/2603.00001</link>
<description>arXiv:2603.00001v1 Announce Type: new
Abstract: We show $a&lt;b$ for all $c&gt;d$, and \\alpha.</description>
<guid isPermaLink="false">oai:arXiv.org:2603.00001v1</guid>
<pubDate>Wed, 11 Mar 2026 00:00:00 -0400</pubDate>
<arxiv:announce_type>{announce}</arxiv:announce_type>
<dc:creator>Ann Example, Plato</dc:creator>"""


def test_arxiv_rss_entry_is_read_whole() -> None:
    assert only(rss(ARXIV_ITEM.format(announce="new"))) == DigestEntry(
        title="On $a < b$ graphs",
        abstract="We show $a<b$ for all $c>d$, and \\alpha.",
        authors=("Ann Example", "Plato"),
        arxiv_id="2603.00001",
        url="https://arxiv.org/abs/2603.00001",
        published_at=datetime(2026, 3, 11, 4, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("announced", "announce_type"),
    [
        ("new", AnnounceType.NEW),
        ("cross", AnnounceType.CROSS),
        ("replace", AnnounceType.REPLACE),
        ("replace-cross", AnnounceType.REPLACE),
    ],
)
def test_announce_type_of_arxiv_is_kept(announced: str, announce_type: AnnounceType) -> None:
    assert only(rss(ARXIV_ITEM.format(announce=announced))).announce_type is announce_type


LINKS = {
    "paper.html": "https://j.example.org/new/paper.html",
    "a b.html": "https://j.example.org/new/a%20b.html",
    "?id=3": "https://j.example.org/new/?id=3",
    "#p3": "https://j.example.org/new/#p3",
    "../old/1": "https://j.example.org/old/1",
    "/old/1": "https://j.example.org/old/1",
    "//k.example.org/z": "https://k.example.org/z",
    "www.example.org/z": "https://www.example.org/z",
    "http://k.example.org/z": "http://k.example.org/z",
    "index.php/j/article/view/3": "https://j.example.org/new/index.php/j/article/view/3",
    "mailto:ann@example.org": None,
    "javascript:alert(1)": None,
    "urn:x:1": None,
    "//[": None,
    "": None,
}


@pytest.mark.parametrize(("link", "address"), LINKS.items())
def test_a_relative_link_leads_where_the_feed_is_of(link: str, address: str | None) -> None:
    site = "https://j.example.org/new/"
    item = f"<title>Of mice</title><link>{link}</link>"
    entry = f'<title>Of mice</title><link href="{link}"/>'
    named = f"<title>A journal</title><link>{site}</link>"
    own = f'<title>A journal</title><link rel="self" href="{site}"/>'

    assert only(rss(item, head=named)).url == address
    assert only(atom(entry, head=own)).url == address
    for content in (rss(item), atom(entry), rss(item, head="<title>J</title><link>/new/</link>")):
        (read_entry,) = parse_digest(content, today=TODAY, url=site).entries
        assert read_entry.url == address
    if link and not link.startswith("www."):
        based = atom(entry).replace(b"<feed ", b'<feed xml:base="https://j.example.org/new/" ')
        assert only(based).url == address


def test_the_site_of_a_feed_goes_before_where_it_lies() -> None:
    content = rss(
        "<title>Of mice</title><link>/1</link>",
        head="<title>J</title><link>https://j.example.org/new/</link>",
    )
    (entry,) = parse_digest(content, today=TODAY, url="https://feeds.example.org/j").entries
    assert entry.url == "https://j.example.org/1"


def test_a_relative_link_may_hold_the_doi() -> None:
    content = rss(
        "<title>Of mice</title><link>/doi/full/10.1000/abc</link>",
        head="<title>J</title><link>https://j.example.org/</link>",
    )
    assert only(content).doi == "10.1000/abc"


def test_a_number_in_a_guid_is_no_link() -> None:
    head = "<title>J</title><link>https://j.example.org/</link>"
    assert only(rss("<title>Of mice</title><guid>4711</guid>", head=head)).url is None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_a_programs_none_is_no_date(moment: str) -> None:
    entry = f"<title>Of mice</title><published>{moment}</published><updated>{moment}</updated>"
    digest = read(atom(entry, head=f"<title>A journal</title><updated>{moment}</updated>"))
    assert (digest.entries[0].published_at, digest.date) == (None, TODAY)


def test_degrees_are_no_initials() -> None:
    item = "<title>Of mice</title><dc:creator>Max Moe MD</dc:creator>"
    assert only(rss(item)).authors == ("Max Moe",)


def test_announce_type_is_read_from_the_description_where_it_stands_only_there() -> None:
    item = (
        "<title>T</title><description>arXiv:2603.00001v2 Announce Type: replace \n"
        "Abstract: Text.</description>"
    )
    entry = only(rss(item))
    assert (entry.announce_type, entry.abstract) == (AnnounceType.REPLACE, "Text.")


def test_arxiv_api_entry_is_read_whole() -> None:
    entry = """<id>http://arxiv.org/abs/hep-th/9711200v3</id>
    <updated>2025-01-22T13:54:52Z</updated><published>1997-11-27T22:59:33Z</published>
    <title>The Large N Limit of
  Theories</title><summary>  Text
wrapped. </summary>
    <author><name>Ann Example</name></author><author><name>Bob Example</name></author>
    <arxiv:doi>10.1000/ABC</arxiv:doi>
    <link title="pdf" href="http://arxiv.org/pdf/hep-th/9711200v3" rel="related"/>"""
    assert only(atom(entry)) == DigestEntry(
        title="The Large N Limit of Theories",
        abstract="Text wrapped.",
        authors=("Ann Example", "Bob Example"),
        arxiv_id="hep-th/9711200",
        doi="10.1000/abc",
        url="https://arxiv.org/abs/hep-th/9711200",
        published_at=datetime(1997, 11, 27, 22, 59, 33, tzinfo=UTC),
    )


def test_biorxiv_rdf_entry_is_read_whole() -> None:
    link = "https://www.biorxiv.org/content/10.1101/2026.03.09.1v1?rss=1"
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 {NAMESPACES}><channel rdf:about="https://example.org">
<title>bioRxiv: Neuroscience</title></channel>
<item rdf:about="{link}"><title><![CDATA[Of <i>mice</i>]]></title><link>{link}</link>
<description><![CDATA[<p>Text &amp; more.</p>]]></description>
<dc:creator><![CDATA[ Example, A., van Example, B. C. ]]></dc:creator><dc:date>2026-03-09</dc:date>
<dc:identifier>doi:10.1101/2026.03.09.1</dc:identifier></item></rdf:RDF>""".encode()
    digest = read(content)
    assert (digest.format, digest.curator, digest.date) == (
        "feed",
        "bioRxiv: Neuroscience",
        date(2026, 3, 9),
    )
    assert digest.entries == (
        DigestEntry(
            title="Of mice",
            abstract="Text & more.",
            authors=("A. Example", "B. C. van Example"),
            doi="10.1101/2026.03.09.1",
            url=link,
            published_at=datetime(2026, 3, 9, tzinfo=UTC),
        ),
    )


def test_several_creators_are_several_authors() -> None:
    item = "<title>T</title><dc:creator>Ann Example</dc:creator><dc:creator>Bob, Jr.</dc:creator>"
    assert only(rss(item)).authors == ("Ann Example", "Bob Jr.")


def test_a_single_name_with_a_comma_is_one_author() -> None:
    assert only(rss("<title>T</title><dc:creator>Example, Ann</dc:creator>")).authors == (
        "Ann Example",
    )


def test_content_stands_in_for_a_missing_summary() -> None:
    entry = '<title>T</title><content type="html">&lt;p&gt;Whole text.&lt;/p&gt;</content>'
    assert only(atom(entry)).abstract == "Whole text."


def test_scripts_never_survive() -> None:
    script = "&lt;script&gt;x()&lt;/script&gt;"
    entry = only(rss(f"<title>T{script}</title><description>{script}a</description>"))
    assert (entry.title, entry.abstract) == ("T", "a")


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org",
        "http://",
        "http://[::1",
        "https://exa mple.org/a",
        "mailto:x@example.org",
    ],
)
def test_links_that_are_not_of_the_web_are_dropped(link: str) -> None:
    assert only(rss(f"<title>T</title><link>{link}</link>")).url is None


def test_feed_date_counts_before_that_of_its_entries() -> None:
    head = "<title>J</title><pubDate>Tue, 10 Mar 2026 09:00:00 GMT</pubDate>"
    item = "<title>T</title><pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate>"
    assert read(rss(item, head=head)).date == date(2026, 3, 10)


def test_newest_entry_dates_a_feed_without_date() -> None:
    items = [
        f"<title>{day}</title><pubDate>{day} Mar 2026 09:00:00 GMT</pubDate>" for day in (2, 9, 4)
    ]
    assert read(rss(*items)).date == date(2026, 3, 9)


@pytest.mark.parametrize("stated", ["", "<pubDate>Fri, 01 May 2026 09:00:00 GMT</pubDate>"])
def test_a_feed_without_date_or_from_the_future_is_of_today(stated: str) -> None:
    assert read(rss(f"<title>T</title>{stated}")).date == TODAY


def test_author_of_the_feed_is_its_curator_where_it_has_no_title() -> None:
    head = "<author><name>Ann Example</name></author>"
    assert read(atom("<title>T</title>", head=head)).curator == "Ann Example"


def test_declared_encodings_are_read() -> None:
    declaration, body = '<?xml version="1.0" encoding="{}"?>', rss("<title>été</title>").decode()
    titles = [
        only((declaration.format(name) + body).encode(name)).title
        for name in ("iso-8859-1", "utf-16", "utf-8")
    ]
    assert titles == ["été", "été", "été"]


def test_a_malformed_feed_counts_as_far_as_it_can_be_read() -> None:
    whole = rss("<title>First</title>", "<title>Second &nbsp; & more</title>")
    titles = [entry.title for entry in read(whole.removesuffix(b"</rss>")).entries]
    assert titles == ["First", "Second & more"]


def test_entries_without_title_are_left_out() -> None:
    digest = read(rss("<description>no title</description>", "<title>T</title>"))
    assert [entry.title for entry in digest.entries] == ["T"]
    assert [each.where for each in digest.unread] == ["entry 1"]


def test_a_whole_feed_without_entries_is_a_day_without_papers() -> None:
    digest = read(rss())
    assert (digest.entries, digest.unread, digest.curator) == ((), (), "A journal")


def test_a_broken_feed_without_entries_is_refused() -> None:
    assert "Premature end" in refusal(rss()[:-16])


def test_an_unreadable_feed_is_refused_with_the_parsers_reason() -> None:
    assert "Premature end of data" in refusal(b"<rss><channel>")


@pytest.mark.parametrize(
    "page",
    [
        b'<?xml version="1.0"?><opml><body/></opml>',
        b"<!-- a --><?xml version='1.0'?><svg/>",
        b"<!DOCTYPE html>",
    ],
)
def test_other_markup_is_refused_with_where_the_formats_stand(page: bytes) -> None:
    assert f"document is no digest; {SEE_FORMATS}" in refusal(page)


@pytest.mark.parametrize(
    "page",
    [b"<!doctype html><html><body><p>x</p></body></html>", b"<HTML><head></head></HTML>"],
)
def test_page_of_html_is_refused_with_how_to_have_it_read(page: bytes) -> None:
    assert "papers in HTML are read from mails: have it mailed" in refusal(page)


def test_outside_entities_are_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("from outside")
    declaration = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{outside.as_uri()}">]>'
    title = only(declaration.encode() + rss("<title>T &x;</title>")).title
    assert "from outside" not in title


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_made_of_entities_are_refused(encoding: str) -> None:
    declaration = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE rss [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;&a;">]>'
    )
    content = (declaration + rss("<title>T &b;</title>").decode()).encode(encoding)
    assert "it defines entities by entities" in refusal(content)


def test_content_that_is_an_address_or_path_is_never_opened(tmp_path: Path) -> None:
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    feed = tmp_path / "feed.xml"
    feed.write_bytes(rss("<title>T</title>"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            for content in (
                f"http://127.0.0.1:{server.server_port}/feed",
                str(feed),
                feed.as_uri(),
            ):
                with pytest.raises(DigestError):
                    parse_feed(content.encode(), today=TODAY)
        finally:
            server.shutdown()
            serving.join()
    assert asked == []


@pytest.mark.parametrize(
    ("end", "announce_type"),
    [
        ("(arXiv:2603.00001v1 [cs.LG])", AnnounceType.NEW),
        ("(arXiv:2603.00001v2 [cs.LG] UPDATED)", AnnounceType.REPLACE),
        ("(arXiv:2603.00001v1 [cs.LG] CROSS LISTED)", AnnounceType.CROSS),
    ],
)
def test_titles_of_the_older_arxiv_feeds_announce(end: str, announce_type: AnnounceType) -> None:
    entry = only(rss(f"<title>Of mice. {end}</title><link>http://arxiv.org/abs/2603.00001</link>"))
    assert (entry.title, entry.announce_type) == ("Of mice", announce_type)


@pytest.mark.parametrize(
    "sign",
    ['<enclosure type="audio/mpeg" url="https://example.org/a.mp3"/>', "<comments>x</comments>"],
)
def test_what_is_no_paper_is_refused_at_its_entry(sign: str) -> None:
    with pytest.raises(DigestError, match="is no paper; take a feed of papers") as caught:
        read(rss(f"<title>T</title>{sign}"))
    assert caught.value.where == "entry 1"


def test_a_withdrawn_paper_is_marked() -> None:
    item = "<title>T</title><description>This paper has been withdrawn by its author.</description>"
    assert only(rss(item)).announce_type is AnnounceType.WITHDRAWN


def test_spaces_in_a_link_are_escaped() -> None:
    item = "<title>T</title><link>\n https://example.org/a b\n</link>"
    assert only(rss(item)).url == "https://example.org/a%20b"


@pytest.mark.parametrize("stated", ["2025-13-45", "2025-02-30", "2025-02-30T10:00:00Z"])
def test_a_day_that_is_none_is_not_known(stated: str) -> None:
    content = f"""<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel><title>Feed</title>
<item><title>A title</title><link>https://example.org/1</link><dc:date>{stated}</dc:date>
<description>What was done, and what came of it.</description></item></channel></rss>""".encode()
    assert only(content).published_at is None


def test_what_a_fault_quotes_is_told_on_one_line() -> None:
    with pytest.raises(DigestError, match="Comment not terminated") as caught:
        read(b'<?xml version="1.0"?><rss version="2.0"><!--\n<channel>\n<title>Feed</title>')
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "Mice, Vol. 17, Pages 800",
        "Mice and Men, Volume 3, Issue 2, Article 17",
        "Mice, Vol. 1 (2), p. 3",
    ],
)
def test_a_periodical_before_a_title_is_none_of_it(place: str) -> None:
    item = (
        f"<title>{place}: Of mice</title><link>https://pages.example.org/1</link>"
        f"<description>&lt;p&gt;&lt;b&gt;{place}: Of mice&lt;/b&gt;&lt;/p&gt;&lt;p&gt;Mice "
        "&lt;a href='x'&gt;doi: 10.3390/mice17060800&lt;/a&gt;&lt;/p&gt;&lt;p&gt;Authors: "
        "Ann Example&lt;/p&gt;&lt;p&gt;We count them, and they are many.&lt;/p&gt;</description>"
    )
    entry = only(rss(item))
    assert (entry.title, entry.doi) == ("Of mice", "10.3390/mice17060800")
    assert entry.abstract == "We count them, and they are many."
    assert entry.authors == ("Ann Example",)


@pytest.mark.parametrize(
    "authors",
    [
        "<authors>Ann Example;Bob Other;</authors>",
        "<authors><author>Ann Example</author><author>Bob Other</author></authors>",
        (
            "<authors><author><name>Ann Example</name></author><author><name>Bob Other</name>"
            "</author></authors>"
        ),
        "<dc:creator>Ann Example&lt;br/&gt;Bob Other</dc:creator>",
        "<dc:creator>Example, Ann&lt;br /&gt;\nOther, Bob&lt;br /&gt;</dc:creator>",
    ],
)
def test_authors_may_share_an_element(authors: str) -> None:
    entry = only(rss(f"<title>Of mice</title><link>https://e.org/1</link>{authors}"))
    assert entry.authors == ("Ann Example", "Bob Other")


def test_parts_of_an_abstract_are_read_with_their_names() -> None:
    item = (
        "<title>Of mice</title><link>https://e.org/1</link><description>&lt;span&gt;&lt;div&gt;"
        "Abstract&lt;/div&gt;&lt;strong&gt;Motivation&lt;/strong&gt;We ask why.&lt;strong&gt;"
        "Results&lt;/strong&gt;We know.&lt;/span&gt;</description>"
    )
    assert only(rss(item)).abstract == "Motivation: We ask why. Results: We know."
