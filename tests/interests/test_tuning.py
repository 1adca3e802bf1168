"""Made-up instances in which it is known what helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import sparse

from recommender.domain import Paper, Rating
from recommender.interests import tuning
from recommender.interests.community import NO_COMMUNITY
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.parameters import BOUNDS, InterestParameters
from recommender.interests.tuning import (
    CHANGES,
    RatingHistory,
    Trial,
    _at_most,
    learn_community,
    tune,
)

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TOPICS, PAPERS_A_TOPIC, DAYS = 16, 40, 100
DEFAULTS = InterestParameters()


def papers() -> list[Paper]:
    """Sixteen topics of forty papers in turn; of twelve words a paper has four of its topic."""
    random = np.random.default_rng(0)
    made = []
    for number in range(TOPICS * PAPERS_A_TOPIC):
        topic = number % TOPICS
        own = [f"topic{topic}x{word}" for word in random.choice(8, 4, replace=False)]
        common = [f"common{word}" for word in random.choice(300, 8, replace=False)]
        text = " . ".join([*own, *common])
        made.append(Paper(number + 1, "", text, (), None, None, None, None, NOW))
    return made


@pytest.fixture(scope="module")
def index() -> PaperIndex:
    return index_papers(papers())


def told(index: PaperIndex, likes: list[list[int]]) -> RatingHistory:
    """Take rows that each subscriber likes; papers appear in order, some every day."""
    n_papers = len(index.papers)
    rows = np.repeat(np.arange(len(likes)), [len(some) for some in likes])
    columns = np.array([row for some in likes for row in some], dtype=np.intp)
    ratings = [[Rating(row + 1, 1, saved=False, rated_at=NOW) for row in some] for some in likes]
    return RatingHistory(
        likes=sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(likes), n_papers)
        ),
        ratings_of=lambda wanted: [ratings[row] for row in wanted],
        appeared_on=np.arange(n_papers) * DAYS // n_papers + 1,
    )


def liking(topics_of: Callable[[int], list[int]], subscribers: int = 120) -> list[list[int]]:
    """Let each subscriber like a fifth of the papers of their topics."""
    random = np.random.default_rng(1)
    likes = []
    for subscriber in range(subscribers):
        rows = np.concatenate(
            [np.arange(topic, TOPICS * PAPERS_A_TOPIC, TOPICS) for topic in topics_of(subscriber)]
        )
        likes.append(np.sort(random.choice(rows, len(rows) // 5, replace=False)).tolist())
    return likes


def pairs(subscriber: int) -> list[int]:
    """Two topics that share no word and always go together."""
    first = subscriber % (TOPICS // 2)
    return [first, first + TOPICS // 2]


def joined() -> list[list[int]]:
    """Let many like pairs of topics, and let readers come to the second of a pair after the first.

    They share no word, so only the others' likes tell which topic will be next.
    """
    newest = TOPICS * PAPERS_A_TOPIC * 4 // 5
    readers = [
        [row for row in range(TOPICS * PAPERS_A_TOPIC) if row % TOPICS == pair[row >= newest]]
        for pair in map(pairs, range(40))
    ]
    return [*liking(pairs, 80), *readers]


@pytest.fixture
def few_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try some kinds of changes, where what is asked is not which of all is best."""
    some = [each for each in CHANGES if each[0].keys() & {"community_weight", "centring"}]
    assert len(some) == 2
    monkeypatch.setattr(tuning, "CHANGES", some)


def test_community_is_used_where_it_tells_what_goes_together(index: PaperIndex) -> None:
    tuned = tune(index, told(index, joined()), start=DEFAULTS)
    assert tuned is not None
    assert tuned.chosen.parameters.community_weight > 0
    assert tuned.chosen.quality.mean() > tuned.start.quality.mean()
    assert tuned.is_changed
    assert not tuned.is_rolled_back


