"""Databases send their news as references: they are a digest, with what a digest may say more."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import AnnounceType, Digest
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest
from recommender.papers.references.references import MAX_BYTES, read_references

TODAY = date(2026, 3, 20)
NBIB = """PMID- 40000001
DP  - 2026 Mar 18
TI  - Of bread.
AU  - Example A
PT  - Journal Article

PMID- 40000002
DP  - 2025 Dec
TI  - Of salt.
AID - 10.1234/salt [doi]
PT  - Retracted Publication
"""
RIS = "TY  - JOUR\nTI  - Of bread\nPY  - 2026\nUR  - https://bread.example.org/1\nER  - \n"


def read(document: str) -> Digest:
    return parse_digest(document.encode(), today=TODAY)


def test_a_saved_search_of_pubmed_is_a_digest_of_its_newest_day() -> None:
    digest = read(NBIB)
    assert (digest.format, digest.date, digest.curator) == ("medline", date(2026, 3, 18), None)
    bread, salt = digest.entries
    assert (bread.title, bread.url) == ("Of bread", "https://pubmed.ncbi.nlm.nih.gov/40000001/")
    assert (salt.title, salt.url) == ("Of salt", "https://doi.org/10.1234/salt")


def test_what_medline_calls_retracted_was_taken_back_for_all_but_not_by_a_subscriber() -> None:
    announced = [entry.announce_type for entry in read(NBIB).entries]
    assert announced == [AnnounceType.NEW, AnnounceType.WITHDRAWN]
    named = read_references(NBIB).entries
    assert {entry.announce_type for entry in named} == {AnnounceType.NEW}


def test_the_address_of_a_record_counts_in_a_digest_and_not_where_somebody_names_it() -> None:
    assert [entry.url for entry in read(RIS).entries] == ["https://bread.example.org/1"]
    assert [entry.url for entry in read_references(RIS).entries] == [None]
    assert read(RIS.replace("https://", "javascript://")).entries[0].url is None


def test_an_old_library_does_not_trend() -> None:
    digest = read("@book{a, title={Old}, year={1987}}\n@book{b, title={Older}, year={1950}}\n")
    assert (digest.format, digest.date) == ("bibtex", date(1987, 1, 1))


def test_the_good_records_are_taken_and_each_bad_one_is_named() -> None:
    digest = read(f"{RIS}TY  - JOUR\nAU  - Example, Ann\nER  - \n{RIS}")
    assert [entry.title for entry in digest.entries] == ["Of bread"]
    assert [(each.where, each.message) for each in digest.unread] == [
        ("line 6", "a paper without a title; add it or take the entry out")
    ]


@pytest.mark.parametrize("head", ["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_endnote_xml_is_a_digest_with_and_without_its_declaration(head: str) -> None:
    record = "<record><titles><title>Of bread</title></titles></record>"
    digest = read(f"{head}<xml><records>{record}</records></xml>")
    assert (digest.format, digest.entries[0].title) == ("endnote-xml", "Of bread")
    assert read(f"{head}<xml><records></records></xml>").entries == ()


@pytest.mark.parametrize(
    ("document", "where", "said"),
    [
        ("@article{a, title={Open}", "line 1", "see that its braces and quotes close"),
        ("@misc{a, doi={10.1234/a}}", "line 1", "a paper without a title"),
        ("@misc{a,}\n" * 200_000, "file", f"larger than {MAX_BYTES / 1e6:g} MB"),
        ("TY  - JOUR\n" * 501, "file", "501 references"),
        ("<xml><records>", "line 1", "broken XML"),
    ],
)
def test_what_is_no_list_of_references_is_refused(document: str, where: str, said: str) -> None:
    with pytest.raises(DigestError) as caught:
        read(document)
    assert caught.value.where == where
    assert said in caught.value.message


@pytest.mark.parametrize(
    "title",
    [
        "TY: a model of types",
        "@somebody (asked)",
        "@home: bread",
        "PMID of what?",
        "FN and VR",
        "% of bread",
    ],
)
def test_a_title_that_begins_like_a_reference_is_digest_text(title: str) -> None:
    assert read(f"{title}\n\nWe bake bread and look.\n").entries[0].title == title
