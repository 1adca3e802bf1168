"""Interests room: what the community's likes say of words, a linear map from terms. Pure.

Who likes a paper on protein folding may like one on molecular dynamics with which it shares no
word. Everybody's likes together show that. The map carries it over to papers that nobody has rated
yet, because it is a function of their terms; and because it is linear, every term's share in a
score stays exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.estimator import Estimator

FloatArray = NDArray[np.float32]

_POWERS = 4
# Thirty rounds of the regression rank real papers as ten do.
_ROUNDS = 10
_SUBSCRIBERS_PER_DIMENSION = 4


class CommunityMap(Estimator):
    """Place papers by who likes them: ``z = (x − μ) M``, scaled to Euclidean length 1.

    The likes are a bipartite graph of subscribers and papers. ``Q``, the leading singular vectors
    of its matrix normalised by both degrees (Dhillon 2001), puts papers near each other that the
    same people like. Ridge regression carries the coordinates over to terms:
    ``M = (Xᵀ X + penalty · I)⁻¹ Xᵀ Q`` with centred ``X``, over the liked papers. Both are
    scikit-learn's estimators, which only `fit` imports: they take 50 MB and a second, and whoever
    only uses a map need not spend them.

    Parameters
    ----------
    dimensions : int
        Singular vectors that are kept, and at most one for four subscribers.
    penalty : float
        Strength of the ridge regression, > 0.
    seed : int
        Of the randomised decomposition.

    Attributes
    ----------
    components_ : ndarray of shape (n_terms, n_dimensions), float32
        ``M``. No dimensions where there are fewer than four subscribers with likes.
    offset_ : ndarray of shape (n_dimensions,), float32
        ``μ M``.
    """

    def __init__(self, *, dimensions: int = 1000, penalty: float = 4.0, seed: int = 0) -> None:
        self.dimensions = dimensions
        self.penalty = penalty
        self.seed = seed

    def fit(
        self,
        X: sparse.csr_matrix,  # noqa: N803 - scikit-learn's signature
        likes: sparse.csr_matrix,
        *,
        proceed: Callable[[], object] = lambda: None,
    ) -> Self:
        """Learn the map.

        Parameters
        ----------
        X : csr_matrix of shape (n_papers, n_terms), float32
        likes : csr_matrix of shape (n_subscribers, n_papers)
            1 where a subscriber likes a paper.
        proceed : callable
            Is called before each of the two stages; what it raises ends the work.
        """
        from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - see above
        from sklearn.linear_model import Ridge  # noqa: PLC0415 - see above

        of_subscriber = np.diff(likes.indptr)
        of_paper = np.bincount(likes.indices, minlength=X.shape[0])
        liked = np.flatnonzero(of_paper)
        most = min(int(np.count_nonzero(of_subscriber)), len(liked)) // _SUBSCRIBERS_PER_DIMENSION
        dimensions = min(self.dimensions, most)
        components = np.zeros((X.shape[1], 0), dtype=np.float32)
        if dimensions:
            graph = (
                sparse.diags(np.maximum(of_subscriber, 1) ** -0.5)
                @ likes[:, liked]
                @ sparse.diags(of_paper[liked] ** -0.5)
            ).astype(np.float32)
            proceed()
            decomposition = TruncatedSVD(dimensions, n_iter=_POWERS, random_state=self.seed)
            coordinates = decomposition.fit(graph).components_.T
            proceed()
            # It centres sparse rows without making them dense, and needs half the time of
            # conjugate gradients for the same.
            ridge = Ridge(alpha=self.penalty, solver="lsqr", max_iter=_ROUNDS)
            weights = ridge.fit(X[liked], coordinates).coef_.reshape(dimensions, -1)
            components = np.ascontiguousarray(weights.T, dtype=np.float32)
        return self.restore(components, _mean(X) @ components)

    def restore(self, components: FloatArray, offset: FloatArray) -> Self:
        """Take over what was learned before.

        Parameters
        ----------
        components : ndarray of shape (n_terms, n_dimensions)
            A former ``components_``.
        offset : ndarray of shape (n_dimensions,)
            The former ``offset_``.
        """
        self.components_ = components
        self.offset_ = offset
        return self

    def moved(self, terms: Sequence[str], new_terms: Sequence[str]) -> CommunityMap:
        """Return the map for another vocabulary: terms that are new to it tell nothing.

        Parameters
        ----------
        terms : sequence of str, of length n_terms
            What the rows of ``components_`` are for.
        new_terms : sequence of str, of length n_new_terms
        """
        row_of = {term: row for row, term in enumerate(terms)}
        rows = np.array([row_of.get(term, -1) for term in new_terms], dtype=np.intp)
        components = np.zeros((len(new_terms), len(self.offset_)), dtype=np.float32)
        components[rows >= 0] = self.components_[rows[rows >= 0]]
        return CommunityMap(**self.get_params()).restore(components, self.offset_)

    def transform(self, X: sparse.csr_matrix) -> FloatArray:  # noqa: N803 - scikit-learn's signature
        """Place papers.

        Parameters
        ----------
        X : csr_matrix of shape (n_papers, n_terms), float32

        Returns
        -------
        ndarray of shape (n_papers, n_dimensions), float32
            Rows of length 1, or 0 where a paper has no terms.
        """
        coordinates, lengths = self._coordinates(X)
        coordinates /= lengths[:, None]
        return coordinates

    def lengths(self, X: sparse.csr_matrix) -> FloatArray:  # noqa: N803 - scikit-learn's
        """Return what `transform` divides the coordinates of each paper by.

        Returns
        -------
        ndarray of shape (n_papers,), float32
            > 0; infinite where a paper has no terms.
        """
        return self._coordinates(X)[1]

    def _coordinates(self, rows: sparse.csr_matrix) -> tuple[FloatArray, FloatArray]:
        if not len(self.offset_):
            return np.zeros((rows.shape[0], 0), np.float32), np.ones(rows.shape[0], np.float32)
        coordinates: FloatArray = (rows @ self.components_ - self.offset_).astype(np.float32)
        lengths = np.linalg.norm(coordinates, axis=1)
        lengths[np.diff(rows.indptr) == 0] = np.inf
        return coordinates, np.maximum(lengths, np.finfo(np.float32).tiny)


NO_COMMUNITY = CommunityMap().restore(np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
"""A map without dimensions, for any vocabulary."""


def _mean(rows: sparse.csr_matrix) -> FloatArray:
    return np.asarray(rows.mean(axis=0), dtype=np.float32).ravel()
