"""Where authors stand right below a wrapped title, it ends before them, or the file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from digest_printing import fill, joined, link, names
from test_digest_styles import texts

from recommender.domain import Digest
from recommender.errors import DigestError
from recommender.papers.digests.title_lines import authors_from
from recommender.papers.formats import parse_digest

TODAY = date(2026, 1, 1)
ABSTRACT = "We distil perspectives and augment data without labels, to perceive colors robustly."
NAMES = "Ann Example, Bob Sample and Cleo Specimen"


@pytest.mark.parametrize(
    ("lines", "expected", "found"),
    [
        (["Perspectives of Data", NAMES], True, 1),
        (["Perspectives of Data", NAMES], False, 1),
        (["Data and", "Perspective Distillation and Label Augmentation", NAMES], True, 2),
        (["Data and", "Perspective Distillation, Labels, and Augmentation"], False, 0),
        (["Data and", "Perspective Distillation, Labels, and Augmentation"], True, 0),
        # It may be anybody.
        (["Data and", "Zebra Crossings"], True, None),
        (["Data and", "Zebra Crossings", NAMES], True, None),
        (["Data and", "Zebra Crossings"], False, 0),
        (["Data and", "Challenges, Methods, and Trends"], False, 0),
        (["Data"], True, 0),
    ],
)
def test_what_the_abstract_says_again_is_of_the_title(
    lines: list[str], expected: bool, found: int | None
) -> None:
    assert authors_from(lines, ABSTRACT, expected=expected) == found


@pytest.mark.parametrize("width", [50, 57, 63, 72, 80, 88])
def test_titles_wrapped_anywhere_are_read_back_or_refused(
    width: int, real_days: Mapping[date, Digest]
) -> None:
    days = list(real_days.items())[5::40]
    read = 0
    for day, digest in days:
        text = f"Papers of {day}\n\n" + joined(
            digest.entries,
            lambda _, p: (
                f"{fill(p.title, width)}\n{fill(names(p), width)}\n{link(p)}\n\n"
                + fill(p.abstract, width)
            ),
            f"\n\n{'-' * width}\n\n",
        )
        try:
            entries = parse_digest(text.encode(), today=TODAY).entries
        except DigestError:
            continue
        assert texts(entries) == texts(digest.entries)
        read += 1
    assert 2 * read > len(days)
