"""What every answer carries, and what is refused before anybody acts on it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain import Vote
from recommender.jobs.services import Services
from recommender.store.database import Database
from recommender.web.app import create_app

FORM = "application/x-www-form-urlencoded"
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://papers.example.org"},
    {"Origin": "https://evil.example.net"},
    {"Origin": "https://papers.example.org.evil.example.net"},
    {"Origin": "https://papers.example.org@evil.example.net"},
    {"Origin": "http://papers.example.org"},
    {"Origin": "https://papers.example.org:8443"},
    {"Origin": "https://papers.example.org:nonsense"},
    {"Origin": "papers.example.org"},
    # A name of somebody else's that leads to our address.
    {"Origin": "http://evil.example.net", "Host": "evil.example.net"},
    {
        "Sec-Fetch-Site": "same-origin",
        "Origin": "https://evil.example.net",
        "Host": "evil.example.net",
    },
]
OURS: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null"},
    {"Origin": "https://papers.example.org"},
    {"Origin": "https://papers.example.org:443"},
    {"Origin": "https://papers.example.org", "Host": "127.0.0.1:8000"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://papers.example.org", "Host": "inside"},
]


async def every_answer(client: AsyncClient, reader: Any) -> list[Any]:
    return [
        await client.get("/"),
        await client.get("/archive"),
        await client.get("/archive/2026-03"),
        await client.get("/archive/2026-03-11"),
        await client.get("/papers/1"),
        await client.get("/papers/1.bib"),
        await client.get("/papers/99"),
        await client.get("/search?q=paper"),
        await client.get("/feed.atom"),
        await client.get("/search.atom?q=paper"),
        await client.get("/author.atom?name=Ada"),
        await client.get("/favicon.svg"),
        await client.get("/card.svg"),
        await client.get("/robots.txt"),
        await client.get("/subscribe"),
        await client.post("/subscribe", data={"email": "new@example.org"}),
        await client.post("/subscribe", data={"email": "none"}),
        await client.get(reader.rate(1, Vote.UP)),
        await client.post(reader.rate(1, Vote.UP), data={"vote": "up"}),
        await client.get(reader.me),
        await client.get(f"{reader.me}/interests.svg"),
        await client.post(reader.me, data={"action": "export"}),
        await client.post(reader.me, data={"action": "library", "library": "groups/7"}),
        await client.post(reader.me, data={"action": "library", "library": "nowhere"}),
        await client.post(reader.me, data={"action": "remove-library"}),
        await client.get(reader.in_browser),
        await client.get(reader.unsubscribe),
        await client.post(reader.unsubscribe, data={"List-Unsubscribe": "One-Click"}),
        await client.get("/healthz"),
        await client.get("/metrics"),
        await client.get("/nowhere"),
        await client.get("/confirm/nonsense"),
        await client.request("DELETE", "/"),
    ]


async def test_every_answer_forbids_scripts_frames_sniffing_and_referrers(
    client: AsyncClient, reader: Any
) -> None:
    for answer in await every_answer(client, reader):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
        runs_a_script = "/rate/" in answer.request.url.path and "<script" in answer.text
        assert ("script-src 'self';" in policy) is runs_a_script
        assert policy.count("script-src") == runs_a_script
        assert "form-action '" in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


async def test_only_public_pages_are_cached_and_indexed(client: AsyncClient, reader: Any) -> None:
    indexed = {"/", "/archive", "/archive/2026-03", "/archive/2026-03-11", "/papers/1"}
    indexed |= {"/feed.atom", "/favicon.svg", "/card.svg", "/card.png", "/robots.txt"}
    public = indexed | {"/papers/1.bib", "/search", "/search.atom", "/author.atom"}
    for answer in await every_answer(client, reader):
        path = answer.request.url.path
        if answer.request.method == "GET" and path in public:
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            assert answer.headers["X-Robots-Tag"] == ("all" if path in indexed else "noindex")
        else:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Robots-Tag"] == "noindex"


async def test_the_policy_allows_exactly_the_style_of_our_pages(
    client: AsyncClient, reader: Any
) -> None:
    for path in ("/", "/nowhere", reader.me, reader.rate(1, Vote.UP)):
        answer = await client.get(path)
        styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()

        assert len(styles) == 1
        assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_form_from_another_site_is_refused(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], headers: dict[str, str]
) -> None:
    before = stored()
    forms: list[tuple[str, dict[str, str]]] = [
        ("/subscribe", {"email": "victim@example.org"}),
        (reader.rate(1, Vote.UP), {"vote": "up"}),
        # The exception for one click holds for no other page.
        (reader.me, {"action": "erase", "sure": "yes", "List-Unsubscribe": "One-Click"}),
        (reader.unsubscribe, {}),
        ("/confirm/nonsense", {}),
    ]

    for path, form in forms:
        answer = await client.post(path, data=form, headers=headers)
        assert answer.status_code == 403
        assert "sent from another site" in answer.text

    assert stored() == before


@pytest.mark.parametrize("headers", OURS)
async def test_a_form_of_our_own_is_taken(
    client: AsyncClient, reader: Any, headers: dict[str, str]
) -> None:
    answer = await client.post(reader.rate(1, Vote.UP), data={"vote": "up"}, headers=headers)

    assert answer.status_code == 303


async def test_a_body_of_more_than_64_kb_is_refused_even_if_it_hides_its_length(
    client: AsyncClient, stored: Callable[[], Any]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"email="
        for _ in range(70):
            yield b"x" * 1024

    before = stored()
    declared = await client.post("/subscribe", data={"email": "x" * 70_000})
    hidden = await client.post("/subscribe", content=chunks(), headers={"Content-Type": FORM})

    assert [declared.status_code, hidden.status_code] == [413, 413]
    assert "<h1>" in hidden.text
    assert stored() == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, b"email=a@example.org"),
        ("application/json", b'{"email": "a@example.org"}'),
        (FORM, b""),
        (FORM, b"email"),
        (FORM, b"email=%ff%fe@example.org"),
        (FORM, b"email=a%00@example.org"),
        (FORM, b"email=a@example.org&interests=%e9"),
        (FORM, b"&".join(b"field%d=x" % number for number in range(60))),
        ("multipart/form-data", b"email=a@example.org"),
        ("multipart/form-data; boundary=edge", b"no part of any form"),
        (
            "multipart/form-data; boundary=edge",
            (
                b'--edge\r\nContent-Disposition: form-data; name="email"; filename="a.txt"\r\n\r\n'
                b"a@example.org\r\n--edge--\r\n"
            ),
        ),
    ],
)
async def test_what_is_no_form_of_ours_gets_a_page_that_says_so(
    client: AsyncClient, stored: Callable[[], Any], content_type: str | None, body: bytes
) -> None:
    before = stored()

    headers = {"Content-Type": content_type} if content_type else {}
    answer = await client.post("/subscribe", content=body, headers=headers)

    assert answer.status_code in {400, 422}
    assert "<h1" in answer.text
    assert stored() == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), encoding=st.sampled_from([FORM, "multipart/form-data"]))
async def test_no_body_makes_a_form_fail(
    services: Services, client: AsyncClient, body: bytes, encoding: str
) -> None:
    assert services.site.base_url
    answer = await client.post(
        "/subscribe",
        content=body,
        headers={"Content-Type": f"{encoding}; boundary=0" if "multi" in encoding else encoding},
    )

    assert answer.status_code in {200, 400, 422}


@pytest.mark.parametrize("path", ["/nowhere", "/archive/", "/rate", "/rate/", "/a/b/c/d", "/%ff"])
async def test_an_unknown_address_gets_a_page_with_a_way_home(
    client: AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    depth = path.count("/") - 1
    assert f'<a href="{"../" * depth or "./"}">Go to today’s papers</a>' in answer.text


async def test_a_method_that_a_page_does_not_have_gets_a_page(client: AsyncClient) -> None:
    for method, path, allowed in (
        ("POST", "/archive", {"GET", "HEAD"}),
        ("DELETE", "/subscribe", {"GET", "HEAD", "POST"}),
    ):
        answer = await client.request(method, path)

        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed
        assert "That does not work here" in answer.text


async def test_head_answers_as_get_does(client: AsyncClient, reader: Any) -> None:
    public = ("/", "/archive", "/papers/1", "/papers/1.bib", "/search?q=paper", "/feed.atom")
    for path in (*public, "/subscribe", "/healthz", "/nowhere", *reader.all_links[-4:]):
        get = await client.get(path)
        head = await client.head(path)

        assert head.status_code == get.status_code
        assert head.headers["Content-Type" if get.status_code != 303 else "Location"]


async def test_a_broken_database_gets_a_page_and_a_log_line_without_the_token(
    client: AsyncClient, reader: Any, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    with services.database.write() as session:
        for table in ("frozen_paper", "mention"):
            session.connection().exec_driver_sql(f"DROP TABLE {table}")
    path = reader.rate(1, Vote.UP)

    for page in ("/", path):
        answer = await client.get(page)
        assert answer.status_code == 503
        assert "try again in a minute" in answer.text
        assert "Traceback" not in answer.text

    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "GET /",
        "GET /rate",
    ]
    assert path.rpartition("/")[2] not in caplog.text


async def test_an_error_that_nobody_foresaw_gets_a_page_with_all_headers(
    services: Services, client: AsyncClient
) -> None:
    def broken_clock() -> Any:
        raise ZeroDivisionError

    object.__setattr__(services, "clock", broken_clock)

    answer = await client.get("/rate/nonsense")

    assert answer.status_code == 500
    assert "That did not work" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]


async def test_pages_work_below_a_path_of_another_web_server(
    client: AsyncClient, reader: Any
) -> None:
    public = ("/", "/archive", "/archive/2026-03", "/papers/2", "/search?q=paper")
    for path in (*public, reader.me, reader.rate(1, Vote.UP)):
        page = (await client.get(path)).text

        own = [url for url in re.findall(r'(?:href|action)="([^"]+)"', page) if url[0] != "#"]
        assert own
        assert all(url.startswith(("./", "../", "https://")) for url in own)


async def test_pages_are_compressed(client: AsyncClient, reader: Any) -> None:
    answer = await client.get(reader.me, headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_application_is_made_without_touching_the_database(services: Services) -> None:
    unusable = Database("sqlite:////nowhere/at/all.db")
    object.__setattr__(services, "database", unusable)

    app = create_app(services)

    assert json.dumps([route.path for route in app.routes])  # type: ignore[attr-defined] # all Route


async def test_a_form_that_was_broken_off_is_answered_without_a_page(
    services: Services, stored: Callable[[], Any]
) -> None:
    """A page takes time, and whoever is gone does not read it: a flood would be worth it."""
    before = stored()
    parts = iter([{"type": "http.request", "body": b"email=", "more_body": True}])
    answer: list[Any] = []

    async def receive() -> Any:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        answer.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/subscribe",
        "query_string": b"",
        "headers": [(b"content-type", FORM.encode())],
    }
    await create_app(services)(scope, receive, send)

    assert answer[0]["status"] == 400
    assert b"".join(part["body"] for part in answer[1:]) == b""
    assert stored() == before
