from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import numpy as np
import pytest

from recommender.domain import Issue, IssueEntry, Mention, Paper, Rating, TermRating
from recommender.interests.batch import MOST_ROWS
from recommender.interests.paper_index import index_papers
from recommender.interests.parameters import InterestParameters
from recommender.interests.terms import phrases_of
from recommender.newsletter.blend import blend, trend_probability
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.newsletter.introduction import informative
from recommender.newsletter.issue import IssuePlan, plan_issues
from recommender.newsletter.reader import RankingParameters, Reader
from recommender.newsletter.reasons import EXPLORED_REASON
from recommender.newsletter.wishes import followed_lift

corpus_of = partial(build_corpus, window_days=90, half_life_days=7)

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
TODAY = NOW.date()
TOPICS = ("Graph Neural Networks", "Protein Folding", "Speech Recognition")
KINDS = 16
GRAPHS = list(range(1, 49, 3))
SPEECH = list(range(3, 49, 3))

EXPLORING = RankingParameters(exploration=2)
PLAIN = RankingParameters(exploration=0)
"""Without the places that are left to chance, an issue is what the formula says."""


def paper(paper_id: int, title: str, abstract: str = "", author: str = "A. Author") -> Paper:
    return Paper(paper_id, title, abstract, (author,), None, None, None, None, NOW)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """48 papers of three topics in turn: 1 graphs, 2 proteins, 3 speech, 4 graphs, …."""
    topics = list(TOPICS) * KINDS
    papers = [
        paper(
            number,
            f"{topic} {number}",
            f"Alpha{number} beta{number}, gamma{number}. On {topic}.",
            f"Author Family{number}",
        )
        for number, topic in enumerate(topics, start=1)
    ]
    mentions = [Mention(each.id, "AK", TODAY, each.id, 100 - each.id) for each in papers]
    return corpus_of(index_papers(papers), mentions, {}, today=TODAY)


def plan(
    corpus: Corpus,
    ratings: Sequence[Rating] = (),
    parameters: RankingParameters = PLAIN,
    **wanted: Any,
) -> IssuePlan | None:
    """Plan one issue, of eight papers where nothing else is asked."""
    reader = Reader(**{"papers": 8, "ratings": ratings, **wanted})
    (issue,) = plan_issues(corpus, [reader], parameters)
    return issue


def entries(issue: IssuePlan | None) -> tuple[IssueEntry, ...]:
    assert issue is not None
    return issue.entries


def ids(issue: IssuePlan | None) -> list[int]:
    return [entry.paper_id for entry in entries(issue)]


def ranked_ids(issue: IssuePlan | None) -> list[int]:
    """Return the papers that were not drawn by chance."""
    return [entry.paper_id for entry in entries(issue) if not entry.explored]


def rated(paper_ids: Iterable[int], value: int = 1) -> list[Rating]:
    return [Rating(paper_id, value, False, NOW) for paper_id in paper_ids]


def said_of(words: str, value: int) -> list[TermRating]:
    """Return what a button beside a word or phrase stores."""
    return [TermRating(term, words, value, NOW) for term in phrases_of(words)]


def blend_of(entry: IssueEntry) -> float:
    """Return what the entry's own breakdown comes to, before crowding and wishes."""
    trend_score = np.array(entry.trend_score)
    if entry.interest_score is None:
        return float(trend_probability(trend_score))
    return float(blend(trend_score, np.array(entry.interest_score), entry.interest_weight))


def test_newcomer_gets_what_is_trending_without_interest(corpus: Corpus) -> None:
    issue = plan(corpus, papers=3)
    assert ids(issue) == [1, 2, 3]
    first = entries(issue)[0]
    assert (first.interest_score, first.interest_weight) == (None, 0)
    assert first.trend_score > 0
    assert first.ranking_score == trend_probability(np.array(first.trend_score))
    assert (first.explored, first.propensity) == (False, 1.0)
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
    assert issue.entries[0].interest_weight == pytest.approx(10 / 11)
    assert issue.entries[0].reason.startswith("like “Speech Recognition")
    assert issue.entries[0].reason.lower().endswith(": speech recognition")


