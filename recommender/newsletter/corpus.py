"""Newsletter room: what all issues of one run are planned from, built once for the run. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.domain import Mention
from recommender.interests.model import PaperRows
from recommender.interests.paper_index import PaperIndex, RatedRows
from recommender.interests.topics import topic_of
from recommender.newsletter.excerpts import Excerpts
from recommender.newsletter.ranking import crowding_pairs
from recommender.newsletter.trending import merge_mentions, trend_scores
from recommender.newsletter.wish_index import WishIndex


@dataclass(frozen=True, slots=True)
class Attention:
    """What the mentions say of one paper.

    Attributes
    ----------
    upvotes : int
        Public votes: the most of each curator, added up.
    digests : int
        Digests that mention it.
    newest_on : date
        Day of the newest of them.
    curator : str
        Who put that one together.
    rank : int
        Its place there, from 1.
    """

    upvotes: int
    digests: int
    newest_on: date
    curator: str
    rank: int


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """What all issues of one run are planned from. See `build_corpus`.

    Attributes
    ----------
    index : PaperIndex
    rated_rows : RatedRows
        Of the index.
    candidates : ndarray of int, shape (n_candidates,)
        Rows in the index of the papers that may be offered, newest first.
    rows : PaperRows
        Of the candidates.
    crowds : csr_matrix of shape (n_candidates, n_candidates)
        See `crowding_pairs`.
    wishes : WishIndex
        Of the candidates.
    excerpts : Excerpts
        Of the candidates.
    trend_scores : ndarray of shape (n_candidates,)
    attention : tuple of Attention
        One for each candidate.
    """

    index: PaperIndex
    rated_rows: RatedRows
    candidates: NDArray[np.intp]
    rows: PaperRows
    crowds: sparse.csr_matrix
    wishes: WishIndex
    excerpts: Excerpts
    trend_scores: NDArray[np.float64]
    attention: tuple[Attention, ...]
    _topics: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    def topic_of(self, candidate: int) -> str:
        """Return what a candidate is about, see `interests.topics`; found once for all issues."""
        topic = self._topics.get(candidate)
        if topic is None:
            topic = topic_of(self.index, int(self.candidates[candidate]))
            self._topics[candidate] = topic
        return topic


def build_corpus(
    index: PaperIndex,
    mentions: Sequence[Mention],
    community_votes: Mapping[int, float],
    *,
    today: date,
    window_days: int,
    half_life_days: float,
) -> Corpus:
    """Find the papers that may be offered and how much public attention each has.

    Ages count from the newest digest, not from today: over holidays, or where somebody starts with
    an older digest, nothing grows stale merely because nothing new came.

    Parameters
    ----------
    index : PaperIndex
        Also holds what was rated and is no longer offered.
    mentions : sequence of Mention
        In any order; those of papers that the index does not hold are left out.
    community_votes : mapping of int to float
        Who likes or saved a paper less who dislikes it, each by their record, by paper id.
    today : date
        No digest counts as newer than this.
    window_days : int
        Papers mentioned in this many days up to the newest digest may be offered.
    half_life_days : float
        See `trend_score`.
    """
    known = [mention for mention in mentions if mention.paper_id in index.row_of]
    newest = min(today, max((mention.digest_date for mention in known), default=today))
    since = newest - timedelta(days=window_days)
    attention = _attention(known)
    offered = sorted(
        (paper_id for paper_id, paper in attention.items() if paper.newest_on >= since),
        key=lambda paper_id: (
            -attention[paper_id].newest_on.toordinal(),
            attention[paper_id].rank,
            paper_id,
        ),
    )
    candidates = np.array([index.row_of[paper_id] for paper_id in offered], dtype=np.intp)
    rows = index.paper_rows(candidates)
    papers = [index.papers[row] for row in candidates]
    return Corpus(
        index=index,
        rated_rows=RatedRows(index),
        candidates=candidates,
        rows=rows,
        crowds=crowding_pairs(rows.terms),
        wishes=WishIndex(papers),
        excerpts=Excerpts(papers, index.space.column_of),
        trend_scores=trend_scores(
            offered, known, community_votes, today=newest, half_life_days=half_life_days
        ),
        attention=tuple(attention[paper_id] for paper_id in offered),
    )


def _attention(mentions: Sequence[Mention]) -> dict[int, Attention]:
    """Sum up the mentions of each paper."""
    of_paper: dict[int, list[Mention]] = {}
    for mention in merge_mentions(mentions):
        of_paper.setdefault(mention.paper_id, []).append(mention)
    return {paper_id: _attention_to_one(several) for paper_id, several in of_paper.items()}


def _attention_to_one(mentions: list[Mention]) -> Attention:
    upvotes: dict[str, int] = {}
    for mention in mentions:
        upvotes[mention.curator] = max(upvotes.get(mention.curator, 0), mention.upvotes)
    newest = min(
        mentions, key=lambda each: (-each.digest_date.toordinal(), each.rank, each.curator)
    )
    return Attention(
        upvotes=sum(upvotes.values()),
        digests=len(mentions),
        newest_on=newest.digest_date,
        curator=newest.curator,
        rank=newest.rank,
    )
