from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.columns import places_of

COLUMNS = st.lists(st.integers(0, 500), max_size=20)


@given(COLUMNS)
def test_places_are_those_that_a_search_finds(columns: list[int]) -> None:
    among = np.unique(np.array([3, *columns]))
    expected = np.searchsorted(among, columns)
    np.testing.assert_array_equal(expected, places_of(np.array(columns, dtype=np.intp), among))


def test_nothing_stands_among_nothing() -> None:
    nothing = np.zeros(0, dtype=np.intp)
    assert len(places_of(nothing, nothing)) == 0
