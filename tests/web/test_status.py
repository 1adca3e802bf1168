"""The operator's page: closed to everybody else, and each operation shown before it is done."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from recommender.domain import SubscriberState
from recommender.jobs.operating import SIGNED_IN_FOR
from recommender.jobs.outgoing import outbox
from recommender.jobs.people import members
from recommender.jobs.people.subscriptions import decide_requests
from recommender.jobs.services import Services
from recommender.jobs.sources import managing
from recommender.store import subscribers
from recommender.web.app import create_app
from recommender.web.operator_access import WITHIN, WRONG_TOKENS

TOKEN = "only for tests, and known to everybody".replace(" ", "-")
SITE = "https://papers.example.org"
HERE = "http://127.0.0.1:8000"
PLOTS = ("deliveries", "ratings", "quality", "limits")
Open = Callable[..., httpx.AsyncClient]


@pytest.fixture
def browse(services: Services) -> Open:
    """Return a browser of pages at an address, with or without a token in the configuration."""

    def browse(
        base_url: str = HERE, *, token: str | None = None, peer: str = "127.0.0.1"
    ) -> httpx.AsyncClient:
        site = replace(services.site, base_url=base_url)
        app = create_app(replace(services, site=site, status_token=token))
        transport = httpx.ASGITransport(app, client=(peer, 4711))
        # What stands before us takes off the path below which the pages are.
        return httpx.AsyncClient(transport=transport, base_url=base_url.removesuffix("/papers"))

    return browse


async def sign_in(browser: httpx.AsyncClient, token: str = TOKEN) -> httpx.Response:
    return await browser.post("/status", data={"action": "sign-in", "token": token})


def fields(answer: httpx.Response) -> dict[str, str]:
    """Read the form of a page that asks whether."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text)
    (action,) = re.findall(r'name="action" value="([^"]+)"', answer.text)
    return {"action": action} | {name: html.unescape(value) for name, value in found}


async def test_without_a_token_it_opens_on_this_machine_only(browse: Open) -> None:
    async with browse() as browser:
        assert (await browser.get("/status")).status_code == 200
        for headers in (
            {"X-Forwarded-For": "127.0.0.1"},
            {"Host": "evil.example.net"},
            {"Forwarded": "for=127.0.0.1"},
        ):
            refused = await browser.get("/status", headers=headers)
            assert refused.status_code == 403
            assert "web.status_token_file" in refused.text
    async with browse(peer="192.0.2.7") as stranger:
        assert (await stranger.get("/status")).status_code == 403
    async with browse(SITE) as behind_a_web_server:
        answer = await behind_a_web_server.get("/status", headers={"Host": "127.0.0.1:8000"})
        assert answer.status_code == 403


async def test_who_may_not_see_it_sees_and_does_nothing(
    browse: Open, stored: Callable[[], Any]
) -> None:
    _, before = stored()
    for opened in (browse(SITE), browse(SITE, token=TOKEN), browse(peer="192.0.2.7")):
        async with opened as stranger:
            for action in ("pause", "retry", "sign-out", "preview", "nonsense"):
                data = {"action": action, "email": "reader@example.org"}
                answer = await stranger.post("/status", data=data)
                assert "Do something" not in answer.text
                assert "confirmation" not in answer.text
            for name in PLOTS:
                assert (await stranger.get(f"/status/plots/{name}.svg")).status_code == 404

    assert stored()[1] == before


async def test_the_token_opens_it_for_a_day_and_its_cookie_is_kept_close(
    browse: Open, clock: Any
) -> None:
    async with browse(f"{SITE}/papers", token=TOKEN, peer="192.0.2.7") as browser:
        asked = await browser.get("/status")
        assert "Token from the configuration" in asked.text
        answer = await sign_in(browser)
        cookie = answer.headers["Set-Cookie"]
        assert (answer.status_code, answer.headers["Location"]) == (303, "./status")
        assert TOKEN not in cookie
        flags = set(cookie.lower().split("; ")[1:])
        assert {"httponly", "secure", "samesite=strict", "path=/papers/status"} <= flags
        assert "max-age=86400" in flags

        held = {"Cookie": cookie.partition(";")[0]}
        seen = await browser.get("/status", headers=held)
        assert "Do something" in seen.text
        assert TOKEN not in seen.text
        for name in PLOTS:
            plot = await browser.get(f"/status/plots/{name}.svg", headers=held)
            assert plot.headers["Content-Type"] == "image/svg+xml"
            assert plot.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        clock.now += SIGNED_IN_FOR
        assert "Do something" not in (await browser.get("/status", headers=held)).text


