"""Jobs: what was learned of a subscriber, and why a paper ranks where it does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from recommender.domain import Paper, Subscriber
from recommender.errors import NotFoundError
from recommender.interests.batch import Interests, fit_interests
from recommender.interests.evidence import Evidence
from recommender.interests.explanation import explain
from recommender.interests.learned import LearnedWords, learned_words
from recommender.interests.paper_index import PaperIndex
from recommender.jobs.finding import find_subscriber
from recommender.jobs.issues.corpus import load_corpus, load_index
from recommender.jobs.issues.readers import load_readers, ranking_parameters
from recommender.jobs.services import Services
from recommender.newsletter.blend import interest_weight
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import RankingParameters, Reader, evidence_of, plan_issues
from recommender.newsletter.wishes import judge
from recommender.store import papers
from recommender.store.database import Session

WORDS_SHOWN: Final = 12
TERMS_SHOWN: Final = 10
RANKS_SEARCHED: Final = 1000


@dataclass(frozen=True, slots=True)
class SubscriberExplanation:
    """What was learned of one subscriber.

    Attributes
    ----------
    interests : int
        How many were told apart in what they like.
    """

    email: str
    likes: int
    dislikes: int
    saves: int
    interests: int
    interest_weight: float
    words: LearnedWords

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "subscriber": self.email,
            "likes": self.likes,
            "dislikes": self.dislikes,
            "saves": self.saves,
            "interests": self.interests,
            "interest_weight": self.interest_weight,
            "liked_words": list(self.words.liked),
            "disliked_words": list(self.words.disliked),
        }

    def __str__(self) -> str:
        """Return it in words."""
        if not self.likes + self.dislikes + self.saves and not self.words.liked:
            return f"{self.email} has rated nothing yet: their issues are what is trending."
        share = round(100 * self.interest_weight)
        lines = [
            f"{self.email}: {self.likes} likes, {self.dislikes} dislikes, {self.saves} saved.",
            f"Interest counts {share} % in their ranking, trend {100 - share} %.",
        ]
        if self.interests > 1:
            lines.append(f"{self.interests} interests are told apart, each with its own places.")
        if self.words.liked:
            lines.append(f"More of: {', '.join(self.words.liked)}.")
        if self.words.disliked:
            lines.append(f"Less of: {', '.join(self.words.disliked)}.")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class PaperExplanation:
    """Why a paper ranks where it does for one subscriber.

    Attributes
    ----------
    rank : int or None
        Its place if an issue of that many papers were composed now; None where it is not offered.
    contributions : tuple of (str, float)
        What the terms add to ``decision``, largest first; with ``intercept`` they sum to it.
    """

    email: str
    title: str
    rank: int | None
    why_not: str
    ranking_score: float | None
    trend_score: float | None
    interest_score: float | None
    interest_weight: float
    reason: str
    decision: float | None
    intercept: float | None
    contributions: tuple[tuple[str, float], ...]

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "subscriber": self.email,
            "title": self.title,
            "rank": self.rank,
            "why_not": self.why_not or None,
            "ranking_score": self.ranking_score,
            "trend_score": self.trend_score,
            "interest_score": self.interest_score,
            "interest_weight": self.interest_weight,
            "reason": self.reason,
            "decision": self.decision,
            "intercept": self.intercept,
            "contributions": [
                {"term": term, "contribution": value} for term, value in self.contributions
            ],
        }

    def __str__(self) -> str:
        """Return it in words and figures."""
        lines = [f"{self.title}", f"for {self.email}: {self._place()}"]
        if self.ranking_score is not None and self.trend_score is not None:
            blend = f"ranking {self.ranking_score:.3f} from trend {self.trend_score:.3f}"
            if self.interest_score is not None:
                share = round(100 * self.interest_weight)
                blend += f" ({100 - share} %) and interest {self.interest_score:.3f} ({share} %)"
            lines.append(blend)
        if self.decision is not None and self.intercept is not None:
            lines.append(f"interest {self.decision:+.4f}, of which {self.intercept:+.4f} without")
            lines.append("any word, and:")
            lines += [f"  {value:+.4f}  {term}" for term, value in self._strongest()]
        return "\n".join(lines)

    def _place(self) -> str:
        if self.rank is None:
            return self.why_not
        return f"number {self.rank} of the next issue ({self.reason})"

    def _strongest(self) -> list[tuple[str, float]]:
        ordered = sorted(self.contributions, key=lambda each: -abs(each[1]))
        return ordered[:TERMS_SHOWN]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What one subscriber's interest was fitted on, and what came of it.

    Attributes
    ----------
    interests : Interests or None
        None without evidence.
    """

    reader: Reader
    parameters: RankingParameters
    evidence: Evidence
    interests: Interests | None


