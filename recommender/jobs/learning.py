"""Jobs: what was learned of a subscriber, and why a paper ranks where it does for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from recommender.domain import Paper, Rating, Subscriber
from recommender.errors import NotFoundError
from recommender.interests.evidence import Evidence, fit_interest, gather_evidence
from recommender.interests.explanation import explain, reason_in_words
from recommender.interests.learned import LearnedWords, learned_words
from recommender.jobs import members
from recommender.jobs.corpus import load_corpus, load_index
from recommender.jobs.services import Services
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import plan_issue
from recommender.newsletter.ranking import interest_weight
from recommender.store import issues, papers, ratings

WORDS_SHOWN: Final = 12
TERMS_SHOWN: Final = 10
RANKS_SEARCHED: Final = 1000


@dataclass(frozen=True, slots=True)
class SubscriberExplanation:
    """What was learned of one subscriber."""

    email: str
    likes: int
    dislikes: int
    saves: int
    interest_weight: float
    words: LearnedWords

    def as_json(self) -> dict[str, Any]:
        """Give it ready for JSON."""
        return {
            "subscriber": self.email,
            "likes": self.likes,
            "dislikes": self.dislikes,
            "saves": self.saves,
            "interest_weight": self.interest_weight,
            "liked_words": list(self.words.liked),
            "disliked_words": list(self.words.disliked),
        }

    def __str__(self) -> str:
        """Say it in words."""
        if not self.likes + self.dislikes + self.saves and not self.words.liked:
            return f"{self.email} has rated nothing yet: their issues are what is trending."
        share = round(100 * self.interest_weight)
        lines = [
            f"{self.email}: {self.likes} likes, {self.dislikes} dislikes, {self.saves} saved.",
            f"Interest counts {share} % in their ranking, trend {100 - share} %.",
        ]
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
        """Give it ready for JSON."""
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
        """Say it in words and figures."""
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


def words_learned_of(services: Services, subscriber: Subscriber) -> LearnedWords:
    """Tell which words a subscriber's interest raises and lowers most."""
    return _fit(services, subscriber)[1]


def explain_subscriber(services: Services, address: str) -> SubscriberExplanation:
    """Tell what was learned of the subscriber at an address.

    Raises
    ------
    AddressError, NotFoundError
        If nobody has it.
    """
    subscriber = members.find(services, address)
    evidence, words = _fit(services, subscriber)
    return SubscriberExplanation(
        email=subscriber.email,
        likes=evidence.likes,
        dislikes=evidence.dislikes,
        saves=evidence.saves,
        interest_weight=interest_weight(evidence.amount),
        words=words,
    )


def explain_paper(services: Services, address: str, wanted: str) -> PaperExplanation:
    """Tell why a paper ranks where it does for the subscriber at an address.

    Parameters
    ----------
    wanted : str
        The paper's arXiv id, DOI, id, or words of its title.

    Raises
    ------
    AddressError, NotFoundError
        If nobody has the address, or no paper or several are meant.
    """
    subscriber = members.find(services, address)
    paper = _one_paper(services, wanted)
    corpus = load_corpus(services)
    with services.database.read() as session:
        said = ratings.of_subscriber(session, subscriber.id)
        sent = issues.sent_papers(session, [subscriber.id]).get(subscriber.id, set())
    plan = plan_issue(
        corpus,
        ratings=said,
        interests=subscriber.interests,
        sent=sent,
        papers=RANKS_SEARCHED,
    )
    entries = () if plan is None else plan.entries
    entry = next((each for each in entries if each.paper_id == paper.id), None)
    evidence = gather_evidence(corpus.index, said, subscriber.interests)
    explanation = None
    reason = "" if entry is None else entry.reason
    if evidence.amount:
        row = corpus.index.row_of[paper.id]
        model = fit_interest(corpus.index, evidence)
        explanation = explain(corpus.index, evidence, model, row)
        reason = reason or reason_in_words(corpus.index, explanation, row) or ""
    return PaperExplanation(
        email=subscriber.email,
        title=paper.title,
        rank=None if entry is None else entry.position,
        why_not="" if entry else _why_not(corpus, paper, said, sent),
        ranking_score=None if entry is None else entry.ranking_score,
        trend_score=None if entry is None else entry.trend_score,
        interest_score=None if entry is None else entry.interest_score,
        interest_weight=interest_weight(evidence.amount),
        reason=reason,
        decision=None if explanation is None else explanation.decision,
        intercept=None if explanation is None else explanation.intercept,
        contributions=() if explanation is None else tuple(explanation.contributions.items()),
    )


def _why_not(corpus: Corpus, paper: Paper, said: list[Rating], sent: set[int]) -> str:
    if paper.id in {rating.paper_id for rating in said}:
        return "not offered, they rated it"
    if paper.id in sent:
        return "not offered, they were sent it"
    if corpus.index.row_of[paper.id] in corpus.candidates:
        return f"not among the first {RANKS_SEARCHED}"
    return "not offered, no recent digest mentions it"


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


def _fit(services: Services, subscriber: Subscriber) -> tuple[Evidence, LearnedWords]:
    with services.database.read() as session:
        index = load_index(services, session)
        said = ratings.of_subscriber(session, subscriber.id)
    evidence = gather_evidence(index, said, subscriber.interests)
    if not evidence.amount:
        return evidence, LearnedWords()
    rated = [index.papers[index.row_of[rating.paper_id]] for rating in said]
    words = learned_words(
        index,
        evidence,
        fit_interest(index, evidence),
        texts=[subscriber.interests]
        + [text for paper in rated for text in (paper.title, paper.abstract)],
        most=WORDS_SHOWN,
    )
    return evidence, words