async def test_a_cookie_that_was_changed_opens_nothing(browse: Open) -> None:
    async with browse(SITE, token=TOKEN) as browser:
        held = (await sign_in(browser)).headers["Set-Cookie"].partition(";")[0]
        browser.cookies.clear()
        for forged in (held[:-1], held + "A", held.swapcase(), f"operator={TOKEN}", "operator="):
            answer = await browser.get("/status", headers={"Cookie": forged})
            assert "Do something" not in answer.text


async def test_with_a_token_this_machine_needs_it_too(browse: Open) -> None:
    async with browse(token=TOKEN) as browser:
        assert "Do something" not in (await browser.get("/status")).text


async def test_wrong_tokens_are_told_logged_and_slowed(
    browse: Open, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with browse(SITE, token=TOKEN, peer="192.0.2.7") as browser:
        for _ in range(WRONG_TOKENS):
            answer = await sign_in(browser, "a wrong one")
            assert answer.status_code == 403
            assert "That is not the token" in answer.text
        waiting = await sign_in(browser)
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "900")
        clock.now += WITHIN
        assert (await sign_in(browser)).status_code == 303

    lines = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(lines) == WRONG_TOKENS
    assert "a wrong one" not in caplog.text
    assert "192.0.2.7" in lines[0]


async def test_signing_out_forgets_the_cookie(browse: Open) -> None:
    async with browse(HERE, token=TOKEN) as browser:
        await sign_in(browser)
        assert "Do something" in (await browser.get("/status")).text
        await browser.post("/status", data={"action": "sign-out"})
        assert "Do something" not in (await browser.get("/status")).text


async def test_nothing_is_done_before_it_was_shown_and_confirmed(
    browse: Open, services: Services
) -> None:
    async with browse() as browser:
        asked = await browser.post("/status", data={"action": "pause"})
        assert "Nothing leaves any more" in asked.text
        assert outbox.held_now(services).paused_at is None
        answer = await browser.post("/status", data=fields(asked))
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            "./status?done=pause#actions",
        )
        assert outbox.held_now(services).paused_at == services.clock()
        # Whoever saw no answer presses again.
        assert (await browser.post("/status", data=fields(asked))).status_code == 303
        page = await browser.get("/status?done=pause")
        assert "Sending is paused." in page.text
        assert 'value="resume"' in page.text


async def test_each_operation_goes_through_its_page(browse: Open, services: Services) -> None:
    async def through(**data: str) -> None:
        asked = await browser.post("/status", data=data)
        assert asked.status_code == 200, asked.text
        answer = await browser.post("/status", data=fields(asked))
        assert answer.status_code == 303, answer.text
        done = await browser.get(f"/{answer.headers['Location'].removeprefix('./')}")
        assert 'class="notice"' in done.text

    def state() -> SubscriberState | None:
        with services.database.read() as session:
            found = subscribers.by_key(session, "new@example.org")
        return found and found.state

    async with browse() as browser:
        await through(action="add-subscriber", email="new@example.org")
        assert state() is SubscriberState.ACTIVE
        await through(action="remove-subscriber", email="new@example.org")
        assert state() is SubscriberState.UNSUBSCRIBED
        for _ in range(2):
            await through(action="add-subscriber", email="new@example.org")
            decide_requests(services)
            assert state() is SubscriberState.UNCONFIRMED
        await through(action="add-source", source="arxiv:cs.LG")
        assert "arxiv:cs.LG" in (await browser.get("/status")).text
        await through(action="pause")
        await through(action="retry")
        await through(action="resume")


async def test_a_source_confirmed_twice_is_answered_the_same(
    browse: Open, services: Services
) -> None:
    async with browse() as browser:
        data = {"action": "add-source", "source": "arxiv:cs.LG"}
        asked = await browser.post("/status", data=data)
        answers = [await browser.post("/status", data=fields(asked)) for _ in range(2)]
        known = await browser.post("/status", data=data)

    assert {(each.status_code, each.headers["Location"]) for each in answers} == {
        (303, "./status?done=add-source#actions")
    }
    assert len(managing.every(services)) == 1
    assert known.status_code == 422


