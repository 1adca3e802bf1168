"""The pages that anybody may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import Delivery, DeliveryKind, SubscriberState, Vote
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.store import outbox, subscribers


def deliveries(services: Services, email: str) -> list[Delivery]:
    with services.database.read() as session:
        subscriber = subscribers.by_key(session, email)
        return [] if subscriber is None else outbox.of_subscriber(session, subscriber.id)


async def test_front_page_shows_the_invitation_then_the_newest_papers(
    client: AsyncClient, reader: Any
) -> None:
    page = (await client.get("/")).text

    order = [
        "new</span>",
        "Get trending papers in your email inbox!</h1>",
        'type="email"',
        ">Subscribe</button>",
        "Wednesday, 11 March 2026",
        "by AK and the research community",
        "Ada Example, Ben Example, Cleo Example and 1 other",
        reader.issue.entries[1].title,
    ]
    places = [page.index(piece) for piece in order]
    assert sorted(places) == places


async def test_front_page_works_before_the_first_digest(client: AsyncClient) -> None:
    response = await client.get("/")

    assert response.status_code == 200
    assert "the first digest is still to come" in response.text


async def test_text_of_a_paper_is_escaped_and_its_link_must_be_a_web_address(
    client: AsyncClient, reader: Any
) -> None:
    for path in ("/", "/archive/2026-03-11", reader.rate(1, Vote.UP)):
        page = (await client.get(path)).text

        assert page.replace('<script src="../rate.js" defer>', "").count("<script") == 0
        assert "&lt;script&gt;alert(&#39;title&#39;)" in page
        assert "javascript:" not in page


async def test_no_page_has_a_script_of_its_own_or_a_style_attribute(
    client: AsyncClient, reader: Any
) -> None:
    for path in ("/", "/archive", reader.rate(2, Vote.UP), reader.me, reader.unsubscribe):
        page = (await client.get(path)).text

        assert page.count("<script") == page.count('<script src="../rate.js" defer></script>')
        assert " style=" not in page
        assert " onclick=" not in page


@pytest.mark.usefixtures("reader")
async def test_front_page_is_cached_until_it_changes(client: AsyncClient) -> None:
    first = await client.get("/")
    again = await client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    weak = await client.get("/", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'})
    other = await client.get("/", headers={"If-None-Match": '"other"'})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert [again.status_code, weak.status_code, other.status_code] == [304, 304, 200]
    assert again.content == b""
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


@pytest.mark.usefixtures("reader")
async def test_a_known_and_an_unknown_address_get_the_same_answer(client: AsyncClient) -> None:
    known, unknown, again = [
        await client.post("/subscribe", data={"email": email})
        for email in ("reader@example.org", "writer@example.org", "reader@example.org")
    ]

    assert "Check your inbox" in known.text
    assert '<strong dir="auto">reader@example.org</strong>' in known.text
    assert "&lt;papers@example.org&gt;" in known.text, "the sender to look for"
    assert "can be asked for in an hour" in known.text
    assert known.text.replace("reader@", "writer@") == unknown.text
    for answer in (unknown, again):
        assert answer.status_code == known.status_code == 200
        # The address that they typed is not as long when it is compressed.
        assert {**answer.headers, "content-length": ""} == {**known.headers, "content-length": ""}


async def test_subscribing_queues_a_confirmation_and_keeps_the_interests(
    client: AsyncClient, services: Services
) -> None:
    await client.post(
        "/subscribe", data={"email": " Newcomer@Example.org ", "interests": "graphs and pruning"}
    )

    assert deliveries(services, "newcomer@example.org") == [], "it is decided afterwards"
    subscriptions.decide_requests(services)
    queued = deliveries(services, "newcomer@example.org")
    assert [delivery.kind for delivery in queued] == [DeliveryKind.CONFIRMATION]
    with services.database.read() as session:
        newcomer = subscribers.by_key(session, "newcomer@example.org")
    assert newcomer is not None
    assert newcomer.state is SubscriberState.UNCONFIRMED
    assert newcomer.interests == "graphs and pruning"


async def test_a_filled_honeypot_looks_the_same_and_does_nothing(
    client: AsyncClient, stored: Callable[[], Any]
) -> None:
    before = stored()

    trapped = await client.post("/subscribe", data={"email": "bot@example.org", "website": "x"})

    assert stored() == before
    honest = await client.post("/subscribe", data={"email": "bot@example.org", "website": ""})
    assert (trapped.status_code, trapped.text) == (honest.status_code, honest.text)


@pytest.mark.usefixtures("reader")
async def test_the_form_comes_back_with_a_sentence_when_the_address_is_none(
    client: AsyncClient, stored: Callable[[], Any]
) -> None:
    before = stored()

    response = await client.post(
        "/subscribe", data={"email": "nobody@", "interests": 'knots & "braids"'}
    )

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert 'value="nobody@" aria-invalid="true"' in response.text
    assert "knots &amp; &#34;braids&#34;" in response.text
    assert stored() == before


async def test_opening_the_form_address_leads_to_the_form(client: AsyncClient) -> None:
    response = await client.get("/subscribe")

    assert (response.status_code, response.headers["Location"]) == (303, "./")


@pytest.mark.usefixtures("reader")
async def test_archive_lists_the_days_and_shows_each(client: AsyncClient) -> None:
    months = await client.get("/archive")
    month = await client.get("/archive/2026-03")
    day = await client.get("/archive/2026-03-11")

    assert 'href="./archive/2026-03"' in months.text
    assert 'href="../archive/2026-03-11"' in month.text
    assert day.status_code == 200
    assert "10 papers" in day.text
    assert 'href="../archive"' in day.text


@pytest.mark.parametrize(
    "day",
    [
        *("2026-03-10", "yesterday", "2026-13-01", "20260311x", "0"),
        *("2026-04", "2026-13", "0-0", "99999999999-1", "2026-99999999999"),
        *("2026-03-11?page=2", "2026-03-11?page=0", "2026-03-11?page=x", "2026-03-11?page=²"),
    ],
)
@pytest.mark.usefixtures("reader")
async def test_archive_has_no_other_days(client: AsyncClient, day: str) -> None:
    response = await client.get(f"/archive/{day}")

    assert response.status_code == 404
    assert "There is nothing here" in response.text
