"""Lists of feeds go out as they came in; a web page names its feeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import SourceError
from recommender.papers.sources.opml import NamedFeed, feeds_of_page, parse_opml, write_opml

OPML = b"""<?xml version="1.0"?>
<opml version="1.0"><head><title>mine</title></head><body>
<outline text="Folder"><outline type="rss" text="A &amp; B" title="A &amp; &quot;B&quot;"
  xmlUrl="https://example.org/a?x=1&amp;y=2" htmlUrl="https://example.org/"/>
  <outline text="B" XMLURL=" https://example.org/b "/></outline>
<outline text="again" xmlUrl="https://example.org/b"/>
<outline text="a note"/>
</body></opml>"""


def test_feeds_in_folders_are_read_each_once() -> None:
    assert parse_opml(OPML) == (
        NamedFeed("https://example.org/a?x=1&y=2", 'A & "B"'),
        NamedFeed("https://example.org/b", "B"),
    )


@pytest.mark.parametrize("content", [b"", b"<opml/>", b"no markup", b"\xff\xfe\x00", b"<outline"])
def test_a_file_without_feeds_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError, match="names no feed; export one as OPML"):
        parse_opml(content)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)


@given(st.lists(names, unique=True, min_size=1, max_size=5))
def test_what_was_written_is_read_back(words: list[str]) -> None:
    feeds = tuple(NamedFeed(f"https://example.org/?n={n}&m", w) for n, w in enumerate(words))

    assert parse_opml(write_opml(feeds, title="<&>").encode()) == feeds


def test_a_page_names_its_feeds() -> None:
    page = b"""<!doctype html><html><head>
      <link rel="stylesheet" type="text/css" href="/a.css">
      <link rel="alternate" hreflang="de" href="/de">
      <LINK REL="Alternate Feed" TYPE="application/rss+xml; charset=utf-8" HREF="feed.xml?a&amp;b"
        title="All papers">
      <link rel=alternate type=application/atom+xml href=//example.org/atom>
      <body>"""

    assert feeds_of_page(page, url="https://example.com/x/y") == (
        NamedFeed("https://example.com/x/feed.xml?a&b", "All papers"),
        NamedFeed("https://example.org/atom", ""),
    )
