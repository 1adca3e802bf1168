from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.newsletter.quota import quota_places

SHARES = st.lists(st.floats(0.05, 1), min_size=1, max_size=4)
PLACES = st.integers(0, 80)
GUARANTEES = st.floats(0, 1)


def test_places_of_two_heads_by_hand() -> None:
    """Open are 3 of 9, the first head enters with 4 and the other with 2; equals: open first.

    Quotients: 3, 3/2, 1; 4, 2, 4/3, 1; 2, 1.
    """
    places = quota_places([2, 1], 9, guarantee=2 / 3)
    assert places.tolist() == [0, -1, 0, 1, -1, 0, -1, 0, 1]


def test_without_guarantee_all_places_are_open() -> None:
    assert quota_places([2, 1], 4, guarantee=0).tolist() == [-1] * 4


def test_with_full_guarantee_two_heads_take_turns() -> None:
    assert quota_places([1, 1], 6, guarantee=1).tolist() == [0, 1, 0, 1, 0, 1]


def test_no_place_is_no_error() -> None:
    assert len(quota_places([2, 1], 0)) == 0


@pytest.mark.parametrize("share", [0.0, -1.0, float("nan")])
def test_share_of_nothing_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        quota_places([1, share], 4)


@given(SHARES, PLACES, GUARANTEES)
def test_every_place_is_open_or_of_a_head(
    shares: list[float], places: int, guarantee: float
) -> None:
    reserved = quota_places(shares, places, guarantee=guarantee)
    assert reserved.shape == (places,)
    assert np.isin(reserved, np.arange(-1, len(shares))).all()


@given(SHARES, PLACES, GUARANTEES)
def test_every_prefix_gives_each_head_what_it_is_guaranteed(
    shares: list[float], places: int, guarantee: float
) -> None:
    reserved = quota_places(shares, places, guarantee=guarantee)
    held = np.cumsum(reserved[:, None] == np.arange(len(shares)), axis=0)
    proportion = np.arange(1, places + 1)[:, None] * np.array(shares) / sum(shares)
    assert (held > guarantee * proportion - 1 - 1e-6).all()


@given(SHARES, PLACES, GUARANTEES)
def test_every_prefix_leaves_open_what_is_not_guaranteed(
    shares: list[float], places: int, guarantee: float
) -> None:
    is_open = np.cumsum(quota_places(shares, places, guarantee=guarantee) == -1)
    assert (is_open > (1 - guarantee) * np.arange(1, places + 1) - 1 - 1e-6).all()


@given(st.floats(0.05, 1), st.floats(0.05, 1))
def test_fully_guaranteed_every_prefix_is_within_one_of_the_proportion(
    one: float, other: float
) -> None:
    reserved = quota_places([one, other], 80, guarantee=1)
    proportion = np.arange(1, 81) * one / (one + other)
    assert (np.abs(np.cumsum(reserved == 0) - proportion) < 1 + 1e-6).all()


@given(SHARES, PLACES, GUARANTEES)
def test_fewer_places_are_the_beginning_of_more(
    shares: list[float], places: int, guarantee: float
) -> None:
    fewer, more = (quota_places(shares, count, guarantee=guarantee) for count in (places, 80))
    np.testing.assert_array_equal(fewer, more[:places])


@given(SHARES, PLACES, st.sampled_from([0.5, 4.0]))
def test_unit_of_the_shares_does_not_matter(
    shares: list[float], places: int, factor: float
) -> None:
    scaled = [factor * share for share in shares]
    np.testing.assert_array_equal(quota_places(shares, places), quota_places(scaled, places))
