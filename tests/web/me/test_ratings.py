"""A subscriber's page of all that they said of papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import Rating, Vote
from recommender.store import ratings


@pytest.fixture
async def rated(client: AsyncClient, reader: Any) -> list[int]:
    """Like the first, dislike the second and save the third paper; gives their ids."""
    for position, vote in ((1, "up"), (2, "down"), (3, "save")):
        await client.post(reader.rate(position, Vote.UP), data={"vote": vote})
    return [entry.paper_id for entry in reader.issue.entries[:3]]


def said(reader: Any) -> dict[int, tuple[int, bool]]:
    with reader.services.database.read() as session:
        some = ratings.of_subscriber(session, reader.subscriber.id)
    return {rating.paper_id: (rating.value, rating.saved) for rating in some}


def item(page: str, paper_id: int) -> str:
    return page.partition(f'id="paper-{paper_id}"')[2].partition("</li>")[0]


async def test_all_that_was_said_stands_there_with_what_was_said(
    client: AsyncClient, reader: Any, rated: list[int]
) -> None:
    page = (await client.get(f"{reader.me}/ratings")).text

    assert "3 papers rated" in page
    pressed = [
        item(page, each).partition('aria-pressed="true"')[0].rpartition('value="')[2][:5]
        for each in rated
    ]
    assert [each.partition('"')[0] for each in pressed] == ["up", "down", "save"]
    assert "<script>" not in page
    assert f'id="paper-{reader.issue.entries[3].paper_id}"' not in page
    overview = (await client.get(reader.me)).text
    assert "1 for more, 1 for less" in overview


@pytest.mark.parametrize(
    ("vote", "after", "words"),
    [
        ("up", (1, False), "Noted: more like this."),
        ("save", (0, True), "Saved to your reading list."),
        ("withdraw", None, "Taken back"),
    ],
)
async def test_a_rating_is_corrected_in_its_place_and_that_can_be_undone(
    *,
    client: AsyncClient,
    reader: Any,
    rated: list[int],
    vote: str,
    after: tuple[int, bool] | None,
    words: str,
) -> None:
    form = {"action": "rate", "paper": str(rated[1]), "vote": vote}
    page_of = f"{reader.me}/ratings"

    pressed = await client.post(page_of, data=form)
    location = pressed.headers["Location"]
    answer = (await client.get(location.removeprefix("../.."))).text
    assert said(reader).get(rated[1]) == after
    undone = await client.post(page_of, data={"action": "undo", "change": "1"})
    told = (await client.get(undone.headers["Location"].removeprefix("../.."))).text

    assert location.endswith(f"/ratings?done={vote}&paper={rated[1]}&change=1#answer")
    assert words in item(answer, rated[1])
    assert ">Undo</button>" in item(answer, rated[1])
    assert "Undone" in item(told, rated[1])
    assert said(reader)[rated[1]] == (-1, False)


async def test_what_was_taken_back_can_be_said_otherwise_at_once(
    client: AsyncClient, reader: Any, rated: list[int]
) -> None:
    form = {"action": "rate", "paper": str(rated[0])}
    await client.post(f"{reader.me}/ratings", data={**form, "vote": "withdraw"})
    await client.post(f"{reader.me}/ratings", data={**form, "vote": "down"})

    assert said(reader)[rated[0]] == (-1, False)


async def test_the_same_again_changes_nothing(
    client: AsyncClient, reader: Any, rated: list[int], stored: Callable[[], Any], clock: Any
) -> None:
    _, before = stored()
    clock.now = clock.now.replace(hour=9)

    answer = await client.post(
        f"{reader.me}/ratings", data={"action": "rate", "paper": str(rated[0]), "vote": "up"}
    )

    assert answer.status_code == 303
    assert "change=" not in answer.headers["Location"]
    assert stored()[1] == before


@pytest.mark.parametrize("vote", list(Vote))
async def test_no_paper_is_rated_that_was_not_before(
    client: AsyncClient, reader: Any, rated: list[int], stored: Callable[[], Any], vote: Vote
) -> None:
    unrated = reader.issue.entries[5].paper_id
    _, before = stored()

    for paper in (unrated, 999_999):
        form = {"action": "rate", "paper": str(paper), "vote": vote}
        answer = await client.post(f"{reader.me}/ratings", data=form)
        assert answer.status_code == 422
        assert "That paper is not among your ratings any more." in answer.text

    assert len(rated) == 3
    assert stored()[1] == before


async def test_ratings_are_searched_and_paged_the_newest_first(
    client: AsyncClient, reader: Any, clock: Any
) -> None:
    with reader.services.database.write() as session:
        for number, entry in enumerate(reader.issue.entries):
            rated_at = clock.now.replace(minute=number)
            ratings.put(
                session,
                reader.subscriber.id,
                Rating(entry.paper_id, 1, saved=False, rated_at=rated_at),
            )

    page = (await client.get(f"{reader.me}/ratings")).text
    found = (await client.get(f"{reader.me}/ratings", params={"q": "number 7"})).text

    assert page.index("Paper number 10") < page.index("Paper number 9")
    assert page.index("Paper number 9") < page.index("Paper number 2")
    assert "1 paper found" in found
    assert "Paper number 8" not in found
