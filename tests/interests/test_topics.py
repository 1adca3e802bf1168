"""What a paper is about is a phrase of its title that others have too, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recommender.domain import Paper
from recommender.interests.paper_index import index_papers
from recommender.interests.topics import topic_of

ABOUT_GRAPHS = [
    f"Graph neural networks {rest}"
    for rest in ("for molecules", "at scale", "and their limits", "on the edge")
]


@pytest.fixture
def topic_in(make_papers: Callable[[list[str]], list[Paper]]) -> Callable[[str], str]:
    def topic_in(title: str) -> str:
        return topic_of(index_papers(make_papers([title, *ABOUT_GRAPHS])), 0)

    return topic_in


def test_topic_is_a_phrase_of_the_title_that_other_papers_have(
    topic_in: Callable[[str], str],
) -> None:
    assert topic_in("Faster graph neural networks").casefold() == "graph neural networks"


@pytest.mark.parametrize(
    "title",
    ["Attention", "Zork: a unique quizzical method", "", "x" * 10_000, "<b>&amp;</b> \u202e 🧪"],
)
def test_what_only_one_paper_says_is_no_topic(topic_in: Callable[[str], str], title: str) -> None:
    assert topic_in(title) == ""