def test_poor_signal_leaves_more_to_trend_and_the_breakdown_says_so(corpus: Corpus) -> None:
    poor = plan(corpus, rated(SPEECH[:10]), papers=6, poor_signal=True)
    assert poor is not None
    assert poor.poor_signal
    assert poor.entries[0].interest_weight == pytest.approx(10 / 11 / 4)
    assert poor.entries[0].ranking_score == pytest.approx(blend_of(poor.entries[0]))


def test_breakdown_of_every_paper_is_the_formula(corpus: Corpus) -> None:
    """Unless a paper above says the same: then it is less."""
    for entry in entries(plan(corpus, rated([1, 6, 9]), papers=48)):
        assert entry.interest_score is not None
        assert entry.ranking_score <= blend_of(entry) + 1e-9
    first = entries(plan(corpus, rated([1, 6, 9])))[0]
    assert first.interest_weight == pytest.approx(3 / 4)
    assert first.ranking_score == pytest.approx(blend_of(first))


def test_ten_dislikes_of_a_topic_put_its_papers_last(corpus: Corpus) -> None:
    assert set(ids(plan(corpus, rated(SPEECH[:10], -1), papers=50))[-6:]) == set(SPEECH[10:])


@pytest.mark.parametrize("parameters", [PLAIN, EXPLORING], ids=["plain", "exploring"])
def test_withdrawing_restores_the_issue_exactly(
    corpus: Corpus, parameters: RankingParameters
) -> None:
    before = plan(corpus, rated([3, 6]), parameters)
    assert plan(corpus, rated([1, 6, 3, 2]), parameters) != before
    assert plan(corpus, [*rated([6, 3]), *rated([1, 2], 0)], parameters) == before


def test_stated_interest_counts_from_the_first_issue(corpus: Corpus) -> None:
    issue = plan(corpus, interests="speech recognition", papers=48)
    without = plan(corpus, papers=48)
    ranks = [ids(issue).index(each) - ids(without).index(each) for each in SPEECH]
    assert sum(ranks) < 0
    speech = [entry for entry in entries(issue) if entry.paper_id in SPEECH]
    assert all("you said you like: speech recognition" in entry.reason for entry in speech)


@pytest.mark.parametrize(("value", "moves_up"), [(-1, False), (1, True)])
def test_less_or_more_of_a_term_moves_its_papers(
    corpus: Corpus, value: int, *, moves_up: bool
) -> None:
    liked = rated([1, 2, 3])
    plain = ids(plan(corpus, liked, papers=45))
    moved = ids(plan(corpus, liked, papers=45, terms=said_of("speech recognition", value)))
    ranks = [moved.index(each) - plain.index(each) for each in SPEECH[1:]]
    assert (sum(ranks) < 0) is moves_up
    assert (min(map(moved.index, SPEECH[1:])) < 5) is moves_up


def test_less_of_a_term_puts_its_papers_last_before_any_rating(corpus: Corpus) -> None:
    issue = plan(corpus, terms=said_of("speech recognition", -1), papers=48)
    assert set(ids(issue)[-KINDS:]) == set(SPEECH)


def test_nothing_sent_or_rated_comes_again(corpus: Corpus) -> None:
    ratings = [*rated([1, 2]), Rating(3, 0, True, NOW), *rated([4], -1)]
    for parameters in (PLAIN, EXPLORING):
        issue = plan(corpus, ratings, parameters, sent={5, 6, 999}, papers=50)
        assert set(ids(issue)) == set(range(7, 49))


def test_rating_that_was_withdrawn_does_not_hide_a_paper(corpus: Corpus) -> None:
    assert 1 in ids(plan(corpus, rated([1], 0), papers=50))


@pytest.mark.parametrize("parameters", [PLAIN, EXPLORING], ids=["plain", "exploring"])
def test_nothing_new_is_no_issue(corpus: Corpus, parameters: RankingParameters) -> None:
    nothing = corpus_of(index_papers([]), [], {}, today=TODAY)
    for is_new in (False, True):
        assert plan(corpus, (), parameters, sent=set(range(1, 49)), is_new=is_new) is None
        assert plan(nothing, (), parameters, is_new=is_new) is None
        assert plan(nothing, rated([1]), parameters, interests="speech", is_new=is_new) is None


