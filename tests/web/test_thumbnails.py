"""Small pictures of papers, from our own address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from recommender.domain import Thumbnail, Vote
from recommender.jobs.services import Services, ThumbnailPolicy
from recommender.store import thumbnails
from recommender.web.app import create_app

KEPT = Thumbnail("a" * 64, 480, 252)
ADDRESS = f"thumbnails/{KEPT.name}.jpg"
JPEG = b"\xff\xd8\xff\xe0 and so on"


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """Show thumbnails, and keep that of the second paper."""
    policy = ThumbnailPolicy(tmp_path / "thumbnails", are_shown=True)
    policy.folder.mkdir()
    policy.path_of(KEPT).write_bytes(JPEG)
    return replace(services, thumbnails=policy)


@pytest.fixture
def pictured(services: Services, reader: Any) -> Any:
    """Return a reader of an issue whose second paper has a picture."""
    paper_id = reader.issue.entries[1].paper_id
    with services.database.write() as session:
        thumbnails.put(session, paper_id, KEPT, now=services.clock())
    return reader


async def test_a_picture_is_served_for_good_and_as_nothing_but_a_picture(
    client: AsyncClient, pictured: Any
) -> None:
    assert pictured
    answer = await client.get(f"/{ADDRESS}")

    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_the_days_the_paper_and_the_rating_page_show_it(
    client: AsyncClient, pictured: Any
) -> None:
    paper_id = pictured.issue.entries[1].paper_id
    for page, root in (
        ("/", "./"),
        ("/archive/2026-03-11", "../"),
        (f"/papers/{paper_id}", "../"),
        (pictured.rate(2, Vote.UP), "../"),
        (pictured.rate(3, Vote.UP), "../"),
    ):
        shown = (await client.get(page)).text
        assert shown.count("<img") == 1, page
        assert f'src="{root}{ADDRESS}" alt="" width="480" height="252"' in shown


async def test_a_page_that_was_kept_shows_what_came_since(
    client: AsyncClient, reader: Any, services: Services
) -> None:
    assert "<img" not in (await client.get("/")).text
    with services.database.write() as session:
        thumbnails.put(session, reader.issue.entries[1].paper_id, KEPT, now=services.clock())
    assert "<img" in (await client.get("/")).text


@pytest.mark.parametrize(
    "name", ["none", f"{'b' * 64}-480x252", "..%2f..%2frecommender", f"{'a' * 64}-480x252%00"]
)
async def test_what_is_not_kept_is_not_found(client: AsyncClient, pictured: Any, name: str) -> None:
    assert pictured
    assert (await client.get(f"/thumbnails/{name}.jpg")).status_code == 404


async def test_where_the_setting_is_off_none_is_shown_and_none_is_served(
    pictured: Any, services: Services
) -> None:
    off = replace(services, thumbnails=replace(services.thumbnails, are_shown=False))
    transport = httpx.ASGITransport(create_app(off))
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert "<img" not in (await client.get("/")).text
        assert "<img" not in (await client.get(pictured.rate(2, Vote.UP))).text
        assert (await client.get(f"/{ADDRESS}")).status_code == 404
