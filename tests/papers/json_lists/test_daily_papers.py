"""Days of the daily-papers JSON are read, and broken entries are named."""

from __future__ import annotations

import io
import json
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.formats import SEE_FORMATS, parse_digest
from recommender.papers.intake.attention import digests_of_days

TODAY = date(2026, 3, 20)


def paper(**fields: Any) -> dict[str, Any]:
    filled = {"id": "2603.00001", "title": "A title", "summary": "An abstract.", "upvotes": 7}
    return {"paper": {**filled, **fields}}


def read(document: object) -> Digest:
    return parse_digest(json.dumps(document).encode(), today=TODAY)


def refusal(document: object) -> tuple[str, str]:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(DigestError) as caught:
        parse_digest(content, today=TODAY)
    return caught.value.where, caught.value.message


def days_of(shared_data: Path) -> Iterator[tuple[str, bytes]]:
    archive = shared_data / "digests" / "huggingface-daily-2024-05-to-2025-10.tar.xz"
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes()), mode="r:xz") as days:
        for member in days:
            file = days.extractfile(member)
            if file is not None:
                yield member.name, file.read()


def test_every_day_of_the_archive_is_read_or_refused(
    shared_data: Path, record_property: Callable[[str, object], None]
) -> None:
    """22 days, from 11 December 2024 to 10 January 2025, are reprs; the other 351 are whole."""
    papers, refused, seconds = 0, {}, 0.0
    for name, content in days_of(shared_data):
        start = time.perf_counter()
        try:
            papers += len(parse_digest(content, today=TODAY).entries)
        except DigestError as error:
            refused[re.sub(r".*/|\.json", "", name)] = error
        seconds += time.perf_counter() - start
    record_property("papers_per_second", papers / seconds)
    assert papers == 5204
    assert len(refused) == 22
    assert (min(refused), max(refused)) == ("2024-12-11", "2025-01-10")
    assert {error.where for error in refused.values()} == {"entry 1"}


@pytest.mark.parametrize("day", ["2024-12-11", "2025-01-10"])
def test_a_day_of_python_reprs_is_refused_with_the_mend(shared_data: Path, day: str) -> None:
    content = (shared_data / "digests" / "huggingface-daily" / f"{day}.json").read_bytes()
    assert refusal(content) == (
        "entry 1",
        (
            "the entry is a string holding a Python repr, not a JSON object; write the file with "
            "a JSON serialiser or fetch the day again"
        ),
    )


def test_a_real_day_is_read_in_order_on_single_lines(shared_data: Path) -> None:
    content = (shared_data / "digests" / "huggingface-daily" / "2025-10-30.json").read_bytes()
    digest = parse_digest(content, today=TODAY)
    expected = [
        (
            item["paper"]["id"],
            " ".join(item["paper"]["title"].split()),
            " ".join(item["paper"]["summary"].split()),
            [author["name"] for author in item["paper"]["authors"]],
            item["paper"]["upvotes"],
        )
        for item in json.loads(content)
    ]
    assert (digest.format, digest.curator, digest.date) == (
        "daily-papers-json",
        None,
        date(2025, 10, 30),
    )
    assert [
        (each.arxiv_id, each.title, each.abstract, list(each.authors), each.upvotes)
        for each in digest.entries
    ] == expected


def test_a_real_day_of_the_older_form_is_dated_by_its_listing(shared_data: Path) -> None:
    content = (shared_data / "digests" / "huggingface-daily" / "2024-05-27.json").read_bytes()
    assert parse_digest(content, today=TODAY).date == date(2024, 5, 27)


def test_every_field_of_an_entry_is_taken() -> None:
    entry = paper(
        title="A title\n  on two lines",
        summary="Hard\nwrapped.",
        authors=[{"name": "Ann Example"}, {"name": "Bob Example", "hidden": True}, {"name": " "}],
        publishedAt="2026-03-09T17:34:15.000Z",
        ai_summary="A digest's\n  own line.",
    )
    expected = DigestEntry(
        title="A title on two lines",
        abstract="Hard wrapped.",
        authors=("Ann Example", "Bob Example"),
        arxiv_id="2603.00001",
        url="https://arxiv.org/abs/2603.00001",
        published_at=datetime(2026, 3, 9, 17, 34, 15, tzinfo=UTC),
        upvotes=7,
        summary="A digest's own line.",
    )
    assert read([entry]).entries == (expected,)