def words_learned_of(services: Services, subscriber: Subscriber) -> LearnedWords:
    """Return which words a subscriber's interest raises and lowers most."""
    with services.database.read() as session:
        index = load_index(services, session)
        learned = _learn(services, session, index, subscriber)
        rated = papers.by_ids(session, [rating.paper_id for rating in learned.reader.ratings])
    if learned.interests is None:
        return LearnedWords()
    texts = [text for paper in rated.values() for text in (paper.title, paper.abstract)]
    return learned_words(
        index,
        learned.evidence,
        learned.interests,
        texts=[learned.reader.interests, *(term.words for term in learned.reader.terms), *texts],
        most=WORDS_SHOWN,
    )


def explain_subscriber(services: Services, address: str) -> SubscriberExplanation:
    """Return what was learned of the subscriber at an address.

    Raises
    ------
    AddressError, NotFoundError
        If nobody has it.
    """
    subscriber = find_subscriber(services, address)
    with services.database.read() as session:
        index = load_index(services, session)
        learned = _learn(services, session, index, subscriber)
    evidence = learned.evidence
    return SubscriberExplanation(
        email=subscriber.email,
        likes=evidence.likes,
        dislikes=evidence.dislikes,
        saves=evidence.saves,
        interests=0 if learned.interests is None else len(learned.interests.of[0].heads),
        interest_weight=interest_weight(evidence.amount, learned.parameters.half_evidence),
        words=words_learned_of(services, subscriber),
    )


def explain_paper(services: Services, address: str, wanted: str) -> PaperExplanation:
    """Return why a paper ranks where it does for the subscriber at an address.

    Its rank is that among all papers, without the places that are drawn by chance.

    Parameters
    ----------
    wanted : str
        The paper's arXiv id, DOI, id, or words of its title.

    Raises
    ------
    AddressError, NotFoundError
        If nobody has the address, or no paper or several are meant.
    """
    subscriber = find_subscriber(services, address)
    paper = _one_paper(services, wanted)
    corpus = load_corpus(services, with_texts_of=[paper.id])
    with services.database.read() as session:
        learned = _learn(services, session, corpus.index, subscriber)
    ranked = replace(learned.reader, papers=RANKS_SEARCHED, is_new=False)
    (plan,) = plan_issues(corpus, [ranked], replace(learned.parameters, exploration=0))
    entries = () if plan is None else plan.entries
    entry = next((each for each in entries if each.paper_id == paper.id), None)
    explanation = None
    if learned.interests is not None:
        row = corpus.index.row_of[paper.id]
        models, heads = learned.interests.models, learned.interests.of[0].heads
        decisions = models.decision_function(corpus.index.paper_rows(np.array([row])))[0]
        best = heads[int(np.argmax(decisions))]
        explanation = explain(corpus.index, models, best, row)
    return PaperExplanation(
        email=subscriber.email,
        title=paper.title,
        rank=None if entry is None else entry.position,
        why_not="" if entry else _why_not(corpus, paper, learned.reader),
        ranking_score=None if entry is None else entry.ranking_score,
        trend_score=None if entry is None else entry.trend_score,
        interest_score=None if entry is None else entry.interest_score,
        interest_weight=interest_weight(learned.evidence.amount, learned.parameters.half_evidence),
        reason="" if entry is None else entry.reason,
        decision=None if explanation is None else explanation.decision,
        intercept=None if explanation is None else explanation.intercept,
        contributions=() if explanation is None else tuple(explanation.contributions.items()),
    )


def _why_not(corpus: Corpus, paper: Paper, reader: Reader) -> str:
    if paper.id in {rating.paper_id for rating in reader.ratings}:
        return "not offered, they rated it"
    if paper.id in reader.sent:
        return "not offered, they were sent it"
    candidates = np.flatnonzero(corpus.candidates == corpus.index.row_of[paper.id])
    if not len(candidates):
        return "not offered, no recent digest mentions it"
    blocked = judge(corpus.wishes, followed="", blocked=reader.blocked).blocked
    if int(candidates[0]) in blocked:
        return f"not offered, they never want {blocked[int(candidates[0])]}"
    return f"not among the first {RANKS_SEARCHED}"


def _one_paper(services: Services, wanted: str) -> Paper:
    with services.database.read() as session:
        found = papers.search(session, wanted)
        if len(found) > 1 and wanted.isdecimal():
            # Numbers stand in titles too; the message below asks for an id.
            found = list(papers.by_ids(session, [int(wanted)]).values()) or found
    if not found:
        raise NotFoundError(f"no paper is known as {wanted!r}; try its arXiv id")
    if len(found) > 1:
        titles = "; ".join(f"{paper.id}: {paper.title}" for paper in found[:5])
        raise NotFoundError(f"{wanted!r} means several papers, name one by its id: {titles}")
    return found[0]


def _learn(
    services: Services, session: Session, index: PaperIndex, subscriber: Subscriber
) -> Learned:
    (reader,) = load_readers(session, [subscriber])
    parameters = ranking_parameters(services, session)
    evidence = evidence_of(index, reader, parameters)
    fitted = fit_interests(index, [evidence], parameters.interest) if evidence.amount else None
    return Learned(reader, parameters, evidence, fitted)
