"""Interests room: the interests of many subscribers, fitted together. Pure.

Papers that several of them rated are taken once, and their products with each other as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.columns import places_of
from recommender.interests.evidence import Evidence
from recommender.interests.heads import (
    centred_products,
    chance_likeness,
    one_head,
    split_all,
    weigh_heads,
)
from recommender.interests.model import InterestModels, PaperRows, Products
from recommender.interests.paper_index import PaperIndex, RatedRows
from recommender.interests.parameters import InterestParameters

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

MOST_ROWS = 8000
"""Rows that are fitted together, unless one subscriber has more."""

MOST_TOGETHER = 1000
"""Rows whose products are taken together, unless one subscriber has more: they are a square."""

FEW_ROWS = 150
"""The same where subscribers have few papers in common."""

ROWS_OF_PRODUCT = 1000
"""Of several blocks, in one sparse product: so many fit into the processor's cache."""

MOST_SUBSCRIBERS = 500
MOST_WEIGHTS = 4_000_000
"""Of one head each, for how many subscribers are fitted together: every term has a weight."""


@dataclass(frozen=True, slots=True, eq=False)
class Interest:
    """Where one subscriber's interest is in what was fitted together.

    Attributes
    ----------
    pieces : ndarray of int, shape (n_evidence,)
        Rows of ``models.rated_`` that are the pieces of their evidence, in its order.
    heads : range
        Columns of the models; none without evidence.
    shares : ndarray of shape (n_heads,)
        How much each head is worth; they sum to 1.
    groups : tuple of tuple of int
        The likes that are each head's own, as indices of ``evidence.liked``.
    """

    pieces: IntArray
    heads: range
    shares: FloatArray
    groups: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Interests:
    """What `fit_interests` gives.

    Attributes
    ----------
    models : InterestModels
        Fitted, a column for each head of each subscriber.
    of : tuple of Interest
        One for each subscriber.
    """

    models: InterestModels
    of: tuple[Interest, ...]

    def cosines_of(self, index: PaperIndex, rows: IntArray) -> NDArray[np.float32]:
        """Return the cosines of some papers with everything that was rated.

        Parameters
        ----------
        index : PaperIndex
            The one that these interests were fitted on.
        rows : ndarray of int, shape (n_rows,)
            Rows in the index.

        Returns
        -------
        ndarray of shape (n_rows, n_rated)
        """
        cosines: NDArray[np.float32] = (index.rows[rows] @ self.models.rated_.terms.T).toarray()
        return cosines

    def interest_scores(self, rows: PaperRows) -> FloatArray:
        """Return every subscriber's interest in some papers, that of the head that likes each most.

        Returns
        -------
        ndarray of shape (n_subscribers, n_rows)
            Probabilities; the same for all papers without evidence.
        """
        decisions = np.ascontiguousarray(self.models.decision_function(rows).T)
        average = self.models.parameters.calibration.probability(0.0)
        best = np.full((len(self.of), len(rows)), average)
        # One subscriber at a time, who fits into the processor's cache.
        for at, interest in enumerate(self.of):
            if interest.heads:
                own = slice(interest.heads.start, interest.heads.stop)
                scores = self.models.interest_score(decisions[own].T, own)
                best[at] = scores.max(axis=1) if len(interest.heads) > 1 else scores[:, 0]
        return best


