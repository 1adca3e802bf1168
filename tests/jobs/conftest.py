"""Digests that are ingested as files, subscribers, and what is stored about them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recommender.domain import (
    Delivery,
    Issue,
    Preferences,
    Rating,
    Subscriber,
    SubscriberState,
)
from recommender.jobs import intake
from recommender.jobs.finding import find_subscriber
from recommender.jobs.intake import FileOutcome
from recommender.jobs.issues import newsletters
from recommender.jobs.issues.newsletters import ComposeReport
from recommender.jobs.outgoing import links
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.newsletter.schedule import next_issue_at
from recommender.store import issues, outbox, papers, ratings, subscribers
from recommender.tokens import Purpose

Entry = str | Mapping[str, Any]


@pytest.fixture
def ingest(services: Services, tmp_path: Path) -> Callable[..., FileOutcome]:
    """Ingest a document, or papers that are given by their titles or in the portable form."""
    numbers = itertools.count(1)

    def ingest(document: bytes | Iterable[Entry], *, day: str | None = None) -> FileOutcome:
        if not isinstance(document, bytes):
            published = day or f"{services.clock():%Y-%m-%d}"
            document = "\n".join(json.dumps(_portable(e, published)) for e in document).encode()
        path = tmp_path / f"digest-{next(numbers)}"
        path.write_bytes(document)
        outcome = intake.ingest_file(services, path, source="folder")
        assert outcome.rejection is None, outcome
        return outcome

    return ingest


def _portable(entry: Entry, published: str) -> Mapping[str, Any]:
    given = {"title": entry} if isinstance(entry, str) else entry
    return {"id": given["title"], "abstract": "", "published": published, **given}


@pytest.fixture
def subscribe(services: Services) -> Callable[..., Subscriber]:
    """Store a subscriber, active and waiting for their next hour where nothing else is asked."""

    def subscribe(
        name: str = "reader",
        *,
        state: SubscriberState = SubscriberState.ACTIVE,
        interests: str = "",
        followed: str = "",
        blocked: str = "",
        next_at: datetime | None = None,
        **preferences: Any,
    ) -> Subscriber:
        wanted: Preferences = replace(services.defaults, **preferences)
        now = services.clock()
        if next_at is None and state in (SubscriberState.ACTIVE, SubscriberState.PAUSED):
            next_at = next_issue_at(wanted, after=now, last_issue_date=None)
        with services.database.write() as session:
            return subscribers.add(
                session,
                email=f"{name}@example.org",
                email_key=f"{name}@example.org",
                state=state,
                preferences=wanted,
                interests=interests,
                followed=followed,
                blocked=blocked,
                now=now,
                next_issue_at=next_at,
            )

    return subscribe


@pytest.fixture
def now_known(services: Services) -> Callable[[Subscriber], Subscriber]:
    """Read a subscriber as they are stored now."""

    def now_known(subscriber: Subscriber) -> Subscriber:
        with services.database.read() as session:
            found = subscribers.by_id(session, subscriber.id)
        assert found is not None
        return found

    return now_known


@pytest.fixture
def issues_of(services: Services) -> Callable[[Subscriber], list[Issue]]:
    """Read a subscriber's issues, the first one first."""

    def issues_of(subscriber: Subscriber) -> list[Issue]:
        with services.database.read() as session:
            return issues.of_subscriber(session, subscriber.id)

    return issues_of


@pytest.fixture
def messages_to(services: Services) -> Callable[[Subscriber], list[Delivery]]:
    """Read what was ever queued for a subscriber, oldest first."""

    def messages_to(subscriber: Subscriber) -> list[Delivery]:
        with services.database.read() as session:
            return outbox.of_subscriber(session, subscriber.id)

    return messages_to


@pytest.fixture
def compose_now(services: Services) -> Callable[..., ComposeReport]:
    """Compose for everybody, due or not."""

    def compose_now(only: str | None = None) -> ComposeReport:
        return newsletters.compose_issues(services, only=only, now_even_if_not_due=True)

    return compose_now


@pytest.fixture
def rate(services: Services) -> Callable[..., None]:
    """Store what a subscriber says of papers, by their titles."""

    def rate(
        subscriber: Subscriber, titles: Iterable[str], value: int = 1, *, saved: bool = False
    ) -> None:
        with services.database.write() as session:
            ids = {paper.title: paper.id for paper in papers.every(session)}
            for title in titles:
                ratings.put(
                    session,
                    subscriber.id,
                    Rating(ids[title], value, saved=saved, rated_at=services.clock()),
                )

    return rate


@pytest.fixture
def stored_papers(services: Services) -> Callable[[], list[Any]]:
    """Read all papers in the order in which they came."""

    def stored_papers() -> list[Any]:
        with services.database.read() as session:
            return list(papers.every(session))

    return stored_papers


@pytest.fixture
def confirmed(services: Services) -> Callable[..., Subscriber]:
    """Have somebody ask to be subscribed, and confirm by the link that they are mailed."""

    def confirmed(email: str = "new@example.org") -> Subscriber:
        with services.change() as session:
            subscriptions.request_subscription(services, session, email)
        subscriptions.decide_requests(services)
        asked = find_subscriber(services, email)
        url = links.confirm_url(services, asked, since=services.clock())
        with services.change() as session:
            payload = links.verify(services, session, url.rpartition("/")[2], Purpose.CONFIRM)
            subscriptions.confirm(services, session, payload)
        return asked

    return confirmed
