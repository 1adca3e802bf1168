"""Fields of BibTeX are read as people fill them in: names without "and", a day beside the month."""

from __future__ import annotations

import pytest

from recommender.papers.references.references import read_references


@pytest.mark.parametrize(
    ("field", "people"),
    [
        ("Kim Doe, Max Roe, Ann Poe", ("Kim Doe", "Max Roe", "Ann Poe")),
        ("Kim Doe, Max Roe, and Ann Poe", ("Kim Doe", "Max Roe", "Ann Poe")),
        ("Doe, Kim; Roe, Max", ("Kim Doe", "Max Roe")),
        ("Kim Doe & Max Roe", ("Kim Doe", "Max Roe")),
        (r"Doe, K. \& Roe, M.", ("K. Doe", "M. Roe")),
        ("Kim Doe, Max Roe & Ann Poe", ("Kim Doe", "Max Roe", "Ann Poe")),
        ("Doe, K., Roe, M., Poe, A.", ("K. Doe", "M. Roe", "A. Poe")),
        # What is no list.
        ("{Simon & Example}", ("Simon & Example",)),
        ("Example & Example", ("Example & Example",)),
        ("van der Doe, Jr., Kim", ("Kim van der Doe Jr.",)),
        ("de Souza Doe, Ana Maria and Roe, Max", ("Ana Maria de Souza Doe", "Max Roe")),
    ],
)
def test_names_are_parted_by_whatever_stands_for_and(field: str, people: tuple[str, ...]) -> None:
    [entry] = read_references(
        f"@article{{k, title = {{Of Mice}}, author = {{{field}}}}}".encode()
    ).entries
    assert entry.authors == people


@pytest.mark.parametrize("month", ["nov", "{November}", "11", "{11}"])
@pytest.mark.parametrize(("day", "number"), [("5", 5), ("{05}", 5), ("{}", 1), ("{31}", 1)])
def test_a_field_may_say_the_day_of_the_month(month: str, day: str, number: int) -> None:
    text = f"@article{{k, title = {{Of Mice}}, year = 2025, month = {month}, day = {day}}}"
    [entry] = read_references(text.encode()).entries
    assert entry.published_at is not None
    assert entry.published_at.day == number
