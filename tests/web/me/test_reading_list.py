"""A subscriber's page of what they mean to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.domain import Rating, Vote
from recommender.membership.paper_notes import NOTE_MAX_CHARACTERS
from recommender.store import paper_notes, papers, ratings
from recommender.store.papers import NewPaper

HOSTILE = "</textarea><script>alert('note')</script>"


@pytest.fixture
async def listed(client: AsyncClient, reader: Any) -> list[int]:
    """Save the second and third paper; gives their ids."""
    for position in (2, 3):
        await client.post(reader.rate(position, Vote.SAVE), data={"vote": "save"})
    return [reader.issue.entries[at].paper_id for at in (1, 2)]


def notes_of(reader: Any) -> Any:
    with reader.services.database.read() as session:
        return paper_notes.of_subscriber(session, reader.subscriber.id)


async def test_a_removed_paper_stands_where_it_stood_with_the_button_that_brings_it_back(
    client: AsyncClient, reader: Any, listed: list[int]
) -> None:
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "up"})
    page_of = f"{reader.me}/list"
    removed = await client.post(page_of, data={"action": "remove", "paper": str(listed[0])})
    answered = (await client.get(removed.headers["Location"].removeprefix("../.."))).text
    later = (await client.get(page_of)).text

    assert removed.headers["Location"].endswith(
        f"/list?done=removed&paper={listed[0]}&change=1#answer"
    )
    item = answered.partition(f'id="paper-{listed[0]}"')[2].partition("</li>")[0]
    assert "Removed from your reading list." in item
    assert ">Undo</button>" in item
    assert "Mark read" not in item
    assert f'id="paper-{listed[1]}"' in answered
    assert "Paper number 2" not in later
    with reader.services.database.read() as session:
        said = ratings.of_paper(session, reader.subscriber.id, listed[0])
    assert said is not None
    assert (said.value, said.saved) == (1, False)


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        ("show=unread", {"action": "read"}),
        ("q=later", {"action": "note", "note": "now", "tags": ""}),
        ("tag=soon", {"action": "note", "note": "", "tags": ""}),
    ],
)
async def test_a_paper_that_is_not_asked_for_any_more_stands_there_with_its_answer(
    client: AsyncClient, reader: Any, listed: list[int], asked: str, form: Any
) -> None:
    page_of, paper = f"{reader.me}/list", str(listed[0])
    noted = {"action": "note", "paper": paper, "note": "later", "tags": "soon"}
    await client.post(page_of, data=noted)
    pressed = await client.post(f"{page_of}?{asked}", data={**form, "paper": paper})
    answered = (await client.get(pressed.headers["Location"].removeprefix("../.."))).text
    later = (await client.get(f"{page_of}?{asked}")).text

    item = answered.partition(f'id="paper-{paper}"')[2].partition("</li>")[0]
    assert 'id="answer"' in item
    assert ">Undo</button>" in item
    assert f'id="paper-{paper}"' not in later


async def test_read_marks_notes_and_tags_are_kept_and_shown_as_text(
    client: AsyncClient, reader: Any, listed: list[int], clock: Any
) -> None:
    paper, page_of = str(listed[0]), f"{reader.me}/list"
    fields = {"action": "note", "paper": paper, "note": HOSTILE, "tags": '#<b>, "to cite"; <B>'}
    await client.post(page_of, data={"action": "read", "paper": paper})
    noted = await client.post(page_of, data=fields)
    page = (await client.get(noted.headers["Location"].removeprefix("../.."))).text

    note = notes_of(reader)[listed[0]]
    assert (note.read_at, note.note, note.tags) == (clock.now, HOSTILE, ("<b>", '"to cite"'))
    assert "<script>" not in page
    assert "<b>" not in page
    assert 'aria-pressed="true">Read</button>' in page
    assert "list?tag=%3Cb%3E" in page

    await client.post(page_of, data={"action": "unread", "paper": paper})
    await client.post(page_of, data={**fields, "note": " \r\n", "tags": ""})
    assert notes_of(reader) == {}


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"note": "x" * (NOTE_MAX_CHARACTERS + 1)}, "note", "This note has 2,001 characters"),
        ({"tags": ",".join(map(str, range(11)))}, "tags", "These are 11 tags; 10 are possible"),
        ({"tags": "x" * 41}, "tags", "longer than 40 characters"),
    ],
)
async def test_too_long_a_note_is_said_at_its_field_and_stays_as_typed(
    *,
    client: AsyncClient,
    reader: Any,
    listed: list[int],
    typed: dict[str, str],
    field: str,
    words: str,
) -> None:
    form = {"action": "note", "paper": str(listed[0]), "note": "<i>", "tags": "<u>", **typed}

    answer = await client.post(f"{reader.me}/list", data=form)

    assert answer.status_code == 422
    assert words in answer.text.partition(f'id="{field}-problem" role="alert">')[2]
    assert answer.text.count('aria-invalid="true" autofocus') == 1
    assert answer.text.count("<details open>") == 1
    assert typed[field] in answer.text
    assert "<u>" not in answer.text
    assert "<i>" not in answer.text
    assert notes_of(reader) == {}


@pytest.mark.parametrize("action", ["read", "unread", "note"])
async def test_what_is_not_on_the_list_has_no_notes(
    client: AsyncClient, reader: Any, stored: Callable[[], Any], action: str
) -> None:
    form = {"action": action, "paper": str(reader.issue.entries[4].paper_id)}
    before = stored()

    answer = await client.post(f"{reader.me}/list", data={**form, "note": "x", "tags": "y"})

    assert answer.status_code == 422
    assert "That paper is not on your list any more." in answer.text
    assert stored() == before


async def test_a_note_outlives_the_papers_place_on_the_list(
    client: AsyncClient, reader: Any, listed: list[int]
) -> None:
    form = {"paper": str(listed[0]), "note": "Try this.", "tags": ""}
    await client.post(f"{reader.me}/list", data={"action": "note", **form})
    await client.post(f"{reader.me}/list", data={"action": "remove", **form})
    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})

    assert "Try this." in (await client.get(f"{reader.me}/list")).text


async def test_word_as_long_as_a_title_is_shortened_wherever_the_title_stands(
    client: AsyncClient, reader: Any
) -> None:
    title = "Knots" * 196
    with reader.services.database.write() as session:
        (paper_id,) = papers.add(
            session,
            [
                NewPaper(
                    title=title,
                    title_key=title.lower(),
                    abstract="",
                    authors=(),
                    arxiv_id=None,
                    doi=None,
                    url="https://example.org/knots",
                    published_at=None,
                    first_seen_at=reader.services.clock(),
                )
            ],
        )
        saved = Rating(paper_id, 0, saved=True, rated_at=reader.services.clock())
        ratings.put(session, reader.subscriber.id, saved)
    for page in ("list", "ratings"):
        shown = (await client.get(f"{reader.me}/{page}")).text
        assert f'<a href="https://example.org/knots" rel="noopener" title="{title}">' in shown
        assert shown.count(title) == 1
        assert f"{title[:59]}…" in shown


async def test_a_list_is_searched_sorted_and_paged_and_what_was_asked_for_stays(
    client: AsyncClient, reader: Any
) -> None:
    now = reader.services.clock()
    with reader.services.database.write() as session:
        ids = papers.add(
            session,
            [
                NewPaper(
                    title=f"Knots {chr(ord('z') - number)}",
                    title_key=f"knots{number}",
                    abstract="",
                    authors=("Łukasz Example",),
                    arxiv_id=None,
                    doi=None,
                    url=None,
                    published_at=None,
                    first_seen_at=now,
                )
                for number in range(25)
            ],
        )
        for number, paper_id in enumerate(ids):
            saved_at = now + timedelta(minutes=number)
            rating = Rating(paper_id, 0, saved=True, rated_at=saved_at)
            ratings.put(session, reader.subscriber.id, rating)
    page_of = f"{reader.me}/list"

    first = (await client.get(page_of, params={"q": "LUKASZ knots", "sort": "title"})).text
    second = await client.get(page_of, params={"q": "knots", "sort": "title", "page": "2"})
    beyond = (await client.get(page_of, params={"page": "999"})).text
    none = (await client.get(page_of, params={"q": '"><script>'})).text
    read = await client.post(
        f"{page_of}?q=knots&sort=title&page=2&done=removed",
        data={"action": "read", "paper": str(ids[0])},
    )

    assert "25 papers found" in first
    assert first.index("Knots b") < first.index("Knots c") < first.index("Knots u")
    assert "Knots v" not in first
    assert "Knots v" in second.text
    assert "Page 2 of 2" in second.text
    assert "?q=knots&amp;sort=title&amp;show=all&amp;tag=&amp;page=1" in second.text
    assert "Page 2 of 2" in beyond
    assert "No saved paper has all of that." in none
    assert "<script>" not in none
    location = read.headers["Location"]
    assert location.endswith(
        f"/list?q=knots&sort=title&page=2&done=read&paper={ids[0]}&change=1#answer"
    )
    unread = (await client.get(page_of, params={"show": "unread"})).text
    assert "24 papers found" in unread


async def test_an_empty_list_says_how_it_fills(client: AsyncClient, reader: Any) -> None:
    page = (await client.get(f"{reader.me}/list?sort=x&show=y&page=-1&paper=z")).text

    assert "Empty. Tap 🔖 Save" in page
    assert "list.bib" not in page


async def test_the_overview_of_who_only_saved_says_that_saves_count(
    client: AsyncClient, reader: Any
) -> None:
    assert "Nothing rated yet" in (await client.get(reader.me)).text

    await client.post(reader.rate(2, Vote.SAVE), data={"vote": "save"})

    overview = (await client.get(reader.me)).text
    assert "what you save counts too" in overview
    assert "Nothing rated yet" not in overview
