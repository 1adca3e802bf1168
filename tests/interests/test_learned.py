"""What the page says was learned, in the words of the papers themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from recommender.domain import Paper, Rating, TermRating
from recommender.interests.learned import LearnedWords, learned_words
from recommender.interests.paper_index import index_papers

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TITLES = (
    "Graph neural networks for molecules",
    "Training graph neural networks on molecules",
    "Speech recognition with transducers",
    "Streaming speech recognition",
    "Surface codes and lattice surgery",
    "Lattice surgery with surface codes",
)
Learn = Callable[..., LearnedWords]


@pytest.fixture(scope="module")
def learned_from(
    make_papers: Callable[[list[str]], list[Paper]], fitted: Callable[..., Any]
) -> Learn:
    def learned_from(
        ratings: dict[int, int],
        interests: str = "",
        terms: dict[str, int] | None = None,
        *,
        titles: tuple[str, ...] = TITLES,
        authors: dict[int, tuple[str, ...]] | None = None,
    ) -> LearnedWords:
        papers = [
            replace(paper, authors=(authors or {}).get(paper.id, ()))
            for paper in make_papers([*titles])
        ]
        said = [Rating(paper_id, value, False, NOW) for paper_id, value in ratings.items()]
        of_terms = [TermRating(term, term, value, NOW) for term, value in (terms or {}).items()]
        fit = fitted(index_papers(papers), said, interests, terms=of_terms)
        return learned_words(
            fit.index,
            fit.evidence,
            fit.interests,
            titles=[
                interests,
                *(terms or {}),
                *(papers[paper_id - 1].title for paper_id in ratings),
            ],
            texts=[papers[paper_id - 1].abstract for paper_id in ratings],
            authors=[name for paper_id in ratings for name in papers[paper_id - 1].authors],
            most=3,
        )

    return learned_from


def test_liked_words_are_those_of_the_liked_papers_as_they_are_written(learned_from: Learn) -> None:
    words = learned_from({1: 1, 2: 1})
    assert words.liked == ("graph neural networks", "molecules", "training")


def test_nothing_is_disliked_without_a_dislike(learned_from: Learn) -> None:
    assert learned_from({1: 1, 2: 1}).disliked == ()


def test_disliked_words_are_those_of_the_disliked_papers(learned_from: Learn) -> None:
    words = learned_from({1: 1, 3: -1, 4: -1})
    assert words.disliked == ("speech recognition", "transducers", "streaming")


def test_stated_interests_are_learned_too(learned_from: Learn) -> None:
    assert learned_from({}, "lattice surgery").liked == ("lattice surgery",)


def test_no_more_words_than_asked_for(learned_from: Learn) -> None:
    assert len(learned_from({1: 1, 4: 1, 5: 1}).liked) == 3


def test_nothing_is_learned_from_nothing(learned_from: Learn) -> None:
    assert learned_from({}) == LearnedWords()


def test_term_they_want_less_of_is_disliked_and_one_they_want_more_of_liked(
    learned_from: Learn,
) -> None:
    words = learned_from({1: 1, 3: 1}, terms={"transducer": -1, "lattice": 1})
    assert "transducer" in words.disliked[0]
    assert "lattice" in words.liked


def test_words_of_all_heads_are_learned(learned_from: Learn) -> None:
    """Six likes of each of two subjects, who are two heads."""
    subjects = ["graph molecules"] * 6 + ["speech transducers"] * 6
    titles = [f"{words} of rest{number}" for number, words in enumerate(subjects)]
    titles += [f"other{number} thing{number}" for number in range(60)]
    words = learned_from(dict.fromkeys(range(1, 13), 1), titles=tuple(titles))
    assert {"graph molecules", "speech transducers"} <= set(words.liked)
    first, second = words.by_head
    assert {first[0], second[0]} == {"graph molecules", "speech transducers"}
    assert set(first).isdisjoint(second)


def test_words_and_authors_of_one_head_are_all_that_is_liked(learned_from: Learn) -> None:
    words = learned_from({1: 1, 2: 1}, authors={1: ("Jane Doe",), 2: ("Jane Doe",)})
    assert words.by_head == (words.liked,)
    assert words.liked[-1] == "by Jane Doe"


def test_author_of_several_liked_papers_is_learned_after_the_words(learned_from: Learn) -> None:
    authors = {1: ("Jane Doe", "Ann Lee"), 2: ("Doe, Jane A.",), 4: ("Ann Lee",)}
    words = learned_from({1: 1, 2: 1}, authors=authors)
    assert words.liked[-1] == "by Jane Doe"
    assert not any("Ann Lee" in word for word in words.liked)


def test_author_of_what_was_liked_and_of_what_was_not_is_neither(learned_from: Learn) -> None:
    authors = dict.fromkeys((1, 2, 3, 4), ("Jane Doe",))
    words = learned_from({1: 1, 2: 1, 3: -1, 4: -1}, authors=authors)
    assert not any("Doe" in word for word in (*words.liked, *words.disliked))
    assert learned_from({3: -1, 4: -1}, authors=authors).disliked[-1] == "by Jane Doe"


def test_commands_of_latex_are_never_learned(learned_from: Learn) -> None:
    latex = r"$\mathcal{O}(\frac{\alpha}{\beta})$ \emph{graphs} & \textbf{norms}"
    assert learned_from({1: -1}, titles=(latex, *TITLES)).disliked == ("norms", "graphs")
