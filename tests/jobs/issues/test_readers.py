"""What subscribers said, and what an instance learned and decided, reaches their issues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from string import ascii_uppercase
from typing import Any

import pytest

from recommender.domain import Issue, IssueEntry, Rating, Subscriber, Tuning
from recommender.interests.parameters import InterestParameters
from recommender.jobs.issues import newsletters
from recommender.jobs.issues.newsletters import ComposeReport
from recommender.jobs.issues.readers import load_readers, ranking_parameters
from recommender.jobs.people.term_ratings import rate_words
from recommender.jobs.services import Services
from recommender.newsletter.blend import PRIOR_HALF_EVIDENCE
from recommender.newsletter.reader import RankingParameters
from recommender.store import ratings, tunings

Subscribe = Callable[..., Subscriber]
Ingest = Callable[..., Any]
IssuesOf = Callable[[Subscriber], list[Issue]]
Rate = Callable[..., None]

DAY = timedelta(days=1)
TOPICS = ("Graph Pruning", "Protein Folding", "Speech Recognition", "Federated Learning")


def own_words(number: int) -> str:
    """Return words that no other paper has, so that papers of one topic are no near-duplicates."""
    return " ".join(f"word{number}{letter}" for letter in "abcdefghijkl")


def letters(number: int) -> str:
    """Return a number in letters: figures behind a name are of footnotes."""
    return "".join(ascii_uppercase[int(figure)] for figure in str(number))


def digest(papers: int = 24) -> list[dict[str, Any]]:
    """Return papers of four topics in turn, with arXiv ids that end in their number."""
    return [
        {
            "title": f"{TOPICS[number % 4]} {number}",
            "id": f"2603.{number:05}",
            "abstract": f"{own_words(number)} about {TOPICS[number % 4].lower()}.",
            "authors": [f"Author Family{letters(number)}"],
        }
        for number in range(1, papers + 1)
    ]


def exploring(services: Services, places: int) -> Services:
    return replace(services, ranking=replace(services.ranking, exploration=places))


def next_entries(services: Services, subscriber: Subscriber) -> tuple[IssueEntry, ...]:
    (planned,) = newsletters.plan_issues(services, only=subscriber.email, now_even_if_not_due=True)
    assert planned.plan is not None
    return planned.plan.entries


def titles(entries: tuple[IssueEntry, ...]) -> list[str]:
    return [entry.title for entry in entries]


def tuning(clock: Any, *, adopted: bool = True, **parameters: float) -> Tuning:
    return Tuning(
        id=0,
        tuned_at=clock.now,
        parameters=parameters,
        ndcg_at_10=0.2,
        ndcg_at_10_before=0.1,
        subscribers=20,
        adopted=adopted,
        note="",
    )


def test_everything_that_was_said_is_read_for_each_in_their_order(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    rate: Rate,
    clock: Any,
    issues_of: IssuesOf,
    compose_now: Callable[..., ComposeReport],
    now_known: Callable[[Subscriber], Subscriber],
) -> None:
    ingest(digest())
    first = subscribe("first", papers=3, followed="speech", blocked="FamilyB\ngraph pruning")
    second = subscribe("second", papers=5, interests="protein folding")
    rate(first, ["Protein Folding 1"], saved=True)
    with services.database.write() as session:
        rate_words(session, second.id, "graph", -1, now=clock.now)
    compose_now("second@example.org")
    with services.database.read() as session:
        two, one = load_readers(session, [now_known(second), now_known(first)])

    assert (one.papers, two.papers) == (3, 5)
    assert [(each.value, each.saved) for each in one.ratings] == [(1, True)]
    assert (one.followed, one.blocked) == ("speech", "FamilyB\ngraph pruning")
    assert (two.followed, two.blocked) == ("", "")
    assert (one.interests, two.interests) == ("", "protein folding")
    assert (list(one.terms), [(each.term, each.value) for each in two.terms]) == (
        [],
        [("graph", -1)],
    )
    (issue,) = issues_of(second)
    assert set(one.sent) == set()
    assert set(two.sent) == {entry.paper_id for entry in issue.entries}
    assert (one.is_new, two.is_new) == (False, False)
    assert (one.seed, two.seed) == (f"{first.id} 0", f"{second.id} 1")


@pytest.mark.parametrize("places", [0, 1, 2])
def test_as_many_places_are_explored_as_the_operator_allows_and_propensities_are_kept(
    *, services: Services, subscribe: Subscribe, ingest: Ingest, issues_of: IssuesOf, places: int
) -> None:
    ingest(digest())
    newcomer, reader = subscribe(), subscribe("fan", interests="speech recognition")
    newsletters.compose_issues(exploring(services, places), now_even_if_not_due=True)
    for each in (newcomer, reader):
        (issue,) = issues_of(each)
        explored = [entry for entry in issue.entries if entry.explored]
        assert [entry.position for entry in explored] == [5, 10][:places]
        assert all(0 < (entry.propensity or 0) < 1 for entry in explored)
        assert all(entry.propensity == 1.0 for entry in issue.entries if not entry.explored)


def test_other_papers_are_explored_in_the_next_issue_and_for_others(
    services: Services, subscribe: Subscribe, ingest: Ingest
) -> None:
    ingest(digest(60))
    services = exploring(services, 2)
    explored = [
        tuple(e.title for e in next_entries(services, subscribe(f"r{number}")) if e.explored)
        for number in range(8)
    ]
    assert all(len(each) == 2 for each in explored)
    assert len(set(explored)) > 1


@pytest.mark.parametrize("is_newcomer", [False, True], ids=["later", "welcome"])
def test_a_preview_shows_what_is_composed_then(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    issues_of: IssuesOf,
    clock: Any,
    is_newcomer: bool,
    confirmed: Callable[..., Subscriber],
) -> None:
    ingest(digest())
    services = exploring(services, 2)
    if is_newcomer:
        reader = confirmed("reader@example.org")
    else:
        reader = subscribe(interests="speech recognition")
        clock.now += DAY
    text = " ".join(newsletters.preview(services, reader.email).text.split())
    assert newsletters.compose_issues(services) == ComposeReport(issues=1, nothing_new=0)
    (issue,) = issues_of(reader)
    assert issue.welcome is is_newcomer
    assert any(entry.explored for entry in issue.entries) is not is_newcomer
    numbered = [f"{entry.position}. {entry.title} " for entry in issue.entries]
    places = [text.find(each) for each in numbered]
    assert min(places) >= 0
    assert places == sorted(places)
    assert all(entry.reason.lower() in text.lower() for entry in issue.entries)


def test_what_is_blocked_stays_out_and_what_is_followed_comes_first(
    services: Services, subscribe: Subscribe, ingest: Ingest
) -> None:
    ingest(digest())
    reader = subscribe(
        papers=20, followed="speech recognition\nA. FamilyCE", blocked="graph pruning\nA. FamilyC"
    )
    shown = next_entries(services, reader)
    assert not any("Graph Pruning" in title for title in titles(shown))
    assert len(shown) == 24 - 6 - 1, "six of a topic and one of an author are blocked"
    assert "Speech Recognition 2" not in titles(shown)
    best = [entry for entry in shown if not entry.explored][:4]
    assert [entry.title for entry in best] == [f"Speech Recognition {at}" for at in (6, 10, 14, 18)]
    assert all(entry.reason.startswith("you follow speech recognition; ") for entry in best)


def test_papers_named_by_their_identifiers_count_as_likes_once_they_are_known(
    services: Services, subscribe: Subscribe, ingest: Ingest
) -> None:
    plain = subscribe("plain")
    reader = subscribe(interests="2604.00001, https://doi.org/10.1000/xyz")
    ingest(digest())
    services = exploring(services, 0)
    assert titles(next_entries(services, reader)) == titles(next_entries(services, plain))

    named = {"title": "Speech Recognition in Noise", "id": "2604.00001"}
    cited = {"title": "Hearing Speech", "id": "10.1000/XYZ"}
    ingest([named, cited])
    entries = next_entries(services, reader)
    assert {"Speech Recognition in Noise", "Hearing Speech"}.isdisjoint(titles(entries))
    assert {"Speech Recognition in Noise", "Hearing Speech"} <= set(
        titles(next_entries(services, plain))
    )
    assert entries[0].interest_weight == pytest.approx(2 / (2 + PRIOR_HALF_EVIDENCE))
    alike = {f"Speech Recognition {number}" for number in range(2, 24, 4)}
    of_reader, of_plain = (
        alike.intersection(titles(next_entries(services, each))) for each in (reader, plain)
    )
    assert len(of_reader) >= 5
    assert len(of_reader) > len(of_plain)
    assert entries[0].title == "Speech Recognition 2"
    assert entries[0].reason.startswith("like “Speech Recognition in Noise”")


def test_a_rating_of_a_named_paper_counts_instead(
    services: Services, subscribe: Subscribe, ingest: Ingest, rate: Rate, clock: Any
) -> None:
    ingest(digest())
    reader = subscribe(interests="2603.00002, 2603.00003")
    clock.now += DAY
    rate(reader, ["Speech Recognition 2"], -1)
    with services.database.read() as session:
        (read,) = load_readers(session, [reader])
        (rated,) = ratings.of_subscriber(session, reader.id)
    named = Rating(read.ratings[1].paper_id, 1, saved=False, rated_at=reader.requested_at)
    assert list(read.ratings) == [rated, named]
    assert rated.value == -1
    assert read.interests == ""


def test_without_a_tuning_the_defaults_are_used(services: Services, clock: Any) -> None:
    with services.database.write() as session:
        tunings.add(session, tuning(clock, adopted=False, penalty=20.0))
    with services.database.read() as session:
        assert ranking_parameters(exploring(services, 1), session) == RankingParameters(
            interest=InterestParameters(), half_evidence=PRIOR_HALF_EVIDENCE, exploration=1
        )


def test_adopted_parameters_reach_the_ranking(
    *,
    services: Services,
    subscribe: Subscribe,
    ingest: Ingest,
    rate: Rate,
    clock: Any,
    stored_papers: Callable[[], list[Any]],
) -> None:
    services = exploring(services, 0)
    ingest((files("recommender") / "demo" / "samples" / "first-day.json").read_bytes())
    reader = subscribe(papers=30)
    rate(reader, [paper.title for paper in stored_papers()[:2]])
    before = next_entries(services, reader)
    with services.database.write() as session:
        tunings.add(session, tuning(clock, half_evidence=0.5, penalty=60.0, background_weight=0.0))
    with services.database.read() as session:
        parameters = ranking_parameters(services, session)
    assert parameters.interest == InterestParameters(penalty=60.0, background_weight=0.0)
    assert parameters.half_evidence == 0.5

    after = next_entries(services, reader)
    assert before[0].interest_weight == pytest.approx(2 / 3)
    assert after[0].interest_weight == pytest.approx(2 / 2.5)
    interest = {entry.paper_id: entry.interest_score for entry in before}
    assert all(
        entry.interest_score != pytest.approx(interest[entry.paper_id], rel=1e-3)
        for entry in after
        if entry.paper_id in interest
    )


def test_a_withdrawn_tuning_gives_way_to_the_one_before(services: Services, clock: Any) -> None:
    with services.database.write() as session:
        tunings.add(session, tuning(clock, penalty=20.0))
        clock.now += DAY
        newest = tunings.add(session, tuning(clock, penalty=40.0, community_weight=0.3))
    with services.database.read() as session:
        assert ranking_parameters(services, session).interest.penalty == 40.0
    with services.database.write() as session:
        tunings.withdraw(session, newest, "it made things worse")
    with services.database.read() as session:
        assert ranking_parameters(services, session).interest == InterestParameters(penalty=20.0)
