"""A link that was ended opens nothing but the offer of a new one, which goes by mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import DeliveryKind, SubscriberState, Vote
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.store import outbox, ratings, subscribers
from recommender.store.erasing import erase_subscriber

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
OFFER = ">Mail me a new link</button>"


def mails_of(reader: Any) -> list[Any]:
    with reader.services.database.read() as session:
        return outbox.of_subscriber(session, reader.subscriber.id)


def contents(reader: Any) -> list[str]:
    build = message_builder(reader.services)
    return [
        build([mail])(mail).content.decode().replace("=\r\n", "").replace("=3D", "=")
        for mail in mails_of(reader)
        if mail.kind is DeliveryKind.NEW_LINKS
    ]


def offered(path: str) -> dict[str, str]:
    """Return what the form of the offer sends for a link."""
    _, purpose, token = path.split("/")
    return {"purpose": {"issues": "issue"}.get(purpose, purpose), "token": token}


async def end_all(client: AsyncClient, reader: Any) -> Any:
    return await client.post(reader.me, data={"action": "end-links"})


async def move(_client: AsyncClient, reader: Any) -> None:
    with reader.services.database.write() as session:
        subscribers.set_address(
            session, reader.subscriber.id, email="new@example.net", email_key="new@example.net"
        )


async def leave(client: AsyncClient, reader: Any) -> None:
    await client.post(reader.unsubscribe)


@pytest.mark.parametrize("end", [end_all, move, leave])
async def test_an_ended_link_opens_the_offer_and_does_nothing(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], end: Any
) -> None:
    await end(client, reader)
    kept = {reader.unsubscribe} if end is leave else set()
    pressed = {"vote": "up", "action": "pause", "days": "7"}
    before = stored()

    for path in (reader.rate(1, Vote.UP), reader.me, reader.in_browser, reader.unsubscribe):
        if path in kept:
            continue
        for answer in (await client.get(path), await client.post(path, data=pressed)):
            if answer.status_code == 405:  # an issue is only looked at
                continue
            assert (answer.status_code, OFFER in answer.text) == (410, True), path
            for address in ("reader@example.org", "new@example.net"):
                assert address not in answer.text, "an old link tells nobody's address"
    await client.post(reader.me, data={"action": "erase", "sure": "yes"})
    seeded = await client.post(f"{reader.me}/papers", data={"references": "1706.03762"})
    assert 'action="../../new-links"' in seeded.text

    assert stored() == before


@pytest.mark.parametrize("end", [end_all, move])
async def test_the_offer_mails_a_link_that_works_to_the_address_that_is_subscribed(
    client: AsyncClient, reader: Any, clock: Any, end: Any
) -> None:
    await end(client, reader)
    clock.now += timedelta(hours=2)
    mailed = len(mails_of(reader))
    page = (await client.get(reader.rate(1, Vote.UP))).text
    token = reader.rate(1, Vote.UP).rpartition("/")[2]
    assert 'action="../new-links"' in page
    assert f'name="token" value="{token}"' in page
    assert 'name="purpose" value="rate"' in page

    answer = await client.post("/new-links", data={"purpose": "rate", "token": token})

    assert (answer.status_code, "Check your inbox" in answer.text) == (200, True)
    new = mails_of(reader)[mailed:]
    present = reader.present()
    assert [mail.recipient for mail in new] == [present.subscriber.email]
    assert f"/me/{token_in(contents(reader)[-1], '/me/')}" in contents(reader)[-1]
    fresh = f"/me/{token_in(contents(reader)[-1], '/me/')}"
    assert (await client.get(fresh)).status_code == 200
    assert f"/unsubscribe/{token_in(contents(reader)[-1], '/unsubscribe/')}" in contents(reader)[-1]


def token_in(content: str, path: str) -> str:
    return content.partition(path)[2].split(maxsplit=1)[0]


async def test_the_page_that_ends_all_links_says_where_new_ones_go(
    client: AsyncClient, reader: Any
) -> None:
    assert ">End all old links</button>" in (await client.get(f"{reader.me}/delivery")).text

    answer = await end_all(client, reader)

    assert answer.status_code == 200
    assert "All old links are ended" in answer.text
    assert "reader@example.org" in answer.text
    assert "/me/" not in answer.text, "who ended them may be the wrong one to have a new link"
    (mail,) = contents(reader)
    assert (await client.get(f"/me/{token_in(mail, '/me/')}")).status_code == 200
    assert reader.state() is SubscriberState.ACTIVE


async def test_the_offer_mails_once_an_hour_and_three_times_a_day(
    client: AsyncClient, reader: Any, clock: Any
) -> None:
    await move(client, reader)
    expected = 0
    for hour in range(24):
        if hour < 3:
            expected += 1
        for _ in range(3):
            await client.post("/new-links", data=offered(reader.me))
        assert len(mails_of(reader)) == expected, hour
        clock.now += timedelta(hours=1)
    clock.now += timedelta(hours=1)
    await client.post("/new-links", data=offered(reader.me))
    assert len(mails_of(reader)) == 4


async def test_whatever_is_held_out_for_a_new_link_gets_the_same_answer(
    client: AsyncClient, reader: Any, clock: Any, stored: Callable[[], Any]
) -> None:
    working = offered(reader.me)
    await end_all(client, reader)
    told = (await client.post("/new-links", data=working)).text
    clock.now += timedelta(days=91)
    expired, _, before = working, await leave(client, reader.present()), stored()

    for fields in (
        expired,
        offered(reader.present().me),
        {"purpose": "me", "token": "nonsense"},
        {"purpose": "nonsense", "token": working["token"]},
        {"purpose": "unsubscribe", "token": working["token"]},
        {"purpose": "form", "token": working["token"]},
    ):
        answer = await client.post("/new-links", data=fields)
        assert (answer.status_code, answer.text) == (200, told), fields
    with reader.services.database.write() as session:
        erase_subscriber(session, reader.subscriber.id)
    assert (await client.post("/new-links", data=working)).text == told

    assert before != stored()
    assert (await client.post("/new-links", data={"token": "x"})).status_code == 400
    opened = await client.get("/new-links")
    assert (opened.status_code, opened.headers["Location"]) == (303, "./")


async def test_who_left_is_told_so_again_and_ended_nothing_that_unsubscribes(
    client: AsyncClient, reader: Any, services: Services
) -> None:
    await leave(client, reader)
    assert "You are unsubscribed" in (await client.get(reader.unsubscribe)).text
    assert (await client.post(reader.unsubscribe, data=ONE_CLICK)).status_code == 200

    # They come back by the form, confirm, and find an old mail.
    await client.post("/subscribe", data={"email": "reader@example.org"})
    subscriptions.decide_requests(services)
    build = message_builder(services)
    (mail,) = mails_of(reader)
    content = build([mail])(mail).content.decode().replace("=\r\n", "")
    assert (await client.post(f"/confirm/{token_in(content, '/confirm/')}")).status_code == 303
    assert reader.state() is SubscriberState.ACTIVE
    assert (await client.get(reader.me)).status_code == 410
    assert (await client.get(reader.present().me)).status_code == 200

    assert (await client.post(reader.unsubscribe, data=ONE_CLICK)).status_code == 200
    assert reader.state() is SubscriberState.UNSUBSCRIBED


async def test_one_click_by_an_ended_link_unsubscribes_nobody_and_mails_its_reader(
    client: AsyncClient, reader: Any
) -> None:
    await move(client, reader)

    for _ in range(3):
        answer = await client.post(reader.unsubscribe, data=ONE_CLICK)
        assert answer.status_code == 410
        assert answer.text.startswith("this link was ended")

    assert reader.state() is SubscriberState.ACTIVE
    assert [mail.recipient for mail in mails_of(reader)] == ["new@example.net"]


async def test_one_click_by_an_ended_link_does_not_mail_who_left(
    client: AsyncClient, reader: Any
) -> None:
    await move(client, reader)
    await leave(client, reader.present())

    assert (await client.post(reader.unsubscribe, data=ONE_CLICK)).status_code == 410
    assert mails_of(reader) == []


async def test_who_left_can_still_have_their_page_by_mail_and_erase_all(
    client: AsyncClient, reader: Any
) -> None:
    await leave(client, reader)

    await client.post("/new-links", data=offered(reader.me))

    (mail,) = contents(reader)
    assert "No papers come to this address" in " ".join(mail.split())
    assert "/unsubscribe/" not in mail
    path = f"/me/{token_in(mail, '/me/')}"
    await client.post(path, data={"action": "erase", "sure": "yes"})
    with reader.services.database.read() as session:
        assert subscribers.by_id(session, reader.subscriber.id) is None


async def test_a_vote_by_a_link_of_another_epoch_is_not_taken(
    client: AsyncClient, reader: Any
) -> None:
    await client.post(reader.rate(1, Vote.UP), data={"vote": "up"})
    await end_all(client, reader)
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    present = reader.present()
    await client.post(present.rate(3, Vote.UP), data={"vote": "up"})

    with reader.services.database.read() as session:
        said = {each.paper_id for each in ratings.of_subscriber(session, reader.subscriber.id)}
    assert said == {reader.issue.entries[place].paper_id for place in (0, 2)}
