"""What subscribers say of their interests is kept, found again, undone, exported and erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import InterestState, KeptInterest, Subscriber
from recommender.errors import PreferenceError
from recommender.jobs.issues import learning, newsletters
from recommender.jobs.issues.taste import LearnedInterest
from recommender.jobs.outgoing import links
from recommender.jobs.people import own_data, undoing
from recommender.jobs.people.last_change import Kind, undoable
from recommender.jobs.people.own_interests import (
    KEPT_MAX,
    NAME_MAX_CHARACTERS,
    Meant,
    find_meant,
    keep,
    parse_name,
)
from recommender.jobs.people.term_ratings import forget_learned
from recommender.jobs.services import Services
from recommender.store import kept_interests, papers, ratings
from recommender.store.erasing import erase_subscriber

GRAPHS = [f"graph molecules of rest{at}" for at in range(8)]
SPEECH = [f"speech transducers of rest{at}" for at in range(8, 14)]


@pytest.fixture
def reader(
    subscribe: Callable[..., Subscriber],
    ingest: Callable[..., Any],
    rate: Callable[..., None],
    clock: Any,
) -> Subscriber:
    """Store who likes six papers of two subjects each; two of the first they did not rate."""
    ingest([*GRAPHS, *SPEECH, *(f"other{at} thing{at}" for at in range(60))])
    one = subscribe()
    rate(one, [*GRAPHS[:6], *SPEECH])
    clock.now += timedelta(minutes=5)
    return one


def token_of(services: Services, reader: Subscriber) -> str:
    return links.preferences_url(services, reader, since=services.clock()).rpartition("/")[2]


def interests(services: Services, reader: Subscriber) -> dict[str, LearnedInterest]:
    """Return what was learned, by the word that tells it."""
    learned = learning.taste_learned_of(services, reader).interests
    return {"graphs" if "graph" in each.phrases else "speech": each for each in learned}


def meant(interest: LearnedInterest) -> Meant:
    known = 0 if interest.kept is None else interest.kept.id
    return Meant(known, frozenset(sorted(interest.papers)[:3]))


def say(services: Services, reader: Subscriber, of: Meant, **said: Any) -> int:
    """Keep something of an interest as the page does; gives the number that undoes it."""
    interest = replace(find_meant(services, token_of(services, reader), of), **said)
    now = services.clock()
    with (
        services.change() as session,
        undoable(session, reader.id, Kind.INTERESTS, now=now) as made,
    ):
        keep(session, reader.id, interest)
    return made.number


def kept(services: Services, reader: Subscriber) -> list[KeptInterest]:
    with services.database.read() as session:
        return kept_interests.of_subscriber(session, reader.id)


def undo(services: Services, reader: Subscriber, number: int) -> None:
    with services.change() as session:
        undoing.undo(services, session, reader, number)


def explained(services: Services, reader: Subscriber) -> Any:
    return learning.explain_subscriber(services, reader.email).as_json()


def test_looking_keeps_nothing(services: Services, reader: Subscriber) -> None:
    assert set(interests(services, reader)) == {"graphs", "speech"}
    assert kept(services, reader) == []


def test_a_name_stays_with_the_interest_when_more_is_liked(
    services: Services, reader: Subscriber, rate: Callable[..., None], clock: Any
) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    clock.now += timedelta(days=1)
    rate(reader, GRAPHS[6:])

    found = interests(services, reader)

    assert found["graphs"].called == "chemistry"
    assert len(found["graphs"].papers) == 8
    assert found["speech"].kept is None
    assert found["speech"].called == found["speech"].phrases


def test_a_name_is_told_by_explain(services: Services, reader: Subscriber) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    told = explained(services, reader)
    assert {each["name"] for each in told["told_apart"]} == {"chemistry", ""}
    assert sum(each["share"] for each in told["told_apart"]) == pytest.approx(1)
    assert "chemistry: 50 % of what they like; " in str(
        learning.explain_subscriber(services, reader.email)
    )


def test_a_paused_interest_is_learned_and_ranks_nothing(
    services: Services, reader: Subscriber
) -> None:
    say(
        services,
        reader,
        meant(interests(services, reader)["graphs"]),
        state=InterestState.PAUSED,
    )

    assert interests(services, reader)["graphs"].is_paused
    assert [each["paused"] for each in explained(services, reader)["told_apart"]].count(True) == 1
    told = learning.explain_paper(services, reader.email, GRAPHS[6])
    assert told.interest is not None
    assert told.interest.decision == pytest.approx(
        told.interest.intercept + sum(told.interest.contributions.values()), abs=1e-6
    )
    assert told.interest.contributions["graph"] <= 0


def test_what_is_liked_of_a_removed_interest_teaches_nothing_and_is_no_news(
    services: Services, reader: Subscriber, rate: Callable[..., None], clock: Any
) -> None:
    say(
        services,
        reader,
        meant(interests(services, reader)["graphs"]),
        state=InterestState.REMOVED,
    )
    told = explained(services, reader)

    assert told["likes"] == len(SPEECH)
    assert not any("graph" in word for word in told["liked_words"])
    assert told["told_apart"][0]["name"] == ""
    with services.database.read() as session:
        assert len(ratings.of_subscriber(session, reader.id)) == 12
        titles = {paper.title: paper.id for paper in papers.every(session)}
    (planned,) = newsletters.plan_issues(services, only=reader.email, now_even_if_not_due=True)
    assert planned.plan is not None
    offered = {entry.paper_id for entry in planned.plan.entries}
    assert offered.isdisjoint({titles[each] for each in (*GRAPHS[:6], *SPEECH)})

    clock.now += timedelta(days=1)
    rate(reader, GRAPHS[6:])
    rate(reader, GRAPHS[:1], saved=True)
    assert explained(services, reader)["likes"] == len(SPEECH) + 3, "said since then"


def test_a_removed_interest_comes_back_as_it_was(services: Services, reader: Subscriber) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    before = explained(services, reader)
    (row,) = kept(services, reader)
    say(services, reader, Meant(row.id), state=InterestState.REMOVED)
    assert explained(services, reader) != before

    say(services, reader, Meant(row.id), state=InterestState.ACTIVE)

    assert explained(services, reader) == before


@pytest.mark.parametrize(
    "said", [{"name": "chemistry"}, {"state": InterestState.PAUSED}, {"state": "removed"}]
)
def test_what_is_said_first_is_undone_to_nothing_said(
    services: Services, reader: Subscriber, said: dict[str, Any]
) -> None:
    before = explained(services, reader)
    said = {name: InterestState(each) if name == "state" else each for name, each in said.items()}
    number = say(services, reader, meant(interests(services, reader)["graphs"]), **said)

    undo(services, reader, number)

    assert kept(services, reader) == []
    assert explained(services, reader) == before


def test_what_is_said_later_is_undone_to_what_was_said_before(
    services: Services, reader: Subscriber, clock: Any
) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    before = kept(services, reader)
    clock.now += timedelta(minutes=5)
    number = say(services, reader, Meant(before[0].id), state=InterestState.REMOVED)

    undo(services, reader, number)

    assert kept(services, reader) == before


def test_an_interest_that_goes_on_without_a_name_needs_no_row(
    services: Services, reader: Subscriber
) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    say(services, reader, meant(interests(services, reader)["graphs"]), name="")
    assert kept(services, reader) == []


def test_forgetting_all_forgets_names_and_is_undone(
    services: Services, reader: Subscriber, clock: Any
) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    before = kept(services, reader)
    clock.now += timedelta(minutes=5)
    with services.change() as session:
        now = services.clock()
        with undoable(session, reader.id, Kind.LEARNING, now=now) as change:
            forget_learned(session, reader.id, now=now)
    assert kept(services, reader) == []

    undo(services, reader, change.number)

    assert kept(services, reader) == before


def test_an_interest_that_is_no_more_is_told_and_nothing_is_kept(
    services: Services, reader: Subscriber, stored: Callable[[], Any]
) -> None:
    before = stored()
    for gone in (Meant(99), Meant(0), Meant(0, frozenset({10_000}))):
        with pytest.raises(PreferenceError, match="changed meanwhile"):
            say(services, reader, gone, name="chemistry")
    assert stored() == before


def test_what_is_kept_of_somebody_else_is_nobodys_business(
    services: Services, reader: Subscriber, subscribe: Callable[..., Subscriber]
) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    (row,) = kept(services, reader)
    with pytest.raises(PreferenceError, match="changed meanwhile"):
        say(services, subscribe("other"), Meant(row.id), name="mine")
    assert kept(services, reader) == [row]


def test_no_more_are_kept_than_a_page_can_show(services: Services, reader: Subscriber) -> None:
    with services.change() as session:
        for _ in range(KEPT_MAX):
            nothing = KeptInterest(0, "x", "", InterestState.ACTIVE, frozenset(), services.clock())
            keep(session, reader.id, nothing)
    with pytest.raises(PreferenceError, match="50 interests"):
        say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")


def test_a_name_is_one_line_of_some_characters() -> None:
    assert parse_name("  protein\r\n design\u202e\x00 ") == "protein design"
    assert parse_name("x" * NAME_MAX_CHARACTERS)
    with pytest.raises(PreferenceError, match="60 characters"):
        parse_name("x" * (NAME_MAX_CHARACTERS + 1))


def test_the_export_has_what_was_said_of_interests(services: Services, reader: Subscriber) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    (exported,) = own_data.export(services, token_of(services, reader))["interests"]
    assert (exported["name"], exported["state"], len(exported["papers"])) == (
        "chemistry",
        "active",
        6,
    )


def test_who_is_erased_leaves_no_interest(services: Services, reader: Subscriber) -> None:
    say(services, reader, meant(interests(services, reader)["graphs"]), name="chemistry")
    with services.change() as session:
        erase_subscriber(session, reader.id)
    assert kept(services, reader) == []


def test_the_course_tells_which_interest_the_papers_of_issues_were_for(
    services: Services, reader: Subscriber
) -> None:
    assert newsletters.compose_issues(services, now_even_if_not_due=True).issues == 1

    taste = learning.taste_learned_of(services, reader)

    assert taste.course.all_places == reader.preferences.papers
    at = [each.called for each in taste.interests].index(
        interests(services, reader)["graphs"].called
    )
    assert sum(taste.course.places[at]) == 2, "the two that were not rated"
    assert sum(taste.course.places[1 - at]) == 0
    assert learning.course_learned_of(services, reader) == taste.course
