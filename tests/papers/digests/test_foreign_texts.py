"""What people save from spreadsheets, listings and calendars is read, or refused with a fix."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
PAPERS = "## Birds of meadows\n\nWe listen to birds.\n\n## Mice of meadows\n\nWe look at mice.\n"


def read(text: str) -> Digest:
    return parse_digest(text.encode(), today=TODAY)


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(DigestError) as caught:
        read(text)
    return caught.value.where, caught.value.message


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "head", ["title abstract", "Title Authors Abstract", '"id" "Title" "Year" "Summary"']
)
def test_values_of_a_spreadsheet_are_called_so(head: str, separator: str) -> None:
    columns = separator.join(head.split())
    row = separator.join(f"Cell {n} of it." for n in range(len(head.split())))
    where, message = refusal(f"{columns}\n{row}\n{row}\n")
    assert where == "line 1"
    assert "save them as JSON Lines" in message


def test_rows_of_cells_without_names_of_columns_are_called_so() -> None:
    rows = [f"{n}\tMoss in winter, part {n}\tAnn Bee, Max Roe\tMosses" for n in range(1, 4)]
    where, message = refusal("\n".join(["Papers of the week", *rows, ""]))
    assert where == "line 2"
    assert "values of a spreadsheet" in message


def test_an_export_without_abstracts_is_called_so() -> None:
    _, message = refusal('"PMID","Title","Authors","Year"\n"1","Moss","Bee A","2026"\n')
    assert "values of a spreadsheet" in message


def test_a_title_about_titles_is_no_spreadsheet() -> None:
    text = "Title, keywords, and abstract of a paper\n\nWe look at what is read first.\n"
    assert len(read(text).entries) == 1


@pytest.mark.parametrize(
    "heading",
    ["Week 3, 2025", "# Week 3, 2025", "# Papers of week 3 of 2025", "KW 3/2025", "# 2025-W03"],
)
def test_a_week_is_no_day_and_is_not_taken_for_today(heading: str) -> None:
    where, message = refusal(f"{heading}\n\n{PAPERS}")
    assert (where, "is a week" in message) == ("line 1", True)


@pytest.mark.parametrize(
    "heading",
    [
        "Daily papers for 01/13/25",
        "# Daily papers for 01/13/25",
        "Papers of week 3, 13 January 2025",
        "# ٢٠٢٥-٠١-١٣",
        "١٣ January ٢٠٢٥",
        "２０２５年１月１３日",
    ],
)
def test_a_day_of_one_reading_is_read_in_any_digits(heading: str) -> None:
    assert read(f"{heading}\n\n{PAPERS}").date == date(2025, 1, 13)
    turns = "Birds of meadows\n\nWe listen to birds.\n"
    if not heading.startswith("#"):
        assert read(f"{heading}\n\n{turns}").date == date(2025, 1, 13)


def test_a_column_of_papers_is_one_of_titles_unless_another_is() -> None:
    row = "| {0} | https://arxiv.org/abs/2511.00001 | We listen to birds. |\n"
    head = "| {0} | {1} | Abstract |\n|--|--|--|\n"
    for names in (("Paper", "Link"), ("Title", "Paper"), ("Papers", "URL")):
        [entry] = read(head.format(*names) + row.format("Birds of meadows")).entries
        assert (entry.title, entry.arxiv_id) == ("Birds of meadows", "2511.00001")
    assert "0 columns for the title" in refusal(head.format("Paper", "Papers") + row)[1]


LISTED = """[{0}] arXiv:2511.0000{0} [pdf, html, other]
Title: {1} of meadows
{2}
Comments: 12 pages
Subjects: Machine Learning (cs.LG); Artificial Intelligence (cs.AI)
"""


@pytest.mark.parametrize("label", ["", "Authors: "])
def test_what_is_copied_from_a_listing_of_arxiv_is_read(label: str) -> None:
    text = "".join(
        LISTED.format(number, name, f"{label}Ann Example, Bob Sample")
        + f"\nWe study {name} in the field, and say what that means for all of them.\n"
        for number, name in enumerate(("Plants", "Birds"), start=1)
    )
    digest = read(f"Showing new listings for Thursday, 27 November 2025\n{text}")
    assert digest.date == date(2025, 11, 27)
    assert [(each.title, each.arxiv_id, each.authors) for each in digest.entries] == [
        ("Plants of meadows", "2511.00001", ("Ann Example", "Bob Sample")),
        ("Birds of meadows", "2511.00002", ("Ann Example", "Bob Sample")),
    ]


def test_a_listing_without_abstracts_is_refused_for_them() -> None:
    text = "".join(LISTED.format(n, name, "Ann Example") for n, name in ((1, "Plants"), (2, "A")))
    assert "a title without an abstract" in refusal(text)[1]


@pytest.mark.parametrize("head", ["", "# Papers 2026-03-19\n\n"])
@pytest.mark.parametrize("votes", ["⬆️ 3 upvotes · ", "▲ 3 · ", "👍 3 | "])
def test_authors_behind_votes_below_a_heading_are_no_titles(head: str, votes: str) -> None:
    papers = "".join(
        f"## {title}\n{votes}{names} · [arXiv](https://arxiv.org/abs/2603.0000{number})\n\n"
        f"We {verb} for two years. There are many of them, as we show with cameras.\n\n"
        for number, (title, names, verb) in enumerate(
            [
                ("Birds of all meadows", "Ann Bee, Bob Cee", "listen to birds"),
                ("Mice of all meadows", "Max Roe, Jo Poe", "look at mice"),
            ]
        )
    )
    assert [(entry.title, entry.authors) for entry in read(f"{head}{papers}").entries] == [
        ("Birds of all meadows", ("Ann Bee", "Bob Cee")),
        ("Mice of all meadows", ("Max Roe", "Jo Poe")),
    ]


@pytest.mark.parametrize(
    "abstract",
    [
        "湖泊逐年变暖，鱼类明显减少，水草增多，冬季缩短，实验表明该方法误差降低37%。",
        "湖泊变暖。鱼类减少，水草增多，冬季缩短，水位下降，居民担忧。",
        "在六个山地湖泊的观测中，鱼类减少，水草增多，冬季缩短，本文提出一种解释方法。",
    ],
)
def test_clauses_of_chinese_are_no_names(abstract: str) -> None:
    people = "作者：李山，王湖，陈雪"
    digest = read(f"2026年3月9日\n\n## 湖泊为何变暖\n\n{people}\n\n摘要：{abstract}\n")
    assert [(each.title, each.abstract) for each in digest.entries] == [("湖泊为何变暖", abstract)]


def test_chinese_names_in_place_of_an_abstract_are_none() -> None:
    _, message = refusal("2026年3月9日\n\n## 湖泊为何变暖\n\n李山，王湖，陈雪，赵鱼，孙草。\n")
    assert "names stand in its place" in message
