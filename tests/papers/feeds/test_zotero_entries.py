"""Zotero's Atom: its author is who put an item there, and its day is when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TEXT = "We show that mice sleep. They wake at dawn, and eat."
ROWS = (
    ("Item Type", "Journal Article"),
    ("Author", "Ann Bee"),
    ("Author", "Chen van Dee"),
    ("Editor", "Max Roe"),
    ("Abstract", TEXT),
    ("Publication", "Journal of Mice"),
    ("Date", "2026-02-03"),
    ("DOI", "10.1234/mice.1"),
    ("URL", "https://journal.example.org/1"),
    ("Date Added", "3/10/2026, 9:00:00 AM"),
)


def table(rows: tuple[tuple[str, str], ...]) -> str:
    cells = "".join(
        f"<tr class='x'><th style='text-align: right'>{head}</th><td>{text}</td></tr>"
        for head, text in rows
    )
    return f"<table>{cells}</table>"


def entry(content: str, *, title: str = "Of mice", key: str = "ABCD2345") -> str:
    return (
        f"<entry><title>{title}</title><author><name>sailor77</name>"
        "<uri>http://zotero.org/sailor77</uri></author>"
        f"<id>http://zotero.org/groups/12/items/{key}</id>"
        "<published>2026-03-10T09:00:00Z</published><updated>2026-03-11T10:00:00Z</updated>"
        f"<link rel='alternate' href='https://www.zotero.org/groups/mice/items/{key}'/>"
        f"{content}</entry>"
    )


def read(*entries: str) -> Digest:
    feed = (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom' "
        "xmlns:zapi='http://zotero.org/ns/api'><title>Zotero / Mice / Items</title>"
        "<id>http://zotero.org/groups/12/items</id><updated>2026-03-11T10:00:00Z</updated>"
        f"{''.join(entries)}</feed>"
    )
    return parse_digest(feed.encode(), today=date(2026, 3, 12))


def xhtml(rows: tuple[tuple[str, str], ...] = ROWS) -> str:
    markup = f"<div xmlns='http://www.w3.org/1999/xhtml'>{table(rows)}</div>"
    return f"<content zapi:type='html' type='xhtml'>{markup}</content>"


def escaped() -> str:
    return f"<content type='html'><![CDATA[<div>{table(ROWS)}</div>]]></content>"


@pytest.mark.parametrize("content", [xhtml(), escaped()], ids=["xhtml", "escaped"])
def test_who_wrote_a_paper_and_when_stands_in_the_table(content: str) -> None:
    (paper,) = read(entry(content)).entries

    assert paper.title == "Of mice"
    assert paper.authors == ("Ann Bee", "Chen van Dee")
    assert paper.abstract == TEXT
    assert (paper.doi, paper.url) == ("10.1234/mice.1", "https://journal.example.org/1")
    assert paper.published_at == datetime(2026, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rows", "arxiv_id", "authors"),
    [
        ((("Archive ID", "arXiv:2603.01234"),), "2603.01234", ()),
        ((("URL", "http://arxiv.org/abs/2603.01234v2"),), "2603.01234", ()),
        (
            (("Extra", "arXiv:2603.01234 [cs]"), ("Presenter", "Ann Bee")),
            "2603.01234",
            ("Ann Bee",),
        ),
        ((("Editor", "Ann Bee"), ("Date", "n.d.")), None, ()),
    ],
)
def test_whoever_put_it_there_is_no_author(
    rows: tuple[tuple[str, str], ...], arxiv_id: str | None, authors: tuple[str, ...]
) -> None:
    (paper,) = read(entry(xhtml((("Item Type", "Preprint"), *rows)))).entries

    assert (paper.arxiv_id, paper.authors, paper.published_at) == (arxiv_id, authors, None)


def test_a_file_or_note_is_told() -> None:
    note = entry(xhtml((("Item Type", "Attachment"),)), title="Full text", key="ABCD2346")
    digest = read(entry(xhtml()), note)

    assert [each.title for each in digest.entries] == ["Of mice"]
    assert [each.where for each in digest.unread] == ["entry 2"]
    assert "/items/top" in digest.unread[0].message


@pytest.mark.parametrize(
    "content",
    ["", "<content zapi:type='json' type='application/json'>{\"title\": \"Of mice\"}</content>"],
)
def test_an_entry_without_its_table_is_refused(content: str) -> None:
    with pytest.raises(DigestError, match="content=html"):
        read(entry(content))
