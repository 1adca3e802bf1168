"""The public pages show days of papers; an issue opens by its own link only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from recommender.domain import Issue, Subscriber
from recommender.errors import NotFoundError, TokenError, TokenExpiredError
from recommender.jobs.issues import newsletters, reading
from recommender.jobs.issues.reading import FrontEntry, FrontPage
from recommender.jobs.outgoing import links
from recommender.jobs.people import members
from recommender.jobs.services import Services
from recommender.store import subscribers
from recommender.tokens import Purpose

SEARCH = "https://arxiv.org/search/?query={}&searchtype=title"


def test_before_the_first_digest_there_is_an_empty_page(services: Services) -> None:
    assert reading.front_page(services) == FrontPage("the community", None, ())
    assert reading.archive_dates(services) == []


def test_the_front_page_is_the_newest_day_in_its_order(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest(["Newest", {"title": "Second", "upvotes": 7, "authors": ["Ann"]}], day="2026-03-11")
    ingest(["Older"], day="2026-03-10")
    page = reading.front_page(services)
    assert page.date == date(2026, 3, 11)
    assert page.entries == (
        FrontEntry("Newest", SEARCH.format("Newest"), (), "", 0),
        FrontEntry("Second", SEARCH.format("Second"), ("Ann",), "", 7),
    )


def test_two_digests_of_a_day_are_one_page_without_repeats(
    services: Services, ingest: Callable[..., Any]
) -> None:
    ingest(["One", {"title": "Two", "upvotes": 3}])
    ingest([{"title": "Two", "upvotes": 5}, "Three"])
    page = reading.front_page(services)
    assert [(entry.title, entry.upvotes) for entry in page.entries] == [
        ("One", 0),
        ("Two", 5),
        ("Three", 0),
    ]


def test_the_archive_lists_its_days_newest_first(
    services: Services, ingest: Callable[..., Any]
) -> None:
    for day in ("2026-03-09", "2026-03-11", "2026-03-10", "2026-03-10"):
        ingest([f"Paper {day}", f"Another {day}"][: 1 + (day == "2026-03-11")], day=day)
    assert reading.archive_dates(services) == [date(2026, 3, day) for day in (11, 10, 9)]
    page = reading.archive_page(services, date(2026, 3, 9))
    assert [entry.title for entry in page.entries] == ["Paper 2026-03-09"]
    with pytest.raises(NotFoundError, match="no digest of 08 March 2026"):
        reading.archive_page(services, date(2026, 3, 8))


@pytest.fixture
def issue(
    ingest: Callable[..., Any],
    subscribe: Callable[..., Subscriber],
    compose_now: Callable[..., Any],
    issues_of: Callable[[Subscriber], list[Issue]],
) -> Issue:
    """Compose an issue of one paper to a reader."""
    ingest(["One"])
    reader = subscribe()
    compose_now()
    return issues_of(reader)[0]


def link(services: Services, issue: Issue) -> str:
    with services.database.read() as session:
        subscriber = subscribers.by_id(session, issue.subscriber_id)
    assert subscriber is not None
    return links.issue_url(services, subscriber, issue).rpartition("/")[2]


def test_an_issue_opens_by_its_link_and_nothing_changes(
    services: Services, issue: Issue, stored: Callable[[], Any]
) -> None:
    before = stored()
    assert "One" in reading.issue_html(services, link(services, issue))
    assert before == stored()


def test_an_empty_welcome_opens_in_the_browser(
    services: Services,
    issues_of: Callable[[Subscriber], list[Issue]],
    confirmed: Callable[..., Subscriber],
) -> None:
    new = confirmed()
    newsletters.compose_issues(services)
    (empty,) = issues_of(new)
    assert empty.entries == ()
    assert "Welcome, it is good to have you here." in reading.issue_html(
        services, link(services, empty)
    )


def test_an_issue_does_not_open_by_another_subscribers_link(
    services: Services, issue: Issue, subscribe: Callable[..., Subscriber], clock: Any
) -> None:
    stranger = subscribe("stranger")
    later = clock.now + timedelta(days=1)
    token = services.signer.sign(Purpose.ISSUE, stranger.id, issue.id, expires_at=later)
    with pytest.raises(NotFoundError):
        reading.issue_html(services, token)
    with pytest.raises(TokenError):
        reading.issue_html(services, link(services, issue)[:-1])


def test_an_issue_of_somebody_erased_is_gone(services: Services, issue: Issue) -> None:
    token = link(services, issue)
    members.remove(services, "reader@example.org", erase=True)
    with pytest.raises(NotFoundError):
        reading.issue_html(services, token)


def test_the_link_of_an_issue_expires_after_90_days(
    services: Services, issue: Issue, clock: Any
) -> None:
    token = link(services, issue)
    clock.now += timedelta(days=90)
    with pytest.raises(TokenExpiredError):
        reading.issue_html(services, token)
