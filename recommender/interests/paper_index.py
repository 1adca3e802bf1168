"""Interests room: the corpus as the models see it, built once and shared by subscribers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.domain import Paper
from recommender.interests.background import Background
from recommender.interests.collocations import (
    MOST_PAPERS,
    NO_COLLOCATIONS,
    Collocations,
    find_collocations,
)
from recommender.interests.community import NO_COMMUNITY, CommunityMap
from recommender.interests.features import Document, FeatureSpace, TermCounts
from recommender.interests.model import PaperRows
from recommender.interests.weighting import TermWeighting

_FINGERPRINT_BYTES = 8
_SAMPLED = 300


@dataclass(frozen=True, eq=False)
class PaperIndex:
    """Papers, their rows, and what an average one looks like.

    Attributes
    ----------
    papers : tuple of Paper
        In order of their ids. All of their fields, or after `without_texts` those named there.
    row_of : mapping of int to int
        Paper id to its index in ``papers``, which is its row of ``rows``.
    fingerprints : ndarray of shape (n_papers,), uint64
        Of the text that each row was made of.
    space : FeatureSpace
        Fitted on all of ``papers`` but ``unfitted``.
    counts : TermCounts
        Of ``papers``: another weighting needs no text.
    weighting : TermWeighting
        Fitted on all of ``papers`` but ``unfitted``.
    rows : csr_matrix of shape (n_papers, n_columns), float32
        ``counts``, weighted.
    background : Background
        Fitted on ``rows``.
    unfitted : int
        Papers that came, or whose text changed, since the vocabulary was fitted.
    community : CommunityMap
        For ``rows``; without dimensions where none was learned or it does not help.
    collocations : Collocations
        Found when ``space`` was fitted.
    """

    papers: tuple[Paper, ...]
    row_of: Mapping[int, int]
    fingerprints: NDArray[np.uint64]
    space: FeatureSpace
    counts: TermCounts
    weighting: TermWeighting
    rows: sparse.csr_matrix
    background: Background
    unfitted: int = 0
    community: CommunityMap = NO_COMMUNITY
    collocations: Collocations = NO_COLLOCATIONS

    @cached_property
    def sample(self) -> PaperRows:
        """Some papers of the background, to tell an interest from interest in anything."""
        terms = self.background.sample_[:: max(1, self.background.sample_.shape[0] // _SAMPLED)]
        return PaperRows(terms, self.community.transform(terms))

    @cached_property
    def no_rows(self) -> sparse.csr_matrix:
        """A matrix of the same terms without any row."""
        return self.rows[:0]

    def weighted_by(self, parameters: Mapping[str, float]) -> PaperIndex:
        """Return the index under another weighting of its terms; itself if that is the one it has.

        Without the community's map, which was learned for other rows.

        Parameters
        ----------
        parameters : mapping of str to float
            Hyper-parameters of `TermWeighting`, all of them.
        """
        if self.weighting.get_params() == parameters:
            return self
        weighting = TermWeighting(**parameters).restore(
            self.weighting.document_frequencies_,
            self.weighting.n_documents_,
            self.weighting.mean_length_,
        )
        rows = weighting.transform(self.counts)
        return replace(
            self,
            weighting=weighting,
            rows=rows,
            background=Background().fit(rows),
            community=NO_COMMUNITY,
        )

    def rows_of_words(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the rows of free words, such as what a subscriber said that they like to read.

        Words that are somebody's name stand for the papers of that author as well.

        Returns
        -------
        csr_matrix of shape (n_texts, n_columns), float32
        """
        counts = self.space.transform([Document(text, authors=(text,)) for text in texts])
        return self.weighting.transform(counts)

    def paper_rows(
        self, papers: NDArray[np.intp], words: sparse.csr_matrix | None = None
    ) -> PaperRows:
        """Return papers, and rows of words after them, as interests take them.

        Parameters
        ----------
        papers : ndarray of int, shape (n_papers,)
            Rows in the index.
        words : csr_matrix of shape (n_words, n_terms), optional
        """
        terms = self.rows[papers]
        if words is not None and words.shape[0]:
            terms = sparse.vstack([terms, words], format="csr")
        return PaperRows(terms, self.community.transform(terms))

    def rows_of(self, paper_ids: Iterable[int]) -> NDArray[np.intp]:
        """Return the rows of papers, ascending; what came after the index was made has none."""
        known = sorted(self.row_of[each] for each in paper_ids if each in self.row_of)
        return np.array(known, dtype=np.intp)

    def is_outgrown_by(self, papers: int) -> bool:
        """Return whether with so many papers more, half as many came as the vocabulary knows."""
        fitted = len(self.papers) - self.unfitted
        return 2 * (self.unfitted + papers) >= fitted

    def without_texts(self) -> PaperIndex:
        """Keep of each paper its id, its title and when it was first seen; no other field.

        What is needed of papers that nobody is sent any more: to be named as the nearest one that
        somebody liked. The texts of a large corpus are most of its memory.
        """
        return replace(self, papers=tuple(map(_bare, self.papers)))

    def with_papers(self, papers: Iterable[Paper]) -> PaperIndex:
        """Put papers with all their fields in the stead of those with the same ids."""
        placed = list(self.papers)
        for paper in papers:
            if paper.id in self.row_of:
                placed[self.row_of[paper.id]] = paper
        return replace(self, papers=tuple(placed))


