"""Newsletter room: one subscriber's next issue, from the corpus and their evidence. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.domain import IssueEntry, Rating
from recommender.interests.evidence import Evidence, fit_interest, gather_evidence
from recommender.interests.explanation import explain_papers, reason_in_words
from recommender.interests.model import InterestModel
from recommender.newsletter.corpus import Attention, Corpus
from recommender.newsletter.excerpts import excerpt
from recommender.newsletter.ranking import RankedPaper, interest_weight, rank_papers
from recommender.papers.identity import reading_url


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """An issue before it has a number and is frozen; the fields are those of `domain.Issue`."""

    curator: str
    likes: int
    dislikes: int
    saves: int
    entries: tuple[IssueEntry, ...]


def plan_issue(
    corpus: Corpus,
    *,
    ratings: Sequence[Rating],
    interests: str,
    sent: Collection[int],
    papers: int,
) -> IssuePlan | None:
    """Plan one subscriber's next issue; the same input gives the same issue.

    Parameters
    ----------
    corpus : Corpus
    ratings : sequence of Rating
        All that the subscriber says of papers today, in any order.
    interests : str
        What they said at sign-up that they like to read; may be empty.
    sent : collection of int
        Ids of the papers that they were sent in any issue.
    papers : int
        Papers in an issue, >= 1.

    Returns
    -------
    IssuePlan or None
        None where nothing is new to them. No paper that they were sent or have rated comes again.
    """
    rated = (rating.paper_id for rating in ratings if rating.value or rating.saved)
    offered = _offered(corpus, {*sent, *rated})
    if not len(offered):
        return None

    evidence = gather_evidence(corpus.index, ratings, interests)
    model = fit_interest(corpus.index, evidence) if evidence.amount else None
    ranked = rank_papers(
        corpus.rows,
        corpus.trend_scores,
        None if model is None else model.interest_score(corpus.rows),
        weight=interest_weight(evidence.amount),
        offered=offered,
        places=papers,
    )
    reasons = _reasons(corpus, evidence, model, ranked)
    # Candidates stand newest first.
    newest = corpus.attention[min(paper.candidate for paper in ranked)]
    return IssuePlan(
        curator=newest.curator,
        likes=evidence.likes,
        dislikes=evidence.dislikes,
        saves=evidence.saves,
        entries=tuple(
            _entry(corpus, paper, position=position, reason=reason)
            for position, (paper, reason) in enumerate(zip(ranked, reasons, strict=True), start=1)
        ),
    )


def _offered(corpus: Corpus, known: set[int]) -> NDArray[np.intp]:
    """Return the candidates that a subscriber neither was sent nor has rated."""
    new = np.ones(len(corpus.index.papers), dtype=bool)
    row_of = corpus.index.row_of
    new[[row_of[paper_id] for paper_id in known if paper_id in row_of]] = False
    return np.flatnonzero(new[corpus.candidates])


def _entry(corpus: Corpus, ranked: RankedPaper, *, position: int, reason: str) -> IssueEntry:
    paper = corpus.index.papers[corpus.candidates[ranked.candidate]]
    return IssueEntry(
        position=position,
        paper_id=paper.id,
        title=paper.title,
        authors=paper.authors,
        url=reading_url(paper),
        excerpt=excerpt(paper.abstract),
        upvotes=corpus.attention[ranked.candidate].upvotes,
        trend_score=ranked.trend_score,
        interest_score=ranked.interest_score,
        interest_weight=ranked.interest_weight,
        ranking_score=ranked.ranking_score,
        reason=reason,
    )


def _reasons(
    corpus: Corpus, evidence: Evidence, model: InterestModel | None, ranked: list[RankedPaper]
) -> list[str]:
    """Say why each paper is here: what they like first, public attention where it carried more."""
    public = [trend_in_words(corpus.attention[paper.candidate]) for paper in ranked]
    if model is None:
        return public
    rows = [int(corpus.candidates[paper.candidate]) for paper in ranked]
    explanations = explain_papers(corpus.index, evidence, model, rows)
    return [
        _reason(paper, reason_in_words(corpus.index, explanation, row), trend)
        for paper, explanation, row, trend in zip(ranked, explanations, rows, public, strict=True)
    ]


def _reason(ranked: RankedPaper, personal: str | None, public: str) -> str:
    if personal is None:
        return public
    by_trend = (1 - ranked.interest_weight) * ranked.trend_score
    by_interest = ranked.interest_weight * (ranked.interest_score or 0.0)
    return f"{personal}; {public}" if by_trend > by_interest else personal


def trend_in_words(attention: Attention) -> str:
    """Say what public attention a paper has: ``trending: number 4 in the digest of Mar 11``.

    Its upvotes stand beside it in the mail, so they are not said again.
    """
    if attention.digests > 1:
        return f"trending: in {attention.digests} digests, number {attention.rank} in the newest"
    day = attention.newest_on
    return f"trending: number {attention.rank} in the digest of {day:%b} {day.day}"
