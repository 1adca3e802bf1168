from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.newsletter.excerpts import excerpt


def test_abstract_that_fits_stays_whole() -> None:
    assert (
        excerpt("One sentence.\n Another,\twithout an end")
        == "One sentence. Another, without an end"
    )


def test_as_many_whole_sentences_as_fit() -> None:
    assert excerpt("First one. Second one! Third one? Fourth one.", 25) == "First one. Second one!"


@pytest.mark.parametrize(
    "sentence",
    [
        "We prune, e.g. Transformers, i.e. Attention.",
        "As Smith et al. Show, it holds.",
        "This (cf. Table 1 and Fig. 2) is new.",
        "Work of J. R. Smith vs. Others.",
        "It costs approx. 3 times more.",
        "Accuracy is 0.95 at 1.5 Hz.",
        "Models w.r.t. Data, a.k.a. Corpora, etc. And more.",
        "Dr. Smith agrees.",
    ],
)
def test_no_cut_inside_a_sentence_at_an_abbreviation(sentence: str) -> None:
    assert (
        excerpt(f"{sentence} Then a second sentence follows here.", len(sentence) + 9) == sentence
    )


def test_closing_bracket_and_quote_belong_to_the_sentence() -> None:
    assert excerpt("It works (“well.”) Then more and more text.", 30) == "It works (“well.”)"


def test_sentences_without_spaces_between_them_are_parted_too() -> None:
    assert excerpt("これは文です。次の文はとても長いです。", 10) == "これは文です。"


def test_single_long_sentence_is_cut_between_words_with_an_ellipsis() -> None:
    assert excerpt("A sentence, which does not end soon enough", 22) == "A sentence, which…"


def test_single_long_word_is_cut_anywhere() -> None:
    assert excerpt("x" * 50, 10) == "x" * 9 + "…"


def test_paper_without_abstract_has_no_excerpt() -> None:
    assert excerpt("  ") == ""


@given(st.text(alphabet="Ab. ,e!\n", max_size=120), st.integers(1, 60))
def test_excerpt_is_a_beginning_and_never_too_long(abstract: str, limit: int) -> None:
    text, shown = " ".join(abstract.split()), excerpt(abstract, limit)
    assert len(shown) <= limit
    assert text.startswith(shown.removesuffix("…"))
