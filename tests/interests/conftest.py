"""Papers of plain topics, and one subscriber's interest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from recommender.domain import Paper, Rating, TermRating
from recommender.interests.batch import fit_interests
from recommender.interests.evidence import gather_evidence
from recommender.interests.explanation import (
    Explanation,
    Placed,
    explain,
    find_grounds,
    reasons_in_words,
)
from recommender.interests.heads import chance_likeness
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.parameters import InterestParameters

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)

TITLES = [
    "Graph Neural Networks for Molecules",
    "Pruning Graph Neural Networks",
    "Graph Neural Networks and Their Limits",
    "Sparse Pruning of Transformers",
    "Protein Folding with Attention",
    "Protein Folding from One Sequence",
    "Speech Recognition without Labels",
    "Speech Recognition in Noise",
    "Segmentation of Brain Tumours",
    "A Survey of Federated Learning",
]


@pytest.fixture(scope="session")
def index() -> PaperIndex:
    """Ten papers with the ids 1 to 10, in rows 0 to 9."""
    return index_papers(
        [
            Paper(number, title, "", (), None, None, None, None, NOW)
            for number, title in enumerate(TITLES, start=1)
        ]
    )


@pytest.fixture(scope="session")
def make_papers() -> Callable[[list[str]], list[Paper]]:
    """Make papers of titles, with the ids 1 and up."""

    def make_papers(titles: list[str]) -> list[Paper]:
        return [
            Paper(number, title, "", (), None, None, None, None, NOW)
            for number, title in enumerate(titles, start=1)
        ]

    return make_papers


class Fitted:
    """The interest of one subscriber, fitted and explained as those of many are."""

    def __init__(
        self,
        index: PaperIndex,
        ratings: Sequence[Rating] = (),
        interests: str = "",
        *,
        terms: Sequence[TermRating] = (),
        parameters: InterestParameters | None = None,
    ) -> None:
        parameters = parameters or InterestParameters()
        self.index = index
        self.evidence = gather_evidence(
            index,
            ratings,
            interests,
            terms=terms,
            halvings_per_year=parameters.halvings_per_year,
        )
        self.interests = fit_interests(index, [self.evidence], parameters)
        self.models = self.interests.models
        (self.interest,) = self.interests.of
        self.papers = index.paper_rows(np.arange(len(index.papers)))

    @property
    def interest_scores(self) -> np.ndarray:
        """Of all papers, in the order of their rows."""
        return self.interests.interest_scores(self.papers)[0]

    @property
    def decisions(self) -> np.ndarray:
        """Of all papers by their first head."""
        return self.models.decision_function(self.papers)[:, 0]

    def explained(self, paper_id: int) -> Explanation:
        """Take apart what the first head has for a paper."""
        return explain(self.index, self.models, 0, self.index.row_of[paper_id])

    def reason(self, paper_id: int) -> str | None:
        """Return why a paper is here."""
        row = self.index.row_of[paper_id]
        pieces = self.models.rated_.terms[self.interest.pieces]
        cosines = (self.index.rows[[row]] @ pieces.T).toarray()
        chance = chance_likeness(self.index.background)
        (grounds,) = find_grounds(self.evidence, cosines, chance=chance)
        (reason,) = reasons_in_words(self.index, self.models, [Placed(row, 0, grounds)])
        return reason


@pytest.fixture(scope="session")
def fitted() -> type[Fitted]:
    """Return what fits the interest of one subscriber."""
    return Fitted
