"""Names are parted by the word for "and" of their language, and nowhere else."""

from __future__ import annotations

import pytest

from recommender.papers.text.author_lists import authors_of


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("Lucía Ferro Paz y Tomás Gil", ("Lucía Ferro Paz", "Tomás Gil")),
        ("Lucía Ferro, Tomás Gil y Ema Sol", ("Lucía Ferro", "Tomás Gil", "Ema Sol")),
        ("Dario Neri e Pia Conti", ("Dario Neri", "Pia Conti")),
        ("Lotte Smit en Bram de Boer", ("Lotte Smit", "Bram de Boer")),
        ("Karin Ek och Nils Alm", ("Karin Ek", "Nils Alm")),
        ("Pavel Malý a Jana Nová", ("Pavel Malý", "Jana Nová")),
        ("Ewa Lis i Jan Kos", ("Ewa Lis", "Jan Kos")),
        ("Deniz Ak ve Can Er", ("Deniz Ak", "Can Er")),
        ("Ольга Белова и Иван Серов", ("Ольга Белова", "Иван Серов")),
        ("Por Lucía Ferro y Tomás Gil", ("Lucía Ferro", "Tomás Gil")),
        ("T. Gil y E. Sol", ("T. Gil", "E. Sol")),
        ("Lucía Ferro y Tomás Gil y Sanz", ("Lucía Ferro", "Tomás Gil y Sanz")),
    ],
)
def test_whole_names_on_both_sides_are_parted(said: str, people: tuple[str, ...]) -> None:
    assert authors_of([said]) == people


@pytest.mark.parametrize(
    "name",
    ["Tomás Gil y Sanz", "Rui da Mota e Sá", "Ramon Puig i Font", "Jane E. Doe", "Max Y Roe"],
)
def test_a_word_within_a_family_name_parts_nobody(name: str) -> None:
    assert len(authors_of([name])) == 1


@pytest.mark.parametrize(
    "said",
    [
        *("Ann Bee y otros", "Ann Bee y cols.", "Ann Bee e altri", "Ann Bee e outros"),
        *("Ann Bee en anderen", "Ann Bee och andra", "Ann Bee m.fl.", "Ann Bee и др."),
        *("Ann Bee i in.", "Ann Bee a kol.", "Ann Bee ve ark.", "Ann Bee et coll."),
        *("Ann Bee und andere", "Ann Bee, …", "Ann Bee…", "Ann Bee [...]"),
    ],
)
def test_those_who_are_not_named_are_nobody(said: str) -> None:
    assert authors_of([said]) == ("Ann Bee",)


@pytest.mark.parametrize("said", ["Ann Bee, Max Roe … Eva Fay", "Ann Bee, Max Roe… Eva Fay"])
def test_names_are_left_out_between_two_that_are_said(said: str) -> None:
    assert authors_of([said]) == ("Ann Bee", "Max Roe", "Eva Fay")


def test_initials_behind_a_family_name_are_no_others() -> None:
    assert authors_of(["Doe EA, Roe UA, Bee IN"]) == ("E. A. Doe", "U. A. Roe", "I. N. Bee")


@pytest.mark.parametrize(
    "said",
    [
        *("['Ann Bee', 'Max Roe']", '["Ann Bee", "Max Roe"]', "('Ann Bee', \"Max Roe\",)"),
        *('["Bee, Ann", "Roe, Max"]', "Ann Bee|Max Roe", "Ann Bee | Max Roe", "Ann Bee / Max Roe"),
    ],
)
def test_names_that_a_program_printed_are_parted(said: str) -> None:
    assert authors_of([said]) == ("Ann Bee", "Max Roe")


def test_an_apostrophe_ends_no_printed_name() -> None:
    assert authors_of(['["Ann O\'Bee", "Max Roe"]']) == ("Ann O'Bee", "Max Roe")


def test_two_degrees_of_medicine_are_nobody() -> None:
    assert authors_of(["Ann Bee, M.D.", "Max Roe, M.B., B.S."]) == ("Ann Bee", "Max Roe")
