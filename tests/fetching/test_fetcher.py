"""An address is asked within limits, and never one that whoever writes a feed must not reach."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from local_web import LocalWeb, Page, Reply, hang, local_web, page, redirect, with_etag

from recommender.errors import FetchError
from recommender.fetching.addresses import Reach, reach_of
from recommender.fetching.fetcher import Fetcher, FetchRules

MOST_BYTES = 1_000_000
AGENT = "recommender/1 (+https://papers.example.org; mailto:operator@example.org)"


@pytest.fixture
async def web() -> AsyncIterator[LocalWeb]:
    async with local_web() as running:
        yield running


def public(address: str) -> Reach:
    """Take the server of these tests for one outside, and no other address of this machine."""
    return Reach.PUBLIC if address == "127.0.0.1" else reach_of(address)


Open = Callable[..., Fetcher]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    fetchers = []

    def open_fetcher(
        *,
        reach: Callable[[str], Reach] = public,
        own: bool = False,
        seconds: float = 20.0,
        names: dict[str, Sequence[str]] | None = None,
    ) -> Fetcher:
        async def resolve(host: str, port: int) -> Sequence[str]:
            del port
            return (names or {}).get(host, [host])

        rules = FetchRules(MOST_BYTES, seconds, allow_own_network=own, reach=reach)
        fetchers.append(Fetcher(rules, user_agent=AGENT, resolve=resolve if names else None))
        return fetchers[-1]

    yield open_fetcher
    for fetcher in fetchers:
        await fetcher.close()


async def test_a_page_is_fetched_and_who_asks_is_told(web: LocalWeb, opened: Open) -> None:
    web.pages["/feed"] = page(Reply(200, {"ETag": '"x"'}, b"<rss/>"))
    answer = await opened().fetch(web.url("/feed#top"))

    assert (answer.status, answer.content, answer.location) == (200, b"<rss/>", web.url("/feed"))
    assert answer.headers["etag"] == '"x"'
    assert answer.moved_to is None
    [(_, headers)] = web.asked
    assert headers["user-agent"] == AGENT
    assert headers["host"] == f"127.0.0.1:{web.port}"
    assert "if-none-match" not in headers


async def test_what_is_known_is_not_sent_again(web: LocalWeb, opened: Open) -> None:
    web.pages["/feed"] = with_etag(b"<rss/>")
    answer = await opened().fetch(web.url("/feed"), etag='"one"', last_modified="yesterday")

    assert (answer.status, answer.content) == (304, b"")
    assert web.asked[0][1]["if-modified-since"] == "yesterday"


@pytest.mark.parametrize(
    ("statuses", "moved"), [((301, 308), "/c"), ((301, 302), "/b"), ((302, 301), None)]
)
async def test_where_it_moved_for_good_is_told_as_far_as_that_is_for_good(
    web: LocalWeb, opened: Open, statuses: tuple[int, int], moved: str | None
) -> None:
    web.pages["/a"] = redirect("/b", statuses[0])
    web.pages["/b"] = redirect(web.url("/c"), statuses[1])
    web.pages["/c"] = page(Reply(200, {}, b"here"))
    answer = await opened().fetch(web.url("/a"))

    assert answer.content == b"here"
    assert answer.moved_to == (moved and web.url(moved))


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ({"/a": redirect("/b"), "/b": redirect("/a")}, "redirects in a circle"),
        ({"/a": redirect("/a")}, "redirects in a circle"),
        ({"/a": redirect("")}, "HTTP 302: it redirects and does not say where to"),
        ({"/a": redirect(" ", 301)}, "HTTP 301: it redirects and does not say where to"),
        (
            {"/a": redirect("/1")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 9)},
            "redirects more than 5 times",
        ),
        ({"/a": redirect("file:///etc/passwd")}, "is no http or https address"),
        ({"/a": redirect("gopher://127.0.0.1/")}, "is no http or https address"),
        ({"/a": redirect("http://[::1/")}, "which is no address"),
        ({"/a": redirect("http://0177.0.0.9/")}, "which is no address"),
        ({"/a": page(Reply(200, {}, b"x" * 100_000, times=300))}, "more than 1 MB"),
        (
            {"/a": page(Reply(200, {"Content-Length": ""}, b"x" * 100_000, times=300))},
            "more than 1 MB",
        ),
        ({"/a": page(Reply(200, {"Content-Encoding": "br"}, b"x"))}, "was not asked for"),
        (
            {"/a": page(Reply(200, {"Content-Encoding": "gzip"}, b"no gzip at all"))},
            "cannot be unpacked",
        ),
        (
            {
                "/a": page(
                    Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000)))
                )
            },
            "more than 1 MB",
        ),
        (
            {"/a": page(Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 999)[:-12]))},
            "ends in the middle",
        ),
        (
            {"/a": page(Reply(200, {"Content-Length": "9"}, b"four"))},
            r"\Aits answer broke off after 4 of 9 bytes\Z",
        ),
        (
            {
                "/a": page(
                    Reply(200, {"Content-Length": "", "Transfer-Encoding": "chunked"}, b"4\r\nfour")
                )
            },
            r"\Aits answer broke off after 4 bytes\Z",
        ),
        (
            {"/a": page(Reply(200, {"Content-Length": "nine"}, b"four"))},
            r"127\.0\.0\.1 gives no answer of HTTP \(",
        ),
    ],
)
async def test_what_gives_no_usable_answer_is_refused_with_the_reason(
    web: LocalWeb, opened: Open, pages: dict[str, Page], reason: str
) -> None:
    web.pages.update(pages)
    with pytest.raises(FetchError, match=reason):
        await opened().fetch(web.url("/a"))
    assert sum(web.sent.values()) < 15 * MOST_BYTES


async def test_a_secret_header_stays_with_the_server_that_it_is_for(
    web: LocalWeb, opened: Open
) -> None:
    names = {"other.example.org": ["127.0.0.1"]}
    web.pages["/a"] = redirect("/b")
    web.pages["/b"] = redirect(web.url("/c", "other.example.org"))
    web.pages["/c"] = redirect(web.url("/d"))
    web.pages["/d"] = page(Reply(200, {}, b"there"))
    await opened(names=names).fetch(web.url("/a"), headers={"Zotero-API-Key": "secret"})

    had = [(path, "zotero-api-key" in headers) for path, headers in web.asked]
    assert had == [("/a", True), ("/b", True), ("/c", False), ("/d", True)]


async def test_a_server_that_hangs_is_left_after_its_time(web: LocalWeb, opened: Open) -> None:
    web.pages["/a"] = redirect("/b")
    web.pages["/b"] = hang
    with pytest.raises(FetchError, match=r"no whole answer within 0\.2 s"):
        await opened(seconds=0.2).fetch(web.url("/a"))


async def test_nobody_at_the_address_is_told(web: LocalWeb, opened: Open) -> None:
    port = web.port
    await web.stop()
    with pytest.raises(FetchError, match="is no http or https address"):
        await opened().fetch("http:///feed")
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 cannot be reached \(Connection refused\)"):
        await opened().fetch(f"http://127.0.0.1:{1 if port != 1 else 2}/")
    with pytest.raises(FetchError, match=r"there is no host nowhere\.invalid"):
        await opened().fetch("http://nowhere.invalid/")


async def test_what_is_packed_is_unpacked(web: LocalWeb, opened: Open) -> None:
    body = b"<rss>" + bytes(range(256)) * 1000
    web.pages["/a"] = page(Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(body)))

    assert (await opened().fetch(web.url("/a"))).content == body


@pytest.mark.parametrize("behind", [b"", b"\0" * 512, b"\x1f"])
@pytest.mark.parametrize("parts", [2, 3, 999])
async def test_what_is_packed_in_parts_is_unpacked_whole(
    web: LocalWeb, opened: Open, parts: int, behind: bytes
) -> None:
    texts = [b"part %d of it, " % number for number in range(parts)]
    packed = b"".join(map(gzip.compress, texts)) + behind
    web.pages["/a"] = page(Reply(200, {"Content-Encoding": "gzip"}, packed))

    assert (await opened().fetch(web.url("/a"))).content == b"".join(texts)


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (gzip.compress(b"a" * 600_000) * 2, "more than 1 MB"),
        (gzip.compress(b"") * 10_001, "more than 10,000 parts"),
        (gzip.compress(b"one") + gzip.compress(b"two")[:-12], "ends in the middle"),
        (gzip.compress(b"one") + b"\x1f\x8bno gzip", "cannot be unpacked"),
    ],
    # Not by what is packed, which has the second in which it was.
    ids=["large", "many parts", "half a part", "no part"],
)
async def test_parts_of_gzip_are_bounded_and_whole(
    web: LocalWeb, opened: Open, packed: bytes, reason: str
) -> None:
    web.pages["/a"] = page(Reply(200, {"Content-Encoding": "gzip"}, packed))
    with pytest.raises(FetchError, match=reason):
        await opened().fetch(web.url("/a"))


# The own network


@pytest.mark.parametrize(
    "target",
    [
        *(
            "http://127.0.0.99/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.9]/",
        ),
        *("http://2130706441/", "http://0x7f.9/", "http://0.0.0.0/"),
        *(
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/",
            "http://10.0.0.1/",
        ),
        *("http://[64:ff9b::7f00:9]/", "http://127.9/", "//192.168.0.1/x"),
    ],
)
@pytest.mark.parametrize("own", [False, True])
async def test_a_feed_outside_leads_to_no_address_of_the_own_network(
    web: LocalWeb, opened: Open, target: str, own: bool
) -> None:
    web.pages["/a"] = redirect(target, 301)
    with pytest.raises(FetchError, match="it was not asked"):
        await opened(own=own).fetch(web.url("/a"))


async def test_a_source_in_the_own_network_needs_the_operators_word(
    web: LocalWeb, opened: Open
) -> None:
    web.pages["/a"] = redirect("/b")
    web.pages["/b"] = page(Reply(200, {}, b"ours"))
    with pytest.raises(FetchError, match=r"set ingest\.allow_private_networks = true"):
        await opened(reach=reach_of).fetch(web.url("/a"))
    assert web.asked == []

    assert (await opened(reach=reach_of, own=True).fetch(web.url("/a"))).content == b"ours"
    web.pages["/a"] = redirect("http://169.254.169.254/")
    with pytest.raises(FetchError, match="no address of a server with feeds"):
        await opened(reach=reach_of, own=True).fetch(web.url("/a"))


async def test_a_name_with_one_address_of_the_own_network_is_refused(
    web: LocalWeb, opened: Open
) -> None:
    fetcher = opened(names={"feeds.example.org": ["127.0.0.1", "10.0.0.7"]})
    with pytest.raises(FetchError, match=r"feeds\.example\.org is 10\.0\.0\.7"):
        await fetcher.fetch(web.url("/a", "feeds.example.org"))
    assert web.asked == []


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    web: LocalWeb,
) -> None:
    """A name server that answers differently the second time (DNS rebinding) is asked once."""
    answers = iter([["127.0.0.1"], ["127.0.0.66"]])

    async def resolve(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("feeds.example.org", web.port)
        return next(answers)

    fetcher = Fetcher(FetchRules(MOST_BYTES, reach=public), user_agent=AGENT, resolve=resolve)
    web.pages["/a"] = page(Reply(200, {}, b"outside"))
    assert (await fetcher.fetch(web.url("/a", "feeds.example.org"))).content == b"outside"
    assert web.asked[0][1]["host"] == f"feeds.example.org:{web.port}"
    with pytest.raises(FetchError, match=r"127\.0\.0\.66"):
        await fetcher.fetch(web.url("/a", "feeds.example.org"))
    await fetcher.close()


async def test_of_several_addresses_the_first_that_answers_is_taken(
    web: LocalWeb, opened: Open
) -> None:
    web.pages["/a"] = page(Reply(200, {}, b"second"))
    fetcher = opened(
        names={"feeds.example.org": ["127.0.0.2", "127.0.0.1"]}, reach=lambda _: Reach.PUBLIC
    )

    assert (await fetcher.fetch(web.url("/a", "feeds.example.org"))).content == b"second"


async def test_environment_and_cookies_change_nothing(
    web: LocalWeb, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    web.pages["/a"] = page(Reply(200, {"Set-Cookie": "who=me"}, b"x"))
    fetcher = opened()
    await fetcher.fetch(web.url("/a"))
    await fetcher.fetch(web.url("/a"))

    assert "cookie" not in web.asked[1][1]
