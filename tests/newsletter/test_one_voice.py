"""One reader's votes move no paper far in another's issue, however many or few others vote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.domain import Mention
from recommender.newsletter.trending import trend_scores

TODAY = date(2026, 3, 11)
COMMUNITIES = [2, 5, 30, 300]
MOST_PLACES = 5
"""By which one vote may move any paper up or down the first fifty of a month."""

LONG_DIGEST = [Mention(rank, "AK", TODAY, rank, 0) for rank in range(1, 120)]
MONTH = [
    Mention(
        100 * day + rank,
        "HF",
        TODAY - timedelta(days=day),
        rank,
        round(90 / rank * 1.1 ** (day % 7)),
    )
    for day in range(30)
    for rank in range(1, 16)
]


def ranks(mentions: list[Mention], votes: Mapping[int, float]) -> dict[int, int]:
    ids = [mention.paper_id for mention in mentions]
    scores = trend_scores(ids, mentions, votes, today=TODAY, half_life_days=7)
    order: NDArray[np.intp] = np.argsort(-scores, kind="stable")
    return {ids[at]: rank for rank, at in enumerate(order.tolist(), start=1)}


def votes_of_others(mentions: list[Mention], readers: int) -> dict[int, float]:
    """Let each like five papers and dislike two, those in front rather than others."""
    generator = np.random.default_rng(readers)
    ids = np.array([mention.paper_id for mention in mentions])
    chance = 1 / (np.arange(len(ids)) + 10)
    votes: dict[int, float] = {}
    for _ in range(readers - 1):
        chosen = generator.choice(ids, 7, replace=False, p=chance / chance.sum()).tolist()
        for number, paper_id in enumerate(chosen):
            votes[paper_id] = votes.get(paper_id, 0) + (1 if number < 5 else -1)
    return votes


def most_places(before: Mapping[int, int], after: Mapping[int, int]) -> int:
    """Return how far a paper moved at most that is or was among the first fifty."""
    return max(
        abs(after[paper_id] - rank)
        for paper_id, rank in before.items()
        if min(rank, after[paper_id]) <= 50
    )


@pytest.mark.parametrize("readers", COMMUNITIES)
@pytest.mark.parametrize("vote", [1, -1])
@pytest.mark.parametrize("mentions", [LONG_DIGEST, MONTH], ids=["a long digest", "a month"])
def test_one_vote_moves_no_paper_by_more_than_a_few_places(
    mentions: list[Mention], vote: int, readers: int
) -> None:
    others = votes_of_others(mentions, readers)
    before = ranks(mentions, others)
    in_order = list(before)
    for place in (2, 3, 10, 25, 44, 49, 60, 100):
        paper_id = in_order[place - 1]
        after = ranks(mentions, others | {paper_id: others.get(paper_id, 0) + vote})
        assert most_places(before, after) <= MOST_PLACES


@pytest.mark.parametrize("readers", COMMUNITIES)
@pytest.mark.parametrize("mentions", [LONG_DIGEST, MONTH], ids=["a long digest", "a month"])
def test_three_papers_of_one_reader_stay_about_where_they_are(
    mentions: list[Mention], readers: int
) -> None:
    others = votes_of_others(mentions, readers)
    before = ranks(mentions, others)
    in_order = list(before)
    for first in (10, 30, 47):
        pushed = in_order[first - 1 : first + 2]
        after = ranks(mentions, others | {each: others.get(each, 0) + 1 for each in pushed})
        assert most_places(before, after) <= MOST_PLACES + 2


def test_what_many_readers_like_comes_to_the_front() -> None:
    """Of 300 readers, 100 like it, and nothing else."""
    before = ranks(LONG_DIGEST, {})
    after = ranks(LONG_DIGEST, {49: 100.0})
    assert before[49] == 49
    assert 10 <= after[49] <= 30
