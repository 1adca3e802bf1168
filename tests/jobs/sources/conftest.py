"""A local web, and an installation that fetches from it and takes it for the world outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from local_web import LocalWeb, local_web

from recommender.fetching.addresses import Reach, reach_of
from recommender.fetching.fetcher import Fetcher, FetchRules
from recommender.jobs.services import Services, SourcePolicy
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.sources.polling import MAX_BYTES
from recommender.papers.sources.source_states import JudgedSource


@pytest.fixture
async def web() -> AsyncIterator[LocalWeb]:
    async with local_web() as running:
        yield running


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """Keep what is rejected, and have somebody to tell."""
    return replace(
        services,
        site=replace(services.site, operator_address="operator@example.org"),
        sources=SourcePolicy(rejected_folder=tmp_path / "rejected"),
    )


def outside(address: str) -> Reach:
    """Take the server of these tests for one outside, and no other address of this machine."""
    return Reach.PUBLIC if address == "127.0.0.1" else reach_of(address)


@pytest.fixture
async def open_poller(services: Services) -> AsyncIterator[Callable[..., Poller]]:
    """Open what polls, to which all of ``example.org`` is the local web."""
    opened = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        del port
        return ["127.0.0.1"] if host.endswith(".example.org") else [host]

    def open_poller(*, seconds: float = 20.0) -> Poller:
        rules = FetchRules(MAX_BYTES, seconds, reach=outside)
        random = Random(1)  # noqa: S311, it spreads fetches
        poller = Poller(
            services,
            random=random,
            opened_by=lambda of: Fetcher(rules, user_agent=of.site.user_agent, resolve=resolve),
        )
        opened.append(poller)
        return poller

    yield open_poller
    for poller in opened:
        await poller.close()


@pytest.fixture
def judged(services: Services) -> Callable[[], dict[str, JudgedSource]]:
    """Judge how all sources fare, by name."""

    def judged() -> dict[str, JudgedSource]:
        return {each.source.name: each for each in managing.every(services)}

    return judged


def feed(
    titles: Iterable[str],
    *,
    day: str = "2026-03-11",
    abstract: str | Callable[[str], str] = "What it does.",
) -> bytes:
    """Write an RSS feed of papers, whose abstracts may follow from their titles."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    date = f"{moment:%a, %d %b %Y 05:00:00 +0000}"
    items = "".join(
        f"<item><title>{title}</title><link>https://example.org/{title.replace(' ', '-')}</link>"
        f"<description>{abstract if isinstance(abstract, str) else abstract(title)}</description>"
        f"<pubDate>{date}</pubDate></item>"
        for title in titles
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Journal of Tests</title>'
        f"<pubDate>{date}</pubDate>{items}</channel></rss>"
    ).encode()