@pytest.mark.parametrize("papers", [3, 4, 8, 10, 30, 50])
@pytest.mark.parametrize("is_new", [False, True], ids=["later", "first"])
def test_fewer_papers_than_places_make_a_shorter_issue(
    corpus: Corpus, papers: int, *, is_new: bool
) -> None:
    for left in (1, 3, 9, 48):
        sent = set(range(left + 1, 49))
        issue = plan(corpus, (), EXPLORING, papers=papers, sent=sent, is_new=is_new)
        assert len(set(ids(issue))) == len(ids(issue)) == min(papers, left)
        assert set(ids(issue)) <= set(range(1, left + 1))
        positions = [entry.position for entry in entries(issue)]
        assert positions == list(range(1, min(papers, left) + 1))


def test_order_of_the_ratings_leaves_no_trace(corpus: Corpus) -> None:
    ratings = rated([3, 6, 1])
    assert plan(corpus, ratings, EXPLORING) == plan(corpus, ratings[::-1], EXPLORING)


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
    identity = {"id", "subscriber_id", "number", "date", "composed_at", "welcome"}
    identity |= {"schedule", "language"}
    assert {field.name for field in fields(Issue)} - identity == {
        field.name for field in fields(IssuePlan)
    }


@pytest.mark.parametrize("is_new", [False, True], ids=["later", "first"])
@pytest.mark.parametrize("ratings", [[], rated(SPEECH[:3])], ids=["newcomer", "fan"])
def test_blocked_word_keeps_its_papers_out_of_every_place(
    corpus: Corpus, ratings: list[Rating], *, is_new: bool
) -> None:
    for seed in range(20):
        issue = plan(
            corpus,
            ratings,
            EXPLORING,
            blocked="speech recognition",
            papers=30,
            is_new=is_new,
            seed=str(seed),
        )
        assert len(ids(issue)) == 30
        assert set(ids(issue)).isdisjoint(SPEECH)


def test_blocked_author_keeps_their_papers_out(corpus: Corpus) -> None:
    shown = ids(plan(corpus, (), EXPLORING, blocked="Author Family2\nA. Family5", papers=50))
    assert set(shown) == set(range(1, 49)) - {2, 5}


def test_blocking_everything_is_no_issue(corpus: Corpus) -> None:
    blocked = "\n".join(TOPICS).lower()
    assert plan(corpus, (), EXPLORING, blocked=blocked) is None
    assert plan(corpus, rated([1]), EXPLORING, blocked=blocked, is_new=True) is None


def test_followed_word_lifts_its_papers_and_the_reason_says_so(corpus: Corpus) -> None:
    issue = plan(corpus, followed="speech recognition", papers=10)
    assert ids(issue) == SPEECH[:10], "their order by trend stays"
    first = entries(issue)[0]
    assert first.reason == (
        "you follow speech recognition; trending: number 3 in the digest of Mar 11"
    )
    assert first.ranking_score == pytest.approx(followed_lift(np.array(blend_of(first))))


def test_followed_author_lifts_their_paper_and_the_reason_names_them(corpus: Corpus) -> None:
    issue = plan(corpus, rated([1]), followed="A. Family47", papers=10)
    assert ids(issue)[0] == 47
    assert entries(issue)[0].reason.startswith("you follow Author Family47; ")


def test_followed_paper_is_also_liked_for_what_it_is(corpus: Corpus) -> None:
    issue = plan(corpus, rated(SPEECH[:4]), followed="speech recognition")
    assert entries(issue)[0].reason.startswith(
        "you follow speech recognition; like “Speech Recognition"
    )


def test_what_is_blocked_and_followed_is_blocked(corpus: Corpus) -> None:
    shown = ids(plan(corpus, followed="speech recognition", blocked="A. Family3", papers=15))
    assert shown == SPEECH[1:]
    every = ids(
        plan(corpus, (), EXPLORING, followed="speech recognition", blocked="speech", papers=50)
    )
    assert set(every).isdisjoint(SPEECH)


def test_what_one_follows_leaves_the_issues_of_others_as_they_are(corpus: Corpus) -> None:
    """All issues of a run share the trend of the papers."""
    trend = corpus.trend_scores.copy()
    follower, other = Reader(papers=8, followed="speech recognition"), Reader(papers=8)
    first, second = plan_issues(corpus, [follower, other], PLAIN)
    assert ids(first) == SPEECH[:8]
    assert second == plan(corpus)
    assert ids(second) == list(range(1, 9))
    assert corpus.trend_scores.tolist() == trend.tolist()


