"""Authors on a line with fields, days, journals and addresses, where all lines name some."""

from __future__ import annotations

import pytest

from recommender.errors import DigestError
from recommender.papers.digests.bylines import with_parted_bylines
from tests.papers.digests.foreign_papers import (
    ABSTRACTS,
    IDS,
    NAMES,
    TITLES,
    is_right,
    printed,
    read,
)


@pytest.mark.parametrize(
    "form",
    [
        *("31{n} likes | {names} | {url}", "{names} · cs.LG · {url}", "{names} — [arXiv]({url})"),
        *("{names} ([arXiv]({url}))", "{names}, {url}", "{names} · Mar 1{n}, 2026 · {url}"),
        *(
            "{names}, Journal of Moss, {url}",
            "{names} | Moss Letters | {url}",
            "{names}, MOSS, {url}",
        ),
        "- {names} | [arXiv:{id}]({url})",
    ],
)
def test_names_among_details_are_authors(form: str) -> None:
    def paper(n: int) -> str:
        url = f"https://arxiv.org/abs/{IDS[n]}"
        line = form.format(names=NAMES[n], url=url, id=IDS[n], n=n)
        return f"## {TITLES[n]}\n{line}\n\n{ABSTRACTS[n]}\n\n"

    assert is_right(read(printed(paper)))


@pytest.mark.parametrize(
    "lines",
    [
        ["Growth of moss · cs.LG", "Ann Example, Bo Sample · cs.LG"],
        ["Moss Walls · cs.LG", "Bird Songs · cs.LG"],
        ["Moss Walls · 2026-03-11"],
        ["Moss, a study | https://a.example", "Bird Songs | https://b.example"],
        [
            "Ann Example, Bo Sample, MOSS, https://a.example",
            "Cy Other, Di Third, https://b.example",
        ],
    ],
)
def test_lines_of_which_one_may_be_a_title_stay_as_they_are(lines: list[str]) -> None:
    numbered = list(enumerate(lines, 1))
    assert with_parted_bylines(numbered) == numbered


def test_a_journal_and_an_address_become_lines_of_their_own() -> None:
    found = with_parted_bylines(
        [(1, "Journal of Moss · doi:10.1234/a"), (2, "Fern · doi:10.1234/b")]
    )
    assert found == [
        (1, "Journal of Moss"),
        (1, "doi:10.1234/a"),
        (2, "Fern"),
        (2, "doi:10.1234/b"),
    ]


@pytest.mark.parametrize(
    "line", ["{}, *Journal of Moss*", "{} (ETH) 2026", "{} | Moe Roe | 3 likes"]
)
def test_what_may_be_no_name_beside_authors_is_refused(line: str) -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: f"## {TITLES[n]}\n{line.format(NAMES[n])}\n\n{ABSTRACTS[n]}\n\n"))


@pytest.mark.parametrize("behind", [" — {}", ", {}", " - {} (2026)"])
def test_names_behind_a_bold_title_are_authors(behind: str) -> None:
    text = printed(
        lambda n: (
            f"**{TITLES[n]}**{behind.format(NAMES[n])}\n{ABSTRACTS[n]}\n"
            f"https://arxiv.org/abs/{IDS[n]}\n\n"
        )
    )
    assert is_right(read(text))


def test_the_first_author_behind_a_title_is_one() -> None:
    text = printed(
        lambda n: f"- **{TITLES[n]}** — {NAMES[n].split(',')[0]} et al.\n  {ABSTRACTS[n]}\n\n"
    )
    assert [entry.authors for entry in read(text).entries] == [
        ("Ann Example",),
        ("Cy Other",),
        ("Flo Fourth",),
    ]


@pytest.mark.parametrize(
    "behind", ["Moss Walls, Old Walls", "Nature Physics, Moss Letters", "Moss"]
)
def test_what_may_be_the_end_of_a_title_is_refused(behind: str) -> None:
    with pytest.raises(DigestError):
        read(printed(lambda n: f"**{TITLES[n]}** — {behind}\n{ABSTRACTS[0]} {n} times.\n\n"))
