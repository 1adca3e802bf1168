"""A Zotero on loopback, and an installation with a reader whose library it has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

import pytest
from local_web import LocalWeb, local_web
from local_zotero import READ_KEY, WRITE_KEY, LocalLibrary, LocalZotero, key_of

from recommender.domain import Library, Subscriber, SubscriberState
from recommender.jobs.people import libraries as jobs
from recommender.jobs.people.library_sync import LibrarySync
from recommender.jobs.services import LibraryPolicy, Services, SourcePolicy
from recommender.store import libraries, papers, subscribers


@pytest.fixture
async def web() -> AsyncIterator[LocalWeb]:
    async with local_web() as running:
        yield running


@pytest.fixture
def zotero(web: LocalWeb) -> LocalZotero:
    local = LocalZotero(
        {"users/12345": LocalLibrary(is_public=False), "groups/7": LocalLibrary()},
        {READ_KEY: key_of(), WRITE_KEY: key_of(write=True)},
    )
    local.on(web)
    return local


def subscriber_at(services: Services, email: str = "ada@example.org") -> Subscriber:
    with services.database.write() as session:
        return subscribers.add(
            session,
            email=email,
            email_key=email,
            state=SubscriberState.ACTIVE,
            preferences=services.defaults,
            interests="",
            now=services.clock(),
        )


@dataclass
class World:
    """An installation with one reader, and a Zotero that it asks.

    Attributes
    ----------
    waited : list of float
        How long the last reading waited for Zotero; time passes by as much.
    """

    services: Services
    zotero: LocalZotero
    ada: Subscriber
    waited: list[float] = field(default_factory=list)

    def another(self, email: str) -> Subscriber:
        return subscriber_at(self.services, email)

    def give(self, place: str = "", key: str = "", to: Subscriber | None = None) -> None:
        with self.services.change() as session:
            jobs.give(self.services, session, to or self.ada, place, key)

    async def sync(self) -> list[float]:
        """Read what is due; gives how long was waited."""
        self.waited.clear()

        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        reading = LibrarySync(
            self.services,
            random=Random(1),  # noqa: S311, it spreads what is tried again
            clock=lambda: sum(self.waited),
            sleep=sleep,
        )
        await reading.round()
        await reading.close()
        return list(self.waited)

    def library(self, of: Subscriber | None = None) -> Library:
        with self.services.database.read() as session:
            found = libraries.of_subscriber(session, (of or self.ada).id)
        assert found is not None
        return found

    def known(self, to: Subscriber | None = None) -> dict[str, datetime]:
        """Return since when somebody knows which titles."""
        who = (to or self.ada).id
        with self.services.database.read() as session:
            in_it = libraries.known_papers(session, [who], most=10_000).get(who, [])
            titles = papers.by_ids(session, [each.paper_id for each in in_it])
        return {titles[each.paper_id].title: each.added_at for each in in_it}


@pytest.fixture
def world(services: Services, zotero: LocalZotero, web: LocalWeb) -> World:
    base = web.url("")
    asking = replace(
        services,
        sources=SourcePolicy(allow_private_networks=True),
        libraries=LibraryPolicy(zotero_url=base, arxiv_url=base, crossref_url=base),
    )
    return World(asking, zotero, subscriber_at(services))
