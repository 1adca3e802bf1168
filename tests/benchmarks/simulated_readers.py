"""Readers with topical tastes, simulated on real days: how soon a newsletter becomes theirs.

The days are cut into blocks; each block is one issue of ten places, and its papers are all that may
stand there. A reader is a pattern over title and abstract. Of what they are shown they like half of
what fits, and dislike 15 % of what does not. Answers depend on the reader, the paper and a seed,
not on the ranker, so that rankers are compared on the same readers.

The index of features is fitted once, on all papers of a source, later ones included: a new one for
each issue would take ten times as long. It holds no ratings, and no ranker is told of the papers of
later blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Digest, Mention, Paper, Rating
from recommender.interests.evaluation import Batch, Ranker
from recommender.interests.evidence import gather_evidence
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.interests.rankers import by_centroid, by_svm, by_trend
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.papers.datasets.dataset_files import read_dataset

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

PLACES, DAYS_OF_A_BLOCK, HALF_LIFE_DAYS = 10, 8, 7.0
LIKED_OF_FITTING, DISLIKED_OF_OTHERS = 0.5, 0.15
ISSUES = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 8), (9, 12), (13, 18), (19, 26))

_TOPICS = {
    "reasoning": r"\breasoning\b",
    "agents": r"\bagents?\b|\bagentic\b",
    "video": r"\bvideos?\b",
    "diffusion": r"\bdiffusion\b",
    "vision-language": r"vision[- ]language|\bVLMs?\b|\bMLLMs?\b",
    "reinforcement": r"reinforcement learning|\bGRPO\b|\bRLHF\b|\bRLVR\b",
    "3D": r"\b3D\b|gaussian splatting|\bnerf\b",
    "efficiency": r"quantiz|\bpruning\b|\bsparse\b|\bKV cache\b",
    "retrieval": r"\bretrieval\b|\bRAG\b",
    "robots": r"\brobot(s|ics?)?\b|\bmanipulation\b|embodied",
    "code": r"\bcode (generation|llms?|models?)\b|\bprogramming\b|software engineering|\bcoding\b",
    "speech": r"\bspeech\b|\baudio\b|\bmusic\b",
    "safety": r"jailbreak|\bsafety\b|red[- ]team",
    "medicine": r"\bmedical\b|\bclinical\b|\bbiomedical\b|health",
    "languages": r"multilingual|low-resource|cross-lingual",
    "long context": r"long[- ]context",
    "hallucination": r"hallucinat",
    "segmentation": r"segmentation",
}
TASTES = (
    *(
        name
        for name in _TOPICS
        if name not in {"languages", "long context", "hallucination", "segmentation", "safety"}
    ),
    "speech or medicine",
    "3D or languages",
    "safety or robots",
    "retrieval or segmentation",
)
"""A dozen topics, 3 % to 30 % of the papers, and pairs of them."""

RARE_TASTES = ("safety", "medicine", "languages", "long context", "hallucination", "segmentation")
"""About 3 % of the papers each."""


@dataclass(frozen=True, slots=True)
class Day:
    """The papers of one day, which no earlier day had: those noticed most first."""

    day: date
    papers: tuple[Paper, ...]
    upvotes: tuple[int, ...]


def digest_days(digests: Mapping[date, Digest]) -> tuple[Day, ...]:
    """Return the real digests from May 2024 to October 2025, each of its papers where it is new."""
    days: list[Day] = []
    known: set[str] = set()
    for day, digest in digests.items():
        new = [entry for entry in digest.entries if entry.title not in known]
        first = len(known) + 1
        known.update(entry.title for entry in new)
        papers = (
            _paper(first + at, entry.title, entry.abstract, day) for at, entry in enumerate(new)
        )
        days.append(Day(day, tuple(papers), tuple(entry.upvotes for entry in new)))
    return tuple(days)


@cache
def dataset_days(shared_data: Path) -> tuple[Day, ...]:
    """Read the same days and those until August 2026, from a data set that is in their order."""
    dataset = read_dataset(shared_data / "hf-authors")
    days = []
    for moment, group in groupby(dataset.papers, key=lambda paper: paper.first_seen_at):
        papers = sorted(group, key=lambda paper: -dataset.upvotes[paper.id - 1])
        upvotes = tuple(dataset.upvotes[paper.id - 1] for paper in papers)
        days.append(Day(moment.date(), tuple(papers), upvotes))
    return tuple(days)


def _paper(number: int, title: str, abstract: str, day: date) -> Paper:
    seen = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Paper(number, title, abstract, (), None, None, None, None, seen)


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """Some days of a source, a block for each issue.

    Attributes
    ----------
    index : PaperIndex
        Of all papers of the source.
    blocks : tuple of Corpus
        Oldest first.
    """

    index: PaperIndex
    blocks: tuple[Corpus, ...]


def cut(source: Sequence[Day], days: Sequence[Day]) -> Period:
    """Cut days into blocks; what is left at the end is a block where it has most of the days."""
    index = index_of(tuple(source))
    blocks = [
        block_of(index, days[first : first + DAYS_OF_A_BLOCK])
        for first in range(0, len(days) - DAYS_OF_A_BLOCK // 2, DAYS_OF_A_BLOCK)
    ]
    return Period(index, tuple(blocks))


@cache
def index_of(source: tuple[Day, ...]) -> PaperIndex:
    """Index all papers of a source; their rows are their numbers less one."""
    return index_papers(paper for day in source for paper in day.papers)


def block_of(index: PaperIndex, days: Sequence[Day]) -> Corpus:
    """Return the papers of some days as candidates, and no others."""
    mentions = [
        Mention(paper.id, "daily", day.day, rank, upvotes)
        for day in days
        for rank, (paper, upvotes) in enumerate(zip(day.papers, day.upvotes, strict=True), start=1)
    ]
    return build_corpus(
        index,
        mentions,
        {},
        today=days[-1].day,
        window_days=(days[-1].day - days[0].day) // timedelta(days=1),
        half_life_days=HALF_LIFE_DAYS,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Readers, and what they would say of each paper.

    Attributes
    ----------
    fits : ndarray of bool, shape (n_readers, n_papers)
        Whether each row of the index is to their taste.
    answers : ndarray of int, shape (n_readers, n_papers)
        1 like, −1 dislike, 0 nothing.
    """

    fits: BoolArray
    answers: NDArray[np.int8]


