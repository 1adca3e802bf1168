"""Two ways of writing one name are taken for one author, and other people are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.author_names import (
    AuthorName,
    author_name,
    fold_letters,
    may_be_the_same,
    turn_name,
)


def same(wanted: str, author: str) -> bool:
    one, other = author_name(wanted), author_name(author)
    return one is not None and other is not None and may_be_the_same(one, other)


@pytest.mark.parametrize(
    ("wanted", "author"),
    [
        ("Jane Doe", "Jane Doe"),
        ("jane doe", "Jane Doe"),
        ("Doe, Jane", "Jane Doe"),
        ("Jane Doe", "Doe, Jane"),
        ("J. Doe", "Jane Doe"),
        ("J Doe", "Jane Doe"),
        ("Jane Doe", "J. Doe"),
        ("Jane Doe", "Jane A. Doe"),
        ("Jane Anne Doe", "J. A. Doe"),
        ("J.A. Doe", "Jane Anne Doe"),
        ("Jane Doe", "Jane Doe Jr."),
        ("Jane Doe", "Doe, Jane, PhD"),
        ("Doe", "Jane Doe"),
        ("Lukasz Muller", "Łukasz Müller"),
        ("Łukasz Müller", "Lukasz Muller"),
        ("Søren Đurić", "Soren Duric"),
        ("Jean-Luc Roe", "J.-L. Roe"),
        ("Kyung-Hyun Roe", "Kyunghyun Roe"),
        ("Kyung Hyun Roe", "Kyunghyun Roe"),
        ("Jane Smith-Doe", "Jane Smith\N{HYPHEN}Doe"),
        ("Jane O'Doe", "Jane O\N{RIGHT SINGLE QUOTATION MARK}Doe"),
        ("van Doe", "Jane van Doe"),
        ("Jane Doe", "Jane van der Doe"),
        ("Doe", "Jane van der Doe"),
        ("OpenPapers", "OpenPapers"),
    ],
)
def test_one_author_is_known_by_every_way_of_writing_the_name(wanted: str, author: str) -> None:
    assert same(wanted, author)


@pytest.mark.parametrize(
    ("wanted", "author"),
    [
        ("Jane Doe", "John Doe"),
        ("K. Doe", "Jane Doe"),
        ("Jane A. Doe", "Jane B. Doe"),
        ("Jane Doe", "Jane Roe"),
        ("Jane Doe", "Doe Jane"),
        ("Jane", "Jane Doe"),
        ("Jane Doe", "Doe"),
        ("Doe", "Jane Smith-Doe"),
        ("Smith", "Jane Smith-Doe"),
        ("Do", "Jane Doe"),
        ("Li", "Jane Li"),
        ("Di Wang", "Jane Wang"),
        ("Van Nguyen", "Minh Van Nguyen"),
    ],
)
def test_another_author_is_left_alone(wanted: str, author: str) -> None:
    assert not same(wanted, author)


@pytest.mark.parametrize("text", ["", " ", "-", "., ,", "…"])
def test_what_has_no_letter_is_no_name(text: str) -> None:
    assert author_name(text) is None


def test_name_is_read_in_its_parts() -> None:
    assert author_name("Jane A. van der Doe") == AuthorName(("jane", "a"), ("van", "der"), "doe")


@pytest.mark.parametrize(
    ("text", "turned"),
    [("Doe, Jane", "Jane Doe"), ("Jane Doe", "Jane Doe"), ("Doe, Jane, Jr.", "Jane Doe")],
)
def test_name_is_turned_to_have_the_family_name_last(text: str, turned: str) -> None:
    assert turn_name(text) == turned


@given(st.text())
def test_no_text_is_too_odd_to_be_read_as_a_name(text: str) -> None:
    name = author_name(text)

    assert name is None or all(part.isalnum() for part in (*name.given, name.family))


@given(st.text())
def test_folding_letters_again_changes_nothing(text: str) -> None:
    assert fold_letters(fold_letters(text)) == fold_letters(text)


names = st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True)


@given(given_name=names, family=names)
def test_full_name_its_initial_and_its_turned_form_mean_each_other(
    given_name: str, family: str
) -> None:
    forms = (f"{given_name} {family}", f"{given_name[0]}. {family}", f"{family}, {given_name}")

    assert all(same(one, other) for one in forms for other in forms)
