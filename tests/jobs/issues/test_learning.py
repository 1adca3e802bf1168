"""What was learned is told in words and in figures that add up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Issue, Subscriber
from recommender.errors import AddressError, NotFoundError
from recommender.interests.explanation import Explanation
from recommender.interests.learned import LearnedWords
from recommender.jobs.issues import learning, newsletters
from recommender.jobs.issues.explanations import TERMS_SHOWN, PaperExplanation
from recommender.jobs.people.term_ratings import rate_words
from recommender.jobs.services import Services

TITLES = [
    "Pruning Graph Neural Networks",
    "Graph Neural Networks for Molecules",
    "Protein Folding with Attention",
    "Speech Recognition in Noise",
    "Segmentation of Brain Tumours",
    "A Survey of Federated Learning",
]


@pytest.fixture
def reader(subscribe: Callable[..., Subscriber], ingest: Callable[..., Any]) -> Subscriber:
    """Store a subscriber who has rated nothing, and six papers."""
    ingest([{"title": title, "id": f"2603.0000{at}"} for at, title in enumerate(TITLES, start=1)])
    return subscribe()


def test_explaining_changes_nothing(
    services: Services, reader: Subscriber, rate: Callable[..., None], stored: Callable[[], Any]
) -> None:
    rate(reader, TITLES[:1])
    before = stored()
    learning.explain_subscriber(services, reader.email)
    learning.explain_paper(services, reader.email, "2603.00002")
    assert before == stored()


def test_nothing_is_learned_of_who_rated_nothing(services: Services, reader: Subscriber) -> None:
    told = learning.explain_subscriber(services, reader.email)
    assert told.words == LearnedWords((), ())
    assert str(told) == (
        "reader@example.org has rated nothing yet: their issues are what is trending."
    )


def test_what_somebody_stated_is_told_although_they_rated_nothing(
    services: Services, ingest: Callable[..., Any], subscribe: Callable[..., Subscriber]
) -> None:
    ingest([{"title": title, "id": f"2603.0000{at}"} for at, title in enumerate(TITLES, start=1)])
    stated = subscribe("ann", interests="graph neural networks, xylophones")
    not_known = subscribe("bob", interests="xylophones")

    told = learning.explain_subscriber(services, stated.email)
    assert "rated nothing" not in str(told)
    assert "They stated: graph neural networks." in str(told).splitlines()
    assert told.interests == 1
    assert (told.as_json()["stated"], told.as_json()["stated_not_known"]) == (
        ["graph neural networks"],
        ["xylophones"],
    )
    assert str(learning.explain_subscriber(services, not_known.email)).splitlines() == [
        "bob@example.org has rated nothing yet: their issues are what is trending.",
        "They stated what counts once digests bring papers of it: xylophones.",
    ]


def test_the_words_are_those_of_what_was_liked_and_disliked(
    services: Services, reader: Subscriber, rate: Callable[..., None]
) -> None:
    rate(reader, TITLES[:1], saved=True)
    rate(reader, ["Protein Folding with Attention"], -1)
    told = learning.explain_subscriber(services, reader.email)
    assert (told.likes, told.dislikes, told.saves) == (1, 1, 1)
    assert any("graph" in word.lower() for word in told.words.liked)
    assert any("protein" in word.lower() for word in told.words.disliked)
    assert "1 like, 1 dislike, 1 saved." in str(told)
    assert json.loads(json.dumps(told.as_json()))["liked_words"] == list(told.words.liked)


def test_without_a_dislike_no_word_is_disliked(
    services: Services, reader: Subscriber, rate: Callable[..., None]
) -> None:
    rate(reader, TITLES[:2])
    assert learning.explain_subscriber(services, reader.email).words.disliked == ()


@pytest.mark.parametrize("wanted", ["2603.00002", "for molecules", "2"])
def test_contributions_and_intercept_sum_to_the_decision(
    services: Services, reader: Subscriber, rate: Callable[..., None], wanted: str
) -> None:
    rate(reader, TITLES[:1])
    rate(reader, TITLES[2:3], -1)
    told = learning.explain_paper(services, reader.email, wanted)
    assert told.title == "Graph Neural Networks for Molecules"
    assert told.interest is not None
    contributions = list(told.interest.contributions.values())
    total = told.interest.intercept + sum(contributions)
    assert total == pytest.approx(told.interest.decision, abs=1e-6)
    assert contributions == sorted(contributions, reverse=True)


def test_what_the_words_that_are_not_shown_add_is_told_in_one_line() -> None:
    contributions = {f"word{number}": 0.1 for number in range(TERMS_SHOWN)}
    contributions |= {"more": 0.02, "less": -0.05}
    told = PaperExplanation(
        email="reader@example.org",
        title="Graphs",
        interest_weight=0.5,
        entry=None,
        why_not="not offered, they rated it",
        interest=Explanation(decision=0.96, intercept=-0.01, contributions=contributions),
    )
    lines = str(told).splitlines()
    assert lines[-1] == "  -0.0300  2 more"
    figures = [line for line in lines if line.startswith("  ")]
    assert sum("word" in line for line in figures) == TERMS_SHOWN + 1  # and "without any word"


def test_a_paper_is_explained_by_the_verdict_then_the_strongest_words_then_figures() -> None:
    weights = {"graph": 0.03, "by ann roe": 0.02, "node": 0.01, "edge": 0.004, "far": 0.002}
    told = PaperExplanation(
        email="reader@example.org",
        title="Graphs",
        interest_weight=0.5,
        entry=None,
        why_not="not offered, they rated it",
        interest=Explanation(
            decision=0.043,
            intercept=-0.002,
            contributions={**weights, "speech": -0.001, "video": -0.02},
        ),
    )

    assert str(told).splitlines() == [
        "Graphs",
        "For reader@example.org: not offered, they rated it.",
        "For it: graph, by ann roe, node.",
        "Against it: video.",
        "",
        "What their interest makes of it, in units of a like:",
        "  +0.0430  in all, of which",
        "  -0.0020  without any word",
        "  +0.0300  graph",
        "  +0.0200  by ann roe",
        "  -0.0200  video",
        "  +0.0100  node",
        "  +0.0040  edge",
        "  +0.0020  far",
        "  -0.0010  speech",
    ]


def without_chance(services: Services) -> Services:
    return replace(services, ranking=replace(services.ranking, exploration=0))


def test_the_rank_and_scores_are_those_of_the_next_issue(
    services: Services, reader: Subscriber, rate: Callable[..., None]
) -> None:
    rate(reader, TITLES[:1])
    (planned,) = newsletters.plan_issues(without_chance(services), now_even_if_not_due=True)
    assert planned.plan is not None
    assert len(planned.plan.entries) == 5
    for entry in planned.plan.entries:
        told = learning.explain_paper(services, reader.email, entry.title)
        assert told.entry == entry
        assert told.why_not == ""
        assert f"number {entry.position} of the next issue" in str(told)


def test_the_rank_is_told_without_the_places_that_are_drawn_by_chance(
    services: Services, reader: Subscriber, rate: Callable[..., None]
) -> None:
    rate(reader, TITLES[:1])
    exploring = replace(services, ranking=replace(services.ranking, exploration=1))
    (planned,) = newsletters.plan_issues(exploring, now_even_if_not_due=True)
    assert planned.plan is not None
    assert sum(entry.explored for entry in planned.plan.entries) == 1
    for title in TITLES[1:]:
        told = learning.explain_paper(exploring, reader.email, title)
        assert told == learning.explain_paper(services, reader.email, title)
        assert told.entry is not None


def test_a_paper_of_somebody_without_ratings_is_told_by_its_trend(
    services: Services, reader: Subscriber
) -> None:
    told = learning.explain_paper(services, reader.email, "2603.00001")
    assert told.entry is not None
    assert told.entry.position == 1
    assert told.interest is None
    assert told.as_json()["interest_score"] is None
    assert told.as_json()["contributions"] == []


def test_it_is_said_why_a_paper_is_not_offered(
    *,
    services: Services,
    reader: Subscriber,
    rate: Callable[..., None],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
    ingest: Callable[..., Any],
    clock: Any,
) -> None:
    rate(reader, TITLES[:1])
    compose_now()
    assert len(issues_of(reader)[0].entries) == 5
    rated = learning.explain_paper(services, reader.email, TITLES[0])
    sent = learning.explain_paper(services, reader.email, TITLES[1])
    assert (rated.entry, rated.why_not) == (None, "not offered, they rated it")
    assert (sent.entry, sent.why_not) == (None, "not offered, they were sent it")
    assert sent.interest is not None

    ingest(["An old paper"])
    clock.now += timedelta(days=services.ranking.window_days + 1)
    ingest(["A new paper"])
    old = learning.explain_paper(services, reader.email, "An old paper")
    assert (old.entry, old.why_not) == (None, "not offered, no recent digest mentions it")
    assert "not offered, no recent digest mentions it" in str(old)


def test_it_is_said_what_of_a_paper_is_blocked_or_followed(
    services: Services, subscribe: Callable[..., Subscriber], reader: Subscriber
) -> None:
    assert reader
    choosy = subscribe("choosy", blocked="protein folding", followed="speech recognition")
    blocked = learning.explain_paper(services, choosy.email, TITLES[2])
    assert blocked.entry is None
    assert blocked.why_not == "not offered, they never want word protein folding"
    followed = learning.explain_paper(services, choosy.email, TITLES[3])
    assert followed.entry is not None
    assert followed.entry.position == 1
    assert followed.entry.reason.startswith("you follow speech recognition; trending: ")


def test_rated_terms_are_part_of_what_sums_to_the_decision(
    services: Services, reader: Subscriber, rate: Callable[..., None], clock: Any
) -> None:
    rate(reader, TITLES[:1])
    before = learning.explain_paper(services, reader.email, TITLES[3])
    with services.database.write() as session:
        rate_words(session, reader.id, "speech recognition", -1, now=clock.now)
    told = learning.explain_paper(services, reader.email, TITLES[3])
    assert told.interest is not None
    assert before.interest is not None
    assert told.interest.decision < before.interest.decision
    total = told.interest.intercept + sum(told.interest.contributions.values())
    assert total == pytest.approx(told.interest.decision, abs=1e-6)
    assert told.interest.contributions["speech"] < before.interest.contributions["speech"]
    assert "speech" in learning.explain_subscriber(services, reader.email).words.disliked[0].lower()


def test_a_paper_far_down_is_not_said_to_be_unmentioned(
    services: Services, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "RANKS_SEARCHED", 3)
    told = learning.explain_paper(services, reader.email, TITLES[-1])
    assert (told.entry, told.why_not) == (None, "not among the first 3")


def test_who_or_what_is_unknown_or_ambiguous_is_said(
    services: Services, reader: Subscriber
) -> None:
    with pytest.raises(NotFoundError, match="nobody subscribed as"):
        learning.explain_subscriber(services, "nobody@example.org")
    with pytest.raises(AddressError):
        learning.explain_subscriber(services, "nobody")
    with pytest.raises(NotFoundError, match="no paper is known as 'quantum'"):
        learning.explain_paper(services, reader.email, "quantum")
    with pytest.raises(NotFoundError, match="means several papers") as caught:
        learning.explain_paper(services, reader.email, "graph neural")
    first, *named = str(caught.value).splitlines()
    assert first.endswith("name one by its id:")
    assert named == [f"  {at}: {title}" for at, title in enumerate(TITLES[:2], start=1)]


def test_of_many_papers_that_are_meant_the_first_are_named_and_the_others_counted(
    services: Services, reader: Subscriber, ingest: Callable[..., Any]
) -> None:
    ingest([f"Networks of {number}" for number in range(30)], day="2026-03-09")
    with pytest.raises(NotFoundError) as caught:
        learning.explain_paper(services, reader.email, "networks")
    assert len(str(caught.value).splitlines()) == 1 + 5 + 1
    assert str(caught.value).splitlines()[-1] == "  and 27 more"
