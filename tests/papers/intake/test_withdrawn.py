"""A paper that was taken back is known by whatever says so, and nothing that is read revives it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.papers.formats import parse_digest
from recommender.papers.identity.merging import merge_entries, without_repeats
from recommender.papers.text.abstracts import is_withdrawn, title_before_withdrawal

TODAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 20, 7, tzinfo=UTC)
ENTRY = DigestEntry("Of mice", "We count mice.", arxiv_id="2603.00001", doi="10.1234/abc")
TAKEN_BACK = replace(
    ENTRY, abstract="This paper has been withdrawn.", announce_type=AnnounceType.WITHDRAWN
)
CROSSREF: dict[str, Any] = {"DOI": "10.1234/abc", "title": ["Of mice"]}
NOTICE = {"DOI": "10.1234/notice", "title": ["Retraction: Of mice"]}
OPENALEX = {"authorships": [], "title": "Of mice", "doi": "10.1234/abc", "is_retracted": True}
EUROPE_PMC = {
    "title": "Of mice.",
    "doi": "10.1234/abc",
    "pubTypeList": {"pubType": ["Journal Article", "Retracted Publication"]},
}


def only(content: bytes) -> DigestEntry:
    (entry,) = parse_digest(content, today=TODAY).entries
    return entry


@pytest.mark.parametrize(
    "title",
    [
        "RETRACTED: Of mice",
        "RETRACTED ARTICLE: Of mice",
        "Retracted Article: Of mice",
        "[Retracted] Of mice",
        "(WITHDRAWN) Of mice",
        "WITHDRAWN: Of mice",
        "TEMPORARY REMOVAL: Of mice",
        "REMOVED: Of mice",
        "Of mice (Retracted)",
        "Of mice [Withdrawn]",
        "Of mice (Retracted article. See vol. 3, pg. 5, 2010)",
        "Of mice (Retraction of vol 7, pg 1, 2009)",
        "Of mice. RETRACTED",
        "Of mice - RETRACTED",
        "*Retracted* Of mice",
        "This article has been withdrawn: Of mice",
        "Of mice (withdrawn by the authors)",
        "Of mice [retracted in: J Mice. 2003]",
    ],
)
def test_a_title_that_says_so_is_left_without_it(title: str) -> None:
    assert is_withdrawn(title, "")
    assert title_before_withdrawal(title) == "Of mice"


@pytest.mark.parametrize(
    "title",
    ["Retracted: Of mice", "Withdrawn: Of mice", "WITHDRAWN – Of mice", "WITHDRAWN - Of mice"],
)
def test_a_title_in_doubt_counts_where_a_publisher_registered_it(title: str) -> None:
    assert not is_withdrawn(title, "")
    assert is_withdrawn(title, "", has_doi=True)
    assert title_before_withdrawal(title) == "Of mice"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("Retracted: How scientists lose trust", ""),
        ("Withdrawn: Why do authors leave?", ""),
        ("RETRACTED — What happens next", ""),
        ("Retracted: Is peer review broken?", "We ask 40 editors."),
        ("Retracted: The afterlife of papers", "Retracted papers are cited for years."),
        ("Retracted: A story of trust", "We follow 40 retractions and their authors."),
        ("Retracted: The fate of withdrawn articles", ""),
    ],
)
def test_a_question_or_a_study_of_retraction_is_not_taken_back(title: str, abstract: str) -> None:
    assert not is_withdrawn(title, abstract, has_doi=True)


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("Retracted: Of mice", "We count mice. They withdrew from the trap."),
        ("Retracted: Does size matter in mice?", "This article has been retracted."),
        ("RETRACTED: How mice lose weight", ""),
        ("Retracted: Whole mice", ""),
        ("Retracted: Retraction of the tongue in mice", "The tongue is a retracted muscle."),
    ],
)
def test_what_a_publisher_marked_was_taken_back(title: str, abstract: str) -> None:
    assert is_withdrawn(title, abstract, has_doi=True)


@pytest.mark.parametrize("has_doi", [False, True])
@pytest.mark.parametrize(
    "title",
    [
        "Withdrawn: how teenagers leave public life",
        "Retracted: what happens to papers after retraction",
        "Removed: the politics of statue removal",
        "Removed: Statues and their cities",
        "RETRACTED — an anthropology of academic shame",
        "Life after the troops left (withdrawn from Kabul)",
        "Coins of the north (withdrawn by the bank)",
    ],
)
def test_a_paper_about_retraction_is_none(title: str, has_doi: bool) -> None:
    assert not is_withdrawn(title, "", has_doi=has_doi)
    assert title_before_withdrawal(title) == title


@pytest.mark.parametrize(
    "title",
    [
        "Withdrawn – adolescents who stay at home",
        "Retracted papers live on in citations",
        "Removal of arsenic from water",
        "Retraction: Of mice",
        "Retraction notice to “Of mice”",
        "Social withdrawal: a review",
        "Reaching (retracted position of the arm)",
    ],
)
def test_a_title_with_such_a_word_is_a_title(title: str) -> None:
    assert not is_withdrawn(title, "")
    assert title_before_withdrawal(title) == title


@pytest.mark.parametrize(
    ("abstract", "withdrawn"),
    [
        ("This article has been withdrawn at the request of the author(s) and/or editor.", True),
        ("The publisher regrets that this article has been temporarily removed.", True),
        ("The authors have withdrawn their manuscript owing to duplicate posting.", True),
        ("This submission has been removed from arXiv.", True),
        ("We withdraw this paper.", True),
        ("Paper withdrawn due to an error.", True),
        ("arXiv admin note: This submission has been withdrawn by arXiv administrators.", True),
        ("Retracted. See the erratum.", True),
        ("The paper was withdrawn from circulation in 1900; we study the paper money.", False),
        ("The work was removed from the museum, and we study how.", False),
        ("This article is about removed nodes.", False),
        ("Withdrawn children are studied.", False),
        ("Retracted papers are studied.", False),
        ("Due to an error in Lemma 3, this paper has been withdrawn.", True),
        ("This preprint has been removed from Research Square.", True),
        ("The authors withdrew this paper.", True),
        ("Owing to a flaw in the data the authors have retracted this article.", True),
        ("The article was retracted in 2010, but its claims live on. We count tweets.", False),
        ("The article was retracted. We study how its claims live on.", False),
        ("We have withdrawn our electrodes slowly from cortex in 12 rats.", False),
        ("We have withdrawn the treatment in 40 patients.", False),
        ("Retracted by 40 journals, the papers of one author remain cited.", False),
        ("The manuscript was withdrawn in 1534 by the Inquisition.", False),
        ("This manuscript was withdrawn by the Inquisition.", False),
        ("Withdrawn due to harm in 2003, the drug is back. We report on 400 patients.", False),
    ],
)
def test_an_abstract_that_begins_so_takes_back(abstract: str, withdrawn: bool) -> None:
    assert is_withdrawn("Of mice", abstract) == withdrawn


@pytest.mark.parametrize(
    ("comment", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to a crucial error in equation 3", True),
        ("withdrawn", True),
        ("Withdrawn.", True),
        ("12 pages. This submission has been withdrawn by arXiv administrators", True),
        ("Paper withdrawn, see later work", True),
        ("Withdrawn due to an error in Lemma 2", True),
        ("This paper supersedes arXiv:2601.00001, which was withdrawn", False),
        ("Withdrawn from ICLR, accepted at TMLR", False),
        ("Replaces a withdrawn paper", False),
        ("8 pages, 3 figures", False),
        ("", False),
    ],
)
def test_what_authors_tell_arxiv_is_understood(comment: str, withdrawn: bool) -> None:
    item = (
        '<entry xmlns:arxiv="http://arxiv.org/schemas/atom"><title>Of mice</title>'
        "<id>http://arxiv.org/abs/2603.00001v2</id><summary>We count mice.</summary>"
        f"<arxiv:comment>{comment}</arxiv:comment></entry>"
    )
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{item}</feed>'
    assert withdrawn == (only(feed.encode()).announce_type is AnnounceType.WITHDRAWN)


@pytest.mark.parametrize(
    "document",
    [
        {**CROSSREF, "title": ["RETRACTED: Of mice"]},
        {**CROSSREF, "updated-by": [{"type": "retraction", "DOI": "10.1234/notice"}]},
        {**NOTICE, "update-to": [{"type": "retraction", "DOI": "10.1234/ABC"}]},
        {**NOTICE, "update-to": [{"type": "withdrawal", "DOI": "10.1234/abc"}]},
        OPENALEX,
        {"resultList": {"result": [EUROPE_PMC]}},
        {"id": "10.1234/abc", "title": "Of mice", "withdrawn": True},
        {"id": "10.1234/abc", "title": "Of mice", "comment": "This paper has been withdrawn."},
    ],
    ids=[
        "a title of Crossref",
        *("updated-by of Crossref", "a retraction at Crossref", "a withdrawal at Crossref"),
        *("OpenAlex", "Europe PMC", "JSON Lines", "a comment in JSON Lines"),
    ],
)
def test_each_service_says_it_in_its_own_way(document: dict[str, Any]) -> None:
    entry = only(json.dumps(document).encode())
    assert (entry.title, entry.doi) == ("Of mice", "10.1234/abc")
    assert AnnounceType.WITHDRAWN is entry.announce_type


@pytest.mark.parametrize(
    "document",
    [
        {**CROSSREF, "updated-by": [{"type": "correction", "DOI": "10.1234/erratum"}]},
        {**CROSSREF, "update-to": [{"type": "new_version", "DOI": "10.1234/old"}]},
        {**OPENALEX, "is_retracted": False},
        {**OPENALEX, "is_retracted": "no"},
        {"id": "10.1234/abc", "title": "Of mice", "withdrawn": False},
    ],
)
def test_a_corrected_work_stands(document: dict[str, Any]) -> None:
    entry = only(json.dumps(document).encode())
    assert (entry.doi, entry.announce_type) == ("10.1234/abc", AnnounceType.NEW)


@pytest.mark.parametrize("entries", [(ENTRY, TAKEN_BACK), (TAKEN_BACK, ENTRY)])
def test_of_two_entries_of_a_digest_the_one_that_takes_back_counts(
    entries: tuple[DigestEntry, ...],
) -> None:
    (kept,) = without_repeats(entries)
    assert AnnounceType.WITHDRAWN is kept.announce_type


def test_a_known_paper_keeps_its_text_and_is_marked() -> None:
    (before,) = merge_entries([], [ENTRY], now=NOW).papers
    (after,) = merge_entries([replace(before, id=1)], [TAKEN_BACK], now=NOW + timedelta(1)).papers
    assert replace(before, id=1, withdrawn_at=NOW + timedelta(1)) == after


@pytest.mark.parametrize("announced", [AnnounceType.NEW, AnnounceType.REPLACE, AnnounceType.CROSS])
@pytest.mark.parametrize("unmentioned", [(), (1,)])
def test_nothing_that_is_read_later_revives_it(
    announced: AnnounceType, unmentioned: tuple[int, ...]
) -> None:
    (before,) = merge_entries([], [TAKEN_BACK], now=NOW).papers
    stored: Paper = replace(before, id=1)
    later = replace(ENTRY, announce_type=announced)
    (after,) = merge_entries(
        [stored], [later], now=NOW + timedelta(1), unmentioned=unmentioned
    ).papers
    assert after.withdrawn_at == NOW


@pytest.mark.parametrize("unmentioned", [(), (1,)])
def test_nothing_that_is_read_takes_back_what_the_operator_reinstated(
    unmentioned: tuple[int, ...],
) -> None:
    (before,) = merge_entries([], [ENTRY], now=NOW).papers
    stored = replace(before, id=1, reinstated_at=NOW)
    (after,) = merge_entries([stored], [TAKEN_BACK], now=NOW, unmentioned=unmentioned).papers
    assert (after.withdrawn_at, after.reinstated_at) == (None, NOW)


@pytest.mark.parametrize("reinstated", [0, 1])
def test_of_two_rows_of_one_paper_the_operators_word_stands(reinstated: int) -> None:
    of_arxiv, of_journal = replace(ENTRY, doi=None), replace(ENTRY, arxiv_id=None)
    stored = [
        replace(paper, id=place, withdrawn_at=NOW)
        for place, entry in enumerate((of_arxiv, of_journal), start=1)
        for paper in merge_entries([], [entry], now=NOW).papers
    ]
    stored[reinstated] = replace(stored[reinstated], withdrawn_at=None, reinstated_at=NOW)
    merged = merge_entries(stored, [ENTRY], now=NOW)
    assert merged.replaced == {1: 2}
    assert [(each.withdrawn_at, each.reinstated_at) for each in merged.papers] == [(None, NOW)]
