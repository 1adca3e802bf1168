"""Room 1, papers: items of a Zotero library, as its Web API answers with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.json_lists.json_fields import moment_of
from recommender.papers.json_lists.json_works import work
from recommender.papers.json_lists.zotero_items import (
    data_of,
    day_named,
    field_of,
    names_of_work,
    people_of,
)

FORMAT: Final = "zotero-json"


def works_of(document: object) -> list[object] | None:
    """Return the items of an answer, None where it is none of Zotero's.

    What is kept beside a paper, its files and notes, is no item of the list.
    """
    items = document if isinstance(document, list) else [document]
    if not any(map(_is_item, items)):
        return None
    return [each for each in items if not _is_beside(each)]


def _is_item(one: object) -> bool:
    data = one.get("data") if isinstance(one, Mapping) else None
    return isinstance(data, Mapping) and "itemType" in data and "key" in data


def _is_beside(one: object) -> bool:
    data = one.get("data") if isinstance(one, Mapping) else None
    return isinstance(data, Mapping) and "parentItem" in data


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one item."""
    data = data_of(record)
    if data is None:
        raise DigestError(where, "an item that is no paper, or in the bin; leave it out")
    return work(
        where,
        title=field_of(data, "title"),
        abstract=field_of(data, "abstractNote"),
        authors=people_of(data),
        identifiers=names_of_work(data),
        url=field_of(data, "url"),
        published_at=moment_of(day_named(record, data)[:10].split("-")),
    )