@pytest.mark.parametrize("ratings", [[], rated(SPEECH[:5])], ids=["newcomer", "fan"])
def test_explored_papers_are_marked_and_carry_their_propensity(
    corpus: Corpus, ratings: list[Rating]
) -> None:
    for seed in range(10):
        issue = plan(corpus, ratings, EXPLORING, papers=10, seed=str(seed))
        explored = [entry for entry in entries(issue) if entry.explored]
        assert [entry.position for entry in explored] == [5, 10]
        for entry in explored:
            assert entry.propensity is not None
            assert 0 < entry.propensity < 1
            assert entry.reason == EXPLORED_REASON
        assert all(entry.propensity == 1.0 for entry in entries(issue) if not entry.explored)
        assert len(set(ids(issue))) == 10


def test_places_that_are_not_explored_are_the_best_of_the_ranking(corpus: Corpus) -> None:
    ratings = rated(SPEECH[:5])
    best = ids(plan(corpus, ratings, papers=8))
    for seed in range(5):
        assert ranked_ids(plan(corpus, ratings, EXPLORING, papers=10, seed=str(seed))) == best


@pytest.mark.parametrize(
    ("papers", "exploration", "explored"),
    [(10, 2, 2), (10, 1, 1), (10, 0, 0), (9, 2, 1), (4, 2, 1), (3, 2, 0)],
)
def test_exploration_takes_as_many_places_as_are_allowed(
    corpus: Corpus, papers: int, exploration: int, explored: int
) -> None:
    parameters = RankingParameters(exploration=exploration)
    issue = plan(corpus, rated([1, 6]), parameters, papers=papers)
    assert len(ids(issue)) == papers
    assert sum(entry.explored for entry in entries(issue)) == explored


def test_same_seed_gives_the_same_issue_and_another_may_give_another(corpus: Corpus) -> None:
    def drawn(seed: int) -> IssuePlan | None:
        return plan(corpus, rated([3, 6, 1]), EXPLORING, papers=10, seed=f"{seed} 4")

    assert drawn(1) == drawn(1)
    assert len({tuple(ids(drawn(seed))) for seed in range(10)}) > 1


def test_unexplored_issue_is_the_same_for_every_seed(corpus: Corpus) -> None:
    assert plan(corpus, rated([3]), seed="1") == plan(corpus, rated([3]), seed="2")


def test_duplicates_of_what_is_ranked_are_hardly_explored() -> None:
    """Of forty papers with the same trend, twenty are announcements of one: they promise nothing.

    Drawn alike, half of the explored ones would be such.
    """
    papers = [
        paper(number, "Attention Is Everything" if number % 2 else f"Word{number} term{number}")
        for number in range(1, 41)
    ]
    mentions = [Mention(each.id, f"Lab {each.id}", TODAY, 1, 0) for each in papers]
    corpus = corpus_of(index_papers(papers), mentions, {}, today=TODAY)
    drawn = [
        entry.paper_id
        for seed in range(50)
        for entry in entries(plan(corpus, (), EXPLORING, papers=10, seed=str(seed)))
        if entry.explored
    ]
    assert len(drawn) == 100
    assert sum(paper_id % 2 for paper_id in drawn) <= 15


def test_first_issue_asks_about_the_papers_that_tell_most(corpus: Corpus) -> None:
    issue = plan(corpus, (), EXPLORING, papers=8, is_new=True)
    told = informative(corpus.rows, corpus.trend_scores, None, offered=np.arange(48), places=8)
    assert ids(issue) == [corpus.index.papers[corpus.candidates[at]].id for at in told]
    assert {each % 3 for each in ids(issue)} == {0, 1, 2}, "all three topics"
    assert ids(issue)[0] == 1, "the best one stands first"


def test_nothing_of_a_first_issue_is_left_to_chance(corpus: Corpus) -> None:
    first, second = (plan(corpus, (), EXPLORING, is_new=True, seed=str(seed)) for seed in (1, 2))
    assert first == second
    assert {(entry.explored, entry.propensity) for entry in entries(first)} == {(False, 1.0)}


