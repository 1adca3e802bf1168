"""Room 1, papers: articles that the DOAJ's search answers with, a list of them or one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import mapping_field, moment_of, text_field
from recommender.papers.json_lists.json_works import list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.month_names import MONTHS

FORMAT: Final = "doaj-json"


def works_of(document: object) -> list[object] | None:
    """Return the articles of an answer, None where it is none of the DOAJ's."""
    if isinstance(document, Mapping) and "bibjson" in document:
        return [document]
    results = list_at(document, "results")
    if results is None or not isinstance(document, Mapping):
        return None
    is_empty = not results and "pageSize" in document
    return results if is_empty or any(map(_has_bibjson, results)) else None


def _has_bibjson(one: object) -> bool:
    return isinstance(one, Mapping) and "bibjson" in one


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one article."""
    said = mapping_field(record.get("bibjson"), "'bibjson'", where)
    if "author" not in said and "journal" not in said:
        raise DigestError(where, "a journal is no paper; search for articles")
    identifiers = [
        text_field(each, "id", where)
        for each in objects_of(said, "identifier", where)
        if text_field(each, "type", where).lower() == "doi"
    ]
    links = [text_field(each, "url", where) for each in objects_of(said, "link", where)]
    return work(
        where,
        title=text_field(said, "title", where),
        abstract=text_field(said, "abstract", where),
        authors=authors_of(
            text_field(each, "name", where) for each in objects_of(said, "author", where)
        ),
        identifiers=identifiers,
        url=next(filter(None, links), ""),
        published_at=_date(said),
    )


def _date(said: Mapping[str, object]) -> datetime | None:
    """Read year and month, which may be a name."""
    month = str(said.get("month") or "").casefold()
    by_month = moment_of([said.get("year"), MONTHS.get(month, month)])
    return by_month or moment_of([said.get("year")])