def fit_interests(
    index: PaperIndex,
    evidences: Sequence[Evidence],
    parameters: InterestParameters,
    *,
    rated_rows: RatedRows | None = None,
) -> Interests:
    """Fit the interests of some subscribers, each by itself.

    Parameters
    ----------
    index : PaperIndex
    evidences : sequence of Evidence
        See `fitting_slices` for how many to take at a time.
    parameters : InterestParameters
    rated_rows : RatedRows, optional
        Of the index, where others are fitted on it too.
    """
    papers, pieces = _pieces(evidences)
    stated = [each.words for each in evidences if each.words.shape[0]]
    words = sparse.vstack(stated, format="csr") if stated else index.no_rows
    rated = (rated_rows or RatedRows(index)).paper_rows(papers, words)
    along_mean = rated.terms @ index.background.mean_
    mean_squared = float(index.background.mean_ @ index.background.mean_)
    chance = chance_likeness(index.background)
    blocks = _blocks(rated.terms, pieces)
    block_of = [block for block in blocks for _ in block.subscribers]

    def products_of(at: int) -> NDArray[np.floating]:
        rows = pieces[at][: len(evidences[at].liked)]
        return centred_products(block_of[at].cosines_of(rows), along_mean[rows], mean_squared)

    groups = split_all(
        products_of, [each.weights[: len(each.liked)] for each in evidences], chance=chance
    )

    of: list[Interest] = []
    columns: list[IntArray] = []
    targets: list[NDArray[np.float32]] = []
    weights: list[FloatArray] = []
    forgotten: list[tuple[int, ...]] = []
    for at, (evidence, rows) in enumerate(zip(evidences, pieces, strict=True)):
        if not len(rows):
            of.append(Interest(rows, range(len(columns), len(columns)), np.ones(0)))
            continue
        heads = one_head(evidence)
        if len(groups[at]) > 1:
            heads = weigh_heads(evidence, groups[at], block_of[at].cosines_of(rows))
        first = len(columns)
        for head_weights in heads.weights:
            columns.append(rows)
            targets.append(evidence.targets)
            weights.append(head_weights)
            forgotten.append(evidence.forgotten)
        of.append(Interest(rows, range(first, len(columns)), heads.shares, heads.groups))

    shape = (len(rated), len(columns))
    ends = np.cumsum([0, *map(len, columns)])
    stored = np.concatenate([np.zeros(0, dtype=np.intp), *columns])
    models = InterestModels(index.background, index.sample, parameters).fit(
        rated,
        _csc(np.concatenate([np.zeros(0, dtype=np.float32), *targets]), stored, ends, shape),
        _csc(np.concatenate([np.zeros(0), *weights]), stored, ends, shape),
        products=[block.products(of) for block in blocks],
        forgotten=forgotten,
    )
    for interest in of:
        if len(interest.heads) > 1:
            models.tie(interest.heads)
    return Interests(models, tuple(of))


