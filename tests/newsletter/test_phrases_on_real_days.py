"""What was learned and why papers fit, on real digests that nothing was tuned on: no fragments."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from recommender.domain import Paper, Rating
from recommender.interests.batch import fit_interests
from recommender.interests.collocations import UNIT, key_of
from recommender.interests.evidence import gather_evidence
from recommender.interests.learned import LearnedWords, learned_words
from recommender.interests.parameters import InterestParameters
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.issue import plan_issues
from recommender.newsletter.reader import RankingParameters, Reader

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TOPICS = (
    *("image generation", "human feedback|preference optimi", "protein|molecul", "speech"),
    *("gaussian splat", "agent", "code generation|software engineering", "quantiz"),
    *("robot", "medical|clinical"),
)


@pytest.fixture(scope="module")
def spring(corpus_of_days: Callable[..., Corpus]) -> Corpus:
    """All real digests of March to June 2025, their papers numbered as they come."""
    return corpus_of_days(
        date(2025, 3, 1), date(2025, 6, 30), today=date(2025, 7, 1), window_days=30
    )


def liked(corpus: Corpus, topic: str) -> list[Paper]:
    return [each for each in corpus.index.papers if re.search(topic, each.title.lower())][:10]


def units(text: str) -> list[str]:
    return [key_of(unit) for unit in UNIT.findall(text)]


def is_whole(phrase: str, papers: list[Paper]) -> bool:
    """Return whether a phrase stands in a text in whole units, and so cuts no hyphenated word."""
    said = units(phrase)
    for paper in papers:
        for text in (paper.title, paper.abstract):
            read = units(text)
            if any(read[at : at + len(said)] == said for at in range(len(read))):
                return True
    return False


def learned_from(corpus: Corpus, papers: list[Paper]) -> LearnedWords:
    index = corpus.index
    evidence = gather_evidence(index, [Rating(each.id, 1, False, NOW) for each in papers])
    return learned_words(
        index,
        evidence,
        fit_interests(index, [evidence], InterestParameters()),
        titles=[each.title for each in papers],
        texts=[each.abstract for each in papers],
        authors=[],
        most=12,
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_learned_phrases_stand_whole_in_real_texts_and_are_no_fragments(
    spring: Corpus, topic: str
) -> None:
    papers = liked(spring, topic)
    words = learned_from(spring, papers).liked
    assert len(words) == 12
    assert len(set(words)) == 12
    assert all(is_whole(phrase, papers) for phrase in words)
    alone = [key_of(phrase) for phrase in words if " " not in phrase and "-" not in phrase]
    assert not [word for word in alone if word in spring.index.collocations.roles]
    # Several words tell more than one; before, most of these were single words.
    assert sum(" " in phrase or "-" in phrase for phrase in words) >= 2


@pytest.mark.parametrize("topic", TOPICS)
def test_reasons_are_whole_phrases_of_the_real_paper(spring: Corpus, topic: str) -> None:
    ratings = [Rating(each.id, 1, False, NOW) for each in liked(spring, topic)]
    (plan,) = plan_issues(
        spring, [Reader(papers=10, ratings=ratings)], RankingParameters(exploration=0)
    )
    assert plan is not None
    index = spring.index
    told = 0
    for entry in plan.entries:
        _, is_personal, words = entry.reason.partition("”: ")
        paper = index.papers[index.row_of[entry.paper_id]]
        for phrase in words.partition("; ")[0].split(", ") if is_personal else ():
            assert is_whole(phrase, [paper]), (phrase, paper.title)
            told += 1
    assert told >= 5
