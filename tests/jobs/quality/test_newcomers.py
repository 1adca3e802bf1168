"""Newcomers are ranked for by a community that does not know what they are to be without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import sparse

from recommender.domain import Paper, Rating
from recommender.interests.evaluation import Batch, Case
from recommender.interests.evidence import gather_evidence
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.parameters import InterestParameters
from recommender.interests.rankers import score_candidates
from recommender.interests.tuning import learn_community
from recommender.jobs.quality.newcomers import ByInterestAsNewcomers

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PARAMETERS = InterestParameters(community_weight=1.0)
PAPERS = 12
SUBJECTS = ("graph networks", "protein folding", "speech noise", "robot grasping")
LIKED = {
    "ann": (0, 4, 8),
    "bob": (1, 5, 9),
    "eve": (0, 1, 4, 5),
    "joe": (2, 3, 6, 7),
    "zoe": (2, 6, 10, 11),
}
ROW_OF = {who: row for row, who in enumerate(LIKED)}


@pytest.fixture(scope="module")
def index() -> PaperIndex:
    titles = [f"{SUBJECTS[number % 4]} {SUBJECTS[number // 4]}" for number in range(PAPERS)]
    return index_papers(
        [
            Paper(number, title, "", (), None, None, None, NOW, NOW)
            for number, title in enumerate(titles, start=1)
        ]
    )


def likes_of(liked: dict[str, tuple[int, ...]]) -> sparse.csr_matrix:
    likes = np.zeros((len(liked), PAPERS), dtype=np.float32)
    for row, papers in enumerate(liked.values()):
        likes[row, list(papers)] = 1
    return sparse.csr_matrix(likes)


def newcomer(who: str, *left: int) -> Case:
    nothing = np.zeros(0, dtype=np.intp)
    ratings = tuple(Rating(row + 1, 1, False, NOW) for row in left)
    return Case(who, ratings, "", nothing, nothing)


def scored(index: PaperIndex, liked: dict[str, tuple[int, ...]], *cases: Case) -> np.ndarray:
    ranker = ByInterestAsNewcomers.learned(index, likes_of(liked), ROW_OF, cases, PARAMETERS)
    rows = np.arange(PAPERS)
    evidences = [gather_evidence(index, case.ratings, "") for case in cases]
    return ranker(index, evidences, Batch(rows, np.zeros(PAPERS), cases))


def test_what_a_newcomer_is_without_changes_nothing_for_them(index: PaperIndex) -> None:
    case = newcomer("ann", 0)
    other = LIKED | {"ann": (0, 3, 7, 11)}
    np.testing.assert_array_equal(scored(index, LIKED, case), scored(index, other, case))


def test_others_of_the_same_half_are_newcomers_too_and_the_other_half_is_whole(
    index: PaperIndex,
) -> None:
    cases = newcomer("ann", 0), newcomer("bob", 1), newcomer("joe", 2)
    before = scored(index, LIKED, *cases)
    of_half = scored(index, LIKED | {"joe": (2, 10, 11, 9)}, *cases)
    np.testing.assert_array_equal(before[[0, 2]], of_half[[0, 2]])
    assert (before[1] != of_half[1]).any()
    of_others = scored(index, LIKED | {"bob": (1, 2, 3)}, *cases)
    assert (before[0] != of_others[0]).any()


def test_ranking_is_that_of_the_model_with_the_community_of_what_is_left(
    index: PaperIndex,
) -> None:
    cases = newcomer("ann", 0), newcomer("bob", 9), newcomer("zoe", 2, 6)
    left = LIKED | {"ann": (0,), "zoe": (2, 6)}
    known = replace(index, community=learn_community(index, likes_of(left)))
    evidences = [gather_evidence(index, case.ratings, "") for case in cases]
    expected = score_candidates(known, evidences, np.arange(PAPERS), PARAMETERS)
    actual = scored(index, LIKED, *cases)
    np.testing.assert_allclose(actual[[0, 2]], expected[[0, 2]], atol=1e-6)
