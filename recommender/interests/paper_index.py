"""Interests room: the corpus as the models see it, built once and shared by subscribers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import sparse

from recommender.domain import Paper
from recommender.interests.features import FeatureSpace
from recommender.interests.model import Background


@dataclass(frozen=True, slots=True, eq=False)
class PaperIndex:
    """Papers, their rows, and what an average one looks like.

    Attributes
    ----------
    papers : tuple of Paper
        In order of their ids.
    row_of : mapping of int to int
        Paper id to place in ``papers`` and row of ``rows``.
    space : FeatureSpace
        Fitted on ``papers``.
    rows : csr_matrix of shape (n_papers, n_terms), float32
    background : Background
        Fitted on ``rows``.
    """

    papers: tuple[Paper, ...]
    row_of: Mapping[int, int]
    space: FeatureSpace
    rows: sparse.csr_matrix
    background: Background


def index_papers(papers: Sequence[Paper]) -> PaperIndex:
    """Turn a corpus into features. Derived data: the same papers in any order give the same.

    Parameters
    ----------
    papers : sequence of Paper
        All that may be ranked or were rated; may be empty.
    """
    ordered = tuple(sorted(papers, key=lambda paper: paper.id))
    space = FeatureSpace()
    rows = space.fit_transform([(paper.title, paper.abstract) for paper in ordered])
    return PaperIndex(
        papers=ordered,
        row_of={paper.id: row for row, paper in enumerate(ordered)},
        space=space,
        rows=rows,
        background=Background().fit(rows),
    )
