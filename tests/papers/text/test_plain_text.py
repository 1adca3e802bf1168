"""Markup and loose whitespace become plain text, and formulas stay whole."""

from __future__ import annotations

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.papers.text.plain_text import clean_line, text_of_html


def test_runs_of_whitespace_become_one_space() -> None:
    assert clean_line("  a\n  b\t\u00a0c\u2028d \r\n") == "a b c d"


def test_control_characters_are_dropped() -> None:
    assert clean_line("a\x00b\x1b[31m\x9bc") == "ab[31mc"


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert clean_line("a\ud83d") == "a\N{REPLACEMENT CHARACTER}"


@given(st.text())
def test_one_line_is_stable_and_can_be_stored(text: str) -> None:
    line = clean_line(text)
    assert clean_line(line) == line
    assert line.encode().decode() == line


@given(st.text())
def test_escaped_text_comes_back_whole(text: str) -> None:
    assert text_of_html(html.escape(text)) == clean_line(text)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>two<br/>three</p>", "One two three"),
        ("H<sub>2</sub>O &amp; CO<sub>2</sub>", "H₂O & CO₂"),
        (
            "<jats:title>Aim</jats:title><jats:p>To <jats:italic>see</jats:italic></jats:p>",
            "Aim To see",
        ),
        ('<a href="https://example.org/?a>b">link</a>', "link"),
        ("<script>alert(1)</script>safe<style>p{}</style><!-- no -->", "safe"),
        ("<math><mi>x</mi><annotation>\\x</annotation></math>", "x"),
        ("a<mml:math><mml:mi>x</mml:mi></mml:math><math display='block'><mn>2</mn></math>", "ax2"),
        ("caf&eacute; &#8211; &lt;b&gt;", "café – <b>"),
    ],
)
def test_markup_goes_and_its_text_stays(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


@pytest.mark.parametrize(
    "formula",
    [
        r"$a<b$ and $c>d$",
        r"for $x <a $ and $b> y$",
        r"$\alpha_{i} < \frac{1}{2} \& n \ge 3$",
        "Let's <think> about it",
        "p<0.05, n>3",
    ],
)
def test_angle_brackets_of_formulas_are_no_markup(formula: str) -> None:
    assert text_of_html(formula) == formula


@pytest.mark.parametrize("piece", ["<p ", "<!--", "<a x=", " ", "<", "&", "</math "])
def test_hostile_markup_takes_time_in_proportion_to_its_length(piece: str) -> None:
    def cpu_seconds(repeats: int) -> float:
        start = time.process_time()
        text_of_html(piece * repeats)
        return time.process_time() - start

    # A quadratic pattern needs 400 times as long for 20 times the text.
    assert cpu_seconds(100_000) < 100 * max(cpu_seconds(5_000), 0.001)


def test_a_byte_order_mark_that_was_left_in_is_no_text() -> None:
    assert text_of_html("\ufeffA title") == text_of_html(" \ufeffA <b>title</b>") == "A title"
