"""Interests room: one subscriber's interest, a linear function of a paper's features. Pure.

Kernel ridge regression in the dual, measured against a background that all subscribers share. With
rated rows ``x_i``, targets ``y_i`` in [-1, 1] and weights ``c_i``, it minimises

    Σ c_i (w·(x_i − μ) − y_i)²  +  b · mean over background of (w·(x − μ))²  +  p · |w|²

where μ is the mean of the background: unrated papers are weak negatives, together worth ``b``
ratings. The background enters through its mean and its main axes alone, so that a subscriber costs
one solve in the number of their ratings, whatever the size of the corpus. With few ratings the
penalty rules and the solution is the centroid of the likes less that of the dislikes; with many,
the ratings do.

What comes of it is focused by how much was rated, see `focus`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import scipy  # its parts load when they are first used: a daemon at rest fits nothing
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.background import Background
from recommender.interests.calibration import spread
from recommender.interests.columns import places_of
from recommender.interests.estimator import Estimator
from recommender.interests.focus import focus
from recommender.interests.parameters import InterestParameters

FloatArray = NDArray[np.float32]

_LEAST_SCALE = 1e-9
"""Below it nothing tells papers apart."""


@dataclass(frozen=True, slots=True, eq=False)
class PaperRows:
    """Papers, or words, as interests take them.

    Attributes
    ----------
    terms : csr_matrix of shape (n_rows, n_terms), float32
        Of Euclidean length 1, or 0.
    community_coordinates : ndarray of shape (n_rows, n_dimensions), float32
        Of `community.CommunityMap`, of length 1 or 0; no dimensions where there is no map.
    """

    terms: sparse.csr_matrix
    community_coordinates: FloatArray

    def __len__(self) -> int:
        return int(self.terms.shape[0])

    def __getitem__(self, rows: NDArray[np.intp]) -> PaperRows:
        return PaperRows(self.terms[rows], self.community_coordinates[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Cosines of some rated rows, which are all that some neighbouring interests are fitted on.

    Attributes
    ----------
    rows : ndarray of int, shape (n_rows,)
        Of what is rated: ascending, or as the only subscriber has it.
    interests : range
        Columns of the targets.
    cosines : ndarray of shape (n_rows, n_rows), float32
        Of the terms of each pair.
    """

    rows: NDArray[np.intp]
    interests: range
    cosines: FloatArray

    def cosines_of(self, rated: NDArray[np.integer]) -> FloatArray:
        """Return those of what one interest is fitted on."""
        if np.array_equal(self.rows, rated):
            return self.cosines
        at = np.searchsorted(self.rows, rated)
        return self.cosines.take(at, axis=0).take(at, axis=1)