def audience(index: PaperIndex, tastes: Sequence[str], seeds: Iterable[int]) -> Audience:
    """Make a reader of each taste for each seed, those of one seed together."""
    texts = [f"{paper.title}\n{paper.abstract}" for paper in index.papers]
    of_topic = {
        topic: np.array([bool(re.search(pattern, text, re.IGNORECASE)) for text in texts])
        for topic, pattern in _TOPICS.items()
        if any(topic in taste.split(" or ") for taste in tastes)
    }
    fits = np.array(
        [np.any([of_topic[topic] for topic in taste.split(" or ")], axis=0) for taste in tastes]
    )
    answers = []
    for seed in seeds:
        chance = np.random.default_rng(seed).random((len(tastes), len(texts)))
        answers.append(
            np.where(fits, chance < LIKED_OF_FITTING, -1 * (chance < DISLIKED_OF_OTHERS))
        )
    return Audience(
        np.tile(fits, (len(answers), 1)), np.concatenate(answers).astype(np.int8, copy=False)
    )


Shown = Sequence[Sequence[int]]
"""Rows in the index that each reader is shown, best first."""

Newsletter = Callable[[PaperIndex, Corpus, Sequence[Sequence[Rating]], int], Shown]
"""Composes one issue of some readers: an index, a block, what each said, the issue's number."""


def by_program(parameters: RankingParameters | None = None) -> Newsletter:
    """Compose as the program does, the first issue as a welcome."""
    used = parameters or RankingParameters()

    def compose(
        index: PaperIndex, block: Corpus, said: Sequence[Sequence[Rating]], number: int
    ) -> Shown:
        readers = [
            Reader(PLACES, ratings, is_new=number == 1, seed=f"{reader} {number}")
            for reader, ratings in enumerate(said)
        ]
        plans = plan_issues(block, readers, used)
        return [
            [index.row_of[entry.paper_id] for entry in plan.entries] if plan else []
            for plan in plans
        ]

    return compose


def by_scores(ranker: Ranker) -> Newsletter:
    """Compose of the best by a ranker; by trend as long as nothing was liked."""

    def compose(
        index: PaperIndex, block: Corpus, said: Sequence[Sequence[Rating]], number: int
    ) -> Shown:
        del number
        # Nobody knows later papers.
        known = int(block.candidates.max()) + 1
        until_now = replace(index, papers=index.papers[:known], rows=index.rows[:known])
        evidences = [gather_evidence(index, ratings) for ratings in said]
        batch = Batch(block.candidates, block.trend_scores, ())
        scores = np.array(ranker(until_now, evidences, batch), dtype=np.float64)
        scores[[not evidence.liked for evidence in evidences]] = block.trend_scores
        best = np.argsort(-scores, axis=1, kind="stable")[:, :PLACES]
        return [block.candidates[of_reader].tolist() for of_reader in best]

    return compose


BASELINES = {
    "linear SVM": by_scores(by_svm),
    "centroid": by_scores(by_centroid),
    "trend": by_scores(by_trend),
}


def learning_curve(period: Period, readers: Audience, compose: Newsletter) -> FloatArray:
    """Return the share of each issue that fits its reader, shape (n_readers, n_issues)."""
    said: list[list[Rating]] = [[] for _ in readers.fits]
    shares = np.zeros((len(said), len(period.blocks)))
    for at, block in enumerate(period.blocks):
        shown = compose(period.index, block, said, at + 1)
        for reader, rows in enumerate(shown):
            shares[reader, at] = readers.fits[reader, rows].sum() / PLACES
            said[reader] += ratings_of(period.index, readers.answers[reader], rows)
    return shares


def ratings_of(index: PaperIndex, answers: NDArray[np.int8], rows: Iterable[int]) -> list[Rating]:
    """Return what somebody says of papers."""
    return [
        Rating(index.papers[row].id, int(answers[row]), False, index.papers[row].first_seen_at)
        for row in rows
        if answers[row]
    ]


def base_rates(period: Period, readers: Audience) -> FloatArray:
    """Return the share of each block that fits each reader, shape (n_readers, n_issues)."""
    return np.array([readers.fits[:, block.candidates].mean(axis=1) for block in period.blocks]).T


def possible(period: Period, readers: Audience) -> FloatArray:
    """Return the most that ten places could hold, shape (n_readers, n_issues)."""
    fitting = [readers.fits[:, block.candidates].sum(axis=1) for block in period.blocks]
    return np.minimum(np.array(fitting).T / PLACES, 1.0)


def by_issue(shares: FloatArray) -> list[float]:
    """Return the mean over readers for each of the spans `ISSUES`, as far as there are issues."""
    spans = [shares[:, first - 1 : last] for first, last in ISSUES]
    return [float(span.mean()) for span in spans if span.size]


def row_of_table(name: str, shares: FloatArray) -> str:
    return f"{name:<28}" + " ".join(f"{share:5.3f}" for share in by_issue(shares))


def heading() -> str:
    spans = (f"{a}" if a == b else f"{a}-{b}" for a, b in ISSUES)
    return f"{'issue':<28}" + " ".join(f"{span:>5}" for span in spans)
