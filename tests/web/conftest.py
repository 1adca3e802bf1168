"""The real pages over a real database: ten papers in a digest, and a reader with an issue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import pytest

from recommender.domain import Issue, IssueEntry, Subscriber, SubscriberState, Vote
from recommender.jobs.outgoing import links
from recommender.jobs.services import Services
from recommender.store import digests, issues, papers, subscribers
from recommender.store.digests import RankedMention
from recommender.store.papers import NewPaper
from recommender.web.app import create_app

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
DAY = NOW.date()
HOSTILE_TITLE = "<script>alert('title')</script> & \"quotes\""
HOSTILE_URL = "javascript:alert('url')"
ABSTRACT = "A sentence about pruning. " * 30


@dataclass(frozen=True)
class Reader:
    """A subscriber, and the paths of the links that their mail has."""

    services: Services
    subscriber: Subscriber
    issue: Issue

    def rate(self, position: int, vote: Vote) -> str:
        paper_id = self.issue.entries[position - 1].paper_id
        url = links.rating_url(self.services, self.subscriber, self.issue, paper_id, vote)
        return self._path(url)

    @property
    def me(self) -> str:
        return self._path(
            links.preferences_url(self.services, self.subscriber, since=self.issue.composed_at)
        )

    @property
    def unsubscribe(self) -> str:
        return self._path(
            links.unsubscribe_url(self.services, self.subscriber, since=self.issue.composed_at)
        )

    @property
    def in_browser(self) -> str:
        return self._path(links.issue_url(self.services, self.subscriber, self.issue))

    @property
    def all_links(self) -> list[str]:
        votes = (Vote.UP, Vote.DOWN, Vote.SAVE)
        positions = range(1, len(self.issue.entries) + 1)
        rates = [self.rate(position, vote) for position in positions for vote in votes]
        return [*rates, self.me, self.unsubscribe, self.in_browser, *self.own_pages]

    @property
    def own_pages(self) -> list[str]:
        """Return where their overview leads to."""
        return [f"{self.me}/{page}" for page in ("list", "ratings", "interests", "delivery")]

    def present(self) -> Reader:
        """Return them with the links that a mail of this moment has."""
        with self.services.database.read() as session:
            found = subscribers.by_id(session, self.subscriber.id)
        assert found is not None
        return replace(self, subscriber=found)

    def state(self) -> SubscriberState:
        return self.present().subscriber.state

    def _path(self, url: str) -> str:
        assert url.startswith(self.services.site.base_url)
        return url.removeprefix(self.services.site.base_url)


@pytest.fixture
def reader(services: Services) -> Reader:
    """Store an active subscriber with an issue of ten papers, the first with hostile text."""
    titles = [HOSTILE_TITLE, *(f"Paper number {number}" for number in range(2, 11))]
    urls = [HOSTILE_URL, *(f"https://arxiv.org/abs/2603.{number:05}" for number in range(2, 11))]
    new = [
        NewPaper(
            title=title,
            title_key=title.lower(),
            abstract=ABSTRACT,
            authors=("Ada Example", "Ben Example", "Cleo Example", "Dan Example"),
            arxiv_id=None,
            doi=None,
            url=url,
            published_at=None,
            first_seen_at=NOW,
        )
        for title, url in zip(titles, urls, strict=True)
    ]
    with services.database.write() as session:
        paper_ids = papers.add(session, new)
        digests.add(
            session,
            sha256="0" * 64,
            format="digest-text",
            source="folder",
            file_name="mar-11.txt",
            curator="AK and the research community",
            day=DAY,
            ingested_at=NOW,
            mentions=[
                RankedMention(paper_id, rank, upvotes=10 * rank)
                for rank, paper_id in enumerate(paper_ids, start=1)
            ],
        )
        subscriber = subscribers.add(
            session,
            email="reader@example.org",
            email_key="reader@example.org",
            state=SubscriberState.ACTIVE,
            preferences=services.defaults,
            interests="pruning",
            now=NOW,
        )
        entries = tuple(
            IssueEntry(
                position=position,
                paper_id=paper_id,
                title=paper.title,
                authors=paper.authors,
                url=paper.url,
                excerpt="A sentence about pruning.",
                upvotes=3,
                trend_score=0.5,
                interest_score=None,
                interest_weight=0.0,
                ranking_score=0.5,
                reason="Trending today",
                excerpt_is_summary=position == 1,
            )
            for position, (paper_id, paper) in enumerate(zip(paper_ids, new, strict=True), start=1)
        )
        issue = Issue(
            id=0,
            subscriber_id=subscriber.id,
            number=1,
            date=DAY,
            curator="AK and the research community",
            composed_at=NOW,
            likes=0,
            dislikes=0,
            saves=0,
            entries=entries,
        )
        issue = replace(issue, id=issues.add(session, issue))
    return Reader(services, subscriber, issue)


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Be a browser that follows no redirect by itself, and sees a 500 where one is sent."""
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=services.site.base_url) as browser:
        yield browser