@pytest.fixture(scope="module")
def dominated() -> list[list[int]]:
    """Let curators, long gone, have liked pairs of topics of which today's readers like one."""
    oldest = range(TOPICS * PAPERS_A_TOPIC // 2)
    random = np.random.default_rng(2)
    curators = [
        [row for row in oldest if row % TOPICS in pairs(curator) and random.random() < 0.8]
        for curator in range(160)
    ]
    return [*curators, *liking(lambda subscriber: [subscriber % TOPICS], 60)]


@pytest.mark.usefixtures("few_changes")
def test_community_is_not_used_where_a_few_curators_dominate(
    index: PaperIndex, dominated: list[list[int]]
) -> None:
    tuned = tune(index, told(index, dominated), start=DEFAULTS)
    assert tuned is not None
    assert tuned.chosen.parameters.community_weight == 0


@pytest.mark.usefixtures("few_changes")
def test_parameters_that_are_worse_than_the_defaults_are_rolled_back(
    index: PaperIndex, dominated: list[list[int]]
) -> None:
    start = replace(DEFAULTS, community_weight=1.0, penalty=0.1, centring=0.0)
    tuned = tune(index, told(index, dominated), start=start)
    assert tuned is not None
    assert tuned.is_rolled_back
    assert tuned.chosen.parameters.community_weight == 0
    assert tuned.chosen.quality.mean() > tuned.start.quality.mean()


def test_who_likes_hundreds_says_no_more_of_the_community_than_who_likes_fifty() -> None:
    likes = sparse.csr_matrix(np.arange(600) < np.array([[600], [7], [0]]), dtype=np.float32)
    counted = _at_most(50, likes)
    assert np.diff(counted.indptr).tolist() == [50, 7, 0]
    assert (counted.multiply(likes) != counted).nnz == 0
    assert (_at_most(50, likes) != counted).nnz == 0
    assert likes.nnz == 607


@pytest.mark.usefixtures("few_changes")
def test_same_ratings_choose_the_same_and_no_map_that_is_in_use_leaks_into_it(
    index: PaperIndex,
) -> None:
    """Its dimensions know the held-out likes; weight 0 leaves them out of the trial."""
    said = told(index, joined())
    knowing = replace(index, community=learn_community(index, said.likes))
    assert index.community is NO_COMMUNITY
    first, again, with_map = (
        tune(papers, said, start=DEFAULTS) for papers in (index, index, knowing)
    )
    assert first is not None
    assert again is not None
    assert with_map is not None
    assert first.chosen.parameters.community_weight > 0
    assert first.chosen.parameters == again.chosen.parameters == with_map.chosen.parameters
    np.testing.assert_array_equal(first.chosen.figures, again.chosen.figures)
    np.testing.assert_allclose(first.chosen.figures, with_map.chosen.figures, atol=1e-6)


@pytest.mark.parametrize("subscribers", [0, 10])
def test_too_few_subscribers_choose_nothing(index: PaperIndex, subscribers: int) -> None:
    assert tune(index, told(index, liking(pairs, subscribers)), start=DEFAULTS) is None


def test_papers_that_all_appeared_on_one_day_choose_nothing(index: PaperIndex) -> None:
    said = replace(told(index, liking(pairs)), appeared_on=np.ones(len(index.papers), dtype=int))
    assert tune(index, said, start=DEFAULTS) is None


def test_work_ends_when_it_is_told_to(index: PaperIndex) -> None:
    class EndedError(Exception):
        pass

    def end() -> None:
        raise EndedError

    with pytest.raises(EndedError):
        tune(index, told(index, liking(pairs)), start=DEFAULTS, proceed=end)


def test_gain_within_chance_is_none() -> None:
    random = np.random.default_rng(4)
    figures = random.random((50, 4))
    same = Trial(DEFAULTS, figures)
    noisy = Trial(DEFAULTS, figures + random.normal(0, 0.1, figures.shape))
    better = Trial(DEFAULTS, figures + 0.05 + random.normal(0, 0.01, figures.shape))
    assert not same.gains_over(same)
    assert not noisy.gains_over(same)
    assert better.gains_over(same)
    assert not same.gains_over(better)


def test_everything_that_is_tried_is_within_the_safe_bounds() -> None:
    tried = [replace(DEFAULTS, **change) for changes in CHANGES for change in changes]
    assert len(tried) == sum(map(len, CHANGES))
    named = {name for changes in CHANGES for change in changes for name in change}
    # How probable a like is does not change the order.
    assert set(BOUNDS) - named == {"calibration_intercept", "calibration_slope"}


@pytest.mark.parametrize(("name", "value"), [("penalty", 0.0), ("community_weight", 1.5)])
def test_parameters_out_of_bounds_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        InterestParameters(**{name: value})
