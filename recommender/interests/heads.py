"""Interests room: several interests of one subscriber, found and weighed. Pure.

Who likes graph networks and cancer imaging has one linear interest, a *head*, for each. A head is
fitted like any interest, on the same evidence, in which the likes of the other heads count less.
Where one head explains the likes as well, there is one. `quota` merges their rankings.

All likeness here is that of rows less the background's mean, so that 0 is what two papers have in
common that have nothing in common.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.interests.evidence import Evidence
from recommender.interests.model import Background

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.intp]

MOST_HEADS = 4
LEAST_LIKES = 3
LEAST_SHARE = 0.15
"""Likes that make a head: fewer, or a smaller share of all, are an exception and no interest."""

MOST_LIKENESS = 0.2
LEAST_GAIN = 2.0
"""How unlike two interests are and what a cut gains, in deviations of unrelated papers' likeness.

In a year of daily papers, one sample in 400 of the papers of one topic is then split, and two
thirds of the pairs of topics, those that have little in common. On citeulike-t it is one person in
ten, and two in five pairs of persons taken for one.
"""

OTHERS_COUNT = 0.25
"""What the likes of other heads count in a head.

At 0 a like that was put into the wrong head is lost to its own; at 0.5 the stronger interest crowds
the weaker out again. Of the split pairs of topics above, ten likes of each, 99, 99 and 87 % have
both in the first ten places at 0, 0.25 and 0.5, and 56 % with one head.
"""

_REASSIGNMENTS = 10
_PRODUCTS_AT_A_TIME = 1_000_000
_ROUNDING = 1e-18
_SMALL = 30
_STEPS = 6
_LEAST_LEFT = 1e-4


def chance_likeness(background: Background) -> float:
    """Return the standard deviation of the centred product of two unrelated papers.

    With covariance Σ of the papers it is ``√tr(Σ²)``, of which the main axes have nearly all:
    0.019 of 0.020 on citeulike-t, 0.024 of 0.025 on a year of daily papers.
    """
    return float(np.linalg.norm(background.variances_))


def split_interests(
    products: FloatArray, weights: ArrayLike, *, chance: float, most: int = MOST_HEADS
) -> tuple[tuple[int, ...], ...]:
    """Group likes by interest, where one head does not explain them as well.

    Bisecting k-means (Steinbach, Karypis & Kumar 2000): the likes are cut in two at their mean on
    their principal axis (Ding & He 2004), each moves to the centroid that is nearer to it when it
    is left out, and the halves are cut in turn. A cut holds if

    - the halves are hardly more alike than unrelated papers: their mean product is at most
      ``MOST_LIKENESS · chance``, and
    - likes are nearer to their own half than to the whole: the cosine of a like to the centroid of
      the others there is larger, by at least ``LEAST_GAIN · chance`` in the mean of the means of
      both. A half pays for being small: a centroid of fewer papers is further from every other.

    Parameters
    ----------
    products : ndarray of shape (n, n)
        Of the likes, see `centred_products`.
    weights : array-like of shape (n,)
        What each like counts in a centroid, > 0.
    chance : float
        See `chance_likeness`, >= 0.
    most : int
        Groups that are wanted at most, >= 1.

    Returns
    -------
    tuple of tuple of int
        Each like in one group, the largest group first, each in ascending order; no group where
        there are no likes.

    Raises
    ------
    ValueError
        If the shapes differ or a weight is not positive.
    """
    weight = np.asarray(weights, dtype=products.dtype)
    if products.shape != (len(weight), len(weight)):
        raise ValueError(f"{products.shape} products of {len(weight)} likes")
    if not (weight > 0).all():
        raise ValueError("a like's weight must be positive")
    weighted = weight[:, None] * products * weight
    least = _least_group(len(weight))
    uncut = [np.arange(len(weight))] if len(weight) else []
    whole: list[IntArray] = []
    while uncut:
        # The largest first, so that where it must stop does not depend on the order of the likes.
        uncut.sort(key=lambda group: (-len(group), group[0]))
        group = uncut.pop(0)
        holds = False
        if len(group) >= 2 * least and len(uncut) + len(whole) + 1 < most:
            (half,), (holds,) = _cut(weighted[None, group[:, None], group], chance, least)
        if holds:
            uncut += [group[half], group[~half]]
        else:
            whole.append(group)
    return tuple(
        tuple(group.tolist()) for group in sorted(whole, key=lambda group: (-len(group), group[0]))
    )


def find_divided(
    products_of: Callable[[int], FloatArray],
    weights: Sequence[NDArray[np.floating]],
    *,
    chance: float,
) -> NDArray[np.bool_]:
    """Return whose likes `split_interests` would group at all; few, and this is quick.

    Parameters
    ----------
    products_of : callable
        Gives those of one subscriber's likes, as for `split_interests`.
    weights : sequence of ndarray
        For each subscriber: what each like counts.
    chance : float
        See `chance_likeness`.

    Returns
    -------
    ndarray of bool, shape (n_subscribers,)
    """
    divided = np.zeros(len(weights), dtype=bool)
    alike: dict[int, list[int]] = {}
    for at, weight in enumerate(weights):
        if len(weight) >= 2 * _least_group(len(weight)):
            alike.setdefault(len(weight), []).append(at)
    # Those with as many likes are cut together: each by itself costs NumPy's overhead ten times.
    for count, subscribers in alike.items():
        together = max(1, _PRODUCTS_AT_A_TIME // count**2)
        for first in range(0, len(subscribers), together):
            some = subscribers[first : first + together]
            weight = np.stack([weights[at] for at in some])
            weighted = np.stack([products_of(at) for at in some])
            weighted *= weight[:, :, None]
            weighted *= weight[:, None, :]
            divided[some] = _cut(weighted, chance, _least_group(count))[1]
    return divided


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """What each head of one subscriber is fitted on, and how much it is worth.

    Attributes
    ----------
    groups : tuple of tuple of int
        The likes that are each head's own, as indices of ``evidence.liked``.
    weights : ndarray of shape (n_heads, n_evidence), float32
        What each piece of the evidence counts in each head, in ratings, > 0.
    shares : ndarray of shape (n_heads,)
        Of what they like, by weight, that is the head's own; they sum to 1.
    """

    groups: tuple[tuple[int, ...], ...]
    weights: NDArray[np.float32]
    shares: NDArray[np.float64]


def one_head(evidence: Evidence) -> Heads:
    """Return the head of somebody who has one: fitted on the weights of the evidence itself."""
    return Heads((tuple(range(len(evidence.liked))),), evidence.weights[None, :], np.ones(1))


def plan_heads(
    evidence: Evidence,
    cosines: NDArray[np.floating],
    *,
    along_mean: NDArray[np.floating],
    mean_squared: float,
    chance: float,
) -> Heads:
    """Decide which heads a subscriber has: those of `split_interests`, weighed by `weigh_heads`.

    Parameters
    ----------
    evidence : Evidence
    cosines : ndarray of shape (n_evidence, n_evidence)
        Of all pairs of its pieces.
    along_mean : ndarray of shape (n_evidence,)
        Product of each piece with the background's mean.
    mean_squared : float
        Product of the mean with itself.
    chance : float
        See `chance_likeness`.
    """
    n_likes = len(evidence.liked)
    if n_likes < 2 * LEAST_LIKES:
        return weigh_heads(evidence, (), cosines)
    products = centred_products(cosines[:n_likes, :n_likes], along_mean[:n_likes], mean_squared)
    groups = split_interests(products, evidence.weights[:n_likes], chance=chance)
    return weigh_heads(evidence, groups, cosines)


def centred_products(
    cosines: NDArray[np.floating], along_mean: NDArray[np.floating], mean_squared: float
) -> FloatArray:
    """Return the products of rows less the background's mean; parameters as in `plan_heads`."""
    products: FloatArray = cosines - along_mean
    products -= (along_mean - np.float32(mean_squared))[:, None]
    return products


