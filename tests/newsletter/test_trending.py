from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Mention
from recommender.newsletter.trending import merge_mentions, trend_score, trend_scores

TODAY = date(2026, 3, 11)
MENTIONS = st.lists(
    st.builds(
        Mention,
        st.integers(1, 5),
        st.sampled_from(["AK", "Lab"]),
        st.dates(date(2026, 1, 1), date(2026, 4, 1)),
        st.integers(1, 500),
        st.integers(0, 10**6),
    )
)


def mention(
    paper_id: int = 1, *, rank: int = 1, upvotes: int = 0, days: int = 0, curator: str = "AK"
) -> Mention:
    return Mention(paper_id, curator, TODAY - timedelta(days=days), rank, upvotes)


def score(*mentions: Mention, votes: int = 0) -> float:
    return float(trend_scores([1], mentions, {1: votes}, today=TODAY, half_life_days=7)[0])


def test_first_paper_of_todays_digest_by_hand() -> None:
    """Attention 1: 1 / (1 + 2)."""
    assert score(mention()) == pytest.approx(1 / 3)


def test_all_parts_by_hand() -> None:
    """Rank 3 halves, a half-life halves; votes are logarithmic and decay with the newest."""
    attention = (1 + np.log(58)) / 2 + 0.5 + np.log(3)
    actual = score(mention(rank=3, upvotes=57), mention(days=7), votes=2)
    assert actual == pytest.approx(attention / (attention + 2))


def test_dislikes_of_the_community_lower_and_never_below_nought() -> None:
    assert 0 < score(mention(upvotes=5), votes=-1) < score(mention(upvotes=5))
    assert score(mention(upvotes=5), votes=-1000) == 0


def test_without_mentions_the_score_is_nought() -> None:
    assert score(votes=3) == 0
    assert score(mention(paper_id=2)) == 0
    assert trend_scores([], [], {}, today=TODAY, half_life_days=7).shape == (0,)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (mention(upvotes=2), mention(upvotes=1)),
        (mention(rank=1), mention(rank=2)),
        (mention(days=1), mention(days=2)),
    ],
)
def test_more_upvotes_a_better_rank_and_youth_raise_the_score(more: Mention, less: Mention) -> None:
    assert score(more) > score(less)


def test_one_curator_and_day_is_one_mention() -> None:
    again = [mention(rank=2, upvotes=9), mention(rank=1, upvotes=3), mention(rank=4)]
    assert merge_mentions(again) == [mention(rank=1, upvotes=9)]
    assert score(*again) == score(mention(rank=1, upvotes=9))


def test_another_curator_is_another_mention() -> None:
    assert score(mention(), mention(curator="Lab")) > score(mention())


def test_digest_of_tomorrow_is_as_old_as_todays() -> None:
    assert score(mention(days=-1)) == score(mention())


@given(MENTIONS, st.dictionaries(st.integers(1, 5), st.integers(-1000, 1000)))
def test_scores_are_in_range_and_do_not_depend_on_order(
    mentions: list[Mention], votes: dict[int, int]
) -> None:
    scores = trend_scores([1, 2, 3, 4, 5], mentions, votes, today=TODAY, half_life_days=7)
    assert ((scores >= 0) & (scores < 1)).all()
    reverse = trend_scores([1, 2, 3, 4, 5], mentions[::-1], votes, today=TODAY, half_life_days=7)
    np.testing.assert_allclose(reverse, scores, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "value"),
    [("age_days", -1.0), ("rank", 0.0), ("upvotes", -1.0), ("half_life_days", 0)],
)
def test_values_out_of_range_are_refused(change: str, value: float) -> None:
    arrays = {"age_days": 0.0, "rank": 1.0, "upvotes": 0.0} | {change: value}
    half_life_days = arrays.pop("half_life_days", 7.0)
    with pytest.raises(ValueError, match="half_life_days > 0"):
        trend_score(
            np.array([0]),
            **{name: np.array([each]) for name, each in arrays.items()},
            votes=np.zeros(1),
            half_life_days=half_life_days,
        )


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="mentions"):
        trend_score(
            np.array([0]), np.zeros(2), np.ones(1), np.ones(1), np.zeros(1), half_life_days=7
        )
