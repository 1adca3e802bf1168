"""Room 1, papers: results of Europe PMC's REST API. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.json_lists.json_fields import mapping_field, text_field
from recommender.papers.json_lists.json_works import day_field, list_at, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "europe-pmc-json"
# A kind of publication of MEDLINE; "Retraction of Publication" is the notice.
_INITIALS: Final = re.compile(r"(?<=\w) [A-ZÀ-ÖØ-ÞĀ-Ž](?:-?[A-ZÀ-ÖØ-Þ]){0,3}\Z")
_RETRACTED: Final = "Retracted Publication"


def works_of(document: object) -> list[object] | None:
    """Return the results of an answer, None where it is none of Europe PMC's."""
    return list_at(document, "resultList", "result")


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one result."""
    source, number = text_field(record, "source", where), text_field(record, "id", where)
    return work(
        where,
        title=text_field(record, "title", where).removesuffix("."),
        abstract=text_field(record, "abstractText", where),
        authors=_named(record, where) or _authors(text_field(record, "authorString", where)),
        identifiers=[text_field(record, "doi", where)],
        url=f"https://europepmc.org/article/{source}/{number}" if source and number else "",
        published_at=day_field(record, "firstPublicationDate", where)
        or day_field(record, "pubYear", where),
        withdrawn=_RETRACTED in _kinds(record),
    )


def _named(record: Mapping[str, object], where: str) -> tuple[str, ...]:
    """Read the authors whose given names an answer of all fields has; none where one lacks them."""
    listed = list_at(record.get("authorList"), "author") or []
    authors = [mapping_field(each, "an entry of 'authorList'", where) for each in listed]
    given = [text_field(each, "firstName", where) for each in authors]
    family = [text_field(each, "lastName", where) for each in authors]
    groups = [text_field(each, "collectiveName", where) for each in authors]
    names = [
        f"{last}, {first}" if first and last else group
        for first, last, group in zip(given, family, groups, strict=True)
    ]
    return authors_of(names) if all(names) else ()


def _authors(text: str) -> tuple[str, ...]:
    """Read ``Doe A, Roe BC, Example Group.``: family names first, initials without a comma."""
    if ";" in text:
        return authors_of([text.removesuffix(".")])
    return authors_of(map(with_comma, text.removesuffix(".").split(", ")))


def with_comma(name: str) -> str:
    """Write ``Roe BC`` as ``Roe, B. C.``; other names stay."""
    found = _INITIALS.search(name)
    if found is None:
        return name
    parts = found[0].strip().split("-")
    initials = "-".join(" ".join(f"{letter}." for letter in part) for part in parts)
    return f"{name[: found.start()]}, {initials}"


def _kinds(record: Mapping[str, object]) -> list[object]:
    return list_at(record.get("pubTypeList"), "pubType") or []
