"""Names of authors have one form, however a source parts and turns them; nobody is left out."""

from __future__ import annotations

import pytest

from recommender.papers.text.author_lists import authors_of, names_alone


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Urquhart, A.S.", ("A. S. Urquhart",)),
        ("A. Urquhart et al.", ("A. Urquhart",)),
        ("et al.", ()),
        ("Example, A., van Other, B. C.", ("A. Example", "B. C. van Other")),
        ("Doe J, de la Roe AB", ("J. Doe", "A. B. de la Roe")),
        ("Doe, Jane; Roe, Richard", ("Jane Doe", "Richard Roe")),
        ("Doe, Jane and Roe, Richard", ("Jane Doe", "Richard Roe")),
        ("Jane Doe, Max Roe and Ann Poe", ("Jane Doe", "Max Roe", "Ann Poe")),
        ("JANE DOE, MAX ROE-POE", ("Jane Doe", "Max Roe-Poe")),
        ("Jane Doe<sup>1,2</sup>, Max Roe*", ("Jane Doe", "Max Roe")),
        ('Erd{\\H{o}}s, P. and G\\"odel, K.', ("P. Erdős", "K. Gödel")),
        ("Aurora RamÃ\xadrez", ("Aurora Ramírez",)),
        ("Bobby Example, Ashby B. Roe", ("Bobby Example", "Ashby B. Roe")),
        ("By Jane Doe and Kirby Roe", ("Jane Doe", "Kirby Roe")),
        ("CMS Collaboration", ("CMS Collaboration",)),
    ],
)
def test_names_in_one_field_have_one_form(field: str, names: tuple[str, ...]) -> None:
    assert authors_of([field]) == names


@pytest.mark.parametrize("line", ["We study this.", "Deep nets: a view", "Corrigendum", ""])
def test_what_is_no_list_of_names_names_nobody(line: str) -> None:
    assert names_alone(line) == ()


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (["Team GLM"], ("Team GLM",)),
        (["Ann Doe", "Team GLM"], ("Ann Doe", "Team GLM")),
        (["LG AI Research, Ann Doe, Bob Roe"], ("LG AI Research", "Ann Doe", "Bob Roe")),
        (["Meta AI"], ("Meta AI",)),
        (["Ann Doe", "Meta AI"], ("Ann Doe", "Meta AI")),
        (["JD Robotics", "Ann Doe"], ("JD Robotics", "Ann Doe")),
        (["Doe JA", "Li AI"], ("J. A. Doe", "A. I. Li")),
        (["LA Doe", "BC Roe"], ("L. A. Doe", "B. C. Roe")),
    ],
)
def test_short_names_of_companies_are_no_initials(
    fields: list[str], names: tuple[str, ...]
) -> None:
    assert authors_of(fields) == names