def weigh_heads(
    evidence: Evidence, groups: Sequence[Sequence[int]], cosines: NDArray[np.floating]
) -> Heads:
    """Return what each piece of evidence counts in each head.

    Words that they like belong to the head whose likes are most like them, to all where none is.
    What they dislike counts in all.

    Parameters
    ----------
    evidence : Evidence
    groups : sequence of sequence of int
        Which of ``evidence.liked`` make a head, each in one group.
    cosines : ndarray of shape (n_evidence, n_evidence)
        Of all pairs of its pieces.

    Returns
    -------
    Heads
        One head with the weights of the evidence itself where there are less than two groups.
    """
    if len(groups) <= 1:
        return one_head(evidence)
    likes, words = len(evidence.liked), len(evidence.liked) + len(evidence.disliked)
    liked = evidence.targets > 0
    own = np.ones((len(groups), len(liked)), dtype=bool)
    own[:, :likes] = False
    for head, group in enumerate(groups):
        own[head, list(group)] = True
    likeness = np.stack([cosines[list(group), words:].mean(axis=0) for group in groups])
    own[:, words:] = (likeness == likeness.max(axis=0)) | ~liked[words:]
    counted = np.where(own, evidence.weights, np.float32(OTHERS_COUNT) * evidence.weights)
    owned = (own * evidence.weights)[:, liked].sum(axis=1, dtype=np.float64)
    return Heads(tuple(map(tuple, groups)), weights=counted, shares=owned / owned.sum())


