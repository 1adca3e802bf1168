from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Digest, Mention
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


def digest(
    first_id: int, papers: int, *, upvotes: int = 0, days: int = 0, curator: str = "AK"
) -> list[Mention]:
    """One whole digest; its upvotes fall with the rank from twice to nought times a middle."""
    return [
        mention(
            first_id + rank - 1,
            rank=rank,
            upvotes=round(upvotes * 2 * (papers - rank) / (papers - 1)),
            days=days,
            curator=curator,
        )
        for rank in range(1, papers + 1)
    ]


def scores(*mentions: Mention, votes: dict[int, int] | None = None) -> dict[int, float]:
    ids = sorted({each.paper_id for each in mentions})
    values = trend_scores(ids, mentions, votes or {}, today=TODAY, half_life_days=7)
    return dict(zip(ids, values.tolist(), strict=True))


def score(*mentions: Mention, votes: int = 0) -> float:
    return float(trend_scores([1], mentions, {1: votes}, today=TODAY, half_life_days=7)[0])


def test_only_paper_of_todays_digest_by_hand() -> None:
    """A share of 1 / 1.1 and a standing of 1: 0.909 / 1.909."""
    assert score(mention()) == pytest.approx(10 / 21)


def test_ranks_by_hand() -> None:
    """Three papers: 1 + 1/2 + 1/3, 1/2 + 1/3 and 1/3, times a share of 1 / 1.3."""
    attention = np.array([11 / 6, 5 / 6, 1 / 3]) / 1.3
    actual = list(scores(*digest(1, 3)).values())
    np.testing.assert_allclose(actual, attention / (attention + 1))


def test_all_parts_by_hand() -> None:
    """Two papers of AK, one with upvotes; a week ago one of Lab, which has none.

    AK's typical paper: its mean of ln 8 / 2, and the prior is the same, for nobody else votes.
    """
    mentions = [mention(1, upvotes=7), mention(2, rank=2), mention(1, days=7, curator="Lab")]
    approval = np.log2(1 + 8 / np.sqrt(8))
    first = (1.5 * 1.5 + 0.5 * approval) / 2 / 1.2
    lab = 0.5 / 1.1
    attention = (first + lab) * (1 + 2 / (30 + 1.5))
    actual = scores(*mentions, votes={1: 2, 2: -1})
    assert actual[1] == pytest.approx(attention / (attention + 1))
    second = (1.5 * 0.5 + 0.5 * np.log2(1 + 1 / np.sqrt(8))) / 2 / 1.2 / (1 + 1 / 31.5)
    assert actual[2] == pytest.approx(second / (second + 1))


def test_curator_with_many_upvotes_and_one_with_few_weigh_alike() -> None:
    many = [each for days in range(5) for each in digest(100 * days, 20, upvotes=200, days=days)]
    few = [
        each
        for days in range(5)
        for each in digest(5000 + 100 * days, 20, upvotes=3, days=days, curator="Lab")
    ]
    both = scores(*many, *few)
    np.testing.assert_allclose(
        [both[rank] for rank in range(15)], [both[5000 + rank] for rank in range(15)], rtol=0.2
    )
    best = sorted(both, key=lambda paper_id: -both[paper_id])[:10]
    assert 4 <= sum(paper_id >= 5000 for paper_id in best) <= 6


def test_source_without_upvotes_does_not_lose_for_that() -> None:
    voted = [each for days in range(5) for each in digest(100 * days, 20, upvotes=50, days=days)]
    plain = [
        each
        for days in range(5)
        for each in digest(5000 + 100 * days, 20, days=days, curator="Lab")
    ]
    both = scores(*voted, *plain)
    means = [np.mean([both[first + rank] for rank in range(20)]) for first in (0, 5000)]
    assert means[1] == pytest.approx(means[0], rel=0.15)
    assert both[5000] > both[1]


def test_feed_of_five_hundred_does_not_drown_a_digest_of_ten() -> None:
    both = scores(*digest(1, 10), *digest(1000, 500, curator="arXiv"))
    best = sorted(both, key=lambda paper_id: -both[paper_id])[:10]
    assert best[:6] == [1, 2, 3, 4, 5, 6]
    assert sum(paper_id >= 1000 for paper_id in best) <= 3


def test_rank_in_a_long_digest_is_better_than_the_same_in_a_short_one() -> None:
    both = scores(*digest(1, 5), *digest(1000, 119, curator="Lab"))
    assert both[1004] > both[5]


def test_new_source_is_measured_by_what_is_usual_elsewhere() -> None:
    """A first digest whose few upvotes are many for its curator is not taken at its word."""
    known = [each for days in range(9) for each in digest(100 * days, 20, upvotes=50, days=days)]
    new = [mention(5001, upvotes=900, curator="Lab"), mention(5002, rank=2, curator="Lab")]
    old = [mention(5100 + days, upvotes=900, days=days, curator="Lab") for days in range(1, 30)]
    assert scores(*known, *new)[5001] > scores(*known, *new, *old)[5001]


