"""What joins two descriptions, and what of both stands: identifiers, names, whole abstracts."""

from __future__ import annotations

from typing import Any

import pytest
from shelves import DAY, DOI, NOW, PREPRINT, TITLE, WHOLE, A, Shelf, by, entry, named

from recommender.domain import AnnounceType, DigestEntry
from recommender.domain.titles import title_key
from recommender.papers.identity.merging import without_repeats
from recommender.store import digests
from recommender.store.tables import PaperRow

WORDS = "Readers of small print tire early, whatever their age and however bright the lamp is."


def test_a_wrong_identifier_of_an_entry_hands_no_other_one_over(shelf: Shelf) -> None:
    shelf.take(entry(TITLE, WHOLE, arxiv_id=A, **by("Ann Urquhart")))
    for _ in range(2):
        shelf.take(entry("Small boats", WORDS, arxiv_id=A, doi=DOI))
    assert [(p.title, p.arxiv_id, p.doi) for p in shelf.papers] == [
        (TITLE, A, None),
        ("Small boats", None, DOI),
    ]
    shelf.take(entry("Small boats", WORDS, doi=DOI, **by("Bea Roe")))
    assert [paper.authors for paper in shelf.papers] == [("Ann Urquhart",), ("Bea Roe",)]


def test_chapters_with_the_doi_of_their_book_are_as_many_rows_as_works(shelf: Shelf) -> None:
    one = entry("Small boats in changing winds", doi=DOI, **by("Ann Plato"))
    other = entry("Vents of the deep Pacific", doi=DOI, **by("Bea Roe"))
    shelf.take(one)
    shelf.take(other)
    shelf.take(other, one)
    assert [paper.title for paper in shelf.papers] == [one.title, other.title]


def test_a_subscribers_description_hinders_no_merge(shelf: Shelf) -> None:
    named(shelf, entry("My own name for it", WORDS, arxiv_id=A, **by("Xaver Yule")))
    shelf.take(entry(TITLE, doi=PREPRINT, **by("Ann Urquhart")))
    shelf.take(entry(TITLE, arxiv_id=A, doi=PREPRINT, **by("Ann Urquhart")))
    (paper,) = shelf.papers
    assert (paper.title, paper.arxiv_id, paper.doi) == (TITLE, A, PREPRINT)


@pytest.mark.parametrize(
    ("fields", "is_withdrawn"),
    [({}, False), (by("Bea Roe"), False), (by("A. Urquhart"), True), ({"arxiv_id": A}, True)],
)
def test_a_bare_title_takes_back_nothing_that_has_an_identifier(
    shelf: Shelf, fields: dict[str, Any], is_withdrawn: bool
) -> None:
    notice = entry(TITLE, announce_type=AnnounceType.WITHDRAWN, **fields)
    shelf.take(entry(TITLE, arxiv_id=A, **by("Ann Urquhart")))
    shelf.take(notice)
    assert (shelf.papers[0].withdrawn_at is not None) is is_withdrawn

    first, *_ = without_repeats([entry(TITLE, arxiv_id=A, **by("Ann Urquhart")), notice])
    assert (first.announce_type is AnnounceType.WITHDRAWN) is is_withdrawn


LONG_TEXT = (
    WHOLE + " Their drift follows the temperature of the night before, which" * 5 + " tells."
)


