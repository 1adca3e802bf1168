from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import Mention, Paper
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.newsletter.corpus import Attention, Corpus, build_corpus
from recommender.newsletter.ranking import crowding_pairs

corpus_of = partial(build_corpus, window_days=90, half_life_days=7)

TODAY = date(2026, 3, 11)


@pytest.fixture(scope="module")
def index() -> PaperIndex:
    """Four papers, 1 to 4."""
    seen_at = datetime(2026, 3, 11, tzinfo=UTC)
    return index_papers(
        [
            Paper(paper_id, title, "", (), None, None, None, None, seen_at)
            for paper_id, title in enumerate(["Graphs", "Proteins", "Speech", "Tumours"], start=1)
        ]
    )


def mention(
    paper_id: int, *, days: int = 0, rank: int = 1, upvotes: int = 0, curator: str = "AK"
) -> Mention:
    return Mention(paper_id, curator, TODAY - timedelta(days=days), rank, upvotes)


def offered(corpus: Corpus) -> list[int]:
    return [corpus.index.papers[row].id for row in corpus.candidates]


def test_candidates_are_the_fresh_ones_newest_first_then_by_rank_and_id(index: PaperIndex) -> None:
    mentions = [mention(1, rank=2), mention(2, days=3), mention(3), mention(4, days=91)]
    corpus = corpus_of(index, mentions, {}, today=TODAY)
    assert offered(corpus) == [3, 1, 2]
    assert len(corpus.trend_scores) == len(corpus.rows) == len(corpus.attention) == 3


def test_rows_crowding_and_wishes_are_those_of_the_candidates(index: PaperIndex) -> None:
    """What follows from one digest counts along the candidates, not along the index."""
    mentions = [mention(4, rank=1), mention(2, rank=2), mention(1, rank=3)]
    corpus = corpus_of(index, mentions, {}, today=TODAY)
    assert offered(corpus) == [4, 2, 1]
    assert corpus.candidates.tolist() == [3, 1, 0]
    assert (corpus.rows.terms != index.rows[[3, 1, 0]]).nnz == 0
    assert corpus.rows.community_coordinates.shape == (3, 0), "no community is known"
    assert corpus.wishes.matching("graph").tolist() == [2]
    assert corpus.wishes.matching("speech").tolist() == [], "it is no candidate"


def test_candidates_that_say_the_same_crowd_each_other() -> None:
    seen_at = datetime(2026, 3, 11, tzinfo=UTC)
    titles = ["Pruning Graphs", "Folding Proteins", "Pruning Graphs", "Hearing Speech"]
    papers = [
        Paper(number, title, "", (), None, None, None, None, seen_at)
        for number, title in enumerate(titles, start=1)
    ]
    corpus = corpus_of(
        index_papers(papers),
        [mention(3, rank=1), mention(2, rank=2), mention(1, rank=3)],
        {},
        today=TODAY,
    )
    assert offered(corpus) == [3, 2, 1]
    assert corpus.crowds.toarray() == pytest.approx(np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]]))
    assert (corpus.crowds != crowding_pairs(corpus.rows.terms)).nnz == 0


def test_ages_count_from_the_newest_digest(index: PaperIndex) -> None:
    """A digest of last year is as fresh as if it were today's where nothing newer came."""
    mentions = [mention(1, upvotes=3), mention(2, days=7)]
    today = corpus_of(index, mentions, {}, today=TODAY)
    later = corpus_of(index, mentions, {}, today=TODAY + timedelta(days=400))
    assert later.trend_scores.tolist() == today.trend_scores.tolist()
    assert offered(later) == offered(today) == [1, 2]


def test_digest_from_the_future_makes_no_other_stale(index: PaperIndex) -> None:
    corpus = corpus_of(index, [mention(1), mention(2, days=-4000)], {}, today=TODAY)
    assert offered(corpus) == [2, 1]
    assert corpus.trend_scores[0] == corpus.trend_scores[1]


def test_attention_sums_up_the_mentions(index: PaperIndex) -> None:
    mentions = [
        mention(1, days=2, rank=3, upvotes=10),
        mention(1, days=1, rank=2, upvotes=12),
        mention(1, days=2, rank=9, upvotes=5, curator="Lab"),
        mention(1, days=2, rank=9, upvotes=5, curator="Lab"),
    ]
    corpus = corpus_of(index, mentions, {}, today=TODAY)
    newest = TODAY - timedelta(days=1)
    assert corpus.attention == (
        Attention(upvotes=17, digests=3, newest_on=newest, curator="AK", rank=2),
    )


def test_votes_of_the_community_raise_the_trend(index: PaperIndex) -> None:
    corpus = corpus_of(index, [mention(1), mention(2)], {2: 3}, today=TODAY)
    assert corpus.trend_scores[1] > corpus.trend_scores[0]


def test_mentions_of_unknown_papers_and_none_at_all_offer_nothing(index: PaperIndex) -> None:
    assert offered(corpus_of(index, [mention(99)], {}, today=TODAY)) == []
    assert offered(corpus_of(index, [], {}, today=TODAY)) == []
    assert offered(corpus_of(index_papers([]), [], {}, today=TODAY)) == []


@given(st.permutations([mention(1), mention(2), mention(3, days=1), mention(2, curator="Lab")]))
def test_order_of_mentions_leaves_no_trace(index: PaperIndex, mentions: list[Mention]) -> None:
    corpus = corpus_of(index, mentions, {}, today=TODAY)
    expected = corpus_of(index, sorted(mentions, key=str), {}, today=TODAY)
    assert offered(corpus) == offered(expected)
    assert corpus.attention == expected.attention
    assert corpus.trend_scores.tolist() == pytest.approx(expected.trend_scores.tolist())