@pytest.mark.parametrize("none", [{}, {"ai_summary": None}, {"ai_summary": " \n\x00 "}])
def test_a_paper_without_a_summary_has_none(none: dict[str, object]) -> None:
    assert read([paper(**none)]).entries[0].summary == ""


def test_a_summary_of_any_length_is_stored_as_no_more_than_a_line() -> None:
    (entry,) = read([paper(ai_summary="An \ud83d endless <b>line</b>. " * 100_000)]).entries
    assert len(entry.summary) <= 1_000
    assert entry.summary.startswith("An \N{REPLACEMENT CHARACTER} endless <b>line</b>. An ")


def test_envelope_gives_the_date() -> None:
    envelope = {"status": "success", "date": "2026-03-12", "count": 1, "data": [paper()]}
    assert read(envelope).date == date(2026, 3, 12)


def test_latest_listing_gives_the_date() -> None:
    first = paper(submittedOnDailyAt="2026-03-10T01:00:00.000Z")
    second = paper(id="2603.00002", title="B", submittedOnDailyAt="2026-03-11T23:30:00-02:00")
    assert read([first, second]).date == date(2026, 3, 12)


def test_a_day_that_names_no_date_is_of_today() -> None:
    assert read([paper()]).date == TODAY


def test_a_paper_listed_twice_keeps_its_best_rank_and_most_upvotes() -> None:
    entries = read([paper(upvotes=1), paper(id="2603.00001v2", upvotes=9)]).entries
    assert [(each.arxiv_id, each.upvotes) for each in entries] == [("2603.00001", 9)]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (paper(title=None), "a paper without 'title'"),
        (paper(title=" \n"), "a paper without 'title'"),
        (paper(title=3), "'title' is a number"),
        (paper(summary=["x"]), "'summary' is a list"),
        (paper(ai_summary=["x"]), "'ai_summary' is a list"),
        (paper(id="x"), "no arXiv identifier"),
        (paper(id=None), "no arXiv identifier"),
        (paper(upvotes=-1), "'upvotes' lies outside"),
        (paper(upvotes=10**30), "'upvotes' lies outside"),
        (paper(upvotes=True), "'upvotes' is true or false"),
        (paper(upvotes="7"), "'upvotes' is text"),
        (paper(authors={}), "'authors' is an object"),
        (paper(authors=["Ann"]), "author 1 is text, not an object"),
        (paper(publishedAt="yesterday"), "'publishedAt' is 'yesterday'"),
        (paper(publishedAt="9999-12-31T23:59:59-10:00"), "'publishedAt' is"),
        ({"paper": []}, "'paper' is a list, not an object"),
        ({"title": "x"}, "an object without 'paper'"),
        ("just text", "the entry is text"),
        (None, "the entry is null"),
        (7, "the entry is a number"),
    ],
)
def test_a_broken_entry_is_named_and_the_others_are_taken(broken: object, said: str) -> None:
    digest = read([paper(), broken])
    assert [entry.arxiv_id for entry in digest.entries] == ["2603.00001"]
    assert [each.where for each in digest.unread] == ["entry 2"]
    assert said in digest.unread[0].message


def test_a_day_of_broken_entries_only_is_refused_at_the_first() -> None:
    assert refusal([paper(id="x"), "text"])[0] == "entry 1"


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        (
            b'[{"paper": {"id": "2603.00001",\n "title": "cut o',
            "line 2",
            "broken JSON at column 11",
        ),
        (b'[{"paper": {"upvotes": NaN}}]', "file", "NaN is no number in JSON"),
        (b'[{"paper": {"upvotes": -Infinity}}]', "file", "-Infinity is no number in JSON"),
        (b"[" * 100_000, "file", "nested too deeply"),
        (b'[{"paper": {"upvotes": ' + b"9" * 5000 + b"}}]", "file", "too many digits"),
        (b"[]", "file", "no papers in the list"),
        (b'{"data": []}', "file", "no papers in the list"),
        (b'{"status": "error"}', "file", f"JSON, but no list of papers; {SEE_FORMATS}"),
    ],
)
def test_broken_json_is_refused_with_its_place(content: bytes, where: str, said: str) -> None:
    found = refusal(content)
    assert found[0] == where
    assert said in found[1]


