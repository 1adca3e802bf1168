"""Newsletter room: public attention to papers, the `trend_score`. Pure, and all of it is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import scipy  # its parts load when they are first used
from numpy.typing import NDArray

from recommender.domain import Mention

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

HALF_ATTENTION = 1.0
"""Attention that scores 0.5: two thirds of what the first of ten papers has today."""

DIGEST_ATTENTION = 10.0
"""Papers whose attention a long digest has to give; one as long as this gives half of that."""

PRIOR_VOTES = 30.0
"""Readers whose likes make half of what public attention says: one of them moves it by 3 % at most,
however few others rate."""

PRIOR_MENTIONS = 5.0
"""Mentions that what is usual elsewhere is worth, where a source is too new to have a scale."""


def trend_score(
    paper: IntArray,
    source: IntArray,
    *,
    size: FloatArray,
    age_days: FloatArray,
    rank: FloatArray,
    upvotes: FloatArray,
    votes: FloatArray,
    half_life_days: float,
) -> FloatArray:
    """Public attention to each paper, decayed by age and squashed to [0, 1).

    ``trend_score = attention / (attention + HALF_ATTENTION)``, where ``attention``, at least 0, is

    ``liking · Σ over mentions of decay · share · prominence`` with

    - ``decay = 2^(−age / half life)``;
    - ``share = 1 / (1 + size / DIGEST_ATTENTION)``: who picks ten papers says more of each than a
      feed of five hundred does;
    - ``prominence = ((2 − voted) · standing + voted · approval) / 2``, where ``voted`` is the share
      of the source's mentions that have upvotes: where nobody votes, the rank alone speaks;
    - ``standing = Σ of 1 / n for n from rank to size``: the rank in the digest's own scale, 1 in
      the mean of any digest (the scores of Savage 1956, expected exponential order statistics);
    - ``approval = log2(1 + (1 + upvotes) / (1 + typical))``: the upvotes in the source's own scale,
      1 where they are typical;
    - ``ln(1 + typical)`` = the mean of ``ln(1 + upvotes)`` over the source's mentions, and over
      `PRIOR_MENTIONS` more at the mean of all sources that have upvotes;
    - ``liking = (1 + |votes| / (PRIOR_VOTES + typical votes)) ^ sign(votes)``, where the latter is
      the mean of ``|votes|`` over the papers with any: this community, too, has its own scale. A
      factor, because papers far down differ by so little attention that whatever is added to one
      lifts it over dozens.

    Parameters
    ----------
    paper : ndarray of int, shape (n_mentions,)
        Which paper each mention is of: 0 to n_papers − 1, or n_papers where it is of another one
        and only tells what is typical.
    source : ndarray of int, shape (n_mentions,)
        Who made it, from 0.
    size : ndarray of shape (n_mentions,)
        Papers in its digest, >= ``rank``.
    age_days : ndarray of shape (n_mentions,)
        >= 0.
    rank : ndarray of shape (n_mentions,)
        Place in the digest, >= 1.
    upvotes : ndarray of shape (n_mentions,)
        Public votes at the source, >= 0.
    votes : ndarray of shape (n_papers,)
        Readers of this community who like or saved each paper, less those who dislike it, each
        with a weight of at most 1.
    half_life_days : float
        Days after which a mention counts half, > 0.

    Returns
    -------
    ndarray of shape (n_papers,)
        0.0 where there are no mentions.

    Raises
    ------
    ValueError
        If the shapes differ or a value is out of its range.
    """
    lengths = [len(each) for each in (paper, source, size, age_days, rank, upvotes)]
    if len(set(lengths)) > 1:
        raise ValueError(f"arrays of {lengths} mentions: each must have one value for each mention")
    in_range = (age_days >= 0) & (rank >= 1) & (size >= rank) & (upvotes >= 0)
    if not (half_life_days > 0 and in_range.all()):
        raise ValueError("half_life_days > 0, age_days >= 0, size >= rank >= 1, upvotes >= 0")
    papers = len(votes)
    decay = 0.5 ** (age_days / half_life_days)
    share = 1 / (1 + size / DIGEST_ATTENTION)
    # The sum of 1 / n, in one step.
    standing = scipy.special.digamma(size + 1) - scipy.special.digamma(rank)
    voted, log_typical = _voting(source, upvotes)
    approval = np.log2(1 + (1 + upvotes) / np.exp(log_typical))
    weight = decay * share * ((2 - voted) * standing + voted * approval) / 2
    attention = np.bincount(paper, weight, minlength=papers + 1)[:papers]
    typical_votes = np.abs(votes).sum() / max(1, np.count_nonzero(votes))
    liking = (1 + np.abs(votes) / (PRIOR_VOTES + typical_votes)) ** np.sign(votes)
    attention = liking * attention
    score: FloatArray = attention / (attention + HALF_ATTENTION)
    return score


def _voting(source: IntArray, upvotes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``voted`` and ``ln(1 + typical)`` of the source of each mention; see `trend_score`."""
    mentions = np.maximum(1, np.bincount(source))
    voted = np.bincount(source, upvotes > 0) / mentions
    total = np.bincount(source, np.log1p(upvotes))
    has_votes = total > 0
    prior = (total[has_votes] / mentions[has_votes]).mean() if has_votes.any() else 0.0
    log_typical = (total + PRIOR_MENTIONS * prior) / (mentions + PRIOR_MENTIONS)
    return voted[source], log_typical[source]


