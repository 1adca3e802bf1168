"""Room 1, papers: works of OpenAlex. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recommender.domain import DigestEntry
from recommender.papers.json_lists.json_fields import text_field
from recommender.papers.json_lists.json_works import day_field, list_at, objects_of, work
from recommender.papers.text.author_lists import authors_of

FORMAT: Final = "openalex-json"
_MOST_WORDS: Final = 20_000


def works_of(document: object) -> list[object] | None:
    """Return the works of an answer, None where it is none of OpenAlex's."""
    works = list_at(document, "results")
    if works is None and isinstance(document, Mapping) and "authorships" in document:
        works = [document]
    if works is None or not isinstance(document, Mapping):
        return None
    is_openalex = "meta" in document or "authorships" in document
    return works if is_openalex else None


def read_work(record: Mapping[str, object], where: str) -> DigestEntry:
    """Read one work; its abstract comes as the places of each word."""
    locations = [record.get("primary_location"), record.get("best_oa_location")]
    pages = [
        text_field(location, "landing_page_url", where)
        for location in locations
        if isinstance(location, Mapping)
    ]
    doi = text_field(record, "doi", where)
    return work(
        where,
        title=text_field(record, "title", where) or text_field(record, "display_name", where),
        abstract=_abstract(record.get("abstract_inverted_index")),
        authors=authors_of(_names(record, where)),
        identifiers=[doi, *pages],
        url=next(filter(None, pages), "") or text_field(record, "id", where),
        published_at=day_field(record, "publication_date", where),
        withdrawn=record.get("is_retracted") is True,
    )


def _names(record: Mapping[str, object], where: str) -> list[str]:
    authors = (each.get("author") for each in objects_of(record, "authorships", where))
    return [
        text_field(each, "display_name", where) for each in authors if isinstance(each, Mapping)
    ]


def _abstract(index: object) -> str:
    if not isinstance(index, Mapping):
        return ""
    placed = [
        (place, str(word))
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(placed)[:_MOST_WORDS])
