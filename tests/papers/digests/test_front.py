"""What stands above the first paper is the digest's own, or it may be a paper and is refused."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.errors import DigestError
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
REST = "## Birds of meadows\n\nWe listen to birds.\n\n## Mice of meadows\n\nWe look at mice.\n"


def titles(text: str) -> list[str]:
    return [entry.title for entry in parse_digest(text.encode(), today=TODAY).entries]


@pytest.mark.parametrize("mark", ["", "# ", "**", "* ", "1. "])
def test_a_first_paper_whose_title_is_marked_otherwise_is_not_lost(mark: str) -> None:
    title = f"{mark}Plants of meadows{mark if mark == '**' else ''}"
    with pytest.raises(DigestError) as caught:
        titles(f"{title}\n\nWe dig them up.\n\n{REST}")
    assert caught.value.where == "line 1"
    assert "may be a paper" in caught.value.message


@pytest.mark.parametrize(
    "front",
    [
        "# Papers of the group\n\nWe met on Tuesday.\n\n",
        "# Meadows, 11 March 2026\n\nWe met on Tuesday.\n\n",
        "# Meadows\n\nHere are some papers. We liked them.\n\n",
        "# Meadows\n\nby Ann Example\n\n",
        "We met on Tuesday. It was good.\n\n",
        "Author: Ann Example\n\n",
        "",
    ],
)
def test_what_names_or_introduces_the_digest_is_none_of_its_papers(front: str) -> None:
    assert titles(front + REST) == ["Birds of meadows", "Mice of meadows"]


def test_authors_of_a_first_paper_are_no_curator() -> None:
    rest = REST.replace("\n\nWe", "\nAuthors: Bob Sample\n\nWe")
    with pytest.raises(DigestError, match="'Authors: Ann Example' belongs to no paper"):
        titles(f"Plants of meadows\nAuthors: Ann Example\n\n{rest}")
    by = rest.replace("Authors:", "by")
    digest = parse_digest(f"# Meadows\nby Ann Example\n\n{by}".encode(), today=TODAY)
    assert (digest.curator, digest.entries[0].authors) == ("Ann Example", ("Bob Sample",))


@pytest.mark.parametrize("line", "=-~^")
def test_a_heading_right_below_a_text_is_no_rule(line: str) -> None:
    text = "Birds\n{0}\n\nby Ann Example\n\nWe listen.\nMice\n{1}\n\nby Bob Sample\n\nWe look.\n"
    with pytest.raises(DigestError) as caught:
        titles(text.format(line * 5, line * 4))
    assert (caught.value.where, "'Mice' is underlined" in caught.value.message) == ("line 7", True)
    assert titles(text.replace("\nMice", "\n\nMice").format(line * 5, line * 4)) == [
        "Birds",
        "Mice",
    ]


def test_a_rule_right_below_a_text_ends_it() -> None:
    text = "## Birds\nWe listen to them.\n------\n## Mice\nWe look at mice, all day long.\n-----\n"
    assert titles(text) == ["Birds", "Mice"]
