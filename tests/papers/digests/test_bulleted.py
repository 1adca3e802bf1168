"""A list below each heading is an abstract; a list that may be papers, or beside one, is not."""

from __future__ import annotations

import pytest

from recommender.errors import DigestError
from tests.papers.digests.foreign_papers import (
    ABSTRACTS,
    IDS,
    NAMES,
    PEOPLE,
    TITLES,
    is_right,
    printed,
    read,
)

POINTS = (
    "- The work measures moss on walls.\n- A ruler replaces guesses.\n- It grows with rain.\n",
    "- The work records birds.\n- Meadows have songs of their own.\n- They differ by place.\n",
    "- The work watches mice.\n- They swim where they can.\n- Most of them do it at night.\n",
)


@pytest.mark.parametrize(
    "behind", ["", "[PDF](https://arxiv.org/pdf/{})\n", "**Published:** 2026-03-10\n"]
)
def test_bullets_below_each_heading_are_one_abstract(behind: str) -> None:
    text = printed(
        lambda n: (
            f"## {n + 1}. {TITLES[n]}\n*{NAMES[n]}* | [arXiv:{IDS[n]}](https://arxiv.org/abs/{IDS[n]})"
            f"\n\n{POINTS[n]}\n{behind.format(IDS[n])}\n"
        )
    )
    digest = read(text)
    assert [(e.title, e.authors, e.arxiv_id) for e in digest.entries] == list(
        zip(TITLES, PEOPLE, IDS, strict=True)
    )
    assert digest.entries[1].abstract == (
        "The work records birds. Meadows have songs of their own. They differ by place."
    )


@pytest.mark.parametrize(
    "lost", [f"## 2. {TITLES[1]}\n\n", POINTS[1], f"## 2. {TITLES[1]}\n\n{NAMES[1]}\n\n"]
)
def test_a_list_that_lost_its_heading_or_a_heading_its_list_is_refused(lost: str) -> None:
    text = printed(lambda n: f"## {n + 1}. {TITLES[n]}\n\n{NAMES[n]}\n\n{POINTS[n]}\n")
    assert len(read(text).entries) == len(TITLES)
    with pytest.raises(DigestError):
        read(text.replace(lost, ""))


def test_points_below_an_abstract_are_none_of_it() -> None:
    text = printed(
        lambda n: (
            f"## {TITLES[n]}\n\n**Abstract:** {ABSTRACTS[n]}\n\n**Key points:**\n\n{POINTS[n]}\n"
        )
    )
    assert is_right(read(text), authors=False, ids=False)
    with pytest.raises(DigestError):
        read(printed(lambda n: f"## {TITLES[n]}\n\n{ABSTRACTS[n]}\n\n{POINTS[n]}\n"))


def test_short_points_are_no_abstract() -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: f"## {TITLES[n]}\n\n- It grows.\n- It ends.\n\n"))


def test_labels_on_lines_of_their_own_head_paragraphs() -> None:
    text = printed(
        lambda n: (
            f"Title\n{TITLES[n]}\n\nAuthors\n{NAMES[n]}\n\nAbstract\n{ABSTRACTS[n]}\n\n"
            f"Link\nhttps://arxiv.org/abs/{IDS[n]}\n\n"
        ),
        head="",
    )
    assert is_right(read(text))
    with pytest.raises(DigestError):
        read(text.replace("Abstract\n" + ABSTRACTS[1], ABSTRACTS[1]))


def test_a_wish_for_pleasant_reading_is_no_paper() -> None:
    text = printed(lambda n: f"## {TITLES[n]}\n\n{ABSTRACTS[n]}\n\n") + "Buona lettura!\n"
    assert is_right(read(text), authors=False, ids=False)
