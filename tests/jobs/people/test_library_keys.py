"""Which libraries are not read, what becomes of a key, and what is left when it is taken back."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from local_web import LocalWeb, Reply
from local_zotero import READ_KEY, WRITE_KEY, Everything

from recommender.domain import SubscriberState
from recommender.jobs.people import libraries as jobs
from recommender.jobs.people.library_sync import sync_all
from recommender.store import libraries, papers, subscribers
from recommender.store.erasing import erase_subscriber
from recommender.tokens import TokenSigner

OURS = "users/12345"


async def test_a_key_that_can_write_is_refused_and_not_kept(world: Any) -> None:
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
    world: Any, clock: Any, place: str, key: str, why: str
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


async def test_a_username_with_a_key_of_its_owner_is_read(world: Any) -> None:
    library = world.zotero.libraries[OURS]
    library.collections.add("ABCD2345")
    library.put("AAAA1111", title="Kneading", collections=["ABCD2345"])
    world.give(
        "https://www.zotero.org/ada_example/collections/ABCD2345/items/AAAA1111/item", READ_KEY
    )
    await world.sync()

    assert world.known().keys() == {"Kneading"}


async def test_a_library_that_is_taken_back_leaves_nothing(world: Any) -> None:
    world.zotero.libraries[OURS].put("AAAA1111", title="Kneading")
    world.give(key=READ_KEY)
    await world.sync()
    with world.services.change() as session:
        jobs.remove(session, world.ada.id)

    assert world.known() == {}
    with world.services.database.read() as session:
        assert libraries.of_subscriber(session, world.ada.id) is None


async def test_what_is_taken_back_while_it_is_read_stays_gone(world: Any, web: LocalWeb) -> None:
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
async def test_who_leaves_takes_library_and_key_along(world: Any, erased: bool) -> None:
    world.zotero.libraries[OURS].put("AAAA1111", title="Kneading")
    world.give(key=READ_KEY)
    await world.sync()
    with world.services.change() as session:
        if erased:
            erase_subscriber(session, world.ada.id)
        else:
            subscribers.set_state(session, world.ada.id, SubscriberState.UNSUBSCRIBED)

    with world.services.database.read() as session:
        assert libraries.of_subscriber(session, world.ada.id) is None
        assert libraries.known_papers(session, [world.ada.id], most=10) == {}


async def test_a_key_under_an_older_signing_key_is_sealed_anew(world: Any, clock: Any) -> None:
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
    world: Any, stored: Any, caplog: pytest.LogCaptureFixture
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
