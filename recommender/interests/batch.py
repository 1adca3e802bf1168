"""Interests room: the interests of many subscribers, fitted together. Pure.

Papers that several of them rated are taken once, and their products with each other as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.evidence import Evidence
from recommender.interests.heads import chance_likeness, find_divided, one_head, plan_heads
from recommender.interests.model import InterestModels, PaperRows
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

MOST_ROWS = 1000
"""Rows that are fitted together, unless one subscriber has more: their products are a square."""

MOST_SUBSCRIBERS = 500
MOST_WEIGHTS = 10_000_000
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
    """

    pieces: IntArray
    heads: range
    shares: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Interests:
    """What `fit_interests` gives.

    Attributes
    ----------
    models : InterestModels
        Fitted, a column for each head of each subscriber.
    of : tuple of Interest
        One for each subscriber.
    papers : ndarray of int, shape (n_papers,)
        Rows in the index of the first rows of ``models.rated_``, ascending; words follow them.
    cosines : ndarray of shape (n_rated, n_rated)
        Of all pairs of ``models.rated_``.
    """

    models: InterestModels
    of: tuple[Interest, ...]
    papers: IntArray
    cosines: NDArray[np.float32]

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
        at = np.searchsorted(self.papers, rows)
        at[at == len(self.papers)] = 0
        # What somebody rated was multiplied with everything already: often most of what is asked.
        is_rated = self.papers[at] == rows if len(self.papers) else np.zeros(len(rows), bool)
        cosines = np.empty((len(rows), len(self.cosines)), dtype=np.float32)
        cosines[is_rated] = self.cosines[at[is_rated]]
        others = index.rows[rows[~is_rated]]
        cosines[~is_rated] = (others @ self.models.rated_.terms.T).toarray()
        return cosines

    def interest_scores(self, rows: PaperRows) -> FloatArray:
        """Return every subscriber's interest in some papers, that of the head that likes each most.

        Returns
        -------
        ndarray of shape (n_subscribers, n_rows)
            Probabilities; the same for all papers without evidence.
        """
        scores = self.models.interest_score(self.models.decision_function(rows)).T
        average = self.models.parameters.calibration.probability(0.0)
        best = np.full((len(self.of), len(rows)), average)
        for at, interest in enumerate(self.of):
            if interest.heads:
                best[at] = scores[interest.heads.start : interest.heads.stop].max(axis=0)
        return best


def fit_interests(
    index: PaperIndex, evidences: Sequence[Evidence], parameters: InterestParameters
) -> Interests:
    """Fit the interests of some subscribers, each by itself.

    Parameters
    ----------
    index : PaperIndex
    evidences : sequence of Evidence
        See `fitting_slices` for how many to take at a time.
    parameters : InterestParameters
    """
    papers, pieces = _pieces(evidences)
    stated = [each.words for each in evidences if each.words.shape[0]]
    words = sparse.vstack(stated, format="csr") if stated else index.no_rows
    rated = index.paper_rows(papers, words)
    cosines = (rated.terms @ rated.terms.T).toarray()
    along_mean = rated.terms @ index.background.mean_
    mean_squared = float(index.background.mean_ @ index.background.mean_)
    chance = chance_likeness(index.background)
    divided = find_divided(
        cosines - along_mean.astype(np.float64)[:, None] - along_mean + mean_squared,
        [rows[: len(each.liked)] for each, rows in zip(evidences, pieces, strict=True)],
        [each.weights[: len(each.liked)] for each in evidences],
        chance=chance,
    )

    of: list[Interest] = []
    columns: list[IntArray] = []
    targets: list[NDArray[np.float32]] = []
    weights: list[FloatArray] = []
    for evidence, rows, is_divided in zip(evidences, pieces, divided, strict=True):
        if not len(rows):
            of.append(Interest(rows, range(len(columns), len(columns)), np.ones(0)))
            continue
        heads = one_head(evidence)
        if is_divided:
            heads = plan_heads(
                evidence,
                cosines[rows[:, None], rows],
                along_mean=along_mean[rows],
                mean_squared=mean_squared,
                chance=chance,
            )
        first = len(columns)
        for head_weights in heads.weights:
            columns.append(rows)
            targets.append(evidence.targets)
            weights.append(head_weights)
        of.append(Interest(rows, range(first, len(columns)), heads.shares))

    shape = (len(rated), len(columns))
    ends = np.cumsum([0, *map(len, columns)])
    stored = np.concatenate([np.zeros(0, dtype=np.intp), *columns])
    models = InterestModels(index.background, index.sample, parameters).fit(
        rated,
        _csc(np.concatenate([np.zeros(0, dtype=np.float32), *targets]), stored, ends, shape),
        _csc(np.concatenate([np.zeros(0), *weights]), stored, ends, shape),
        cosines=cosines,
    )
    for interest in of:
        if len(interest.heads) > 1:
            models.tie(interest.heads)
    return Interests(models, tuple(of), papers, cosines)


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
        pieces.append(np.r_[at[taken : taken + len(own)], words : words + more])
        taken, words = taken + len(own), words + more
    return papers, pieces


def _csc(
    values: NDArray[np.floating], rows: IntArray, ends: IntArray, shape: tuple[int, int]
) -> sparse.csc_matrix:
    return sparse.csc_matrix((values.astype(np.float32), rows, ends), shape=shape)