class RatedRows:
    """Papers as interests take them, whose place in the community is found once.

    Many subscribers rate the same papers, and a place takes as many steps as a paper has terms
    times the dimensions: of 200 papers that takes longer than all else that a subscriber costs.

    Parameters
    ----------
    index : PaperIndex
    most : int
        Papers whose places are kept at most: of a thousand dimensions, 4 kB each.
    """

    def __init__(self, index: PaperIndex, *, most: int = 10_000) -> None:
        n_papers, n_dimensions = index.rows.shape[0], len(index.community.offset_)
        self._index = index
        self._slot_of = np.full(n_papers, -1, dtype=np.intp)
        self._kept = np.empty((min(most, n_papers), n_dimensions), dtype=np.float32)
        self._n_kept = 0

    def paper_rows(self, papers: NDArray[np.intp], words: sparse.csr_matrix) -> PaperRows:
        """Return papers, and rows of words after them, as `PaperIndex.paper_rows` does.

        Parameters
        ----------
        papers : ndarray of int, shape (n_papers,)
            Rows in the index, each once.
        words : csr_matrix of shape (n_words, n_terms)
        """
        terms = self._index.rows[papers]
        places = self._places(papers, terms)
        if words.shape[0]:
            terms = sparse.vstack([terms, words], format="csr")
            places = np.vstack([places, self._index.community.transform(words)])
        return PaperRows(terms, places)

    def _places(self, papers: NDArray[np.intp], terms: sparse.csr_matrix) -> NDArray[np.float32]:
        is_new = self._slot_of[papers] < 0
        if self._n_kept + np.count_nonzero(is_new) > len(self._kept):
            self._slot_of[:] = -1
            self._n_kept, is_new = 0, np.ones_like(is_new)
        new = papers[is_new]
        if len(new) > len(self._kept):
            return self._index.community.transform(terms)
        slots = np.arange(self._n_kept, self._n_kept + len(new))
        self._kept[slots] = self._index.community.transform(terms[is_new])
        self._slot_of[new] = slots
        self._n_kept += len(new)
        places: NDArray[np.float32] = self._kept[self._slot_of[papers]]
        return places