def fitting_slices(evidences: Sequence[Evidence]) -> Iterator[slice]:
    """Split subscribers into neighbours that are fitted together.

    At most `MOST_SUBSCRIBERS`, and fewer where the vocabulary is large, with at most `MOST_ROWS`
    rows: papers that several of them rated count once.
    """
    n_terms = evidences[0].words.shape[1] if evidences else 0
    most = min(MOST_SUBSCRIBERS, max(1, MOST_WEIGHTS // max(1, n_terms)))
    first, words = 0, 0
    papers: set[int] = set()
    for at, evidence in enumerate(evidences):
        own_words = evidence.words.shape[0]
        papers.update(evidence.liked, evidence.disliked)
        words += own_words
        is_full = at - first == most or len(papers) + words > MOST_ROWS
        if is_full and at > first:
            yield slice(first, at)
            first, words = at, own_words
            papers = {*evidence.liked, *evidence.disliked}
    if first < len(evidences):
        yield slice(first, len(evidences))


def _pieces(evidences: Sequence[Evidence]) -> tuple[IntArray, list[IntArray]]:
    """Return the rated papers, each once, and the rows of each subscriber's pieces of evidence.

    The rows of the papers come first, then those of each subscriber's words.
    """
    rated = [np.array([*each.liked, *each.disliked], dtype=np.intp) for each in evidences]
    papers, at = np.unique(np.concatenate([np.zeros(0, np.intp), *rated]), return_inverse=True)
    pieces = []
    taken, words = 0, len(papers)
    for evidence, own in zip(evidences, rated, strict=True):
        more = evidence.words.shape[0]
        of_papers = at[taken : taken + len(own)]
        pieces.append(np.concatenate([of_papers, np.arange(words, words + more)]))
        taken, words = taken + len(own), words + more
    return papers, pieces


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Neighbours among the subscribers, and the cosines of all pairs of what any of them rated.

    Attributes
    ----------
    subscribers : range
    rows : ndarray of int, shape (n_rows,)
        Of what is rated: ascending, or the pieces of a single subscriber in their order.
    cosines : ndarray of shape (n_rows, n_rows), float32
    """

    subscribers: range
    rows: IntArray
    cosines: NDArray[np.float32]

    def cosines_of(self, pieces: IntArray) -> NDArray[np.float32]:
        """Return those of the first pieces of a subscriber."""
        if len(self.subscribers) == 1:
            return self.cosines[: len(pieces), : len(pieces)]
        at = np.searchsorted(self.rows, pieces)
        return self.cosines.take(at, axis=0).take(at, axis=1)

    def products(self, of: Sequence[Interest]) -> Products:
        """Return them for the interests of the subscribers."""
        heads = [of[at].heads for at in self.subscribers]
        return Products(self.rows, range(heads[0].start, heads[-1].stop), self.cosines)


def _blocks(terms: sparse.csr_matrix, pieces: Sequence[IntArray]) -> list[_Block]:
    """Multiply what is rated by each block of subscribers, some blocks in one product."""
    blocks: list[_Block] = []
    some: list[range] = []
    rows: list[IntArray] = []
    n_rows = 0
    for subscribers in _multiplied_together(pieces):
        # The pieces of a single subscriber are in the order in which they are fitted.
        own = (
            pieces[subscribers.start]
            if len(subscribers) == 1
            else np.unique(np.concatenate(pieces[subscribers.start : subscribers.stop]))
        )
        if some and n_rows + len(own) > ROWS_OF_PRODUCT:
            blocks += map(_Block, some, rows, _cosines(terms, rows))
            some, rows, n_rows = [], [], 0
        some.append(subscribers)
        rows.append(own)
        n_rows += len(own)
    if some:
        blocks += map(_Block, some, rows, _cosines(terms, rows))
    return blocks


def _cosines(terms: sparse.csr_matrix, rows: Sequence[IntArray]) -> list[NDArray[np.float32]]:
    """Return the cosines of all pairs of each block of rows, all in one product.

    A term that one row of a block has tells of no pair of rows, and most are such. So the others
    are made dense, and what they do not hold is the length of each row.
    """
    sizes = np.array([len(own) for own in rows])
    ends = np.cumsum(sizes)
    starts = ends - sizes
    stacked = terms[np.concatenate(rows)]
    n_rows, width = int(ends[-1]), int(sizes.max())
    # Indices of 32 bits take half the time, and are what sparse matrices have.
    of_row = np.repeat(np.arange(n_rows, dtype=np.int32), np.diff(stacked.indptr))
    in_block = (np.arange(n_rows) - np.repeat(starts, sizes)).astype(np.int32)
    used = np.flatnonzero(np.bincount(stacked.indices, minlength=1))
    # Each block has terms of its own, so that nothing is multiplied across blocks.
    first_of_block = len(used) * np.arange(len(rows), dtype=np.int32)
    columns = places_of(stacked.indices, used)
    columns += np.repeat(first_of_block, sizes)[of_row]
    in_rows = np.bincount(columns, minlength=len(used) * len(rows))
    shared = np.flatnonzero(in_rows > 1)
    is_kept = in_rows[columns] > 1
    kept = np.flatnonzero(is_kept)
    indptr = np.concatenate([[0], np.cumsum(is_kept, dtype=np.int32)])[stacked.indptr]
    values = stacked.data[kept]
    columns = places_of(columns[kept], shared)
    right = np.zeros((len(shared), width), dtype=np.float32)
    right.ravel()[columns * np.intp(width) + in_block[of_row[kept]]] = values
    cosines = sparse.csr_matrix((values, columns, indptr), (n_rows, len(shared))) @ right
    cosines[np.arange(n_rows), in_block] = np.bincount(
        of_row, stacked.data * stacked.data, minlength=n_rows
    )
    return [cosines[start:end, :size] for start, end, size in zip(starts, ends, sizes, strict=True)]


def _multiplied_together(pieces: Sequence[IntArray]) -> list[range]:
    """Split subscribers into neighbours whose products are taken together.

    As many as have `MOST_TOGETHER` rows, unless they have so little in common that half the
    products would serve nobody; then as many as have `FEW_ROWS`.
    """
    together: list[range] = []
    for some, n_rows in _neighbours(pieces, range(len(pieces)), MOST_TOGETHER):
        parts = _neighbours(pieces, some, FEW_ROWS)
        products = sum(own_rows**2 for _, own_rows in parts)
        together += [part for part, _ in parts] if 2 * products < n_rows**2 else [some]
    return together


def _neighbours(pieces: Sequence[IntArray], among: range, most: int) -> list[tuple[range, int]]:
    """Split subscribers into neighbours with so many rows at most, or one subscriber; and count."""
    parts: list[tuple[range, int]] = []
    first = among.start
    rows: set[int] = set()
    for at in among:
        own = pieces[at].tolist()
        more = rows.union(own)
        if len(more) > most and at > first:
            parts.append((range(first, at), len(rows)))
            first, more = at, set(own)
        rows = more
    return [*parts, (range(first, among.stop), len(rows))] if among else parts


def _csc(
    values: NDArray[np.floating], rows: IntArray, ends: IntArray, shape: tuple[int, int]
) -> sparse.csc_matrix:
    return sparse.csc_matrix((values.astype(np.float32), rows, ends), shape=shape)
