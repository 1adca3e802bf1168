"""A library at Zotero is read as its documentation says, against a server that answers so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from local_web import LocalWeb, Reply, hang, local_web
from local_zotero import (
    ABSTRACT,
    READ_KEY,
    WRITE_KEY,
    Everything,
    LocalLibrary,
    LocalZotero,
    key_of,
)

from recommender.domain import Library, Subscriber, SubscriberState
from recommender.jobs.people import libraries as jobs
from recommender.jobs.people.library_sync import MOST_AT_ONCE, LibrarySync, sync_all
from recommender.jobs.services import LibraryPolicy, Services, SourcePolicy
from recommender.store import libraries, papers, subscribers
from recommender.tokens import TokenSigner

OURS = "users/12345"


@pytest.fixture
async def web() -> AsyncIterator[LocalWeb]:
    async with local_web() as running:
        yield running


@pytest.fixture
def zotero(web: LocalWeb) -> LocalZotero:
    local = LocalZotero(
        {OURS: LocalLibrary(is_public=False), "groups/7": LocalLibrary()},
        {READ_KEY: key_of(), WRITE_KEY: key_of(write=True)},
    )
    local.on(web)
    return local


@pytest.fixture
def services(services: Services, web: LocalWeb) -> Services:
    base = web.url("")
    return replace(
        services,
        sources=SourcePolicy(allow_private_networks=True),
        libraries=LibraryPolicy(zotero_url=base, arxiv_url=base, crossref_url=base),
    )


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
def world(services: Services, zotero: LocalZotero) -> World:
    return World(services, zotero, subscriber_at(services))


async def test_a_private_library_is_read_with_its_key_and_its_items_are_known(world: World) -> None:
    library = world.zotero.libraries[OURS]
    library.put("AAAA1111", title="Kneading <i>longer</i>", dateAdded="2024-05-01T10:00:00Z")
    library.put("NOTE1111", itemType="note", title="to read")
    library.put("FILE1111", itemType="attachment", title="paper.pdf")
    world.give(key=READ_KEY)
    await world.sync()

    assert world.known() == {"Kneading longer": datetime(2024, 5, 1, 10, tzinfo=UTC)}
    read = world.library()
    assert (read.address.owner, read.version, read.message) == (OURS, library.version, "")
    assert read.last_synced_at == world.services.clock()
    assert set(world.zotero.keys_seen) == {READ_KEY}
    assert not any(READ_KEY in path for path in world.zotero.asked), "a key stands in no address"


async def test_a_public_library_is_read_without_a_key(world: World) -> None:
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting")
    world.give("https://www.zotero.org/groups/7/bakers/library")
    await world.sync()

    assert world.known().keys() == {"Resting"}
    assert set(world.zotero.keys_seen) == {None}


async def test_a_large_library_is_read_page_by_page(world: World) -> None:
    for number in range(312):
        world.zotero.libraries["groups/7"].put(f"A{number:07}", title=f"Loaf number {number}")
    world.give("groups/7")
    await world.sync()

    assert len(world.known()) == 312
    pages = [path for path in world.zotero.asked if "/items/top" in path]
    assert [path.partition("start=")[2] for path in pages] == ["0", "100", "200", "300"]


async def test_only_the_newest_items_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.jobs.people.library_reading.MOST_ITEMS", 150)
    group = world.zotero.libraries["groups/7"]
    first = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(260):
        added = (first + timedelta(days=number)).isoformat()
        group.put(f"A{number:07}", title=f"Loaf number {number}", dateAdded=added)
    world.give("groups/7")
    await world.sync()

    assert world.known().keys() == {f"Loaf number {number}" for number in range(110, 260)}
    assert world.library().items == 260


async def test_an_unchanged_library_is_asked_once_and_sends_nothing(
    world: World, clock: Any, web: LocalWeb
) -> None:
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting", abstractNote=ABSTRACT)
    world.give("groups/7")
    await world.sync()
    world.zotero.asked.clear()
    web.sent.clear()
    clock.now += timedelta(days=1)
    await world.sync()

    assert len(world.zotero.asked) == 1
    assert sum(web.sent.values()) == 0


async def test_what_changed_came_and_went_is_followed(world: World, clock: Any) -> None:
    group = world.zotero.libraries["groups/7"]
    for key in ("STAYS", "GOES", "BINNED", "TURNS"):
        group.put(key, title=f"It {key.lower()}")
    world.give("groups/7")
    await world.sync()
    assert len(world.known()) == 4
    world.zotero.asked.clear()
    group.put("COMES", title="It comes")
    group.put("BINNED", deleted=1)
    group.put("TURNS", itemType="webpage")
    group.delete("GOES")
    clock.now += timedelta(days=1)
    await world.sync()

    assert world.known().keys() == {"It stays", "It comes"}
    assert world.library().version == group.version
    assert any(f"since={group.version - 4}" in path for path in world.zotero.asked)


async def test_what_is_taken_out_of_a_collection_is_not_known_any_more(
    world: World, clock: Any
) -> None:
    group = world.zotero.libraries["groups/7"]
    group.collections.add("ABCD2345")
    for key in ("STAYS", "LEAVES"):
        group.put(key, title=f"It {key.lower()}", collections=["ABCD2345"])
    group.put("OTHER", title="Elsewhere")
    world.give("https://www.zotero.org/groups/7/bakers/collections/ABCD2345/collection")
    await world.sync()
    assert world.known().keys() == {"It stays", "It leaves"}
    group.put("LEAVES", collections=[])
    clock.now += timedelta(days=1)
    await world.sync()

    assert world.known().keys() == {"It stays"}


async def test_a_library_that_changes_between_pages_is_read_again_from_its_start(
    world: World, web: LocalWeb
) -> None:
    group = world.zotero.libraries["groups/7"]
    for number in range(150):
        group.put(f"A{number:07}", title=f"Loaf number {number}")
    changes = iter([lambda: group.put("NEW", title="New"), lambda: None])

    async def changing(path: str, headers: Any) -> Reply:
        reply = world.zotero.reply(path, headers)
        if "start=0" in path:
            next(changes, lambda: None)()
        return reply

    web.pages = Everything(changing)
    world.give("groups/7")
    await world.sync()

    assert len(world.known()) == 151
    assert world.library().version == group.version


async def test_a_key_that_can_write_is_refused_and_not_kept(world: World) -> None:
    world.give(key=WRITE_KEY)
    await world.sync()

    read = world.library()
    assert read.is_stopped
    assert read.sealed_key is None
    assert "may only read" in read.message
    assert world.zotero.asked == ["/keys/current"], "nothing else was asked with it"


@pytest.mark.parametrize(
    ("place", "key", "why"),
    [
        ("groups/99", "", "no such library"),
        ("groups/7/x/collections/ZZZZ9999", "", "no such library or collection"),
        (OURS, "", "not public"),
        ("", "U" * 24, "the key was taken back"),
        ("groups/7", READ_KEY, "may not read that library"),
        ("somebody_else/library", READ_KEY, "belongs to somebody else"),
    ],
)
async def test_what_cannot_be_read_is_told_and_asked_no_more(
    world: World, clock: Any, place: str, key: str, why: str
) -> None:
    world.give(place, key)
    await world.sync()

    read = world.library()
    assert read.is_stopped
    assert why in read.message
    world.zotero.asked.clear()
    clock.now += timedelta(days=2)
    await world.sync()
    assert world.zotero.asked == []


async def test_a_username_with_a_key_of_its_owner_is_read(world: World) -> None:
    library = world.zotero.libraries[OURS]
    library.collections.add("ABCD2345")
    library.put("AAAA1111", title="Kneading", collections=["ABCD2345"])
    world.give(
        "https://www.zotero.org/ada_example/collections/ABCD2345/items/AAAA1111/item", READ_KEY
    )
    await world.sync()

    assert world.known().keys() == {"Kneading"}


async def test_a_word_for_a_pause_is_kept(world: World) -> None:
    group = world.zotero.libraries["groups/7"]
    for number in range(120):
        group.put(f"A{number:07}", title=f"Loaf number {number}")
    world.zotero.instead = [Reply(429, {"Retry-After": "17"}), Reply(503, {"Retry-After": "5"})]
    world.give("groups/7")

    assert await world.sync() == [17, 5]
    assert len(world.known()) == 120


async def test_backoff_with_a_good_answer_is_kept_too(world: World, web: LocalWeb) -> None:
    group = world.zotero.libraries["groups/7"]
    for number in range(120):
        group.put(f"A{number:07}", title=f"Loaf number {number}")

    async def backing_off(path: str, headers: Any) -> Reply:
        reply = world.zotero.reply(path, headers)
        return replace(reply, headers={**reply.headers, "Backoff": "9"})

    web.pages = Everything(backing_off)
    world.give("groups/7")

    assert await world.sync() == [9]
    assert len(world.known()) == 120


async def test_a_long_pause_puts_the_library_off_for_as_long(world: World, clock: Any) -> None:
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting")
    world.zotero.instead = [Reply(503, {"Retry-After": "7200"})]
    world.give("groups/7")
    assert await world.sync() == []

    read = world.library()
    assert not read.is_stopped
    assert "tried again by itself" in read.message
    assert read.next_sync_at >= clock.now + timedelta(hours=2)
    clock.now = read.next_sync_at
    await world.sync()
    assert world.known().keys() == {"Resting"}
    assert world.library().message == ""


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(200, {}, b"<html>a proxy's page</html>"),
        Reply(200, {"Last-Modified-Version": "3"}, b"[{}]"),
        Reply(200, {"Last-Modified-Version": "3"}, b"{" * 100_000),
        Reply(200, {"Last-Modified-Version": "3"}, b" " * 100_000, 200),
        Reply(302, {"Location": "http://169.254.169.254/latest"}),
    ],
    ids=["500", "html", "no key", "deep", "large", "redirect"],
)
async def test_a_strange_answer_leaves_what_is_known_and_is_asked_again(
    world: World, clock: Any, reply: Reply
) -> None:
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting")
    world.give("groups/7")
    await world.sync()
    world.zotero.libraries["groups/7"].put("BBBB1111", title="Shaping")
    world.zotero.instead = [reply]
    clock.now += timedelta(days=1)
    await world.sync()
    assert world.known().keys() == {"Resting"}
    assert world.library().failures == 1

    clock.now += timedelta(days=1)
    await world.sync()
    assert world.known().keys() == {"Resting", "Shaping"}


async def test_a_library_that_hangs_delays_no_other(world: World, web: LocalWeb) -> None:
    ben = subscriber_at(world.services, "ben@example.org")
    world.zotero.libraries["groups/8"] = LocalLibrary()
    world.zotero.libraries["groups/8"].put("BBBB1111", title="Shaping")

    async def half_hanging(path: str, headers: Any) -> Reply:
        return (
            await hang(path, headers) if "groups/7" in path else world.zotero.reply(path, headers)
        )

    web.pages = Everything(half_hanging)
    world.give("groups/7")
    world.give("groups/8", to=ben)
    reading = LibrarySync(world.services, random=Random(1))  # noqa: S311, it spreads what is tried again
    stop = asyncio.Event()

    def look() -> None:
        if world.known(ben):
            stop.set()

    async with asyncio.timeout(20):
        await reading.run(stop, beat=look)

    assert world.known() == {}
    assert world.library().last_synced_at is None


async def test_papers_without_abstract_are_looked_up(world: World, web: LocalWeb) -> None:
    group = world.zotero.libraries["groups/7"]
    group.put("ARXIV", title="Mine", extra="Citation Key: x\narXiv:2603.00001 [cs]")
    group.put("DOI", title="Theirs", DOI="https://doi.org/10.1000/ABC(1)")
    group.put("BARE", title="", archiveID="arXiv:2603.00002")
    group.put("OWN", title="Own", DOI="10.1000/own", abstractNote=ABSTRACT)
    group.put("NONE", title="None", DOI="10.1000/none")
    world.zotero.arxiv = {"2603.00001": ABSTRACT, "2603.00002": ABSTRACT}
    world.zotero.crossref = {"10.1000/abc(1)": f"<jats:p>{ABSTRACT}</jats:p>"}
    world.give("groups/7")
    await world.sync()

    with world.services.database.read() as session:
        found = {each.title: each.abstract for each in papers.every(session)}
    assert found == {
        "At arXiv 2603.00001": ABSTRACT,
        "At arXiv 2603.00002": ABSTRACT,
        "At Crossref 10.1000/abc(1)": ABSTRACT,
        "Own": ABSTRACT,
        "None": "",
    }
    assert len(world.known()) == 5
    lookups = [each for each in web.asked if "/api/" in each[0] or "/works/" in each[0]]
    assert len(lookups) == 3, "one for all at arXiv, one for each at Crossref"
    assert all("mailto:papers@example.org" in headers["user-agent"] for _, headers in lookups)
    assert not any("zotero-api-key" in headers for _, headers in lookups)


async def test_what_was_looked_up_in_vain_is_left_alone_for_a_while(
    world: World, clock: Any
) -> None:
    world.zotero.libraries["groups/7"].put("NONE", title="None", DOI="10.1000/none")
    world.give("groups/7")
    await world.sync()
    world.zotero.asked.clear()
    clock.now += timedelta(days=1)
    world.zotero.libraries["groups/7"].put("NONE", tags=[])
    await world.sync()
    assert not any("/works/" in path for path in world.zotero.asked)
    clock.now += timedelta(days=40)
    await world.sync()
    assert any("/works/" in path for path in world.zotero.asked)


async def test_a_library_that_is_taken_back_leaves_nothing(world: World) -> None:
    world.zotero.libraries[OURS].put("AAAA1111", title="Kneading")
    world.give(key=READ_KEY)
    await world.sync()
    with world.services.change() as session:
        jobs.remove(session, world.ada.id)

    assert world.known() == {}
    with world.services.database.read() as session:
        assert libraries.of_subscriber(session, world.ada.id) is None


async def test_what_is_taken_back_while_it_is_read_stays_gone(world: World, web: LocalWeb) -> None:
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting", DOI="10.1000/1")

    async def taken_back(path: str, headers: Any) -> Reply:
        with world.services.database.write() as session:
            libraries.remove(session, world.ada.id)
        return world.zotero.reply(path, headers)

    web.pages = Everything(taken_back)
    world.give("groups/7")
    await world.sync()

    assert world.known() == {}
    with world.services.database.read() as session:
        assert list(papers.every(session)) == []


@pytest.mark.parametrize("erased", [True, False])
async def test_who_leaves_takes_library_and_key_along(world: World, erased: bool) -> None:
    world.zotero.libraries[OURS].put("AAAA1111", title="Kneading")
    world.give(key=READ_KEY)
    await world.sync()
    with world.services.change() as session:
        if erased:
            subscribers.erase(session, world.ada.id)
        else:
            subscribers.set_state(session, world.ada.id, SubscriberState.UNSUBSCRIBED)

    with world.services.database.read() as session:
        assert libraries.of_subscriber(session, world.ada.id) is None
        assert libraries.known_papers(session, [world.ada.id], most=10) == {}


async def test_more_libraries_than_a_night_takes_wait_for_the_next_one(
    world: World, clock: Any
) -> None:
    services = replace(world.services, libraries=replace(world.services.libraries, per_night=3))
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting")
    everybody = [subscriber_at(world.services, f"r{number}@example.org") for number in range(20)]
    for each in everybody:
        world.give("groups/7", to=each)

    def synced(moment: datetime) -> int:
        return sum(world.library(each).last_synced_at == moment for each in everybody)

    await asyncio.to_thread(sync_all, services)
    assert synced(clock.now) == 20, "new ones wait for no night"
    assert MOST_AT_ONCE < 20
    for _ in range(2):
        clock.now += timedelta(days=1)
        await asyncio.to_thread(sync_all, services)
        assert synced(clock.now) == 3


async def test_a_key_under_an_older_signing_key_is_sealed_anew(world: World, clock: Any) -> None:
    world.zotero.libraries[OURS].put("AAAA1111", title="Kneading")
    world.give(key=READ_KEY)
    old, new = b"only for tests, and known to everybody", b"another one of the tests, as well known"
    both = replace(world.services, signer=TokenSigner(new, old))
    await asyncio.to_thread(sync_all, both)
    only_new = replace(world.services, signer=TokenSigner(new))
    clock.now += timedelta(days=1)
    await asyncio.to_thread(sync_all, only_new)
    assert world.library().last_synced_at == clock.now

    clock.now += timedelta(days=1)
    lost = replace(
        world.services, signer=TokenSigner(b"a third one, under which nothing was sealed")
    )
    await asyncio.to_thread(sync_all, lost)
    assert "give the library again" in world.library().message


async def test_a_key_stands_in_no_file_and_no_log(
    world: World, stored: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.zotero.libraries[OURS].put("AAAA1111", title="Kneading")
    world.zotero.instead = [Reply(500), Reply(302, {"Location": "http://10.0.0.1/"})]
    world.give(key=READ_KEY)
    await world.sync()
    world.give(key=READ_KEY)
    await world.sync()

    files, rows = stored()
    assert not any(READ_KEY.encode() in content for content in files.values())
    assert not any(READ_KEY in line for line in rows)
    assert READ_KEY not in caplog.text
