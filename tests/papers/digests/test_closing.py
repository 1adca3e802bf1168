"""Words that close a digest are left out and told, where what they stand below is marked."""

from __future__ import annotations

from collections.abc import Callable

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

CLOSING = (
    "The coffee machine of the third floor is broken.",
    "Also: who lost a scarf?",
    "Wer mag, bringt am Freitag Kuchen mit!",
    "Подпишитесь на рассылку!",
    "Stop these mails\n12 Moss Road, Moss Town",
    "-# sent by a bot • vote with 🧠",
)
FAREWELLS = ("", "\nCheers,\nAnn\n", "\nViele Grüße\nAnn Beispiel\n")


def numbered(n: int) -> str:
    address = f"https://arxiv.org/abs/{IDS[n]}"
    return f"{n + 1}. {TITLES[n]}\n{NAMES[n]}\n{address}\n\n{ABSTRACTS[n]}\n\n"


def labelled(n: int) -> str:
    address = f"Link: https://arxiv.org/abs/{IDS[n]}"
    return f"Title: {TITLES[n]}\nAuthors: {NAMES[n]}\nAbstract: {ABSTRACTS[n]}\n{address}\n\n"


def headed(n: int) -> str:
    address = f"https://arxiv.org/abs/{IDS[n]}"
    return f"## {TITLES[n]}\n\n{NAMES[n]}\n\n{ABSTRACTS[n]}\n\n{address}\n\n"


def plain(n: int) -> str:
    return f"{TITLES[n]}\n\n{ABSTRACTS[n]}\n\n"


@pytest.mark.parametrize("form", [numbered, labelled, headed])
@pytest.mark.parametrize("farewell", FAREWELLS)
@pytest.mark.parametrize("closing", CLOSING)
def test_closing_words_are_no_papers(
    form: Callable[[int], str], farewell: str, closing: str
) -> None:
    digest = read(printed(form) + closing + "\n" + farewell)
    assert is_right(digest)
    [told] = digest.unread
    assert closing.partition("\n")[0][:30] in told.message


@pytest.mark.parametrize("form", [numbered, labelled, headed])
@pytest.mark.parametrize(
    "last",
    [
        "4. Ferns of walls",
        "## Ferns of walls",
        "Ferns of walls, see https://arxiv.org/abs/2603.00009",
        "Ferns of walls (arXiv:2603.00009)",
        "Mae Sixth, Ned Seventh",
        "Title: Ferns of walls",
        "Ferns of walls\n\nFerns are seen on walls.",
        f"Ferns of walls\n\n{ABSTRACTS[0]}",
        "We also count ferns.",
        "Swimming mice are watched at night with cameras.",
    ],
)
def test_what_may_be_a_papers_is_no_closing_word(form: Callable[[int], str], last: str) -> None:
    try:
        digest = read(printed(form) + last + "\n")
    except DigestError:
        return
    assert not any("closing words" in each.message for each in digest.unread)


@pytest.mark.parametrize("closing", CLOSING[:4])
def test_below_plain_titles_anything_may_be_a_paper(closing: str) -> None:
    with pytest.raises(DigestError):
        read(printed(plain, head="2026-03-11\n\n") + closing + "\n")
