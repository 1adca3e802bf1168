"""People of one family name and the same initials are as many as their source names."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.papers.formats import parse_digest
from recommender.papers.references.references import read_references

TODAY = date(2026, 3, 11)
BOTH = ("Jing Wang", "Jun Wang")
SHORT = ("J. Wang", "J. Wang")
_RIS = "TY  - JOUR\nTI  - Of mice\nAU  - Wang, {}\nAU  - Wang, {}\nDO  - 10.1234/a\nER  - \n"
_MEDLINE = "PMID- 12345678\nTI  - Of mice\n{}LID - 10.1234/a [doi]\nDP  - 2026\n"
_CIW = "FN Clarivate\nVR 1.0\nPT J\n{}TI Of mice\nDI 10.1234/a\nPY 2026\nER\n\nEF\n"
_BIBTEX = "@article{{a, title={{Of mice}}, author={{Wang, {} and Wang, {}}}, doi={{10.1234/a}}}}\n"
_AU = "AU  - Wang J\n"


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        (_BIBTEX.format("Jing", "Jun"), BOTH),
        (_BIBTEX.format("J.", "J."), SHORT),
        (_RIS.format("Jing", "Jun"), BOTH),
        (_RIS.format("J.", "J."), SHORT),
        (_MEDLINE.format(f"FAU - Wang, Jing\n{_AU}FAU - Wang, Jun\n{_AU}"), BOTH),
        (_MEDLINE.format(_AU + _AU), SHORT),
        (_CIW.format("AU Wang, J\n   Wang, J\nAF Wang, Jing\n   Wang, Jun\n"), BOTH),
        (_CIW.format("AU Wang, J\n   Wang, J\n"), SHORT),
        ("%0 Generic\n%T Of mice\n%A Wang, Jing\n%A Wang, Jun\n%R 10.1234/a\n", BOTH),
        ("%0 Generic\n%T Of mice\n%A Wang, J.\n%A Wang, J.\n%R 10.1234/a\n", SHORT),
    ],
)
def test_two_namesakes_are_two(text: str, authors: tuple[str, ...]) -> None:
    (entry,) = parse_digest(text.encode(), today=TODAY).entries
    (named,) = read_references(text).entries

    assert entry.authors == named.authors == authors


@pytest.mark.parametrize(
    "text",
    [
        '[{"title": "Of mice", "doi": "10.1234/a", "authors": ["J. Wang", "J. Wang"]}]',
        '[{"title": "Of mice", "doi": "10.1234/a", "authors": "Wang, J.; Wang, J."}]',
    ],
)
def test_two_namesakes_of_a_list_in_json_are_two(text: str) -> None:
    (entry,) = parse_digest(text.encode(), today=TODAY).entries

    assert entry.authors == SHORT


def test_who_has_no_whole_name_is_named_by_initials() -> None:
    text = _MEDLINE.format(f"FAU - Wang, Jing\n{_AU}AU  - Doe A\nFAU - Wang, Jun\n{_AU}")
    (entry,) = parse_digest(text.encode(), today=TODAY).entries

    assert entry.authors == ("Jing Wang", "A. Doe", "Jun Wang")