def test_scores_of_a_first_issue_are_those_of_its_papers(corpus: Corpus) -> None:
    """Each is shown in its place for what it tells, with its own blend beside it."""
    for interests in ("", "speech recognition"):
        issue = plan(corpus, papers=10, interests=interests, is_new=True, sent={1, 2, 4})
        for entry in entries(issue):
            assert entry.ranking_score == pytest.approx(blend_of(entry))
            assert type(entry.ranking_score) is float


def test_first_issue_approaches_what_they_said_they_like(corpus: Corpus) -> None:
    asked = ids(plan(corpus, papers=9, is_new=True))
    stated = ids(plan(corpus, papers=9, is_new=True, interests="speech recognition"))
    assert len(set(stated) & set(SPEECH)) > len(set(asked) & set(SPEECH))


def test_learned_parameters_reach_the_ranking(corpus: Corpus) -> None:
    ratings = rated([3, 6])
    plain = entries(plan(corpus, ratings))
    sooner = entries(plan(corpus, ratings, replace(PLAIN, half_evidence=0.5)))
    stiffer = entries(
        plan(corpus, ratings, replace(PLAIN, interest=InterestParameters(centring=0.0)))
    )
    assert plain[0].interest_weight == pytest.approx(2 / 3)
    assert sooner[0].interest_weight == pytest.approx(2 / 2.5)
    assert {e.paper_id: e.interest_score for e in plain} != {
        e.paper_id: e.interest_score for e in stiffer
    }


def assert_same_but_for_rounding(issue: IssuePlan | None, expected: IssuePlan | None) -> None:
    """Allow for sums of single precision: their last digits depend on who else is summed up."""
    assert issue is not None
    assert expected is not None
    assert len(issue.entries) == len(expected.entries)
    for entry, other in zip(issue.entries, expected.entries, strict=True):
        for name in ("interest_score", "ranking_score", "propensity"):
            assert getattr(entry, name) == pytest.approx(getattr(other, name), abs=1e-5)
        scores = {
            name: getattr(other, name) for name in ("interest_score", "ranking_score", "propensity")
        }
        assert replace(entry, **scores) == other
    assert replace(issue, entries=()) == replace(expected, entries=())


def test_readers_planned_together_get_what_each_gets_alone(corpus: Corpus) -> None:
    readers = [
        Reader(papers=10, seed="1"),
        Reader(papers=10, ratings=rated(SPEECH[:10]), seed="2"),
        Reader(papers=10, ratings=rated([*GRAPHS[:6], *SPEECH[:6]]), seed="3"),
        Reader(papers=4, interests="protein folding", is_new=True, seed="4"),
        Reader(papers=10, followed="speech recognition", seed="5"),
        Reader(papers=10, blocked="graph", ratings=rated([1, 4], -1), seed="6"),
        Reader(papers=10, terms=said_of("speech recognition", -1), seed="7"),
        Reader(papers=10, sent=set(range(1, 40)), ratings=rated([2, 5]), seed="8"),
    ]
    nobody = Reader(papers=10, sent=set(range(1, 49)))
    together = plan_issues(corpus, [*readers, nobody], EXPLORING)
    assert together[-1] is None
    for reader, issue in zip(readers, together, strict=False):
        (alone,) = plan_issues(corpus, [reader], EXPLORING)
        assert_same_but_for_rounding(issue, alone)


def test_more_readers_than_are_fitted_at_once_all_get_their_own(corpus: Corpus) -> None:
    rng = np.random.default_rng(0)
    readers = [
        Reader(papers=5, ratings=rated(rng.permutation(48)[:30].tolist()), seed=str(number))
        for number in range(MOST_ROWS // 30 + 3)
    ]
    together = plan_issues(corpus, readers, EXPLORING)
    assert len(together) == len(readers)
    for at in (0, 1, len(readers) - 2, len(readers) - 1):
        (alone,) = plan_issues(corpus, [readers[at]], EXPLORING)
        assert_same_but_for_rounding(together[at], alone)


def test_no_reader_is_no_issue(corpus: Corpus) -> None:
    assert plan_issues(corpus, [], EXPLORING) == []