async def test_who_left_is_asked_and_the_page_says_so(browse: Open) -> None:
    email = "new@example.org"
    async with browse() as browser:
        for action in ("add-subscriber", "remove-subscriber"):
            asked = await browser.post("/status", data={"action": action, "email": email})
            await browser.post("/status", data=fields(asked))
        asked = await browser.post("/status", data={"action": "add-subscriber", "email": email})
        answer = await browser.post("/status", data=fields(asked))
        done = await browser.get(f"/{answer.headers['Location'].removeprefix('./')}")

    assert "is asked by mail" in asked.text
    assert "without being asked" not in asked.text
    assert "Asked by mail." in done.text
    assert "Added." not in done.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"action": "add-subscriber", "email": "none"}, "address"),
        ({"action": "remove-subscriber", "email": "nobody@example.org"}, "nobody@example.org"),
        ({"action": "preview", "email": "nobody@example.org"}, "nobody@example.org"),
        ({"action": "add-source", "source": "<b>nonsense"}, "&lt;b&gt;nonsense"),
        (
            {"action": "add-source", "source": "http://127.0.0.1/x"},
            "ingest.allow_private_networks = true",
        ),
        ({"action": "pause", "confirmation": "forged"}, "damaged"),
    ],
)
async def test_what_cannot_be_done_is_told_beside_its_form(
    browse: Open, stored: Callable[[], Any], data: dict[str, str], words: str
) -> None:
    _, before = stored()
    async with browse() as browser:
        answer = await browser.post("/status", data=data)

    assert answer.status_code == 422
    (problem,) = re.findall(r'<p class="problem" id="problem" role="alert">(.*?)</p>', answer.text)
    assert words in problem
    fields_at_fault = re.findall(r'value="([^"]*)" aria-invalid="true" autofocus', answer.text)
    typed = [value for name, value in data.items() if name in ("email", "source")]
    assert [html.unescape(each) for each in fields_at_fault] == typed
    assert stored()[1] == before


async def test_forms_of_other_sites_are_refused(browse: Open, stored: Callable[[], Any]) -> None:
    _, before = stored()
    async with browse() as browser:
        asked = await browser.post("/status", data={"action": "pause"})
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.net"}):
            answer = await browser.post("/status", data=fields(asked), headers=headers)
            assert answer.status_code == 403

    assert stored()[1] == before


async def test_an_unknown_action_names_those_that_there_are(browse: Open) -> None:
    async with browse() as browser:
        answer = await browser.post("/status", data={"action": "erase-everything"})

    assert answer.status_code == 400
    assert "pause, resume, retry, add-subscriber" in answer.text


async def test_an_issue_is_previewed_in_a_frame_that_can_do_nothing(
    browse: Open, services: Services, reader: Any, stored: Callable[[], Any]
) -> None:
    assert reader.services is services
    members.add(services, {"email": "new@example.org"})
    _, before = stored()
    async with browse() as browser:
        data = {"action": "preview", "email": "new@example.org"}
        answer = await browser.post("/status", data=data)
        nothing_new = await browser.post("/status", data={**data, "email": "reader@example.org"})

    assert answer.status_code == 200
    assert '<iframe class="mail" title="The next issue" sandbox srcdoc="' in answer.text
    assert "Paper number 2" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "form-action 'none'" in policy
    assert nothing_new.status_code == 422
    assert "nothing is new" in nothing_new.text
    assert stored()[1] == before


async def test_the_page_is_read_once_for_itself_and_its_plots_and_anew_after_a_while(
    browse: Open, services: Services, clock: Any
) -> None:
    async with browse() as browser:
        await browser.get("/status")
        outbox.pause(services)
        assert 'value="pause"' in (await browser.get("/status")).text
        clock.now = clock.now.replace(minute=1)
        assert 'value="resume"' in (await browser.get("/status")).text


async def test_what_is_typed_stands_as_such_and_markup_stays_text(
    browse: Open, services: Services
) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "<script>alert(1)</script>", (), None)
    services.recent_lines.handle(record)
    outbox.pause(services)
    async with browse() as browser:
        text = (await browser.get("/status")).text

    assert "<code>recommender outbox resume</code> goes on" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text


async def test_it_is_neither_kept_nor_indexed_and_runs_nothing(browse: Open) -> None:
    async with browse() as browser:
        answer = await browser.get("/status")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert policy.count("; img-src 'self';") == 1
    assert "style=" not in answer.text
