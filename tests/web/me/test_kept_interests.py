"""A subscriber's interests on their page: each with its words, a name, a pause, and its course."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from recommender.domain import Vote
from recommender.store import kept_interests

HOSTILE = "<script>alert('name')</script> & \"design\""


@pytest.fixture
async def liked(client: AsyncClient, reader: Any) -> Any:
    """Return a reader who likes three papers, which are one interest."""
    for position in (2, 3, 4):
        await client.post(reader.rate(position, Vote.UP), data={"vote": "up"})
    return reader


async def page_of(client: AsyncClient, reader: Any, query: str = "") -> str:
    return (await client.get(f"{reader.me}/interests{query}")).text


def button(page: str, action: str) -> dict[str, str]:
    """Return the fields of the form that has a button."""
    before = page.partition(f'value="{action}"')[0]
    form = before[before.rindex("<form") :]
    fields = dict(re.findall(r'name="(interest|papers)" value="([^"]*)"', form))
    return {"action": action, **fields}


async def press(client: AsyncClient, reader: Any, action: str, **fields: str) -> Response:
    pressed = button(await page_of(client, reader), action)
    return await client.post(f"{reader.me}/interests", data={**pressed, **fields})


async def shown_after(client: AsyncClient, answer: Response) -> str:
    assert answer.status_code == 303, answer.text
    return (await client.get(answer.headers["Location"].removeprefix("../.."))).text


async def test_a_name_is_kept_and_shown_as_text_and_undone_by_one_tap(
    client: AsyncClient, liked: Any
) -> None:
    named = await press(client, liked, "name-interest", name=HOSTILE)
    page = await shown_after(client, named)

    assert named.headers["Location"].endswith("/interests?done=named&change=1#answer")
    assert "<h3>&lt;script&gt;alert(&#39;name&#39;)" in page
    assert "<script>" not in page
    assert 'id="answer"' in page.partition('id="learned"')[2].partition("</section>")[0]

    undone = await client.post(f"{liked.me}/interests", data={"action": "undo", "change": "1"})
    page = await shown_after(client, undone)
    assert "<h3>You like</h3>" in page
    assert "Undone" in page


async def test_an_interest_is_paused_and_resumed(client: AsyncClient, liked: Any) -> None:
    page = await shown_after(client, await press(client, liked, "pause-interest"))
    assert '<span class="pill">Paused</span>' in page
    assert "pruning" in page.partition('class="interest"')[2].partition("</ul>")[0]

    page = await shown_after(client, await press(client, liked, "resume-interest"))
    assert '<span class="pill">Paused</span>' not in page
    with liked.services.database.read() as session:
        assert kept_interests.of_subscriber(session, liked.subscriber.id) == []


async def test_a_removed_interest_is_listed_and_can_be_brought_back(
    client: AsyncClient, liked: Any
) -> None:
    learned = await page_of(client, liked)
    page = await shown_after(client, await press(client, liked, "remove-interest"))

    assert "From 3 ratings," in learned
    assert "From 0 ratings," in page
    assert "Removed (1)" in page
    assert "From 3 ratings," in await shown_after(
        client, await press(client, liked, "bring-back-interest")
    )


async def test_a_name_of_what_is_no_interest_any_more_can_be_forgotten(
    client: AsyncClient, liked: Any
) -> None:
    await press(client, liked, "name-interest", name="knots")
    for position in (2, 3, 4):
        await client.post(liked.rate(position, Vote.UP), data={"vote": "withdraw"})

    page = await page_of(client, liked)
    forgotten = await shown_after(client, await press(client, liked, "forget-interest"))

    assert "Not told apart from the rest at the moment (1)" in page
    assert "Not told apart" not in forgotten


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"papers": "1 2 x"}, 400, "are numbers"),
        ({"papers": "9" * 40}, 400, "are numbers"),
        ({"papers": " ".join(map(str, range(99)))}, 400, "are numbers"),
        ({"papers": "1", "interest": "x"}, 400, "has to be a number"),
        ({"papers": "100000"}, 422, "Your interests changed meanwhile"),
        ({"papers": "", "interest": "7"}, 422, "Your interests changed meanwhile"),
        ({"papers": "2 3", "name": "x" * 61}, 422, "A name has 60 characters at most"),
    ],
)
async def test_what_is_no_button_of_the_page_is_refused_and_nothing_kept(
    *,
    client: AsyncClient,
    liked: Any,
    stored: Callable[[], Any],
    fields: dict[str, str],
    status: int,
    words: str,
) -> None:
    before = stored()
    answer = await client.post(
        f"{liked.me}/interests", data={"action": "name-interest", "name": "knots", **fields}
    )
    assert answer.status_code == status
    assert words in answer.text
    assert stored() == before


async def test_the_course_is_a_plot_with_its_numbers_below(
    client: AsyncClient, liked: Any, clock: Any
) -> None:
    clock.now += timedelta(days=7)
    page = await page_of(client, liked)
    plot = await client.get(f"{liked.me}/interests.svg")

    assert f'src="../../me/{liked.me.rpartition("/")[2]}/interests.svg"' in page
    assert "Of 10 papers in the mails since Monday, 9 March 2026." in page
    assert page.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>") == 2
    assert plot.headers["Content-Type"] == "image/svg+xml"
    assert plot.headers["Content-Security-Policy"].endswith("style-src 'unsafe-inline'")
    assert plot.headers["Cache-Control"] == "no-store"
    assert "<title>Papers in your mails, week by week</title>" in plot.text


async def test_looking_at_interests_and_their_course_changes_nothing(
    client: AsyncClient, liked: Any, stored: Callable[[], Any]
) -> None:
    before = stored()
    for method in (client.get, client.head):
        await method(f"{liked.me}/interests")
        await method(f"{liked.me}/interests.svg")
    assert stored() == before


async def test_who_rated_nothing_has_no_course(client: AsyncClient, reader: Any) -> None:
    assert "interests.svg" not in await page_of(client, reader)
