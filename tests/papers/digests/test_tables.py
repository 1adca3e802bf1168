"""Columns of tables are known by their heads, else by what is in them; authors are not lost."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 1, 12)
TEXTS = [
    (
        "Moths find lamps by their warmth. We kept forty of them in the dark and counted what they "
        "did when a lamp was lit behind glass, and found that they came within an hour."
    ),
    (
        "Ferries that leave on time arrive on time. Of nine thousand crossings we compare the "
        "first with the last of each day, and find that wind explains less than a tenth."
    ),
]
TITLES = ["Warmth of lamps and the ways of moths", "Punctual ferries in all kinds of wind"]


def table(head: str, cells: list[str]) -> bytes:
    rows = [
        f"| {title} | {cell} | {text} |"
        for title, cell, text in zip(TITLES, cells, TEXTS, strict=True)
    ]
    lines = ["# 12 January 2026", "", f"| Title | {head} | Abstract |", "|--|--|--|", *rows]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("head", ["Who", "Researchers", "Team", "Von wem", "Written with"])
def test_a_column_of_people_has_authors_whatever_it_is_called(head: str) -> None:
    entries = parse_digest(
        table(head, ["Ann Example and Bob Sample", "Eve Ejemplo"]), today=TODAY
    ).entries
    assert [entry.authors for entry in entries] == [
        ("Ann Example", "Bob Sample"),
        ("Eve Ejemplo",),
    ]


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Why", ["We build lamps too.", "Nice figures in it."]),
        ("Lab", ["Example University", "Sample Institute"]),
        ("Read by", ["Jane", "Max"]),
        ("Chair", ["Jane Roe", "Max Poe"]),
        ("Presenters", ["Jane Roe and Ann Poe", "Max Poe, Bo Foe"]),
    ],
)
def test_columns_of_anything_else_give_no_authors(head: str, cells: list[str]) -> None:
    entries = parse_digest(table(head, cells), today=TODAY).entries
    assert [entry.authors for entry in entries] == [(), ()]


def test_a_column_called_so_without_people_refuses_the_table() -> None:
    with pytest.raises(DigestError, match="column 'Who' may have authors, but 'Example Univ"):
        parse_digest(table("Who", ["Example University", "Bob Sample"]), today=TODAY)


def test_a_column_of_addresses_or_days_is_known_by_them() -> None:
    ids = ["https://arxiv.org/abs/2601.01234", "https://arxiv.org/abs/2601.02345"]
    entries = parse_digest(table("Where", ids), today=TODAY).entries
    assert [entry.arxiv_id for entry in entries] == ["2601.01234", "2601.02345"]
    entries = parse_digest(table("When", ["2026-01-08", "9 January 2026"]), today=TODAY).entries
    assert [entry.published_at and entry.published_at.day for entry in entries] == [8, 9]


def labelled(authors: list[str]) -> bytes:
    papers = [
        f"Title: {title}\nAuthors: {names}\nAbstract: {text}"
        for title, names, text in zip(TITLES, authors, TEXTS, strict=True)
    ]
    return ("12 January 2026\n\n" + "\n\n".join(papers) + "\n").encode()


@pytest.mark.parametrize(
    ("lists", "names"),
    [
        (["Example, Ann; Sample, Bob", "Ejemplo, Eve"], ("Eve Ejemplo",)),
        (["Example, Ann and Sample, Bob", "van Voorbeeld, Eve M."], ("Eve M. van Voorbeeld",)),
        (["Example, Ann B.", "Ejemplo, Eve"], ("Eve Ejemplo",)),
        (["Example, Sample", "Ejemplo, Voorbeeld"], ("Ejemplo", "Voorbeeld")),
        (["Ann Example, Bob Sample", "Plato, Homer"], ("Plato", "Homer")),
        (["Ann Example, Bob Sample", "Example University, Eve"], ("Example University", "Eve")),
    ],
)
def test_a_lone_name_is_inverted_where_the_others_are(
    lists: list[str], names: tuple[str, ...]
) -> None:
    assert parse_digest(labelled(lists), today=TODAY).entries[1].authors == names


@pytest.mark.parametrize("word", ["by", "von", "par"])
def test_a_byline_of_thousands_begins_with_the_first_of_them(word: str) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    many = ", ".join(f"Ann{one} Example{other}" for one in letters for other in letters)
    papers = [
        f"• {title}\n  {word} {names}\n  Abstract: {text}"
        for title, names, text in zip(TITLES, [many, "Eve Ejemplo, Bo Foe"], TEXTS, strict=True)
    ]
    content = ("12 January 2026\n\n" + "\n\n".join(papers) + "\n").encode()
    authors = parse_digest(content, today=TODAY).entries[0].authors
    assert authors[0] == "Anna Examplea"
    assert len(authors) == len(letters) ** 2
