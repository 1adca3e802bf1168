"""A subscriber's own page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import Preferences, SubscriberState, Vote
from recommender.store import ratings, subscribers, term_ratings
from recommender.web.preferences import timezone_names

FIELDS = {
    "action": "change",
    "hour": "18",
    "weekdays": ["0", "3"],
    "timezone": "Asia/Tokyo",
    "papers": "5",
    "interests": "knots <b>& braids</b>",
    "followed": "Ada <i>Example</i>\r\nknot theory",
    "blocked": "braid </textarea>",
}


def kept(reader: Any) -> Any:
    with reader.services.database.read() as session:
        return subscribers.by_id(session, reader.subscriber.id)


async def test_the_page_shows_what_is_kept(client: AsyncClient, reader: Any) -> None:
    page = (await client.get(reader.me)).text

    assert "reader@example.org" in page
    assert '<option value="7" selected>07:00</option>' in page
    assert "<option selected>Europe/Berlin</option>" in page
    assert [f'value="{day}" checked' in page for day in range(7)] == [True] * 5 + [False] * 2
    assert 'min="1" max="50" required value="10"' in page
    assert ">pruning</textarea>" in page


async def test_changes_are_kept_and_shown(client: AsyncClient, reader: Any) -> None:
    pressed = await client.post(reader.me, data=FIELDS)
    told = await client.get(f"{reader.me}?done=changed")

    assert pressed.status_code == 303
    assert pressed.headers["Location"] == f"..{reader.me}?done=changed"
    assert kept(reader).preferences == Preferences(18, frozenset({0, 3}), "Asia/Tokyo", 5)
    assert 'role="status"' in told.text
    assert "knots &lt;b&gt;&amp; braids&lt;/b&gt;</textarea>" in told.text
    assert ">Ada &lt;i&gt;Example&lt;/i&gt;\nknot theory</textarea>" in told.text
    assert ">braid &lt;/textarea&gt;</textarea>" in told.text
    # NOW is a Wednesday morning; Thursday 18:00 is in Tokyo.
    assert "The next mail comes on Thursday, 12 March 2026 at 18:00." in told.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"hour": "24"}, "24"),
        ({"weekdays": []}, "day"),
        ({"weekdays": ["7"]}, "7"),
        ({"timezone": "Europe/Atlantis"}, "Atlantis"),
        ({"papers": "51"}, "51"),
        ({"papers": "many <i>"}, "many &lt;i&gt;"),
        ({"followed": "the"}, "“the” tells no papers apart"),
        ({"followed": "<u>" + "x" * 80}, "“&lt;u&gt;x"),
        ({"blocked": "\n".join(f"topic{number}" for number in range(51))}, "these are 51"),
    ],
)
async def test_what_cannot_be_kept_comes_back_with_a_sentence_and_the_rest_as_typed(
    client: AsyncClient,
    reader: Any,
    stored: Callable[[], Any],
    changed: dict[str, Any],
    words: str,
) -> None:
    before = stored()

    answer = await client.post(reader.me, data={**FIELDS, **changed})

    assert answer.status_code == 422
    problem = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert words in problem
    assert "knots &lt;b&gt;" in answer.text
    assert stored() == before


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "dance"},
        {"action": "change", "hour": "7"},
        {"action": "remove"},
        {"action": "remove", "paper": "x"},
        {"action": "pause", "days": "soon"},
        {"action": "less"},
        {"action": "forget"},
    ],
)
async def test_an_incomplete_form_changes_nothing(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], form: dict[str, str]
) -> None:
    before = stored()

    answer = await client.post(reader.me, data=form)

    assert answer.status_code == 400
    assert stored() == before


async def test_a_pause_ends_by_itself_or_by_the_button(
    client: AsyncClient, reader: Any, clock: Any
) -> None:
    await client.post(reader.me, data={"action": "pause", "days": "14"})
    paused = kept(reader)
    page = (await client.get(reader.me)).text
    await client.post(reader.me, data={"action": "resume"})

    assert paused.state is SubscriberState.PAUSED
    assert paused.next_issue_at >= clock.now + timedelta(days=14)
    assert "Resume now" in page
    assert kept(reader).state is SubscriberState.ACTIVE


async def test_who_left_cannot_pause_and_is_told_so(client: AsyncClient, reader: Any) -> None:
    await client.post(reader.unsubscribe)
    me = reader.present().me

    answer = await client.post(me, data={"action": "pause", "days": "7"})
    page = (await client.get(me)).text

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "No mails come" in page
    assert "Subscribe again" in page


async def test_a_saved_paper_stands_on_the_reading_list_until_it_is_removed(
    client: AsyncClient, reader: Any
) -> None:
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "up"})
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})
    saved = (await client.get(reader.me)).text
    paper_id = reader.issue.entries[1].paper_id
    removed = await client.post(reader.me, data={"action": "remove", "paper": paper_id})
    page = (await client.get(reader.me)).text

    assert "Remove from the reading list: Paper number 2" in saved
    assert removed.headers["Location"] == f"..{reader.me}?done=removed"
    assert "Paper number 2" not in page
    with reader.services.database.read() as session:
        (rating,) = ratings.of_subscriber(session, reader.subscriber.id)
    assert (rating.value, rating.saved) == (1, False)


async def test_a_form_without_the_newer_fields_unblocks_nothing(
    client: AsyncClient, reader: Any
) -> None:
    await client.post(reader.me, data=FIELDS)
    older = {name: value for name, value in FIELDS.items() if name not in ("followed", "blocked")}
    await client.post(reader.me, data=older)

    assert kept(reader).followed == "Ada <i>Example</i>\nknot theory"
    assert kept(reader).blocked == "braid </textarea>"


async def test_learned_words_can_be_wanted_more_and_less_and_that_can_be_forgotten(
    client: AsyncClient, reader: Any
) -> None:
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    learned = (await client.get(reader.me)).text
    less = await client.post(reader.me, data={"action": "less", "words": "pruning"})
    rated = (await client.get(f"{reader.me}?done=less")).text
    with reader.services.database.read() as session:
        (rating,) = term_ratings.of_subscriber(session, reader.subscriber.id)
    forgotten = await client.post(reader.me, data={"action": "forget", "words": "pruning"})
    page = (await client.get(f"{reader.me}?done=forgotten")).text

    assert 'aria-label="Less of pruning"' in learned
    assert 'aria-label="More of pruning"' in learned
    assert less.headers["Location"] == f"..{reader.me}?done=less#learned"
    assert (rating.term, rating.words, rating.value) == ("pruning", "pruning", -1)
    assert "less of “pruning”" in rated
    assert 'aria-label="Forget that you want less of pruning"' in rated
    assert 'aria-label="Less of pruning"' not in rated
    assert forgotten.headers["Location"] == f"..{reader.me}?done=forgotten#learned"
    assert "You said" not in page


async def test_words_that_are_no_button_of_the_page_are_refused(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    before = stored()

    answer = await client.post(reader.me, data={"action": "more", "words": "!"})

    assert answer.status_code == 422
    assert "no such word was learned" in answer.text
    assert stored() == before


async def test_hostile_words_that_were_rated_are_shown_as_text(
    client: AsyncClient, reader: Any
) -> None:
    hostile = "\"><script>alert('words')</script>"
    await client.post(reader.me, data={"action": "more", "words": hostile})

    page = (await client.get(reader.me)).text

    assert "more of “&#34;&gt;&lt;script&gt;" in page
    assert "<script>" not in page


async def test_export_is_a_file_of_everything(client: AsyncClient, reader: Any) -> None:
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})

    answer = await client.post(reader.me, data={"action": "export"})

    assert answer.headers["Content-Disposition"].startswith("attachment;")
    exported = json.loads(answer.text)
    assert exported["subscriber"]["email"] == "reader@example.org"
    assert [rating["title"] for rating in exported["ratings"]] == ["Paper number 2"]
    assert len(exported["issues"][0]["entries"]) == 10


async def test_erasing_takes_a_tick_and_leaves_nothing(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    refused = await client.post(reader.me, data={"action": "erase"})
    assert kept(reader) is not None
    erased = await client.post(reader.me, data={"action": "erase", "sure": "yes"})
    gone = await client.get(reader.me)

    assert refused.status_code == 422
    assert "Everything is erased" in erased.text
    assert gone.status_code == 404
    _, rows = stored()
    assert not [row for row in rows if "reader@example.org" in row]


def test_the_zones_are_those_that_people_live_in() -> None:
    names = timezone_names()

    assert {"UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"} <= names
    assert not {"posixrules", "Etc/GMT+3", "EST5EDT", "localtime"} & names
