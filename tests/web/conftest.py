"""The real pages over a real database: ten papers in a digest, and a reader with an issue."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from recommender.domain import Issue, IssueEntry, Preferences, Subscriber, SubscriberState, Vote
from recommender.jobs import links
from recommender.jobs.services import RankingSettings, Services, Site
from recommender.rendering import Renderer
from recommender.store import digests, issues, papers, subscribers
from recommender.store.database import open_database
from recommender.store.digests import RankedMention
from recommender.store.papers import NewPaper
from recommender.tokens import TokenSigner
from recommender.web.app import create_app

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
DAY = NOW.date()
BASE_URL = "https://papers.example.org"
HOSTILE_TITLE = "<script>alert('title')</script> & \"quotes\""
HOSTILE_URL = "javascript:alert('url')"
ABSTRACT = "A sentence about pruning. " * 30


class Clock:
    """The time that the jobs see; a test may move it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Reader:
    """A subscriber, and the paths of the links that their mail has."""

    services: Services
    subscriber: Subscriber
    issue: Issue

    def rate(self, position: int, vote: Vote) -> str:
        paper_id = self.issue.entries[position - 1].paper_id
        return self._path(links.rating_url(self.services, self.issue, paper_id, vote))

    @property
    def me(self) -> str:
        return self._path(
            links.preferences_url(self.services, self.subscriber.id, since=self.issue.composed_at)
        )

    @property
    def unsubscribe(self) -> str:
        return self._path(
            links.unsubscribe_url(self.services, self.subscriber.id, since=self.issue.composed_at)
        )

    @property
    def in_browser(self) -> str:
        return self._path(links.issue_url(self.services, self.issue))

    @property
    def all_links(self) -> list[str]:
        votes = (Vote.UP, Vote.DOWN, Vote.SAVE)
        positions = range(1, len(self.issue.entries) + 1)
        rates = [self.rate(position, vote) for position in positions for vote in votes]
        return [*rates, self.me, self.unsubscribe, self.in_browser]

    def state(self) -> SubscriberState:
        with self.services.database.read() as session:
            found = subscribers.by_id(session, self.subscriber.id)
        assert found is not None
        return found.state

    @staticmethod
    def _path(url: str) -> str:
        assert url.startswith(BASE_URL)
        return url.removeprefix(BASE_URL)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database once: copying it takes a twentieth of migrating another."""
    path = tmp_path_factory.mktemp("template") / "recommender.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database_path(tmp_path: Path, migrated_database: Path) -> Path:
    return shutil.copyfile(migrated_database, tmp_path / "recommender.db")


@pytest.fixture
def services(database_path: Path, clock: Clock) -> Iterator[Services]:
    """Open an empty database, and put beside it what else the jobs work with."""
    database = open_database(f"sqlite:///{database_path}")
    yield Services(
        database=database,
        signer=TokenSigner(b"only for the tests of the web pages"),
        renderer=Renderer(),
        site=Site("Trending papers", "papers@example.org", "the community", BASE_URL),
        defaults=Preferences(7, frozenset(range(5)), "Europe/Berlin", 10),
        ranking=RankingSettings(half_life_days=3.0, window_days=30),
        clock=clock,
    )
    database.close()


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
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as browser:
        yield browser


@pytest.fixture
def stored(database_path: Path) -> Callable[[], Any]:
    """Give all that the database holds: its files byte for byte, and its rows as SQL."""

    def snapshot() -> Any:
        files = {
            path.name: path.read_bytes()
            for path in sorted(database_path.parent.glob("recommender.db*"))
            # Shared memory holds the readers' locks, not data.
            if not path.name.endswith("-shm")
        }
        connection = sqlite3.connect(f"file:{database_path}?mode=ro", uri=True)
        try:
            return files, list(connection.iterdump())
        finally:
            connection.close()

    return snapshot
