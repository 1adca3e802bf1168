"""Interests room: several interests of one subscriber, found and weighed. Pure.

Who likes graph networks and cancer imaging has one linear interest, a *head*, for each. A head is
fitted like any interest, on the same evidence, in which the likes of the other heads count less.
Where one head explains the likes as well, there is one. `quota` merges their rankings.

All likeness here is that of rows less the background's mean, so that 0 is what two papers have in
common that have nothing in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.interests.background import Background
from recommender.interests.evidence import Evidence

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.intp]
Groups = tuple[tuple[int, ...], ...]

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
_LEAST_OF_LARGEST = 0.7
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
) -> Groups:
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
    (groups,) = split_all(lambda _: products, [weight], chance=chance, most=most)
    return groups


def split_all(
    products_of: Callable[[int], FloatArray],
    weights: Sequence[FloatArray],
    *,
    chance: float,
    most: int = MOST_HEADS,
) -> list[Groups]:
    """Group the likes of each of some subscribers, as `split_interests` does.

    Likes of nearly as many are cut together: those of each subscriber by itself would cost NumPy's
    overhead as often.

    Parameters
    ----------
    products_of : callable
        Gives those of one subscriber's likes, as for `split_interests`.
    weights : sequence of ndarray
        For each subscriber: what each like counts, > 0.
    chance : float
        See `chance_likeness`.
    most : int
        Groups that are wanted at most, >= 1.
    """
    splits = [_Split(len(weight), most) for weight in weights]
    while uncut := {at: split.next for at, split in enumerate(splits) if split.next is not None}:
        for some in _alike(uncut):
            groups = [uncut[at] for at in some]
            size = max(map(len, groups))
            products = np.zeros((len(some), size, size), dtype=np.float32)
            present = np.zeros((len(some), size), dtype=bool)
            for each, at, group in zip(range(len(some)), some, groups, strict=True):
                own = products[each, : len(group), : len(group)]
                whole = products_of(at)
                own[:] = whole if len(group) == len(whole) else whole[group[:, None], group]
                weight = weights[at][group].astype(np.float32)
                own *= weight[:, None]
                own *= weight
                present[each, : len(group)] = True
            least = np.array([splits[at].least for at in some])
            for at, half, holds in zip(some, *_cut(products, present, chance, least), strict=True):
                splits[at].cut(half[: len(uncut[at])] if holds else None)
    return [split.groups for split in splits]


class _Split:
    """How far the likes of one subscriber are grouped.

    Attributes
    ----------
    least : float
        Likes that make a group.
    next : ndarray of int or None
        What is to be cut next; None where all is done.
    """

    def __init__(self, n_likes: int, most: int) -> None:
        self.least = _least_group(n_likes)
        self._most = most
        self._uncut = [np.arange(n_likes)] if n_likes else []
        self._whole: list[IntArray] = []
        self._advance()

    def cut(self, half: NDArray[np.bool_] | None) -> None:
        """Take over how `next` is cut; None: it is not."""
        if self.next is not None:
            if half is None:
                self._whole.append(self.next)
            else:
                self._uncut += [self.next[half], self.next[~half]]
        self._advance()

    def _advance(self) -> None:
        self.next: IntArray | None = None
        while self._uncut and self.next is None:
            # The largest first, so that where it must stop does not depend on the order of the
            # likes.
            self._uncut.sort(key=lambda group: (-len(group), group[0]))
            group = self._uncut.pop(0)
            others = len(self._uncut) + len(self._whole)
            if len(group) >= 2 * self.least and others + 1 < self._most:
                self.next = group
            else:
                self._whole.append(group)

    @property
    def groups(self) -> Groups:
        """The groups, the largest first, each in ascending order."""
        ordered = sorted(self._whole, key=lambda group: (-len(group), group[0]))
        return tuple(tuple(group.tolist()) for group in ordered)


def _alike(groups: Mapping[int, IntArray]) -> Iterator[list[int]]:
    """Put those together that have nearly as many likes."""
    together: list[int] = []
    largest = 0
    for at in sorted(groups, key=lambda at: -len(groups[at])):
        size = len(groups[at])
        if together and (
            size < _LEAST_OF_LARGEST * largest
            or (size <= _SMALL < largest)
            or (len(together) + 1) * largest**2 > _PRODUCTS_AT_A_TIME
        ):
            yield together
            together = []
        if not together:
            largest = size
        together.append(at)
    if together:
        yield together


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
    products: FloatArray, present: NDArray[np.bool_], chance: float, least: FloatArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Cut the likes of each of some subscribers in two.

    Parameters
    ----------
    products : ndarray of shape (n_subscribers, n, n)
        0 where there is no like.
    present : ndarray of bool, shape (n_subscribers, n)
        Where there is one.
    chance : float
    least : ndarray of shape (n_subscribers,)
        Likes that make a half.

    Returns
    -------
    half : ndarray of bool, shape (n_subscribers, n)
        True for one half.
    holds : ndarray of bool, shape (n_subscribers,)
        Whether the cut holds; see `split_interests`.
    """
    squared = np.ascontiguousarray(products.diagonal(axis1=1, axis2=2))[:, None]
    members = _members(_principal_cut(products, present), present)
    for _ in range(_REASSIGNMENTS):
        # Each like moves to the nearer centroid until none moves.
        cosines, to_sum = _left_out_cosines(products, squared, members)
        nearer = cosines[:, 0] > cosines[:, 1]
        if (nearer == (members[:, 0] > 0)).all():
            break
        members = _members(nearer, present)
    else:
        cosines, to_sum = _left_out_cosines(products, squared, members)
    sizes = members.sum(axis=-1)
    between = (to_sum[:, 0] * members[:, 1]).sum(axis=-1)
    gains = cosines - _left_out_cosines(products, squared, present[:, None].astype(np.float32))[0]
    mean_gains = (members * gains).sum(axis=-1) / np.maximum(sizes, 1)
    holds = (
        (sizes.min(axis=-1) >= least)
        & (between <= MOST_LIKENESS * chance * sizes.prod(axis=-1))
        & (mean_gains.mean(axis=-1) >= LEAST_GAIN * chance)
    )
    return members[:, 0] > 0, holds


