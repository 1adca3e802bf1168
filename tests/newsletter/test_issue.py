from __future__ import annotations

import io
import tarfile
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest

from recommender.domain import Issue, Mention, Paper, Rating
from recommender.interests.paper_index import index_papers
from recommender.newsletter.corpus import Attention, Corpus, build_corpus
from recommender.newsletter.issue import IssuePlan, plan_issue, trend_in_words
from recommender.papers.formats import parse_digest

corpus_of = partial(build_corpus, window_days=90, half_life_days=7)

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TODAY = NOW.date()
TOPICS = ("Graph Neural Networks", "Protein Folding", "Speech Recognition")
KINDS = 16
SPEECH = list(range(3, 49, 3))


def paper(paper_id: int, title: str, abstract: str = "") -> Paper:
    return Paper(paper_id, title, abstract, ("A. Author",), None, None, None, None, NOW)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """48 papers of three topics in turn: 1 graphs, 2 proteins, 3 speech, 4 graphs, …."""
    topics = list(TOPICS) * KINDS
    papers = [
        paper(
            number, f"{topic} {number}", f"Alpha{number} beta{number}, gamma{number}. On {topic}."
        )
        for number, topic in enumerate(topics, start=1)
    ]
    mentions = [Mention(each.id, "AK", TODAY, each.id, 100 - each.id) for each in papers]
    return corpus_of(index_papers(papers), mentions, {}, today=TODAY)


def plan(
    corpus: Corpus,
    ratings: list[Rating] | None = None,
    *,
    interests: str = "",
    sent: set[int] | None = None,
    papers: int = 8,
) -> IssuePlan | None:
    return plan_issue(
        corpus, ratings=ratings or [], interests=interests, sent=sent or set(), papers=papers
    )


def ids(issue: IssuePlan | None) -> list[int]:
    assert issue is not None
    return [entry.paper_id for entry in issue.entries]


def rated(paper_ids: list[int], value: int = 1) -> list[Rating]:
    return [Rating(paper_id, value, False, NOW) for paper_id in paper_ids]


def test_newcomer_gets_what_is_trending_without_interest(corpus: Corpus) -> None:
    issue = plan(corpus, papers=3)
    assert ids(issue) == [1, 2, 3]
    assert issue is not None
    first = issue.entries[0]
    assert (first.interest_score, first.interest_weight) == (None, 0)
    assert first.ranking_score == first.trend_score > 0
    assert (first.position, first.upvotes, first.excerpt) == (
        1,
        99,
        "Alpha1 beta1, gamma1. On Graph Neural Networks.",
    )
    assert first.reason == "trending: number 1 in the digest of Mar 11"


def test_ten_likes_of_a_topic_put_its_papers_on_top(corpus: Corpus) -> None:
    issue = plan(corpus, rated(SPEECH[:10]), papers=6)
    assert set(ids(issue)) == set(SPEECH[10:])
    assert issue is not None
    assert (issue.likes, issue.dislikes, issue.saves) == (10, 0, 0)
    assert issue.entries[0].interest_weight == pytest.approx(10 / 12)
    assert issue.entries[0].reason.startswith("like “Speech Recognition")
    assert issue.entries[0].reason.endswith(": speech recognition")


def test_ten_dislikes_of_a_topic_put_its_papers_last(corpus: Corpus) -> None:
    assert set(ids(plan(corpus, rated(SPEECH[:10], -1), papers=50))[-6:]) == set(SPEECH[10:])


def test_withdrawing_restores_the_issue_exactly(corpus: Corpus) -> None:
    before = plan(corpus, rated([3, 6]))
    assert plan(corpus, rated([1, 6, 3, 2])) != before
    assert plan(corpus, [*rated([6, 3]), *rated([1, 2], 0)]) == before


def test_stated_interest_counts_from_the_first_issue(corpus: Corpus) -> None:
    issue = plan(corpus, interests="speech recognition", papers=48)
    without = plan(corpus, papers=48)
    assert issue is not None
    ranks = [ids(issue).index(each) - ids(without).index(each) for each in SPEECH]
    assert sum(ranks) < 0
    speech = [entry for entry in issue.entries if entry.paper_id in SPEECH]
    assert all("you said you like: speech recognition" in entry.reason for entry in speech)


def test_nothing_sent_or_rated_comes_again(corpus: Corpus) -> None:
    ratings = [*rated([1, 2]), Rating(3, 0, True, NOW), *rated([4], -1)]
    assert set(ids(plan(corpus, ratings, sent={5, 6, 999}, papers=50))) == set(range(7, 49))


