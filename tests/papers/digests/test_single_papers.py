"""Of one paper alone, people below its title are its authors, and never a part of the title."""

from __future__ import annotations

import textwrap

import pytest

from recommender.errors import DigestError
from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, TITLES, read

ADDRESS = f"https://arxiv.org/abs/{IDS[0]}"


@pytest.mark.parametrize("names", ["Ann Example, Bo Sample", "Ann Example and Bo Sample"])
@pytest.mark.parametrize("head", ["", "2026-03-11\n\n"])
@pytest.mark.parametrize("width", [60, 72, 1_000])
def test_two_authors_are_no_part_of_the_title(names: str, head: str, width: int) -> None:
    abstract = textwrap.fill(ABSTRACTS[0], width)
    [entry] = read(f"{head}{TITLES[0]}\n{names}\n{ADDRESS}\n\n{abstract}\n").entries
    assert (entry.title, entry.authors) == (TITLES[0], ("Ann Example", "Bo Sample"))
    assert (entry.arxiv_id, entry.abstract) == (IDS[0], ABSTRACTS[0])


def test_one_name_below_a_title_is_refused() -> None:
    with pytest.raises(DigestError, match="may be an author"):
        read(f"{TITLES[0]}\nAnn Example\n{ADDRESS}\n\n{ABSTRACTS[0]}\n")


def test_a_title_of_two_lines_is_whole() -> None:
    [entry] = read(f"Growth of moss\non old walls\n{ADDRESS}\n\n{ABSTRACTS[0]}\n").entries
    assert (entry.title, entry.authors) == (TITLES[0], ())
