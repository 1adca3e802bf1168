"""The part of a subscriber's page of interests in which they let us read their Zotero library."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from recommender.domain import SubscriberState
from recommender.jobs.services import LibraryPolicy, Services
from recommender.store import libraries, subscribers
from recommender.web.app import create_app

KEY = "aB3" * 8


def given(reader: Any) -> Any:
    with reader.services.database.read() as session:
        return libraries.of_subscriber(session, reader.subscriber.id)


async def give(client: AsyncClient, reader: Any, library: str = "", key: str = "") -> Any:
    return await client.post(reader.me, data={"action": "library", "library": library, "key": key})


async def test_the_page_asks_for_a_library(client: AsyncClient, reader: Any) -> None:
    page = (await client.get(f"{reader.me}/interests")).text

    assert "Your Zotero library" in page
    assert "zotero.org/settings/keys" in page
    assert ">Remove library</button>" not in page


async def test_a_library_is_taken_and_the_daemon_woken(services: Services, reader: Any) -> None:
    woken: list[bool] = []
    app = create_app(replace(services, wake=lambda: woken.append(True)))
    transport = httpx.ASGITransport(app)
    async with AsyncClient(transport=transport, base_url=services.site.base_url) as client:
        answer = await give(client, reader, "https://www.zotero.org/groups/7/bakers")

        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("/interests?done=given#answer")
        assert woken == [True]
        page = (await client.get(f"{reader.me}/interests?done=given")).text
    assert "It is being read. Look again in a minute." in page
    assert '<p class="muted small">groups/7</p>' in page
    assert given(reader).next_sync_at <= services.clock()


async def test_a_key_is_kept_sealed_and_shown_nowhere(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    pages = [
        await give(client, reader, "ABCD2345", KEY),
        await client.get(f"{reader.me}/interests"),
        await client.post(reader.me, data={"action": "export"}),
        await give(client, reader, "https://www.zotero.org/groups/none", KEY),
        await give(client, reader, "", f"{KEY}x"),
    ]

    assert not any(KEY in page.text or KEY in str(page.headers) for page in pages)
    assert given(reader).sealed_key
    assert given(reader).sealed_key not in pages[2].text
    assert "the library of your key, collection ABCD2345, with a key" in pages[1].text
    files, rows = stored()
    assert not any(KEY.encode() in content for content in files.values())
    assert not any(KEY in row for row in rows)


async def test_what_names_no_library_is_told_and_nothing_is_kept(
    client: AsyncClient, reader: Any
) -> None:
    answer = await give(client, reader, "https://www.zotero.org/ada_example/library")

    assert answer.status_code == 422
    problem = answer.text.partition('id="library-problem" role="alert">')[2].partition("</p>")[0]
    assert "give users/12345 with your userID" in problem
    assert 'aria-invalid="true" autofocus aria-describedby="library-problem' in answer.text
    assert 'value="https://www.zotero.org/ada_example/library"' in answer.text
    assert given(reader) is None


async def test_after_an_error_the_form_has_the_address_and_never_the_key(
    client: AsyncClient, reader: Any
) -> None:
    place = "https://www.zotero.org/ada_<b>_example/library"
    answer = await give(client, reader, place, KEY[:20])

    assert (answer.status_code, given(reader)) == (422, None)
    assert 'value="https://www.zotero.org/ada_&lt;b&gt;_example/library"' in answer.text
    assert re.search(r"<details open>\s*<summary>Give your library</summary>", answer.text)
    assert "A key has to be typed again." in answer.text
    assert KEY[:20] not in answer.text
    page = (await client.get(reader.me)).text
    assert ("A key has to be typed again." in page, "<details open>" in page) == (False, False)


@pytest.mark.parametrize(
    "place",
    [
        *(KEY[:23], f"{KEY}x", f"{KEY[:12]} {KEY[12:]}", f"https://zotero.org/ada?key={KEY[:9]}"),
        *(f"zotero.org/{KEY[:20]}/x", f"https://{KEY[:9]}@zotero.org/x", f"zotero.org/x#{KEY[:9]}"),
        f"zotero.org/%{ord(KEY[0]):x}{KEY[1:20]}",
    ],
)
async def test_a_key_in_the_field_of_the_address_is_not_shown_again(
    client: AsyncClient, reader: Any, place: str
) -> None:
    answer = await give(client, reader, place)

    assert answer.status_code == 422
    assert not any(KEY[start : start + 8] in answer.text for start in range(len(KEY) - 8))


async def test_how_reading_goes_is_shown_in_the_readers_time(
    client: AsyncClient, reader: Any, services: Services
) -> None:
    await give(client, reader, "groups/7")
    with services.database.write() as session:
        libraries.change(
            session, given(reader).id, last_synced_at=services.clock(), items=7_312, message=""
        )
    page = (await client.get(f"{reader.me}/interests")).text
    assert "0 papers known from it, last read on" in page
    assert "at 08:00. Only its newest 5,000 items are read." in page

    with services.database.write() as session:
        libraries.change(session, given(reader).id, message="Zotero <is> away", is_stopped=True)
    page = (await client.get(f"{reader.me}/interests")).text
    assert '<p class="problem">Zotero &lt;is&gt; away.</p>' in page


async def test_the_button_takes_library_and_key_back(client: AsyncClient, reader: Any) -> None:
    await give(client, reader, "", KEY)
    answer = await client.post(reader.me, data={"action": "remove-library"})

    assert answer.headers["Location"].endswith("/interests?done=taken-back#answer")
    assert given(reader) is None
    assert (await client.post(reader.me, data={"action": "remove-library"})).status_code == 303


async def test_another_site_gives_nothing(client: AsyncClient, reader: Any) -> None:
    answer = await client.post(
        reader.me,
        data={"action": "library", "library": "groups/7"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert given(reader) is None


@pytest.mark.parametrize("page", ["opened", "given"])
async def test_an_installation_may_offer_none(services: Services, reader: Any, page: str) -> None:
    app = create_app(replace(services, libraries=LibraryPolicy(is_offered=False)))
    transport = httpx.ASGITransport(app)
    async with AsyncClient(transport=transport, base_url=services.site.base_url) as client:
        if page == "opened":
            assert "Zotero" not in (await client.get(f"{reader.me}/interests")).text
        else:
            assert "are not read here" in (await give(client, reader, "groups/7")).text
    assert given(reader) is None


async def test_who_left_gives_none(client: AsyncClient, reader: Any, services: Services) -> None:
    with services.database.write() as session:
        subscribers.set_state(session, reader.subscriber.id, SubscriberState.UNSUBSCRIBED)
    answer = await client.post(
        reader.present().me, data={"action": "library", "library": "groups/7"}
    )
    assert "subscribe again first" in answer.text


async def test_the_export_has_what_is_known_and_since_when(
    client: AsyncClient, reader: Any, services: Services
) -> None:
    export = (await client.post(reader.me, data={"action": "export"})).json()
    assert export["library"] is None
    await give(client, reader, "groups/7", KEY)
    with services.database.write() as session:
        item = libraries.LibraryItem("A", services.clock(), paper_id=2)
        libraries.put_items(session, given(reader).id, [item])

    export = (await client.post(reader.me, data={"action": "export"})).json()
    assert export["library"] == {
        "library": "groups/7",
        "has_key": True,
        "last_synced_at": None,
        "problem": "",
        "papers": [
            {
                "paper_id": 2,
                "title": "Paper number 2",
                "added_at": services.clock().isoformat(),
            }
        ],
    }
