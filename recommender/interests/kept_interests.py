"""Interests room: the interests that a subscriber named, paused or removed, known again. Pure.

Interests are groups of likes that are found anew at each fit. One that its reader spoke of is
known again by the likes that were its own then: whatever they liked since may have joined it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain import KeptInterest
from recommender.interests.evidence import Evidence
from recommender.interests.heads import centred_products, chance_likeness, split_interests
from recommender.interests.paper_index import PaperIndex

LEAST_LIKENESS: Final = 2.0
"""Of words to an interest that they belong to, in deviations of unrelated papers' likeness."""


def match_kept(
    kept: Sequence[KeptInterest],
    groups: Sequence[Collection[int]],
    liked_at: Mapping[int, datetime],
) -> dict[int, KeptInterest]:
    """Return which kept interest each group of likes is.

    It is the one if more than half of what is still liked of the interest is in the group, and more
    than half of what the group had when its reader spoke of it last is the interest's. So an
    interest is one group at most, and what became a small part of another is not taken for it.

    Parameters
    ----------
    kept : sequence of KeptInterest
    groups : sequence of collection of int
        Paper ids, each in one group.
    liked_at : mapping of int to datetime
        Of each paper in the groups: when it was liked.

    Returns
    -------
    dict of int to KeptInterest
        By the index of the group; of several the one that agrees most with it, then the newest.
    """
    matched: dict[int, tuple[float, datetime, int, KeptInterest]] = {}
    for each in kept:
        still = len(each.papers & liked_at.keys())
        for at, group in enumerate(groups):
            shared = len(each.papers.intersection(group))
            known = sum(paper in each.papers or liked_at[paper] <= each.said_at for paper in group)
            if 2 * shared > still and 2 * shared > known:
                # What was liked of both, as a share of both: Dice's coefficient.
                agreement = 2 * shared / (still + known)
                found = (agreement, each.said_at, each.id, each)
                matched[at] = max(matched.get(at, found), found, key=lambda one: one[:3])
    return {at: found[-1] for at, found in matched.items()}


def group_papers(
    index: PaperIndex, evidence: Evidence, groups: Sequence[Sequence[int]]
) -> list[frozenset[int]]:
    """Return the ids of the papers of each group, of indices of ``evidence.liked``."""
    return [frozenset(index.papers[evidence.liked[at]].id for at in group) for group in groups]


@dataclass(frozen=True, slots=True)
class Silent:
    """What says nothing while interests are paused.

    Attributes
    ----------
    papers : frozenset of int
        Ids of liked papers.
    terms : frozenset of str
        Terms that more is wanted of, by their keys.
    phrases : frozenset of str
        Of stated interests.
    """

    papers: frozenset[int]
    terms: frozenset[str]
    phrases: frozenset[str]


def find_silent(
    index: PaperIndex,
    evidence: Evidence,
    paused: Sequence[KeptInterest],
    *,
    liked_at: Mapping[int, datetime],
) -> Silent:
    """Return what of somebody's evidence belongs to interests that they paused.

    Their papers, what was liked since and joined them, and the words that are nearer to them than
    to the other likes. Where such an interest is no group of its own any more, its papers alone:
    what else is in the group was not paused.

    Parameters
    ----------
    evidence : Evidence
        Of all that they told.
    paused : sequence of KeptInterest
    liked_at : mapping of int to datetime
        Of each paper that counts as liked.
    """
    cosines = _cosines(index, evidence)
    groups = _grouped(index, evidence, cosines)
    papers = group_papers(index, evidence, groups)
    matched = match_kept(paused, papers, liked_at)
    silent = {paper for each in paused for paper in each.papers}
    for at, interest in matched.items():
        silent.update(paper for paper in papers[at] if liked_at[paper] > interest.said_at)
    of_words = _words_of(groups, cosines[:, len(evidence.liked) :], sorted(matched), index)
    first_phrase = len(of_words) - len(evidence.phrases)
    terms = evidence.words.indices[:first_phrase][of_words[:first_phrase]]
    return Silent(
        frozenset(silent),
        frozenset(index.space.columns_[column] for column in terms.tolist()),
        frozenset(
            phrase
            for phrase, is_silent in zip(evidence.phrases, of_words[first_phrase:], strict=True)
            if is_silent
        ),
    )


def _words_of(
    groups: Sequence[Sequence[int]],
    cosines: NDArray[np.floating],
    some: Sequence[int],
    index: PaperIndex,
) -> NDArray[np.bool_]:
    """Return which words are about one of some groups, and more than about any other."""
    if not some:
        return np.zeros(cosines.shape[1], dtype=bool)
    likeness = np.stack([cosines[list(group)].mean(axis=0) for group in groups])
    least = LEAST_LIKENESS * chance_likeness(index.background)
    of_some: NDArray[np.bool_] = likeness[list(some)].max(axis=0) >= likeness.max(axis=0)
    of_some &= likeness.max(axis=0) > least
    return of_some


def _grouped(
    index: PaperIndex, evidence: Evidence, cosines: NDArray[np.floating]
) -> tuple[tuple[int, ...], ...]:
    likes = len(evidence.liked)
    mean = index.background.mean_
    along_mean = index.rows[np.array(evidence.liked, dtype=np.intp)] @ mean
    products = centred_products(cosines[:, :likes], along_mean, float(mean @ mean))
    weights = evidence.weights[:likes]
    return split_interests(products, weights, chance=chance_likeness(index.background))


def _cosines(index: PaperIndex, evidence: Evidence) -> NDArray[np.floating]:
    """Return those of each like with all likes, and after them with the words."""
    liked = index.rows[np.array(evidence.liked, dtype=np.intp)]
    with_likes = (liked @ liked.T).toarray()
    with_words = (liked @ evidence.words.T).toarray()
    cosines: NDArray[np.floating] = np.hstack([with_likes, with_words])
    return cosines
