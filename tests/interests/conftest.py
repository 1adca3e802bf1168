"""Papers of plain topics, one subscriber's interest, and the citeulike-t data set."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from recommender.domain import Paper, Rating, TermRating
from recommender.interests.batch import fit_interests
from recommender.interests.evaluation import CASES_AT_A_TIME, Batch, Case
from recommender.interests.evidence import gather_evidence
from recommender.interests.explanation import (
    Explanation,
    Placed,
    explain,
    find_grounds,
    reasons_in_words,
)
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
        """Say why a paper is here."""
        row = self.index.row_of[paper_id]
        pieces = self.models.rated_.terms[self.interest.pieces]
        (grounds,) = find_grounds(self.evidence, (self.index.rows[[row]] @ pieces.T).toarray())
        (reason,) = reasons_in_words(self.index, self.models, [Placed(row, 0, grounds)])
        return reason


@pytest.fixture(scope="session")
def fitted() -> type[Fitted]:
    """Give what fits the interest of one subscriber."""
    return Fitted


@dataclass(frozen=True)
class Split:
    """A data set, split by date.

    Attributes
    ----------
    index : PaperIndex
        All papers.
    likes : csr_matrix of shape (n_subscribers, n_papers)
        What everybody liked before.
    batches : sequence of Batch
        Who liked at least three papers before, and two after among those published since.
    """

    index: PaperIndex
    likes: sparse.csr_matrix
    batches: Sequence[Batch]


@pytest.fixture(scope="session")
def citeulike(shared_data: Path) -> Split:
    """Read citeulike-t as it is meant to be split; all ratings there are likes."""
    folder, day = shared_data / "citeulike-t", "2021-01-01"
    with gzip.open(folder / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    row_of = {paper["id"]: row for row, paper in enumerate(papers)}
    before, after = defaultdict(list), defaultdict(list)
    with gzip.open(folder / "ratings.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            said = before if line["rated_at"] < day else after
            said[line["subscriber"]].append(row_of[line["paper"]])
    candidates = np.flatnonzero([paper["published"] >= day for paper in papers])
    # Rankers leave equal scores in this order, and that of the file may tell what was liked.
    candidates = np.random.default_rng(0).permutation(candidates)
    cases = [
        Case(
            who,
            tuple(Rating(row, 1, False, NOW) for row in before[who]),
            "",
            excluded=np.array(before[who]),
            liked=np.array(after[who]),
        )
        for who in sorted(after)
        if len(before[who]) >= 3 and len(after[who]) >= 2
    ]
    ends = np.cumsum([0, *map(len, before.values())])
    rows = np.concatenate(list(before.values()))
    return Split(
        index=index_papers(
            Paper(row, paper["title"], paper["abstract"], (), None, None, None, None, NOW)
            for row, paper in enumerate(papers)
        ),
        likes=sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), rows, ends), shape=(len(before), len(papers))
        ),
        batches=[
            Batch(candidates, np.zeros(len(candidates)), cases[start : start + CASES_AT_A_TIME])
            for start in range(0, len(cases), CASES_AT_A_TIME)
        ],
    )
