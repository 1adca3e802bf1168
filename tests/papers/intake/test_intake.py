"""A digest becomes papers and mentions: one row for one paper, however it is described."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelves import DAY, DOI, NOW, PREPRINT, TITLE, WHOLE, A, B, Shelf, by, entry, named

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.papers.identity.merging import merge_entries, without_repeats
from recommender.papers.identity.same_work import brought_up_to_date
from recommender.papers.intake.digest_intake import IntakeCounts


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (entry(arxiv_id=A), entry("Retitled", arxiv_id=A)),
        (entry(doi=DOI), entry("Retitled", doi=DOI)),
        (entry("A  Title: of one"), entry("A title – of One", arxiv_id=A)),
        (entry("A title", arxiv_id=A), entry("A TITLE.")),
        (entry("A title", arxiv_id=A), entry("A title", doi=DOI)),
    ],
    ids=["arXiv id", "DOI", "title before an id", "title after an id", "title of two kinds of id"],
)
def test_one_paper_in_two_digests_is_one_row(
    shelf: Shelf, first: DigestEntry, second: DigestEntry
) -> None:
    assert shelf.take(first) == IntakeCounts(papers_new=1, papers_seen=0, mentions=1)
    assert shelf.take(second) == IntakeCounts(papers_new=0, papers_seen=1, mentions=1)
    assert len(shelf.papers) == 1
    assert shelf.papers[0].title == first.title


@pytest.mark.parametrize("fields", [("arxiv_id", A, B), ("doi", DOI, "10.1000/two")])
@pytest.mark.parametrize("together", [True, False])
def test_two_papers_with_one_title_stay_two(
    shelf: Shelf, fields: tuple[str, str, str], *, together: bool
) -> None:
    name, *ids = fields
    first, second = (entry("Editorial", **{name: each}) for each in ids)
    if together:
        shelf.take(first, second)
    else:
        shelf.take(first)
        shelf.take(second)
    assert ids == [getattr(paper, name) for paper in shelf.papers]


def test_two_papers_stay_two_where_a_paper_without_identifier_has_their_title(
    shelf: Shelf,
) -> None:
    shelf.take(entry("Attention to what"))
    shelf.take(entry("Attention to what", arxiv_id=A), entry("Attention to what", arxiv_id=B))
    assert [paper.arxiv_id for paper in shelf.papers] == [A, B]


def test_a_digest_whose_entries_turn_out_to_be_one_paper_is_stored(shelf: Shelf) -> None:
    by_ann = {"authors": ("Ann Example",)}
    entries = [
        entry("One", arxiv_id=A, **by_ann),
        entry("Two", doi=DOI, **by_ann),
        entry("Three", arxiv_id=A, doi=DOI, **by_ann),
    ]
    counts = shelf.take(*without_repeats(entries))
    assert counts == IntakeCounts(papers_new=1, papers_seen=0, mentions=1)
    assert shelf.mentions == [(shelf.papers[0].id, 1, 0)]


def test_a_document_of_two_days_is_the_digests_of_both(shelf: Shelf) -> None:
    before = date(2026, 3, 10)
    one, two = entry("One", arxiv_id=A, listed_on=DAY), entry("Two", doi=DOI, listed_on=DAY)
    [counts] = shelf.take_together([[one, two, replace(one, listed_on=before)]])
    assert counts == IntakeCounts(papers_new=2, papers_seen=1, mentions=3, days=2)
    assert shelf.days == [(before, [1]), (DAY, [1, 2])]


def test_a_list_that_grows_by_a_day_mentions_the_days_before_no_more(shelf: Shelf) -> None:
    days = [date(2026, 3, day) for day in (8, 9, 10, 11)]
    listed = [entry(f"Paper {day.day} of it", listed_on=day) for day in days]
    shelf.take(*reversed(listed[:3]))
    assert shelf.take(*reversed(listed)).mentions == 1
    assert [(day, [1]) for day in days] == [(day, ranks) for day, ranks in shelf.days if ranks]


def test_fields_that_lacked_are_filled(shelf: Shelf) -> None:
    shelf.take(entry())
    full: dict[str, Any] = {
        "authors": ("Ann Example",),
        "arxiv_id": A,
        "doi": DOI,
        "url": "https://arxiv.org/abs/2603.00001",
        "published_at": NOW,
        "summary": "What it does.",
    }
    shelf.take(entry(abstract="It is shown.", **full))
    (paper,) = shelf.papers
    assert Paper(paper.id, "A title", "It is shown.", **full, first_seen_at=NOW) == paper


@given(st.sampled_from(AnnounceType), st.booleans(), st.booleans())
def test_what_is_known_is_never_emptied(
    announce_type: AnnounceType, has_abstract: bool, has_authors: bool
) -> None:
    known = Paper(
        1, "A title", "It is shown.", ("Ann",), A, DOI, "https://e.org/1", NOW, NOW, "What it does."
    )
    after = brought_up_to_date(
        known,
        entry(
            "Retitled",
            "It is refuted." if has_abstract else "",
            authors=("Ben",) if has_authors else (),
            announce_type=announce_type,
        ),
    )
    assert (after.id, after.arxiv_id, after.doi, after.url, after.published_at) == (
        known.id,
        A,
        DOI,
        known.url,
        NOW,
    )
    assert after.title
    assert after.abstract
    assert after.authors
    assert after.summary == "What it does."


def test_replace_updates_the_text_without_a_mention(shelf: Shelf) -> None:
    shelf.take(entry("Old", "Old abstract.", arxiv_id=A, authors=("Ann",)))
    before = shelf.mentions
    newer = entry(
        "New", "New abstract.", arxiv_id=A, authors=("Ben",), announce_type=AnnounceType.REPLACE
    )
    assert shelf.take(newer) == IntakeCounts(papers_new=0, papers_seen=1, mentions=0)
    (paper,) = shelf.papers
    assert (paper.title, paper.abstract, paper.authors) == ("New", "New abstract.", ("Ben",))
    assert before == shelf.mentions


def test_a_replaced_paper_is_found_by_its_new_title(shelf: Shelf) -> None:
    shelf.take(entry("Old", arxiv_id=A))
    shelf.take(entry("New", arxiv_id=A, announce_type=AnnounceType.REPLACE))
    assert shelf.take(entry("New")).papers_seen == 1


def test_replace_of_an_unknown_paper_stores_it_without_a_mention(shelf: Shelf) -> None:
    counts = shelf.take(entry(arxiv_id=A, announce_type=AnnounceType.REPLACE))
    assert counts == IntakeCounts(papers_new=1, papers_seen=0, mentions=0)


def test_a_new_mention_keeps_the_text_that_is_known(shelf: Shelf) -> None:
    shelf.take(entry("Old", "Old abstract.", arxiv_id=A))
    shelf.take(entry("New", "New abstract.", arxiv_id=A))
    assert [(paper.title, paper.abstract) for paper in shelf.papers] == [("Old", "Old abstract.")]


def test_identifiers_of_another_paper_are_not_stolen(shelf: Shelf) -> None:
    shelf.take(entry("One", arxiv_id=A), entry("Two", doi=DOI))
    shelf.take(entry("One", arxiv_id=A, doi=DOI))
    assert [(paper.arxiv_id, paper.doi) for paper in shelf.papers] == [(A, None), (None, DOI)]


def test_a_preprint_and_its_journal_version_are_one_row_that_shows_the_journal(
    shelf: Shelf,
) -> None:
    shelf.take(entry(TITLE, doi=PREPRINT, **by("Ann S. Urquhart", "Ben Roe")))
    shelf.take(entry(TITLE.upper(), doi=DOI, **by("A. S. Urquhart", "B. Roe")))
    assert [paper.doi for paper in shelf.papers] == [DOI]

    counts = shelf.take(entry("Retitled", doi=PREPRINT), entry("Retitled again", doi=DOI))
    assert (counts.papers_new, counts.papers_seen) == (0, 1)


def test_all_versions_of_a_preprint_are_one_row_whose_doi_resolves(shelf: Shelf) -> None:
    shelf.take(entry("One", doi="10.21203/rs.3.rs-765432/v1"))
    shelf.take(entry("One, revised", doi="10.21203/rs.3.rs-765432/v2"))
    assert [paper.doi for paper in shelf.papers] == ["10.21203/rs.3.rs-765432/v1"]


def test_an_entry_with_the_identifiers_of_two_rows_makes_them_one(shelf: Shelf) -> None:
    shelf.take(entry("Drifting lattices", arxiv_id=A, upvotes=3, **by("Ann Urquhart")))
    shelf.take(entry(TITLE, doi=DOI, **by("A. Urquhart")), entry("Another"))
    shelf.take(entry("Both", arxiv_id=A, doi=DOI))

    paper = next(paper for paper in shelf.papers if paper.arxiv_id == A)
    assert (paper.title, paper.doi) == ("Drifting lattices", DOI)
    assert len(shelf.papers) == 2
    assert [each for each in shelf.mentions if each[0] == paper.id] == [
        (paper.id, 1, 3),
        (paper.id, 1, 0),
        (paper.id, 1, 0),
    ]


def test_what_a_subscriber_says_makes_no_two_rows_one(shelf: Shelf) -> None:
    shelf.take(entry("Drifting lattices", arxiv_id=A, **by("Ann Urquhart")))
    shelf.take(entry(TITLE, doi=DOI, **by("Ann Urquhart")))
    before = shelf.papers
    named(shelf, entry("Both", arxiv_id=A, doi=DOI, **by("Ann Urquhart")))
    assert before == shelf.papers


def test_a_tie_with_a_paper_that_a_subscriber_described_keeps_what_digests_said(
    shelf: Shelf,
) -> None:
    named(shelf, entry("Buy this", "Advertisement.", doi=DOI, **by("Ann Urquhart")))
    shelf.take(entry(TITLE, "It drifts.", arxiv_id=A, **by("Ann Urquhart")))
    shelf.take(entry(TITLE, arxiv_id=A, doi=DOI))
    (paper,) = shelf.papers
    assert (paper.title, paper.abstract, paper.arxiv_id, paper.doi) == (
        *(TITLE, "It drifts.", A, DOI),
    )


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("Lattices drift. We measure by…", WHOLE, WHOLE),
        ("Lattices drift. We measure [...]", WHOLE, WHOLE),
        ("Lattices drift.", WHOLE, WHOLE),
        (WHOLE, "Lattices drift. We measure by…", WHOLE),
        (WHOLE, "Something else, and at greater length, says whoever passes it on. " * 3, WHOLE),
        ("What they do with drift…", WHOLE, WHOLE),
    ],
)
def test_half_an_abstract_gives_way_to_the_whole_one_and_nothing_else_does(
    shelf: Shelf, first: str, second: str, kept: str
) -> None:
    shelf.take(entry(TITLE, first, arxiv_id=A))
    shelf.take(entry(TITLE, second, arxiv_id=A))
    assert [paper.abstract for paper in shelf.papers] == [kept]


def test_a_revision_with_half_an_abstract_leaves_the_whole_one(shelf: Shelf) -> None:
    shelf.take(entry(TITLE, WHOLE, arxiv_id=A))
    shelf.take(entry(TITLE, WHOLE[:30] + "…", arxiv_id=A, announce_type=AnnounceType.REPLACE))
    assert [paper.abstract for paper in shelf.papers] == [WHOLE]


def test_authors_give_way_to_a_longer_list_with_all_of_them(shelf: Shelf) -> None:
    shelf.take(entry(TITLE, arxiv_id=A, **by("A. Urquhart")))
    shelf.take(entry(TITLE, arxiv_id=A, **by("Ann Urquhart", "Ben Roe")))
    shelf.take(entry(TITLE, arxiv_id=A, **by("Cleo Doe", "Dan Fry", "Eve Gray")))
    assert [paper.authors for paper in shelf.papers] == [("Ann Urquhart", "Ben Roe")]


def test_front_matter_is_as_many_rows_as_there_are_works(shelf: Shelf) -> None:
    for title in ("Corrigendum", "Book review", "Foreword"):
        shelf.take(*(entry(title, doi=f"10.1000/{title[:4]}{n}".lower()) for n in range(3)))
        shelf.take(entry(title, "Of another journal, without a DOI."))
    assert len(shelf.papers) == 12
    shelf.take(entry("Foreword", "Of another journal, without a DOI."))
    assert len(shelf.papers) == 12


def test_ranks_and_upvotes_are_those_of_the_digest(shelf: Shelf) -> None:
    shelf.take(entry("One", upvotes=3), entry("Two"), entry("Three", upvotes=7))
    first, second, third = (paper.id for paper in shelf.papers)
    assert shelf.mentions == [(first, 1, 3), (second, 2, 0), (third, 3, 7)]


ENTRIES = st.builds(
    entry,
    title=st.sampled_from(["One", "one!", "Two", "Three"]),
    abstract=st.sampled_from(["", "Text."]),
    arxiv_id=st.sampled_from([None, A, B]),
    doi=st.sampled_from([None, DOI, "10.1000/two"]),
    announce_type=st.sampled_from(AnnounceType),
)


@given(st.lists(ENTRIES, max_size=6), st.lists(ENTRIES, max_size=6))
def test_no_identifier_is_on_two_papers_whatever_the_digests_say(
    first: list[DigestEntry], second: list[DigestEntry]
) -> None:
    def known(entries: list[DigestEntry], stored: list[Paper], first_id: int) -> list[Paper]:
        merged = merge_entries(stored, without_repeats(entries), now=NOW).papers
        found = {paper.id: paper for paper in [*stored, *merged]}
        # Stored papers get their ids; those below 0 are numbered on.
        return [
            paper if paper.id > 0 else _numbered(paper, number)
            for number, paper in enumerate(found.values(), start=first_id)
        ]

    stored = known(second, known(first, [], 1), 100)
    for name in ("arxiv_id", "doi"):
        ids = [getattr(paper, name) for paper in stored if getattr(paper, name)]
        assert len(ids) == len(set(ids))


def _numbered(paper: Paper, number: int) -> Paper:
    return Paper(
        number,
        paper.title,
        paper.abstract,
        paper.authors,
        paper.arxiv_id,
        paper.doi,
        paper.url,
        paper.published_at,
        paper.first_seen_at,
    )


@given(st.lists(ENTRIES, min_size=1, max_size=6))
def test_the_same_digest_again_means_the_same_papers(entries: list[DigestEntry]) -> None:
    merged = merge_entries([], without_repeats(entries), now=NOW).papers
    stored = list({paper.id: _numbered(paper, -paper.id) for paper in merged}.values())
    again = merge_entries(stored, without_repeats(entries), now=NOW).papers
    assert {paper.id for paper in again} <= {paper.id for paper in stored}


def test_what_a_subscriber_says_of_a_paper_changes_nothing_that_a_digest_said(
    shelf: Shelf,
) -> None:
    shelf.take(entry("A title", arxiv_id=A))
    before = shelf.papers

    assert named(shelf, entry("Buy this", "Advertisement.", arxiv_id=A, doi=DOI)) == [
        (before[0].id, False)
    ]
    assert shelf.papers == before


def test_a_paper_that_a_subscriber_named_first_becomes_what_the_digest_says(shelf: Shelf) -> None:
    ((paper_id, is_new),) = named(
        shelf, entry("Buy this", "Advertisement.", arxiv_id=A, doi=DOI, authors=("Mallory",))
    )
    shelf.take(entry("A title", arxiv_id=A))

    assert is_new
    assert [(p.id, p.title, p.abstract, p.authors, p.doi) for p in shelf.papers] == [
        (paper_id, "A title", "", (), None)
    ]


def test_a_false_identifier_of_a_subscriber_leads_no_other_paper_astray(shelf: Shelf) -> None:
    named(shelf, entry("A title", arxiv_id=B))
    shelf.take(entry("A title", arxiv_id=None), entry("Another", arxiv_id=B))

    assert [(p.title, p.arxiv_id) for p in shelf.papers] == [("A title", None), ("Another", B)]


def test_papers_that_a_subscriber_named_have_no_mention(shelf: Shelf) -> None:
    named(shelf, entry("One"), entry("One"), entry("Two"))

    assert [paper.title for paper in shelf.papers] == ["One", "Two"]
    assert shelf.mentions == []


def test_papers_of_one_title_are_as_many_as_their_identifiers() -> None:
    entries = [entry("Editorial", doi=f"10.1000/{number}") for number in range(5_000)]

    meant = merge_entries([], entries, now=NOW).papers

    assert len({paper.id for paper in meant}) == 5_000


@pytest.mark.parametrize("is_together", [False, True])
def test_digests_that_make_two_rows_one_count_as_if_they_came_one_by_one(
    shelf: Shelf, *, is_together: bool
) -> None:
    lists = [
        [entry("On mice", arxiv_id=A), entry("Another")],
        [entry("On mice, published", doi=DOI), entry("A third")],
        [entry("On mice, published", arxiv_id=A, doi=DOI), entry("Another"), entry("A fourth")],
        [entry("On mice, published", doi=DOI)],
    ]
    counts = shelf.take_together(lists) if is_together else [shelf.take(*each) for each in lists]

    assert [paper.title for paper in shelf.papers if paper.arxiv_id] == ["On mice"]
    assert sum(each.papers_new for each in counts) >= len(shelf.papers) == 4
    assert [each.papers_new + each.papers_seen for each in counts] == [2, 2, 3, 1]
    assert [each.papers_new for each in counts[2:]] == [1, 0]
    rows = sorted(paper.id for paper in shelf.papers)
    assert sorted({paper_id for paper_id, _, _ in shelf.mentions}) == rows


def test_rows_made_one_by_a_digest_are_no_new_paper(shelf: Shelf) -> None:
    shelf.take(entry("On mice", arxiv_id=A))
    shelf.take(entry("On mice, published", doi=DOI))
    [of_both, other] = shelf.take_together(
        [[entry("On mice, published", arxiv_id=A, doi=DOI)], [entry("Another")]]
    )
    assert (of_both.papers_new, of_both.papers_seen) == (0, 1)
    assert (other.papers_new, other.papers_seen) == (1, 0)
    assert len(shelf.papers) == 2
