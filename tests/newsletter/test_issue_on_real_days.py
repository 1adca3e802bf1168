"""Issues from a year of real digests: what ten ratings of a topic do to the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from recommender.domain import IssueEntry, Rating, TermRating
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.newsletter.issue import IssuePlan, plan_issues
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.newsletter.reasons import CLOSE_REASON

corpus_of = partial(build_corpus, window_days=90, half_life_days=7)

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
EXPLORING = RankingParameters(exploration=2)
PLAIN = RankingParameters(exploration=0)


def plan(
    corpus: Corpus,
    ratings: Sequence[Rating] = (),
    parameters: RankingParameters = PLAIN,
    **wanted: Any,
) -> IssuePlan | None:
    """Plan one issue, of eight papers where nothing else is asked."""
    reader = Reader(**{"papers": 8, "ratings": ratings, **wanted})
    (issue,) = plan_issues(corpus, [reader], parameters)
    return issue


def entries(issue: IssuePlan | None) -> tuple[IssueEntry, ...]:
    assert issue is not None
    return issue.entries


def ids(issue: IssuePlan | None) -> list[int]:
    return [entry.paper_id for entry in entries(issue)]


def ranked_ids(issue: IssuePlan | None) -> list[int]:
    """Return the papers that were not drawn by chance."""
    return [entry.paper_id for entry in entries(issue) if not entry.explored]


def rated(paper_ids: Iterable[int], value: int = 1) -> list[Rating]:
    return [Rating(paper_id, value, False, NOW) for paper_id in paper_ids]


@pytest.fixture(scope="module")
def autumn(corpus_of_days: Callable[..., Corpus]) -> Corpus:
    """All real digests of September and October 2025, their papers numbered as they come."""
    return corpus_of_days(date(2025, 9, 1), date(2025, 10, 31), today=NOW.date(), window_days=90)


def is_about(corpus: Corpus, paper_id: int, words: str) -> bool:
    known = corpus.index.papers[corpus.index.row_of[paper_id]]
    return words in f"{known.title} {known.abstract}".lower()


is_about_video = partial(is_about, words="video")


def titled(corpus: Corpus, words: str) -> list[int]:
    return [each.id for each in corpus.index.papers if words in each.title.lower()]


def test_ten_likes_of_a_real_topic_fill_the_issue_that_follows(autumn: Corpus) -> None:
    before = plan(autumn, (), EXPLORING, papers=10)
    liked = plan(autumn, rated(titled(autumn, "video generation")[:10]), EXPLORING, papers=10)
    assert sum(is_about_video(autumn, each) for each in ranked_ids(before)) <= 3
    assert all(is_about_video(autumn, each) for each in ranked_ids(liked))
    assert len(ranked_ids(liked)) == 8


def test_ten_dislikes_of_a_real_topic_remove_it(autumn: Corpus) -> None:
    video = titled(autumn, "video generation")
    disliked = plan(autumn, rated(video[:10], -1), EXPLORING, papers=10)
    everything = plan(autumn, rated(video[:10], -1), papers=len(autumn.candidates))
    assert not any(each in video for each in ranked_ids(disliked))
    assert sum(is_about_video(autumn, each) for each in ids(everything)[-10:]) >= 9


@pytest.mark.parametrize("value", [1, -1])
def test_withdrawing_ratings_of_a_real_topic_restores_the_issue_exactly(
    autumn: Corpus, value: int
) -> None:
    video = titled(autumn, "video generation")[:10]
    said = rated(titled(autumn, "speech")[:3])
    before = plan(autumn, said, EXPLORING, papers=10, seed="7 3")
    during = plan(autumn, [*said, *rated(video, value)], EXPLORING, papers=10, seed="7 3")
    after = plan(autumn, [*rated(video, 0), *said], EXPLORING, papers=10, seed="7 3")
    assert during != before
    assert after == before


@pytest.mark.parametrize(
    ("first", "second", "likes", "least"),
    [("video generation", "speech", (8, 8), (3, 3)), ("reinforcement", "speech", (10, 4), (6, 2))],
)
def test_two_real_interests_are_both_served(
    autumn: Corpus, first: str, second: str, likes: tuple[int, int], least: tuple[int, int]
) -> None:
    """The weaker interest has its places too; averaged into one, ten likes left it none beside."""
    ratings = rated([*titled(autumn, first)[: likes[0]], *titled(autumn, second)[: likes[1]]])
    issue = ranked_ids(plan(autumn, ratings, EXPLORING, papers=12))
    assert len(issue) == 10
    for words, number in zip((first, second), least, strict=True):
        assert sum(is_about(autumn, each, words.split()[0]) for each in issue) >= number


def test_real_reasons_name_a_liked_title_and_words_of_the_paper(autumn: Corpus) -> None:
    video = [each for each in autumn.index.papers if "video generation" in each.title.lower()]
    issue = plan(autumn, rated([each.id for each in video[:5]]))
    beginnings = tuple(f"like “{' '.join(each.title.split())[:40]}" for each in video[:5])
    assert all(entry.reason.startswith(beginnings) for entry in entries(issue))
    assert all("video" in entry.reason.lower() for entry in entries(issue))


def test_blocked_word_keeps_real_papers_out_of_many_issues(autumn: Corpus) -> None:
    video = rated(titled(autumn, "video generation")[:10])
    for seed in range(10):
        issue = plan(autumn, video, EXPLORING, papers=20, blocked="diffusion", seed=str(seed))
        assert not any(is_about(autumn, each, "diffusion") for each in ids(issue))


def test_paper_that_interest_placed_is_not_called_trending_where_nothing_liked_is_near(
    autumn: Corpus,
) -> None:
    """Who asked for more of a word liked no paper yet that could be named."""
    first = entries(plan(autumn, terms=[TermRating("speech", "speech", 1, NOW)]))[0]
    assert is_about(autumn, first.paper_id, "speech")
    assert first.reason == CLOSE_REASON
