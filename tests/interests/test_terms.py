from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.terms import (
    STOP_WORDS,
    phrases_of,
    split_words,
    term_of,
    tokens_of,
    words_of,
)


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


@pytest.mark.parametrize(
    "sentence",
    [
        "Neither of these others ever became what they themselves would have been.",
        "However, we've seen that it doesn't, can't and won't, although it’ll seldom seem so.",
        "Nearly two thousand were found here twice, e.g. within the first, third and next one.",
        "In this paper we propose a novel method that significantly outperforms previous work.",
    ],
)
def test_sentence_without_a_subject_has_no_terms(sentence: str) -> None:
    assert words_of(sentence) == []


@pytest.mark.parametrize(
    "title",
    [
        "Interest, Systems and Computers",
        "Fire Detail Bill Mill",
        "Top Quarks, Whole Genomes, Back Pain",
        "Zero Movement of the Front",
    ],
)
def test_what_papers_are_about_counts(title: str) -> None:
    words = [word for word in split_words(title) if word not in {"and", "of", "the"}]
    assert len(words_of(title)) == len(words)


def test_stop_words_are_as_words_are_looked_up() -> None:
    assert all(word == word.lower() and split_words(word) == [word] for word in STOP_WORDS)


def test_terms_are_those_of_the_text_as_it_is_shown() -> None:
    """A command is no word, and what it applies to is."""
    title = r"$\mathcal{O}(n^2)$ Bounds with \emph{graphs} & $L_\infty$ \textbf{norms} by \ours"
    assert phrases_of(title) == ["n²", "bound", "graph", "norm"]
    assert words_of(r"An $\unknown{x}$ of \textbf{norms}") == ["norm"]
