"""What the buttons of a subscriber's own pages do, at each page's address and at the old one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import Preferences
from recommender.store import subscribers

# A form of the time when all was on one page.
FIELDS = {
    "action": "change",
    "hour": "18",
    "weekdays": ["0", "3"],
    "timezone": "Asia/Tokyo",
    "papers": "5",
    "interests": "knots",
    "followed": "knot theory",
    "blocked": "braid",
}
SCHEDULE = {name: FIELDS[name] for name in ("action", "hour", "weekdays", "timezone", "papers")}
TASTE = {name: FIELDS[name] for name in ("action", "interests", "followed", "blocked")}


def kept(reader: Any) -> Any:
    with reader.services.database.read() as session:
        return subscribers.by_id(session, reader.subscriber.id)


@pytest.mark.parametrize("page", ["", "/list", "/ratings", "/interests", "/delivery"])
async def test_every_page_takes_every_action(client: AsyncClient, reader: Any, page: str) -> None:
    answer = await client.post(f"{reader.me}{page}", data={"action": "pause", "days": "14"})

    assert answer.headers["Location"].endswith(f"{reader.me}/delivery?done=paused&change=1#answer")
    assert kept(reader).state == "paused"


async def test_a_form_with_all_fields_changes_all_of_them(client: AsyncClient, reader: Any) -> None:
    answer = await client.post(reader.me, data=FIELDS)

    assert answer.headers["Location"] == f"..{reader.me}/delivery?done=changed&change=1#answer"
    assert kept(reader).preferences == Preferences(18, frozenset({0, 3}), "Asia/Tokyo", 5)
    assert (kept(reader).interests, kept(reader).followed) == ("knots", "knot theory")


async def test_a_form_leaves_what_it_has_no_field_for(client: AsyncClient, reader: Any) -> None:
    await client.post(reader.me, data=FIELDS)
    await client.post(f"{reader.me}/delivery", data={**SCHEDULE, "hour": "6"})
    await client.post(f"{reader.me}/interests", data={"action": "change", "blocked": ""})

    assert kept(reader).preferences == Preferences(6, frozenset({0, 3}), "Asia/Tokyo", 5)
    assert (kept(reader).interests, kept(reader).followed) == ("knots", "knot theory")
    assert kept(reader).blocked == ""


@pytest.mark.parametrize(
    ("changed", "field", "page"),
    [
        ({"hour": "24"}, "hour", "Delivery"),
        ({"weekdays": []}, "weekdays", "Delivery"),
        ({"weekdays": ["7"]}, "weekdays", "Delivery"),
        ({"timezone": "Europe/Atlantis"}, "timezone", "Delivery"),
        ({"papers": "51"}, "papers", "Delivery"),
        ({"papers": "many <i>"}, "papers", "Delivery"),
        ({"followed": "the"}, "followed", "Interests"),
        ({"followed": "<u>" + "x" * 80}, "followed", "Interests"),
        ({"blocked": "\n".join(f"topic{number}" for number in range(51))}, "blocked", "Interests"),
    ],
)
async def test_what_cannot_be_kept_is_said_at_its_field_and_nothing_is_changed(
    *,
    client: AsyncClient,
    reader: Any,
    stored: Callable[[], Any],
    changed: dict[str, Any],
    field: str,
    page: str,
) -> None:
    before = stored()

    answer = await client.post(reader.me, data={**FIELDS, **changed})

    assert answer.status_code == 422
    assert f"<h1>{page}</h1>" in answer.text
    assert answer.text.count('role="alert"') == 1
    assert f'id="{field}-problem" role="alert"' in answer.text
    assert f'aria-invalid="true" autofocus aria-describedby="{field}-problem' in answer.text
    assert "<i>" not in answer.text
    assert "<u>" not in answer.text
    assert stored() == before


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "dance"},
        {"action": "change"},
        {"action": "change", "hour": "7"},
        {"action": "remove"},
        {"action": "rate", "paper": "1"},
        {"action": "rate", "paper": "1", "vote": "dance"},
        {"action": "rate", "vote": "up"},
        {"action": "remove", "paper": "x"},
        {"action": "pause", "days": "soon"},
        {"action": "less"},
        {"action": "forget"},
        {"action": "address"},
    ],
)
async def test_an_incomplete_form_changes_nothing(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], form: dict[str, str]
) -> None:
    before = stored()

    answer = await client.post(reader.me, data=form)

    assert answer.status_code == 400
    assert stored() == before


@pytest.mark.parametrize("page", ["", "/list", "/ratings", "/interests", "/delivery"])
async def test_a_page_shows_the_way_to_the_others_and_opening_it_changes_nothing(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], page: str
) -> None:
    before = stored()

    answer = await client.get(f"{reader.me}{page}")

    assert answer.status_code == 200
    root = "../../" if page else "../"
    for other in ("/list", "/ratings", "/interests", "/delivery"):
        current = ' aria-current="page"' if other == page else ""
        assert f'<a href="{root}{reader.me[1:]}{other}"{current}>' in answer.text
    assert "for reader@example.org" in answer.text
    assert stored() == before


@pytest.mark.parametrize("page", ["", "/list", "/ratings", "/interests", "/delivery"])
async def test_only_a_link_to_these_pages_opens_and_changes_them(
    client: AsyncClient, reader: Any, page: str
) -> None:
    token = reader.unsubscribe.rpartition("/")[2]

    opened = await client.get(f"/me/{token}{page}")
    acted = await client.post(f"/me/{token}{page}", data={"action": "pause", "days": "14"})

    assert (opened.status_code, acted.status_code) == (404, 404)
    assert kept(reader).state == "active"


async def test_a_form_from_another_site_changes_nothing(client: AsyncClient, reader: Any) -> None:
    answer = await client.post(
        f"{reader.me}/delivery",
        data={"action": "leave"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403
    assert kept(reader).state == "active"
