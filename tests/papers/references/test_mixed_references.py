"""References of several forms in one text are named, and notes and dates read with care."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recommender.papers.references.references import read_references

BIB = "@article{a,\n title={Small Boats},\n author={Doe, Ann}\n}\n"
RIS = "TY  - JOUR\nTI  - Large Boats\nAU  - Doe, Ann\nER  - \n"


@pytest.mark.parametrize(
    ("document", "titles", "where"),
    [
        (f"{BIB}\n# Also interesting\n\nLarge Boats\n", ["Small Boats"], "line 6"),
        (f"{BIB}\nLarge boats are worth a look, too.\n\n{BIB}", ["Small Boats"], "line 6"),
        (f"{BIB}\n{RIS}", ["Small Boats"], "line 6"),
        (f"{RIS}\n{BIB}", ["Small Boats"], "line 1"),
        (f"{RIS}\n## Harbours\nWe study harbours.\n", ["Large Boats"], "line 6"),
        (
            "PMID- 1\nTI  - Boats.\nSO  - J\n\n## Harbours\nWe study harbours.\n",
            ["Boats"],
            "line 5",
        ),
        ("PMID- 1\nTI  - Boats.\n\nPMID- 2\nTI  - Winds.\nAB  - We sh", ["Boats"], "line 4"),
        ("PMID- 2\nTI  - Winds.\nAB  - We show.\n      They bl\n", [], "line 1"),
    ],
)
def test_what_does_not_fit_the_first_form_is_named(
    document: str, titles: list[str], where: str
) -> None:
    found = read_references(document)
    assert [entry.title for entry in found.entries] == titles
    assert [each.where for each in found.unread] == [where]


def test_comments_and_heads_of_programs_are_no_papers() -> None:
    document = f"Written by a program that does so every day\n\n{BIB}% and so on and so forth\n"
    assert read_references(document).unread == ()


@pytest.mark.parametrize("tags", [("TI", "TI"), ("T1", "T1"), ("TI", "T1")])
def test_a_second_title_begins_a_reference_where_the_first_is_not_ended(
    tags: tuple[str, str],
) -> None:
    first, second = tags
    ris = f"TY  - JOUR\n{first}  - One\nAU  - A, B\n\n{second}  - Two\nAU  - C, D\nER  -\n"
    found = read_references(ris)
    assert [(entry.title, entry.authors) for entry in found.entries] == [
        ("One", ("B A",)),
        ("Two", ("D C",)),
    ]


@pytest.mark.parametrize(
    ("note", "arxiv_id"),
    [
        ("This is a follow-up of arXiv:2401.09998", None),
        ("Presented at X, see arXiv:2401.09998 for the companion paper", None),
        ("Builds on arXiv:2401.09998", None),
        ("Part II of arXiv:2401.09998", None),
        ("arXiv version: 2401.09998", "2401.09998"),
        ("preprint: arXiv:2401.09998 [cs.LG]", "2401.09998"),
        ("arXiv:2401.09998", "2401.09998"),
        ("12 pages, 3 figures, arXiv:2401.09998", "2401.09998"),
        (
            "Accepted at ICML 2024. Preprint available at https://arxiv.org/abs/2401.09998",
            "2401.09998",
        ),
    ],
)
def test_a_note_names_a_paper_only_where_it_leaves_no_doubt(
    note: str, arxiv_id: str | None
) -> None:
    for document in (
        f"@article{{a, title={{T}}, note={{{note}}}}}",
        f"TY  - JOUR\nTI  - T\nN1  - {note}\nER  - \n",
    ):
        (entry,) = read_references(document).entries
        assert entry.arxiv_id == arxiv_id


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        ("2025-06/2025-09", datetime(2025, 6, 1, tzinfo=UTC)),
        ("2019-12/2020-01", datetime(2019, 12, 1, tzinfo=UTC)),
        ("2025/2026", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-06-03/2025-06-05", datetime(2025, 6, 3, tzinfo=UTC)),
    ],
)
def test_of_a_range_of_dates_the_first_counts(dates: str, first: datetime) -> None:
    (entry,) = read_references(f"@misc{{a, title={{T}}, date={{{dates}}}}}").entries
    assert entry.published_at == first
