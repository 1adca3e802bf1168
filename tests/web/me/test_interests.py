"""A subscriber's page of what they like, as they said it and as it was learned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from httpx import AsyncClient

from recommender.domain import Vote
from recommender.store import term_ratings

TASTE = {
    "action": "change",
    "interests": "knots <b>& braids</b>",
    "followed": "Ada <i>Example</i>\r\nknot theory",
    "blocked": "braid </textarea>",
}


async def test_what_they_say_is_kept_and_shown_as_text(client: AsyncClient, reader: Any) -> None:
    pressed = await client.post(f"{reader.me}/interests", data=TASTE)
    page = (await client.get(f"{reader.me}/interests?done=changed")).text

    assert pressed.headers["Location"] == f"../..{reader.me}/interests?done=changed&change=1#answer"
    assert 'id="answer"' in page.partition('id="taste"')[2].partition("</form>")[0]
    assert "knots &lt;b&gt;&amp; braids&lt;/b&gt;</textarea>" in page
    assert ">Ada &lt;i&gt;Example&lt;/i&gt;\nknot theory</textarea>" in page
    assert ">braid &lt;/textarea&gt;</textarea>" in page


async def test_what_cannot_be_followed_is_said_in_words_and_stays_as_typed(
    client: AsyncClient, reader: Any
) -> None:
    answer = await client.post(f"{reader.me}/interests", data={**TASTE, "followed": "the <b>"})

    problem = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert problem.startswith("“the &lt;b&gt;” tells no papers apart")
    assert ">the &lt;b&gt;</textarea>" in answer.text
    assert ">braid &lt;/textarea&gt;</textarea>" in answer.text


async def test_learned_words_can_be_wanted_more_and_less_and_that_can_be_forgotten(
    client: AsyncClient, reader: Any
) -> None:
    page_of = f"{reader.me}/interests"
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    learned = (await client.get(page_of)).text
    less = await client.post(page_of, data={"action": "less", "words": "pruning"})
    rated = (await client.get(f"{page_of}?done=less")).text
    with reader.services.database.read() as session:
        (rating,) = term_ratings.of_subscriber(session, reader.subscriber.id)
    forgotten = await client.post(page_of, data={"action": "forget", "words": "pruning"})
    page = (await client.get(f"{page_of}?done=forgotten")).text

    assert 'aria-label="Less of pruning"' in learned
    assert 'aria-label="More of pruning"' in learned
    assert less.headers["Location"] == f"../..{page_of}?done=less&change=1#answer"
    assert (rating.term, rating.words, rating.value) == ("pruning", "pruning", -1)
    assert 'id="answer"' in rated.partition('id="learned"')[2].partition("</section>")[0]
    assert "less of “pruning”" in rated
    assert 'aria-label="Forget that you want less of pruning"' in rated
    assert 'aria-label="Less of pruning"' not in rated
    assert forgotten.headers["Location"] == f"../..{page_of}?done=forgotten&change=2#answer"
    assert "You said" not in page


async def test_a_learned_word_that_is_forgotten_teaches_nothing_until_that_is_taken_back(
    client: AsyncClient, reader: Any
) -> None:
    page_of = f"{reader.me}/interests"
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    learned = (await client.get(page_of)).text
    words = {"words": "pruning"}
    forgotten = await client.post(page_of, data={"action": "forget-words", **words})
    page = (await client.get(f"{page_of}?done=words-forgotten")).text
    await client.post(page_of, data={"action": "forget", **words})
    again = (await client.get(page_of)).text

    assert 'aria-label="Forget pruning"' in learned
    assert forgotten.headers["Location"] == f"../..{page_of}?done=words-forgotten&change=1#answer"
    assert "tells nothing of what you like" in page
    assert "forget “pruning”" in page
    assert 'aria-label="Let pruning tell something again"' in page
    assert 'aria-label="More of pruning"' not in page
    assert 'aria-label="More of pruning"' in again
    assert "You said" not in again


async def test_words_that_are_no_button_of_the_page_are_refused(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    before = stored()

    answer = await client.post(f"{reader.me}/interests", data={"action": "more", "words": "!"})

    assert answer.status_code == 422
    assert "No such word was learned" in answer.text
    assert stored() == before


async def test_hostile_words_that_were_rated_are_shown_as_text(
    client: AsyncClient, reader: Any
) -> None:
    hostile = "\"><script>alert('words')</script>"
    await client.post(f"{reader.me}/interests", data={"action": "more", "words": hostile})

    page = (await client.get(f"{reader.me}/interests")).text

    assert "more of “&#34;&gt;&lt;script&gt;" in page
    assert "<script>" not in page


async def test_forgetting_all_takes_a_tick_and_is_undone_by_one_tap(
    client: AsyncClient, reader: Any, clock: Any
) -> None:
    page_of = f"{reader.me}/interests"
    await client.post(reader.rate(2, Vote.UP), data={"vote": "up"})
    await client.post(page_of, data={"action": "more", "words": "knots"})
    clock.now += timedelta(minutes=1)
    learned = (await client.get(page_of)).text

    refused = await client.post(page_of, data={"action": "forget-learned"})
    forgotten = await client.post(page_of, data={"action": "forget-learned", "sure": "yes"})
    page = (await client.get(forgotten.headers["Location"].removeprefix("../.."))).text
    rated = (await client.get(f"{reader.me}/ratings")).text
    undone = await client.post(page_of, data={"action": "undo", "change": "2"})
    told = (await client.get(undone.headers["Location"].removeprefix("../.."))).text

    assert refused.status_code == 422
    assert "Tick the box first" in refused.text.partition("<details open>")[2]
    assert "From 1 rating," in learned
    assert "From 0 ratings," in page, "what they state is no rating, and stays"
    assert "You said" not in page
    assert "What you rated up to Wednesday, 11 March 2026 was forgotten." in page
    assert "Paper number 2" in rated
    assert "From 1 rating," in told
    assert "more of “knots”" in told
    assert "was forgotten" not in told


async def test_authors_stand_apart_from_words(client: AsyncClient, reader: Any) -> None:
    for position in (2, 3, 4):
        await client.post(reader.rate(position, Vote.UP), data={"vote": "up"})

    page = (await client.get(f"{reader.me}/interests")).text

    words, _, rest = page.partition("<h3>You like</h3>")[2].partition("</ul>")
    authors = rest.partition('<ul class="words">')[2].partition("</ul>")[0]
    assert "pruning" in words
    assert "by Ada Example" not in words
    assert "by Ada Example" in authors
    assert "pruning" not in authors