def merge_mentions(mentions: Sequence[Mention]) -> list[Mention]:
    """Keep one mention for each paper, curator and day: the best rank, the most upvotes.

    A digest that arrives through two sources, or twice, is not twice the attention.
    """
    merged: dict[tuple[int, str, date], Mention] = {}
    for mention in mentions:
        key = (mention.paper_id, mention.curator, mention.digest_date)
        known = merged.setdefault(key, mention)
        if known is not mention:
            merged[key] = Mention(
                *key, min(known.rank, mention.rank), max(known.upvotes, mention.upvotes)
            )
    return list(merged.values())


def trend_scores(
    paper_ids: Sequence[int],
    mentions: Sequence[Mention],
    votes: Mapping[int, float],
    *,
    today: date,
    half_life_days: float,
) -> FloatArray:
    """Return the `trend_score` of each paper.

    Parameters
    ----------
    paper_ids : sequence of int
        Each once.
    mentions : sequence of Mention
        Those of other papers only tell how long a digest is and what is typical of its curator; see
        `merge_mentions` for those that repeat.
    votes : mapping of int to float
        See `trend_score`, by paper id; 0 where absent.
    today : date
        A digest dated later is as old as today's.
    half_life_days : float
        > 0.

    Returns
    -------
    ndarray of shape (n_papers,)
        In [0, 1).
    """
    merged = merge_mentions(mentions)
    place = {paper_id: at for at, paper_id in enumerate(paper_ids)}
    curators = dict.fromkeys(mention.curator for mention in merged)
    number_of = {curator: at for at, curator in enumerate(curators)}
    source = np.array([number_of[mention.curator] for mention in merged], dtype=np.intp)
    day = np.array([mention.digest_date.toordinal() for mention in merged], dtype=np.int64)
    rank = np.array([mention.rank for mention in merged], dtype=np.int64)
    return trend_score(
        np.array([place.get(mention.paper_id, len(place)) for mention in merged], dtype=np.intp),
        source,
        size=_sizes(source, day, rank).astype(float),
        age_days=np.maximum(0, today.toordinal() - day).astype(float),
        rank=rank.astype(float),
        upvotes=np.array([mention.upvotes for mention in merged], dtype=float),
        votes=np.array([votes.get(paper_id, 0) for paper_id in paper_ids], dtype=float),
        half_life_days=half_life_days,
    )


def _sizes(source: IntArray, day: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many papers the digest of each mention has: its mentions, or its last rank.

    Ranks have gaps where an entry was left out; they repeat where two feeds have one curator.
    """
    _, digest = np.unique(source * (date.max.toordinal() + 1) + day, return_inverse=True)
    size = np.bincount(digest)
    np.maximum.at(size, digest, rank)
    sizes: NDArray[np.int64] = size[digest]
    return sizes
