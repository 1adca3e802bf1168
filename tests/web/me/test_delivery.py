"""A subscriber's page of when and where mails come."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import SubscriberState, Vote
from recommender.store import outbox, subscribers
from recommender.web.me.delivery import timezone_names

SCHEDULE = {
    "action": "change",
    "hour": "18",
    "weekdays": ["0", "3"],
    "timezone": "Asia/Tokyo",
    "papers": "5",
}


def kept(reader: Any) -> Any:
    with reader.services.database.read() as session:
        return subscribers.by_id(session, reader.subscriber.id)


async def test_the_page_shows_what_is_kept(client: AsyncClient, reader: Any) -> None:
    page = (await client.get(f"{reader.me}/delivery")).text

    assert "Mails go to reader@example.org." in page
    assert '<option value="7" selected>07:00</option>' in page
    assert "<option selected>Europe/Berlin</option>" in page
    assert [f'value="{day}" checked' in page for day in range(7)] == [True] * 5 + [False] * 2
    assert 'min="1" max="50" required value="10"' in page


async def test_a_change_is_said_in_its_card_with_what_follows(
    client: AsyncClient, reader: Any
) -> None:
    pressed = await client.post(f"{reader.me}/delivery", data=SCHEDULE)
    page = (await client.get(f"{reader.me}/delivery?done=changed")).text

    assert pressed.status_code == 303
    card = page.partition('id="schedule"')[2].partition("</form>")[0]
    assert 'id="answer" tabindex="-1" role="status"' in card
    # NOW is a Wednesday morning; Thursday 18:00 is in Tokyo.
    assert "The next mail comes on Thursday, 12 March 2026 at 18:00." in card


async def test_what_was_typed_stays_beside_the_problem(client: AsyncClient, reader: Any) -> None:
    answer = await client.post(f"{reader.me}/delivery", data={**SCHEDULE, "papers": '5"1'})

    assert "Choose a number from 1 to 50." in answer.text
    assert 'value="5&#34;1"' in answer.text
    assert '<option value="18" selected>' in answer.text
    assert [f'value="{day}" checked' in answer.text for day in range(7)] == [
        day in (0, 3) for day in range(7)
    ]


async def test_a_pause_ends_by_itself_or_by_the_button(
    client: AsyncClient, reader: Any, clock: Any
) -> None:
    await client.post(f"{reader.me}/delivery", data={"action": "pause", "days": "14"})
    paused = kept(reader)
    page = (await client.get(f"{reader.me}/delivery?done=paused")).text
    overview = (await client.get(reader.me)).text
    await client.post(f"{reader.me}/delivery", data={"action": "resume"})

    assert paused.state is SubscriberState.PAUSED
    assert paused.next_issue_at >= clock.now + timedelta(days=14)
    assert 'id="answer"' in page.partition('id="pause"')[2].partition("</section>")[0]
    assert "Resume now" in page
    assert "Resume now" in overview
    assert kept(reader).state is SubscriberState.ACTIVE


async def test_a_pause_of_no_possible_length_is_said_at_its_field(
    client: AsyncClient, reader: Any
) -> None:
    answer = await client.post(f"{reader.me}/delivery", data={"action": "pause", "days": "0"})

    assert answer.status_code == 422
    assert "Choose a break from the list." in answer.text
    assert 'name="days" aria-invalid="true" autofocus' in answer.text


@pytest.mark.parametrize(
    "form", [{"action": "pause", "days": "7"}, {"action": "address", "new_email": "b@example.org"}]
)
async def test_who_left_can_neither_pause_nor_move_and_is_told_so(
    client: AsyncClient, reader: Any, form: dict[str, str]
) -> None:
    await client.post(reader.unsubscribe)
    me = reader.present().me

    answer = await client.post(f"{me}/delivery", data=form)
    page = (await client.get(me)).text

    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    assert "No mails come" in page
    assert "Subscribe again" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("no address <b>", "Mail cannot reach this address."),
        ("reader@example.org", "The mails go to that address already."),
        ("papers@example.org", "is the address that our mails come from"),
        ("Papers+x@example.org", "is the address that our mails come from"),
        ("jürgen@example.org", "letters before the @"),
    ],
)
async def test_an_address_that_cannot_be_is_said_at_its_field_and_stays_as_typed(
    client: AsyncClient, reader: Any, typed: str, words: str
) -> None:
    answer = await client.post(
        f"{reader.me}/delivery", data={"action": "address", "new_email": typed}
    )

    assert answer.status_code == 422
    problem = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert words in problem
    field = answer.text.partition('<input id="new_email"')[2].partition(">")[0]
    assert 'aria-invalid="true" autofocus' in field
    assert f'value="{typed.partition("<")[0]}' in field


async def test_asking_for_another_address_is_answered_beside_it(
    client: AsyncClient, reader: Any
) -> None:
    answer = await client.post(
        f"{reader.me}/delivery", data={"action": "address", "new_email": "new@example.org"}
    )
    page = (await client.get(f"{reader.me}/delivery?done=asked")).text

    assert answer.headers["Location"].endswith("/delivery?done=asked#answer")
    card = page.partition('id="address"')[2].partition("</section>")[0]
    assert 'id="answer"' in card
    old, new = card.partition("<dd>reader@example.org")[2], card.partition("<dd>new@example.org")[2]
    assert "no yes yet" in old.partition("</dd>")[0]
    assert "no yes yet" in new.partition("</dd>")[0]


async def test_leaving_leads_to_the_page_that_says_so(client: AsyncClient, reader: Any) -> None:
    left = await client.post(f"{reader.me}/delivery", data={"action": "leave"})
    page = await client.get(left.headers["Location"].removeprefix("../.."))

    assert left.status_code == 303
    assert "You are unsubscribed" in page.text
    assert reader.state() is SubscriberState.UNSUBSCRIBED
    assert (await client.get(f"{reader.me}/delivery")).status_code == 410


async def test_old_links_are_ended_from_the_page(client: AsyncClient, reader: Any) -> None:
    ended = await client.post(f"{reader.me}/delivery", data={"action": "end-links"})

    assert "All old links are ended" in ended.text
    assert (await client.get(reader.me)).status_code == 410
    with reader.services.database.read() as session:
        messages = outbox.of_subscriber(session, reader.subscriber.id)
    assert [message.kind for message in messages] == ["new-links"]


async def test_export_is_a_file_of_everything(client: AsyncClient, reader: Any) -> None:
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})

    answer = await client.post(f"{reader.me}/delivery", data={"action": "export"})

    assert answer.headers["Content-Disposition"].startswith("attachment;")
    exported = json.loads(answer.text)
    assert exported["subscriber"]["email"] == "reader@example.org"
    assert [rating["title"] for rating in exported["ratings"]] == ["Paper number 2"]
    assert len(exported["issues"][0]["entries"]) == 10


async def test_erasing_takes_a_tick_and_leaves_nothing(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    refused = await client.post(f"{reader.me}/delivery", data={"action": "erase"})
    assert kept(reader) is not None
    erased = await client.post(f"{reader.me}/delivery", data={"action": "erase", "sure": "yes"})
    gone = await client.get(reader.me)

    assert refused.status_code == 422
    assert "Tick the box first" in refused.text.partition("<details open>")[2]
    assert "Everything is erased" in erased.text
    assert gone.status_code == 404
    _, rows = stored()
    assert not [row for row in rows if "reader@example.org" in row]


def test_the_zones_are_those_that_people_live_in() -> None:
    names = timezone_names()

    assert {"UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"} <= names
    assert not {"posixrules", "Etc/GMT+3", "EST5EDT", "localtime"} & names
