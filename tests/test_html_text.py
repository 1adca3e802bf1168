"""Foreign HTML is read as a browser reads it: what a reader sees, in lines, whatever comes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.html_text import blocks_of_html, walk_html


class Recorder:
    """Writes down what it is handed."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.seen.append(" ".join([f"<{tag}", *map("=".join, attributes.items())]) + ">")

    def end(self, tag: str) -> None:
        self.seen.append(f"</{tag}>")

    def data(self, text: str) -> None:
        self.seen.append(text)


def walked(html: str) -> list[str]:
    recorder = Recorder()
    walk_html(html, recorder)
    return recorder.seen


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one<p>two", ["one", "two"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("a<br>b<br/>c", ["a", "b", "c"]),
        ("<b>bo</b>ld and <i>slant</i>", ["bold and slant"]),
        ("a \n  b\t&nbsp;c", ["a b c"]),
        ("&lt;p&gt; &amp; &eacute; &#8364; &#x20AC;", ["<p> & é € €"]),
        ("R&D, x < y, &unknown;", ["R&D, x < y, &unknown;"]),
        ("<pre>one\ntwo\r\nthree</pre>four\nfive", ["one", "two", "three", "four five"]),
        ("<table><tr><td>1<td>2<tr><td>3</table>", ["1 2", "3"]),
        ("<ul><li>one<li>two</ul>", ["one", "two"]),
        ("<html><head><title>t</title><style>p{}</style></head><body>x", ["x"]),
        ("a<script>if (a < b) {}</script>b<style>p{}</style>c", ["abc"]),
        ("a<!-- not this -->b<!doctype html>c<?not this?>d<![if !mso]>e<![endif]>f", ["abcdef"]),
        ("<blockquote>said</blockquote>answered", ["said", "answered"]),
    ],
)
def test_visible_text_in_lines(html: str, lines: list[str]) -> None:
    assert blocks_of_html(html) == lines


def test_what_is_left_out_counts_for_nothing_with_all_that_is_in_it() -> None:
    html = "a<blockquote>b<p>c<blockquote>d</blockquote>e</blockquote>f"

    assert blocks_of_html(html, left_out={"blockquote"}) == ["a", "f"]


def test_walk_opens_and_ends_each_element_once() -> None:
    assert walked('<P CLASS="x&amp;y">a<b>b<p>c') == [
        *("<html>", "<body>", "<p class=x&y>", "a", "<b>", "b", "</b>", "</p>", "<p>", "c"),
        *("</p>", "</body>", "</html>"),
    ]


@pytest.mark.parametrize("text", ["\0", "\ud800", "\ufffe", "\x01", "\x85", "&#0;"])
def test_characters_that_markup_may_not_have_stop_nothing(text: str) -> None:
    (line,) = blocks_of_html(f"before{text}<p title='{text}'></p>")

    assert line.startswith("before")
    line.encode()


def test_text_after_elements_that_are_never_ended_is_read() -> None:
    assert blocks_of_html("<div><b><font>" * 5_000 + "<p>the end</p>") == ["the end"]


def test_a_reference_of_endless_digits_is_one_character() -> None:
    assert blocks_of_html(f"a&#{'1' * 5_000};b") == ["a\N{REPLACEMENT CHARACTER};b"]


class Balance:
    """Sees to it that what is ended was opened last."""

    def __init__(self) -> None:
        self.open: list[str] = []

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self.open.append(tag)

    def end(self, tag: str) -> None:
        assert self.open.pop() == tag

    def data(self, text: str) -> None:
        text.encode()


PIECES = [
    *("<p>", "</p>", "<b x='", "'>", "<script>", "</script>", "<!--", "-->", "&am", "p;", "&#x2"),
    *(
        "<![CDATA[",
        "]]>",
        "</",
        "<",
        ">",
        "<title>",
        "</title>",
        "<pre>",
        "</body>",
        "</html>",
        "0;",
    ),
    *("<td>", "<body>", "<frameset>", "<svg>", "<plaintext>", "</p", " ", "\n", "\r", "\0", "é"),
    *("😀", "text", "<div " + "a" * 900),
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_whatever_comes_is_read_and_elements_are_balanced(html: str) -> None:
    balance = Balance()
    walk_html(html, balance)

    assert balance.open == []
    # Padding moves everything to another place in the pieces that the parser is fed.
    assert blocks_of_html(" " * 1_000 + html) == blocks_of_html(html)
