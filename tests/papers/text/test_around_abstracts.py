"""What stands around abstracts: known by its words or its place, and never part of one unsaid."""

from __future__ import annotations

import pytest

from recommender.papers.text.around_abstracts import (
    is_detail,
    is_place,
    parted_from_abstract,
    told_of,
)

ABSTRACT = (
    "Measuring the depth of snow from sounds alone is cheap and wrong on windy days. This paper "
    "corrects it by a model of the wind over the ridge, and tests that on four winters."
)


@pytest.mark.parametrize(
    "line",
    [
        *("cs.LG, cs.CL", "cs.LG (primary), stat.ML", "[cs.LG]", "cs.LG · stat.ML"),
        *("Relevance: 80%", "Relevance score: 8/10", "Score 8.7", "87% match", "Rating: ⭐⭐⭐⭐"),
        *("★★★★☆", "⭐⭐⭐⭐ · 3 min read", "🕒 5 minutes", "~3 min", "Score: 80/100 | cs.LG"),
        *(
            "Accepted at ICLR 2026 (oral)",
            "ICML 2026 Spotlight",
            "To appear in Snow",
        ),
        *("A Journal of Snow | IF 5.1 | Open access", "Q1 | IF: 7.2", "Impact factor 5.1"),
        *("12 upvotes · 3 comments", "Cited by 12", "Mar 10, 2026 · 12 citations", "10 March 2026"),
        *("Tags: snow, wind", "Topic: Snow", "Preprint", "Not peer-reviewed", "🔥🔥🔥"),
    ],
)
def test_scores_fields_and_venues_are_details_wherever_they_stand(line: str) -> None:
    assert is_detail(line)
    assert parted_from_abstract([line, ABSTRACT]).lines == (ABSTRACT,)
    assert parted_from_abstract([ABSTRACT, line]).lines == (ABSTRACT,)


@pytest.mark.parametrize(
    "line", ["Snow is deep.", "We follow A | B | C", "Score functions are learned", "It snows 80%"]
)
def test_a_sentence_is_no_detail(line: str) -> None:
    assert not is_detail(line)


@pytest.mark.parametrize(
    "line",
    [
        *("TL;DR: Snow is heard.", "💡 TL;DR: Snow is heard.", "**TL;DR** Snow is heard."),
        *("TLDR — Snow is heard.", "tl;dr Snow is heard.", "In a nutshell: Snow is heard."),
    ],
)
def test_the_digests_own_sentence_is_a_summary(line: str) -> None:
    for lines in ([line, ABSTRACT], [ABSTRACT, line]):
        parted = parted_from_abstract(lines)
        assert (parted.lines, parted.summary) == ((ABSTRACT,), "Snow is heard.")


def test_a_label_on_a_line_of_its_own_belongs_to_the_line_below() -> None:
    parted = parted_from_abstract(["TL;DR", "Snow is heard.", ABSTRACT])
    assert (parted.lines, parted.summary) == ((ABSTRACT,), "Snow is heard.")


@pytest.mark.parametrize(
    "line",
    [
        *("Why it matters: it snows.", "Our take: fine work.", "Key takeaway: Snow is heard."),
        *("Editor's note: fine work.", "Significance: Snow matters to all of us."),
    ],
)
def test_notes_are_none_of_the_abstract(line: str) -> None:
    assert parted_from_abstract([line, ABSTRACT]).lines == (ABSTRACT,)


def test_a_note_below_an_abstract_ends_it() -> None:
    parted = parted_from_abstract([ABSTRACT, "Why it matters", ABSTRACT.replace("snow", "wind")])
    assert parted.lines == (ABSTRACT,)


def test_a_sentence_behind_a_picture_is_a_remark() -> None:
    parted = parted_from_abstract(["💡 It works well.", ABSTRACT])
    assert (parted.lines, parted.left_out) == ((ABSTRACT,), ("💡 It works well.",))
    lines = ("→ It works well.", f"→ {ABSTRACT}")
    assert parted_from_abstract(lines).lines == lines


def test_a_part_of_a_structured_abstract_is_no_note() -> None:
    lines = (f"Background: {ABSTRACT}", "Significance: Snow matters to all of us.")
    assert parted_from_abstract(lines).lines == lines


@pytest.mark.parametrize(
    "line", ["Journal of Snow", "Cell Host & Microbe", "Nature Snow", "Snow Letters"]
)
def test_a_journal_above_an_abstract_is_left_out_without_a_word(line: str) -> None:
    parted = parted_from_abstract([line, ABSTRACT])
    assert (parted.lines, parted.left_out) == ((ABSTRACT,), ())


@pytest.mark.parametrize(
    "line", ["Machine learning", "Editor's pick", "Paper of the week", "Why it is odd: it snows."]
)
def test_what_nobody_knows_above_an_abstract_is_left_out_and_told(line: str) -> None:
    parted = parted_from_abstract([line, ABSTRACT])
    assert (parted.lines, parted.left_out) == ((ABSTRACT,), (line,))


@pytest.mark.parametrize(
    "line",
    [
        *("We study snow", "In this paper:", "Snow, wind and", "Background: Snow falls."),
        *("Snow is heard", "What is snow?", "Let $x$ be snow", "Snow falls on hills."),
    ],
)
def test_what_may_be_a_sentence_of_the_abstract_stays(line: str) -> None:
    assert parted_from_abstract([line, ABSTRACT]).lines == (line, ABSTRACT)


def test_a_number_within_a_sentence_stays() -> None:
    lines = (f"{ABSTRACT} The error falls by", "38%", "on windy days.")
    assert parted_from_abstract(lines).lines == lines
    wrapped = ("The depth of snow from", "sounds alone is", "cheap.")
    assert parted_from_abstract(wrapped).lines == wrapped


@pytest.mark.parametrize(
    "line", ["ETH Zürich, Switzerland; University of Snow, Japan", "Department of Snow, Example"]
)
def test_where_people_work_is_known(line: str) -> None:
    assert is_place(line)
    assert parted_from_abstract([line, ABSTRACT]).left_out == ()


def test_what_half_of_a_list_has_is_its_form_and_not_told() -> None:
    assert told_of([("Snow",), ("Wind",), ()], abstracts=3) == []
    ((place, message),) = told_of([(), ("Wind",), (), ()], abstracts=4)
    assert (place, "'Wind' above the abstract" in message) == (1, True)
