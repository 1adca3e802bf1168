"""A list of links is told as that, with what can be done; one title makes it something else."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.errors import DigestError
from recommender.papers.digests.bare_links import refuse_bare_links
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 11)


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/abs/2603.00001\nhttps://arxiv.org/abs/2603.00002\n",
        "\n- arXiv:2603.00001\n\n- arXiv:2603.00002\n",
        "1. 2603.00001\n2. doi:10.1000/182\n",
        "<https://example.org/1>\nhttps://example.org/2, https://example.org/3\n",
    ],
)
def test_links_alone_are_told(text: str) -> None:
    with pytest.raises(DigestError, match="links or identifiers alone, without titles; write") as e:
        parse_digest(text.encode(), today=TODAY)
    assert "`recommender subscribers seed ADDRESS FILE`" in e.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A Title\nhttps://arxiv.org/abs/2603.00001\n",
        "https://example.org/\n\nA title\n\nWhat it does, in a sentence.\n",
        "- [A title](https://arxiv.org/abs/2603.00001)\n",
        "2603\n2604\n",
    ],
)
def test_what_has_a_word_of_its_own_is_left_to_others(text: str) -> None:
    refuse_bare_links(text)


def test_the_last_paper_without_an_address_is_named_and_may_stand_elsewhere() -> None:
    linked = "{}\nhttps://arxiv.org/abs/2603.0000{}\n\nWhat paper {} does, in a sentence.\n\n"
    first, second = (linked.format(f"Paper {n}", n, n) for n in "12")
    text = "What this one does, in a sentence.\n\n"
    bare = f"A paper without a link\n\n{text}"
    signed = f"A paper without a link\nAuthors: Ada Example, Ben Example\n\n{text}"

    for last in (bare, signed):
        with pytest.raises(DigestError, match="'A paper without a link', the last paper") as caught:
            parse_digest((first + second + last).encode(), today=TODAY)
        assert caught.value.where == "line 11"
    with pytest.raises(DigestError, match="or a line 'Authors: …'"):
        parse_digest((first + bare + second).encode(), today=TODAY)
    moved = parse_digest((first + signed + second).encode(), today=TODAY)
    assert [each.arxiv_id for each in moved.entries] == ["2603.00001", None, "2603.00002"]
