"""Documents are recognised by content; whatever comes in, a digest or a refusal comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import AnnounceType, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.formats import SEE_FORMATS, parse_digest, read_mail_of_source

TODAY = date(2026, 3, 20)


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(DigestError) as caught:
        parse_digest(content, today=TODAY)
    return caught.value.where, caught.value.message


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    where, message = refusal(content)
    assert where == "file"
    assert message == f"empty; {SEE_FORMATS}"


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        (b"A title\n\nAn abs\x00tract.\n", "line 3", "a sign that text does not have (byte 0x00)"),
        (
            b"A title\r\n\r\nAn \x1b[1mabstract.\r\n",
            "line 3",
            "a sign that text does not have (byte 0x1b)",
        ),
        ("A title\n\nGrüße.\n".encode("latin-1"), "line 3", "byte 0xfc is not UTF-8"),
        ("A title\n\nCut in a character: é".encode()[:-1], "line 3", "see that it is complete"),
        (
            "A title\n\nAn abstract.\n".encode("utf-16"),
            "file",
            "encoded as UTF-16; save it as UTF-8",
        ),
        (b"\xff\xfe\x00", "file", f"no text; {SEE_FORMATS}"),
        (b"\xfe\xff\x00\x01\x02\x03", "file", f"no text; {SEE_FORMATS}"),
        (b"\xff\xfe\x00\xd8A\x00", "file", f"no text; {SEE_FORMATS}"),
        (b"\x1f\x8b\x08\x00", "file", "gzip that breaks off before its end"),
        (b"%PDF-1.7\n", "file", "a PDF, not text"),
        (b"hello", "file", f"a single paragraph is no digest; {SEE_FORMATS}"),
        (b"42", "file", f"a single paragraph is no digest; {SEE_FORMATS}"),
    ],
)
def test_what_is_no_text_is_refused_with_place_and_mend(
    content: bytes, where: str, said: str
) -> None:
    found = refusal(content)
    assert found[0] == where
    assert said in found[1]


def portable(**fields: object) -> str:
    return json.dumps({"id": "p1", "title": "A title", "abstract": "Text.", **fields})


def test_json_lines_of_the_portable_form_are_read() -> None:
    text = "\n".join(
        [
            portable(id="2603.00001", published="2026-03-02", authors=["Ann Example"], upvotes=3),
            "",
            portable(id="10.1000/ABC", title="Another", published="2062-01-01"),
        ]
    )
    digest = parse_digest(text.encode(), today=TODAY)
    assert (digest.format, digest.curator, digest.date) == ("json-lines", None, date(2026, 3, 2))
    assert digest.entries == (
        DigestEntry(
            title="A title",
            abstract="Text.",
            authors=("Ann Example",),
            arxiv_id="2603.00001",
            url="https://arxiv.org/abs/2603.00001",
            published_at=datetime(2026, 3, 2, tzinfo=UTC),
            upvotes=3,
        ),
        DigestEntry(
            title="Another",
            abstract="Text.",
            doi="10.1000/abc",
            url="https://doi.org/10.1000/abc",
        ),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (portable(title=""), "a paper without 'title'"),
        (portable(authors={"a": 1}), "'authors' is an object; write a list of names"),
        (portable(published="2026-13-01"), "'published' is '2026-13-01'"),
        ('{"id": "p2", "ti', "broken JSON"),
        ("[]", "the line is a list, not an object"),
    ],
)
def test_a_broken_line_of_json_lines_is_named_and_the_others_are_taken(
    line: str, said: str
) -> None:
    digest = parse_digest(f"{portable()}\n\n{line}\n".encode(), today=TODAY)
    assert len(digest.entries) == 1
    assert [each.where for each in digest.unread] == ["line 3"]
    assert said in digest.unread[0].message


def test_a_line_of_json_may_call_its_abstract_summary() -> None:
    line = b'{"id": "2603.00001", "title": "T", "summary": "Text."}'
    assert parse_digest(line, today=TODAY).entries[0].abstract == "Text."


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["paper", "data", "id", "title", "summary", "authors", "name", "upvotes", "date"]
            ),
            inner | st.sampled_from(["2603.00001", "2026-03-02"]),
            max_size=6,
        )
    ),
    max_leaves=20,
)
feed_pieces = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "<title>", "</title>", "</item>", "<link>", "http://[", "&x;",
     "<description>", "<![CDATA[", "]]>", "<pubDate>", "99999", "<dc:creator>", "T", "<!--", "\x00",
     "<entry>", "<author>", "<name>", "<link href='http://[x'/>", "<content type='xhtml'>"]
)  # fmt: skip


def digest_or_refusal(content: bytes) -> None:
    try:
        digest = parse_digest(content, today=TODAY)
    except DigestError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right, a third is not
    else:
        assert digest.entries
        assert all(entry.title for entry in digest.entries)


@given(st.binary())
def test_any_bytes_give_a_digest_or_a_refusal(content: bytes) -> None:
    digest_or_refusal(content)


@given(st.text())
def test_any_text_gives_a_digest_or_a_refusal(text: str) -> None:
    digest_or_refusal(text.encode("utf-8", "replace"))


@given(json_values)
def test_any_json_gives_a_digest_or_a_refusal(value: object) -> None:
    digest_or_refusal(json.dumps([value]).encode())


# The first one loads what reads feeds.
@given(st.lists(feed_pieces))
def test_any_markup_gives_a_digest_or_a_refusal(pieces: list[str]) -> None:
    digest_or_refusal(("<rss><channel>" + "".join(pieces)).encode())


@pytest.mark.parametrize("indent", [None, 1])
def test_json_that_breaks_off_anywhere_is_unfinished(indent: int | None) -> None:
    paper = {"id": "2603.00001", "title": 'A "t" é', "upvotes": 12, "x": [1.5e-7, None, True]}
    whole = json.dumps([{"paper": paper}, {"paper": paper}], indent=indent).encode()
    for end in range(8, len(whole)):
        with pytest.raises(UnfinishedDigestError, match="is the file complete"):
            parse_digest(whole[:end], today=TODAY)


@pytest.mark.parametrize("line", ['{"id": "p2", "ti', '{"id": "p2", "title": "T"', "{"])
def test_json_lines_whose_last_one_breaks_off_are_unfinished(line: str) -> None:
    with pytest.raises(UnfinishedDigestError) as caught:
        parse_digest(f"{portable()}\n{line}".encode(), today=TODAY)
    assert caught.value.where == "line 2"


@pytest.mark.parametrize(
    "text", ['[{"a": 1,}]', '[{"a": 1 "b": 2}]', '[{"a": "b\nc"}]', '[{"a": tru, "b": 1}]', "[{}]]"]
)
def test_json_that_is_broken_in_itself_is_not_waited_for(text: str) -> None:
    with pytest.raises(DigestError) as caught:
        parse_digest(text.encode(), today=TODAY)
    assert not isinstance(caught.value, UnfinishedDigestError)


@pytest.mark.parametrize(
    "first",
    ["@comment from the editors", "@article(today) = read:", "@misc(see below), in short"],
)
def test_a_note_that_begins_with_an_at_sign_is_no_bibtex(first: str) -> None:
    text = (
        f"{first}\n\n# Papers 11 March 2026\n\n"
        "## Small Boats in Changing Winds\n\nWe study how small boats keep their course.\n\n"
        "## Large Boats in Steady Winds\n\nWe study how large boats lose their course.\n"
    )
    digest = parse_digest(text.encode(), today=date(2026, 3, 12))
    assert (digest.format, len(digest.entries)) == ("digest-text", 2)


def crossref(day: date) -> str:
    issued = {"date-parts": [[day.year, day.month, day.day]]}
    work = {"title": ["A title"], "DOI": "10.1000/1", "published": issued}
    return json.dumps({"status": "ok", "message-type": "work-list", "message": {"items": [work]}})


def rss(day: date) -> str:
    return (
        '<rss version="2.0"><channel><title>Journal</title><item><title>A title</title>'
        f"<link>https://example.org/1</link><pubDate>{day:%a, %d %b %Y} 05:00:00 +0000</pubDate>"
        "<description>What it does.</description></item></channel></rss>"
    )


def daily(day: date) -> str:
    paper = {"id": "2603.01234", "title": "A title", "summary": "Text.", "publishedAt": f"{day}"}
    return json.dumps([{"paper": paper}])


def ris(day: date) -> str:
    return f"TY  - JOUR\nTI  - A title\nAB  - Text.\nDA  - {day:%Y/%m/%d}\nER  - \n"


def mail(day: date) -> str:
    return (
        "From: list@example.org\nDate: Fri, 20 Mar 2026 06:12:00 +0000\nSubject: cs daily\n\n"
        f"\\\\\narXiv:2603.01234\nDate: {day:%a, %d %b %Y} 17:58:02 GMT\n\nTitle: A title\n"
        "Authors: Ann B. Example\n\\\\\n  We study what a title does.\n"
        "\\\\ ( https://arxiv.org/abs/2603.01234 ,  12kb)\n"
    )


@pytest.mark.parametrize(
    "write",
    [rss, crossref, daily, ris, mail, lambda day: portable(published=f"{day}")],
    ids=["rss", "crossref", "daily", "ris", "mail", "json-lines"],
)
def test_no_paper_is_published_later_than_tomorrow(write: Callable[[date], str]) -> None:
    for days, is_taken in [(0, True), (1, True), (2, False), (5 * 365, False)]:
        day = TODAY + timedelta(days=days)
        digest = parse_digest(write(day).encode(), today=TODAY)
        [entry] = digest.entries
        assert (entry.published_at and entry.published_at.date()) == (day if is_taken else None)
        assert digest.date <= TODAY + timedelta(days=1)


def test_mail_to_a_source_has_the_same_rules_as_other_documents() -> None:
    content = mail(TODAY + timedelta(days=2)).replace("We study", "This paper has been withdrawn.")
    read = read_mail_of_source(content.encode(), today=TODAY).digest
    assert read is not None
    [entry] = read.entries
    assert entry.published_at is None
    assert read.entries == parse_digest(content.encode(), today=TODAY).entries
    assert entry.announce_type is AnnounceType.WITHDRAWN


def test_one_impossible_date_refuses_no_day_of_daily_papers() -> None:
    papers = [json.loads(daily(day))[0] for day in (TODAY - timedelta(days=1), date(2031, 1, 1))]
    papers[1]["paper"] |= {"id": "2603.05678", "title": "Another one"}
    digest = parse_digest(json.dumps(papers).encode(), today=TODAY)
    assert (digest.date, len(digest.entries)) == (TODAY - timedelta(days=1), 2)