class InterestModels(Estimator):
    """Linear interests, one for each column of ``y``, fitted together.

    For row ``x`` of terms with coordinates ``z`` in the community, ``decision = x · coef + z ·
    community_coef + intercept``, exactly. 0 is an average paper, 1 about what they like, −1
    about what they dislike.

    Parameters
    ----------
    background : Background
        Fitted, shared by all subscribers.
    sample : PaperRows
        Papers by which an interest is told from the interest in any paper.
    parameters : InterestParameters

    Attributes
    ----------
    coef_ : ndarray of shape (n_terms, n_interests), float32
    community_coef_ : ndarray of shape (n_dimensions, n_interests), float32
    intercept_ : ndarray of shape (n_interests,), float32
    centre_, scale_ : ndarray of shape (n_interests,)
        Median of the decision over a sample of the background, and half the width of its middle
        68 %: for a normal distribution, mean and standard deviation. Unlike those, they do not
        follow the rated papers themselves, which are a good part of the sample in a small corpus.
    """

    def __init__(
        self, background: Background, sample: PaperRows, parameters: InterestParameters
    ) -> None:
        self.background = background
        self.sample = sample
        self.parameters = parameters

    def fit(
        self,
        X: PaperRows,  # noqa: N803 - scikit-learn's signature
        y: sparse.csc_matrix,
        sample_weight: sparse.csc_matrix,
        *,
        products: Sequence[Products] | None = None,
        forgotten: Sequence[Sequence[int]] = (),
    ) -> Self:
        """Solve for the weights of the terms.

        Parameters
        ----------
        X : PaperRows
            Whatever any of the subscribers rated, ``n_rows`` of it.
        y : csc_matrix of shape (n_rows, n_interests)
            Stored where a row is rated for that interest: 1 like, −1 dislike. A row may be stored
            twice, for somebody who contradicts themselves.
        sample_weight : csc_matrix of shape (n_rows, n_interests)
            What each rating counts, > 0; stored where ``y`` is.
        products : sequence of Products, optional
            For all interests in their order, where they are known.
        forgotten : sequence of sequence of int, optional
            For each interest the columns that are to weigh nothing, whatever the ratings say.

        Raises
        ------
        ValueError
            If the shapes differ or a weight is not positive.
        """
        if y.shape[0] != len(X) or not (
            np.array_equal(y.indptr, sample_weight.indptr)
            and np.array_equal(y.indices, sample_weight.indices)
        ):
            raise ValueError(f"{len(X)} rows, targets {y.shape}, weights {sample_weight.shape}")
        if not (sample_weight.data > 0).all():
            raise ValueError("a rating's weight must be positive")
        if products is None:
            cosines = (X.terms @ X.terms.T).toarray()
            products = [Products(np.arange(len(X)), range(y.shape[1]), cosines)]
        self.rated_ = X
        self._prior = _Prior(self.background, self.parameters)
        features = self._prior.features(X)
        noise = self._prior.penalty / sample_weight.data
        solved = self._solve(features, y, noise, products)
        # Adds up what is stored twice.
        dual = sparse.csc_matrix((solved, y.indices, y.indptr), y.shape).toarray(order="C")
        columns, coef = self._prior.primal(X, features, dual)
        if self.parameters.focus:
            of_rating = np.repeat(np.arange(y.shape[1]), np.diff(y.indptr))
            amounts = np.bincount(of_rating, sample_weight.data, minlength=y.shape[1])
            focus(coef, self.parameters.focus * amounts)
        for interest, terms in enumerate(forgotten):
            if terms:
                coef[np.isin(columns, terms), interest] = 0
        self.intercept_: FloatArray = -(self._prior.mean[columns] @ coef)
        self.coef_ = np.zeros((X.terms.shape[1], y.shape[1]), dtype=np.float32)
        self.coef_[columns] = coef
        self._sampled = self.decision_function(self.sample)
        self.centre_, self.scale_ = spread(self._sampled)
        return self

    def _solve(
        self,
        features: _Features,
        y: sparse.csc_matrix,
        noise: FloatArray,
        products: Sequence[Products],
    ) -> FloatArray:
        """Return the weight of each rating over the penalty; set the factors and `community_coef_`.

        Parameters as in `fit`; ``noise`` is of shape (n_ratings,), as what is returned.
        """
        solved = np.empty(len(y.data), dtype=np.float32)
        of_community = np.zeros((y.shape[1], features.coordinates.shape[1]), dtype=np.float32)
        self._factors: list[FloatArray] = []
        for some in products:
            ends = y.indptr[some.interests.start : some.interests.stop + 1]
            rated = np.zeros(0, dtype=np.int32)
            own, kernel = features[rated], np.zeros((0, 0), dtype=np.float32)
            for interest, (start, end) in zip(some.interests, pairwise(ends.tolist()), strict=True):
                # The heads of one subscriber are neighbours.
                if not np.array_equal(rated, y.indices[start:end]):
                    rated = y.indices[start:end]
                    own = features[rated]
                    kernel = self._prior.own_kernel(own, some.cosines_of(rated))
                factor = _cholesky(kernel, noise[start:end])
                self._factors.append(factor)
                if end > start:
                    dual = scipy.linalg.lapack.spotrs(factor, y.data[start:end], lower=True)[0]
                    solved[start:end] = dual
                    of_community[interest] = dual @ own.coordinates
        self.community_coef_ = self._prior.community * of_community.T
        return solved

    def tie(self, heads: range) -> None:
        """Put the interests of one subscriber on one scale: that of the best of them.

        Parameters
        ----------
        heads : range
            Columns of ``y``.
        """
        best = self._sampled[:, heads.start : heads.stop].max(axis=1, keepdims=True)
        centre, scale = spread(best)
        self.centre_[heads.start : heads.stop] = centre
        self.scale_[heads.start : heads.stop] = scale

    def decision_function(self, X: PaperRows) -> FloatArray:  # noqa: N803 - scikit-learn's
        """Return the linear scores of any rows.

        Returns
        -------
        ndarray of shape (n_rows, n_interests), float32
        """
        decision: FloatArray = X.terms @ self.coef_
        decision += self.intercept_
        if X.community_coordinates.size and decision.size:
            # In place: there are many decisions.
            decision = scipy.linalg.blas.sgemm(
                1.0,
                self.community_coef_.T,
                X.community_coordinates.T,
                beta=1.0,
                c=decision.T,
                overwrite_c=True,
            ).T
        return decision

    def interest_score(
        self, decision: FloatArray, interests: slice = slice(None)
    ) -> NDArray[np.float64]:
        """Return the probability that they like any rows; without evidence the same for all.

        See `calibration.Calibration`, of the decision's distance from ``centre_`` in units of
        ``scale_``, so that the scores of subscribers with few and with many ratings compare.

        Parameters
        ----------
        decision : ndarray of shape (n_rows, n_interests)
            Of `decision_function`.
        interests : slice
            Which columns of ``y`` these are.

        Returns
        -------
        ndarray of shape (n_rows, n_interests), float64, in [0, 1]
            In single precision the best papers of a large corpus would all score exactly 1.
        """
        spread = self.scale_[interests]
        scale = np.where(spread >= _LEAST_SCALE, spread, np.inf).astype(np.float32)
        distance = (decision - self.centre_[interests].astype(np.float32)) / scale
        return self.parameters.calibration.probability(distance)

    def covariance(self, X: PaperRows, cosines: FloatArray) -> FloatArray:  # noqa: N803 - scikit-learn's
        """Return what any rows have in common with the rated ones before anything is rated.

        Parameters
        ----------
        X : PaperRows
        cosines : ndarray of shape (n_rows, n_rated)
            ``X.terms · rated_.termsᵀ``.

        Returns
        -------
        ndarray of shape (n_rows, n_rated), float32
        """
        prior = self._prior
        left, right = prior.features(X), prior.features(self.rated_)
        return prior.stiff_kernel(left, right, cosines) / prior.penalty

    def deviation(self, covariance: FloatArray, prior: FloatArray, interest: int) -> FloatArray:
        """Return how unsure an interest is of rows, the posterior standard deviation of a decision.

        Of the Gaussian process that the ridge regression is the mean of (Rasmussen & Williams
        2006, eq. 2.26).

        Parameters
        ----------
        covariance : ndarray of shape (n_rows, n_stored)
            Of `covariance`, with what is stored for this interest in ``y``.
        prior : ndarray of shape (n_rows,)
            Of `prior_variance`.
        interest : int
            Which column of ``y``.

        Returns
        -------
        ndarray of shape (n_rows,), >= 0
        """
        if not covariance.shape[1]:
            return np.sqrt(prior)
        # The factor is that of the penalty times the system.
        explained = scipy.linalg.lapack.strtrs(self._factors[interest], covariance.T, lower=True)[0]
        known = self._prior.penalty * (explained**2).sum(axis=0)
        left: FloatArray = np.maximum(prior - known, 0)
        return np.sqrt(left)

    def prior_variance(self, X: PaperRows) -> FloatArray:  # noqa: N803 - scikit-learn's
        """Return the variance of each row's decision before anything is rated.

        Returns
        -------
        ndarray of shape (n_rows,), float32
        """
        return self._prior.variance(X)


