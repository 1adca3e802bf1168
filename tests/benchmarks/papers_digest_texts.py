"""Digest texts that are bad for their parser; a table for `papers_parsers`."""

from __future__ import annotations

from typing import Final

from linear import Maker, repeated
from papers_makers import in_few_lines

DIGEST_TEXTS: Final[dict[str, Maker]] = {
    "dates": repeated("Mar 11\n", after="\n\na"),
    "dates apart": repeated("Mar 11\n\n"),
    "lines": repeated("a\n", after="\n\na."),
    "paragraphs": repeated("a title\n\nAn abstract.\n\n"),
    "empty lines": repeated("\n", before="a\n", after="a."),
    "white space": repeated(" ", before="a title\n\nAn", after="abstract."),
    "a white line": repeated(" ", before="a title\n", after="\nAn abstract."),
    "white space in a date": repeated(" ", before="a title\n\nMar", after="x 11 abstract."),
    "bylines": repeated("by X\n\n"),
    "banners": repeated("new!\n", after="\n\na"),
    "a banner of points": repeated("!", before="new", after="\n\nAn abstract."),
    "one line": repeated("a ", before="a title\n\n", after="."),
    "one word": repeated("a", before="a title\n\n", after="."),
    "points": repeated(". ", before="a title\n\n", after="."),
    "one paragraph": repeated("a", before=""),
    "angle brackets": repeated("<", before="a title\n\n", after="."),
    "combining accents": repeated("\u0315\u0300", before="a", after="\n\nAn abstract."),
    "many accents": repeated("\u0315\u0300", before="a title\n\n", after="."),
    "one title": repeated("a title\n\nAn abstract of it.\n\n"),
    "headings": in_few_lines("## a title\n\nAn abstract of it.\n\n", 4),
    "numbers": in_few_lines("1. a title\nAn abstract of it.\n", 2),
    "bullets": in_few_lines("- **a title**: An abstract of it.\n", 1),
    "labels": in_few_lines("Title: a\nAuthors: A B, C D\nAbstract: An abstract of it.\n", 3),
    "lines of links": in_few_lines("[pdf](https://example.org/a) | [code](https://x.org)\n", 1),
    "links in a line": repeated("[a](https://example.org) ", before="## a title\n\n", after="."),
    "links behind a text": repeated("[pdf](https://x.org) | ", before="## a title\n\nA text. "),
    "brackets": repeated("[", before="## a title\n\n", after="."),
    "brackets by turns": repeated("[a]", before="## a title\n\n[", after="."),
    "half a link": repeated("[a](https://", before="## a title\n\n", after="."),
    "an address": repeated("a", before="## a title\n\nhttps://"),
    "brackets in an address": repeated("(a)", before="## a title\n\nhttps://a"),
    "stars": repeated("*", before="## a title\n\n", after="a."),
    "bold": repeated("**a** ", before="## a title\n\n", after="."),
    "half bold": repeated("**a ", before="**a title**\n\n", after="."),
    "identifiers": repeated("2401.12345 ", before="## a title\n\n"),
    "emoji": repeated("📄", before="📄 a title\n\n", after="."),
    "keycaps": repeated("1\ufe0f\u20e3", before="## a title\n\n", after="."),
    "quotes": repeated("> ", before="## a title\n\n", after="."),
    "names": repeated("Ann B, ", before="## a title\n\nby "),
    "names in lines": in_few_lines("Ann B, Carl D,\n", 1, before="## a title\n\n"),
    "bars": repeated("|", before="| Title | Abstract |\n|---|---|\n| a |"),
    "rows": in_few_lines(
        "| a title | An abstract of it. |\n", 1, before="| Title | Abstract |\n|---|---|\n"
    ),
    "rows that never end": in_few_lines(
        "| a title\n", 1, before="| Title | Abstract |\n|---|---|\n"
    ),
    "cells that never end": in_few_lines("a\n", 1, before="| Title | Abstract |\n|---|---|\n| a"),
    "delimiters": repeated("---|", before="a | b\n"),
    "rules": in_few_lines("---\n", 1, before="## a title\n\nAn abstract.\n\n"),
    "a rule": repeated("- ", before="## a title\n\n"),
    "underlines": in_few_lines("a title\n----\n", 2),
    "HTML": in_few_lines("<h3>a title</h3>\n<p>An abstract of it.</p>\n", 2),
    "tags": repeated("<b>", before="<h3>a title</h3>\n<p>", after="</p>"),
    "nested lists of HTML": repeated("<ol><li>", before="<h3>a</h3>\n<p>a</p>\n"),
    "tags without end": repeated("<a href=", before="<h3>a</h3>\n<p>a</p>\n"),
    "comments": repeated("<!--", before="<h3>a</h3>\n<p>a</p>\n"),
    "links of HTML": repeated('<a href="https://x.org">', before="<h3>a</h3>\n<p>a</p>\n"),
    "wrapped text": in_few_lines(f"{'word ' * 15}\n", 1, before="## a title\n\n", after="a."),
    "footers": in_few_lines("Unsubscribe\n\n", 2, before="## a title\n\nAn abstract.\n\n"),
    "greetings": in_few_lines("Hi all,\n\n", 2, before="## a title\n\nAn abstract.\n\n"),
    "days": in_few_lines("11/03/2026\n\n", 2),
    "folds": in_few_lines("<details><summary>Abstract</summary>\n", 1, before="## a title\n\n"),
    "folds in a line": repeated("<summary>", before="## a title\n\n<details>", after="a."),
    "callouts": in_few_lines("> [!abstract]\n> An abstract.\n", 2, before="## a title\n\n"),
    "references": repeated("[a][1] ", before="## a title\n\n", after=".\n\n[1]: https://x.org\n"),
    "addresses below": in_few_lines(
        "[a]: https://x.org\n", 1, before="## [a title][a]\n\nAn abstract of it.\n\n"
    ),
    "notes": in_few_lines(
        "## a title [1]\n\nAn abstract of it.\n\n",
        4,
        after="[1]: https://arxiv.org/abs/2401.12345\n",
    ),
    "drawers": in_few_lines(
        ":PROPERTIES:\n:A: b\n:END:\n", 3, before="** a title\n\nAn abstract.\n"
    ),
    "parts": in_few_lines("**Method:** A part of it.\n", 1, before="## a title\n\n"),
    "paragraphs of one": in_few_lines(
        "A paragraph of it.\n\n", 2, before="## a title\n\nby A B\n\n"
    ),
    "a list of notes": in_few_lines(
        "- A note.\n", 1, before="## a title\n\nAn abstract.\n\n**Notes:**\n"
    ),
    "votes": repeated("⭐ 1 ", before="**a title** ", after="\n\nAn abstract of it."),
    "asides": repeated("(2024) ", before="**a title** ", after="\n\nAn abstract of it."),
    "bracketed names": repeated(
        "Ann B, ", before="**a title** (", after="C D)\n\nAn abstract of it."
    ),
    "lines of a title": in_few_lines(f"{'word ' * 15}\n", 1, after="\nAn abstract of it.\n"),
    "hyphens": in_few_lines(f"{'word ' * 14}word-\n", 1, before="## a title\n\n", after="a."),
}
