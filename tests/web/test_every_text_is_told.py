"""Every text of the pages comes from the catalogue: with marked sentences, none stands outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from marked_language import marked_renderer, texts_of, words_outside

from recommender.domain import SubscriberState, Vote
from recommender.jobs.outgoing import links
from recommender.jobs.people import pending_changes
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.store import libraries, subscribers
from recommender.web.app import create_app
from recommender.web.me.delivery import timezone_names

from .conftest import HOSTILE_TITLE, Reader

DATA = (
    *("Trending papers", "reader@example.org", "papers@example.org", "new@example.org"),
    *("you@example.net", "you@example.org", "AK and the research community", "Paper number"),
    *(
        "A sentence about pruning.",
        "A sentence",
        "Ada Example",
        "Ben Example",
        "Cleo Example",
        "Dan Example",
    ),
    *("pruning", "Trending today", "BibTeX", "CSL-JSON", "RIS", "CSV", "arXiv:1706.03762", "arXiv"),
    *("Jane Doe", "zotero.org/groups/12345/name", "groups/7", "Deutsch", "English", "wrong tag"),
    *("https://papers.example.org", "example.org", "Europe/Berlin", "none", HOSTILE_TITLE),
)
PUBLIC = (
    *("/", "/archive", "/archive/2026-03", "/archive/2026-03-11", "/papers/1", "/papers/99"),
    *(
        "/search",
        "/search?author=Ada",
        "/search?q=nothing+of+that",
        "/nowhere",
        "/archive/nonsense",
    ),
    *("/confirm/nonsense", "/me/nonsense", "/rate/nonsense"),
)


@pytest.fixture
def services(services: Services) -> Services:
    return replace(services, renderer=marked_renderer())


@pytest.fixture
def check() -> Callable[[httpx.Response], None]:
    zones = timezone_names()

    def look(answer: httpx.Response) -> None:
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        texts = [text for text in texts_of(answer.text) if text not in zones]
        outside = words_outside(texts, DATA)
        assert outside == set(), f"{answer.request.method} {answer.request.url}: {outside}"

    return look


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url=services.site.base_url, follow_redirects=True
    ) as client:
        yield client


async def test_public_pages(
    browser: httpx.AsyncClient, check: Callable[[httpx.Response], None]
) -> None:
    for path in ("/", "/archive", "/search"):
        check(await browser.get(path))


@pytest.mark.usefixtures("reader")
async def test_public_pages_with_papers(
    browser: httpx.AsyncClient, check: Callable[[httpx.Response], None]
) -> None:
    for path in PUBLIC:
        check(await browser.get(path))
    check(await browser.request("DELETE", "/"))


@pytest.mark.parametrize(
    "form",
    [
        {"email": "new@example.org"},
        {"email": "none"},
        {"email": ""},
        {"email": "new@example.org", "shown": "1"},
        {"interests": "pruning"},
        {"email": "ä@example.org"},
    ],
)
async def test_answers_to_who_subscribes(
    browser: httpx.AsyncClient, check: Callable[[httpx.Response], None], form: dict[str, str]
) -> None:
    check(await browser.post("/subscribe", data=form))


async def test_answers_to_a_foreign_form(
    browser: httpx.AsyncClient, check: Callable[[httpx.Response], None]
) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    check(await browser.post("/subscribe", data={"email": "new@example.org"}, headers=headers))
    check(await browser.post("/subscribe", content=b"x" * 70_000))
    check(await browser.post("/new-links", data={"purpose": "me", "token": "nonsense"}))


async def test_rating(
    browser: httpx.AsyncClient, reader: Reader, check: Callable[[httpx.Response], None]
) -> None:
    for vote in (Vote.UP, Vote.DOWN, Vote.SAVE):
        check(await browser.get(reader.rate(1, vote)))
    first, second = (each.paper_id for each in reader.issue.entries[:2])
    form = {
        f"was-{first}": "",
        f"value-{first}": "up",
        f"was-{second}": "",
        f"value-{second}": "down",
    }
    check(await browser.post(reader.rate(1, Vote.UP), data=form))
    check(await browser.post(reader.rate(1, Vote.UP), data={**form, "fragment": "1"}))
    for bad in (
        {"vote": "none"},
        {"was-x": ""},
        {f"was-{first}": "", f"value-{first}": "none of it"},
    ):
        check(await browser.post(reader.rate(1, Vote.UP), data=bad))


async def test_own_pages(
    browser: httpx.AsyncClient, reader: Reader, check: Callable[[httpx.Response], None]
) -> None:
    for vote in (Vote.SAVE, Vote.UP):
        await browser.post(reader.rate(2, vote), data={"vote": vote})
    for path in (reader.me, *reader.own_pages):
        check(await browser.get(path))
        check(await browser.get(f"{path}?q=nothing+of+that&tag=none"))
    check(await browser.get(f"{reader.me}/list?q=paper&sort=title&show=unread"))


ACTIONS: list[dict[str, Any]] = [
    {"action": "change", "interests": "pruning", "followed": "Jane Doe", "blocked": ""},
    {"action": "change", "followed": "x y"},
    {"action": "change", "followed": "pruning" * 40},
    {"action": "change", "hour": "7", "weekdays": "0", "timezone": "UTC", "papers": "5"},
    {"action": "change", "hour": "25", "weekdays": "0", "timezone": "UTC", "papers": "5"},
    {"action": "change", "hour": "7", "timezone": "UTC", "papers": "5"},
    {"action": "change", "hour": "7", "weekdays": "0", "timezone": "none", "papers": "5"},
    {"action": "change", "hour": "7", "weekdays": "0", "timezone": "UTC", "papers": "51"},
    {"action": "change", "language": "none"},
    {"action": "pause", "days": "14"},
    {"action": "pause", "days": "4000"},
    {"action": "resume"},
    {"action": "address", "new_email": "new@example.org"},
    {"action": "address", "new_email": "reader@example.org"},
    {"action": "address", "new_email": "none"},
    {"action": "erase"},
    {"action": "forget-learned"},
    {"action": "more", "words": "none of them"},
    {"action": "library", "library": "groups/7"},
    {"action": "library", "library": "none"},
    {"action": "library", "library": "https://example.org/"},
    {"action": "library", "key": "wrong"},
    {"action": "library", "library": "zotero.org/somebody"},
    {"action": "remove-library"},
    {"action": "rate", "paper": "1", "vote": "up"},
    {"action": "rate", "paper": "1", "vote": "none"},
    {"action": "note", "paper": "2", "note": "pruning" * 400, "tags": ""},
    {"action": "note", "paper": "2", "note": "", "tags": "pruning" * 40},
    {"action": "note", "paper": "2", "note": "", "tags": ",".join("abcdefghijk")},
    {"action": "note", "paper": "2", "note": "", "tags": "pruning"},
    {"action": "read", "paper": "2"},
    {"action": "remove", "paper": "2"},
    {"action": "remove", "paper": "9"},
    {"action": "undo", "change": "99"},
    {"action": "none"},
    {},
    {"action": "pause", "days": "many"},
    {"action": "leave"},
    {"action": "end-links"},
    {"action": "erase", "sure": "yes"},
]


@pytest.mark.parametrize("form", ACTIONS, ids=str)
async def test_what_the_buttons_of_own_pages_answer(
    browser: httpx.AsyncClient,
    reader: Reader,
    check: Callable[[httpx.Response], None],
    form: dict[str, Any],
) -> None:
    await browser.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})
    check(await browser.post(reader.me, data=form))
    check(await browser.get(reader.me))


@pytest.mark.parametrize(
    "references",
    [
        "1706.03762",
        "pruning",
        "",
        "@article{x, title={Paper number 1}",
        "@article{x, title={Paper number 1}}\npruning",
        "TY  - JOUR\nTI  - Paper number\nTY  - JOUR\nTI  - Paper number\nER  - ",
        "\x1f\x8b",
        "<a>" * 60_000,
    ],
    ids=lambda text: ascii(text[:12]),
)
async def test_papers_that_are_named(
    browser: httpx.AsyncClient,
    reader: Reader,
    check: Callable[[httpx.Response], None],
    references: str,
) -> None:
    file = {"file": ("x.bib", references.encode("latin-1"))}
    check(await browser.post(f"{reader.me}/papers", files=file))
    check(await browser.get(f"{reader.me}/interests"))


async def test_a_library_with_a_problem(
    browser: httpx.AsyncClient,
    services: Services,
    reader: Reader,
    check: Callable[[httpx.Response], None],
) -> None:
    await browser.post(reader.me, data={"action": "library", "library": "groups/7"})
    with services.database.write() as session:
        library = libraries.of_subscriber(session, reader.subscriber.id)
        assert library is not None
        libraries.change(
            session,
            library.id,
            message=Message(
                "%(problem)s; it is tried again by itself", problem=Message("Zotero is too slow")
            ),
        )
    answer = await browser.get(f"{reader.me}/interests")
    assert "Zotero is too slow" in answer.text
    check(answer)


@pytest.mark.parametrize("state", list(SubscriberState))
async def test_pages_of_each_state(
    browser: httpx.AsyncClient,
    services: Services,
    reader: Reader,
    check: Callable[[httpx.Response], None],
    state: SubscriberState,
) -> None:
    with services.database.write() as session:
        subscribers.set_state(session, reader.subscriber.id, state)
    present = reader.present()
    for path in (present.me, f"{present.me}/delivery", present.unsubscribe):
        check(await browser.get(path))
    # Leaving ended these, which offers new ones.
    check(await browser.get(reader.me))
    check(await browser.get(f"{present.unsubscribe}?back=yes"))
    check(await browser.post(present.unsubscribe, data={}))


@pytest.mark.parametrize(
    "asked_for",
    [
        ("unsubscribe", None),
        ("pause 14 days", None),
        ("resume", None),
        ("hour 7; weekdays mon wed; timezone UTC; papers 5; language de", None),
        ("address", "new@example.org"),
    ],
)
async def test_changes_that_were_asked_for_by_mail(
    browser: httpx.AsyncClient,
    services: Services,
    reader: Reader,
    check: Callable[[httpx.Response], None],
    asked_for: tuple[str, str | None],
) -> None:
    command, new_email = asked_for
    with services.change() as session:
        pending = pending_changes.plan_change(
            services, session, reader.subscriber, command=command, new_email=new_email
        )
    assert pending is not None
    for side in pending_changes.address_change.sides(pending):
        url = links.pending_url(
            services, reader.subscriber, pending.id, side, since=services.clock()
        )
        path = url.removeprefix(services.site.base_url)
        for _ in range(2):
            check(await browser.get(path))
            check(await browser.post(path, data={}))


async def test_confirmation(
    browser: httpx.AsyncClient,
    services: Services,
    reader: Reader,
    check: Callable[[httpx.Response], None],
) -> None:
    with services.database.write() as session:
        subscribers.set_state(
            session,
            reader.subscriber.id,
            SubscriberState.UNCONFIRMED,
            requested_at=services.clock(),
        )
    asked = reader.present().subscriber
    url = links.confirm_url(services, asked, since=services.clock())
    path = url.removeprefix(services.site.base_url)
    check(await browser.get(path))
    check(await browser.post(path, data={}))
    check(await browser.get(f"{path}/papers"))


def test_a_text_outside_the_catalogue_is_found() -> None:
    html = '<p title="Said">⟦told⟧ outside <b>Ada Example</b></p>'
    assert words_outside(texts_of(html), ["Ada Example"]) == {"Said", "outside"}