def _least_group(likes: int) -> float:
    return max(LEAST_LIKES, LEAST_SHARE * likes)


def _cut(
    products: FloatArray, chance: float, least: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Cut the likes of each of some subscribers in two.

    Parameters
    ----------
    products : ndarray of shape (n_subscribers, n, n)
    chance, least : float

    Returns
    -------
    half : ndarray of bool, shape (n_subscribers, n)
        True for one half.
    holds : ndarray of bool, shape (n_subscribers,)
        Whether the cut holds; see `split_interests`.
    """
    half = _reassigned(products, _principal_cut(products))
    members = _members(half)
    sizes = members.sum(axis=-1)
    between = (members @ products)[:, 0, None] @ members[:, 1, :, None]
    whole = np.ones((1, 1, products.shape[-1]))
    gains = _left_out_cosines(products, members) - _left_out_cosines(products, whole)
    mean_gains = (members * gains).sum(axis=-1) / np.maximum(sizes, 1)
    holds = (
        (sizes.min(axis=-1) >= least)
        & (between.ravel() <= MOST_LIKENESS * chance * sizes.prod(axis=-1))
        & (mean_gains.mean(axis=-1) >= LEAST_GAIN * chance)
    )
    return half, holds


def _principal_cut(products: FloatArray) -> NDArray[np.bool_]:
    """Cut at the mean along the principal axis."""
    scatter = products.copy()
    # What a like has in common with itself says nothing of groups, and is most of a small matrix.
    diagonal = np.arange(scatter.shape[-1])
    scatter[:, diagonal, diagonal] = 0
    means = scatter.mean(axis=-1, keepdims=True)
    scatter -= means
    scatter += means.mean(axis=-2, keepdims=True) - means.transpose(0, 2, 1)
    return _principal_axis(scatter) > 0


def _principal_axis(scatter: FloatArray) -> FloatArray:
    """Return the principal axis of each matrix; of a large one nearly, by a few steps of Lanczos.

    Of 622 people of citeulike-t the likes of two are grouped otherwise than by the exact axis:
    reassigning makes up for what is missing.
    """
    subscribers, size = scatter.shape[:2]
    if size <= _SMALL:
        exact: FloatArray = np.linalg.eigh(scatter)[1][:, :, -1]
        return exact
    # The like that tells most of the others: the axis is in what it has in common with them.
    telling = np.einsum("sij,sij->si", scatter, scatter).argmax(axis=-1)
    vector = scatter[np.arange(subscribers), telling]
    basis = np.empty((subscribers, _STEPS, size), dtype=scatter.dtype)
    images = np.empty_like(basis)
    for step in range(_STEPS):
        known = basis[:, :step]
        whole = np.linalg.norm(vector, axis=-1, keepdims=True)
        if step:
            vector = vector - ((known @ vector[:, :, None]).transpose(0, 2, 1) @ known)[:, 0]
        length = np.linalg.norm(vector, axis=-1, keepdims=True)
        # Nothing but rounding is left where all that can be reached was.
        scale = np.where(length > _LEAST_LEFT * whole, length, np.inf)
        basis[:, step] = vector / scale
        vector = images[:, step] = (scatter @ basis[:, step, :, None])[:, :, 0]
    _, within = np.linalg.eigh(basis @ images.transpose(0, 2, 1))
    axis: FloatArray = (within[:, None, :, -1] @ basis)[:, 0]
    return axis


def _reassigned(products: FloatArray, half: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Move each like to the nearer centroid until none moves."""
    for _ in range(_REASSIGNMENTS):
        cosines = _left_out_cosines(products, _members(half))
        nearer = cosines[:, 0] > cosines[:, 1]
        if (nearer == half).all():
            break
        half = nearer
    return half


def _members(half: NDArray[np.bool_]) -> FloatArray:
    return np.stack([half, ~half], axis=1).astype(np.float32)


def _left_out_cosines(products: FloatArray, members: FloatArray) -> FloatArray:
    """Return the cosine of each like to each group's centroid without that like.

    Parameters
    ----------
    products : ndarray of shape (n_subscribers, n, n)
    members : ndarray of shape (n_subscribers, n_groups, n)
        1 where a like is in a group, else 0.

    Returns
    -------
    ndarray of shape (n_subscribers, n_groups, n)
        0 to a group that has no other member.
    """
    squared = products.diagonal(axis1=1, axis2=2)[:, None]
    own = members * squared
    to_sum = members @ products
    to_own = members * to_sum
    # |Σ x_j − x_i|² = |Σ x_j|² − 2 x_i·Σ x_j + |x_i|²
    left = to_own.sum(axis=-1, keepdims=True) - 2 * to_own + own
    cosines: FloatArray = (to_sum - own) / np.sqrt(np.maximum(left * squared, _ROUNDING))
    return cosines
