"""Ratings of one topic move that topic in the next issue, measured on real days of papers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import Issue, IssueEntry, Subscriber
from recommender.jobs.issues import newsletters
from recommender.jobs.services import Services

TOPIC = "video"
RATED = 10
DAYS = ("2024-05-27", "2024-05-28", "2025-09-29", "2025-09-30")


@pytest.fixture
def on_topic(
    shared_data: Path,
    ingest: Callable[..., Any],
    clock: Any,
    stored_papers: Callable[[], list[Any]],
) -> list[str]:
    """Ingest four real days and give the titles of one topic, those of the last day last."""
    clock.now = datetime(2025, 10, 1, 7, tzinfo=UTC)
    for day in DAYS:
        ingest((shared_data / "digests" / "huggingface-daily" / f"{day}.json").read_bytes())
    titles = [paper.title for paper in stored_papers()]
    return [title for title in titles if TOPIC in title.lower()]


def next_entries(services: Services, subscriber: Subscriber) -> tuple[IssueEntry, ...]:
    (planned,) = newsletters.plan_issues(services, only=subscriber.email, now_even_if_not_due=True)
    assert planned.plan is not None
    return planned.plan.entries


def ranked(entries: tuple[IssueEntry, ...]) -> list[IssueEntry]:
    """Leave out what was drawn by chance."""
    return [entry for entry in entries if not entry.explored]


def topic_positions(entries: tuple[IssueEntry, ...]) -> list[int]:
    return [entry.position for entry in ranked(entries) if TOPIC in entry.title.lower()]


def test_ten_likes_of_a_topic_put_it_on_top_for_who_liked_it_and_for_no_other(
    services: Services,
    subscribe: Callable[..., Subscriber],
    on_topic: list[str],
    rate: Callable[..., None],
    stored_papers: Callable[[], list[Any]],
) -> None:
    """What they like raises its trend a little for the others too."""
    about = {
        paper.id for paper in stored_papers() if TOPIC in f"{paper.title} {paper.abstract}".lower()
    }

    def on_top(subscriber: Subscriber) -> int:
        best = ranked(next_entries(services, subscriber))
        return sum(entry.paper_id in about for entry in best)

    reader, other = subscribe(), subscribe("other")
    assert on_top(reader) == on_top(other) <= 4
    rate(reader, on_topic[:RATED])
    assert on_top(reader) >= 6
    assert on_top(other) < on_top(reader)
    assert all(entry.interest_weight == 0 for entry in next_entries(services, other))

    entries = ranked(next_entries(services, reader))
    assert len(entries) == 10
    assert sum(entry.paper_id in about for entry in entries) >= 6
    assert all(entry.reason.startswith("like “") for entry in entries[:3])


def test_ten_likes_of_a_topic_bring_all_that_is_left_of_it(
    services: Services,
    subscribe: Callable[..., Subscriber],
    on_topic: list[str],
    rate: Callable[..., None],
) -> None:
    reader = subscribe()
    rate(reader, on_topic[:RATED])
    unexplored = replace(services, ranking=replace(services.ranking, exploration=0))
    entries = next_entries(unexplored, reader)
    assert len(entries) == 10
    assert set(on_topic[RATED:]) <= {entry.title for entry in entries}


def test_ten_dislikes_of_a_topic_remove_it(
    services: Services,
    subscribe: Callable[..., Subscriber],
    on_topic: list[str],
    rate: Callable[..., None],
) -> None:
    reader = subscribe(papers=30)
    assert topic_positions(next_entries(services, reader))
    rate(reader, on_topic[:RATED], -1)
    assert topic_positions(next_entries(services, reader)) == []


@pytest.mark.parametrize(("value", "saved"), [(1, False), (-1, False), (0, True)])
def test_withdrawing_restores_the_order_exactly(
    services: Services,
    subscribe: Callable[..., Subscriber],
    on_topic: list[str],
    rate: Callable[..., None],
    *,
    value: int,
    saved: bool,
) -> None:
    reader = subscribe(interests="reasoning")
    rate(reader, on_topic[-1:])
    before = next_entries(services, reader)
    rate(reader, on_topic[:RATED], value, saved=saved)
    assert before != next_entries(services, reader)
    rate(reader, on_topic[:RATED], 0)
    assert before == next_entries(services, reader)


def test_what_was_said_at_sign_up_is_followed_before_any_rating(
    services: Services, subscribe: Callable[..., Subscriber], on_topic: list[str]
) -> None:
    plain, stated = subscribe(), subscribe("stated", interests="video generation")
    assert on_topic
    of_stated = topic_positions(next_entries(services, stated))
    of_plain = topic_positions(next_entries(services, plain))
    assert len(of_stated) > len(of_plain)
    assert of_stated[0] == 1


def test_votes_through_issues_raise_the_topic_in_the_issues_that_follow(
    *,
    services: Services,
    subscribe: Callable[..., Subscriber],
    on_topic: list[str],
    rate: Callable[..., None],
    clock: Any,
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    """One who likes the topic has seen all of it earlier than one who does not rate."""
    reader, other = subscribe(papers=5), subscribe("other", papers=5)
    for _ in range(6):
        clock.now += timedelta(days=1)
        newsletters.compose_issues(services)
        for issue in issues_of(reader)[-1:]:
            rate(reader, [e.title for e in issue.entries if TOPIC in e.title.lower()])

    def sum_of_positions(subscriber: Subscriber) -> int:
        sent = [entry.title for issue in issues_of(subscriber) for entry in issue.entries]
        return sum(sent.index(title) if title in sent else len(sent) for title in on_topic)

    assert sum_of_positions(reader) < sum_of_positions(other)
