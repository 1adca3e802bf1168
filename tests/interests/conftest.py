"""Papers of plain topics, and the citeulike-t data set."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommender.domain import Paper
from recommender.interests.features import Document
from recommender.interests.paper_index import PaperIndex, index_papers

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


@dataclass(frozen=True)
class Split:
    """A data set, split by date: who liked what before it, and which candidates after it."""

    documents: list[Document]
    candidates: np.ndarray
    before: dict[str, list[int]]
    after: dict[str, set[int]]


@pytest.fixture(scope="session")
def citeulike(shared_data: Path) -> Split:
    """Read citeulike-t as it is meant to be split; all ratings there are likes."""
    folder, day = shared_data / "citeulike-t", "2021-01-01"
    with gzip.open(folder / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    row_of = {paper["id"]: row for row, paper in enumerate(papers)}
    before, after = defaultdict(list), defaultdict(set)
    with gzip.open(folder / "ratings.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            row = row_of[line["paper"]]
            if line["rated_at"] < day:
                before[line["subscriber"]].append(row)
            else:
                after[line["subscriber"]].add(row)
    scored = sorted(who for who in after if len(before[who]) >= 3 and len(after[who]) >= 2)
    return Split(
        documents=[(paper["title"], paper["abstract"]) for paper in papers],
        candidates=np.flatnonzero([paper["published"] >= day for paper in papers]),
        before={who: sorted(before[who]) for who in scored},
        after={who: after[who] for who in scored},
    )
