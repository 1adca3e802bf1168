"""Jobs: a subscriber's interests, each with its words, what they said of it, and its course."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain import InterestState, KeptInterest
from recommender.interests.batch import Interests
from recommender.interests.evidence import Evidence
from recommender.interests.features import AUTHOR_MARK
from recommender.interests.kept_interests import group_papers, match_kept
from recommender.interests.learned import LearnedWords
from recommender.interests.paper_index import PaperIndex
from recommender.jobs.issues.course import Course, course_of
from recommender.newsletter.reader import Reader, liked_at
from recommender.store.issues import ShownPlace

_PHRASES_OF_A_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class LearnedInterest:
    """One of a subscriber's interests, as it is learned today.

    Attributes
    ----------
    papers : frozenset of int
        The likes that are its own.
    words : tuple of str
        What it raises most, and after that the authors of its likes.
    share : float
        Of what they like; those of all interests sum to 1.
    kept : KeptInterest or None
        What they said of it.
    """

    papers: frozenset[int]
    words: tuple[str, ...]
    share: float
    kept: KeptInterest | None = None

    @property
    def phrases(self) -> str:
        """What tells most of it: its strongest words."""
        words = [each for each in self.words if not each.startswith(AUTHOR_MARK)]
        return ", ".join(words[:_PHRASES_OF_A_NAME])

    @property
    def called(self) -> str:
        """What it is called: by its name, or by what tells most of it."""
        return (self.kept.name if self.kept else "") or self.phrases

    @property
    def is_paused(self) -> bool:
        """Whether its papers teach nothing about what comes next."""
        return self.kept is not None and self.kept.state is InterestState.PAUSED


@dataclass(frozen=True, slots=True)
class Taste:
    """What was learned of a subscriber.

    Attributes
    ----------
    words : LearnedWords
    interests : tuple of LearnedInterest
        That of the largest share first.
    not_told_apart : tuple of KeptInterest
        What they named or paused, and is no interest of its own today.
    course : Course
        Of their issues by these interests.
    """

    words: LearnedWords
    interests: tuple[LearnedInterest, ...]
    not_told_apart: tuple[KeptInterest, ...]
    course: Course


def taste_of(
    index: PaperIndex,
    reader: Reader,
    evidence: Evidence,
    interests: Interests | None,
    words: LearnedWords,
    *,
    course: Course,
) -> Taste:
    """Put together what was learned of a reader.

    Parameters
    ----------
    evidence : Evidence
        Of all that they told.
    interests : Interests or None
        Fitted on that alone; None where there is nothing.
    words : LearnedWords
        Of these interests.
    course : Course
        Of `course_by_interests`.
    """
    kept = reader.kept_interests
    if interests is None:
        return Taste(words, (), tuple(kept), course)
    (interest,) = interests.of
    papers_of = group_papers(index, evidence, interest.groups)
    matched = match_kept(kept, papers_of, liked_at(reader))
    told_apart = tuple(
        LearnedInterest(
            papers_of[head], words.by_head[head], float(interest.shares[head]), matched.get(head)
        )
        for head in _largest_first(interest.shares)
    )
    not_told_apart = tuple(each for each in kept if each not in matched.values())
    return Taste(words, told_apart, not_told_apart, course)


def course_by_interests(
    index: PaperIndex, interests: Interests | None, shown: Sequence[ShownPlace], *, today: date
) -> Course:
    """Return how many places went to each of one reader's interests, in the order of `Taste`.

    Parameters
    ----------
    interests : Interests or None
        Fitted on all that they told; None where there is nothing.
    shown : sequence of ShownPlace
        Of their issues since `course.first_week`.
    today : date
        Where they live.
    """
    if interests is None:
        return Course()
    order = _largest_first(interests.of[0].shares)
    best = _best_heads(index, interests, {each.paper_id for each in shown})
    return course_of(
        shown,
        {paper_id: order.index(head) for paper_id, head in best.items()},
        interests=len(order),
        today=today,
    )


def _largest_first(shares: NDArray[np.float64]) -> list[int]:
    order: list[int] = np.argsort(-shares, kind="stable").tolist()
    return order


def _best_heads(
    index: PaperIndex, interests: Interests, paper_ids: Collection[int]
) -> dict[int, int]:
    """Return which head likes each paper most that any likes more than an average one."""
    rows = index.rows_of(paper_ids)
    models = interests.models
    scores = models.interest_score(models.decision_function(index.paper_rows(rows)))
    average = models.parameters.calibration.probability(0.0)
    return {
        index.papers[row].id: int(own.argmax())
        for row, own in zip(rows.tolist(), scores, strict=True)
        if own.max() > average
    }
