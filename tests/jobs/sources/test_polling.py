"""Sources are fetched when due, stored before they are read, and never twice for the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from local_web import Headers, LocalWeb, Reply, hang, page, redirect, with_etag
from sqlmodel import select

from recommender.domain import SourceState
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.jobs.sources.polling import Poller
from recommender.papers.files.rejected import all_rejected
from recommender.papers.sources.source_states import JudgedSource
from recommender.store import sources
from recommender.store.counts import row_counts
from recommender.store.tables import DeliveryRow, DigestRow, PaperRow

from .conftest import feed

Judged = Callable[[], dict[str, JudgedSource]]
Open = Callable[..., Poller]


def test_a_source_that_was_never_fetched_says_so(services: Services, judged: Judged) -> None:
    managing.add(services, "https://example.org/feed", name="x")

    assert judged()["x"].verdict.state is SourceState.QUIET
    assert "not fetched yet" in judged()["x"].verdict.message


async def test_what_is_fetched_becomes_papers_and_names_its_source(
    services: Services, web: LocalWeb, open_poller: Open, judged: Judged
) -> None:
    web.pages["/feed"] = page(Reply(200, {}, feed(["One", "Two"])))
    managing.add(services, web.url("/feed"), name="Journal")
    await open_poller().round()

    journal = judged()["Journal"]
    assert (journal.verdict.state, journal.verdict.message) == ("ok", "2 new papers today")
    assert (journal.papers, journal.source.last_fetched_at) == (2, services.clock())
    with services.database.read() as session:
        [digest] = session.exec(select(DigestRow))
        assert (digest.source, digest.file_name) == (web.url("/feed"), "Journal 2026-03-11")
        assert digest.curator == "Journal of Tests"
        assert sources.unread(session) == []
    assert "recommender/" in web.asked[0][1]["user-agent"]
    assert "mailto:operator@example.org" in web.asked[0][1]["user-agent"]


async def test_papers_that_no_newsletter_may_have_are_told(
    services: Services,
    web: LocalWeb,
    open_poller: Open,
    judged: Judged,
    caplog: pytest.LogCaptureFixture,
) -> None:
    web.pages["/old"] = page(Reply(200, {}, feed(["One", "Two"], day="2025-12-01")))
    web.pages["/new"] = page(Reply(200, {}, feed(["Three"])))
    for name in ("new", "old"):
        managing.add(services, web.url(f"/{name}"), name=name)
        await open_poller().round()

    assert judged()["new"].verdict.message == "1 new paper today"
    assert judged()["old"].verdict.state is SourceState.OK
    assert judged()["old"].verdict.message == (
        "2 new papers today; none of its papers is within newsletter.window_days"
    )
    [told] = [each.getMessage() for each in caplog.records if "window_days" in each.getMessage()]
    assert told.startswith("old: 2 papers are older than newsletter.window_days")


async def test_a_relative_link_leads_to_the_server_of_the_feed(
    services: Services, web: LocalWeb, open_poller: Open
) -> None:
    item = b"<item><title>Of mice and the men beside them</title><link>new/1.html</link></item>"
    head = b"<title>Journal of Tests</title><link>/</link>"
    content = b'<rss version="2.0"><channel>' + head + item + b"</channel></rss>"
    web.pages["/feed"] = page(Reply(200, {}, content))
    managing.add(services, web.url("/feed"), name="Journal")
    await open_poller().round()

    with services.database.read() as session:
        [paper] = session.exec(select(PaperRow))
        assert paper.url == web.url("/new/1.html")


async def test_a_feed_that_is_polled_again_mentions_only_what_is_new(
    services: Services, web: LocalWeb, open_poller: Open, clock: Any, judged: Judged
) -> None:
    managing.add(services, web.url("/feed"), name="Journal")
    poller = open_poller()
    titles = [f"Paper {n}" for n in range(30)]
    for hour in range(11):
        web.pages["/feed"] = page(Reply(200, {}, feed(titles[hour : hour + 20])))
        await poller.round()
        clock.now += timedelta(hours=1, minutes=7)

    with services.database.read() as session:
        counts = row_counts(session)
    assert (counts.papers, counts.mentions, counts.digests) == (30, 30, 1)
    assert judged()["Journal"].papers == 30


async def test_an_hour_of_polling_transfers_nothing_twice(
    services: Services, web: LocalWeb, open_poller: Open, clock: Any
) -> None:
    body = feed([f"Paper {n}" for n in range(100)])
    for n in range(20):
        web.pages[f"/{n}"] = with_etag(body)
        managing.add(services, web.url(f"/{n}"), every_minutes=5)
    poller = open_poller()
    end = clock.now + timedelta(hours=1)
    while clock.now < end:
        await poller.round()
        clock.now += timedelta(minutes=1)

    sent, once = sum(web.sent.values()), 20 * len(body)
    print(f"\n{len(web.asked)} questions in an hour: {sent} bytes, all once: {once}")  # noqa: T201, figures by -s
    assert len(web.asked) >= 20 * 10
    assert web.sent == {f"/{n}": len(body) for n in range(20)}


async def test_the_same_bytes_without_an_etag_are_read_once(
    services: Services, web: LocalWeb, open_poller: Open, clock: Any, judged: Judged
) -> None:
    web.pages["/feed"] = page(Reply(200, {}, feed(["One"])))
    managing.add(services, web.url("/feed"), name="x")
    poller = open_poller()
    await poller.round()
    clock.now += timedelta(hours=2)
    await poller.round()

    assert len(web.asked) == 2
    assert judged()["x"].source.last_fetched_at == clock.now


async def test_what_was_fetched_before_a_kill_is_read_after_it(
    services: Services, web: LocalWeb, open_poller: Open, judged: Judged
) -> None:
    web.pages["/feed"] = with_etag(feed(["One"]))
    managing.add(services, web.url("/feed"), name="x")
    killed = open_poller()
    source = judged()["x"].source
    # As if killed between the two: the fetch is on disk, and its server will say "unchanged".
    await killed._fetch(source)
    with services.database.read() as session:
        assert sources.unread(session) == [source.id]
        assert row_counts(session).papers == 0
    await open_poller().round()

    assert judged()["x"].papers == 1
    assert len(web.asked) == 1


async def test_a_source_that_moved_for_good_is_asked_there_from_then_on(
    services: Services, web: LocalWeb, open_poller: Open, clock: Any, judged: Judged
) -> None:
    web.pages["/old"] = redirect("/new", 301)
    web.pages["/new"] = with_etag(feed(["One"]))
    managing.add(services, web.url("/old"), name="x")
    poller = open_poller()
    for _ in range(2):
        await poller.round()
        clock.now += timedelta(hours=2)

    assert [path for path, _ in web.asked] == ["/old", "/new", "/new"]
    assert judged()["x"].source.location == web.url("/new")


def mentions(services: Services) -> int:
    with services.database.read() as session:
        return row_counts(session).mentions


@pytest.mark.parametrize("names", [("old", "new"), ("new", "old")])
async def test_two_sources_that_become_one_feed_mention_its_papers_once(
    services: Services,
    web: LocalWeb,
    open_poller: Open,
    judged: Judged,
    names: tuple[str, str],
) -> None:
    clock: Any = services.clock
    web.pages["/old"] = page(Reply(200, {}, feed(["Zero"])))
    web.pages["/new"] = page(Reply(200, {}, feed(["One", "Two"])))
    for name in names:
        managing.add(services, web.url(f"/{name}"), name=name)
    poller = open_poller()
    await poller.round()
    assert mentions(services) == 3

    web.pages["/old"] = redirect("/new", 308)
    for titles in (["One", "Two", "Three"], ["Two", "Three", "Four"]):
        web.pages["/new"] = page(Reply(200, {}, feed(titles)))
        clock.now += timedelta(hours=2)
        await poller.round()
        poller._tell_of_one_feed()

    assert mentions(services) == 5
    first, second = names
    assert [path for path, _ in web.asked].count("/new") == 4
    assert judged()[first].verdict.state is SourceState.OK
    verdict = judged()[second].verdict
    assert verdict.state is SourceState.PAUSED
    assert verdict.message == (
        f"it has the address of {first} for good, and is fetched as that; "
        f"`recommender sources remove {second}` takes it out"
    )
    assert [each["subject"] for each in notices(services)] == [
        f"The sources {first} and {second} are one feed"
    ]
    assert judged()["old"].papers + judged()["new"].papers == 5


@pytest.mark.parametrize(
    ("names", "status"),
    [(("short", "long"), 302), (("long", "short"), 302), (("short", "long"), 307)],
)
async def test_a_source_that_leads_to_another_one_for_now_mentions_its_papers_once(
    services: Services,
    web: LocalWeb,
    open_poller: Open,
    names: tuple[str, str],
    status: int,
) -> None:
    clock: Any = services.clock
    web.pages["/short"] = redirect("/long", status)
    for name in names:
        with services.database.write() as session:
            sources.add(
                session,
                name=name,
                url=web.url(f"/{name}"),
                every_minutes=None,
                is_configured=False,
                now=clock.now,
            )
    poller = open_poller()
    for titles in (["One", "Two"], ["Two", "Three"], ["Three", "Four"]):
        web.pages["/long"] = page(Reply(200, {}, feed(titles)))
        await poller.round()
        clock.now += timedelta(hours=2)

    assert mentions(services) == 4
    web.pages["/short"] = page(Reply(200, {}, feed(["Four", "Five"])))
    await poller.round()
    assert mentions(services) == 6  # now it is a feed of its own


@pytest.mark.parametrize("removed", ["old", "new"])
async def test_whichever_name_of_a_feed_is_removed_nothing_is_mentioned_again(
    services: Services, web: LocalWeb, open_poller: Open, judged: Judged, removed: str
) -> None:
    clock: Any = services.clock
    web.pages["/old"] = redirect("/new", 301)
    web.pages["/new"] = page(Reply(200, {}, feed(["One", "Two"])))
    managing.add(services, web.url("/old"), name="old")
    await open_poller().round()
    # As it stands in installations in which it was added before the other one moved.
    with services.database.write() as session:
        sources.add(
            session,
            name="new",
            url=web.url("/new"),
            every_minutes=None,
            is_configured=False,
            now=clock.now,
        )
    managing.remove(services, removed)
    web.pages["/new"] = page(Reply(200, {}, feed(["One", "Two", "Three"])))
    clock.now += timedelta(hours=2)
    await open_poller().round()

    assert mentions(services) == 3
    [left] = judged().values()
    assert left.verdict.state is SourceState.OK


async def test_a_move_to_what_is_no_feed_is_not_remembered(
    services: Services, web: LocalWeb, open_poller: Open, judged: Judged
) -> None:
    web.pages["/old"] = redirect("/", 301)
    web.pages["/"] = page(Reply(200, {}, b"<!doctype html><title>Welcome</title>"))
    managing.add(services, web.url("/old"), name="x")
    await open_poller().round()

    assert judged()["x"].source.location == web.url("/old")
    assert "it is a web page and names no feed" in judged()["x"].verdict.message


async def test_a_source_that_is_gone_is_paused_and_told(
    services: Services, web: LocalWeb, open_poller: Open, clock: Any, judged: Judged
) -> None:
    web.pages["/feed"] = page(Reply(410))
    managing.add(services, web.url("/feed"), name="x")
    poller = open_poller()
    for _ in range(3):
        await poller.round()
        clock.now += timedelta(days=1)

    assert len(web.asked) == 1
    assert judged()["x"].verdict.state is SourceState.PAUSED
    assert "410" in judged()["x"].verdict.message
    assert [each["subject"] for each in notices(services)] == ["The source x is gone for good"]
    managing.resume(services, "x")
    await poller.round()
    assert len(web.asked) == 2


def notices(services: Services) -> list[dict[str, Any]]:
    with services.database.read() as session:
        found = session.exec(select(DeliveryRow).where(DeliveryRow.kind == "notice")).all()
        return [(each.content or {})["values"] for each in found]


async def test_what_cannot_be_read_is_kept_once_told_and_asked_for_ever_more_rarely(
    services: Services,
    web: LocalWeb,
    open_poller: Open,
    judged: Judged,
    tmp_path: Path,
) -> None:
    clock: Any = services.clock

    async def page_of_today(path: str, headers: Headers) -> Reply:
        del path, headers
        return Reply(200, {"ETag": '"same"'}, f'{{"error": {clock.now:"%H%M"}}}'.encode())

    web.pages["/feed"] = page_of_today
    managing.add(services, web.url("/feed"), name="a/b")
    poller = open_poller()
    for _ in range(60):
        await poller.round()
        poller._tell_of_trouble()
        clock.now += timedelta(minutes=10)

    found = judged()["a/b"]
    assert found.verdict.state is SourceState.BROKEN
    assert "it cannot be read" in found.verdict.message
    assert f"it failed {found.source.failures} times in a row" in found.verdict.message
    assert 5 <= len(web.asked) <= 7
    assert sorted(path.name for path in (tmp_path / "rejected").iterdir()) == [
        "a-b-2026-03-11",
        "a-b-2026-03-11.why.txt",
    ]
    [notice] = notices(services)
    assert notice["lines"][0].startswith("a/b is broken: it cannot be read")
    assert "what is read:" not in found.verdict.message
    why = (tmp_path / "rejected" / "a-b-2026-03-11.why.txt").read_text()
    assert "JSON, but no list of papers" in why

    web.pages["/feed"] = page(Reply(200, {}, feed(["One"])))
    clock.now += timedelta(days=1)
    await poller.round()
    assert judged()["a/b"].verdict.state is SourceState.OK


async def test_what_of_an_answer_is_left_out_is_told_and_kept_once(
    services: Services, web: LocalWeb, open_poller: Open, judged: Any, tmp_path: Path
) -> None:
    clock: Any = services.clock
    works = [{"paperId": "1", "title": "One"}, {"paperId": "2", "title": 5}]
    content = json.dumps({"total": 2, "offset": 0, "data": works}).encode()
    web.pages["/feed"] = page(Reply(200, {}, content))
    managing.add(services, web.url("/feed"), name="a/b")
    poller = open_poller()
    for _ in range(3):
        await poller.round()
        clock.now += timedelta(hours=2)

    verdict = judged()["a/b"].verdict
    assert verdict.state is SourceState.OK
    assert verdict.message.startswith("1 new paper today; 1 entry of the last answer left out: ")
    assert "entry 2: 'title' is a number" in verdict.message
    [found] = all_rejected(tmp_path / "rejected")
    assert (found.name, found.reason.source) == ("a-b-2026-03-11", "a/b")
    assert found.reason.is_partial

    web.pages["/feed"] = page(Reply(200, {}, feed(["One"])))
    await poller.round()
    assert "left out" not in judged()["a/b"].verdict.message


async def test_all_trouble_of_a_day_is_one_mail_whoever_tells_it(
    services: Services, web: LocalWeb, open_poller: Open
) -> None:
    clock: Any = services.clock
    for name in ("one", "two"):
        managing.add(services, web.url(f"/{name}"), name=name)
    poller = open_poller()
    for _ in range(36):
        await poller.round()
        for each in (poller, open_poller()):
            each._tell_of_trouble()
        clock.now += timedelta(hours=1)

    told = notices(services)
    assert [each["subject"] for each in told] == ["Sources of papers need a look"] * 2
    assert [line.partition(" is ")[0] for line in told[0]["lines"][:-1]] == ["one", "two"]


async def test_a_page_that_names_its_feed_is_offered_that(
    services: Services, web: LocalWeb, open_poller: Open, judged: Judged
) -> None:
    link = b'<html><head><link rel="alternate" type="application/rss+xml" href="rss"></head>'
    web.pages["/x/"] = page(Reply(200, {}, link))
    managing.add(services, web.url("/x/"), name="x")
    await open_poller().round()

    assert f"`recommender sources add` {web.url('/x/rss')}" in judged()["x"].verdict.message


async def test_retry_after_is_waited_for(
    services: Services, web: LocalWeb, open_poller: Open, clock: Any
) -> None:
    web.pages["/feed"] = page(Reply(503, {"Retry-After": "86400"}))
    managing.add(services, web.url("/feed"))
    poller = open_poller()
    for _ in range(23):
        await poller.round()
        clock.now += timedelta(hours=1)
    assert len(web.asked) == 1
    clock.now += timedelta(hours=2)
    await poller.round()
    assert len(web.asked) == 2


async def test_a_removed_source_leaves_nothing_even_while_it_is_fetched(
    services: Services, web: LocalWeb, open_poller: Open
) -> None:
    let_go = asyncio.Event()

    async def slow(path: str, headers: Headers) -> Reply:
        del path, headers
        await let_go.wait()
        return Reply(200, {}, feed(["One"]))

    web.pages["/feed"] = slow
    managing.add(services, web.url("/feed"), name="x")
    under_way = asyncio.create_task(open_poller().round())
    await web.is_asked.wait()
    managing.remove(services, "x")
    let_go.set()
    await under_way

    with services.database.read() as session:
        assert sources.every(session) == []
        assert sources.unread(session) == []


async def test_it_stops_at_once_while_a_server_hangs_and_shows_life_until_then(
    services: Services, web: LocalWeb, open_poller: Open
) -> None:
    web.pages["/hangs"] = hang
    managing.add(services, web.url("/hangs"))
    stop = asyncio.Event()
    beats: list[None] = []
    running = asyncio.create_task(open_poller().run(stop, beat=lambda: beats.append(None)))
    await web.is_asked.wait()
    stop.set()
    async with asyncio.timeout(10):
        await running
    assert beats
