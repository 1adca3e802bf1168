"""Newsletter room: public attention to papers, the `trend_score`. Pure, and all of it is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Mention

FloatArray = NDArray[np.float64]

HALF_ATTENTION = 2.0
"""Attention that scores 0.5: about what the first paper of today's digest has with two upvotes."""


def trend_score(
    paper: NDArray[np.intp],
    age_days: FloatArray,
    rank: FloatArray,
    upvotes: FloatArray,
    votes: FloatArray,
    *,
    half_life_days: float,
) -> FloatArray:
    """Public attention to each paper, decayed by age and squashed to [0, 1).

    ``attention = Σ over mentions of 2^(−age / half life) · (1 + ln(1 + upvotes)) / log2(1 + rank)
    + 2^(−least age / half life) · sign(votes) · ln(1 + |votes|)``, at least 0, and
    ``trend_score = attention / (attention + HALF_ATTENTION)``.

    Parameters
    ----------
    paper : ndarray of int, shape (n_mentions,)
        Which paper each mention is of, from 0 to n_papers − 1.
    age_days : ndarray of shape (n_mentions,)
        Age of each mention in days, >= 0.
    rank : ndarray of shape (n_mentions,)
        Place in the digest, >= 1; discounted as in DCG.
    upvotes : ndarray of shape (n_mentions,)
        Public votes at the source, >= 0; on a log scale, for they are spread over magnitudes.
    votes : ndarray of shape (n_papers,)
        Likes and saves less dislikes of this community, of any sign.
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
    if not len(paper) == len(age_days) == len(rank) == len(upvotes):
        raise ValueError(f"{len(paper)} {len(age_days)} {len(rank)} {len(upvotes)} mentions")
    if half_life_days <= 0 or (age_days < 0).any() or (rank < 1).any() or (upvotes < 0).any():
        raise ValueError("half_life_days > 0, age_days >= 0, rank >= 1, upvotes >= 0")
    decay = 0.5 ** (age_days / half_life_days)
    weight = decay * (1 + np.log1p(upvotes)) / np.log2(1 + rank)
    attention = np.bincount(paper, weight, minlength=len(votes)).astype(np.float64)
    newest_decay = np.zeros(len(votes))
    np.maximum.at(newest_decay, paper, decay)
    liking = np.sign(votes) * np.log1p(np.abs(votes))
    attention = np.maximum(attention + newest_decay * liking, 0.0)
    score: FloatArray = attention / (attention + HALF_ATTENTION)
    return score


def merge_mentions(mentions: Sequence[Mention]) -> list[Mention]:
    """Keep one mention for each paper, curator and day: the best rank, the most upvotes.

    A digest that arrives through two sources, or twice, is not twice the attention.
    """
    merged: dict[tuple[int, str, date], Mention] = {}
    for mention in mentions:
        key = (mention.paper_id, mention.curator, mention.digest_date)
        known = merged.get(key, mention)
        merged[key] = Mention(
            *key, min(known.rank, mention.rank), max(known.upvotes, mention.upvotes)
        )
    return list(merged.values())


def trend_scores(
    paper_ids: Sequence[int],
    mentions: Sequence[Mention],
    votes: Mapping[int, int],
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
        Those of other papers are left out; see `merge_mentions` for those that repeat.
    votes : mapping of int to int
        Likes and saves less dislikes of this community, by paper id; 0 where absent.
    today : date
        A digest dated later is as old as today's.
    half_life_days : float
        > 0.

    Returns
    -------
    ndarray of shape (n_papers,)
        In [0, 1).
    """
    place = {paper_id: at for at, paper_id in enumerate(paper_ids)}
    kept = [mention for mention in merge_mentions(mentions) if mention.paper_id in place]
    return trend_score(
        np.array([place[mention.paper_id] for mention in kept], dtype=np.intp),
        np.array([max(0, (today - mention.digest_date).days) for mention in kept], dtype=float),
        np.array([mention.rank for mention in kept], dtype=float),
        np.array([mention.upvotes for mention in kept], dtype=float),
        np.array([votes.get(paper_id, 0) for paper_id in paper_ids], dtype=float),
        half_life_days=half_life_days,
    )
