"""No cell of ours is run by a spreadsheet, and each is read back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.spreadsheet_cells import as_cell, from_cell

WORDS = st.text() | st.text(alphabet="'=+-@\t\r\n＝a ")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_cell_that_a_spreadsheet_would_run_becomes_text(first: str) -> None:
    assert as_cell(f"{first}1+cmd|' /C calc'!A0") == f"'{first}1+cmd|' /C calc'!A0"


def test_other_words_stay_as_they_are() -> None:
    for text in ("", "graph pruning", "'tis", "jane@example.org", "1+1", " =x"):
        assert as_cell(text) == text


@given(WORDS)
def test_cell_is_read_back_as_it_was_and_begins_with_nothing_that_runs(text: str) -> None:
    assert from_cell(as_cell(text)) == text
    assert not as_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