@pytest.mark.parametrize(
    ("first", "second", "is_revision", "kept"),
    [
        (entry(TITLE, "TL;DR: it drifts."), LONG_TEXT, False, LONG_TEXT),
        (entry(TITLE, "They measured how things drift."), LONG_TEXT, False, LONG_TEXT),
        (entry(TITLE, "Of drift. Read more \u2192"), LONG_TEXT, False, LONG_TEXT),
        (entry(TITLE, LONG_TEXT), "Now with more stations and \u2026", True, LONG_TEXT),
        (entry(TITLE, LONG_TEXT), "Now with more. Continue reading", True, LONG_TEXT),
        (entry(TITLE, LONG_TEXT), "Now with more stations.", True, "Now with more stations."),
        (
            entry(TITLE, r"We measure $\alpha$-drift of"),
            *("We measure \u03b1-drift of lattices, winter after winter after winter.", False),
            "We measure \u03b1-drift of lattices, winter after winter after winter.",
        ),
    ],
)
def test_the_whole_abstract_stands_whichever_came_first(
    shelf: Shelf, first: DigestEntry, second: str, is_revision: bool, kept: str
) -> None:
    shelf.take(first)
    kind = AnnounceType.REPLACE if is_revision else AnnounceType.NEW
    shelf.take(entry(TITLE, second, arxiv_id=A, announce_type=kind))
    assert [paper.abstract for paper in shelf.papers] == [kept]


@pytest.mark.parametrize(
    ("dois", "brought"),
    [
        (("10.21203/rs.3.rs-1/v1", "10.21203/rs.3.rs-1/v2"), {"doi": "10.21203/rs.3.rs-1/v2"}),
        (("10.21203/rs.3.rs-1/v1", "10.21203/rs.3.rs-1/v2"), {"doi": "10.21203/rs.3.rs-1/v3"}),
        ((None, f"10.48550/arxiv.{A}"), {"arxiv_id": A}),
    ],
    ids=["a version that is known", "a new version", "arXiv's DOI"],
)
@pytest.mark.parametrize("other_title", ["Lattices", "Wholly otherwise"])
def test_rows_that_share_an_identifier_since_an_upgrade_are_made_one_when_met(
    shelf: Shelf, dois: tuple[str | None, str], brought: dict[str, str], other_title: str
) -> None:
    shelf.take(entry("Lattices", arxiv_id=None if dois[0] else A, doi=dois[0]), entry("Between"))
    with shelf.services.database.write() as session:
        row = PaperRow(
            title=other_title,
            title_key=title_key(other_title),
            abstract="",
            authors=[],
            doi=dois[1],
            first_seen_at=NOW,
        )
        session.add(row)
        session.flush()
        mentioned = digests.RankedMention(row.id or 0, 1, 0)
        digests.add(
            session,
            sha256="x",
            format="feed",
            source="folder",
            file_name="x",
            curator="AK",
            day=DAY,
            ingested_at=NOW,
            mentions=[mentioned],
        )
    shelf.take(entry("Lattices", **brought))
    assert sorted(paper.title for paper in shelf.papers) == ["Between", "Lattices"]
    shelf.take(entry("Lattices", **brought), entry("Another"))


def test_an_article_under_another_title_is_its_preprint_that_came_before(shelf: Shelf) -> None:
    text = f"{WHOLE} The model has three parameters and halves the error of unattended stations."
    people = by("Ann Urquhart", "Bea Roe")
    shelf.take(entry(TITLE, text, arxiv_id=A, **people))
    shelf.take(
        entry("Sparse lattice sensors and heat", text, doi=DOI, **by("A. Urquhart", "B. Roe"))
    )
    shelf.take(entry("Vents of the deep Pacific", WORDS * 2, doi="10.1000/other", **people))

    assert [(paper.title, paper.arxiv_id, paper.doi) for paper in shelf.papers] == [
        (TITLE, A, DOI),
        ("Vents of the deep Pacific", None, "10.1000/other"),
    ]


def test_who_wrote_a_paper_is_found_once_that_is_known(shelf: Shelf) -> None:
    text = f"{WHOLE} The model has three parameters and halves the error of unattended stations."
    shelf.take(entry(TITLE, text, arxiv_id=A))
    shelf.take(entry(TITLE, text, arxiv_id=A, **by("Ann Urquhart", "Bea Roe")))
    shelf.take(
        entry("Sparse lattice sensors and heat", text, doi=DOI, **by("Ann Urquhart", "Bea Roe"))
    )
    assert [(paper.title, paper.doi) for paper in shelf.papers] == [(TITLE, DOI)]
