"""Jobs: what was learned of a subscriber, and why a paper ranks where it does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recommender.domain import IssueEntry, Paper, Subscriber
from recommender.interests.batch import Interests, fit_interests
from recommender.interests.evidence import Evidence, stated_phrases
from recommender.interests.explanation import Explanation, explain
from recommender.interests.learned import LearnedWords, learned_words
from recommender.interests.paper_index import PaperIndex
from recommender.jobs.finding import find_paper, find_subscriber
from recommender.jobs.issues.corpus import load_corpus, load_index
from recommender.jobs.issues.course import Course, first_week
from recommender.jobs.issues.explanations import PaperExplanation, SubscriberExplanation
from recommender.jobs.issues.readers import load_readers, ranking_parameters
from recommender.jobs.issues.taste import Taste, course_by_interests, taste_of
from recommender.jobs.services import Services
from recommender.newsletter.blend import interest_weight
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.reader import RankingParameters, Reader, all_evidence_of, evidence_of
from recommender.newsletter.schedule import local_date
from recommender.newsletter.wishes import judge
from recommender.store import issues, papers
from recommender.store.database import Session

WORDS_SHOWN: Final = 12
RANKS_SEARCHED: Final = 1000

_LIBRARY_WORDS: Final = 100
"""Papers of a library in whose spelling words are shown."""


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

    @property
    def interest_weight(self) -> float:
        """Share of the interest in their ranking, in [0, 1)."""
        return interest_weight(
            self.evidence.amount,
            self.parameters.half_evidence,
            poor_signal=bool(self.reader.poor_signal),
        )


def taste_learned_of(services: Services, subscriber: Subscriber) -> Taste:
    """Return what was learned of a subscriber; of interests that they paused as well."""
    with services.database.read() as session:
        index = load_index(services, session)
        learned = _learn(services, session, index, subscriber)
        return _taste(services, session, index, learned, subscriber)


def course_learned_of(services: Services, subscriber: Subscriber) -> Course:
    """Return how much of a subscriber's issues each of their interests was, as `Taste` has it."""
    with services.database.read() as session:
        index = load_index(services, session)
        learned = _learn(services, session, index, subscriber)
        return _course(services, session, index, learned, subscriber)


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
        taste = _taste(services, session, index, learned, subscriber)
        ranked_by = _learn(services, session, index, subscriber, for_ranking=True)
    evidence = learned.evidence
    return SubscriberExplanation(
        email=subscriber.email,
        likes=evidence.likes,
        dislikes=evidence.dislikes,
        saves=evidence.saves,
        library_papers=len(learned.reader.library),
        interests=0 if learned.interests is None else len(learned.interests.of[0].heads),
        interest_weight=ranked_by.interest_weight,
        words=taste.words,
        told_apart=taste.interests,
        not_told_apart=taste.not_told_apart,
        poor_signal=learned.reader.poor_signal,
        stated=evidence.phrases,
        not_known=tuple(
            phrase
            for phrase in stated_phrases(learned.reader.interests)
            if phrase not in evidence.phrases
        ),
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
    with services.database.read() as session:
        paper = find_paper(session, wanted)
    corpus = load_corpus(services, with_texts_of=[paper.id])
    with services.database.read() as session:
        learned = _learn(services, session, corpus.index, subscriber, for_ranking=True)
    entry = _entry_of(corpus, learned, paper)
    return PaperExplanation(
        email=subscriber.email,
        title=paper.title,
        interest_weight=learned.interest_weight,
        entry=entry,
        why_not="" if entry else _why_not(corpus, paper, learned.reader),
        interest=_interest_in(corpus.index, learned, paper),
    )


def _entry_of(corpus: Corpus, learned: Learned, paper: Paper) -> IssueEntry | None:
    """Return the paper's place in an issue of all papers; None where that issue leaves it out."""
    reader = replace(learned.reader, papers=RANKS_SEARCHED, is_new=False)
    (plan,) = plan_issues(corpus, [reader], replace(learned.parameters, exploration=0))
    entries = () if plan is None else plan.entries
    return next((entry for entry in entries if entry.paper_id == paper.id), None)


def _interest_in(index: PaperIndex, learned: Learned, paper: Paper) -> Explanation | None:
    """Take apart what the interest that likes a paper most makes of it; None without evidence."""
    if learned.interests is None:
        return None
    row = index.row_of[paper.id]
    models, heads = learned.interests.models, learned.interests.of[0].heads
    decisions = models.decision_function(index.paper_rows(np.array([row])))[0]
    return explain(index, models, heads[int(np.argmax(decisions))], row)


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


def _learn(
    services: Services,
    session: Session,
    index: PaperIndex,
    subscriber: Subscriber,
    *,
    for_ranking: bool = False,
) -> Learned:
    """Fit a subscriber's interests: all, or those that rank, without what they paused."""
    (reader,) = load_readers(session, [subscriber])
    parameters = ranking_parameters(services, session)
    gather = evidence_of if for_ranking else all_evidence_of
    evidence = gather(index, reader, parameters)
    fitted = fit_interests(index, [evidence], parameters.interest) if evidence.amount else None
    return Learned(reader, parameters, evidence, fitted)


def _words(session: Session, index: PaperIndex, learned: Learned) -> LearnedWords:
    if learned.interests is None:
        return LearnedWords()
    reader = learned.reader
    ids = [rating.paper_id for rating in reader.ratings]
    ids += [each.paper_id for each in reader.library[:_LIBRARY_WORDS]]
    rated = papers.by_ids(session, ids)
    return learned_words(
        index,
        learned.evidence,
        learned.interests,
        titles=[
            reader.interests,
            *(term.words for term in reader.terms),
            *(paper.title for paper in rated.values()),
        ],
        texts=[paper.abstract for paper in rated.values()],
        authors=[name for paper in rated.values() for name in paper.authors],
        most=WORDS_SHOWN,
    )


def _taste(
    services: Services,
    session: Session,
    index: PaperIndex,
    learned: Learned,
    subscriber: Subscriber,
) -> Taste:
    return taste_of(
        index,
        learned.reader,
        learned.evidence,
        learned.interests,
        _words(session, index, learned),
        course=_course(services, session, index, learned, subscriber),
    )


def _course(
    services: Services,
    session: Session,
    index: PaperIndex,
    learned: Learned,
    subscriber: Subscriber,
) -> Course:
    today = local_date(subscriber.preferences, services.clock())
    shown = issues.places_since(session, subscriber.id, first_week(today))
    return course_by_interests(index, learned.interests, shown, today=today)
