"""Lists of papers in JSON of people's own: by line or in a list, the good ones are taken."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
MICE = {"title": "Of mice", "abstract": "We count mice."}
MEN = {"title": "Of men", "abstract": "We count men.", "date": "2026-03-09"}


def read(text: str) -> Digest:
    return parse_digest(text.encode(), today=TODAY)


def lines(*records: object) -> str:
    texts = (each if isinstance(each, str) else json.dumps(each) for each in records)
    return "".join(f"{text}\n" for text in texts)


def only(record: object) -> DigestEntry:
    """Read one paper, which is the same in a list, in an envelope, by itself and on a line."""
    forms = (lines(record, MEN), *map(json.dumps, ([record, MEN], {"data": [record, MEN]})))
    (entry,) = read(json.dumps(record, indent=2)).entries
    assert {read(text).entries[0] for text in forms} == {entry}
    return entry


@pytest.mark.parametrize(
    "broken",
    [
        '{"title": "Of cats", "abst',
        'racts": "We count cats."}',
        "Exported on Monday:",
        "{",
        "null",
        '{"title": "Of cats" "abstract": "We count cats."}',
        '{"id": "7", "abstract": "We count cats."}',
    ],
)
def test_a_bad_line_is_named_wherever_it_stands(broken: str) -> None:
    for place in range(3):
        texts: list[object] = [MICE, MEN]
        texts.insert(place, broken)
        digest = read(lines(*texts))
        assert [each.title for each in digest.entries] == ["Of mice", "Of men"]
        assert [each.where for each in digest.unread] == [f"line {place + 1}"]
        assert (digest.format, digest.date) == ("json-lines", date(2026, 3, 9))


@pytest.mark.parametrize("indent", [None, 1, 2])
def test_json_in_lines_of_its_own_is_no_json_lines(indent: int | None) -> None:
    listed = ",\n".join(map(json.dumps, (MICE, MEN)))
    for text in (f"[\n{listed}\n]", f'{{"data": [\n{listed}\n]}}', f"[{listed}]"):
        assert [each.title for each in read(text).entries] == ["Of mice", "Of men"]
    assert len(read(json.dumps([MICE, MEN], indent=indent)).entries) == 2


def test_a_list_that_breaks_off_is_unfinished() -> None:
    text = json.dumps([MICE, MEN])
    with pytest.raises(UnfinishedDigestError):
        read(text[:-20])


def test_the_good_papers_of_a_list_are_taken_and_the_bad_named() -> None:
    digest = read(json.dumps([MICE, "text", {"title": 5}, {"title": ""}, MEN]))
    assert [each.title for each in digest.entries] == ["Of mice", "Of men"]
    assert [each.where for each in digest.unread] == ["entry 2", "entry 3", "entry 4"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": "2603.00001"}, {"arxiv_id": "2603.00001"}),
        ({"id": 7, "arxiv_id": "2603.00001"}, {"arxiv_id": "2603.00001"}),
        ({"link": "https://arxiv.org/abs/2603.00001v2"}, {"arxiv_id": "2603.00001"}),
        ({"doi": "10.1000/ABC"}, {"doi": "10.1000/abc", "url": "https://doi.org/10.1000/abc"}),
        ({"url": "https://j.example.org/1"}, {"url": "https://j.example.org/1"}),
        ({"link": "https://j.example.org/1"}, {"url": "https://j.example.org/1"}),
        ({"link": "javascript:alert(1)"}, {"url": None}),
        ({"published": "2026-03-02"}, {"published_at": datetime(2026, 3, 2, tzinfo=UTC)}),
        ({"date": "2026-03-02"}, {"published_at": datetime(2026, 3, 2, tzinfo=UTC)}),
        ({"published_at": "2026-03-02"}, {"published_at": datetime(2026, 3, 2, tzinfo=UTC)}),
        ({"date": "1970-01-01T00:00:00Z"}, {"published_at": None}),
        ({"date": "0001-01-01"}, {"published_at": None}),
        ({"authors": "Ann Roe and Max Moe"}, {"authors": ("Ann Roe", "Max Moe")}),
        ({"authors": "Roe, Ann; Moe, Max"}, {"authors": ("Ann Roe", "Max Moe")}),
        ({"authors": "Ann Roe"}, {"authors": ("Ann Roe",)}),
        ({"author": ["Ann Roe"]}, {"authors": ("Ann Roe",)}),
        ({"authors": ""}, {"authors": ()}),
        ({"creators": ["Ann Roe", "Max Moe"]}, {"authors": ("Ann Roe", "Max Moe")}),
        ({"by": "Ann Roe and Max Moe"}, {"authors": ("Ann Roe", "Max Moe")}),
        ({"contributors": 3}, {"authors": ()}),
        ({"authors": "['Ann Roe', 'Max Moe']"}, {"authors": ("Ann Roe", "Max Moe")}),
        ({"pdf_url": "https://arxiv.org/pdf/2603.00001"}, {"arxiv_id": "2603.00001"}),
        ({"href": "https://doi.org/10.1000/abc"}, {"doi": "10.1000/abc"}),
        ({"pdf": True}, {"url": None}),
        ({"submitted": "2026-03-02"}, {"published_at": datetime(2026, 3, 2, tzinfo=UTC)}),
        ({"keywords": ["mice"]}, {"keywords": ("mice",)}),
    ],
)
def test_fields_have_the_names_that_people_give_them(
    fields: dict[str, object], expected: dict[str, object]
) -> None:
    entry = only({**MICE, **fields})
    assert {name: getattr(entry, name) for name in expected} == expected
    assert (entry.title, entry.abstract) == ("Of mice", "We count mice.")


@pytest.mark.parametrize(
    ("around", "day"),
    [
        ({"digest_date": "2026-03-02"}, date(2026, 3, 2)),
        ({"generated_at": "2026-03-02T06:00:00Z"}, date(2026, 3, 2)),
        ({"meta": {"date": "2026-03-02"}}, date(2026, 3, 2)),
        ({"date": "2026-03-03", "generated_at": "2026-03-02"}, date(2026, 3, 3)),
        ({"generated_at": "soon"}, date(2026, 3, 9)),
        ({"generated_at": "2031-01-01"}, TODAY),
    ],
)
def test_the_day_of_a_list_has_the_names_that_people_give_it(
    around: dict[str, object], day: date
) -> None:
    assert read(json.dumps({**around, "papers": [MICE, MEN]})).date == day


def test_what_is_not_known_is_told_once() -> None:
    odd = {"title": "Of cats", "abstrakt": "We count cats.", "autor": "Ann Roe", "venue": "J"}
    digest = read(lines(MICE, odd, {**odd, "title": "Of dogs"}))
    assert [each.title for each in digest.entries] == ["Of mice", "Of cats", "Of dogs"]
    (keys, abstract) = digest.unread
    assert keys.where == abstract.where == "line 2"
    assert keys.message.startswith("keys not known: abstrakt, autor; where they are")
    assert (
        abstract.message
        == "no 'abstract' in 2 papers, this the first, where others have one; write it there"
    )


def test_a_list_of_titles_is_meant_so() -> None:
    assert read(lines({"title": "Of mice"}, {"title": "Of men"})).unread == ()


@pytest.mark.parametrize("key", ["autor", "Autoren", "auteurs", "publishd", "DOIs", "Url2", "urls"])
def test_a_key_like_one_that_is_missing_is_told(key: str) -> None:
    digest = read(lines(MICE, {**MICE, key: "x"}))
    assert [each.message.partition(";")[0] for each in digest.unread] == [f"keys not known: {key}"]


def test_other_keys_of_papers_that_have_all_are_no_matter() -> None:
    whole = {**MEN, "authors": ["Ann Roe"], "id": "2603.00001"}
    more = {"abs": "https://example.org", "AI": {}, "autor": "Ann Roe", "x" * 9_000: 1}
    assert read(lines(whole, {**whole, **more, "title": "Of mice"})).unread == ()


def test_what_is_told_of_many_keys_is_short() -> None:
    many = {f"\x1b{number}" + "x" * 500: 1 for number in range(99)}
    digest = read(lines(MICE, {"title": "Of cats", **many}))
    told, _ = digest.unread
    assert "and 89 more" in told.message
    assert len(told.message) < 700
    assert told.message.isprintable()


def test_an_empty_abstract_is_one_that_there_is_not() -> None:
    assert read(lines({**MICE, "abstract": ""}, {**MEN, "abstract": None})).unread == ()


def test_a_list_of_what_are_no_papers_says_what_to_add() -> None:
    with pytest.raises(DigestError) as caught:
        read(json.dumps([{"abstract": "We count mice."}]))
    assert caught.value.where == "entry 1"
    assert "other lists one with 'title'" in caught.value.message


@pytest.mark.parametrize(
    "author",
    [
        {"name": "Ann Example"},
        {"given": "Ann", "family": "Example"},
        {"firstName": "Ann", "lastName": "Example"},
        {"literal": "Ann Example", "sequence": "first"},
        {"author": {"display_name": "Ann Example"}, "author_position": "first"},
        "Example, Ann",
    ],
)
def test_authors_may_be_objects(author: object) -> None:
    assert only({**MICE, "authors": [author, "Bo Foe"]}).authors == ("Ann Example", "Bo Foe")


@pytest.mark.parametrize("author", [{"orcid": "0000-0001"}, 3, None, ["Ann"], {"name": ["Ann"]}])
def test_an_author_without_a_name_is_told_with_the_fix(author: object) -> None:
    digest = read(json.dumps([MEN, {**MICE, "authors": ["Bo Foe", author]}]))
    assert [entry.title for entry in digest.entries] == ["Of men"]
    (told,) = digest.unread
    assert told.where == "entry 2"
    assert "write names as text" in told.message or "write text there" in told.message


CSL = {
    "id": "roe2026",
    "type": "article-journal",
    "title": "Of <i>Mus</i> &amp; men",
    "author": [
        {"family": "Berg", "given": "Anna", "non-dropping-particle": "van der"},
        {"family": "Moe", "given": "Max", "suffix": "Jr."},
        {"literal": "MOUSE Consortium"},
    ],
    "abstract": "<jats:title>Abstract</jats:title><jats:p>We count mice.</jats:p>",
    "container-title": "Journal of Mice",
    "DOI": "10.1000/MICE",
    "URL": "https://doi.org/10.1000/mice",
    "issued": {"date-parts": [[2026, 3, 9]]},
}


def test_csl_json_is_read_as_what_it_is() -> None:
    (entry,) = read(json.dumps([CSL])).entries
    assert entry == DigestEntry(
        title="Of Mus & men",
        abstract="We count mice.",
        authors=("Anna van der Berg", "Max Moe Jr.", "MOUSE Consortium"),
        doi="10.1000/mice",
        url="https://doi.org/10.1000/mice",
        published_at=datetime(2026, 3, 9, tzinfo=UTC),
    )


def test_a_csl_date_that_is_none_is_told() -> None:
    odd = {**CSL, "title": "Of owls", "DOI": "10.1000/owls", "issued": {"literal": "in spring"}}
    digest = read(json.dumps([CSL, odd, {**odd, "issued": {"date-parts": [[2026, 13]]}}]))
    assert [each.where for each in digest.unread] == ["entry 2", "entry 3"]
    assert (
        "'issued' has no day that can be read; write it as 2026-03-11" in digest.unread[0].message
    )


@pytest.mark.parametrize(
    "keys",
    [
        ("Title", "Abstract", "Link", "Published At"),
        ("TITLE", "SUMMARY", "URL", "DATE"),
        ("title", "abstract", "Url", "Published"),
    ],
)
def test_keys_may_be_written_in_capitals(keys: tuple[str, ...]) -> None:
    values = ("Of mice", "We count mice.", "https://arxiv.org/abs/2603.00001", "2026-03-09")
    entry = only(dict(zip(keys, values, strict=True)))
    assert (entry.title, entry.abstract) == values[:2]
    assert entry.arxiv_id == "2603.00001"
    assert entry.published_at == datetime(2026, 3, 9, tzinfo=UTC)


def test_texts_may_be_html() -> None:
    entry = only(
        {
            "title": "<b>Of CO<sub>2</sub> &amp; mice</b>",
            "abstract": "<p><b>Aim</b> We ask.</p><p><b>Results</b> There are 10<sup>5</sup>.</p>",
        }
    )
    assert entry.title == "Of CO₂ & mice"
    assert entry.abstract == "Aim: We ask. Results: There are 10⁵."


@pytest.mark.parametrize("text", ["Let a<b and c>d.", "Of <think> and AT&T", "x < y & y > z"])
def test_what_is_no_markup_stays(text: str) -> None:
    entry = only({"title": text, "abstract": text})
    assert (entry.title, entry.abstract) == (text, text)


@pytest.mark.parametrize("key", ["papers", "items", "articles", "Publications"])
def test_a_list_within_an_object_has_the_day_and_the_name_around_it(key: str) -> None:
    digest = read(json.dumps({"title": "Mouse weekly", "date": "2026-03-11", key: [MICE, MEN]}))
    assert (digest.date, digest.curator) == (date(2026, 3, 11), "Mouse weekly")
    assert [entry.title for entry in digest.entries] == ["Of mice", "Of men"]


def test_of_two_lists_within_an_object_none_is_meant() -> None:
    with pytest.raises(DigestError, match="JSON, but no list of papers"):
        read(json.dumps({"date": "2026-03-11", "new": [MICE], "old": [MEN]}))


def test_what_a_paper_cites_is_no_list_of_papers() -> None:
    entry = only({**MICE, "references": [MEN], "versions": [{"title": "Of mouse"}]})
    assert entry.title == "Of mice"


def test_an_unreadable_day_around_a_list_refuses_it() -> None:
    with pytest.raises(DigestError, match="'date' is 'March'; write a time"):
        read(json.dumps({"date": "March", "papers": [MICE, MEN]}))


def test_a_json_feed_is_read() -> None:
    item = {
        "id": "1",
        "url": "https://doi.org/10.1234/mice",
        "title": "Of mice",
        "summary": "Mice.",
        "content_html": "<p>We count mice, and find many.</p>",
        "date_published": "2026-03-09T08:00:00Z",
        "authors": [{"name": "Ann Example"}],
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Examples", "items": [item]}
    digest = read(json.dumps(feed))
    (entry,) = digest.entries
    assert (entry.doi, entry.abstract) == ("10.1234/mice", "We count mice, and find many.")
    assert (entry.authors, digest.unread) == (("Ann Example",), ())
    assert entry.published_at == datetime(2026, 3, 9, 8, tzinfo=UTC)


@pytest.mark.parametrize("key", ["publishedDate", "publication_date", "Publication Date"])
@pytest.mark.parametrize(("day", "read_as"), [("2026-03-09", 9), ("2026-03", 1), ("March", None)])
def test_a_day_under_a_key_of_somebody_elses_is_read(
    key: str, day: str, read_as: int | None
) -> None:
    entry = only({**MICE, key: day})
    assert entry.published_at == (read_as and datetime(2026, 3, read_as, tzinfo=UTC))


def test_an_arxiv_id_is_read_from_the_address_of_an_entry() -> None:
    assert only({**MICE, "entry_id": "http://arxiv.org/abs/2603.00001v2"}).arxiv_id == "2603.00001"
