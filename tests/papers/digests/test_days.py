"""Papers of several days in one file belong to the day above them, or the file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import pytest
from common_digest_styles import COMMON
from digest_printing import Style
from digest_styles import STYLES

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
MANY = 15
# Prints a day of its own below another one.
DATED = [
    style for style in (*STYLES, *COMMON) if "date" in style.prints and style.name != "joined_days"
]


def paper(name: str, mark: str = "") -> str:
    return f"{mark}{name} of alpine meadows\n\nWe study {name}. It is good for mice and men.\n\n"


def days(text: str) -> str:
    """Return the days of a file and the first letters of the titles that they head."""
    digest = parse_digest(text.encode(), today=TODAY)
    listed: dict[date, str] = {}
    for entry in digest.entries:
        day = entry.listed_on or digest.date
        listed[day] = listed.get(day, "") + entry.title[0]
    assert digest.date == max(listed)
    return " ".join(f"{day:%d}{titles}" for day, titles in listed.items())


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(DigestError) as caught:
        parse_digest(text.encode(), today=TODAY)
    return caught.value.where, caught.value.message


@pytest.mark.parametrize(
    ("one", "other", "mark"),
    [
        ("Mar 12, 2026", "Mar 11, 2026", ""),
        ("Mar 12, 2026", "Mar 11, 2026", "## "),
        ("## Mar 12", "## Mar 11", "## "),
        ("# Papers of 12 March 2026", "# Papers of 11 March 2026", "## "),
        ("**2026-03-12**", "**2026-03-11**", "1. "),
        ("Daily papers - Mar 12, 2026", "Daily papers - Mar 11, 2026", ""),
        ("new\nby Ann\nMar 12", "new\nby Ann\nMar 11", ""),
        ("# New\n\nby Ann\n\n## Mar 12", "# New\n\nby Ann\n\n## Mar 11", "### "),
        ("Hi all,\n\nthe papers of 12 March 2026:", "Hi,\n\nthe papers of 11 March 2026:", "## "),
        ("# Issue of Mar 13, 2026\n\n## Mar 12", "## Mar 11", "### "),
        ("## Mar 13\n\n## Mar 12", "## Mar 11", "### "),
        ("## Mar 12\n\n### Plants", "### Animals\n\n## Mar 11", "#### "),
        ("Mar 12\n======", "Mar 11\n======", "### "),
    ],
)
def test_each_day_heads_the_papers_below_it(one: str, other: str, mark: str) -> None:
    text = f"{one}\n\n{paper('A', mark)}"
    below = f"{other}\n\n{paper('C', mark)}"
    assert days(text + below) == "12A 11C"
    if mark != "1. ":
        assert days(text + paper("B", mark) + below) == "12AB 11C"


def test_a_file_of_one_day_says_it_once() -> None:
    text = f"# Digest of 12 March 2026\n\nMar 12\n\n{paper('A', '## ')}{paper('B', '## ')}"
    digest = parse_digest(text.encode(), today=TODAY)
    assert digest.date == date(2026, 3, 12)
    assert [entry.listed_on for entry in digest.entries] == [None, None]


def test_days_between_tables_and_in_pasted_html_head_what_is_below_them() -> None:
    table = "| Title | Abstract |\n|--|--|\n| {0} | We study what grows on {0}. |\n\n"
    assert days(f"## Mar 12\n\n{table.format('A')}## Mar 11\n\n{table.format('B')}") == "12A 11B"
    part = "<h2>Mar {0}</h2><h3>{1} of meadows</h3><p>We study what grows on them.</p>"
    html = part.format(12, "A") + "\n" + part.format(11, "B")
    assert days(html + "\n") == "12A 11B"


def test_a_paper_of_two_days_is_listed_under_both() -> None:
    text = f"## Mar 12\n\n{paper('A', '### ')}{paper('B', '### ')}## Mar 11\n\n{paper('A', '### ')}"
    assert days(text) == "12AB 11A"


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        # Days below their papers, under a day of the whole.
        (
            f"Mar 12\n\n{paper('A', '# ')}Mar 10\n\n{paper('B', '# ')}Mar 11\n",
            "line 13",
            "with no paper below it",
        ),
        (
            f"{paper('A', '# ')}## Mar 12\n\n{paper('B', '# ')}## Mar 11\n",
            "line 5",
            "below a paper",
        ),
        (
            f"# Issue of 12 March 2026\n\nMar 11\n\n{paper('A', '## ')}{paper('B', '## ')}",
            "line 3",
            "2026-03-12 on line 1, above the same papers",
        ),
        (
            f"# Mar 12\n\n{paper('A', '## ')}Mar 11, 2026\n\n{paper('B', '## ')}",
            "line 7",
            "written otherwise than the day on line 1",
        ),
        (
            f"# Mar 12\n\n{paper('A', '## ')}# Mar 11\n\n{paper('B', '## ')}# More\n\n"
            + paper("C", "## "),
            "line 13",
            "names none",
        ),
        (
            f"# Mar 12\n\n{paper('A', '## ')}{paper('B', '## ')}Best,\nAnn\nMarch 13, 2026\n",
            "line 13",
            "with no paper below it",
        ),
        (
            "".join(f"Date: Mar 1{n}\n\n{paper(name, '## ')}" for n, name in enumerate("ABC")),
            "line 1",
            "a date above each title",
        ),
    ],
)
def test_a_day_that_may_head_others_refuses_the_file(text: str, where: str, told: str) -> None:
    found, message = refusal(text)
    assert (found, told in message) == (where, True), message


@pytest.mark.parametrize("mark", ["# {}", "**{}**", "{}"])
@pytest.mark.parametrize("day", ["{}-Mar-2026", "{}. marts 2026", "202603{}", "{} марта 2026"])
def test_days_of_other_languages_and_forms_head_what_is_below_them(mark: str, day: str) -> None:
    one, other = (mark.format(day.format(number)) for number in (12, 11))
    assert days(f"{one}\n\n{paper('A', '## ')}{other}\n\n{paper('B', '## ')}") == "12A 11B"


@pytest.mark.parametrize("mark", ["# ", "### ", "", "Date: "])
@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("3/11", "may be a day"),
        ("11 listopada 2026", "may be a day"),
        *((period, "a week, a month or a year without") for period in ("March 2026", "Week 3")),
        *((period, "a week, a month or a year without") for period in ("2026", "Papers of 2026")),
    ],
)
def test_a_heading_that_is_no_day_yet_does_not_mean_today(
    mark: str, heading: str, told: str
) -> None:
    found, message = refusal(f"{mark}{heading}\n\n{paper('A', '## ')}{paper('B', '## ')}")
    assert (found, told in message) == ("line 1", True), message
    if not mark.startswith("D"):
        table = "| Title | Abstract |\n|--|--|\n| A | We study what grows on A. |\n"
        assert refusal(f"{mark}{heading}\n\n{table}") == ("line 1", message)


def test_a_mail_of_a_week_is_of_the_day_on_which_it_was_sent() -> None:
    mail = (
        "From: Ann <ann@example.org>\nDate: Thu, 12 Mar 2026 09:00:00 +0000\n"
        "Subject: Papers\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
        f"# Papers of week 11\n\n{paper('A', '## ')}https://arxiv.org/abs/2603.00001\n\n"
        f"{paper('B', '## ')}https://arxiv.org/abs/2603.00002\n"
    )
    assert days(mail) == "12AB"


def test_a_month_may_stand_above_its_days() -> None:
    text = f"# March 2026\n\n## 12 March\n\n{paper('A', '### ')}## 11 March\n\n"
    assert days(text + paper("B", "### ")) == "12A 11B"


def test_dates_of_the_papers_are_no_days_of_the_digest() -> None:
    text = "".join(
        paper(name, "## ").replace("\n\nWe", f"\nDate: 2025-01-0{n}\n\nWe")
        for n, name in enumerate("ABC", start=1)
    )
    assert days(f"# Issue of 12 March 2026\n\n{text}") == "12ABC"


@pytest.mark.parametrize("style", DATED, ids=lambda style: style.name)
def test_two_printed_days_are_each_their_own_or_refused(
    style: Style, real_days: Mapping[date, Digest]
) -> None:
    some = [(day, of_day) for day, of_day in real_days.items() if 1 < len(of_day.entries) < MANY]
    for (day, of_day), (next_day, of_next) in list(pairwise(some))[::70]:
        text = f"{style.write(next_day, of_next.entries)}\n{style.write(day, of_day.entries)}"
        try:
            read = parse_digest(text.encode(), today=TODAY)
        except DigestError as error:
            assert error.where == "file" or error.where.startswith("line ")  # noqa: PT017
            continue
        assert [entry.listed_on for entry in read.entries] == [
            *(next_day for _ in of_next.entries),
            *(day for _ in of_day.entries),
        ]
