"""The same people have one number, in whichever order and however long their given names are."""

from __future__ import annotations

import pytest

from recommender.domain.author_keys import authors_key

PEOPLE = ["Jane A. Doe", "Max Roe"]


@pytest.mark.parametrize(
    "written",
    [
        ["Max Roe", "Jane A. Doe"],
        ["J. A. Doe", "M. Roe"],
        ["J. Doe", "Max Roe Jr."],
        ["JANE DOE", "Max Q. Roe"],
        ["Jàne Doe", "Max Roe"],
        ["Jane Doe", "Max Roe", "Example Collaboration"],
        ["Jane Doe", "Anonymous", "Max Roe"],
    ],
)
def test_the_same_people_have_one_key(written: list[str]) -> None:
    assert authors_key(written) == authors_key(PEOPLE) is not None


@pytest.mark.parametrize(
    "written",
    [["Jane A. Doe"], ["Jane A. Doe", "Max Roe", "Ann Bee"], ["Ken Doe", "Max Roe"], ["王伟 李娜"]],
)
def test_other_people_have_another_key(written: list[str]) -> None:
    assert authors_key(written) not in (authors_key(PEOPLE), None)


@pytest.mark.parametrize(
    "written", [[], [""], ["OpenAI"], ["Example Collaboration"], ["The Example Study Group"], ["–"]]
)
def test_nobody_and_groups_alone_have_none(written: list[str]) -> None:
    assert authors_key(written) is None


def test_a_key_fits_into_eight_bytes() -> None:
    keys = [authors_key([f"A{number} Doe", "Max Roe"]) for number in range(1_000)]
    assert all(key is not None and -(2**63) <= key < 2**63 for key in keys)
