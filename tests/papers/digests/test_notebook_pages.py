"""The day on which a page of a notebook was created heads its papers; pages they link to do not."""

from __future__ import annotations

from datetime import date

import pytest

from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, NAMES, TITLES, is_right, read

TODAY = date(2026, 3, 20)


def page(head: str) -> str:
    return head + "".join(
        f"## {title}\n\nAuthors: {names}\nStatus: To read\nURL: https://arxiv.org/abs/{arxiv_id}\n"
        f"Abstract: {abstract}\n\n"
        for title, names, arxiv_id, abstract in zip(TITLES, NAMES, IDS, ABSTRACTS, strict=True)
    )


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Created: March 9, 2026 9:12 AM", date(2026, 3, 9)),
        ("Created time: March 9, 2026", date(2026, 3, 9)),
        ("Erstellt am: 9. März 2026 14:05", date(2026, 3, 9)),
        ("Created: by hand", TODAY),
    ],
)
def test_the_day_of_a_page_is_that_of_its_papers(line: str, day: date) -> None:
    digest = read(page(f"# To read\n\n{line}\nTags: weekly\n\n"))
    assert is_right(digest)
    assert digest.date == day


def test_another_day_counts_first() -> None:
    digest = read(page("# To read, 2026-03-11\n\nCreated: March 9, 2026\n\n"))
    assert is_right(digest)
    assert digest.date == date(2026, 3, 11)


@pytest.mark.parametrize("word", ["paper", "Mosses"])
@pytest.mark.parametrize("mark", ["- ", "## "])
def test_pages_before_titles_are_none_of_them(word: str, mark: str) -> None:
    between = "\n" if mark == "## " else ""
    text = "# 2026-03-11\n\n" + "".join(
        f"{mark}[[{word}]] {title}\n{between}Authors: {names}\n"
        f"Link: https://arxiv.org/abs/{arxiv_id}\nAbstract: {abstract}\n\n"
        for title, names, arxiv_id, abstract in zip(TITLES, NAMES, IDS, ABSTRACTS, strict=True)
    )
    assert is_right(read(text))
