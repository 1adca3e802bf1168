"""What is in a reader's library moves their issues, and is not sent to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import LibraryAddress, Subscriber
from recommender.jobs.issues import learning, newsletters
from recommender.jobs.issues.readers import ENOUGH_TO_GUESS, load_readers
from recommender.jobs.people import libraries as jobs
from recommender.jobs.services import Services
from recommender.store import libraries, papers, ratings
from recommender.store.libraries import LibraryItem

TOPICS = ("Graph Pruning", "Protein Folding", "Speech Recognition", "Dough Fermentation")
Keep = Callable[..., None]


@pytest.fixture
def reader(subscribe: Any, ingest: Any) -> Subscriber:
    """Store a reader, and 48 papers of four topics, each with words of its own."""
    ingest(
        [
            {
                "title": f"{TOPICS[number % 4]} {number}",
                "id": f"2603.{number:05}",
                "abstract": " ".join(f"word{number}{letter}" for letter in "abcdefghijkl")
                + f" about {TOPICS[number % 4].lower()}.",
            }
            for number in range(1, 49)
        ]
    )
    subscriber: Subscriber = subscribe(papers=6)
    return subscriber


@pytest.fixture
def keep(services: Services, reader: Subscriber) -> Keep:
    """Have papers in the reader's library, by their titles."""

    def keep(titles: Iterable[str]) -> None:
        with services.database.write() as session:
            ids = {paper.title: paper.id for paper in papers.every(session)}
            address = LibraryAddress("groups/7")
            now = services.clock()
            libraries.give(session, reader.id, address, sealed_key=None, now=now)
            library = libraries.of_subscriber(session, reader.id)
            assert library is not None
            items = [
                LibraryItem(title.replace(" ", ""), now - timedelta(days=1), paper_id=ids[title])
                for title in titles
            ]
            libraries.put_items(session, library.id, items)

    return keep


def next_titles(services: Services, reader: Subscriber) -> list[str]:
    (planned,) = newsletters.plan_issues(services, only=reader.email, now_even_if_not_due=True)
    assert planned.plan is not None
    return [entry.title for entry in planned.plan.entries]


DOUGH = [f"Dough Fermentation {number}" for number in (3, 7, 11, 15)]


def test_papers_like_those_of_the_library_come_first_and_these_do_not_come(
    services: Services, reader: Subscriber, keep: Keep
) -> None:
    before = next_titles(services, reader)
    assert not all("Dough" in title for title in before)
    keep(DOUGH)

    after = next_titles(services, reader)
    assert all("Dough" in title for title in after[:4])
    assert set(DOUGH).isdisjoint(after)


def test_a_library_that_is_taken_back_leaves_no_trace(
    services: Services, reader: Subscriber, keep: Keep
) -> None:
    before = next_titles(services, reader)
    keep(DOUGH)
    with services.change() as session:
        jobs.remove(session, reader.id)
    assert next_titles(services, reader) == before


def test_a_dislike_wins_over_the_library(
    services: Services, reader: Subscriber, keep: Keep, rate: Any
) -> None:
    keep(DOUGH[:1])
    liked = learning.explain_subscriber(services, reader.email)
    rate(reader, DOUGH[:1], -1)
    told = learning.explain_subscriber(services, reader.email)

    assert (liked.library_papers, liked.likes, liked.dislikes) == (1, 0, 0)
    assert told.dislikes == 1
    assert "dough" in " ".join(liked.words.liked)
    assert told.words.liked == ()


def test_a_library_is_nobodys_vote_and_leaves_no_rating(
    services: Services, reader: Subscriber, keep: Keep
) -> None:
    keep(DOUGH)
    with services.database.read() as session:
        assert ratings.community_votes(session) == {}
        assert ratings.of_subscriber(session, reader.id) == []


@pytest.mark.parametrize("known", [ENOUGH_TO_GUESS - 1, ENOUGH_TO_GUESS])
def test_the_first_issue_ranks_for_whom_a_library_says_enough(
    services: Services, reader: Subscriber, keep: Keep, known: int
) -> None:
    keep([f"{TOPICS[number % 4]} {number}" for number in range(1, known + 1)])
    with services.database.read() as session:
        (loaded,) = load_readers(session, [replace(reader, welcome_due=True)])
    assert len(loaded.library) == known
    assert loaded.is_new == (known < ENOUGH_TO_GUESS)


def test_only_the_last_added_papers_are_fitted_on(
    services: Services, reader: Subscriber, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.jobs.issues.readers.MOST_OF_A_LIBRARY", 3)
    keep(DOUGH)
    with services.database.read() as session:
        (loaded,) = load_readers(session, [reader])
    assert len(loaded.library) == 3
