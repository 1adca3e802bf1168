"""Interests room: what an average paper looks like, by which every interest is measured. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import Self

import numpy as np
import scipy  # its parts load when they are first used: a daemon at rest fits nothing
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.estimator import Estimator

FloatArray = NDArray[np.float32]


class Background(Estimator):
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
        # All axes: LAPACK's search for some of them fails where many papers are equally unlike, as
        # titles without abstracts are, and takes as long.
        variances, vectors = scipy.linalg.eigh(gram / size, driver="evd")
        variances, vectors = variances[: -self.axes - 1 : -1], vectors[:, : -self.axes - 1 : -1]
        kept = variances > 1e-6  # noqa: PLR2004 - rows have length 1; less is rounding
        self.variances_ = variances[kept].astype(np.float32)
        weights = vectors[:, kept] / np.sqrt(variances[kept] * size)
        self.axes_ = (self.sample_.T @ weights).astype(np.float32)
        return self

    @cached_property
    def mean_along_axes(self) -> FloatArray:
        """Product of the mean with each axis, shape (n_axes,)."""
        along: FloatArray = self.mean_ @ self.axes_
        return along
