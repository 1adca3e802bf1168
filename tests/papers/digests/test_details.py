"""What stands between bars or dots on a line is a detail of its own, and no name, and no title."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.digests.details import is_detail, parted_details
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
NAMES = ("Ann Example", "Bo Sample")


def read(lines: str) -> Digest:
    paper = "## Growth of {0}\n\n{1}\n\nWe count {0} in spring, and find more than ever.\n\n"
    papers = [paper.format("moss", lines), paper.format("fern", lines.replace("01234", "01235"))]
    return parse_digest("".join(papers).encode(), today=TODAY)


@pytest.mark.parametrize(
    "behind",
    [
        *(
            "| **Date:** 2026-03-10",
            "· Published: 2026-03-10 · Category: cs.LG",
            "• cs.LG, stat.ML",
        ),
        *("; Published: March 10, 2026", "| 🏛️ MIT, Stanford", "— University of Example"),
        *(
            "| Institute of Examples",
            "| [PDF](https://example.org/a.pdf)",
            "| 📅 2026-03-10 | 🏷️ cs.LG",
        ),
        *("| **Date:** 2026-03-10 | **arXiv:** 2603.01234", "· ICLR 2026", "| ⭐ 12 | 💬 3"),
    ],
)
@pytest.mark.parametrize("before", ["**Authors:** ", "Authors: ", "👥 ", "- **Authors:** ", "by "])
def test_what_stands_behind_the_authors_is_no_name(before: str, behind: str) -> None:
    found = read(f"{before}Ann Example, Bo Sample {behind}")
    assert [entry.authors for entry in found.entries] == [NAMES, NAMES]
    assert [entry.title for entry in found.entries] == ["Growth of moss", "Growth of fern"]
    days = {entry.published_at and entry.published_at.date() for entry in found.entries}
    assert days == {date(2026, 3, 10) if "10" in behind else None}


@pytest.mark.parametrize(
    "behind",
    [
        *("| MIT, Stanford", "· Carnegie Mellon", "| work in progress", "@ MIT", "; MIT", "- MIT"),
        *(", in press 2026", "(MIT) 2026"),
    ],
)
def test_what_may_be_no_name_behind_the_authors_is_refused(behind: str) -> None:
    with pytest.raises(DigestError, match=r"line 3: .* stands among the authors; write it on"):
        read(f"Authors: Ann Example, Bo Sample {behind}")


@pytest.mark.parametrize("between", [" | ", " · ", " • ", "; "])
def test_names_between_bars_are_names(between: str) -> None:
    found = read("Authors: " + between.join(("Ann Example", "Sample, Bo", "Cy van Other")))
    assert found.entries[0].authors == (*NAMES, "Cy van Other")


@pytest.mark.parametrize("sign", ["📅 2026-03-10 · ⭐ 12 · 💬 3", "⭐ 12 · 💬 3", "🏛️ MIT", "cs.LG"])
def test_a_detail_that_all_papers_have_is_no_title(sign: str) -> None:
    """Though "👤" above it, the same for all, looks like whoever made the digest."""
    found = read(f"👤 Ann Example, Bo Sample\n{sign}")
    assert [entry.title for entry in found.entries] == ["Growth of moss", "Growth of fern"]
    assert {entry.authors for entry in found.entries} == {NAMES}
    assert found.curator is None


@pytest.mark.parametrize(
    "day", [", 2026-03-10", " (March 10, 2026)", ", March 10, 2026", " / 2026-03-10"]
)
def test_a_day_behind_the_authors_is_the_papers(day: str) -> None:
    found = read(f"Authors: Ann Example, Bo Sample{day}")
    assert {entry.authors for entry in found.entries} == {NAMES}
    days = {entry.published_at and entry.published_at.date() for entry in found.entries}
    assert days == {date(2026, 3, 10)}


@pytest.mark.parametrize("line", ["📅 2026-03-10 · Journal of Moss", "📌 Journal of Moss"])
def test_a_journal_that_all_papers_have_is_no_title(line: str) -> None:
    found = read(f"👤 Ann Example, Bo Sample\n{line}")
    assert [entry.title for entry in found.entries] == ["Growth of moss", "Growth of fern"]
    assert {entry.authors for entry in found.entries} == {NAMES}


def test_a_second_line_of_authors_is_refused_in_place_of_titles() -> None:
    with pytest.raises(DigestError):
        read("👤 Ann Example, Bo Sample\n⬆️ 12 · Dora B. Roe, Eve Poe · 2026-03-10")


@pytest.mark.parametrize("text", ["12 votes · cs.LG", "🏛️ Example University", "cs.LG, cs.CL"])
def test_a_line_of_votes_and_fields_is_a_detail(text: str) -> None:
    assert is_detail(text)


@pytest.mark.parametrize(
    "raw",
    [
        *("Large Language Models | Vision", "| a | cs.LG |", "**A title** | cs.LG", "A title · 12"),
        *(
            "Large Language Models, Vision and More | cs.LG",
            "- 2026-03-10 – 2026-03-12",
            "⭐ A title",
        ),
    ],
)
def test_titles_and_rows_of_tables_are_no_details(raw: str) -> None:
    assert parted_details(raw) == [raw]
    assert not is_detail(raw)


def test_a_detail_that_is_quoted_or_in_a_list_stays_so() -> None:
    assert parted_details("> - *Ann Example, Bo Sample* | 2026-03-10 | cs.LG") == [
        "> - Authors: Ann Example, Bo Sample",
        "> - Date: 2026-03-10",
        "> - cs.LG",
    ]


def test_the_semicolon_of_a_character_reference_parts_no_names() -> None:
    found = read("Authors: Ann Example, Connie O&#x27;Sample and Bo Sample")
    assert found.entries[0].authors == ("Ann Example", "Connie O'Sample", "Bo Sample")
