"""Pictures of new papers are fetched once, made anew, and kept while their papers are offered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from local_web import LocalWeb, Reply, page
from PIL import Image

from recommender.domain import Thumbnail
from recommender.errors import RecommenderError
from recommender.fetching.addresses import Reach, reach_of
from recommender.fetching.fetcher import Fetcher, FetchRules
from recommender.jobs.issues import newsletters
from recommender.jobs.pages.days import newest_day
from recommender.jobs.pages.paper import paper_page
from recommender.jobs.services import Services, ThumbnailPolicy
from recommender.jobs.sources.thumbnails import FORGOTTEN_EVERY, ThumbnailFetching
from recommender.store import issues, thumbnails

PATH = "/card.png"


def png(colour: int = 0) -> bytes:
    written = BytesIO()
    Image.new("L", (1200, 630), colour).save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """Show and mail thumbnails."""
    kept = ThumbnailPolicy(tmp_path / "kept" / "thumbnails", are_shown=True, are_mailed=True)
    return replace(services, thumbnails=kept)


@pytest.fixture
async def fetching(services: Services) -> AsyncIterator[ThumbnailFetching]:
    """Fetch, and take the local web for one outside."""

    def outside(address: str) -> Reach:
        return Reach.PUBLIC if address == "127.0.0.1" else reach_of(address)

    def open_fetcher(of: Services, *, most_bytes: int, allow_own_network: bool) -> Fetcher:
        assert not allow_own_network
        return Fetcher(FetchRules(most_bytes, 5, reach=outside), user_agent=of.site.user_agent)

    opened = ThumbnailFetching(services, opened_by=open_fetcher)
    yield opened
    await opened.close()


@pytest.fixture
def ingested(ingest: Callable[..., Any], web: LocalWeb) -> LocalWeb:
    """Store three papers, two with addresses of pictures; gives the web that has the first."""
    ingest(
        [
            {"title": "First", "thumbnail": web.url(PATH)},
            {"title": "Second", "thumbnail": web.url("/none.png")},
            "Third",
        ]
    )
    web.pages[PATH] = page(Reply(body=png()))
    return web


async def look(fetching: ThumbnailFetching) -> None:
    while await fetching.look() == timedelta():
        pass


def shown(services: Services) -> dict[int, Thumbnail]:
    with services.database.read() as session:
        return services.thumbnails.of_papers(session, [1, 2, 3])


def asked(web: LocalWeb) -> list[str]:
    return sorted(path for path, _ in web.asked)


async def test_a_picture_is_fetched_once_and_kept_by_its_content(
    services: Services, fetching: ThumbnailFetching, ingested: LocalWeb
) -> None:
    await look(fetching)
    await look(fetching)

    found = shown(services)
    (file,) = services.thumbnails.folder.iterdir()
    assert asked(ingested) == [PATH, "/none.png"]
    assert list(found) == [1]
    assert file == services.thumbnails.path_of(found[1])
    with Image.open(file) as kept:
        assert kept.size == (found[1].width, found[1].height)


async def test_pages_and_mails_show_it_from_our_own_address(
    services: Services,
    fetching: ThumbnailFetching,
    ingested: LocalWeb,
    subscribe: Callable[..., Any],
) -> None:
    reader = subscribe()
    await look(fetching)

    name = shown(services)[1].name
    assert [each.thumbnail and each.thumbnail.name for each in newest_day(services).entries] == [
        name,
        None,
        None,
    ]
    assert paper_page(services, 1).thumbnail == shown(services)[1]
    mail = newsletters.preview(services, reader.email)
    assert mail.html.count("<img") == 1
    assert f'src="{services.site.base_url}/thumbnails/{name}.jpg"' in mail.html
    assert ingested.url("") not in mail.html
    newsletters.compose_issues(services, now_even_if_not_due=True)
    with services.database.read() as session:
        (issue,) = issues.of_subscriber(session, reader.id)
    assert {each.thumbnail for each in issue.entries} == {name, ""}


async def test_without_the_setting_mails_show_none(
    services: Services,
    fetching: ThumbnailFetching,
    ingested: LocalWeb,
    subscribe: Callable[..., Any],
) -> None:
    assert ingested
    await look(fetching)
    quiet = replace(services, thumbnails=replace(services.thumbnails, are_mailed=False))
    assert "<img" not in newsletters.preview(quiet, subscribe().email).html


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(body=b"<html>"),
        Reply(body=png()[:100]),
        Reply(body=b"\0" * 1_000_000, times=3),
        Reply(302, {"Location": "http://127.0.0.2/"}),
        Reply(304),
    ],
    ids=range(6),
)
async def test_what_is_no_picture_is_tried_three_times_a_day_apart(
    services: Services,
    fetching: ThumbnailFetching,
    ingested: LocalWeb,
    clock: Any,
    reply: Reply,
) -> None:
    ingested.pages[PATH] = page(reply)
    for _ in range(5):
        await look(fetching)
        await look(fetching)
        clock.now += timedelta(hours=25)

    assert asked(ingested).count(PATH) == 3
    assert shown(services) == {}
    assert not services.thumbnails.folder.exists()


async def test_a_picture_that_came_later_is_found_the_next_day(
    services: Services, fetching: ThumbnailFetching, ingested: LocalWeb, clock: Any
) -> None:
    ingested.pages[PATH] = page(Reply(503))
    await look(fetching)
    ingested.pages[PATH] = page(Reply(body=png()))
    clock.now += timedelta(hours=25)
    await look(fetching)
    assert list(shown(services)) == [1]


async def test_thumbnails_go_when_newsletters_may_not_have_their_paper_any_more(
    services: Services,
    fetching: ThumbnailFetching,
    ingested: LocalWeb,
    ingest: Callable[..., Any],
    clock: Any,
) -> None:
    await look(fetching)
    clock.now += timedelta(days=services.ranking.window_days + 1)
    ingested.pages["/new.png"] = page(Reply(body=png(200)))
    ingest([{"title": "New", "thumbnail": ingested.url("/new.png")}])

    await look(fetching)

    assert shown(services) == {}
    with services.database.read() as session:
        (name,) = thumbnails.names(session)
    assert [each.stem for each in services.thumbnails.folder.iterdir()] == [name]


async def test_a_file_that_is_gone_is_fetched_again(
    services: Services, fetching: ThumbnailFetching, ingested: LocalWeb, clock: Any
) -> None:
    await look(fetching)
    services.thumbnails.path_of(shown(services)[1]).unlink()
    clock.now += FORGOTTEN_EVERY

    await look(fetching)

    assert asked(ingested).count(PATH) == 2
    assert services.thumbnails.path_of(shown(services)[1]).is_file()


async def test_a_folder_that_cannot_be_written_is_told_and_asks_nobody_again(
    services: Services, fetching: ThumbnailFetching, ingested: LocalWeb
) -> None:
    services.thumbnails.folder.parent.write_text("a file")
    with pytest.raises(RecommenderError, match="thumbnails cannot be written"):
        await look(fetching)
    await look(fetching)
    assert asked(ingested).count(PATH) == 1


async def test_it_ends_when_told_to(fetching: ThumbnailFetching, ingested: LocalWeb) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(fetching.run(stop, beat=lambda: None))
    await asyncio.wait_for(ingested.is_asked.wait(), 10)
    stop.set()
    await asyncio.wait_for(running, 10)