def _principal_cut(products: FloatArray, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cut at the mean along the principal axis."""
    scatter = products.copy()
    # What a like has in common with itself says nothing of groups, and is most of a small matrix.
    diagonal = np.arange(scatter.shape[-1])
    scatter[:, diagonal, diagonal] = 0
    is_like = present.astype(scatter.dtype)
    likes = is_like.sum(axis=-1, keepdims=True)
    means = scatter.sum(axis=-1) / likes
    shifted = means - means.sum(axis=-1, keepdims=True) / likes
    scatter -= means[:, :, None]
    scatter -= shifted[:, None, :]
    if not present.all():
        scatter *= is_like[:, :, None]
        scatter *= is_like[:, None, :]
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


def _members(half: NDArray[np.bool_], present: NDArray[np.bool_]) -> FloatArray:
    members = np.empty((len(half), 2, half.shape[1]), dtype=np.float32)
    np.logical_and(half, present, out=members[:, 0], casting="unsafe")
    np.subtract(present, members[:, 0], out=members[:, 1])
    return members


def _left_out_cosines(
    products: FloatArray, squared: FloatArray, members: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the cosine of each like to each group's centroid without that like.

    Parameters
    ----------
    products : ndarray of shape (n_subscribers, n, n)
    squared : ndarray of shape (n_subscribers, 1, n)
        Of each like with itself.
    members : ndarray of shape (n_subscribers, n_groups, n)
        1 where a like is in a group, else 0.

    Returns
    -------
    cosines : ndarray of shape (n_subscribers, n_groups, n)
        0 to a group that has no other member.
    to_sum : ndarray of shape (n_subscribers, n_groups, n)
        The product of each like with the sum of each group.
    """
    own = members * squared
    to_sum = members @ products
    to_own = members * to_sum
    # |Σ x_j − x_i|² = |Σ x_j|² − 2 x_i·Σ x_j + |x_i|²
    left = to_own.sum(axis=-1, keepdims=True) - 2 * to_own + own
    cosines: FloatArray = (to_sum - own) / np.sqrt(np.maximum(left * squared, _ROUNDING))
    return cosines, to_sum
