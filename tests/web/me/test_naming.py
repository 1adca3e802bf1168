"""Papers that a reader names on their own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from recommender.store import known_papers, papers
from recommender.web.me.naming import BODY_LIMIT_BYTES

BIBTEX = b"@article{a, title={Kneading <b>bold</b> <x> & more}, eprint={1706.03762}}\n@broken{"


def known_titles(reader: Any) -> list[str]:
    with reader.services.database.read() as session:
        named = known_papers.named(session, reader.subscriber.id)
        known = papers.by_ids(session, [each.paper_id for each in named])
    return [paper.title for paper in known.values()]


async def test_the_page_of_interests_asks_for_papers(client: AsyncClient, reader: Any) -> None:
    page = (await client.get(f"{reader.me}/interests")).text
    token = reader.me.rpartition("/")[2]

    assert "Papers you know" in page
    assert f'action="../../me/{token}/papers" enctype="multipart/form-data"' in page


async def test_pasted_papers_are_saved_and_the_rest_is_told_line_by_line(
    client: AsyncClient, reader: Any
) -> None:
    lines = "2603.00001\r\n<i>words</i>\r\n10.1000/x\r\n"

    answer = await client.post(f"{reader.me}/papers", data={"references": lines})

    assert answer.status_code == 200
    assert "<li>2603.00001</li>" in answer.text
    assert "<li>10.1000/x</li>" in answer.text
    assert f'href="../..{reader.me}/interests#papers-you-know"' in answer.text
    assert "<li>line 2: no arXiv id or DOI in “&lt;i&gt;words&lt;/i&gt;”</li>" in answer.text
    page = (await client.get(f"{reader.me}/interests")).text
    assert ">pruning, 2603.00001, 10.1000/x</textarea>" in page


async def test_an_uploaded_file_is_known_and_stands_on_no_list(
    client: AsyncClient, reader: Any
) -> None:
    answer = await client.post(
        f"{reader.me}/papers",
        data={"references": ""},
        files={"file": ("library.bib", BIBTEX, "application/x-bibtex")},
    )
    page = (await client.get(f"{reader.me}/interests")).text

    assert answer.status_code == 200
    assert "<li>Kneading bold &lt;x&gt; &amp; more</li>" in answer.text
    assert "line 2: no whole BibTeX entry" in answer.text
    assert known_titles(reader) == ["Kneading bold <x> & more"]
    assert "Forget Kneading bold &lt;x&gt; &amp; more" in page
    assert "Kneading" not in (await client.get(f"{reader.me}/list")).text
    assert "Kneading" not in (await client.get(f"{reader.me}/ratings")).text


@pytest.mark.parametrize(
    ("typed", "file", "said"),
    [
        ("", b"", "Nothing was added: write an arXiv id or a DOI, or choose a file."),
        ("", b"%PDF-1.7", "a PDF, not text"),
        ("", b"1706.03762\n\0", "line 2: a sign that text does not have"),
        ("1706.03762", BIBTEX, "one by one"),
        ("\n".join(f"1706.{n:05}" for n in range(501)), b"", "at most 500 at a time"),
    ],
)
async def test_what_cannot_be_read_is_said_and_nothing_is_saved(
    *,
    client: AsyncClient,
    reader: Any,
    stored: Callable[[], Any],
    typed: str,
    file: bytes,
    said: str,
) -> None:
    before = stored()

    answer = await client.post(
        f"{reader.me}/papers", data={"references": typed}, files={"file": ("x", file)}
    )

    assert answer.status_code == 422
    problem = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert said in problem
    assert stored() == before


async def test_a_form_as_large_as_a_library_is_taken_and_a_larger_one_is_not(
    client: AsyncClient, reader: Any
) -> None:
    comment = b"%" + b" " * 990_000
    taken = await client.post(f"{reader.me}/papers", files={"file": ("a", BIBTEX + comment)})
    refused = await client.post(
        f"{reader.me}/papers", files={"file": ("a", b" " * (BODY_LIMIT_BYTES + 1))}
    )

    assert (taken.status_code, refused.status_code) == (200, 413)


async def test_two_files_are_refused(client: AsyncClient, reader: Any) -> None:
    files = [("file", ("a", BIBTEX)), ("file", ("b", BIBTEX))]

    answer = await client.post(f"{reader.me}/papers", files=files)

    assert answer.status_code == 400
    assert known_titles(reader) == []


async def test_a_form_from_another_site_saves_nothing(client: AsyncClient, reader: Any) -> None:
    answer = await client.post(
        f"{reader.me}/papers",
        data={"references": BIBTEX.decode()},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403
    assert known_titles(reader) == []


async def test_only_a_link_to_the_preferences_saves(client: AsyncClient, reader: Any) -> None:
    token = reader.unsubscribe.rpartition("/")[2]

    answer = await client.post(f"/me/{token}/papers", data={"references": "1706.03762"})

    assert answer.status_code == 404


async def test_opening_the_forms_address_leads_to_the_form(
    client: AsyncClient, reader: Any, stored: Callable[[], Any]
) -> None:
    before = stored()

    answer = await client.get(f"{reader.me}/papers")

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"../..{reader.me}/interests#papers-you-know"
    assert stored() == before


async def test_the_answer_cannot_be_cached_or_framed(client: AsyncClient, reader: Any) -> None:
    answer = await client.post(f"{reader.me}/papers", data={"references": "1706.03762"})

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"


async def test_what_was_named_is_forgotten_by_one_or_all_and_that_is_undone(
    client: AsyncClient, reader: Any
) -> None:
    page_of = f"{reader.me}/interests"
    two = BIBTEX.replace(b"@broken{", b"@article{b, title={Rising}}")
    await client.post(f"{reader.me}/papers", files={"file": ("x", two)})
    with reader.services.database.read() as session:
        first = known_papers.named(session, reader.subscriber.id)[0].paper_id

    pressed = await client.post(page_of, data={"action": "forget-known", "paper": str(first)})
    assert known_titles(reader) == ["Rising"]
    page = (await client.get(pressed.headers["Location"].removeprefix("../.."))).text
    assert 'id="answer"' in page.partition('id="papers-you-know"')[2].partition("</section>")[0]
    undone = await client.post(page_of, data={"action": "undo", "change": "1"})
    assert undone.headers["Location"].endswith("/interests?done=undone-known#answer")
    assert len(known_titles(reader)) == 2
    await client.post(page_of, data={"action": "forget-known"})
    assert known_titles(reader) == []
    await client.post(page_of, data={"action": "undo", "change": "2"})
    assert len(known_titles(reader)) == 2


async def test_what_cannot_be_added_stays_typed_beside_the_problem(
    client: AsyncClient, reader: Any
) -> None:
    typed = "\n".join(f"1706.{number:05}" for number in range(501))

    answer = await client.post(f"{reader.me}/papers", data={"references": typed})

    form = answer.text.partition('id="papers-you-know"')[2].partition("</form>")[0]
    assert "<details open>" in form
    assert "Nothing was added: 501 papers; at most 500 at a time" in form
    assert 'aria-invalid="true" autofocus aria-describedby="references-problem"' in form
    assert ">1706.00000\n1706.00001\n" in form
    # Whatever is pressed on this page goes to the address that takes it.
    assert 'method="post">' not in answer.text
