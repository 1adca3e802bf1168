"""A library at Zotero is read as its documentation says, against a server that answers so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from local_web import LocalWeb, Reply, hang
from local_zotero import ABSTRACT, READ_KEY, Everything, LocalLibrary

from recommender.jobs.people.library_sync import MOST_AT_ONCE, LibrarySync, sync_all

OURS = "users/12345"


async def test_a_private_library_is_read_with_its_key_and_its_items_are_known(world: Any) -> None:
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


async def test_a_public_library_is_read_without_a_key(world: Any) -> None:
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting")
    world.give("https://www.zotero.org/groups/7/bakers/library")
    await world.sync()

    assert world.known().keys() == {"Resting"}
    assert set(world.zotero.keys_seen) == {None}


async def test_a_large_library_is_read_page_by_page(world: Any) -> None:
    for number in range(312):
        world.zotero.libraries["groups/7"].put(f"A{number:07}", title=f"Loaf number {number}")
    world.give("groups/7")
    await world.sync()

    assert len(world.known()) == 312
    pages = [path for path in world.zotero.asked if "/items/top" in path]
    assert [path.partition("start=")[2] for path in pages] == ["0", "100", "200", "300"]


async def test_only_the_newest_items_are_read(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
    world: Any, clock: Any, web: LocalWeb
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


async def test_what_changed_came_and_went_is_followed(world: Any, clock: Any) -> None:
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
    world: Any, clock: Any
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
    world: Any, web: LocalWeb
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


async def test_a_word_for_a_pause_is_kept(world: Any) -> None:
    group = world.zotero.libraries["groups/7"]
    for number in range(120):
        group.put(f"A{number:07}", title=f"Loaf number {number}")
    world.zotero.instead = [Reply(429, {"Retry-After": "17"}), Reply(503, {"Retry-After": "5"})]
    world.give("groups/7")

    assert await world.sync() == [17, 5]
    assert len(world.known()) == 120


async def test_backoff_with_a_good_answer_is_kept_too(world: Any, web: LocalWeb) -> None:
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


async def test_a_long_pause_puts_the_library_off_for_as_long(world: Any, clock: Any) -> None:
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
    world: Any, clock: Any, reply: Reply
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


async def test_a_library_that_hangs_delays_no_other(world: Any, web: LocalWeb) -> None:
    ben = world.another("ben@example.org")
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


async def test_more_libraries_than_a_night_takes_wait_for_the_next_one(
    world: Any, clock: Any
) -> None:
    services = replace(world.services, libraries=replace(world.services.libraries, per_night=3))
    world.zotero.libraries["groups/7"].put("AAAA1111", title="Resting")
    everybody = [world.another(f"r{number}@example.org") for number in range(20)]
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
