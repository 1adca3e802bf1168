"""Who likes a paper is told of the next one by the same author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from recommender.domain import Paper, Rating, TermRating
from recommender.interests.authors import author_reasons, known_for
from recommender.interests.paper_index import PaperIndex, index_papers

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
AUTHORS = {
    1: ("Jane Doe", "Ann Lee"),
    2: ("Doe, Jane", "Ann Lee"),
    3: ("Jane A. Doe",),
    4: ("Ann Lee",),
    5: ("Ann Lee",),
    6: ("John Smith",),
}


@pytest.fixture
def by(make_papers: Callable[[list[str]], list[Paper]]) -> PaperIndex:
    """Make a hundred papers of as many words, of which six have authors, and four Ann Lee."""
    papers = make_papers([f"word{number}x" for number in range(100)])
    return index_papers([replace(paper, authors=AUTHORS.get(paper.id, ())) for paper in papers])


def reasons(
    index: PaperIndex, fitted: Callable[..., Any], papers: list[int], liked: list[int]
) -> list[str | None]:
    fit = fitted(index, [Rating(paper, 1, False, NOW) for paper in liked])
    rows = index.rows_of(papers)
    return author_reasons(
        index, fit.models, rows, np.zeros_like(rows), [fit.evidence.liked] * len(rows)
    )


def test_paper_by_an_author_who_was_liked_says_so(
    by: PaperIndex, fitted: Callable[..., Any]
) -> None:
    assert reasons(by, fitted, [3, 6, 50], [1]) == [
        "by Jane A. Doe, an author you liked",
        None,
        None,
    ]


def test_reason_tells_how_often(by: PaperIndex, fitted: Callable[..., Any]) -> None:
    assert reasons(by, fitted, [3], [1, 2]) == ["by Jane A. Doe, an author you liked twice"]
    assert reasons(by, fitted, [5], [1, 2, 4]) == ["by Ann Lee, an author you liked 3 times"]


def test_one_paper_of_a_common_name_is_no_reason(
    by: PaperIndex, fitted: Callable[..., Any]
) -> None:
    """Of three likes, one in eight would be by Ann Lee by chance."""
    assert reasons(by, fitted, [5], [4, 60, 70]) == [None]


def test_disliked_author_is_no_reason(by: PaperIndex, fitted: Callable[..., Any]) -> None:
    fit = fitted(by, [Rating(1, -1, False, NOW), Rating(60, 1, False, NOW)])
    rows = by.rows_of([3])
    assert author_reasons(by, fit.models, rows, np.zeros_like(rows), [fit.evidence.liked]) == [None]


def test_corpus_without_authors_has_no_such_reason(
    index: PaperIndex, fitted: Callable[..., Any]
) -> None:
    assert reasons(index, fitted, [2, 3], [1]) == [None, None]
    assert reasons(index, fitted, [], [1]) == []


def test_contributions_sum_to_the_decision_with_authors_among_them(
    by: PaperIndex, fitted: Callable[..., Any]
) -> None:
    fit = fitted(by, [Rating(1, 1, False, NOW), Rating(4, -1, False, NOW)])
    explained = fit.explained(3)
    assert explained.contributions["by jane doe"] > 0
    assert explained.decision == pytest.approx(fit.decisions[2], abs=1e-6)
    total = explained.intercept + sum(explained.contributions.values())
    assert total == pytest.approx(explained.decision, abs=1e-6)


@pytest.mark.parametrize("value", [-1, 1])
def test_less_or_more_of_an_author_moves_their_papers(
    by: PaperIndex, fitted: Callable[..., Any], value: int
) -> None:
    fit = fitted(by, terms=[TermRating("by jane doe", "by Jane Doe", value, NOW)])
    scores = fit.interest_scores
    assert np.sign(scores[0] - scores[50]) == np.sign(scores[2] - scores[50]) == value


def test_authors_of_several_papers_are_named_as_they_are_written(by: PaperIndex) -> None:
    rows = by.rows_of([1, 2, 3, 6]).tolist()
    names = ["Jane Doe", "Ann Lee", "Doe, Jane", "John Smith"]
    assert known_for(by, rows, names) == ("by Jane Doe", "by Ann Lee")
    assert known_for(by, rows, []) == ()
    assert known_for(by, [], names) == ()
