"""What somebody types is read as words, phrases, authors and days, whatever it is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain.searches import (
    MOST_CHARACTERS,
    MOST_TERMS,
    NAMES_APART,
    PaperSearch,
    parse_search,
)

STOP_WORDS = frozenset({"is", "all", "the", "of"})


def parsed(words: str, **fields: str) -> PaperSearch:
    return parse_search(words, stop_words=STOP_WORDS, **fields)


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("graph networks", ("graph", "networks")),
        ('"graph networks" pruning', ("graph networks", "pruning")),
        ('"graph networks', ("graph networks",)),
        ("few-shot", ("few-shot",)),
        ("The state of the art", ("state", "art")),
        ('"the state of the art"', ("the state of the art",)),
        ("the of", ("the",)),
        ("graph graph", ("graph",)),
        ("", ()),
        ('"" - !!! *', ()),
        ("C++", ("C++",)),
        ("NEAR(a b) OR NOT", ("NEAR(a", "b)", "OR", "NOT")),
        ("a\0b\x1f c", ("a b", "c")),
        ("\ud800x", ("x",)),
    ],
)
def test_words_and_phrases_become_terms(words: str, terms: tuple[str, ...]) -> None:
    assert parsed(words).terms == terms


@pytest.mark.parametrize("quoted", ["“graph nets”", "„graph nets“", "«graph nets»", "”graph nets”"])
def test_quotes_of_telephones_and_languages_make_phrases(quoted: str) -> None:
    search = parse_search(f"{quoted} -{quoted}", stop_words=frozenset())
    assert (search.terms, search.excluded) == (("graph nets",), ("graph nets",))


def test_only_a_last_word_that_is_no_phrase_may_go_on() -> None:
    assert parsed("graph netw").is_begun
    assert not parsed('netw "graph"').is_begun
    assert not parsed("graph of").is_begun
    assert not parsed("C++").is_begun
    assert not parsed("graph a").is_begun
    assert not parsed("graph -netw").is_begun
    assert not parsed("").is_begun
    assert not parsed(" ".join(f"word{number}" for number in range(MOST_TERMS + 1))).is_begun


@pytest.mark.parametrize(
    ("words", "terms", "excluded"),
    [
        ("graph -neural", ("graph",), ("neural",)),
        ('-"neural network" graph', ("graph",), ("neural network",)),
        ("few-shot -zero-shot", ("few-shot",), ("zero-shot",)),
        ("author:roe -neural", (), ("neural",)),
        ("a -", ("a",), ()),
        ("-neural", (), ()),
        ("year:2024 -neural", (), ()),
    ],
)
def test_a_minus_leaves_out_where_something_else_is_looked_for(
    words: str, terms: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    search = parsed(words)

    assert (search.terms, search.excluded) == (terms, excluded)


@pytest.mark.parametrize(
    ("words", "authors", "excluded"),
    [
        ("graph -author:doe", (), ("doe",)),
        ('graph -AUTHOR:"Jane Doe" -author:roe', (), ("Jane Doe", "roe")),
        ("author:roe -author: doe", ("roe",), ("doe",)),
        ("author: -author:doe graph", (), ("doe",)),
        ("graph -author:", (), ()),
        ("-author:doe", (), ()),
        ("-author:doe -neural", (), ()),
        ("graph co-author:doe", (), ()),
    ],
)
def test_a_minus_leaves_out_an_author_where_something_else_is_looked_for(
    words: str, authors: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    search = parsed(words)

    assert (search.authors, search.excluded_authors) == (authors, excluded)
    assert not any("author" in each for each in search.excluded)


@pytest.mark.parametrize("words", ["-neural", "-author:doe", "year:2024 -neural"])
def test_with_nothing_but_what_no_paper_may_have_nothing_is_looked_for(words: str) -> None:
    assert parsed(words).is_empty


def test_a_search_is_backwards_where_its_first_day_is_later_than_its_last() -> None:
    assert parsed("", after="2025", before="2024").is_backwards
    assert not parsed("", after="2025-03", before="2025-03").is_backwards
    assert not parsed("", after="2025").is_backwards


def test_authors_and_days_are_said_by_words_or_by_fields() -> None:
    by_words = parsed('pruning author:"Jane Doe" AUTHOR:roe after:2024-02 before:2025')
    by_fields = parsed("pruning author:roe", author="Jane Doe", after="2024-02-01", before="2025")

    assert by_words.terms == by_fields.terms == ("pruning",)
    assert by_words.authors == ("Jane Doe", "roe")
    assert by_fields.authors == ("Jane Doe", "roe")
    for each in (by_words, by_fields):
        assert (each.since, each.until) == (date(2024, 2, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-2-3", date(2024, 2, 3), date(2024, 2, 3)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("30.11.2026", date(2026, 11, 30), date(2026, 11, 30)),
        ("3.4.2026", date(2026, 4, 3), date(2026, 4, 3)),
        ("11/2026", date(2026, 11, 1), date(2026, 11, 30)),
        ("11.2026", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026/11/30", date(2026, 11, 30), date(2026, 11, 30)),
        ("30/11/2026", date(2026, 11, 30), date(2026, 11, 30)),
        ("11/30/2026", date(2026, 11, 30), date(2026, 11, 30)),
        ("4/4/2026", date(2026, 4, 4), date(2026, 4, 4)),
        ("3/4/2026", None, None),
        ("30.11/2026", None, None),
        ("31.11.2026", None, None),
        ("13/2026", None, None),
        ("0000", None, None),
        ("2024-13", None, None),
        ("2024-02-30", None, None),
        ("yesterday", None, None),
        ("٢٠٢٤", None, None),
    ],
)
def test_days_months_and_years(said: str, since: date | None, until: date | None) -> None:
    search = parsed("", after=said, before=said)

    assert (search.since, search.until) == (since, until)


def test_nothing_looked_for_is_empty() -> None:
    assert parsed(" \t ").is_empty
    assert parsed("author: after:nonsense").is_empty
    assert not parsed("year:2024").is_empty


@given(words=st.text(max_size=400), author=st.text(max_size=50), day=st.text(max_size=12))
def test_whatever_is_typed_gives_a_bounded_search(words: str, author: str, day: str) -> None:
    search = parsed(words, author=author, after=day, before=day)

    assert len(search.terms) <= MOST_TERMS
    assert len(search.authors) <= MOST_TERMS
    assert len(search.excluded) <= MOST_TERMS
    assert len(search.excluded_authors) <= MOST_TERMS
    for term in (
        *(*search.terms, *search.authors),
        *(*search.excluded, *search.excluded_authors),
    ):
        assert len(term.encode()) <= 12 * MOST_CHARACTERS
        assert any(character.isalnum() for character in term)
        assert NAMES_APART not in term
        assert "\0" not in term