def test_rating_that_was_withdrawn_does_not_hide_a_paper(corpus: Corpus) -> None:
    assert 1 in ids(plan(corpus, rated([1], 0), papers=50))


def test_nothing_new_is_no_issue(corpus: Corpus) -> None:
    assert plan(corpus, sent=set(range(1, 49))) is None
    assert plan(corpus_of(index_papers([]), [], {}, today=TODAY)) is None


def test_same_input_gives_the_same_issue(corpus: Corpus) -> None:
    ratings = rated([3, 6, 1])
    assert plan(corpus, ratings) == plan(corpus, ratings[::-1])


def test_curator_is_that_of_the_newest_digest_drawn_on() -> None:
    papers = [paper(1, "Graphs"), paper(2, "Speech")]
    mentions = [
        Mention(1, "Lab", date(2026, 3, 9), 1, 500),
        Mention(2, "AK", date(2026, 3, 10), 9, 0),
    ]
    corpus = corpus_of(index_papers(papers), mentions, {}, today=TODAY)
    both, first = plan(corpus), plan(corpus, papers=1)
    assert both is not None
    assert first is not None
    assert (both.curator, first.curator) == ("AK", "Lab")


def test_plan_has_the_fields_of_an_issue_that_are_not_its_identity() -> None:
    identity = {"id", "subscriber_id", "number", "date", "composed_at", "welcome", "schedule"}
    assert {field.name for field in fields(Issue)} - identity == {
        field.name for field in fields(IssuePlan)
    }


@pytest.mark.parametrize(
    ("digests", "words"),
    [
        (1, "trending: number 7 in the digest of Mar 1"),
        (3, "trending: in 3 digests, number 7 in the newest"),
    ],
)
def test_public_attention_in_words(digests: int, words: str) -> None:
    attention = Attention(57, digests, date(2026, 3, 1), "AK", 7)
    assert trend_in_words(attention) == words


@pytest.fixture(scope="module")
def autumn(shared_data: Path) -> Corpus:
    """All real digests of September and October 2025, their papers numbered as they come."""
    archive = shared_data / "digests" / "huggingface-daily-2024-05-to-2025-10.tar.xz"
    numbers: dict[str, int] = {}
    papers: list[Paper] = []
    mentions: list[Mention] = []
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes()), mode="r:xz") as days:
        for member in sorted(days, key=lambda member: member.name):
            name = Path(member.name).stem
            file = days.extractfile(member) if name >= "2025-09-01" else None
            if file is None:
                continue
            digest = parse_digest(file.read(), today=TODAY)
            for rank, entry in enumerate(digest.entries, start=1):
                number = numbers.setdefault(entry.title, len(numbers) + 1)
                if number > len(papers):
                    papers.append(paper(number, entry.title, entry.abstract))
                day = date.fromisoformat(name)
                mentions.append(Mention(number, "daily", day, rank, entry.upvotes))
    return corpus_of(index_papers(papers), mentions, {}, today=TODAY)


def is_about_video(corpus: Corpus, paper_id: int) -> bool:
    known = corpus.index.papers[corpus.index.row_of[paper_id]]
    return "video" in f"{known.title} {known.abstract}".lower()


def test_real_digests_follow_ten_likes_and_ten_dislikes_and_forget_them(autumn: Corpus) -> None:
    before = plan(autumn, papers=10)
    video = [each.id for each in autumn.index.papers if "video generation" in each.title.lower()]
    liked, disliked = plan(autumn, rated(video[:10])), plan(autumn, rated(video[:10], -1))
    everything = len(autumn.candidates)
    last = ids(plan(autumn, rated(video[:10], -1), papers=everything))[-10:]

    assert sum(is_about_video(autumn, each) for each in ids(before)) <= 3
    assert all(is_about_video(autumn, each) for each in ids(liked))
    assert not any(each in video for each in ids(disliked))
    assert sum(is_about_video(autumn, each) for each in last) >= 9
    assert plan(autumn, rated(video[:10], 0), papers=10) == before


def test_real_reasons_name_a_liked_title_and_words_of_the_paper(autumn: Corpus) -> None:
    video = [each for each in autumn.index.papers if "video generation" in each.title.lower()]
    issue = plan(autumn, rated([each.id for each in video[:5]]))
    assert issue is not None
    beginnings = tuple(f"like “{' '.join(each.title.split())[:40]}" for each in video[:5])
    assert all(entry.reason.startswith(beginnings) for entry in issue.entries)
    assert all("video" in entry.reason.lower() for entry in issue.entries)
