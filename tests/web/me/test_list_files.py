"""A reading list as files and as a feed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from httpx import AsyncClient

from recommender.domain import Paper, PaperNote, Vote
from recommender.jobs.people.list_export import FORMATS
from recommender.jobs.people.rated_papers import RatedPaper
from recommender.papers.references.references import read_references
from recommender.store import paper_notes

ATOM = "{http://www.w3.org/2005/Atom}"
# The second paper has an address; the first has hostile text in every field.
NOTE = '=HYPERLINK("x")\n10.1000/other } \\'


@pytest.fixture
async def saved(client: AsyncClient, reader: Any) -> Any:
    for position in (1, 2):
        await client.post(reader.rate(position, Vote.SAVE), data={"vote": "save"})
    with reader.services.database.write() as session:
        first = reader.issue.entries[0].paper_id
        paper_notes.put(
            session, reader.subscriber.id, PaperNote(first, note=NOTE, tags=("a & b", "{c}"))
        )
    return reader


@pytest.mark.parametrize("suffix", ["bib", "ris"])
async def test_our_own_readers_read_what_is_written(
    client: AsyncClient, saved: Any, suffix: str
) -> None:
    answer = await client.get(f"{saved.me}/list.{suffix}")

    read = read_references(answer.content)
    assert read.unread == ()
    # Markup in a title is taken for markup, whoever wrote it.
    assert {entry.title for entry in read.entries} == {'& "quotes"', "Paper number 2"}
    assert {entry.authors for entry in read.entries} == {saved.issue.entries[0].authors}
    assert not [entry.doi for entry in read.entries if entry.doi], "what a note names is no paper"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="reading-list.{suffix}"'
    assert answer.headers["Cache-Control"] == "no-store"


async def test_csl_json_has_names_in_parts(client: AsyncClient, saved: Any) -> None:
    items = json.loads((await client.get(f"{saved.me}/list.json")).content)

    by_title = {item["title"]: item for item in items}
    assert by_title["Paper number 2"]["author"][0] == {"family": "Example", "given": "Ada"}
    assert by_title[saved.issue.entries[0].title]["note"] == NOTE
    assert len({item["id"] for item in items}) == 2


async def test_no_cell_of_the_table_is_run(client: AsyncClient, saved: Any) -> None:
    content = (await client.get(f"{saved.me}/list.csv")).content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(content)))
    assert rows[0]["title"] == "Paper number 2"
    assert rows[1]["note"] == f"'{NOTE}"
    assert rows[1]["tags"] == "a & b, {c}"


def test_address_in_the_table_is_a_uri() -> None:
    moment = datetime(2026, 3, 11, 7, tzinfo=UTC)
    paper = Paper(1, "Nets", "", (), None, None, 'https://example.org/?b="x"', None, moment)
    table = FORMATS["csv"].write([RatedPaper(paper, 0, True, moment, PaperNote(1))])
    (row,) = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    assert row["url"] == "https://example.org/?b=%22x%22"


async def test_the_feed_has_what_was_saved_and_its_address_opens_nothing_else(
    client: AsyncClient, saved: Any, stored: Callable[[], Any]
) -> None:
    page = (await client.get(f"{saved.me}/list")).text
    url = page.partition('<a class="address" href="')[2].partition('"')[0]
    path = url.removeprefix(saved.services.site.base_url)
    before = stored()

    answer = await client.get(path)

    feed = ET.fromstring(answer.content)  # noqa: S314, our own
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Paper number 2", saved.issue.entries[0].title]
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    assert answer.headers["Cache-Control"] == "no-store"
    assert stored() == before
    token = path.split("/")[2]
    assert token not in answer.text
    assert (await client.get(f"/me/{token}")).status_code == 404
    assert (await client.post(f"/me/{token}", data={"action": "export"})).status_code == 404
    assert (await client.get(f"{saved.me}/list.atom")).status_code == 404

    await client.post(saved.me, data={"action": "end-links"})
    assert (await client.get(path)).status_code == 410