def _cholesky(kernel: FloatArray, noise: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of a kernel and noise."""
    system = kernel.copy()
    if not len(noise):
        return system
    system.ravel()[:: len(noise) + 1] += noise
    factor: FloatArray
    # It is symmetric, so LAPACK may have it transposed.
    factor, failed = scipy.linalg.lapack.spotrf(system.T, lower=True, overwrite_a=True)
    if failed:
        raise FloatingPointError(f"the kernel of {len(noise)} ratings is not positive definite")
    return factor


class _Prior:
    """What the weights of an interest are before anything is rated: the kernel of the regression.

    ``k(x, x') = x P x'`` with ``P = (penalty · I + background_weight · S)⁻¹`` over centred terms,
    plus ``community / penalty · z · z'``.
    """

    def __init__(self, background: Background, parameters: InterestParameters) -> None:
        self.mean = np.float32(parameters.centring) * background.mean_
        self.penalty = np.float32(parameters.penalty)
        self.community = np.float32(parameters.community_weight)
        self._mean_squared = np.float32(self.mean @ self.mean)
        self._axes = background.axes_
        self._of_background = background.sample_.indices
        self._mean_along = np.float32(parameters.centring) * background.mean_along_axes
        # (penalty·I + background_weight·S)⁻¹ = (I − axes·damping·axesᵀ) / penalty: along the axes
        # in which papers differ anyway, a difference says less.
        stiff = parameters.background_weight * background.variances_
        self._damping = (stiff / (stiff + parameters.penalty)).astype(np.float32)

    def features(self, rows: PaperRows) -> _Features:
        """Return what the kernel of any rows is made of, beside their cosines."""
        along = rows.terms @ self._axes - self._mean_along
        along_mean = (rows.terms @ self.mean - self._mean_squared)[:, None]
        one = np.ones_like(along_mean)
        # (x − μ)·(x' − μ) = x·x' − (x − μ)·μ − (x' − μ)·μ − μ·μ
        return _Features(
            np.hstack([along * self._damping, along_mean, one]),
            np.hstack([along, one, along_mean + self._mean_squared]),
            rows.community_coordinates,
        )

    def stiff_kernel(self, left: _Features, right: _Features, cosines: FloatArray) -> FloatArray:
        """Return ``penalty · k`` of every row on the left with every row on the right."""
        kernel: FloatArray = left.left @ right.right.T
        np.subtract(cosines, kernel, out=kernel)
        if self.community:
            kernel += self.community * (left.coordinates @ right.coordinates.T)
        return kernel

    def own_kernel(self, own: _Features, cosines: FloatArray) -> FloatArray:
        """Return the upper triangle of `stiff_kernel` of some rows with each other.

        Below the diagonal the community is left out, which saves half of what a subscriber with
        many ratings costs.
        """
        kernel: FloatArray = own.left @ own.right.T
        np.subtract(cosines, kernel, out=kernel)
        if self.community and own.coordinates.size:
            coordinates = own.coordinates.T
            # The lower one of LAPACK's columns is the upper one of these rows.
            kernel = scipy.linalg.blas.ssyrk(
                self.community, coordinates, trans=1, lower=1, beta=1.0, c=kernel.T, overwrite_c=1
            ).T
        return kernel

    def variance(self, rows: PaperRows) -> FloatArray:
        """Return ``k`` of every row with itself."""
        features = self.features(rows)
        lengths = np.asarray(rows.terms.multiply(rows.terms).sum(axis=1)).ravel()
        variance = lengths - np.einsum("ij,ij->i", features.left, features.right)
        if self.community:
            variance += self.community * (rows.community_coordinates**2).sum(axis=1)
        variance = np.maximum(variance, 0) / self.penalty
        return np.asarray(variance, dtype=np.float32)

    def primal(
        self, rated: PaperRows, features: _Features, dual: FloatArray
    ) -> tuple[NDArray[np.intp], FloatArray]:
        """Return the columns of terms that have a weight, and their weights in each interest.

        Parameters
        ----------
        rated : PaperRows
        features : _Features
            Of ``rated``.
        dual : ndarray of shape (n_rated, n_interests)
            Weights of the rated rows over the penalty.
        """
        terms = rated.terms
        # Others have none: neither a rated paper has them, nor one of the background.
        has_weight = np.zeros(terms.shape[1], dtype=bool)
        has_weight[self._of_background] = True
        has_weight[terms.indices] = True
        columns = np.flatnonzero(has_weight)
        shape = (terms.shape[0], len(columns))
        places = places_of(terms.indices, columns)
        terms = sparse.csr_matrix((terms.data, places, terms.indptr), shape)
        coef: FloatArray = terms.T @ dual
        n_axes = len(self._damping)
        along = self._damping[:, None] * (features.right[:, :n_axes].T @ dual)
        # In place: there are many weights for each interest.
        if along.size:
            axes = self._axes[columns]
            coef = scipy.linalg.blas.sgemm(
                -1.0, along.T, axes.T, beta=1.0, c=coef.T, overwrite_c=True
            ).T
        if coef.size:
            mean = self.mean[columns]
            coef = scipy.linalg.blas.sger(
                -1.0, dual.sum(axis=0), mean, a=coef.T, overwrite_a=True
            ).T
        return columns, coef


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    """Two factors of what the background takes from the cosines of any rows, and coordinates.

    Attributes
    ----------
    left, right : ndarray of shape (n_rows, n_axes + 2)
        ``left[i] · right[j]`` is what is taken from the cosine of rows i and j; the first columns
        of ``right`` are the centred rows along the background's axes.
    coordinates : ndarray of shape (n_rows, n_dimensions)
        In the community.
    """

    left: FloatArray
    right: FloatArray
    coordinates: FloatArray

    def __getitem__(self, rows: NDArray[np.integer]) -> _Features:
        return _Features(
            *(each.take(rows, axis=0) for each in (self.left, self.right, self.coordinates))
        )
