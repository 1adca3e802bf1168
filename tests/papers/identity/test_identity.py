"""The same paper is recognised however it is written, and different papers are not confused."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.domain.titles import title_key
from recommender.papers.identity.canonical_ids import (
    TitleSearch,
    arxiv_id_of,
    normalise_doi,
    reading_url,
    searched_at,
)
from recommender.papers.identity.merging import without_repeats

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)

new_style_ids = st.builds(
    "{:02}{:02}.{:05}".format,
    st.integers(15, 99),
    st.integers(1, 12),
    st.integers(0, 99_999),
)
old_style_ids = st.builds(
    "{}/{:02}{:02}{:03}".format,
    st.sampled_from(["hep-th", "math", "cond-mat", "astro-ph", "cs"]),
    st.integers(0, 99),
    st.integers(1, 12),
    st.integers(0, 999),
)
versions = st.one_of(st.just(""), st.integers(1, 40).map("v{}".format))
wrappings = st.sampled_from(
    [
        "{}",
        " {}\n",
        "arXiv:{}",
        "arxiv: {}",
        "oai:arXiv.org:{}",
        "https://arxiv.org/abs/{}",
        "http://export.arxiv.org/abs/{}?context=cs",
        "https://www.arxiv.org/pdf/{}.pdf",
        "https://arxiv.org/html/{}#S1",
        "see arXiv:{}, section 2",
        "https://huggingface.co/papers/{}",
        "https://papers.cool/arxiv/{}",
        "https://scirate.com/arxiv/{}",
        "https://www.semanticscholar.org/arxiv/{}",
        "https://www.emergentmind.com/papers/{}",
        "https://doi.org/10.48550/arXiv.{}",
    ]
)


@given(st.one_of(new_style_ids, old_style_ids), versions, wrappings)
def test_arxiv_id_is_found_in_every_spelling(identifier: str, version: str, wrapping: str) -> None:
    assert arxiv_id_of(wrapping.format(identifier + version)) == identifier


def test_arxiv_ids_before_2015_have_four_digits() -> None:
    assert arxiv_id_of("1412.6980v9") == "1412.6980"


def test_subject_class_of_an_old_arxiv_id_is_left_out() -> None:
    assert arxiv_id_of("https://arxiv.org/abs/math.GT/0309136v1") == "math/0309136"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1713.00001",
        "2401.1234",
        "2401.123456",
        "1401.12345",
        "10.1101/2025.03.10.642001",
        "version 2401.00001 of it",
        "https://example.org/abs/2401.00001",
        "hep-th/9713200",
    ],
)
def test_what_is_no_arxiv_id_gives_none(text: str) -> None:
    assert arxiv_id_of(text) is None


@given(st.text())
def test_an_arxiv_id_is_its_own_arxiv_id(text: str) -> None:
    found = arxiv_id_of(text)
    assert found is None or arxiv_id_of(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "10.1000/ABC.d(1)",
        "doi:10.1000/abc.d(1)",
        "DOI: 10.1000/abc.D(1).",
        "https://doi.org/10.1000/abc.d%281%29",
        "http://dx.doi.org/10.1000/abc.d(1)",
        "https://doi.org/10.1000/ABC.d(1)/unauth",
    ],
)
def test_spellings_of_a_doi_are_one(text: str) -> None:
    assert normalise_doi(text) == "10.1000/abc.d(1)"


@pytest.mark.parametrize("text", ["", "10.1000", "10.1000/", "11.1000/abc", "10.1000/a b", "doi:"])
def test_what_is_no_doi_gives_none(text: str) -> None:
    assert normalise_doi(text) is None


@given(st.from_regex(r"10\.[0-9]{4,9}/\S+", fullmatch=True))
def test_a_normalised_doi_is_its_own_normal_form(text: str) -> None:
    found = normalise_doi(text)
    assert found is None or normalise_doi(found) == found


@given(st.text())
@example("\u00a8")
def test_title_key_is_stable(title: str) -> None:
    assert title_key(title_key(title)) == title_key(title)


@given(st.text())
@example("\u00a8")
@example("\u0308")
def test_only_an_empty_title_has_an_empty_key(title: str) -> None:
    assert (title_key(title) == "") == (title.strip() == "")


@given(st.text())
@example("\u00a8")
def test_title_key_does_not_depend_on_the_normal_form(title: str) -> None:
    assert title_key(unicodedata.normalize("NFC", title)) == title_key(title)
    assert title_key(unicodedata.normalize("NFKD", title)) == title_key(title)


@given(st.lists(st.sampled_from(["attention", "is", "42", "été", "图", "сеть"]), min_size=1))
def test_title_key_does_not_depend_on_case_spacing_and_punctuation(words: list[str]) -> None:
    assert title_key(" -- ".join(words).upper() + "?!") == title_key(" ".join(words))


def test_titles_of_different_words_have_different_keys() -> None:
    assert title_key("Graph networks in 3D") != title_key("Graph networks in 2D")


def entry(title: str = "A title", **fields: object) -> DigestEntry:
    return DigestEntry(title=title, abstract="An abstract.", **fields)  # type: ignore[arg-type] # free fields of a test


def test_a_repeated_paper_keeps_its_first_rank_most_upvotes_and_summary() -> None:
    entries = [
        entry("One", arxiv_id="2401.00001", upvotes=3),
        entry("Two", arxiv_id="2401.00002"),
        entry("One, revised", arxiv_id="2401.00001", upvotes=5, summary="Counts."),
    ]
    expected = (entry("One", arxiv_id="2401.00001", upvotes=5, summary="Counts."), entries[1])
    assert without_repeats(entries) == expected


def test_a_title_repeated_under_another_arxiv_id_is_another_paper() -> None:
    entries = (entry(arxiv_id="2401.00001"), entry(arxiv_id="2401.00002"))
    assert without_repeats(entries) == entries


def test_a_title_repeated_without_identifiers_is_the_same_paper() -> None:
    entries = [entry("A Title"), entry("a  title!", doi="10.1000/x")]
    assert without_repeats(entries) == (entry("A Title", doi="10.1000/x"),)


def test_a_paper_both_replaced_and_new_counts_as_new() -> None:
    entries = [
        entry(arxiv_id="2401.00001", announce_type=AnnounceType.REPLACE),
        entry(arxiv_id="2401.00001"),
    ]
    assert without_repeats(entries) == (entry(arxiv_id="2401.00001"),)


@given(
    st.lists(
        st.builds(
            entry,
            st.sampled_from(["a", "b", "c"]),
            arxiv_id=st.sampled_from([None, "2401.00001", "2401.00002"]),
            doi=st.sampled_from([None, "10.1000/x", "10.1000/y"]),
            upvotes=st.integers(0, 9),
        )
    )
)
def test_keeping_each_paper_once_is_stable_and_loses_no_identifier(
    entries: list[DigestEntry],
) -> None:
    kept = without_repeats(entries)
    arxiv_ids = [each.arxiv_id for each in kept if each.arxiv_id]
    assert sorted(arxiv_ids) == sorted(set(arxiv_ids))
    assert {each.arxiv_id for each in entries} - {None} >= set(arxiv_ids)
    assert [each.title for each in kept[:1]] == [each.title for each in entries[:1]]


def test_paper_is_read_at_its_own_address() -> None:
    paper = Paper(1, "A title", "", (), None, None, "https://arxiv.org/abs/1706.03762", None, NOW)
    for search in TitleSearch:
        url = reading_url(paper, search)
        assert url == "https://arxiv.org/abs/1706.03762"
        assert searched_at(url) is None


@pytest.mark.parametrize(
    ("search", "before", "after", "site"),
    [
        (TitleSearch.ARXIV, "https://arxiv.org/search/?query=", "&searchtype=title", "arXiv"),
        (
            TitleSearch.CROSSREF,
            "https://search.crossref.org/search/works?q=",
            "&from_ui=yes",
            "Crossref",
        ),
    ],
)
def test_paper_without_an_address_is_searched_by_its_title(
    search: TitleSearch, before: str, after: str, site: str
) -> None:
    paper = Paper(1, "Attention & memory: 100%?", "", (), None, None, None, None, NOW)
    url = reading_url(paper, search)
    assert url == f"{before}Attention+%26+memory%3A+100%25%3F{after}"
    assert searched_at(url) == site


@pytest.mark.parametrize("title", ["word " * 100, "x" * 10_000, "題" * 10_000])
def test_search_asks_for_whole_words_and_no_more_than_a_site_takes(title: str) -> None:
    paper = Paper(1, title, "", (), None, None, None, None, NOW)
    (query,) = parse_qs(urlsplit(reading_url(paper, TitleSearch.ARXIV)).query)["query"]
    assert title.startswith(query)
    assert set(query.split()) == {"word"} or len(query) == 200
    assert 190 < len(query) <= 200


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://scholar.google.com/scholar?q=Attention", "Google Scholar"),
        ("https://arxiv.org/abs/1706.03762", None),
        ("https://search.crossref.org/", None),
        ("https://example.org/search/?query=arxiv.org", None),
        ("https://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_that_only_searches_is_told_from_others(url: str | None, site: str | None) -> None:
    assert searched_at(url) == site


def test_title_of_thousands_of_accents_is_its_letters() -> None:
    # Ordering them all would take half a minute.
    assert title_key("a" + "\u0315\u0300" * 250_000 + "b") == "ab"


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("neco/article/doi/10.1162/089976600300015015", "10.1162/089976600300015015"),
        ("neco/article/doi/10.1162/089976600300015015/6789/Title", "10.1162/089976600300015015"),
        ("neco/article-abstract/doi/10.1162/neco_a_01234/99887/Title", "10.1162/neco_a_01234"),
        ("x/article/doi/10.1093/x/btad123/7078542", "10.1093/x/btad123"),
        ("x/advance-article/doi/10.1093/x/btad123/7078542", "10.1093/x/btad123"),
        ("x/advance-article-abstract/doi/10.1093/x/abc/7078542?x=y", "10.1093/x/abc"),
        ("x/advance-article-pdf/doi/10.1093/x/abc/7078542/abc.pdf", "10.1093/x/abc"),
        ("x/article-lookup/doi/10.1093/x/abc", "10.1093/x/abc"),
        ("books/book/1/chapter-abstract/doi/10.1093/x/abc/7078542", "10.1093/x/abc"),
    ],
)
def test_a_doi_that_is_a_number_stays_whole_in_a_publishers_address(address: str, doi: str) -> None:
    assert normalise_doi(f"https://journals.example.org/{address}") == doi


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("doi/suppl/10.1126/x.abc1234/suppl_file", "10.1126/x.abc1234"),
        ("doi/suppl/10.1126/x.abc1234/suppl_file/abc1234_sm.pdf", "10.1126/x.abc1234"),
        ("doi/suppl/10.1021/x.4c00123", "10.1021/x.4c00123"),
        ("doi/suppl/10.1073/x.2401/suppl_info", "10.1073/x.2401"),
    ],
)
def test_supplements_of_a_paper_have_its_doi(address: str, doi: str) -> None:
    assert normalise_doi(f"https://journals.example.org/{address}") == doi
