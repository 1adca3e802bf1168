"""Answers of DataCite, DOAJ, INSPIRE, Zenodo, NASA ADS, PLOS and other services are papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from service_answers import (
    ADS,
    DATACITE,
    DOAJ,
    HAL,
    INSPIRE,
    PLOS,
    PUBMED,
    SPRINGER,
    WHOLE,
    ZENODO,
    ZOTERO,
    read,
)

from recommender.domain import DigestEntry
from recommender.errors import DigestError

OF_PLOS = replace(
    WHOLE,
    doi="10.1371/journal.mice.0000001",
    url="https://doi.org/10.1371/journal.mice.0000001",
)
Answer = Callable[..., dict[str, Any]]
SERVICES: dict[str, tuple[Answer, Mapping[str, Any], DigestEntry]] = {
    "datacite-json": (
        lambda *works: {"data": list(works), "meta": {"total": 2, "totalPages": 1}, "links": {}},
        DATACITE,
        WHOLE,
    ),
    "doaj-json": (
        lambda *works: {"total": 2, "page": 1, "pageSize": 10, "results": list(works)},
        DOAJ,
        replace(WHOLE, published_at=datetime(2026, 3, 1, tzinfo=UTC)),
    ),
    "inspire-json": (lambda *works: {"hits": {"hits": list(works), "total": 2}}, INSPIRE, WHOLE),
    "zenodo-json": (lambda *works: {"hits": {"hits": list(works), "total": 2}}, ZENODO, WHOLE),
    "nasa-ads-json": (
        lambda *works: {"responseHeader": {}, "response": {"numFound": 2, "docs": list(works)}},
        ADS,
        WHOLE,
    ),
    "plos-json": (lambda *works: {"response": {"numFound": 2, "docs": list(works)}}, PLOS, OF_PLOS),
    "springer-nature-json": (
        lambda *works: {"apiMessage": "This", "result": [{"total": "2"}], "records": list(works)},
        SPRINGER,
        WHOLE,
    ),
    "hal-json": (lambda *works: {"response": {"numFound": 2, "docs": list(works)}}, HAL, WHOLE),
    "zotero-json": (lambda *works: list(works), ZOTERO, WHOLE),
    "pubmed-json": (
        lambda *works: {
            "header": {"type": "esummary"},
            "result": {
                "uids": [str(number) for number, _ in enumerate(works)],
                **{str(number): each for number, each in enumerate(works)},
            },
        },
        PUBMED,
        replace(WHOLE, abstract="", authors=("A. Example", "B. C. Other")),
    ),
}
NOT_TOLD_WHERE_EMPTY = ("plos-json", "hal-json", "zotero-json")
"""Their answers without works are like others'."""


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("broken", [{}, {"title": 3}, "text", None, 7, {"metadata": [], "id": 1}])
def test_whole_works_are_read_and_broken_ones_named(name: str, broken: object) -> None:
    answer, work, whole = SERVICES[name]
    digest = read(answer(work, broken))

    assert digest.format == name
    assert digest.entries == (whole,)
    assert [each.where for each in digest.unread] == ["entry 2"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in NOT_TOLD_WHERE_EMPTY])
def test_an_answer_without_works_is_a_day_without_papers(name: str) -> None:
    answer, _, _ = SERVICES[name]
    digest = read(answer())

    assert (digest.entries, digest.unread) == ((), ())


@pytest.mark.parametrize(
    ("single", "whole"),
    [
        ({"data": DATACITE}, WHOLE),
        (DATACITE, WHOLE),
        (DOAJ, SERVICES["doaj-json"][2]),
        (INSPIRE, WHOLE),
        (ZENODO, WHOLE),
        (ZOTERO, WHOLE),
    ],
)
def test_a_single_work_is_read(single: object, whole: DigestEntry) -> None:
    assert read(single).entries == (whole,)


def within(work: Mapping[str, Any], *keys: str, **fields: Any) -> dict[str, Any]:
    """Return a work with other fields in one of its objects."""
    if not keys:
        return {**work, **fields}
    return {**work, keys[0]: within(work[keys[0]], *keys[1:], **fields)}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("datacite-json", within(DATACITE, "attributes", "types", resourceTypeGeneral="Dataset")),
        ("datacite-json", within(DATACITE, "attributes", "types", resourceTypeGeneral="Software")),
        ("datacite-json", within(DATACITE, "attributes", "types", resourceTypeGeneral="Other")),
        ("doaj-json", {"id": "j", "bibjson": {"title": "Mice", "eissn": "1234-5678"}}),
        ("inspire-json", within(INSPIRE, "metadata", document_type=["proceedings"])),
        ("inspire-json", within(INSPIRE, "metadata", deleted=True)),
        ("zenodo-json", within(ZENODO, "metadata", resource_type={"type": "dataset"})),
        ("zenodo-json", within(ZENODO, "metadata", resource_type={"id": "software"})),
        (
            "zenodo-json",
            within(ZENODO, "metadata", resource_type={"id": "publication-datamanagementplan"}),
        ),
        ("nasa-ads-json", within(ADS, doctype="proposal")),
        ("plos-json", within(PLOS, id="10.1371/journal.mice.0000001/title")),
        ("plos-json", within(PLOS, article_type="Correction")),
        ("hal-json", within(HAL, docType_s="VIDEO")),
        ("hal-json", {"docid": "8", "uri_s": "https://hal.science/hal-00000008"}),
        ("zotero-json", within(ZOTERO, "data", itemType="webpage")),
        ("zotero-json", within(ZOTERO, "data", deleted=1)),
        ("pubmed-json", {"uid": "8", "error": "cannot get document summary"}),
    ],
)
def test_what_is_no_paper_is_told(name: str, other: dict[str, Any]) -> None:
    answer, work, whole = SERVICES[name]
    digest = read(answer(work, other))

    assert digest.entries == (whole,)
    assert [each.where for each in digest.unread] == ["entry 2"]


