"""A paper becomes an entry that our own reader of BibTeX reads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Paper
from recommender.papers.formats import parse_digest
from recommender.papers.references.bibtex_writing import bibtex_entry

PAPER = Paper(
    id=7,
    title="The Pruning of Networks: 50% & more",
    abstract="",
    authors=("Jane Doe", "Łukasz Kaiser", "Ann and Ben"),
    arxiv_id="2603.00001",
    doi="10.1000/a_b(1)",
    url="https://arxiv.org/abs/2603.00001",
    published_at=datetime(2025, 12, 31, tzinfo=UTC),
    first_seen_at=datetime(2026, 3, 11, tzinfo=UTC),
)


def test_an_entry_has_what_is_known_of_the_paper() -> None:
    assert bibtex_entry(PAPER) == (
        "@misc{doe2025pruning,\n"
        "  title = {{The Pruning of Networks: 50\\% \\& more}},\n"
        "  author = {Jane Doe and Łukasz Kaiser and {Ann and Ben}},\n"
        "  year = {2025},\n"
        "  doi = {10.1000/a_b(1)},\n"
        "  eprint = {2603.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "  url = {https://arxiv.org/abs/2603.00001},\n"
        "}\n"
    )


def test_a_paper_of_which_little_is_known_has_a_key_too() -> None:
    bare = replace(
        PAPER, title="注意", authors=(), arxiv_id=None, doi=None, url=None, published_at=None
    )

    assert bibtex_entry(bare) == "@misc{paper20267,\n  title = {{注意}},\n  year = {2026},\n}\n"


@pytest.mark.parametrize(
    "title",
    ["A } title", "{ open", "back\\slash", "$x^2$ and ~y_1", 'say "hi" @misc{x,', "a\n\n%b"],
)
def test_no_title_breaks_out_of_its_field(title: str) -> None:
    entry = bibtex_entry(replace(PAPER, title=title))
    digest = parse_digest(entry.encode(), today=date(2026, 3, 11))

    assert len(digest.entries) == 1
    assert digest.entries[0].arxiv_id == "2603.00001"
    assert len(digest.entries[0].authors) == 3


@given(title=st.text(min_size=1), name=st.text(min_size=1), url=st.text(min_size=1))
def test_braces_are_balanced_whatever_is_written(title: str, name: str, url: str) -> None:
    try:
        url.encode()
    except UnicodeEncodeError:
        url = "x"
    entry = bibtex_entry(replace(PAPER, title=title, authors=(name,), url=url))
    depth = 0
    for character in entry:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert entry.count("\n  title = {{") == 1
    assert entry.endswith("}\n")
