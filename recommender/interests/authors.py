"""Interests room: which authors somebody likes, and whose papers are here for that. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.interests.author_names import turn_name
from recommender.interests.features import AUTHOR_MARK, author_key
from recommender.interests.model import InterestModels
from recommender.interests.paper_index import PaperIndex
from recommender.languages.messages import Message, counted_message

FEWEST_PAPERS: Final = 2
"""Rated papers of one author from which on that is learned."""

MOST_EXPECTED: Final = 0.05
"""Papers of an author that as many likes would meet by chance, up to which one like is a reason.

A common name stands for many people: nothing tells them apart.
"""


def known_for(index: PaperIndex, papers: Sequence[int], names: Iterable[str]) -> tuple[str, ...]:
    """Return the authors of several papers, most papers first: ``by Jane Doe``.

    Parameters
    ----------
    index : PaperIndex
    papers : sequence of int
        Rows in the index.
    names : iterable of str
        Their authors, as they are written.
    """
    columns = [_authors_of(index, paper) for paper in papers]
    found, counts = np.unique(np.concatenate([_NOBODY, *columns]), return_counts=True)
    written: dict[str | None, str] = {}
    for name in names:
        written.setdefault(author_key(name), turn_name(name))
    of_several = [
        (-count, index.space.columns_[column])
        for column, count in zip(found.tolist(), counts.tolist(), strict=True)
        if count >= FEWEST_PAPERS
    ]
    return tuple(AUTHOR_MARK + written[key] for _, key in sorted(of_several) if key in written)


def author_reasons(
    index: PaperIndex,
    models: InterestModels,
    papers: NDArray[np.intp],
    heads: NDArray[np.intp],
    liked: Sequence[tuple[int, ...]],
) -> list[str | None]:
    """Return in words which author of each paper its reader likes, None where there is none.

    Parameters
    ----------
    index : PaperIndex
        Holds the authors of the papers as they are written.
    models : InterestModels
    papers, heads : ndarray of int, shape (n_placed,)
        Rows in the index, and the columns of ``models`` that placed them.
    liked : sequence of tuple of int, of length n_placed
        Rows in the index of what each paper's reader likes.

    Returns
    -------
    list of str or None
        ``by Jane Doe, an author you liked twice``.
    """
    reasons: list[str | None] = [None] * len(papers)
    if len(index.space.columns_) == index.space.n_terms_ or not len(papers):
        return reasons
    counts = index.counts.matrix[papers]
    at = np.repeat(np.arange(len(papers)), np.diff(counts.indptr))
    # Few papers have an author who was liked, and each look at all that somebody likes takes time.
    raised = counts.indices >= index.space.n_terms_
    raised[raised] = models.coef_[counts.indices[raised], heads[at[raised]]] > 0
    best: dict[int, tuple[int, str]] = {}
    # A reader's places have the same likes, and many readers like the same papers.
    authors_of: dict[int, list[int]] = {}
    likes_of: dict[tuple[int, ...], Counter[int]] = {}
    for place, column in zip(at[raised].tolist(), counts.indices[raised].tolist(), strict=True):
        likes = likes_of.get(liked[place])
        if likes is None:
            for paper in liked[place]:
                if paper not in authors_of:
                    authors_of[paper] = _authors_of(index, paper).tolist()
            likes = Counter(chain.from_iterable(authors_of[paper] for paper in liked[place]))
            likes_of[liked[place]] = likes
        papers_liked = likes[column]
        if papers_liked > best.get(place, (0, ""))[0] and (
            papers_liked >= FEWEST_PAPERS or _is_rare(index, column, len(liked[place]))
        ):
            best[place] = papers_liked, index.space.columns_[column]
    for place, (papers_liked, key) in best.items():
        name = _written_as(index.papers[papers[place]].authors, key)
        if name is not None:
            reasons[place] = _liked_author(name, papers_liked)
    return reasons


def _liked_author(name: str, papers: int) -> Message:
    if papers == 1:
        return Message("by %(name)s, an author you liked", name=name)
    if papers == 2:  # noqa: PLR2004 - which has a word of its own
        return Message("by %(name)s, an author you liked twice", name=name)
    return counted_message(
        "by %(name)s, an author you liked %(num)s time",
        "by %(name)s, an author you liked %(num)s times",
        papers,
        name=name,
    )


@lru_cache(maxsize=5_000)
def _written_as(names: tuple[str, ...], key: str) -> str | None:
    """Return the name of an author as it is told, of the names of a paper; None: it has none."""
    name = next((name for name in names if author_key(name) == key), None)
    return None if name is None else turn_name(name)


_NOBODY: NDArray[np.int32] = np.zeros(0, dtype=np.int32)


def _authors_of(index: PaperIndex, paper: int) -> NDArray[np.int32]:
    """Return the columns of a paper's authors."""
    matrix = index.counts.matrix
    columns = matrix.indices[matrix.indptr[paper] : matrix.indptr[paper + 1]]
    authors: NDArray[np.int32] = columns[np.searchsorted(columns, index.space.n_terms_) :]
    return authors


def _is_rare(index: PaperIndex, column: int, likes: int) -> bool:
    share = index.weighting.document_frequencies_[column] / max(1, index.weighting.n_documents_)
    return bool(likes * share <= MOST_EXPECTED)
