"""Citations are neither titles nor abstracts: a list of them is refused as what it is."""

from __future__ import annotations

import pytest

from recommender.errors import DigestError
from recommender.papers.digests.citations import is_citation
from tests.papers.digests.foreign_papers import (
    ABSTRACTS,
    IDS,
    NAMES,
    TITLES,
    is_right,
    printed,
    read,
)

VANCOUVER = "{who}. {title}. J Moss Res. 2026.{pages} doi:10.5555/moss.2026.{n}"
APA = "Poe, A. B., & Roe, C. (2026). {title}. Moss Letters, 3(2), 1-9. https://doi.org/10.5555/m{n}"
IEEE = "[{n}] A. B. Poe and C. Roe, “{title},” Moss Lett., vol. 3, 2026, doi: 10.5555/m{n}"
WHO = ("Poe AB, Roe C", "van Doe A, Fifth-Poe B, Roe CD, et al", "Doe Q")


def citations(form: str, *, pages: str = "", end: str = "") -> list[str]:
    return [
        form.format(who=WHO[n % 3], title=title, pages=pages, n=n + 1) + end
        for n, title in enumerate(TITLES)
    ]


@pytest.mark.parametrize("form", [VANCOUVER, APA, IEEE])
@pytest.mark.parametrize("end", ["", "."])
def test_citations_are_known(form: str, end: str) -> None:
    assert all(map(is_citation, citations(form, end=end)))
    assert all(map(is_citation, citations(VANCOUVER, pages=" Mar 3;12(4):e101-9.")))
    assert is_citation("1. Poe AB, Roe C. Moss on walls. J Moss Res. 2026;12(4):101-109.")


@pytest.mark.parametrize(
    "text",
    [
        *TITLES,
        *ABSTRACTS,
        "Data of 2026 are at https://doi.org/10.5555/moss.2026",
        "We follow Poe AB. Our code of 2026 is at https://doi.org/10.5555/moss",
        "J Moss Res. 2026 doi:10.5555/moss",
    ],
)
def test_titles_and_abstracts_are_no_citations(text: str) -> None:
    assert not is_citation(text)


@pytest.mark.parametrize("form", [VANCOUVER, APA, IEEE])
@pytest.mark.parametrize("end", ["", "."])
@pytest.mark.parametrize("head", ["", "Of our institute, March 11, 2026\n\n", "2026-03-11\n\n"])
@pytest.mark.parametrize("mark", ["", "- ", "> "])
def test_a_list_of_citations_is_refused(form: str, end: str, head: str, mark: str) -> None:
    for number in range(1, len(TITLES) + 1):
        each = [mark + line for line in citations(form, end=end)[:number]]
        with pytest.raises(DigestError):
            read(head + "\n\n".join(each) + "\n")


def test_the_refusal_says_what_they_are() -> None:
    with pytest.raises(DigestError, match=r"line 3: .*looks like a citation.*RIS or BibTeX"):
        read("New at the institute\n\n" + "\n\n".join(citations(VANCOUVER)) + "\n")


def test_a_citation_beside_a_paper_is_no_harm() -> None:
    def form(n: int) -> str:
        said = f"{NAMES[n]}\n\nhttps://arxiv.org/abs/{IDS[n]}\n\n{ABSTRACTS[n]}"
        return f"## {TITLES[n]}\n\n{said}\n\nCitation: {citations(VANCOUVER)[n]}\n\n"

    try:
        digest = read(printed(form))
    except DigestError:
        return
    assert is_right(digest)