def test_files_and_notes_of_an_item_are_no_items() -> None:
    note = within(ZOTERO, "data", itemType="note", parentItem="ABCD2345")
    digest = read([ZOTERO, note])

    assert (digest.entries, digest.unread) == ((WHOLE,), ())


@pytest.mark.parametrize(
    ("name", "work", "arxiv_id"),
    [
        ("datacite-json", within(DATACITE, "attributes", doi="10.48550/arXiv.2603.01234"), ""),
        (
            "datacite-json",
            within(DATACITE, "attributes", identifiers=[{"identifier": "arXiv:2603.01234"}]),
            "10.1234/abc",
        ),
        (
            "inspire-json",
            within(INSPIRE, "metadata", arxiv_eprints=[{"value": "2603.01234"}]),
            "10.1234/abc",
        ),
        (
            "zenodo-json",
            within(
                ZENODO,
                "metadata",
                related_identifiers=[
                    {"identifier": "arXiv:2603.01234", "relation": "isIdenticalTo"}
                ],
            ),
            "10.1234/abc",
        ),
        ("nasa-ads-json", within(ADS, identifier=["arXiv:2603.01234"]), "10.1234/abc"),
    ],
)
def test_an_arxiv_id_is_found(name: str, work: dict[str, Any], arxiv_id: str) -> None:
    (entry,) = read(SERVICES[name][0](work)).entries

    assert (entry.arxiv_id, entry.doi or "") == ("2603.01234", arxiv_id)


@pytest.mark.parametrize(
    "work",
    [
        within(
            ZENODO,
            "metadata",
            related_identifiers=[{"identifier": "arXiv:2603.01234", "relation": "cites"}],
        ),
        within(ADS, identifier=["2026arXiv260301234E"]),
    ],
)
def test_what_another_work_is_known_by_is_not_taken(work: dict[str, Any]) -> None:
    answer = SERVICES["zenodo-json" if "metadata" in work else "nasa-ads-json"][0]
    assert read(answer(work)).entries == (WHOLE,)


@pytest.mark.parametrize(
    ("name", "work", "authors"),
    [
        (
            "datacite-json",
            within(
                DATACITE,
                "attributes",
                creators=[{"name": "Mice Centre, Oslo", "nameType": "Organizational"}],
            ),
            ("Mice Centre Oslo",),
        ),
        (
            "zenodo-json",
            within(
                ZENODO,
                "metadata",
                creators=[{"person_or_org": {"given_name": "Ann", "family_name": "van Example"}}],
            ),
            ("Ann van Example",),
        ),
        (
            "inspire-json",
            within(INSPIRE, "metadata", authors=[], collaborations=[{"value": "MICE"}]),
            ("MICE Collaboration",),
        ),
        ("nasa-ads-json", within(ADS, author=["Wang, J.", "Wang, J."]), ("J. Wang", "J. Wang")),
        ("doaj-json", within(DOAJ, "bibjson", author=[]), ()),
        ("springer-nature-json", within(SPRINGER, creators=None), ()),
    ],
)
def test_people_and_bodies_are_named(
    name: str, work: dict[str, Any], authors: tuple[str, ...]
) -> None:
    (entry,) = read(SERVICES[name][0](work)).entries
    assert entry.authors == authors


@pytest.mark.parametrize(
    ("name", "work", "day"),
    [
        ("datacite-json", within(DATACITE, "attributes", dates=[]), date(2026, 1, 1)),
        ("doaj-json", within(DOAJ, "bibjson", month="January"), date(2026, 1, 1)),
        ("doaj-json", within(DOAJ, "bibjson", month="13"), date(2026, 1, 1)),
        ("nasa-ads-json", within(ADS, pubdate="2026-02-00"), date(2026, 2, 1)),
        ("nasa-ads-json", within(ADS, pubdate="2026-00-00"), date(2026, 1, 1)),
        ("springer-nature-json", within(SPRINGER, onlineDate=""), date(2026, 4, 1)),
        ("inspire-json", within(INSPIRE, "metadata", preprint_date=None), date(2026, 3, 10)),
    ],
)
def test_dates_are_read_as_far_as_they_go(name: str, work: dict[str, Any], day: date) -> None:
    (entry,) = read(SERVICES[name][0](work)).entries
    published = entry.published_at or datetime(2026, 4, 1, tzinfo=UTC)  # what lies ahead is none
    assert published.date() == day


@pytest.mark.parametrize(
    "abstract",
    ["We count 10⁵ mice.", ["We count", {"p": "10⁵ mice."}], {"p": ["We count 10⁵ mice."]}],
)
def test_an_abstract_of_springer_nature_may_be_parted(abstract: object) -> None:
    (entry,) = read({"records": [within(SPRINGER, abstract=abstract)]}).entries
    assert entry.abstract == WHOLE.abstract


HOSTILE = [None, 3, True, "text", [], {}, [None], [[]], [3], ["text"], [{}], {"p": {}}, [{"p": 3}]]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_whatever_a_field_holds_there_is_a_paper_or_a_reason(name: str, value: object) -> None:
    answer, work, _ = SERVICES[name]
    inner = next((key for key in ("attributes", "bibjson", "metadata") if key in work), None)
    for key in work[inner] if inner else work:
        changed = within(work, inner, **{key: value}) if inner else within(work, **{key: value})
        try:
            digest = read(answer(changed, work))
        except DigestError:
            continue
        assert len(digest.entries) + len(digest.unread) >= 1
