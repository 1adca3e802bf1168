"""A vote is what its table says, by whom the link was made for, and only when posted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Issue, Rating, Subscriber, Vote
from recommender.errors import NotFoundError, TokenError, TokenExpiredError
from recommender.jobs.outgoing import links
from recommender.jobs.people import members, voting
from recommender.jobs.services import Services
from recommender.store import ratings, subscribers
from recommender.store.one_paper import make_one
from recommender.tokens import Purpose

NOTHING, LIKED, DISLIKED = (0, False), (1, False), (-1, False)
SAVED, LIKED_AND_SAVED = (0, True), (1, True)

# What was said, the vote, what is said afterwards: value and whether saved.
TABLE = [
    (NOTHING, Vote.UP, LIKED),
    (NOTHING, Vote.DOWN, DISLIKED),
    (NOTHING, Vote.SAVE, SAVED),
    (NOTHING, Vote.WITHDRAW, NOTHING),
    (LIKED, Vote.UP, LIKED),
    (LIKED, Vote.DOWN, DISLIKED),
    (LIKED, Vote.SAVE, LIKED_AND_SAVED),
    (LIKED, Vote.WITHDRAW, NOTHING),
    (DISLIKED, Vote.UP, LIKED),
    (DISLIKED, Vote.DOWN, DISLIKED),
    (DISLIKED, Vote.SAVE, SAVED),
    (DISLIKED, Vote.WITHDRAW, NOTHING),
    (SAVED, Vote.UP, LIKED_AND_SAVED),
    (SAVED, Vote.DOWN, DISLIKED),
    (SAVED, Vote.SAVE, SAVED),
    (SAVED, Vote.WITHDRAW, NOTHING),
    (LIKED_AND_SAVED, Vote.UP, LIKED_AND_SAVED),
    (LIKED_AND_SAVED, Vote.DOWN, DISLIKED),
    (LIKED_AND_SAVED, Vote.SAVE, LIKED_AND_SAVED),
    (LIKED_AND_SAVED, Vote.WITHDRAW, NOTHING),
]


@pytest.fixture
def issue(
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> Issue:
    """Compose an issue of ten papers to a reader."""
    ingest([f"Paper {number}" for number in range(1, 11)])
    reader = subscribe()
    compose_now(reader.email)
    return issues_of(reader)[0]


def subscriber_of(services: Services, issue: Issue) -> Subscriber:
    with services.database.read() as session:
        found = subscribers.by_id(session, issue.subscriber_id)
    assert found is not None
    return found


def link(services: Services, issue: Issue, position: int = 1, vote: Vote = Vote.UP) -> str:
    paper_id = issue.entries[position - 1].paper_id
    subscriber = subscriber_of(services, issue)
    return links.rating_url(services, subscriber, issue, paper_id, vote).rpartition("/")[2]


def said(services: Services, issue: Issue) -> dict[int, tuple[int, bool]]:
    """Read value and saved of each position that has a rating."""
    position = {entry.paper_id: entry.position for entry in issue.entries}
    with services.database.read() as session:
        found = ratings.of_subscriber(session, issue.subscriber_id)
    return {position[rating.paper_id]: (rating.value, rating.saved) for rating in found}


@pytest.mark.parametrize(("before", "choice", "after"), TABLE)
def test_a_vote_makes_of_what_was_said_what_the_table_says(
    services: Services,
    issue: Issue,
    clock: Any,
    *,
    before: tuple[int, bool],
    choice: Vote,
    after: tuple[int, bool],
) -> None:
    value, saved = before
    with services.database.write() as session:
        paper_id = issue.entries[0].paper_id
        rating = Rating(paper_id, value, saved=saved, rated_at=clock.now)
        ratings.put(session, issue.subscriber_id, rating)
    clock.now += timedelta(hours=1)
    voting.vote_linked(services, link(services, issue), choice, paper_id)
    assert said(services, issue) == ({} if after == NOTHING else {1: after})


@pytest.mark.parametrize(
    ("before", "undone", "after"),
    [
        (LIKED_AND_SAVED, Vote.SAVE, LIKED),
        (LIKED_AND_SAVED, Vote.UP, SAVED),
        (LIKED, Vote.UP, NOTHING),
        (SAVED, Vote.SAVE, NOTHING),
        (DISLIKED, Vote.DOWN, NOTHING),
        (DISLIKED, Vote.UP, DISLIKED),
        (LIKED_AND_SAVED, Vote.DOWN, LIKED_AND_SAVED),
        (NOTHING, Vote.SAVE, NOTHING),
    ],
)
def test_the_page_of_a_link_undoes_what_its_link_stands_for_alone(
    services: Services,
    issue: Issue,
    clock: Any,
    *,
    before: tuple[int, bool],
    undone: Vote,
    after: tuple[int, bool],
) -> None:
    value, saved = before
    with services.database.write() as session:
        rating = Rating(issue.entries[0].paper_id, value, saved=saved, rated_at=clock.now)
        ratings.put(session, issue.subscriber_id, rating)
    voting.vote_linked(services, link(services, issue, vote=undone), Vote.WITHDRAW)
    assert said(services, issue) == ({} if after == NOTHING else {1: after})


def test_the_moment_of_the_newest_vote_is_kept(
    services: Services, issue: Issue, clock: Any
) -> None:
    voting.vote_linked(services, link(services, issue), Vote.UP)
    clock.now += timedelta(days=3)
    voting.vote_linked(services, link(services, issue), Vote.DOWN)
    with services.database.read() as session:
        (rating,) = ratings.of_subscriber(session, issue.subscriber_id)
    assert rating.rated_at == clock.now


def test_opening_a_rating_changes_nothing(
    services: Services, issue: Issue, stored: Callable[[], Any]
) -> None:
    before = stored()
    for position in range(1, 11):
        for vote in (Vote.UP, Vote.DOWN, Vote.SAVE):
            page = voting.open_rating(services, link(services, issue, position, vote))
            assert page.vote is vote
            assert page.subject_paper_id == issue.entries[position - 1].paper_id
    assert before == stored()


def test_the_page_shows_what_was_said_of_the_whole_issue(services: Services, issue: Issue) -> None:
    voting.vote_linked(services, link(services, issue, 2), Vote.UP)
    voting.vote_linked(services, link(services, issue, 3), Vote.SAVE)
    page = voting.open_rating(services, link(services, issue, 1, Vote.DOWN))
    assert [(entry.value, entry.saved) for entry in page.entries] == [
        NOTHING,
        LIKED,
        SAVED,
        *[NOTHING] * 7,
    ]
    assert issue.date == page.issue_date


def test_page_shows_the_excerpt_of_the_mail_whatever_digests_say_later(
    services: Services,
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    ingest([{"title": "Summed up", "ai_summary": "It sums."}, {"title": "Not", "abstract": "No."}])
    reader = subscribe()
    compose_now(reader.email)
    (issue,) = issues_of(reader)
    ingest([{"title": "Summed up", "abstract": "New."}, {"title": "Not", "ai_summary": "It too."}])

    page = voting.open_rating(services, link(services, issue))
    shown = {each.title: (each.excerpt, each.excerpt_is_summary) for each in page.entries}
    assert shown == {"Summed up": ("It sums.", True), "Not": ("No.", False)}
    assert shown == {each.title: (each.excerpt, each.excerpt_is_summary) for each in issue.entries}


def test_one_link_rates_every_paper_of_its_issue(services: Services, issue: Issue) -> None:
    token = link(services, issue)
    for entry in issue.entries:
        voting.vote_linked(services, token, Vote.UP, entry.paper_id)
    assert said(services, issue) == dict.fromkeys(range(1, 11), LIKED)


def test_a_link_of_a_row_that_turned_out_to_be_another_papers_rates_that_one(
    services: Services, issue: Issue
) -> None:
    token = link(services, issue, 1)
    old_id, paper_id = (entry.paper_id for entry in issue.entries[:2])
    with services.database.write() as session:
        make_one(session, old_id, paper_id)

    assert voting.open_rating(services, token).subject_paper_id == paper_id
    voting.vote_linked(services, token, Vote.UP)
    with services.database.read() as session:
        found = ratings.of_subscriber(session, issue.subscriber_id)
    assert [(rating.paper_id, rating.value) for rating in found] == [(paper_id, 1)]


def test_a_link_rates_no_paper_of_another_issue(
    services: Services, issue: Issue, ingest: Callable[..., Any], stored_papers: Callable[[], Any]
) -> None:
    ingest(["A paper that was not in the issue"])
    other = stored_papers()[-1].id
    with pytest.raises(NotFoundError, match=f"has no paper {other}"):
        voting.vote_linked(services, link(services, issue), Vote.UP, other)
    assert said(services, issue) == {}


def test_a_link_made_for_another_subscriber_rates_nothing(
    services: Services,
    issue: Issue,
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> None:
    other = subscribe("other")
    compose_now(other.email)
    (of_other,) = issues_of(other)
    voting.vote_linked(services, link(services, of_other), Vote.DOWN)
    assert said(services, issue) == {}
    assert said(services, of_other) == {1: DISLIKED}


def test_a_token_that_names_another_subscribers_issue_rates_nothing(
    services: Services, issue: Issue, subscribe: Callable[..., Subscriber]
) -> None:
    stranger = subscribe("stranger")
    paper_id = issue.entries[0].paper_id
    token = services.signer.sign(
        Purpose.RATE, stranger.id, issue.id, paper_id, 0, expires_at=_later(services)
    )
    with pytest.raises(NotFoundError):
        voting.open_rating(services, token)
    with pytest.raises(NotFoundError):
        voting.vote_linked(services, token, Vote.UP)
    assert said(services, issue) == {}


def test_a_token_of_another_purpose_or_installation_rates_nothing(
    services: Services, issue: Issue
) -> None:
    reader = subscriber_of(services, issue)
    browser = links.issue_url(services, reader, issue).rpartition("/")[2]
    genuine = link(services, issue)
    for token in (browser, genuine[:-1], genuine + "A", "A" + genuine, ""):
        with pytest.raises(TokenError):
            voting.vote_linked(services, token, Vote.UP)


def test_a_rating_link_expires_after_90_days(services: Services, issue: Issue, clock: Any) -> None:
    token = link(services, issue)
    clock.now += timedelta(days=90)
    with pytest.raises(TokenExpiredError):
        voting.vote_linked(services, token, Vote.UP)


def test_a_link_of_somebody_erased_rates_nothing(services: Services, issue: Issue) -> None:
    token = link(services, issue)
    members.remove(services, "reader@example.org", erase=True)
    with pytest.raises(NotFoundError):
        voting.open_rating(services, token)
    with pytest.raises(NotFoundError):
        voting.vote_linked(services, token, Vote.UP)


def test_votes_at_the_same_moment_all_count(services: Services, issue: Issue) -> None:
    errors: list[BaseException] = []

    def rate(position: int, choice: Vote) -> None:
        try:
            for _ in range(5):
                voting.vote_linked(services, link(services, issue, position), choice)
        except BaseException as error:  # noqa: BLE001 - the test looks at it in its own thread
            errors.append(error)

    threads = [
        threading.Thread(target=rate, args=(position, choice))
        for position in range(1, 5)
        for choice in (Vote.UP, Vote.SAVE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert said(services, issue) == dict.fromkeys(range(1, 5), LIKED_AND_SAVED)


def _later(services: Services) -> Any:
    return services.clock() + timedelta(days=1)
