"""Corpora of real digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import pytest

from recommender.domain import Digest, Mention, Paper
from recommender.interests.paper_index import index_papers
from recommender.newsletter.corpus import Corpus, build_corpus

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
CorpusOfDays = Callable[..., Corpus]


@pytest.fixture(scope="session")
def corpus_of_days(real_days: Mapping[date, Digest]) -> CorpusOfDays:
    """Return what builds a corpus of the papers of some days, numbered as they come."""

    def corpus_of_days(first: date, last: date, *, today: date, window_days: int) -> Corpus:
        numbers: dict[str, int] = {}
        papers: list[Paper] = []
        mentions: list[Mention] = []
        for day, digest in real_days.items():
            for rank, entry in enumerate(digest.entries if first <= day <= last else (), start=1):
                number = numbers.setdefault(entry.title, len(numbers) + 1)
                if number > len(papers):
                    papers.append(
                        Paper(number, entry.title, entry.abstract, (), None, None, None, None, NOW)
                    )
                mentions.append(Mention(number, "daily", day, rank, entry.upvotes))
        return build_corpus(
            index_papers(papers),
            mentions,
            {},
            today=today,
            window_days=window_days,
            half_life_days=7,
        )

    return corpus_of_days
