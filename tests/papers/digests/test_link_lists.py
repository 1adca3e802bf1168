"""Lists of papers without abstracts are read where each line is a title and its own identifier."""

from __future__ import annotations

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, NAMES, PEOPLE, TITLES, printed, read

TABLE = "|Publish Date|Title|Authors|PDF|Code|\n|---|---|---|---|---|\n"


def of(form: str, **other: str) -> str:
    return printed(
        lambda n: form.format(
            title=TITLES[n], names=NAMES[n], id=IDS[n], url=f"https://arxiv.org/abs/{IDS[n]}", n=n
        ),
        **other,
    )


def said(digest: Digest) -> list[tuple[str, str, str | None]]:
    return [(entry.title, entry.abstract, entry.arxiv_id) for entry in digest.entries]


@pytest.mark.parametrize(
    "form",
    [
        *("- [{title}]({url})\n", "{n}. [{title}]({url})\n", "## {title}\n{url}\n\n"),
        *("- {title} {url}\n", "{title}\n{url}\n\n", "* {title} (arXiv:{id})\n"),
        *("1. **{title}** [[arXiv]({url})] [[code](https://code.example/{n})]\n",),
        *("## Topic {n}\n\n- [{title}]({url})\n\n", "- {title} — <{url}>\n"),
    ],
)
def test_titles_with_an_identifier_each_are_papers(form: str) -> None:
    digest = read(of(form.replace("1. **", "- **")))
    assert said(digest) == [(t, "", i) for t, i in zip(TITLES, IDS, strict=True)]
    assert str(digest.date) == "2026-03-11"


@pytest.mark.parametrize(
    "form", ["- [{title}]({url}) — {names}\n", "- [{title}]({url})\n  - {names}\n"]
)
def test_authors_of_such_lists_are_read(form: str) -> None:
    digest = read(of(form))
    assert [(entry.title, entry.authors) for entry in digest.entries] == [
        (title, people) for title, people in zip(TITLES, PEOPLE, strict=True)
    ]


@pytest.mark.parametrize(
    "form",
    [
        *(
            "- [{names}]({url})\n",
            "- [Read the paper]({url})\n",
            "- [{title}]({url}): a nice one\n",
        ),
        *("- [{title} — {names}]({url})\n", "- [{title}](https://arxiv.org/abs/2603.00009)\n"),
        *(
            "- [{title}]({url}) ([v](https://arxiv.org/abs/2603.00009))\n",
            "- [{title}](https://a.b)\n",
        ),
        *("**Birds {n}**\nBirds sing in meadows\n{url}\n\n", "**{title}**\n{names}\n{url}\n\n"),
        "**Birds {n}**\nBirds sing in meadows [...]\n{url}\n\n",
    ],
)
def test_what_may_be_no_title_or_no_address_is_refused(form: str) -> None:
    with pytest.raises(DigestError):
        read(of(form))


@pytest.mark.parametrize(
    "line",
    [
        *(
            "- Ferns of all walls",
            "- **Ferns of all walls**",
            "## Ferns of all the old walls here\n",
        ),
        *("- [Ferns of all walls](https://fern.example)", "We met, and liked all of these papers."),
    ],
)
def test_a_line_that_has_no_place_refuses_the_list(line: str) -> None:
    text = of("- [{title}]({url})\n")
    with pytest.raises(DigestError):
        read(text.replace(f"- [{TITLES[1]}", f"{line}\n- [{TITLES[1]}"))


def test_a_list_that_breaks_off_within_an_address_is_refused() -> None:
    with pytest.raises(DigestError):
        read(of("{title}\n{url}\n\n").rstrip()[:-1])


def test_a_table_without_abstracts_is_read_where_each_row_has_an_identifier() -> None:
    row = "|**2026-03-0{n}**|**{title}**|{names} et.al.|[{id}]({url})|null|\n"
    digest = read(of(row.replace("0{n}", "1{n}"), head=f"## Updated on 2026.03.11\n\n{TABLE}"))
    assert said(digest) == [(t, "", i) for t, i in zip(TITLES, IDS, strict=True)]
    assert [entry.authors for entry in digest.entries] == list(PEOPLE)
    assert str(digest.entries[1].published_at)[:10] == "2026-03-11"
    with pytest.raises(DigestError):
        read(of("|2026-03-10|{title}|{names}|[code](https://code.example)|null|\n", head=TABLE))


def test_a_column_that_may_have_abstracts_is_not_left_out() -> None:
    head = "|Title|What it says|PDF|\n|---|---|---|\n"
    with pytest.raises(DigestError, match="may have abstracts"):
        read(of(f"|{{title}}|{ABSTRACTS[0]}|{{url}}|\n", head=head))
