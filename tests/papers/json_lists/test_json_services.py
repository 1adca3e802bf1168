"""Answers of services in JSON are known by their content; good works are taken, bad ones named."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from service_answers import (
    BIORXIV,
    CROSSREF,
    EUROPE_PMC,
    OPENALEX,
    OPENREVIEW,
    SCHOLAR,
    WHOLE,
    read,
)

from recommender.domain import AnnounceType
from recommender.errors import DigestError


def answers(work: object) -> dict[str, object]:
    return {
        "crossref-json": {"status": "ok", "message": {"items": [CROSSREF, work]}},
        "openalex-json": {"meta": {}, "results": [OPENALEX, work]},
        "europe-pmc-json": {"resultList": {"result": [EUROPE_PMC, work]}},
        "biorxiv-json": {"messages": [], "collection": [BIORXIV, work]},
        "semantic-scholar-json": {"total": 2, "data": [SCHOLAR, work]},
        "openreview-json": {"notes": [OPENREVIEW, work], "count": 2},
    }


@pytest.mark.parametrize("service", answers({}))
@pytest.mark.parametrize("broken", [{}, {"title": 3}, "text", None, {"title": [], "paperId": 1}])
def test_whole_works_are_read_and_broken_ones_named(service: str, broken: object) -> None:
    digest = read(answers(broken)[service])
    assert (digest.format, digest.date) == (service, date(2026, 3, 9))
    assert digest.entries == (WHOLE,)
    assert [each.where for each in digest.unread] == ["entry 2"]


@pytest.mark.parametrize(
    "single", [CROSSREF, {"message": CROSSREF}, OPENALEX, SCHOLAR, OPENREVIEW, [OPENREVIEW]]
)
def test_a_single_work_is_read(single: object) -> None:
    assert read(single).entries == (WHOLE,)


@pytest.mark.parametrize(
    "nothing",
    [
        {"message": {"items": []}},
        {"meta": {}, "results": []},
        {"resultList": {"result": []}},
        {"collection": []},
        {"total": 0, "data": []},
        {"notes": [], "count": 0},
        {"result": {"status": {"@code": "200"}, "hits": {"@total": "0", "@sent": "0"}}},
    ],
)
def test_an_answer_without_works_is_a_day_without_papers(nothing: object) -> None:
    digest = read(nothing)
    assert (digest.entries, digest.unread) == ((), ())


def test_works_of_which_none_can_be_read_are_refused_at_the_first() -> None:
    with pytest.raises(DigestError) as caught:
        read({"message": {"items": [{}, "text"]}})
    assert caught.value.where == "entry 1"


def test_incomplete_dates_are_their_first_day() -> None:
    work = {**CROSSREF, "issued": {"date-parts": [[2026]]}}
    assert read(work).entries[0].published_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_withdrawn_work_is_marked() -> None:
    work = {**CROSSREF, "title": ["WITHDRAWN: Of mice"]}
    assert read(work).entries[0].announce_type is AnnounceType.WITHDRAWN


@pytest.mark.parametrize(
    ("kind", "announce_type"),
    [
        ("withdrawn", AnnounceType.WITHDRAWN),
        ("WITHDRAWN ", AnnounceType.WITHDRAWN),
        ("Retraction", AnnounceType.WITHDRAWN),
        ("new results", AnnounceType.NEW),
        (None, AnnounceType.NEW),
    ],
)
def test_the_type_of_a_preprint_may_say_that_it_was_withdrawn(
    kind: str | None, announce_type: AnnounceType
) -> None:
    digest = read({"collection": [{**BIORXIV, "type": kind}]})
    assert digest.entries[0].announce_type is announce_type


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("Doe A.", ("A. Doe",)),
        ("Doe A, Roe BC.", ("A. Doe", "B. C. Roe")),
        ("van der Berg J-P.", ("J.-P. van der Berg",)),
        ("Müller Ö, Example Group.", ("Ö. Müller", "Example Group")),
        ("Plato.", ("Plato",)),
    ],
)
def test_europe_pmcs_authors_are_turned_whether_one_or_many(
    written: str, authors: tuple[str, ...]
) -> None:
    document = {"resultList": {"result": [{**EUROPE_PMC, "authorString": written}]}}
    assert read(document).entries[0].authors == authors


@pytest.mark.parametrize("kind", ["journal-issue", "peer-review", "component", "journal"])
def test_what_is_no_paper_at_crossref_is_named(kind: str) -> None:
    other = {**CROSSREF, "DOI": "10.1234/other", "type": kind}
    digest = read({"message": {"items": [{**CROSSREF, "type": "journal-article"}, other]}})
    assert [entry.doi for entry in digest.entries] == ["10.1234/abc"]
    assert [each.where for each in digest.unread] == ["entry 2"]


def test_semantic_scholar_answers_about_several_papers_with_a_bare_list() -> None:
    digest = read([SCHOLAR, None])
    assert (digest.format, digest.entries) == ("semantic-scholar-json", (WHOLE,))
    assert digest.unread == ()


def test_europe_pmc_names_authors_in_full_where_it_lists_them() -> None:
    listed = {
        "author": [
            {"firstName": "Ann", "lastName": "Example", "initials": "A"},
            {"collectiveName": "Other Group"},
        ]
    }
    (entry,) = read({"resultList": {"result": [{**EUROPE_PMC, "authorList": listed}]}}).entries
    assert entry.authors == ("Ann Example", "Other Group")
    listed["author"].append({"fullName": "Roe M"})
    (entry,) = read({"resultList": {"result": [{**EUROPE_PMC, "authorList": listed}]}}).entries
    assert entry.authors == WHOLE.authors
