"""What is seen of an address when it is added is what the daemon would say of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from local_web import LocalWeb, Page, Reply, page, redirect

from recommender.domain import SourceState
from recommender.errors import FetchError, NotFoundError, SourceError, UnknownHostError
from recommender.fetching.fetcher import Fetcher, FetchRules
from recommender.jobs.services import Services
from recommender.jobs.sources import checking, managing
from recommender.jobs.sources.polling import Poller
from recommender.jobs.sources.taking_in import why_not_fetched
from recommender.papers.sources.polling import MAX_BYTES
from recommender.papers.sources.presets import address_of
from recommender.papers.sources.source_states import JudgedSource

from .conftest import feed

Judged = Callable[[], dict[str, JudgedSource]]


@pytest.fixture
def services(services: Services) -> Services:
    return replace(services, sources=replace(services.sources, allow_private_networks=True))


BROKEN = {
    "nothing": (page(Reply(204)), "HTTP 204: it says that there is nothing to send"),
    "empty": (page(Reply(200)), "what it sends is empty"),
    "unasked": (page(Reply(304)), "HTTP 304: it says that nothing changed, and has never sent"),
    "away": (page(Reply(404)), "HTTP 404: there is nothing at this address"),
    "short": (
        page(Reply(200, {"Content-Length": "9"}, b"four")),
        "its answer broke off after 4 of 9 bytes",
    ),
    "nowhere": (redirect(""), "HTTP 302: it redirects and does not say where to"),
    "other": (page(Reply(200, {}, b'{"error": "no"}')), "it cannot be read: file: JSON, but no"),
}


@pytest.mark.parametrize(("answer", "words"), BROKEN.values(), ids=BROKEN)
async def test_a_fault_that_was_seen_is_listed_as_the_daemon_would_list_it(
    services: Services, web: LocalWeb, judged: Judged, answer: Page, words: str
) -> None:
    web.pages["/feed"] = answer
    added, _ = await asyncio.to_thread(checking.add, services, web.url("/feed"), name="x")
    seen = judged()["x"]
    assert added == seen
    assert seen.verdict.state is SourceState.BROKEN
    assert seen.verdict.message.startswith(words)
    assert "; asked again at 07:1" in seen.verdict.message

    managing.remove(services, "x")
    managing.add(services, web.url("/feed"), name="x")
    poller = Poller(services, random=Random(1))  # noqa: S311, it spreads fetches
    await poller.round()
    await poller.close()
    found = judged()["x"]
    assert (found.verdict.state, found.source.failures) == (SourceState.BROKEN, 1)
    assert found.verdict.message.startswith(words)


@pytest.mark.parametrize("status", [429, 503])
async def test_until_when_a_server_is_left_alone_is_told(
    services: Services, web: LocalWeb, judged: Judged, status: int
) -> None:
    web.pages["/feed"] = page(Reply(status, {"Retry-After": "7200"}))
    await asyncio.to_thread(checking.add, services, web.url("/feed"), name="x")

    assert judged()["x"].source.next_fetch_at == services.clock() + timedelta(hours=2)
    assert judged()["x"].verdict.message.endswith("; asked again at 09:00 UTC")


async def test_what_can_be_read_is_due_at_once_and_what_is_gone_is_paused(
    services: Services, web: LocalWeb, judged: Judged
) -> None:
    web.pages["/feed"] = page(Reply(200, {}, feed(["One"])))
    web.pages["/gone"] = page(Reply(410))
    for name in ("feed", "gone"):
        await asyncio.to_thread(checking.add, services, web.url(f"/{name}"), name=name)

    good, gone = judged()["feed"], judged()["gone"]
    assert (good.verdict.state, good.source.failures) == (SourceState.QUIET, 0)
    assert good.source.next_fetch_at == services.clock()
    assert (gone.verdict.state, "410" in gone.verdict.message) == (SourceState.PAUSED, True)


async def test_a_web_page_is_not_added(services: Services, web: LocalWeb, judged: Judged) -> None:
    web.pages["/"] = page(Reply(200, {}, b"<!doctype html><title>Welcome</title>"))
    with pytest.raises(SourceError, match="is a web page; it names no feed to add"):
        await asyncio.to_thread(checking.add, services, web.url("/"))
    assert judged() == {}


@pytest.mark.parametrize("status", [301, 302, 308])
async def test_what_leads_to_a_source_is_not_added(
    services: Services, web: LocalWeb, judged: Judged, status: int
) -> None:
    web.pages["/old"] = redirect("/new", status)
    web.pages["/new"] = page(Reply(200, {}, feed(["One"])))
    managing.add(services, web.url("/new"), name="x")
    with pytest.raises(SourceError, match=r"/old leads to .*/new, which is the source 'x'; it was"):
        await asyncio.to_thread(checking.add, services, web.url("/old"))
    assert judged().keys() == {"x"}


async def test_what_is_there_already_is_not_asked_again(services: Services, web: LocalWeb) -> None:
    managing.add(services, web.url("/feed"), name="x")
    for given, name in [(web.url("/feed"), "y"), (web.url("/other"), "x")]:
        with pytest.raises(SourceError, match="source 'x' already"):
            await asyncio.to_thread(checking.add, services, given, name=name)
    assert web.asked == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("arxiv:cs.LG", r"no name server says where rss\.arxiv\.org is, the host of arXiv \(.+\);"),
        (
            'pubmed:"sleep"',
            r"www\.ebi\.ac\.uk is, the host of Europe PMC, which answers for PubMed",
        ),
        ("https://nowhere.invalid/feed", r"there is no host nowhere\.invalid \(.+\); correct the"),
    ],
)
async def test_a_host_that_is_not_found_is_told_by_whose_it_is(
    services: Services, monkeypatch: pytest.MonkeyPatch, given: str, words: str
) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del port
        raise UnknownHostError(host, "Name or service not known", is_unanswered=False)

    rules = FetchRules(MAX_BYTES)
    monkeypatch.setattr(
        Services,
        "open_fetcher",
        lambda _: Fetcher(rules, user_agent="x", resolve=resolve),
    )
    with pytest.raises(FetchError, match=words):
        await asyncio.to_thread(checking.check, services, given)
    managing.add(services, given, name="x")
    poller = Poller(services, random=Random(1))  # noqa: S311, it spreads fetches
    await poller.round()
    await poller.close()
    assert re.search(words, managing.find(services, "x").last_message)


def test_every_preset_has_a_service_to_name() -> None:
    for given in (
        "arxiv:search x",
        "biorxiv:x",
        "medrxiv:x",
        "huggingface:daily",
        "crossref:1476-4687",
    ):
        url, _ = address_of(given)
        error = UnknownHostError("host.example.org", "unknown", is_unanswered=True)
        assert "the host of " in why_not_fetched(error, url)
        assert why_not_fetched(FetchError("other"), url) == "other"


async def test_a_source_is_called_as_it_calls_itself(
    services: Services, web: LocalWeb, judged: Judged
) -> None:
    for path in ("/1", "/2"):
        web.pages[path] = page(Reply(200, {}, feed(["One"])))
        await asyncio.to_thread(checking.add, services, web.url(path))
    for path, title in [
        ("/3", "https://example.org/other"),
        ("/4", "arxiv:cs.LG"),
        ("/5", "x" * 101),
    ]:
        content = feed(["One"]).replace(b"Journal of Tests", title.encode())
        web.pages[path] = page(Reply(200, {}, content))
        await asyncio.to_thread(checking.add, services, web.url(path))

    host = web.url("/").partition("://")[2]
    usual = {f"{host}{number}" for number in (3, 4, 5)}
    assert judged().keys() == {"Journal of Tests", "Journal of Tests 2", *usual}


async def test_what_was_mended_and_checked_is_due_at_once(
    services: Services, web: LocalWeb, judged: Judged
) -> None:
    web.pages["/feed"] = page(Reply(404))
    await asyncio.to_thread(checking.add, services, web.url("/feed"), name="x")
    with pytest.raises(SourceError, match="404"):
        await asyncio.to_thread(checking.check, services, "x")
    assert judged()["x"].source.next_fetch_at > services.clock()

    web.pages["/feed"] = page(Reply(200, {}, feed(["One"])))
    first = await asyncio.to_thread(checking.check, services, "x")
    again = await asyncio.to_thread(checking.check, services, "x")
    assert (first.is_fetched_soon, again.is_fetched_soon) == (True, False)
    assert judged()["x"].source.next_fetch_at == services.clock()


async def test_check_of_what_is_paused_leaves_it_paused(
    services: Services, web: LocalWeb, judged: Judged
) -> None:
    web.pages["/feed"] = page(Reply(404))
    await asyncio.to_thread(checking.add, services, web.url("/feed"), name="x")
    managing.pause(services, "x")
    web.pages["/feed"] = page(Reply(200, {}, feed(["One"])))

    checked = await asyncio.to_thread(checking.check, services, "x")
    assert (checked.is_fetched_soon, judged()["x"].verdict.state) == (False, SourceState.PAUSED)


@pytest.mark.parametrize("name", ["nope", "Journal: of Tests", "cs.LG"])
def test_check_of_a_name_that_no_source_has_says_so(services: Services, name: str) -> None:
    with pytest.raises(NotFoundError, match=f"there is no source '{name}'; `recommender sources"):
        checking.check(services, name)


async def test_what_no_newsletter_would_have_is_told_when_it_is_looked_at(
    services: Services, web: LocalWeb
) -> None:
    web.pages["/new"] = page(Reply(200, {}, feed(["One"])))
    web.pages["/old"] = page(Reply(200, {}, feed(["Two", "Three"], day="2025-12-01")))
    _, of_new = await asyncio.to_thread(checking.add, services, web.url("/new"), name="new")
    poller = Poller(services, random=Random(1))  # noqa: S311, it spreads fetches
    await poller.round()
    await poller.close()

    _, of_old = await asyncio.to_thread(checking.add, services, web.url("/old"), name="old")
    checked = await asyncio.to_thread(checking.check, services, "old")
    assert of_new == ""
    assert of_old == checked.too_old
    assert of_old.startswith("2 papers are older than newsletter.window_days")