def test_envelope_that_counts_more_entries_than_it_holds_is_refused() -> None:
    where, message = refusal({"date": "2026-03-12", "count": 2, "data": [paper()]})
    assert where == "file"
    assert "fetch the day again" in message


def test_half_a_surrogate_pair_in_a_title_can_be_stored() -> None:
    content = b'[{"paper": {"id": "2603.00001", "title": "A \\ud83d title"}}]'
    title = parse_digest(content, today=TODAY).entries[0].title
    assert title.encode().decode() == "A \N{REPLACEMENT CHARACTER} title"


def only(**fields: Any) -> DigestEntry:
    (entry,) = read([{**paper(**fields), "thumbnail": fields.get("thumbnail")}]).entries
    return entry


def test_what_the_digest_links_and_says_beside_a_paper_is_kept() -> None:
    entry = only(
        ai_keywords=["graphs", "graphs", " deep\nlearning ", 7, "", "x" * 200],
        githubRepo="https://code.example.org/a",
        projectPage=" http://example.org/~a/?b=c ",
        thumbnail="https://example.org/a.png",
    )
    assert entry.keywords == ("graphs", "deep learning")
    assert entry.code_url == "https://code.example.org/a"
    assert entry.project_url == "http://example.org/~a/?b=c"
    assert entry.thumbnail_url == "https://example.org/a.png"


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "ftp://example.org/a", "//example.org", "example.org/code", "", 7),
        *("https://", "https:///a", "https://code.example.org@example.net/", "https://a b.org/"),
        *("https://[x/", "https://example.org:x/", f"https://example.org/{'a' * 2000}", None, {}),
    ],
)
def test_what_is_no_address_for_a_reader_is_left_out_and_the_paper_stays(address: object) -> None:
    entry = only(githubRepo=address, projectPage=address, thumbnail=address, ai_keywords=address)
    assert (entry.code_url, entry.project_url, entry.thumbnail_url) == (None, None, None)
    assert entry.keywords == ()


def test_a_list_of_several_days_is_the_papers_of_each() -> None:
    entries = [
        paper(id=f"2603.0000{n}", submittedOnDailyAt=f"2026-03-{day}T0{n}:00:00.000Z")
        for n, day in enumerate((12, 12, 11, 10, 12), start=1)
    ]
    digest = read(entries)
    assert digest.date == date(2026, 3, 12)
    of_days = digests_of_days(digest)
    assert [(each.date.day, len(each.entries)) for each in of_days] == [(10, 1), (11, 1), (12, 3)]


def test_a_paper_without_a_day_among_several_is_named() -> None:
    entries = [
        paper(id="2603.00001", submittedOnDailyAt="2026-03-11T01:00:00.000Z"),
        paper(id="2603.00002"),
        paper(id="2603.00003", submittedOnDailyAt="2026-03-10T01:00:00.000Z"),
        paper(id="2603.00004", submittedOnDailyAt="2026-07-10T01:00:00.000Z"),
    ]
    digest = read(entries)
    assert [entry.arxiv_id for entry in digest.entries] == ["2603.00001", "2603.00003"]
    assert [each.where for each in digest.unread] == ["entry 2", "entry 4"]
    assert "no 'submittedOnDailyAt' that can be" in digest.unread[0].message


def test_an_envelope_says_of_which_day_its_list_is() -> None:
    entries = [
        paper(id="2603.00001", submittedOnDailyAt="2026-03-11T01:00:00.000Z"),
        paper(id="2603.00002", submittedOnDailyAt="2026-03-10T23:00:00.000Z"),
    ]
    digest = read({"date": "2026-03-11", "data": entries})
    assert digest.date == date(2026, 3, 11)
    assert [entry.listed_on for entry in digest.entries] == [None, None]
