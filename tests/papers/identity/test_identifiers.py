"""Identifiers in what people write about themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.papers.identity.identifiers import NamedPapers, find_identifiers


@pytest.mark.parametrize(
    ("text", "arxiv_ids", "dois", "rest"),
    [
        ("", (), (), ""),
        ("graph networks, protein folding", (), (), "graph networks, protein folding"),
        (
            "graph networks, 1706.03762, protein folding",
            ("1706.03762",),
            (),
            "graph networks, protein folding",
        ),
        ("graph networks 1706.03762v2 pruning", ("1706.03762",), (), "graph networks, pruning"),
        ("like arXiv: 1706.03762 and doi 10.1000/A", ("1706.03762",), ("10.1000/a",), "like, and"),
        ("1706.03762; 1706.03762", ("1706.03762",), (), ""),
        ("gpt 3.5 turbo, 24/7", (), (), "gpt 3.5 turbo, 24/7"),
        (
            "10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9,hep-th/9711200",
            ("hep-th/9711200",),
            ("10.1002/(sici)1097-4571(199009)41:6<391::aid-asi1>3.0.co;2-9",),
            "",
        ),
    ],
)
def test_identifiers_are_found_and_the_words_stay(
    text: str, arxiv_ids: tuple[str, ...], dois: tuple[str, ...], rest: str
) -> None:
    assert find_identifiers(text) == NamedPapers(arxiv_ids, dois, rest)


@given(st.lists(st.sampled_from(["1706.03762", "10.1000/a", "graphs", "(math/0309136)"])))
def test_in_the_rest_nothing_is_found(words: list[str]) -> None:
    rest = find_identifiers(", ".join(words)).rest
    assert find_identifiers(rest) == NamedPapers((), (), rest)
    assert rest.count("graphs") == words.count("graphs")


@given(st.text())
def test_a_text_without_identifier_stays_as_it_is(text: str) -> None:
    named = find_identifiers(text)
    assert named.arxiv_ids or named.dois or named.rest == text
