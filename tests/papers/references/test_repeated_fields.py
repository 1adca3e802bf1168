"""A field that a BibTeX entry has twice counts once, together, or is told."""

from __future__ import annotations

import pytest

from recommender.papers.references.references import read_references


def entry_of(fields: str) -> str:
    return "@article{k, title = {Of {Mice}}, author = {Doe, Ann and Roe, Bo}, " + fields + "}\n"


@pytest.mark.parametrize(
    "again",
    [
        "title = {Of mice}",
        "Title = {{Of Mice.}}",
        "title = {}",
        "author = {Doe, Ann and Roe, Bo}",
        "doi = {10.1234/AB}, doi = {https://doi.org/10.1234/ab}",
        "abstract = {We look.}, abstract = {We look at {$10$} mice.}",
        "keywords = {mice}, keywords = {men}",
    ],
)
def test_a_field_that_says_the_same_or_nothing_again_is_no_matter(again: str) -> None:
    read = read_references(entry_of(again))
    assert [entry.title for entry in read.entries] == ["Of Mice"]
    assert read.entries[0].authors == ("Ann Doe", "Bo Roe")
    assert read.unread == ()


@pytest.mark.parametrize(
    ("again", "field"),
    [
        ("title = {Of men}", "title"),
        ("doi = {10.1234/ab}, doi = {10.1234/cd}", "doi"),
        ("eprint = {2603.00001}, eprint = {2603.00002}", "eprint"),
    ],
)
def test_what_names_two_papers_is_told_and_stops_no_other(again: str, field: str) -> None:
    read = read_references(entry_of(again) + "@misc{other, title = {Of men and mice}}")
    assert [entry.title for entry in read.entries] == ["Of men and mice"]
    [unread] = read.unread
    assert unread.where == "line 1"
    assert f"its fields {field} are of two papers" in unread.message


def test_a_field_for_each_author_names_all_of_them() -> None:
    read = read_references("@misc{k, title={Of mice}, author={Doe, Ann}, author={Bo Roe}}")
    assert read.entries[0].authors == ("Ann Doe", "Bo Roe")
    assert read.unread == ()


def test_the_longest_abstract_counts() -> None:
    read = read_references(entry_of("abstract={Mice.}, abstract={We look at ten mice.}"))
    assert read.entries[0].abstract == "We look at ten mice."


@pytest.mark.parametrize(
    ("again", "field"),
    [("year = {2024}, year = {2025}", "year"), ("author = {Doe, Ann and Poe, Cy}", "author")],
)
def test_of_other_fields_the_first_counts_and_that_is_told(again: str, field: str) -> None:
    read = read_references(entry_of(again))
    assert read.entries[0].authors == ("Ann Doe", "Bo Roe")
    assert read.entries[0].published_at is None or read.entries[0].published_at.year == 2024
    [unread] = read.unread
    assert f"of its fields {field}, which differ, only the first counts" in unread.message
