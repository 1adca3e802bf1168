"""Names of authors have one form, however a source parts and turns them; nobody is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interests.features import author_key
from recommender.papers.text.author_lists import (
    are_family_names_first,
    authors_of,
    names_alone,
    normal_names,
)


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
        ("Y Doe, E Roe, Y Poe, Z Moe", ("Y. Doe", "E. Roe", "Y. Poe", "Z. Moe")),
        ("Di Doe and Ann Roe", ("Di Doe", "Ann Roe")),
        ("Bin Doe, Roe Poe", ("Bin Doe", "Roe Poe")),
        ("Bin Doe, Roe", ("Roe Bin Doe",)),
        ("김철수, 이영희", ("김철수", "이영희")),
        ("张伟, 李娜", ("张伟", "李娜")),
        ("田中太郎、佐藤花子", ("田中太郎", "佐藤花子")),
        ("_Ann Doe_ +", ("Ann Doe",)),
        ("Ann Doe (Example, UK), Max Roe", ("Ann Doe", "Max Roe")),
        ("Ann Doe (1), Max Roe (1,2) ((1) Example, (2) Other, UK)", ("Ann Doe", "Max Roe")),
        ("Jane Doe<br/>Max Roe<br/>", ("Jane Doe", "Max Roe")),
        ("Doe, Jane<br/>Roe, Max", ("Jane Doe", "Max Roe")),
        ("<p>Jane Doe</p><p>Max Roe and Ann Poe</p>", ("Jane Doe", "Max Roe", "Ann Poe")),
        ("Jane Doe, Max Roe, on behalf of the FEN Group", ("Jane Doe", "Max Roe", "FEN Group")),
        ("Jane Doe on behalf of all FEN authors", ("Jane Doe", "FEN authors")),
        (
            "Doe, Jane; Roe, Max; for the FEN Investigators",
            ("Jane Doe", "Max Roe", "FEN Investigators"),
        ),
        (
            "Jane Doe, for the Fen and Moor Study Group, Max Roe",
            ("Jane Doe", "Fen and Moor Study Group", "Max Roe"),
        ),
        ("Jane Doe, im Namen der Moorgruppe", ("Jane Doe", "Moorgruppe")),
    ],
)
def test_names_in_one_field_have_one_form(field: str, names: tuple[str, ...]) -> None:
    assert authors_of([field]) == names


def test_a_group_in_a_field_of_its_own_is_called_by_its_name() -> None:
    fields = ["Jane Doe", "on behalf of the FEN Group", "Max Roe<br>Ann Poe"]
    assert authors_of(fields) == ("Jane Doe", "FEN Group", "Max Roe", "Ann Poe")
    assert normal_names(fields[:2]) == ("Jane Doe", "FEN Group")


ONE_PERSON = {
    "K. O'Brien": (
        *("O'Brien K", "K O'Brien", "O\u2019Brien, K.", "O\u02bcBrien K.", "O' Brien, K."),
        *("O`Brien, K", "O\u00b4Brien K", "K. O\u2018Brien"),
    ),
    "A. van der Berg": (
        *("van der Berg, A.", "van der Berg A", "Van der Berg A.", "A. Van Der Berg"),
        *("A van der Berg", "Berg, A. van der", "VAN DER BERG A", "Van Der Berg, A"),
    ),
    "J. de Souza Jr.": (
        *("de Souza Jr., J.", "de Souza, J., Jr.", "de Souza, Jr., J.", "de Souza J Jr"),
        *("J. de Souza, Jr", "J de Souza Jr."),
    ),
    "Jane A. Doe": ("Jane A Doe", "Doe, Jane A", "Doe, Jane A."),
    "J. A. Doe": ("J A Doe", "Doe, J A", "JA Doe", "J.A. Doe"),
    "J. van 't Roe": ("van \u2019t Roe J", "van 't Roe, J."),
    "Juan de la Cruz": ("De La Cruz, Juan", "de la Cruz, Juan"),
}


@pytest.mark.parametrize(
    ("written", "name"),
    [(written, name) for name, forms in ONE_PERSON.items() for written in (name, *forms)],
)
def test_a_person_has_one_form_and_one_column(written: str, name: str) -> None:
    assert normal_names([written]) == authors_of([written]) == (name,)
    assert author_key(written) is not None
    assert author_key(*normal_names([written])) == author_key(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Thi Van Nguyen", "Di Wang", "Anh De Roe", "Doe A", "Ann B", "D. Arcy", "Obrien K"),
        *("Jean-Luc B", "J. de Souza", "J. de Souza III", "Kate O'Brien", "E. Berg", "Van Roe A"),
        *("Type A Consortium", "Vitamin D Group", "Meta AI", "GLM-4.5 Team", "Plato"),
    ],
)
def test_what_may_be_somebody_else_stays_as_it_is_written(name: str) -> None:
    assert normal_names([name]) == (name,)


@given(
    st.lists(st.sampled_from("ABCKW"), min_size=1, max_size=3),
    st.sampled_from(["", "van der ", "de la ", "von "]),
    st.sampled_from(["O'Roe", "Poe-Doe", "M\u00fcller", "D'Example", "Al-Example"]),
    st.sampled_from(["", " Jr."]),
)
def test_all_forms_of_a_name_are_one_that_stays(
    initials: list[str], particles: str, family: str, suffix: str
) -> None:
    given_names = "".join(f"{each}. " for each in initials)
    bare, glued = " ".join(initials), "".join(f"{each}." for each in initials)
    name = f"{given_names}{particles}{family}{suffix}"
    typographic = family.replace("'", "\u2019")
    for written in (
        name,
        f"{bare} {particles}{typographic}{suffix}",
        f"{glued} {particles.title()}{family}{suffix}" if particles != "von " else name,
        f"{particles}{family}, {glued}{suffix and ','}{suffix}",
        f"{particles}{typographic}{suffix}, {bare}",
    ):
        assert normal_names([written]) == (name,)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (["Max Moe MD"], ("Max Moe",)),
        (["Max Moe, MD"], ("Max Moe",)),
        (["Max Moe M.D., Ph.D."], ("Max Moe",)),
        (["Max Moe PhD", "Ann Roe MD PhD"], ("Max Moe", "Ann Roe")),
        (["Max Moe, MD, PhD, Ann B. Roe, MSc, FRCP"], ("Max Moe", "Ann B. Roe")),
        (["Max Moe MD, Ann Roe MPH and Jo Poe RN"], ("Max Moe", "Ann Roe", "Jo Poe")),
        (["Moe, Max, MD"], ("Max Moe",)),
        (["Moe, Max PhD; Roe, Ann MSc"], ("Max Moe", "Ann Roe")),
        (["Ann van der Roe MD"], ("Ann van der Roe",)),
        # Of a family name alone these are the initials.
        (["Moe, M.D."], ("M. D. Moe",)),
        (["Moe MD", "Roe JA"], ("M. D. Moe", "J. A. Roe")),
        (["van der Moe MD"], ("M. D. van der Moe",)),
        (["Garcia Moe MD", "Roe JA", "Poe B"], ("M. D. Garcia Moe", "J. A. Roe", "B. Poe")),
        (["Moe, MD, Roe, JA"], ("M. D. Moe", "J. A. Roe")),
        (["Moe PhD"], ("Moe",)),
        (["Institute of RN"], ("Institute of RN",)),
        # Generations stand behind the name.
        (["Max Moe II"], ("Max Moe II",)),
        (["Max Moe III", "Ann Roe IV"], ("Max Moe III", "Ann Roe IV")),
        (["Max Moe 3rd"], ("Max Moe III",)),
        (["Moe, Max 2nd"], ("Max Moe II",)),
        (["Moe MJ 3rd", "Roe A Jr"], ("M. J. Moe III", "A. Roe Jr.")),
        (["Moe, Max Jr"], ("Max Moe Jr.",)),
        (["Moe, Max, III, MD"], ("Max Moe III",)),
        (["Max Moe Jr., MD"], ("Max Moe Jr.",)),
        (["Max Moe, Jr, Ann Roe"], ("Max Moe Jr.", "Ann Roe")),
        (["MAX MOE-POE II"], ("Max Moe-Poe II",)),
        (["Roe II", "Moe JA"], ("I. I. Roe", "J. A. Moe")),
    ],
)
def test_degrees_are_left_out_and_generations_stand_behind(
    fields: list[str], names: tuple[str, ...]
) -> None:
    assert authors_of(fields) == names
    assert normal_names(names) == names


def test_what_names_nobody_is_no_author() -> None:
    assert normal_names(["", " ", ",", "et al.", "Ann Plato"]) == ("Ann Plato",)


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
        (["Ann Doe", "Zedong YU", "Max Roe"], ("Ann Doe", "Zedong YU", "Max Roe")),
    ],
)
def test_short_names_of_companies_are_no_initials(
    fields: list[str], names: tuple[str, ...]
) -> None:
    assert authors_of(fields) == names


@pytest.mark.parametrize(
    ("lists", "are_first"),
    [
        (["Plato, Roe"], False),
        (["Иванов, Петров", "Plato, Ann"], False),
        (["김철수, 이영희", "张伟, 李娜"], False),
        (["Plato, Ann", "Doe, Jane and Roe, Max"], True),
        (["Plato, Ann", "Doe, Jane; Roe, Max"], True),
        (["Plato, Ann", "Doe, Jane B."], True),
        (["Plato, Ann", "van der Berg, Max"], True),
    ],
)
def test_two_words_are_one_person_only_where_other_lists_show_it(
    lists: list[str], are_first: bool
) -> None:
    assert are_family_names_first(lists) is are_first
