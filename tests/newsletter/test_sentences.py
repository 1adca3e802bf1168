"""Sentences are parted where they end, and known by what they are there for, in all fields."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.newsletter.cues import CUES
from recommender.newsletter.sentences import contribution_score, is_dependent, sentences_of

STATED = 1.5


def parted(text: str) -> list[str]:
    return [text[each.start : each.end] for each in sentences_of(text)]


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
        "Specimens of Rosa sp. A were collected.",
        "It works (“well.”)",
    ],
)
def test_no_sentence_ends_at_an_abbreviation(sentence: str) -> None:
    text = f"{sentence} Then a second sentence follows."
    assert parted(text) == [sentence, "Then a second sentence follows."]


def test_sentences_without_spaces_between_them_are_parted_too() -> None:
    assert parted("これは文です。次の文です。") == ["これは文です。", "次の文です。"]
    assert parted("It bypasses truth.Our study says so.") == [
        "It bypasses truth.",
        "Our study says so.",
    ]
    assert parted("We use Node.js and U.S. data.") == ["We use Node.js and U.S. data."]


@pytest.mark.parametrize(
    "text",
    [
        "BACKGROUND: Sleep matters. METHODS: We asked 40 people. RESULTS: They slept.",
        "Background. Sleep matters. Methods. We asked 40 people. Results. They slept.",
        "Background Our sleep matters. Methods We asked 40 people. Results The 40 slept.",
    ],
)
def test_labels_of_sections_are_no_words_of_sentences(text: str) -> None:
    found = [(each.section, text[each.start : each.end]) for each in sentences_of(text)]
    assert [section for section, _ in found] == ["background", "methods", "results"]
    assert found[1][1] == "We asked 40 people."
    assert all(words.endswith(".") and ":" not in words for _, words in found)


def test_results_that_show_something_are_no_label() -> None:
    text = "We ran it. Results in mice differ. Methods of this kind fail."
    assert [each.section for each in sentences_of(text)] == ["", "", ""]


def test_what_a_feed_puts_before_an_abstract_is_no_part_of_it() -> None:
    front = "Journal 77: 97-116 DOI: 10.1000/j.77 Authors: A. Author, B. Author Abstract: "
    assert parted(f"{front}Here, we describe a moss.") == ["Here, we describe a moss."]
    front = "Published online: 17 July 2024; doi:10.1000/s-024 "
    assert parted(f"{front}A planet moves backwards.") == ["A planet moves backwards."]


@pytest.mark.parametrize(
    "sentence",
    [
        "To this end, we propose Foo, a method that prunes heads.",
        "This paper introduces a benchmark of long videos.",
        "Here, we show that the enzyme binds two ions.",
        "We therefore also develop a faster solver.",
        "Our results show that mice remember the maze.",
        "In this study, three new species of moss are described.",
        "We find that reasoning degrades with length.",
        "We measure the lifetime of the muon to one part in a million.",
        "The present study aims to describe the larvae.",
    ],
)
def test_what_a_paper_does_is_known(sentence: str) -> None:
    assert contribution_score(sentence) >= STATED


@pytest.mark.parametrize(
    "sentence",
    [
        "Recent advances in language models have attracted significant attention.",
        "However, existing methods suffer from high costs.",
        "Sleep is essential for memory, but its role remains unclear.",
        "Large models have revolutionized the field.",
        "Over the past decade, many approaches have been proposed.",
        "Little is known about the larvae of this genus.",
        "How do these models reason?",
        "Our code is available at https://example.org/code.",
        "Publication date: March 2026 Author(s): A. Author, B. Author.",
    ],
)
def test_background_and_surroundings_are_known(sentence: str) -> None:
    assert contribution_score(sentence) < 0


def test_label_of_the_section_counts() -> None:
    sentence = "Patients slept for six hours."
    scores = [contribution_score(sentence, 0.5, each) for each in ("results", "", "background")]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_without_any_cue_the_first_sentence_says_least() -> None:
    scores = [contribution_score("Patients slept.", position) for position in (0.0, 0.5, 1.0)]
    assert scores[0] == min(scores)


@pytest.mark.parametrize("opening", ["It", "This", "These models", "Moreover, it", "(2) It"])
def test_sentence_that_points_back_is_dependent(opening: str) -> None:
    assert is_dependent(f"{opening} works well.")


@pytest.mark.parametrize(
    "opening", ["We", "This paper", "This new study", "Itô calculus", "FooNet"]
)
def test_sentence_that_stands_by_itself_is_not(opening: str) -> None:
    assert not is_dependent(f"{opening} works well.")


@given(st.text(max_size=300))
def test_any_text_is_parted_in_order_and_nothing_is_said_twice(text: str) -> None:
    text = " ".join(text.split())
    end = 0
    for each in sentences_of(text):
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end].strip()
        end = each.end


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "we ", "A. ", "1) ", "the data ", "has been ", "code a ", "Abstract: ", "x.W"],
)
def test_no_cue_takes_more_than_linear_time(piece: str) -> None:
    """A second for ten times what is looked at; one that backtracks would take hours."""
    text = (piece * 6_000)[:6_000]
    begun = time.process_time()
    for cue in CUES:
        cue.pattern.search(text)
    sentences_of(text)
    assert time.process_time() - begun < 1