def test_papers_that_are_not_asked_for_tell_what_is_typical() -> None:
    others = [mention(2, rank=2, upvotes=900), mention(3, rank=3, upvotes=900)]
    alone, beside = score(mention(upvotes=30)), score(mention(upvotes=30), *others)
    ids = [1, 2, 3]
    everything = trend_scores(
        ids, [mention(upvotes=30), *others], {}, today=TODAY, half_life_days=7
    )
    assert beside == everything[0]
    assert beside != alone


def test_likes_count_by_what_is_usual_in_the_community() -> None:
    small = scores(mention(1), mention(2, rank=2), votes={1: 1, 2: 1})
    large = scores(mention(1), mention(2, rank=2), votes={1: 1, 2: 99})
    assert large[1] < small[1]
    assert large[2] > small[2]


def test_dislikes_of_the_community_lower_and_leave_some() -> None:
    assert 0 < score(mention(upvotes=5), votes=-1) < score(mention(upvotes=5))
    assert 0 < score(mention(upvotes=5), votes=-1000) < score(mention(upvotes=5), votes=-1)


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
    others = [mention(2, rank=9, upvotes=1), mention(3, rank=9, upvotes=1, days=1)]
    others.append(mention(4, rank=9, upvotes=1, days=2))
    assert score(more, *others) > score(less, *others)


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
    values = trend_scores([1, 2, 3, 4, 5], mentions, votes, today=TODAY, half_life_days=7)
    assert ((values >= 0) & (values < 1)).all()
    reverse = trend_scores([1, 2, 3, 4, 5], mentions[::-1], votes, today=TODAY, half_life_days=7)
    np.testing.assert_allclose(reverse, values, rtol=1e-9, atol=1e-12)


@pytest.fixture(scope="module")
def month(real_days: Mapping[date, Digest]) -> list[tuple[date, list[int]]]:
    """Return the upvotes of each real digest of September 2025, in the order of its papers."""
    return [
        (day, [entry.upvotes for entry in digest.entries])
        for day, digest in real_days.items()
        if (day.year, day.month) == (2025, 9)
    ]


def of_source(
    month: list[tuple[date, list[int]]], curator: str, first_id: int, scale: float
) -> list[Mention]:
    """Make the month of a curator whose readers are more, or fewer, than the real ones."""
    return [
        Mention(first_id + 100 * number + rank, curator, day, rank, round(upvotes * scale))
        for number, (day, counts) in enumerate(month)
        for rank, upvotes in enumerate(counts, start=1)
    ]


def test_real_digests_spread_over_the_scale_whatever_their_readers_number(
    month: list[tuple[date, list[int]]],
) -> None:
    today = max(day for day, _ in month)
    sources = {"few": 0.5, "real": 1.0, "many": 30.0, "none": 0.0}
    mentions = [
        each
        for number, (curator, scale) in enumerate(sources.items())
        for each in of_source(month, curator, 10**6 * number, scale)
    ]
    newest = {
        curator: [
            each.paper_id
            for each in mentions
            if (each.curator, each.digest_date) == (curator, today)
        ]
        for curator in sources
    }
    spread = {
        curator: trend_scores(ids, mentions, {}, today=today, half_life_days=3)
        for curator, ids in newest.items()
    }
    for values in spread.values():
        assert 0.4 < values.max() < 0.7
        assert values.min() < 0.1
        assert values.mean() == pytest.approx(spread["real"].mean(), rel=0.15)


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("age_days", -1.0),
        ("rank", 0.0),
        ("rank", 3.0),
        ("upvotes", -1.0),
        ("upvotes", np.nan),
        ("half_life_days", 0),
    ],
)
def test_values_out_of_range_are_refused(change: str, value: float) -> None:
    arrays = {"size": 2.0, "age_days": 0.0, "rank": 1.0, "upvotes": 0.0} | {change: value}
    half_life_days = arrays.pop("half_life_days", 7.0)
    with pytest.raises(ValueError, match="half_life_days > 0"):
        trend_score(
            np.array([0]),
            np.array([0]),
            **{name: np.array([each]) for name, each in arrays.items()},
            votes=np.zeros(1),
            half_life_days=half_life_days,
        )


def test_shapes_that_differ_are_refused() -> None:
    values = {name: np.ones(1) for name in ("size", "rank", "upvotes", "votes")}
    with pytest.raises(ValueError, match="one value for each mention"):
        trend_score(
            np.array([0]), np.array([0]), **values, age_days=np.zeros(2), half_life_days=7.0
        )
