"""What readers say of their interests: names tell and change nothing, a pause silences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.domain import InterestState, KeptInterest, Mention, Paper, Rating
from recommender.interests.paper_index import index_papers
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.newsletter.issue import IssuePlan, plan_issues
from recommender.newsletter.reader import RankingParameters, Reader, evidence_of

NOW = datetime(2026, 3, 11, 7, tzinfo=UTC)
GRAPHS, SPEECH = range(1, 7), range(7, 13)
NEW_GRAPHS, NEW_SPEECH = range(13, 17), range(17, 21)
PARAMETERS = RankingParameters()


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Papers of two subjects, of which the last four of each are new, and sixty of anything."""
    subjects = ["graph molecules"] * 6 + ["speech transducers"] * 6
    subjects += ["graph molecules"] * 4 + ["speech transducers"] * 4
    titles = [f"{words} of rest{number}" for number, words in enumerate(subjects)]
    titles += [f"other{at} thing{at}" for at in range(60)]
    papers = [
        Paper(number, title, "", (), None, None, None, None, NOW)
        for number, title in enumerate(titles, start=1)
    ]
    return build_corpus(
        index_papers(papers),
        [Mention(each.id, "AK", NOW.date(), each.id, 0) for each in papers[12:]],
        {},
        today=NOW.date(),
        window_days=90,
        half_life_days=7,
    )


def kept(papers: range, *, name: str = "", paused: bool = False) -> KeptInterest:
    state = InterestState.PAUSED if paused else InterestState.ACTIVE
    return KeptInterest(1, name, "", state, frozenset(papers), NOW)


def reader(*interests: KeptInterest, stated: str = "") -> Reader:
    said = [Rating(each, 1, saved=False, rated_at=NOW) for each in (*GRAPHS, *SPEECH)]
    return Reader(papers=8, ratings=said, kept_interests=interests, interests=stated)


def planned(corpus: Corpus, one: Reader) -> IssuePlan:
    (plan,) = plan_issues(corpus, [one], PARAMETERS)
    assert plan is not None
    return plan


def papers_of(plan: IssuePlan) -> set[int]:
    return {entry.paper_id for entry in plan.entries}


def test_a_name_changes_no_figure_and_no_place(corpus: Corpus) -> None:
    plain, named = (
        planned(corpus, each) for each in (reader(), reader(kept(GRAPHS, name="chemistry")))
    )
    assert plain.entries != named.entries
    assert [replace(entry, reason="") for entry in plain.entries] == [
        replace(entry, reason="") for entry in named.entries
    ]


def test_a_name_is_told_where_its_interest_is_why_a_paper_is_there(corpus: Corpus) -> None:
    plan = planned(corpus, reader(kept(GRAPHS, name="chemistry")))
    named = {entry.paper_id for entry in plan.entries if "for your interest" in entry.reason}
    assert named == papers_of(plan) & {*NEW_GRAPHS}
    assert named
    assert all(
        entry.reason.startswith("for your interest chemistry; like “graph molecules")
        for entry in plan.entries
        if entry.paper_id in named
    )


def test_a_paused_interest_places_nothing_and_the_other_all(corpus: Corpus) -> None:
    assert papers_of(planned(corpus, reader())) == {*NEW_GRAPHS, *NEW_SPEECH}

    plan = planned(corpus, reader(kept(GRAPHS, paused=True)))

    assert papers_of(plan) >= {*NEW_SPEECH}
    assert not any("graph" in entry.reason for entry in plan.entries)
    scores = {entry.paper_id: entry.interest_score or 0.0 for entry in plan.entries}
    best_graph = max((scores[each] for each in NEW_GRAPHS if each in scores), default=0.0)
    assert best_graph < min(scores[each] for each in NEW_SPEECH)
    assert plan.likes == len(SPEECH)


def test_with_everything_paused_an_issue_is_what_is_trending(corpus: Corpus) -> None:
    both = (kept(GRAPHS, paused=True), replace(kept(SPEECH, paused=True), id=2))

    plan = planned(corpus, reader(*both))

    assert all(entry.interest_score is None for entry in plan.entries)
    assert {entry.interest_weight for entry in plan.entries} == {0.0}


def test_what_was_liked_of_a_paused_interest_comes_in_no_issue_again(corpus: Corpus) -> None:
    one = reader(kept(NEW_GRAPHS, paused=True))
    said = [Rating(each, 1, saved=False, rated_at=NOW) for each in NEW_GRAPHS]
    assert papers_of(planned(corpus, replace(one, ratings=[*one.ratings, *said]))).isdisjoint(
        NEW_GRAPHS
    )


def test_a_stated_interest_rests_while_the_one_that_it_is_about_is_paused(corpus: Corpus) -> None:
    paused = reader(kept(GRAPHS, paused=True), stated="graph molecules, speech transducers")
    evidence = evidence_of(corpus.index, paused, PARAMETERS)
    assert evidence.phrases == ("speech transducers",)


def test_a_dislike_counts_although_its_interest_is_paused(corpus: Corpus) -> None:
    one = reader(kept(GRAPHS, paused=True))
    disliked = Rating(1, -1, saved=False, rated_at=NOW + timedelta(days=1))
    said = [disliked, *(each for each in one.ratings if each.paper_id != 1)]
    evidence = evidence_of(corpus.index, replace(one, ratings=said), PARAMETERS)
    assert (evidence.likes, evidence.dislikes) == (len(SPEECH), 1)
