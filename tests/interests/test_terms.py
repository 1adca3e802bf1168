from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.terms import phrases_of, term_of, tokens_of, words_of


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("Networks", "network"),
        ("proteins", "protein"),
        ("studies", None),
        ("galaxies", "galaxy"),
        ("loss", "loss"),
        ("corpus", "corpus"),
        ("analysis", "analysis"),
        ("gas", "gas"),
        ("Einstein's", "einstein"),
        ("Einstein’s", "einstein"),
        ("LLMs", "llm"),
        ("the", None),
        ("propose", None),
        ("x", None),
        ("2024", None),
        ("3D", "3d"),
        ("système", "système"),
        ("system", "system"),
    ],
)
def test_word_counts_as_its_term(word: str, term: str | None) -> None:
    assert term == term_of(word)


def test_words_keep_their_order_and_repeat() -> None:
    assert words_of("We propose graph pruning of graphs.") == ["graph", "pruning", "graph"]


def test_neighbours_in_a_title_are_pairs() -> None:
    assert phrases_of("Graph Neural Networks") == [
        "graph",
        "neural",
        "network",
        "graph neural",
        "neural network",
    ]


@pytest.mark.parametrize("title", ["Pruning: Graphs", "Pruning of Graphs", "Pruning, Graphs"])
def test_no_pair_bridges_a_colon_a_comma_or_a_stop_word(title: str) -> None:
    assert phrases_of(title) == ["pruning", "graph"]


def test_hyphen_joins_a_pair_and_is_shown() -> None:
    first, second = tokens_of("Zero-shot")
    assert (first.term, first.joint) == ("zero", None)
    assert (second.term, second.joint) == ("shot", "-")


def test_capitals_that_only_begin_a_word_are_not_shown() -> None:
    assert [token.surface for token in tokens_of("Graph LLMs PyTorch BERT")] == [
        "graph",
        "LLMs",
        "PyTorch",
        "BERT",
    ]


@given(st.text(max_size=200))
def test_any_text_has_terms_that_are_not_blank(text: str) -> None:
    assert all(term.strip() for term in phrases_of(text))
