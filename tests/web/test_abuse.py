"""The form tells people and programs apart without telling them so, and nobody anything else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from recommender.domain import SubscriberState
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import message_builder
from recommender.jobs.people import subscriptions
from recommender.jobs.services import Services
from recommender.store import outbox, subscribers

EMAIL = "person@example.org"


async def shown_form(client: AsyncClient) -> dict[str, str]:
    """Return the hidden fields of the form, as a browser would send them."""
    page = (await client.get("/")).text
    form = page[page.index('class="signup"') : page.index("</form>")]
    return {
        "email": EMAIL,
        **dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)),
        "website": "",
        "interests": "",
    }


async def send(client: AsyncClient, form: dict[str, str]) -> Response:
    return await client.post("/subscribe", data=form)


def headers_of(answer: Response) -> dict[str, str]:
    return {**answer.headers, "content-length": ""}


def is_known(services: Services, email: str = EMAIL) -> bool:
    subscriptions.decide_requests(services)
    with services.database.read() as session:
        return subscribers.by_key(session, email) is not None


async def test_a_form_that_somebody_had_time_to_read_is_taken(
    client: AsyncClient, services: Services, clock: Any
) -> None:
    form = await shown_form(client)
    clock.now += timedelta(seconds=2)
    answer = await send(client, form)
    assert answer.status_code == 200
    assert is_known(services)


async def test_a_form_of_the_documented_fields_alone_is_taken(
    client: AsyncClient, services: Services
) -> None:
    assert (await send(client, {"email": EMAIL})).status_code == 200
    assert is_known(services)


async def test_a_program_that_fills_in_every_field_is_answered_like_everybody(
    client: AsyncClient, services: Services, clock: Any, stored: Callable[[], Any]
) -> None:
    form = await shown_form(client)
    clock.now += timedelta(seconds=60)
    _, before = stored()
    trapped = await send(client, form | {"website": "https://spam.example.com"})
    assert before == stored()[1]
    honest = await send(client, form)
    assert (trapped.status_code, trapped.content) == (honest.status_code, honest.content)
    assert dict(trapped.headers) == dict(honest.headers)
    assert is_known(services)


@pytest.mark.parametrize(
    "change", [{}, {"shown": "nonsense"}, {"shown": "\u2603"}, {"shown": "x" * 5000}]
)
async def test_a_form_that_came_back_too_fast_is_promised_nothing(
    client: AsyncClient,
    services: Services,
    clock: Any,
    stored: Callable[[], Any],
    change: dict[str, str],
) -> None:
    form = await shown_form(client)
    clock.now += timedelta(seconds=1 if not change else 60)
    _, before = stored()
    fast = await send(client, form | change)
    assert before == stored()[1]
    assert fast.status_code == 422
    assert "press Subscribe once more" in fast.text
    assert f'value="{EMAIL}"' in fast.text
    assert 'aria-invalid="true"' not in fast.text, "the address is right"
    again = re.search(r'name="shown" value="([^"]*)"', fast.text)
    assert again is not None
    clock.now += timedelta(seconds=2)
    assert (await send(client, form | {"shown": again[1]})).status_code == 200
    assert is_known(services)


async def test_a_form_that_lay_open_for_weeks_comes_back_with_what_was_written(
    client: AsyncClient, services: Services, clock: Any
) -> None:
    form = await shown_form(client) | {"interests": "graphs"}
    clock.now += timedelta(days=14)
    late = await send(client, form)
    assert late.status_code == 422
    assert "press Subscribe once more" in late.text
    assert f'value="{EMAIL}"' in late.text
    assert ">graphs</textarea>" in late.text
    assert not is_known(services)
    again = re.search(r'name="shown" value="([^"]*)"', late.text)
    assert again is not None
    clock.now += timedelta(seconds=2)
    await send(client, form | {"shown": again[1]})
    assert is_known(services)


async def test_the_stamp_does_not_end_the_caching_of_the_front_page(
    client: AsyncClient, clock: Any
) -> None:
    first = await client.get("/")
    clock.now += timedelta(minutes=5)
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get("/", headers=known)).status_code == 304
    assert (await client.get("/")).text != first.text
    clock.now += timedelta(days=1)
    assert (await client.get("/", headers=known)).status_code == 200, "the stamp is renewed daily"


async def test_the_trap_is_hidden_from_people_with_and_without_eyes(client: AsyncClient) -> None:
    page = (await client.get("/")).text
    trap = page[page.index('<div class="visually-hidden" aria-hidden="true">') :]
    trap = trap[: trap.index("</div>")]
    assert 'name="website"' in trap
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap


@pytest.mark.parametrize("state", SubscriberState)
async def test_a_capped_and_a_known_address_get_the_very_same_answer(
    client: AsyncClient, services: Services, reader: Any, state: SubscriberState
) -> None:
    with services.database.write() as session:
        subscribers.set_state(session, reader.subscriber.id, state)
    answers = []
    for email in ("reader@example.org", "writer@example.org") * 2:
        answers.append(await send(client, {"email": email}))
        subscriptions.decide_requests(services)
    for answer in answers[1:]:
        assert answer.status_code == answers[0].status_code == 200
        # But for the address that they typed, which is not as long when it is compressed.
        assert answer.text.replace("writer@", "reader@") == answers[0].text
        assert headers_of(answer) == headers_of(answers[0])


@pytest.mark.parametrize("field", ["email", "interests", "website", "shown", "surprise"])
@pytest.mark.parametrize(
    "injected", ["\r\nBcc: victim@example.net", "\nSubject: x", "\rX: y", "\0"]
)
async def test_no_field_of_the_form_can_write_a_header(
    client: AsyncClient, services: Services, field: str, injected: str
) -> None:
    form = {"email": EMAIL}
    form[field] = form.get(field, "") + injected
    await send(client, form)
    await send(client, {"email": EMAIL + injected + "@example.net"})
    subscriptions.decide_requests(services)
    with services.database.read() as session:
        asked = subscribers.by_key(session, EMAIL)
        messages = [] if asked is None else outbox.of_subscriber(session, asked.id)
    for message in messages:
        assert message.recipient == EMAIL
        head, _, _ = message_builder(services)([message])(message).content.partition(b"\r\n\r\n")
        assert b"victim" not in head
        assert head.count(b"\nSubject:") == 1
        assert b"\nX:" not in head


@pytest.mark.parametrize("injected", ["\r\nBcc: victim@example.net", "\nx", "\0"])
async def test_no_field_of_the_preferences_can_write_a_header(
    client: AsyncClient, services: Services, reader: Any, injected: str
) -> None:
    answer = await client.post(
        reader.me, data={"action": "address", "new_email": f"new{injected}@example.net"}
    )
    assert answer.status_code in (400, 422)
    with services.database.read() as session:
        assert outbox.of_subscriber(session, reader.subscriber.id) == []


async def test_an_address_is_changed_by_two_pages_and_by_no_get(
    client: AsyncClient, services: Services, reader: Any, stored: Callable[[], Any]
) -> None:
    asked = await client.post(reader.me, data={"action": "address", "new_email": "new@example.net"})
    assert (asked.status_code, asked.headers["Location"].partition("?")[2]) == (
        303,
        "done=asked#answer",
    )
    assert (
        "Asked: a mail is on its way" in (await client.get(f"{reader.me}/delivery?done=asked")).text
    )
    with services.database.read() as session:
        mails = outbox.of_subscriber(session, reader.subscriber.id)
    paths = []
    for mail in mails:
        content = message_builder(services)([mail])(mail).content.decode().replace("=\r\n", "")
        paths.append("/pending/" + content.partition("/pending/")[2].split(maxsplit=1)[0])
    assert [mail.recipient for mail in mails] == ["reader@example.org", "new@example.net"]

    _, before = stored()
    for path, address in zip(paths, ("reader@example.org", "new@example.net"), strict=True):
        page = await client.get(path)
        assert "Is it you who asked?" in page.text
        assert "<dd>new@example.net</dd>" in page.text
        assert f"<strong>{address}</strong>" in page.text
    assert "reader@example.org" not in page.text, "the new address is not told the old one"
    assert before == stored()[1]

    said = await client.post(paths[0])
    assert said.status_code == 303
    assert "One more yes" in (await client.get(paths[0])).text
    await client.post(paths[1])
    for path in paths:
        assert "Done</h1>" in (await client.get(path)).text
        assert (await client.post(path)).status_code == 303
    with services.database.read() as session:
        moved = subscribers.by_id(session, reader.subscriber.id)
    assert moved is not None
    assert moved.email == "new@example.net"


async def test_a_change_to_an_address_that_is_taken_is_refused_with_a_reason(
    client: AsyncClient, services: Services, reader: Any
) -> None:
    with services.database.write() as session:
        subscribers.add(
            session,
            email="taken@example.net",
            email_key="taken@example.net",
            state=SubscriberState.ACTIVE,
            preferences=services.defaults,
            interests="",
            now=services.clock(),
        )
    await client.post(reader.me, data={"action": "address", "new_email": "taken@example.net"})
    with services.database.read() as session:
        mails = outbox.of_subscriber(session, reader.subscriber.id)
    for mail in mails:
        content = message_builder(services)([mail])(mail).content.decode().replace("=\r\n", "")
        path = "/pending/" + content.partition("/pending/")[2].split(maxsplit=1)[0]
        answer = await client.post(path)
    assert answer.status_code == 409
    assert "has a subscription of its own" in answer.text


async def test_a_link_to_a_change_that_is_over_says_so(
    client: AsyncClient, services: Services, reader: Any, clock: Any
) -> None:
    await client.post(reader.me, data={"action": "address", "new_email": "new@example.net"})
    url = links.pending_url(services, reader.subscriber, 1, links.Side.NEW, since=clock.now)
    path = url.removeprefix(services.site.base_url)
    assert (await client.get(path)).status_code == 200
    await client.post(reader.unsubscribe)
    for answer in (await client.get(path), await client.post(path)):
        assert answer.status_code == 410
    assert (await client.get("/pending/nonsense")).status_code == 404
