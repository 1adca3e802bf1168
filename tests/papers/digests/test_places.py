"""A journal or institutions below each title are left out; what may be a title is not."""

from __future__ import annotations

import pytest

from recommender.errors import DigestError
from tests.papers.digests.foreign_papers import (
    ABSTRACTS,
    IDS,
    NAMES,
    TITLES,
    is_right,
    printed,
    read,
)

JOURNALS = ("Journal of Moss", "FERN", "Nature Mice")


@pytest.mark.parametrize(
    "form",
    [
        *("{names}\n*{journal}*\n", "*{journal}*\n{names}\n", "{names}\n\n{journal}\n"),
        *("{names}\n\n{journal}, 12(3), 45-60\n", "{names}\n¹ ETH Zürich, ² University of Moss\n"),
        *("{names}\n(University of Moss)\n", "Authors: {names}\n{journal}\n"),
    ],
)
def test_a_line_of_a_journal_or_a_place_is_neither_title_nor_author(form: str) -> None:
    def paper(n: int) -> str:
        lines = form.format(names=NAMES[n], journal=JOURNALS[n])
        return f"## {TITLES[n]}\n{lines}https://arxiv.org/abs/{IDS[n]}\n\n{ABSTRACTS[n]}\n\n"

    assert is_right(read(printed(paper)))


def test_italics_tell_a_journal_that_reads_like_a_name() -> None:
    journals = ("Journal of Moss", "Fern & Co", "Nature Mice")
    text = printed(lambda n: f"## {TITLES[n]}\n{NAMES[n]}\n*{journals[n]}*\n\n{ABSTRACTS[n]}\n\n")
    assert is_right(read(text), ids=False)


def test_some_papers_may_have_no_journal() -> None:
    text = printed(
        lambda n: (
            f"## {TITLES[n]}\n{NAMES[n]}\n"
            + (f"*{JOURNALS[n]}*\n" if n != 1 else "")
            + f"\n{ABSTRACTS[n]}\n\n"
        )
    )
    assert is_right(read(text), ids=False)


@pytest.mark.parametrize(
    "second",
    [
        *("Growth of fern", "Mae Sixth, Ned Seventh", "A Study of Mice", "Old walls of moss"),
        "Moss, walls and birds",
    ],
)
def test_a_second_line_that_may_be_a_title_or_people_is_refused(second: str) -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: f"## {TITLES[n]}\n{NAMES[n]}\n{second}\n\n{ABSTRACTS[n]}\n\n"))
    with pytest.raises(DigestError):
        read(f"## {TITLES[0]}\n{NAMES[0]}\n{second}\n\n{ABSTRACTS[0]}\n")


def test_a_title_that_lost_its_mark_below_a_journal_is_not_lost() -> None:
    text = (
        f"## {TITLES[0]}\n{NAMES[0]}\n*{JOURNALS[0]}*\n\n{ABSTRACTS[0]}\n\n"
        f"## {TITLES[1]}\n{NAMES[1]}\n*{JOURNALS[2]}*\n{TITLES[2]}\n{ABSTRACTS[2]}\n"
    )
    with pytest.raises(DigestError):
        read(text)


@pytest.mark.parametrize(
    "place", ["¹ ETH Zürich, ² University of Moss", "*Cell Host & Microbe*", "Journal of Moss"]
)
def test_a_journal_or_a_place_is_no_author_where_authors_are_lost(place: str) -> None:
    text = printed(lambda n: f"## {TITLES[n]}\n\n{NAMES[n]}\n\n{place}\n\n{ABSTRACTS[n]}\n\n")
    assert is_right(read(text), ids=False)
    with pytest.raises(DigestError):
        read(text.replace(f"{NAMES[1]}\n\n", ""))


def test_names_with_notes_are_no_title_where_the_title_is_lost() -> None:
    text = printed(
        lambda n: f"## {TITLES[n]}\n\n{NAMES[n].replace(',', '¹,')}²\n\n{ABSTRACTS[n]}\n\n"
    )
    assert is_right(read(text), ids=False)
    with pytest.raises(DigestError):
        read(text.replace(f"## {TITLES[1]}\n\n", ""))


def test_one_name_is_no_title_where_the_title_is_lost() -> None:
    text = printed(
        lambda n: (
            f"{TITLES[n]}\nAuthors: {NAMES[n]}\nhttps://arxiv.org/abs/{IDS[n]}\n\n{ABSTRACTS[n]}\n\n"
        ),
        head="11 March 2026\n\n",
    )
    assert is_right(read(text))
    with pytest.raises(DigestError, match="authors where a title is due"):
        read(text.replace(f"{TITLES[1]}\nAuthors: {NAMES[1]}", "Cy Other"))
