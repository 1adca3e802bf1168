"""Columns of a periodical, titles that differ in an operator, and versions of years later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from described_works import LONG, ONE_TEXT, OTHER_TEXT, entry

from recommender.domain import DigestEntry
from recommender.papers.identity.merging import without_repeats


def by_one_author(one: str, other: str) -> tuple[DigestEntry, DigestEntry]:
    """Two with the same authors, and texts that have nothing in common."""
    return (
        entry(one, by="Ann Plato; Bo Roe", abstract=ONE_TEXT),
        entry(other, by="Ann Plato; Bo Roe", abstract=OTHER_TEXT),
    )


def months(
    title: str,
    *,
    by: str = "",
    texts: tuple[str, str] = ("", ""),
    places: tuple[str, str] = (*"12",),
) -> tuple[DigestEntry, DigestEntry]:
    """Two of one title, a month apart, at two addresses."""
    first, second = (
        replace(
            entry(title, by=by, abstract=text, url=f"https://j.example.org/{place}"),
            published_at=datetime(2026, month, 1, tzinfo=UTC),
        )
        for month, text, place in zip((1, 2), texts, places, strict=True)
    )
    return first, second


SAME = [
    # The same in all but the year.
    (
        entry(LONG, arxiv="1601.01234", abstract=ONE_TEXT, by="Ann Plato; Bo Roe", year=2016),
        entry(LONG, doi="10.1000/j", abstract=ONE_TEXT, by="A. Plato; B. Roe", year=2023),
    ),
    (
        entry(LONG, doi="10.1101/2016.01.01.123456", abstract=ONE_TEXT, by="Ann Plato", year=2016),
        entry(LONG, doi="10.1000/j", abstract=f"{ONE_TEXT} So it is.", by="Ann Plato", year=2020),
    ),
    # A column that says the same, and short titles of papers.
    months("Research highlights", texts=(ONE_TEXT, ONE_TEXT)),
    months("Research highlights", by="Ann Plato", places=("1", "1/")),
    months("Lattice clocks", by="Ann Plato"),
    months(LONG, by="Ann Plato"),
    # Operators that are written otherwise.
    by_one_author(
        "Transitions A \N{RIGHTWARDS ARROW} B in lattices", r"Transitions $A \to B$ in lattices"
    ),
    by_one_author(
        "Transitions A->B in lattices", "Transitions A \N{RIGHTWARDS ARROW} B in lattices"
    ),
    by_one_author("Sums of a+b over lattices", "Sums of a + b over lattices"),
    by_one_author("Sums of a+b over lattices", "Sums of a b over lattices"),
    by_one_author("Sets with A \u2282 B drawn by lot", r"Sets with $A\subset B$ drawn by lot"),
    by_one_author("Lattice\u2013clock drift in winters", "2. **Lattice-clock drift in winters**"),
    by_one_author("Cohorts 1\u20133 of the lattice study", "Cohorts 1-3 of the lattice study"),
    by_one_author("Reduction of CO<sub>2</sub> and a+b", "Reduction of CO$_2$ and $a+b$"),
    by_one_author(LONG, LONG),
]

DIFFERENT = [
    # What periodicals print again and again.
    *(
        months(title, by=by)
        for title in (
            *("From the editor", "Research highlights", "News in brief", "Books received"),
            *("In this issue", "This month in lattices", "Issue information", "Our annual report"),
        )
        for by in ("", "Ann Plato")
    ),
    months("Research highlights", by="Ann Plato", texts=(ONE_TEXT, OTHER_TEXT)),
    months("Research highlights", by="Ann Plato", texts=(ONE_TEXT, "")),
    # Operators, where the texts have nothing in common.
    by_one_author("Sums of a+b over lattices", "Sums of a-b over lattices"),
    by_one_author("Sums of a+b over lattices", "Sums of a \N{MINUS SIGN} b over lattices"),
    by_one_author("Transitions A\u2192B in lattices", "Transitions A\u2190B in lattices"),
    by_one_author(r"Transitions $A \to B$ in lattices", "Transitions A \u2190 B in lattices"),
    by_one_author("Sets with A \u2282 B drawn by lot", "Sets with A \u2283 B drawn by lot"),
    by_one_author(r"Sets with $A \cup B$ drawn by lot", r"Sets with $A \cap B$ drawn by lot"),
    by_one_author("On lattices of A' algebras", "On lattices of A'' algebras"),
    by_one_author("On lattices of $A'$ algebras", "On lattices of A\N{DOUBLE PRIME} algebras"),
    by_one_author("Cohorts 1-3 of the lattice study", "Cohorts 13 of the lattice study"),
    by_one_author("3. Cohorts 1\u20133 of the lattice study", "Cohorts 13 of the lattice study"),
    # More than three years, and not the same in all.
    (
        entry(LONG, arxiv="1601.01234", abstract=ONE_TEXT, by="Ann Plato; Bo Roe", year=2016),
        entry(LONG, doi="10.1000/j", abstract=ONE_TEXT, by="Ann Plato; Cy Poe", year=2023),
    ),
    (
        entry(LONG, arxiv="1601.01234", abstract=ONE_TEXT, by="Ann Plato", year=2016),
        entry(LONG, doi="10.1000/j", abstract=OTHER_TEXT, by="Ann Plato", year=2023),
    ),
    (
        entry(LONG, doi="10.1000/i", abstract=ONE_TEXT, by="Ann Plato", year=2016),
        entry(LONG, doi="10.1000/j", abstract=ONE_TEXT, by="Ann Plato", year=2023),
    ),
]


def name_of(pair: object) -> str | None:
    return repr(pair.doi or pair.title) if isinstance(pair, DigestEntry) else None


@pytest.mark.parametrize(("one", "other"), SAME, ids=name_of)
def test_two_descriptions_of_one_work_are_one_paper(one: DigestEntry, other: DigestEntry) -> None:
    assert len(without_repeats([one, other])) == 1
    assert len(without_repeats([other, one])) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=name_of)
def test_two_works_that_look_alike_stay_two(one: DigestEntry, other: DigestEntry) -> None:
    assert len(without_repeats([one, other])) == 2
    assert len(without_repeats([other, one])) == 2
