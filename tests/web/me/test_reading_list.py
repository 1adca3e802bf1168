"""A subscriber's page of what they mean to read."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from recommender.domain import Vote
from recommender.store import ratings


async def test_a_saved_paper_stands_on_the_reading_list_until_it_is_removed(
    client: AsyncClient, reader: Any
) -> None:
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "up"})
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})
    saved = (await client.get(f"{reader.me}/list")).text
    overview = (await client.get(reader.me)).text
    paper_id = reader.issue.entries[1].paper_id
    removed = await client.post(
        f"{reader.me}/list", data={"action": "remove", "paper": str(paper_id)}
    )
    page = (await client.get(f"{reader.me}/list?done=removed")).text

    assert "Remove from the reading list: Paper number 2" in saved
    assert "1 paper saved" in overview
    assert removed.headers["Location"] == f"../..{reader.me}/list?done=removed&change=1#answer"
    assert 'id="answer"' in page
    assert "Paper number 2" not in page
    with reader.services.database.read() as session:
        (rating,) = ratings.of_subscriber(session, reader.subscriber.id)
    assert (rating.value, rating.saved) == (1, False)
