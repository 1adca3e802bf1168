"""The button that stands beside what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import SubscriberState, Vote
from recommender.store import paper_notes, ratings, subscribers, term_ratings


def all_of(reader: Any) -> Any:
    with reader.services.database.read() as session:
        return (
            subscribers.by_id(session, reader.subscriber.id),
            ratings.of_subscriber(session, reader.subscriber.id),
            term_ratings.of_subscriber(session, reader.subscriber.id),
            paper_notes.of_subscriber(session, reader.subscriber.id),
        )


def undo_in(page: str) -> dict[str, str]:
    """Return what the button on a page sends."""
    _, found, rest = page.partition('<input type="hidden" name="change" value="')
    assert found
    return {"action": "undo", "change": rest.partition('"')[0]}


@pytest.mark.parametrize(
    ("page", "form", "card"),
    [
        ("list", {"action": "remove"}, 'aria-labelledby="saved-heading"'),
        ("interests", {"action": "less", "words": "pruning"}, 'id="learned"'),
        ("interests", {"action": "change", "followed": "knots"}, 'id="taste"'),
        ("delivery", {"action": "pause", "days": "14"}, 'id="pause"'),
        (
            "delivery",
            {"action": "change", "hour": "9", "weekdays": "1", "timezone": "UTC", "papers": "3"},
            'id="schedule"',
        ),
    ],
)
async def test_one_tap_undoes_it_and_says_so_in_its_card(
    client: AsyncClient, reader: Any, page: str, form: dict[str, str], card: str
) -> None:
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})
    with reader.services.database.write() as session:
        due_at = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
        subscribers.set_next_issue_at(session, reader.subscriber, due_at)
    form = {**form, "paper": str(reader.issue.entries[1].paper_id)}
    before = all_of(reader)

    pressed = await client.post(f"{reader.me}/{page}", data=form)
    answer = (await client.get(pressed.headers["Location"].removeprefix("../.."))).text
    assert all_of(reader) != before
    undone = await client.post(f"{reader.me}/{page}", data=undo_in(answer))
    told = (await client.get(undone.headers["Location"].removeprefix("../.."))).text

    assert all_of(reader) == before
    for text in (answer, told):
        within = text.partition(card)[2].partition("</section>")[0]
        assert 'id="answer" tabindex="-1" role="status"' in within
    assert 'value="undo"' not in told


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("list", {"action": "remove"}),
        ("list", {"action": "read"}),
        ("ratings", {"action": "rate", "vote": "down"}),
        ("interests", {"action": "less", "words": "pruning"}),
        ("interests", {"action": "change", "followed": "knots"}),
        ("interests", {"action": "forget-learned", "sure": "yes"}),
        ("delivery", {"action": "pause", "days": "14"}),
    ],
)
async def test_a_double_tap_is_answered_and_undone_as_one(
    client: AsyncClient, reader: Any, clock: Any, page: str, form: dict[str, str]
) -> None:
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})
    with reader.services.database.write() as session:
        due_at = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
        subscribers.set_next_issue_at(session, reader.subscriber, due_at)
    more = {"action": "more", "words": "sparsity"}
    await client.post(f"{reader.me}/interests", data=more)
    form = {**form, "paper": str(reader.issue.entries[1].paper_id)}
    before = all_of(reader)
    for _ in range(2):
        clock.now += timedelta(seconds=1)
        pressed = await client.post(f"{reader.me}/{page}", data=form)
    answer = (await client.get(pressed.headers["Location"].removeprefix("../.."))).text
    assert 'id="answer"' in answer
    assert all_of(reader) != before

    for _ in range(2):
        clock.now += timedelta(seconds=1)
        undone = await client.post(f"{reader.me}/{page}", data=undo_in(answer))
        assert undone.status_code == 303
        assert all_of(reader) == before


async def test_an_old_tab_is_told_that_it_came_too_late(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    less = {"action": "less", "words": "pruning"}
    pressed = await client.post(f"{reader.me}/interests", data=less)
    page = (await client.get(pressed.headers["Location"].removeprefix("../.."))).text
    await client.post(f"{reader.me}/delivery", data={"action": "pause", "days": "14"})
    _, before = stored()

    answer = await client.post(f"{reader.me}/interests", data=undo_in(page))

    assert answer.status_code == 422
    assert "cannot be taken back any more" in answer.text
    assert "<h1>Interests</h1>" in answer.text
    assert stored()[1] == before


@pytest.mark.parametrize("change", ["x", "-1", "9" * 30, "<b>", ""])
async def test_an_address_with_no_such_change_shows_no_button(
    client: AsyncClient, reader: Any, change: str
) -> None:
    params = {"done": "changed", "change": change}
    page = await client.get(f"{reader.me}/interests", params=params)

    assert page.status_code == 200
    assert 'value="undo"' not in page.text


async def test_leaving_is_undone_by_one_tap(
    client: AsyncClient, reader: Any, clock: Any, stored: Callable[[], Any]
) -> None:
    await client.post(reader.unsubscribe)
    left = (await client.get(reader.unsubscribe)).text
    _, before = stored()
    await client.get(f"{reader.unsubscribe}?undo=yes&back=yes")
    assert stored()[1] == before
    back = await client.post(reader.unsubscribe, data={"undo": "yes"})
    told = (await client.get(f"{reader.unsubscribe}?back=yes")).text

    assert ">Undo: keep my papers coming</button>" in left
    assert back.headers["Location"].endswith("?back=yes")
    assert "Papers go on coming to <strong>reader@example.org</strong>" in told
    assert reader.state() is SubscriberState.ACTIVE
    assert (await client.get(reader.me)).status_code == 200

    await client.post(reader.unsubscribe)
    clock.now += timedelta(hours=2)
    assert "Undo: keep" not in (await client.get(reader.unsubscribe)).text
    await client.post(reader.unsubscribe, data={"undo": "yes"})
    late = (await client.get(f"{reader.unsubscribe}?back=yes")).text
    assert "too late to take that back" in late
    assert reader.state() is SubscriberState.UNSUBSCRIBED


async def test_a_mail_services_click_brings_nobody_back(client: AsyncClient, reader: Any) -> None:
    await client.post(reader.unsubscribe)

    answer = await client.post(
        reader.unsubscribe, data={"List-Unsubscribe": "One-Click", "undo": "yes"}
    )

    assert answer.text == "You are unsubscribed.\n"
    assert reader.state() is SubscriberState.UNSUBSCRIBED
