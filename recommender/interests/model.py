"""Interests room: one subscriber's interest, a linear function of a paper's features. Pure.

Kernel ridge regression in the dual, measured against a background that all subscribers share. With
rated rows ``x_i``, targets ``y_i`` in [-1, 1] and weights ``c_i``, it minimises

    Σ c_i (w·(x_i − μ) − y_i)²  +  b · mean over background of (w·(x − μ))²  +  p · |w|²

where μ is the mean of the background: unrated papers are weak negatives, together worth ``b``
ratings. The background enters through its mean and its main axes alone, so that a subscriber costs
one solve in the number of their ratings, whatever the size of the corpus. With few ratings the
penalty rules and the solution is the centroid of the likes less that of the dislikes; with many,
the ratings do.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve, eigh
from scipy.special import expit
from sklearn.base import BaseEstimator

FloatArray = NDArray[np.float32]

# Background deviations that multiply the odds by e. At 1, the hundred best papers of a large corpus
# all score above 0.98 and trend alone would order them; at 4, a topic that a third of a small
# corpus is about would hardly stand out.
_DEVIATIONS_PER_LOGIT = 2.5


class Background(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """What an average paper looks like: mean and main axes of a sample of the corpus.

    Fitted once for all subscribers.

    Parameters
    ----------
    papers : int
        Size of the sample; the whole corpus where it is smaller.
    axes : int
        Main axes that are kept. More than 32 change no figure on citeulike-t.
    seed : int
        Which sample.

    Attributes
    ----------
    sample_ : csr_matrix of shape (n_sampled, n_terms)
    mean_ : ndarray of shape (n_terms,)
    axes_ : ndarray of shape (n_terms, n_axes)
        Orthonormal columns.
    variances_ : ndarray of shape (n_axes,)
        Of the sample along each axis, > 0, largest first.
    """

    def __init__(self, *, papers: int = 1000, axes: int = 32, seed: int = 0) -> None:
        self.papers = papers
        self.axes = axes
        self.seed = seed

    def fit(self, X: sparse.csr_matrix, y: None = None) -> Self:  # noqa: ARG002, N803 - scikit-learn's signature
        """Draw the sample and take its principal axes.

        Parameters
        ----------
        X : csr_matrix of shape (n_papers, n_terms)
        y : None
            Ignored.
        """
        n_papers, n_terms = X.shape
        size = min(self.papers, n_papers)
        drawn = np.random.default_rng(self.seed).choice(n_papers, size, replace=False)
        self.sample_ = X[np.sort(drawn)]
        if size == 0:
            self.mean_ = np.zeros(n_terms, dtype=np.float32)
            self.axes_ = np.zeros((n_terms, 0), dtype=np.float32)
            self.variances_ = np.zeros(0, dtype=np.float32)
            return self
        self.mean_ = np.asarray(self.sample_.mean(axis=0), dtype=np.float32).ravel()

        # The Gram matrix of the sample has the eigenvalues of its covariance and is small.
        gram = (self.sample_ @ self.sample_.T).toarray().astype(np.float64)
        gram -= gram.mean(axis=0)
        gram -= gram.mean(axis=1, keepdims=True)
        first = max(0, size - self.axes)
        variances, vectors = eigh(gram / size, subset_by_index=(first, size - 1))
        kept = variances[::-1] > 1e-6  # noqa: PLR2004 - rows have length 1; less is rounding
        self.variances_ = variances[::-1][kept].astype(np.float32)
        weights = vectors[:, ::-1][:, kept] / np.sqrt(variances[::-1][kept] * size)
        weights -= weights.mean(axis=0)
        self.axes_ = (self.sample_.T @ weights).astype(np.float32)
        return self


class InterestModel(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """One subscriber's interest: ``decision = X @ coef_ + intercept_``, exactly.

    0 is an average paper, 1 is like what they like, −1 like what they dislike.

    Parameters
    ----------
    background : Background
        Fitted, shared by all subscribers.
    penalty : float
        Strength of the regularisation, in ratings, > 0.
    background_weight : float
        Ratings that the background is worth in all, >= 0.

    Attributes
    ----------
    coef_ : ndarray of shape (n_terms,), float32
    intercept_ : float
    centre_, scale_ : float
        Median of the decision over the background sample, and half the width of its middle 68 %:
        for a normal distribution, mean and standard deviation. Unlike those, they do not follow
        the rated papers themselves, which are a good part of the sample in a small corpus.
    """

    def __init__(
        self, background: Background, *, penalty: float = 3.0, background_weight: float = 30.0
    ) -> None:
        self.background = background
        self.penalty = penalty
        self.background_weight = background_weight

    def fit(
        self,
        X: sparse.csr_matrix,  # noqa: N803 - scikit-learn's signature
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Solve for the weights of the terms.

        Parameters
        ----------
        X : csr_matrix of shape (n_rated, n_terms)
            Rated papers; rows may repeat, contradict each other, or be none.
        y : array-like of shape (n_rated,)
            Targets: 1 like, −1 dislike.
        sample_weight : array-like of shape (n_rated,), optional
            What each rating counts, > 0; 1 by default.

        Raises
        ------
        ValueError
            If the shapes differ or a weight is not positive.
        """
        targets = np.asarray(y, dtype=np.float64)
        weights = np.ones_like(targets) if sample_weight is None else np.asarray(sample_weight)
        if X.shape != (len(targets), len(self.background.mean_)) or weights.shape != targets.shape:
            raise ValueError(f"{X.shape} rows, {targets.shape} targets, {weights.shape} weights")
        if not (weights > 0).all():
            raise ValueError("a rating's weight must be positive")

        mean, axes = self.background.mean_, self.background.axes_
        variances = self.background.variances_
        # (penalty·I + background_weight·S)⁻¹ = (I − axes·damping·axesᵀ) / penalty: along the axes
        # in which papers differ anyway, a difference says less.
        damping = variances / (variances + self.penalty / self.background_weight)
        along_axes = X @ axes - mean @ axes
        along_mean = X @ mean
        products = (X @ X.T).toarray() - along_mean[:, None] - along_mean + mean @ mean
        kernel = (products - (along_axes * damping) @ along_axes.T).astype(np.float64)
        kernel /= self.penalty
        kernel[np.diag_indices_from(kernel)] += 1 / weights

        dual = cho_solve(cho_factor(kernel), targets) / self.penalty
        dual = dual.astype(np.float32)
        self.coef_: FloatArray = (
            X.T @ dual - dual.sum() * mean - axes @ (damping * (dual @ along_axes))
        )
        self.intercept_ = -float(self.coef_ @ mean)
        self.centre_, self.scale_ = _spread(self.background.sample_ @ self.coef_)
        self.centre_ += self.intercept_
        return self

    def decision_function(self, X: sparse.csr_matrix) -> FloatArray:  # noqa: N803 - scikit-learn's
        """Return the linear score of any rows.

        Parameters
        ----------
        X : csr_matrix of shape (n_papers, n_terms)

        Returns
        -------
        ndarray of shape (n_papers,), float32
        """
        decision: FloatArray = X @ self.coef_ + np.float32(self.intercept_)
        return decision

    def interest_score(self, X: sparse.csr_matrix) -> NDArray[np.float64]:  # noqa: N803 - scikit-learn's
        """Return the interest in any rows: 0.5 for an average paper, without evidence for all.

        Logistic in the decision's distance from ``centre_`` in units of ``scale_``, so that the
        scores of subscribers with few and with many ratings compare.

        Returns
        -------
        ndarray of shape (n_papers,), in [0, 1]
        """
        if self.scale_ < 1e-9:  # noqa: PLR2004 - nothing tells papers apart
            return np.full(X.shape[0], 0.5)
        distance = (self.decision_function(X) - self.centre_) / self.scale_
        # In single precision the best papers of a large corpus would all score exactly 1.
        scores: NDArray[np.float64] = expit(distance.astype(np.float64) / _DEVIATIONS_PER_LOGIT)
        return scores


def _spread(values: FloatArray) -> tuple[float, float]:
    """Return the median and half the distance from the 16th to the 84th percentile."""
    if not len(values):
        return 0.0, 0.0
    low, middle, high = np.percentile(values, [16, 50, 84])
    # Where most papers share no word with the rated ones, the middle of them has no width.
    return float(middle), max(float(high - low) / 2, float(np.std(values)) / 4)
