"""What RIS says where its exporters disagree: titles, ends, addresses."""

from __future__ import annotations

import pytest

from recommender.papers.references.references import read_references

TWO_IN_ONE = {
    "authors behind titles": "TI  - Of bread\nAU  - Plato, A.\nTI  - Of rye\nAU  - Roe, B.\n",
    "authors before titles": "AU  - Plato, A.\nTI  - Of bread\nAU  - Roe, B.\nTI  - Of rye\n",
    "a gap": "A1  - Plato, A.\nT1  - Of bread\n\nA1  - Roe, B.\nT1  - Of rye\n",
    "DOIs": "T1  - Of bread\nDO  - 10.1234/a\nTI  - Of rye\nDO  - 10.1234/b\n",
}


@pytest.mark.parametrize("fields", TWO_IN_ONE.values(), ids=TWO_IN_ONE)
def test_two_ris_references_without_an_end_between_them_are_told_and_stop_no_other(
    fields: str,
) -> None:
    read = read_references(f"TY  - JOUR\n{fields}ER  - \nTY  - JOUR\nTI  - Of oats\nER  - \n")
    assert [entry.title for entry in read.entries] == ["Of oats"]
    assert [(each.where, each.message) for each in read.unread] == [
        (
            "line 1",
            "two references in one; end the first with a line ER  -, begin the next with TY  -",
        )
    ]


@pytest.mark.parametrize(
    "fields",
    [
        "T1  - Of bread\nTI  - Of bread\nAU  - Plato, A.\n",
        "AU  - Plato, A.\nTI  - Of bread\nTI  - Vom Brot\nAB  - We bake.\nAB  - Wir backen.\n",
        "TI  - Journal of Rye\nT1  - Of bread\nAU  - Plato, A.\nJO  - Journal of Rye\n",
        "T2  - Journal of Rye\nTI  - Of bread\nAU  - Plato, A.\nT2  - J. Rye\n",
        "TI  - Journal of Rye\nTI  - Of bread\nAU  - Plato, A.\nT2  - Journal of Rye\n",
    ],
)
def test_the_title_of_a_ris_reference_is_the_first_that_is_not_the_journals(fields: str) -> None:
    (entry,) = read_references(f"TY  - JOUR\n{fields}ER  - \n").entries
    assert (entry.title, entry.authors) == ("Of bread", ("A. Plato",))


@pytest.mark.parametrize("behind", ["", " (accessed 3 May)", " https://rye.example.org/x", "/abs"])
def test_the_doi_in_the_address_of_a_page_is_the_papers(behind: str) -> None:
    address = f"https://pubs.example.org/doi/10.1234/rye{behind}"
    (entry,) = read_references(f"TY  - JOUR\nT1  - Of bread\nUR  - {address}\nER  - \n").entries
    assert entry.doi == "10.1234/rye"
