"""Pages are kept while they are true, and made once however many wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from recommender.errors import StorageError
from recommender.web.answers import Answer, ready_answer
from recommender.web.page_cache import STAMP_PLACE, PageCache, Stamping
from recommender.web.page_threads import Lane

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


class Site:
    """An application that counts what it is asked, behind a cache that a test looks into."""

    def __init__(self, max_bytes: int = 1_000_000) -> None:
        self.state_name = 1
        self.asked: list[str] = []
        self.status = 200
        self.text = "a page " * 300
        self.headers: Mapping[str, str] = {"ETag": '"made"', "Content-Type": "text/plain"}
        self.now = NOW
        lane = Lane(2, most_waiting=3)
        self.lanes = {"": lane, "day": lane, "search": lane}
        self.open = asyncio.Event()
        self.open.set()
        self.cache = PageCache(
            self.answer,
            state=self.state,
            parameters={"": (), "day": ("page",), "search": ("q", "page")},
            stamping={"/": Stamping(lambda: self.now, lambda: f"stamp of {self.now:%H%M%S}")},
            threads=self.lanes.__getitem__,
            network_of=lambda scope: dict(scope["headers"]).get(b"network", b"").decode(),
            failure_of=self.refuse,
            makers={"/search/made": self.make},
            max_bytes=max_bytes,
        )
        transport = httpx.ASGITransport(self.cache)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://site.example.org")

    def state(self) -> int:
        if not self.state_name:
            raise StorageError("the disk is gone")
        return self.state_name

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        query = scope["query_string"].decode()
        self.asked.append(f"{scope['method']} {scope['path']}{'?' if query else ''}{query}")
        await self.open.wait()
        await asyncio.sleep(0)
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for part in (self.text[:10], self.text[10:]):
            await send({"type": "http.response.body", "body": part.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def refuse(self, scope: Scope, error: Exception) -> Response:
        del scope
        return PlainTextResponse(str(error), 503)

    def make(self, query: str, language: str, state: int) -> Answer:
        self.asked.append(f"made {query} {language} {state}")
        if self.status != 200:
            raise StorageError("the disk is gone")
        return ready_answer(state, 200, ((b"ETag", b'"x"'),), self.text.encode())

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_page_is_made_once_for_each_state_of_the_content(site: Site) -> None:
    first, again = await site.get("/day"), await site.get("/day")
    site.state_name = 2
    site.text = "other"
    changed = await site.get("/day")

    assert first.text == again.text != changed.text == "other"
    assert site.asked == ["GET /day"] * 2


async def test_many_who_wait_for_one_page_have_it_made_once(site: Site) -> None:
    answers = await asyncio.gather(*(site.get("/day") for _ in range(20)))

    assert {answer.text for answer in answers} == {site.text}
    assert site.asked == ["GET /day"]


async def test_only_fields_that_a_page_knows_tell_pages_apart(site: Site) -> None:
    for path in ("/day?page=2&x=1", "/day?x=7&page=2", "/day?page=2&page=3", "/?page=2", "/?x"):
        await site.get(path)

    assert site.asked == ["GET /day?page=2", "GET /"]


async def test_what_is_no_public_page_passes(site: Site) -> None:
    for _ in range(2):
        await site.get("/me/token")
        await site.client.post("/day")
        await site.get("/search?q=" + "x" * 3_000)
        await site.get("/search?" + "a=b&" * 30)

    assert site.asked[:2] == ["GET /me/token", "POST /day"]
    assert len(site.asked) == 8


async def test_a_page_with_a_maker_is_made_by_it_alone_and_kept(site: Site) -> None:
    language = {"accept-language": "de"}
    answers = [await site.get("/search/made?x=1&q=a", **language) for _ in range(2)]
    await site.get("/search/other?q=a")

    assert [(each.text, each.headers["etag"]) for each in answers] == [(site.text, '"x"')] * 2
    assert site.asked == ["made q=a de 1", "GET /search/other?q=a"]


async def test_a_maker_that_fails_is_told_by_the_application_and_asked_again(site: Site) -> None:
    site.status = 500
    answers = [await site.get("/search/made") for _ in range(2)]

    assert [(each.status_code, each.text) for each in answers] == [(503, "the disk is gone")] * 2
    assert len(site.asked) == 2


async def test_a_failure_is_not_kept(site: Site) -> None:
    site.status = 404
    assert [(await site.get("/day")).status_code for _ in range(2)] == [404, 404]

    assert len(site.asked) == 2


async def test_an_answer_without_an_etag_is_not_kept(site: Site) -> None:
    site.headers = {}
    answers = [await site.get("/day") for _ in range(2)]

    assert [answer.text for answer in answers] == [site.text] * 2
    assert len(site.asked) == 2


async def test_where_the_state_cannot_be_read_the_application_says_why(site: Site) -> None:
    await site.get("/day")
    site.state_name, site.text = 0, "That did not work"

    assert (await site.get("/day")).text == "That did not work"


async def test_an_error_reaches_all_who_wait_and_is_forgotten(site: Site) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    well, site.cache._app = site.cache._app, fail
    got = await asyncio.gather(*(site.get("/day") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in got] == [ZeroDivisionError] * 3

    site.cache._app = well
    assert (await site.get("/day")).status_code == 200


async def test_a_page_goes_out_compressed_or_not_or_only_its_head(site: Site) -> None:
    plain = await site.get("/day", **{"Accept-Encoding": "identity"})
    packed = await site.get("/day", **{"Accept-Encoding": "gzip"})
    head = await site.client.head("/day")

    assert plain.text == packed.text == site.text
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(site.text) // 2
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert (head.content, head.status_code) == (b"", 200)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip;q=0", None),
        ("br, gzip ; q=0.00", None),
        ("gzip;q=0.0, *", None),
        ("gzip;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("identity", None),
    ],
)
async def test_a_page_is_packed_for_who_takes_it(
    site: Site, accepted: str, encoding: str | None
) -> None:
    answer = await site.get("/day", **{"Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.text == site.text


@pytest.mark.parametrize("known", ['"made"', 'W/"made"', '"x", "made"', "*"])
async def test_who_has_a_page_is_told_that_it_holds(site: Site, known: str) -> None:
    first = await site.get("/day", **{"If-None-Match": known})
    other = await site.get("/day", **{"If-None-Match": '"another"'})

    assert (first.status_code, first.content) == (304, b"")
    assert first.headers["ETag"] == '"made"'
    assert "Content-Type" not in first.headers
    assert other.status_code == 200


async def test_pages_that_were_not_asked_for_lately_make_room() -> None:
    site = Site(max_bytes=30_000)
    for number in range(10):
        await site.get(f"/search?q={number}")
        await site.get("/")
    kept = len(site.asked)
    await site.get("/")
    assert len(site.asked) == kept, "it was asked for all the time"
    await site.get("/search?q=0")
    assert len(site.asked) == kept + 1
    assert site.cache._bytes <= 30_000
    assert site.cache._bytes == sum(page.size for page in site.cache._pages.values())


async def test_a_form_says_when_it_was_shown_and_the_page_is_kept(site: Site) -> None:
    site.text = f"{'a form ' * 200}{STAMP_PLACE}"
    first = await site.get("/", **{"Accept-Encoding": "gzip"})
    site.now += timedelta(seconds=3)
    later = await site.get("/")
    known = await site.get("/", **{"If-None-Match": first.headers["ETag"]})
    site.now += timedelta(days=1)
    next_day = await site.get("/", **{"If-None-Match": first.headers["ETag"]})

    assert first.text.endswith("stamp of 070000")
    assert later.text.endswith("stamp of 070003")
    assert (known.status_code, next_day.status_code) == (304, 200)
    assert site.asked == ["GET /"]


async def test_nobody_else_can_have_a_stamp_put_into_a_page(site: Site) -> None:
    site.text = STAMP_PLACE

    assert (await site.get("/search?q=x")).text == STAMP_PLACE


async def ask(site: Site, network: str, *paths: str) -> list[asyncio.Task[httpx.Response]]:
    """Ask for pages one after the other, and wait until all of them wait."""
    asked = [asyncio.create_task(site.get(path, Network=network)) for path in paths]
    for _ in range(20):
        await asyncio.sleep(0)
    return asked


async def test_nobody_waits_behind_all_that_one_network_asks_for(site: Site) -> None:
    site.open.clear()
    flood = await ask(site, "flood", "/search?q=1", "/search?q=2", "/search?q=3", "/day")
    honest = await ask(site, "honest", "/day")
    site.open.set()
    answers = await asyncio.gather(*flood, *honest)

    assert [answer.status_code for answer in answers] == [200] * 5
    asked = ["GET /search?q=1", "GET /search?q=2", "GET /search?q=3", "GET /day"]
    assert site.asked == asked, "the page that both want is made once"
    # The flood's third search came before, the page that it asked for last did not.
    assert site.cache._making == {}


async def test_a_page_that_two_networks_want_has_the_turn_of_either(site: Site) -> None:
    site.open.clear()
    flood = await ask(site, "flood", "/search?q=1", "/search?q=2", "/search?q=3", "/search?q=4")
    wanted = await ask(site, "flood", "/day") + await ask(site, "honest", "/day")
    site.open.set()
    await asyncio.gather(*flood, *wanted)

    assert site.asked.index("GET /day") < site.asked.index("GET /search?q=4")


async def test_where_no_more_can_wait_the_network_that_asks_for_most_is_refused(
    site: Site,
) -> None:
    site.open.clear()
    flood = await ask(site, "flood", *(f"/search?q={number}" for number in range(6)))
    honest = await ask(site, "honest", "/day")
    site.open.set()
    answers = [answer.status_code for answer in await asyncio.gather(*flood)]

    # Two are made, three wait, and the last of those gives way.
    assert answers == [200, 200, 200, 200, 503, 503]
    assert (await honest[0]).status_code == 200
    assert (await site.get("/search?q=5", Network="flood")).status_code == 200, "it is over"


async def test_pages_wait_for_threads_of_their_own_kind(site: Site) -> None:
    site.lanes["search"] = Lane(1)
    site.open.clear()
    searches = await ask(site, "flood", "/search?q=1", "/search?q=2")
    day = await ask(site, "flood", "/day")

    assert site.asked == ["GET /search?q=1", "GET /day"]
    site.open.set()
    await asyncio.gather(*searches, *day)
