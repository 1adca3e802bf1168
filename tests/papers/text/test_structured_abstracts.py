"""Parts of abstracts keep their names, and "Abstract" before one is no part of it."""

from __future__ import annotations

import time

import pytest

from recommender.papers.text.abstracts import cleaned_abstract
from recommender.papers.text.structured_abstracts import abstract_of_html

PARTED = "Motivation: We ask why. Results: We know 3 ways."


@pytest.mark.parametrize(
    "markup",
    [
        "<strong>Motivation</strong>We ask why.<strong>Results</strong>We know 3 ways.",
        "<b>Motivation:</b> We ask why. <b>Results:</b> We know 3 ways.",
        "<p><b>Motivation.</b> We ask why.</p><p><b>Results.</b> We know 3 ways.</p>",
        "<h4>Motivation</h4><p>We ask why.</p><h4>Results</h4><p>We know 3 ways.</p>",
        "<span class='t'><i>Motivation</i></span>: We ask why. <i>Results</i>: We know 3 ways.",
        (
            "<jats:title>Abstract</jats:title><jats:sec><jats:title>Motivation</jats:title>"
            "<jats:p>We ask why.</jats:p></jats:sec><jats:sec><jats:title>Results</jats:title>"
            "<jats:p>We know 3 ways.</jats:p></jats:sec>"
        ),
        "Abstract<br>Motivation:<br>We ask why.<br>Results<br>We know 3 ways.",
    ],
)
def test_parts_are_joined_with_their_names(markup: str) -> None:
    assert abstract_of_html(markup) == PARTED


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("We show the <b>Results</b> of it.", "We show the Results of it."),
        ("We like them. <b>Results</b> matter.", "We like them. Results matter."),
        ("<p>Background</p><p>We ask why.</p>", "We ask why."),
        ("<i>Methods</i> of mice are odd.", "Methods of mice are odd."),
        (
            "<b>Mus musculus</b> We ask. <b>Rattus</b> We know.",
            "Mus musculus We ask. Rattus We know.",
        ),
    ],
)
def test_what_stands_out_otherwise_is_no_part(markup: str, text: str) -> None:
    assert abstract_of_html(markup) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Abstract Soil sinks where ditches drain it.", "Soil sinks where ditches drain it."),
        ("Abstract Large Lamps (LLs) draw moths.", "Large Lamps (LLs) draw moths."),
        ("Abstract: Soil sinks.", "Soil sinks."),
        ("Abstract Meaning Representation helps parsers.", None),
        ("Abstract Lattice Forms (ALFs) are small.", None),
        ("Abstract Petri nets differ from others; an abstract net has no places.", None),
        ("Abstract thought tires.", None),
    ],
)
def test_the_word_before_an_abstract_goes_where_it_is_no_word_of_it(
    text: str, kept: str | None
) -> None:
    assert cleaned_abstract(text) == (text if kept is None else kept)


@pytest.mark.parametrize("piece", ["<b>Results", "<b><i><u>", "<b>R</b>", ". <b>Aim</b>", "<b "])
def test_markup_without_end_takes_no_more_than_its_length(piece: str) -> None:
    started = time.perf_counter()
    abstract_of_html(piece * (200_000 // len(piece)))
    assert time.perf_counter() - started < 5