def index_papers(
    papers: Iterable[Paper],
    *,
    weighting: Mapping[str, float] | None = None,
    proceed: Callable[[], object] = lambda: None,
) -> PaperIndex:
    """Turn a corpus into features. Derived data: the same papers in any order give the same.

    Parameters
    ----------
    papers : iterable of Paper
        All that may be ranked or were rated; may be empty.
    weighting : mapping of str to float, optional
        Hyper-parameters of `TermWeighting`.
    proceed : callable
        Is called before each paper; what it raises ends the work.
    """
    ordered = tuple(sorted(papers, key=lambda paper: paper.id))
    space = FeatureSpace()
    counts = space.fit_transform(_Documents(ordered, proceed))
    weights = TermWeighting(**(weighting or {})).fit(counts)
    rows = weights.transform(counts)
    return PaperIndex(
        papers=ordered,
        row_of={paper.id: row for row, paper in enumerate(ordered)},
        fingerprints=_fingerprints(ordered),
        space=space,
        counts=counts,
        weighting=weights,
        rows=rows,
        background=Background().fit(rows),
        collocations=find_collocations(
            (each.title, each.abstract) for each in _Documents(ordered[-MOST_PAPERS:], proceed)
        ),
    )


def update_index(
    index: PaperIndex, paper_ids: Iterable[int], changed: Sequence[Paper]
) -> PaperIndex:
    """Return the index of the papers that there are now, with the vocabulary of one made before.

    Parameters
    ----------
    index : PaperIndex
    paper_ids : iterable of int
        Of all papers that there are now.
    changed : sequence of Paper
        Those among them that ``index`` does not hold, or holds with another text; see
        `changed_papers`.
    """
    source = dict(index.row_of)
    source.update((paper.id, len(index.papers) + at) for at, paper in enumerate(changed))
    ordered = sorted(paper_ids)
    order = np.array([source[paper_id] for paper_id in ordered], dtype=np.intp)
    known = (*index.papers, *changed)
    new = index.space.transform(list(map(_document, changed)))
    counts = index.counts.followed_by(new)[order]
    rows = index.weighting.transform(counts)
    return replace(
        index,
        papers=tuple(known[at] for at in order),
        row_of={paper_id: row for row, paper_id in enumerate(ordered)},
        fingerprints=np.concatenate([index.fingerprints, _fingerprints(changed)])[order],
        counts=counts,
        rows=rows,
        background=Background().fit(rows),
        unfitted=min(index.unfitted + len(changed), len(ordered)),
    )


def changed_papers(index: PaperIndex, fingerprints: Mapping[int, int]) -> list[int]:
    """Name the papers whose rows are not those of their texts, ascending.

    Parameters
    ----------
    index : PaperIndex
    fingerprints : mapping of int to int
        Paper id to `fingerprint`, of all papers that there are now.
    """
    known = dict(zip(index.row_of, index.fingerprints.tolist(), strict=True))
    return sorted(each for each, text in fingerprints.items() if known.get(each) != text)


def fingerprint(title: str, abstract: str, authors: Sequence[str]) -> int:
    """Return a number below 2**64 that what is counted of another paper has only by chance."""
    text = "\0".join([title, abstract, *authors]).encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=_FINGERPRINT_BYTES).digest(), "little")


def _fingerprints(papers: Iterable[Paper]) -> NDArray[np.uint64]:
    return np.array(
        [fingerprint(paper.title, paper.abstract, paper.authors) for paper in papers],
        dtype=np.uint64,
    )


def _document(paper: Paper) -> Document:
    return Document(paper.title, paper.abstract, paper.authors)


def _bare(paper: Paper) -> Paper:
    return Paper(paper.id, paper.title, "", (), None, None, None, None, paper.first_seen_at)


class _Documents(Sequence[Document]):
    """What of papers is counted, one at a time."""

    def __init__(self, papers: Sequence[Paper], proceed: Callable[[], object]) -> None:
        self._papers = papers
        self._proceed = proceed

    def __len__(self) -> int:
        return len(self._papers)

    def __getitem__(self, at: int) -> Document:  # type: ignore[override] # nobody takes slices
        return _document(self._papers[at])

    def __iter__(self) -> Iterator[Document]:
        # Sequence's own would take an IndexError of ``proceed`` for the end.
        for paper in self._papers:
            self._proceed()
            yield _document(paper)
