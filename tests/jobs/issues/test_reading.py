"""An issue opens in the browser by its own link only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recommender.domain import Issue, Subscriber
from recommender.errors import NotFoundError, TokenError, TokenExpiredError
from recommender.jobs.issues import newsletters, reading
from recommender.jobs.outgoing import links
from recommender.jobs.people import members
from recommender.jobs.services import Services
from recommender.store import subscribers
from recommender.tokens import Purpose

SEARCH = "https://arxiv.org/search/?query={}&searchtype=title"


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
